//! What the child says on its standard error output.

use std::collections::VecDeque;

use super::launch::MARK;
use super::sandbox::Sandbox;

/// Longest line that is kept, in bytes; what comes after is left out up to its end.
const LONGEST_LINE: usize = 1000;

/// How much is kept for the operator, in bytes.
const LONGEST_TALK: usize = 4000;

/// Most times that are kept for frames that have not come yet. The pipe between holds fewer frames than that.
const MOST_TIMES: usize = 10_000;

/// Words of ffmpeg and the loader when memory runs out: for a block, a frame, a thread.
const NO_MEMORY: [&str; 4] =
    ["Cannot allocate memory", "cannot allocate memory", "get_buffer() failed", "pthread_create() failed"];

/// The child's words so far, as far as they are of use.
#[derive(Debug, Default)]
pub(super) struct Talk {
    line: Vec<u8>,
    /// What was in force when the child became the decoder; `None` if it did not get so far.
    pub(super) sandbox: Option<Sandbox>,
    /// The launcher's words where it failed.
    pub(super) refused: Option<String>,
    /// Words for the operator.
    pub(super) said: String,
    /// The file ends before its pictures do.
    pub(super) cut_off: bool,
    /// Memory ran out.
    pub(super) no_memory: bool,
    /// The file has no pictures, or no sound where that was asked for.
    pub(super) no_pictures: bool,
    /// The coding of a track that is not on the list.
    pub(super) unlisted: Option<String>,
    /// Width and height of a picture that has more pixels than are decoded.
    pub(super) too_large: Option<(u32, u32)>,
    /// Numbers of frames with their times in milliseconds.
    times: VecDeque<(u64, u64)>,
}

impl Talk {
    /// Takes `bytes` in.
    pub(super) fn hear(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.take(&String::from_utf8_lossy(&line));
            } else if self.line.len() < LONGEST_LINE {
                self.line.push(*byte);
            }
        }
    }

    /// The time of frame `number` in milliseconds, once it was told. Earlier times are forgotten.
    pub(super) fn time_of(&mut self, number: u64) -> Option<u64> {
        while let Some((of, time)) = self.times.pop_front() {
            if of == number {
                return Some(time);
            }
        }
        None
    }

    fn take(&mut self, line: &str) {
        // Threads of the child write to the same pipe: a mark may come in the middle of another line.
        let (words, marked) = match line.rsplit_once(MARK) {
            Some((words, marked)) => (words, Some(marked)),
            None => (line, None),
        };
        match marked.and_then(|marked| marked.split_once(' ')) {
            Some(("frame", rest)) => {
                self.times.extend(frame_time(rest).filter(|_| self.times.len() < MOST_TIMES));
            }
            Some(("sandbox", rest)) if self.sandbox.is_none() => self.sandbox = rest.parse().ok(),
            Some(("refused", rest)) => self.refused = Some(rest.to_owned()),
            _ => {}
        }
        self.cut_off |= words.contains("File ended prematurely");
        self.no_memory |= NO_MEMORY.iter().any(|sign| words.contains(sign));
        self.no_pictures |= words.contains("matches no streams");
        self.unlisted = self.unlisted.take().or_else(|| unlisted(words));
        self.too_large = self.too_large.or_else(|| too_large(words));
        if !words.is_empty() && self.said.len() + words.len() < LONGEST_TALK {
            self.said.push_str(if self.said.is_empty() { "" } else { "; " });
            self.said.push_str(words);
        }
    }
}

/// Reads `Picture size 8192x8192 exceeds specified max pixel count`.
fn too_large(words: &str) -> Option<(u32, u32)> {
    let (_, size) = words.split_once("Picture size ")?;
    let (width, height) = size.split_once(" exceeds specified max pixel count")?.0.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

/// Reads `Codec (ac3) not on whitelist`.
fn unlisted(words: &str) -> Option<String> {
    let (codec, _) = words.split_once("Codec (")?.1.split_once(") not on whitelist")?;
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (codec.len() <= 40 && codec.bytes().all(is_word)).then(|| codec.to_owned())
}

/// Reads `3 0.15`: number of a frame and its time in seconds.
fn frame_time(text: &str) -> Option<(u64, u64)> {
    let (number, seconds) = text.split_once(' ')?;
    let seconds = seconds.parse::<f64>().ok().filter(|seconds| seconds.is_finite())?;
    Some((number.parse().ok()?, (seconds.max(0.0) * 1000.0).round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::Landlock;

    fn heard(pieces: &[&str]) -> Talk {
        let mut talk = Talk::default();
        for piece in pieces {
            talk.hear(piece.as_bytes());
        }
        talk
    }

    #[test]
    fn times_are_found_between_other_words() {
        let mut talk = heard(&["~bonafide fra", "me 0 0\n[h264 @ 0x1] ~bonafide frame 1 0.0667\noh no\n"]);
        assert_eq!(talk.time_of(0), Some(0));
        assert_eq!(talk.time_of(1), Some(67));
        assert_eq!(talk.time_of(2), None);
        assert_eq!(talk.said, "[h264 @ 0x1] ; oh no");
    }

    #[test]
    fn a_time_that_is_no_time_is_not_taken() {
        for wrong in ["N/A", "nan", "inf", "", "1 2"] {
            assert_eq!(heard(&[&format!("~bonafide frame 0 {wrong}\n")]).time_of(0), None, "{wrong:?}");
        }
        assert_eq!(heard(&["~bonafide frame 0 -1.5\n"]).time_of(0), Some(0));
        assert_eq!(heard(&["~bonafide frame 0 1e300\n"]).time_of(0), Some(u64::MAX));
    }

    #[test]
    fn the_first_word_on_the_sandbox_counts() {
        let talk = heard(&["~bonafide sandbox partial off\n", "x ~bonafide sandbox full on\n"]);
        assert_eq!(talk.sandbox, Some(Sandbox { landlock: Landlock::Partial, seccomp: false }));
    }

    #[test]
    fn the_size_of_a_refused_picture_is_found() {
        let line =
            "[IMGUTILS @ 0x1] Picture size 8192x4000 exceeds specified max pixel count 16777216, see\n";
        assert_eq!(heard(&[line]).too_large, Some((8192, 4000)));
        assert_eq!(heard(&["Picture size -1x0 is invalid\n"]).too_large, None);
    }

    #[test]
    fn a_coding_that_is_not_listed_is_found() {
        let of = |line: &str| heard(&[line]).unlisted;
        assert_eq!(of("[ac3 @ 0x1] Codec (ac3) not on whitelist 'aac'\n").as_deref(), Some("ac3"));
        assert_eq!(of("Codec (\x1b[31m) not on whitelist 'aac'\n"), None);
    }

    #[test]
    fn endless_talk_is_not_kept() {
        let mut talk = heard(&[&"x".repeat(5000)]);
        assert_eq!(talk.line.len(), LONGEST_LINE);
        for _ in 0..20_000 {
            talk.hear(b"word\n~bonafide frame 1 1\n");
        }
        assert!(talk.said.len() <= LONGEST_TALK);
        assert_eq!(talk.times.len(), MOST_TIMES);
    }
}
