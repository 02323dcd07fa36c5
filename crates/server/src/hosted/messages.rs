//! The messages of the capture's protocol, as `docs/capture.md` tells them.

use app::{CameraClaims, ScanResult};
use axum::body::Bytes;
use domain::{FrameHeader, Guidance, ImageFault, Movement, Nonce, Path, Reveal, ScanState, Step};

use serde::{Deserialize, Serialize};

use crate::api::mosaic::Feedback;

/// From the page, as text.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum FromPage {
    Hello(Hello),
    Begin,
    Shown { nonce: Nonce },
}

/// The first message.
#[derive(Debug, Deserialize)]
pub(super) struct Hello {
    pub(super) path: Path,
    #[serde(default)]
    camera: Camera,
    #[serde(default)]
    automation: bool,
}

#[derive(Debug, Default, Deserialize)]
struct Camera {
    #[serde(default)]
    label: String,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    #[serde(default)]
    frame_rate: f32,
}

/// Longest name of a camera that is kept.
const MOST_LABEL: usize = 200;

impl Hello {
    pub(super) fn claims(&self) -> CameraClaims {
        CameraClaims {
            label: self.camera.label.chars().take(MOST_LABEL).collect(),
            automation: self.automation,
            width: self.camera.width,
            height: self.camera.height,
            frame_rate: if self.camera.frame_rate.is_finite() { self.camera.frame_rate } else { 0.0 },
        }
    }
}

/// To the page.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ToPage {
    Hello {
        attempts_left: u8,
        max_fps: u32,
    },
    Seen {
        sequence: u32,
        say: Guidance,
        ready: bool,
    },
    Step {
        nonce: Nonce,
        number: usize,
        of: usize,
        #[serde(flatten)]
        asked: Asked,
    },
    Moved {
        nonce: Nonce,
    },
    Judging,
    Result {
        outcome: &'static str,
        reasons: Vec<String>,
        attempts_left: u8,
    },
    Refused {
        reason: String,
    },
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Asked {
    Colour { srgb: [u8; 3], fade_ms: u32 },
    Move { movement: Movement },
}

impl ToPage {
    pub(super) fn step(reveal: &Reveal, of: usize) -> Self {
        let asked = match reveal.step {
            Step::Colour { colour, fade_ms, .. } => Asked::Colour { srgb: colour.srgb(), fade_ms },
            Step::Move { movement, .. } => Asked::Move { movement },
        };
        Self::Step { nonce: reveal.nonce, number: reveal.index + 1, of, asked }
    }

    pub(super) fn result(result: ScanResult) -> Self {
        let outcome = match result.state {
            ScanState::Passed => "passed",
            ScanState::Retry => "retry",
            ScanState::Running | ScanState::Failed | ScanState::Lost => "failed",
        };
        // First what keeps the frame from being a selfie: that is the easiest to mend.
        let fault = result.selfie.map(|fault| Feedback::from(Some(ImageFault::Selfie(fault))));
        let fault = fault.and_then(|word| serde_json::to_value(word).ok()?.as_str().map(str::to_owned));
        let reasons = fault.into_iter().chain(result.reasons);
        Self::Result { outcome, reasons: reasons.collect(), attempts_left: result.attempts_left }
    }
}

/// Bytes before the picture of a frame.
const HEADER: usize = 30;
const VERSION: u8 = 1;

/// A frame: what stands before the picture, and the picture. `None` where it is none.
pub(super) fn frame(message: &Bytes) -> Option<(FrameHeader, Bytes)> {
    let header = message.get(..HEADER)?;
    if header[0] != VERSION || header[1] != 0 {
        return None;
    }
    let nonce: [u8; 16] = header[14..30].try_into().ok()?;
    let header = FrameHeader {
        sequence: u32::from_be_bytes(header[2..6].try_into().ok()?),
        captured_us: u64::from_be_bytes(header[6..14].try_into().ok()?),
        nonce: (nonce != [0; 16]).then(|| Nonce::from_bytes(nonce)),
    };
    (header.sequence > 0).then(|| (header, message.slice(HEADER..)))
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    #[test]
    fn a_frame_is_a_header_and_a_picture() {
        let mut bytes = vec![1, 0];
        bytes.extend(7_u32.to_be_bytes());
        bytes.extend(1_234_567_u64.to_be_bytes());
        bytes.extend([0; 16]);
        bytes.extend(b"jpeg");
        let (header, picture) = frame(&Bytes::from(bytes.clone())).unwrap();
        assert_eq!((header.sequence, header.captured_us, header.nonce), (7, 1_234_567, None));
        assert_eq!(&picture[..], b"jpeg");
        bytes[14] = 9;
        assert!(frame(&Bytes::from(bytes.clone())).unwrap().0.nonce.is_some());
        for (place, value) in [(0, 2), (1, 1)] {
            let mut bad = bytes.clone();
            bad[place] = value;
            assert!(frame(&Bytes::from(bad)).is_none());
        }
        assert!(frame(&Bytes::from(bytes[..29].to_vec())).is_none());
        assert!(frame(&Bytes::new()).is_none());
    }

    #[test]
    fn messages_read_as_the_protocol_says() {
        let nonce = Nonce::from_bytes([0xab; 16]);
        let reveal = |step| Reveal { index: 1, nonce, step };
        let colour = Step::Colour { colour: domain::Colour::Green, shown_ms: 1_500, fade_ms: 1_000 };
        assert_eq!(
            to_value(ToPage::step(&reveal(colour), 6)).unwrap(),
            json!({
                "type": "step", "nonce": "ab".repeat(16), "number": 2, "of": 6,
                "kind": "colour", "srgb": [0, 255, 0], "fade_ms": 1_000,
            })
        );
        let turn = Step::Move { movement: Movement::TurnLeft, at_most_ms: 6_000 };
        assert_eq!(
            to_value(ToPage::step(&reveal(turn), 3)).unwrap(),
            json!({"type": "step", "nonce": "ab".repeat(16), "number": 2, "of": 3, "kind": "move", "movement": "turn_left"})
        );
        assert_eq!(
            to_value(ToPage::Seen { sequence: 3, say: Guidance::TooFar, ready: false }).unwrap(),
            json!({"type": "seen", "sequence": 3, "say": "too_far", "ready": false})
        );
        assert_eq!(to_value(ToPage::Judging).unwrap(), json!({"type": "judging"}));
        let hello = r#"{"type":"hello","language":"en","path":"fades","camera":{"label":"x","frame_rate":30},"screen":{}}"#;
        let FromPage::Hello(hello) = serde_json::from_str(hello).unwrap() else { panic!("not a hello") };
        assert_eq!((hello.path, hello.claims().frame_rate), (Path::Fades, 30.0));
    }
}
