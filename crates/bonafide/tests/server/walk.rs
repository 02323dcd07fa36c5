//! The README's walk, run as it is printed.

use std::path::Path;
use std::process::Command;

use crate::harness::{Server, photo_path};
use crate::receiver::nobody;

/// The shell block under the README's heading `heading`.
fn block(heading: &str) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (_, section) = readme.split_once(&format!("\n## {heading}\n")).expect("the README has this section");
    let (_, block) = section.split_once("```sh\n").expect("the section has a shell block");
    block.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_walk_of_the_readme_works_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_in(&folder.path().join("bonafide-data"), &[]);
    std::fs::copy(photo_path("photo-person-b-1"), folder.path().join("ID.jpg")).unwrap();
    std::fs::copy(photo_path("photo-person-b-2"), folder.path().join("ME.jpg")).unwrap();
    let script = block("A walk over HTTP");
    let output = Command::new("sh")
        .args(["-euc", &script])
        .current_dir(folder.path())
        .env("URL", &server.url)
        .output()
        .expect("the walk needs sh and curl");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    let result = printed.trim().lines().last().unwrap();
    let result: serde_json::Value = serde_json::from_str(result).expect("the walk ends with the result");
    assert_eq!(result["validation_status"], "success", "{result}");
    assert_eq!(result["details"]["face_recognition_validations"]["similarity_status"], "success");
}

#[test]
fn the_walk_of_a_webhook_works_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(&folder.path().join("bonafide-data"), &[], |command| {
        command.env("BONAFIDE_OUTGOING__ALLOW", r#"["127.0.0.1/32"]"#);
    });
    let script = block("A webhook");
    let output = Command::new("sh")
        .args(["-euc", &script])
        .current_dir(folder.path())
        .env("URL", &server.url)
        .env("PORT", nobody().port().to_string())
        .output()
        .expect("the walk needs sh, curl and python3");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    let told: serde_json::Value = serde_json::from_str(printed.trim()).expect("the walk ends with the event");
    let event = &told["events"][0];
    assert_eq!((&event["event_action"], &event["object"]["account_id"]), (&"created".into(), &"eva".into()));
}
