//! The walks of the README and of the docs, run as they are printed.

use std::path::Path;
use std::process::Command;

use crate::harness::{Server, photo_path};
use crate::receiver::nobody;

/// The shell block under the heading `heading` of a document.
fn block(document: &str, heading: &str) -> String {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(document);
    let text = std::fs::read_to_string(document).unwrap();
    let (_, section) = text.split_once(&format!("\n## {heading}\n")).expect("the document has this section");
    let (_, block) = section.split_once("```sh\n").expect("the section has a shell block");
    block.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_walk_of_the_readme_works_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_in(&folder.path().join("bonafide-data"), &[]);
    std::fs::copy(photo_path("photo-person-b-1"), folder.path().join("ID.jpg")).unwrap();
    std::fs::copy(photo_path("photo-person-b-2"), folder.path().join("ME.jpg")).unwrap();
    let script = block("README.md", "A walk over HTTP");
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
    let script = block("README.md", "A webhook");
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

#[test]
fn the_walk_of_a_live_capture_works_as_printed_but_for_the_person() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_in(&folder.path().join("bonafide-data"), &[]);
    let script = block("docs/truelens.md", "A walk");
    let output = Command::new("sh")
        .args(["-euc", &script])
        .current_dir(folder.path())
        .env("URL", &server.url)
        .output()
        .expect("the walk needs sh and curl");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed.contains(&format!("open {}/verify?id=", server.url)), "{printed}");
    // Nobody has looked at the camera.
    assert!(printed.contains(r#""status":"pending""#), "{printed}");
    assert!(printed.contains("Verification not found or already completed"), "{printed}");
}

#[test]
fn the_walk_of_a_document_works_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_in(&folder.path().join("bonafide-data"), &[]);
    for name in ["document_front", "document_back", "selfie"] {
        std::fs::copy(photo_path("photo-person-b-1"), folder.path().join(format!("{name}.jpg"))).unwrap();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_bonafide")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let script = block("docs/mosaic.md", "A walk");
    let output = Command::new("sh")
        .args(["-euc", &script])
        .current_dir(folder.path())
        .env("URL", &server.url)
        .env("PATH", path)
        .output()
        .expect("the walk needs sh and curl");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed.contains(r#""complete":true,"missing_images":[]"#), "{printed}");
    assert!(printed.contains(r#""recommendation":"ALLOW","person""#), "{printed}");
    assert!(printed.trim().ends_with(r#"{"message":"Session deleted"}"#), "{printed}");
}

#[test]
fn the_walk_of_vlens_works_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(&folder.path().join("bonafide-data"), &[], |command| {
        command.env("BONAFIDE_DELIVERY__LOG", "true");
    });
    std::fs::copy(photo_path("photo-no-face"), folder.path().join("front.jpg")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_bonafide")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let script = block("docs/vlens.md", "A walk");
    let output = Command::new("sh")
        .args(["-euc", &script])
        .current_dir(folder.path())
        .env("URL", &server.url)
        .env("PATH", path)
        .output()
        .expect("the walk needs sh and curl");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed.contains(r#""refreshTokenExpireInSeconds":604800"#), "{printed}");
    assert!(printed.contains(r#""isPhoneNumberConfirmationRequired":true"#), "{printed}");
    // The picture shows no card.
    assert!(printed.contains(r#""validation_errors":[{"field":"#), "{printed}");
}
