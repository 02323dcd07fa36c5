//! Spoken tokens on the command line: a video in which one is said, a silent recording, and what is none.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::Path;
use std::process::Command;

#[expect(dead_code, reason = "the tests of the decoder use the rest")]
mod clips;

use clips::{Clip, four_seven_two_nine, saying, wave};

fn heard(recording: &[u8], token: &str) -> (Option<i32>, serde_json::Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    std::fs::write(&path, recording).unwrap();
    let command =
        [Path::new("--offline"), Path::new("--json"), Path::new("voice"), Path::new("match"), &path];
    let mut program = Command::new(env!("CARGO_BIN_EXE_bonafide"));
    let output = program.args(command).args(["--token", token]).output().unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), answer, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_token_is_heard_in_a_video_and_not_in_silence() {
    let picture = Clip { shows: "color=size=64x64:rate=5:duration=3", coded: clips::H264, ending: "mp4" };
    let video = saying(&picture.bytes(), &four_seven_two_nine(), "aac", "mp4");
    let (code, answer, stderr) = heard(&video, "4729");
    assert_eq!((code, &answer["outcome"]), (Some(0), &"match".into()), "{answer} {stderr}");
    assert!(answer["confidence"].as_f64().unwrap() > 0.5, "{answer}");
    assert_eq!((&answer["policy"], &answer["language"]), (&"speech-1".into(), &"en".into()));
    let (code, silent, _) = heard(&wave(&[128; 16_000]), "4729");
    assert_eq!((code, &silent["outcome"]), (Some(1), &"silence".into()), "{silent}");
    assert!(silent["confidence"].is_null() && silent["speech"]["score"].is_null(), "{silent}");
}

#[test]
fn what_is_no_token_or_no_recording_is_refused() {
    let (code, _, stderr) = heard(b"RIFF", "48x");
    assert_eq!(code, Some(2));
    assert!(stderr.contains("1 to 8 digits"), "{stderr}");
    let (code, _, stderr) = heard(b"no recording", "4821");
    assert_eq!(code, Some(2));
    assert!(stderr.contains("not a video"), "{stderr}");
}
