//! A finished capture, as it is handed to the measurement.

use domain::Step;
use serde::{Deserialize, Serialize};

use super::Observation;

/// One frame of a capture.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The page's number of it, from 1.
    pub sequence: u32,
    /// When the camera delivered it, in microseconds of the page's own monotonic clock.
    pub captured_us: u64,
    /// When it arrived, in ms of the server's clock since the attempt began.
    pub received_ms: u64,
    /// Keyed hash of the JPEG. The key is the server's, so that it says nothing to anybody else.
    pub digest: [u8; 16],
    /// What it shows.
    pub observation: Observation,
}

/// One step of the challenge and its frames: those that the page tied to it.
#[derive(Debug, Clone, PartialEq)]
pub struct StepTaken {
    /// What was asked.
    pub step: Step,
    /// When the server revealed it, in ms of the server's clock since the attempt began.
    pub revealed_ms: u64,
    /// When the page's word arrived that the screen shows it, on the same clock; `None` where it never came.
    pub shown_ms: Option<u64>,
    /// When it was over, on the same clock.
    pub ended_ms: u64,
    /// Its frames, in the order in which they arrived.
    pub frames: Vec<Seen>,
}

/// What the page tells of the camera. Evidence, and never alone decisive.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CameraClaims {
    /// The camera's name; empty where the browser hides it.
    pub label: String,
    /// Whether the browser says that a program drives it.
    pub automation: bool,
    /// Width of the camera's pictures in px; 0 where it is not told.
    pub width: u32,
    /// Height in px; 0 where it is not told.
    pub height: u32,
    /// Pictures a second; 0 where it is not told.
    pub frame_rate: f32,
}

/// A finished capture.
#[derive(Debug, Clone, PartialEq)]
pub struct Take {
    /// The last second or so of the preview, under the neutral screen, looking straight.
    pub before: Vec<Seen>,
    /// The steps, in the order in which they were revealed.
    pub steps: Vec<StepTaken>,
    /// What the page told.
    pub camera: CameraClaims,
    /// Frames whose digest another capture had.
    pub recycled: usize,
}

impl Take {
    /// All frames in the order in which they arrived.
    pub(super) fn frames(&self) -> impl Iterator<Item = &Seen> {
        self.before.iter().chain(self.steps.iter().flat_map(|step| &step.frames))
    }

    /// From the camera's clock to the server's, in ms: the least of what lay between taking and arriving, which is
    /// the frame that met no queue. `None` without frames.
    pub(super) fn clock_offset_ms(&self) -> Option<f64> {
        self.frames()
            .map(|seen| seen.received_ms as f64 - seen.captured_us as f64 / 1000.0)
            .min_by(f64::total_cmp)
    }
}

impl Seen {
    /// When it was taken, in ms of the server's clock; `offset_ms` is [`Take::clock_offset_ms`].
    pub(super) fn taken_ms(&self, offset_ms: f64) -> f64 {
        self.captured_us as f64 / 1000.0 + offset_ms
    }
}
