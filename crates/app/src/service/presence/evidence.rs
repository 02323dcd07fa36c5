//! What is kept of an attempt where the tenant keeps evidence and the person agreed: a tar file with `capture.json` and
//! the frames, encrypted like a photo and deleted when it is due.

use std::collections::BTreeMap;
use std::io::{self, Read as _};

use bytes::Bytes;
use domain::{ScanState, Step};
use engine::presence::{CameraClaims, Seen, Take};
use serde::{Deserialize, Serialize};

/// Its media type.
pub(crate) const FORMAT: &str = "application/x-tar";
/// Name of the document in it.
const DOCUMENT: &str = "capture.json";
/// Most that one attempt keeps, in bytes: some 600 frames. What comes later is left out.
const MOST: usize = 16 << 20;

/// The frames of an attempt, by their sequence number, until it is judged.
#[derive(Debug, Default)]
pub(super) struct Frames {
    jpegs: BTreeMap<u32, Bytes>,
    bytes: usize,
}

impl Frames {
    pub(super) fn keep(&mut self, sequence: u32, jpeg: Bytes) {
        if self.bytes + jpeg.len() <= MOST {
            self.bytes += jpeg.len();
            self.jpegs.insert(sequence, jpeg);
        }
    }

    pub(super) fn get(&self, sequence: u32) -> Option<&Bytes> {
        self.jpegs.get(&sequence)
    }

    pub(super) fn forget(&mut self, sequence: u32) {
        self.bytes -= self.jpegs.remove(&sequence).map_or(0, |jpeg| jpeg.len());
    }
}

/// An attempt that was kept: what was asked, what came when, and how it was judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptCapture {
    /// Of this document.
    pub version: u8,
    /// How it was judged.
    pub outcome: ScanState,
    /// By which policy.
    pub policy: String,
    /// What the page told of its camera.
    pub camera: CameraClaims,
    /// The last second of the preview.
    pub before: Vec<KeptFrame>,
    /// The steps, in their order.
    pub steps: Vec<KeptStep>,
}

/// A step, and the frames that were taken in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptStep {
    /// What was asked.
    pub step: Step,
    /// When, in ms since the preview began.
    pub revealed_ms: u64,
    /// When the page said that it is painted.
    pub shown_ms: Option<u64>,
    /// When it ended.
    pub ended_ms: u64,
    /// Its frames.
    pub frames: Vec<KeptFrame>,
}

/// A frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptFrame {
    /// Its number.
    pub sequence: u32,
    /// When the camera took it, in microseconds of the page's clock.
    pub captured_us: u64,
    /// When it came, in ms since the preview began.
    pub received_ms: u64,
    /// Whether it was looked at closely.
    pub close: bool,
    /// The JPEG, out of the file beside the document; empty where it was left out.
    #[serde(skip)]
    pub jpeg: Bytes,
}

impl KeptCapture {
    pub(super) fn new(take: &Take, outcome: ScanState, policy: &str, frames: &Frames) -> Self {
        let kept = |seen: &Seen| KeptFrame {
            sequence: seen.sequence,
            captured_us: seen.captured_us,
            received_ms: seen.received_ms,
            close: super::live::is_close(seen),
            jpeg: frames.jpegs.get(&seen.sequence).cloned().unwrap_or_default(),
        };
        let steps = take.steps.iter().map(|taken| KeptStep {
            step: taken.step,
            revealed_ms: taken.revealed_ms,
            shown_ms: taken.shown_ms,
            ended_ms: taken.ended_ms,
            frames: taken.frames.iter().map(kept).collect(),
        });
        Self {
            version: 1,
            outcome,
            policy: policy.to_owned(),
            camera: take.camera.clone(),
            before: take.before.iter().map(kept).collect(),
            steps: steps.collect(),
        }
    }

    /// As a tar file.
    ///
    /// # Errors
    /// None that memory does not have.
    pub fn write(&self) -> io::Result<Vec<u8>> {
        let mut tar = tar::Builder::new(Vec::new());
        let mut add = |name: &str, content: &[u8]| {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_mode(0o600);
            tar.append_data(&mut header, name, content)
        };
        add(DOCUMENT, &serde_json::to_vec_pretty(self)?)?;
        for frame in self.frames().filter(|frame| !frame.jpeg.is_empty()) {
            add(&file_name(frame.sequence), &frame.jpeg)?;
        }
        tar.into_inner()
    }

    /// What was written by [`Self::write`].
    ///
    /// # Errors
    /// Whatever is no such file.
    pub fn read(file: &[u8]) -> io::Result<Self> {
        let (mut document, mut jpegs) = (None, BTreeMap::new());
        for entry in tar::Archive::new(file).entries()? {
            let mut entry = entry?;
            let name = entry.path()?.to_string_lossy().into_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            if name == DOCUMENT {
                document = Some(serde_json::from_slice::<Self>(&content)?);
            } else {
                jpegs.insert(name, Bytes::from(content));
            }
        }
        let mut kept = document.ok_or_else(|| io::Error::other("there is no capture.json in it"))?;
        let steps = kept.steps.iter_mut().flat_map(|step| &mut step.frames);
        for frame in kept.before.iter_mut().chain(steps) {
            frame.jpeg = jpegs.remove(&file_name(frame.sequence)).unwrap_or_default();
        }
        Ok(kept)
    }

    fn frames(&self) -> impl Iterator<Item = &KeptFrame> {
        self.before.iter().chain(self.steps.iter().flat_map(|step| &step.frames))
    }
}

fn file_name(sequence: u32) -> String {
    format!("frames/{sequence:06}.jpg")
}

#[cfg(test)]
mod tests {
    use domain::Colour;

    use super::*;

    #[test]
    fn what_is_kept_is_read_as_it_was_written() {
        let frame = |sequence: u32, jpeg: &'static [u8]| KeptFrame {
            sequence,
            captured_us: u64::from(sequence) * 66_000,
            received_ms: 7,
            close: sequence == 2,
            jpeg: Bytes::from_static(jpeg),
        };
        let kept = KeptCapture {
            version: 1,
            outcome: ScanState::Retry,
            policy: "p".to_owned(),
            camera: CameraClaims { label: "HD".to_owned(), frame_rate: 14.5, ..CameraClaims::default() },
            before: vec![frame(1, b"one")],
            steps: vec![KeptStep {
                step: Step::Colour { colour: Colour::Green, shown_ms: 900, fade_ms: 0 },
                revealed_ms: 1,
                shown_ms: None,
                ended_ms: 3,
                frames: vec![frame(2, b"two"), frame(3, b"")],
            }],
        };
        assert_eq!(KeptCapture::read(&kept.write().unwrap()).unwrap(), kept);
        assert!(KeptCapture::read(b"no tar").is_err());
        assert!(KeptCapture::read(&tar::Builder::new(Vec::new()).into_inner().unwrap()).is_err());
    }

    #[test]
    fn no_more_is_kept_than_fits() {
        let mut frames = Frames::default();
        let large = Bytes::from(vec![0; MOST / 2]);
        for sequence in 1..=3 {
            frames.keep(sequence, large.clone());
        }
        assert_eq!(frames.jpegs.len(), 2);
        frames.forget(1);
        frames.keep(3, large);
        assert_eq!(frames.jpegs.keys().copied().collect::<Vec<_>>(), [2, 3]);
    }
}
