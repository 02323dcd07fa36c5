//! The sound everything else works on.

use std::fmt;
use std::time::Duration;

/// Sound of one channel: signed 16-bit samples, [`RATE_HZ`](Self::RATE_HZ) of them a second.
#[derive(Clone, PartialEq, Eq)]
pub struct Samples {
    pcm: Vec<i16>,
}

impl Samples {
    /// Samples a second.
    pub const RATE_HZ: u32 = 16_000;

    /// Sound of these samples, the first one first. It may be empty.
    pub fn from_pcm(pcm: Vec<i16>) -> Self {
        Self { pcm }
    }

    /// All samples, full scale at -32,768 and 32,767.
    pub fn pcm(&self) -> &[i16] {
        &self.pcm
    }

    /// How long it is.
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.pcm.len() as f64 / f64::from(Self::RATE_HZ))
    }
}

impl fmt::Debug for Samples {
    /// Length only: a person's voice has no place in a log line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Samples").field("duration", &self.duration()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_its_length_and_debug_output_has_no_sound() {
        let sound = Samples::from_pcm(vec![1234; 16_000]);
        assert_eq!(sound.duration(), Duration::from_secs(1));
        assert!(!format!("{sound:?}").contains("1234"));
    }
}
