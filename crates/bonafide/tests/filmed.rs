//! Filmed selfies on the command line: a face that moves within itself, the same photo moved by hand, and what is no
//! clip. Made of a test photo by the decoder's own program.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::Path;
use std::process::Command;

#[expect(dead_code, reason = "the tests of the decoder use the rest")]
mod clips;

use clips::{Moved, selfie};

fn liveness(path: &Path) -> (Option<i32>, serde_json::Value, String) {
    let command = [Path::new("--offline"), Path::new("liveness"), Path::new("--json"), path];
    let output = Command::new(env!("CARGO_BIN_EXE_bonafide")).args(command).output().unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), answer, String::from_utf8_lossy(&output.stderr).into_owned())
}

fn judged(bytes: &[u8]) -> (Option<i32>, serde_json::Value, String) {
    let folder = tempfile::tempdir().unwrap();
    // What the file is called has no say.
    let path = folder.path().join("selfie.txt");
    std::fs::write(&path, bytes).unwrap();
    liveness(&path)
}

#[test]
fn a_face_that_moves_within_itself_is_allowed_and_a_photo_moved_by_hand_is_not() {
    let (code, live, stderr) = judged(&selfie("photo-person-b-2", Moved::Within, "mp4"));
    assert_eq!((code, &live["decision"]), (Some(0), &"allow".into()), "{live} {stderr}");
    assert_eq!((&live["container"], &live["codec"]), (&"video/mp4".into(), &"h264".into()));
    assert_eq!(live["clip"]["presentation"]["judged"], 6);
    let (code, photo, _) = judged(&selfie("photo-person-b-2", Moved::ByHand, "webm"));
    assert_eq!((code, &photo["reasons"][0]["code"]), (Some(1), &"face_is_flat".into()), "{photo}");
    let within = |answer: &serde_json::Value| answer["clip"]["movement"]["within"].as_f64().unwrap();
    assert!(within(&live) > 3.0 * within(&photo), "{live} {photo}");
}

#[test]
fn the_doctor_says_what_holds_around_the_decoder_and_how_to_get_one() {
    let doctor = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_bonafide")).args(args).output().unwrap();
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let here = doctor(&["--offline", "--json", "doctor"]);
    assert_eq!((&here["video"]["ready"], &here["video"]["bounds"]), (&true.into(), &true.into()), "{here}");
    assert!(here["video"]["landlock"].is_string() && here["video"]["seccomp"].is_boolean());
    let empty = tempfile::tempdir().unwrap();
    let folder = empty.path().to_str().unwrap();
    let bare = doctor(&["--offline", "--json", "--assets-dir", folder, "doctor"]);
    assert_eq!(bare["video"]["ready"], false);
    let advice = bare["groups"].as_array().unwrap().iter().find(|group| group["group"] == "video").unwrap();
    assert!(advice["advice"].as_str().unwrap().contains("bonafide assets pull --group video"));
}

#[test]
fn what_is_no_clip_ends_with_exit_code_2_and_one_sentence() {
    let clip = selfie("photo-person-b-2", Moved::ByHand, "mp4");
    for (bytes, words) in [
        (&b"this is no video"[..], "not a video"),
        (&clip[..clip.len() / 2], "damaged"),
        (&vec![0; 10_000_001], "larger than"),
    ] {
        let (code, _, stderr) = judged(bytes);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    assert_eq!(liveness(Path::new("/no/such/file")).0, Some(2));
}
