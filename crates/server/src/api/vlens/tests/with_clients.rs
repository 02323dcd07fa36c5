//! Clients written after the vendor's examples, over a socket. `cargo xtask clients` brings what they run with.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::cards::{Client, FACES, HOLDER, NUMBER, Shown, photo};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/clients"))
}

fn run(program: &str, script: &str, given: &Value) -> Output {
    let mut running = Command::new(program)
        .arg(script)
        .current_dir(folder())
        .env("NO_PROXY", "*")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("run `cargo xtask clients` first");
    running.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    running.wait_with_output().unwrap()
}

/// What `program script` makes of front, back and face of a person who is signed in.
async fn answers_to(program: &str, script: &str) -> Vec<Value> {
    let client = Client::person().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = client.bench.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let given = json!({
        "base": base, "key": client.bench.key, "token": client.token, "front": photo(HOLDER),
        "back": Shown::Back.picture(), "faces": FACES.map(photo),
    });
    let (program, script) = (program.to_owned(), script.to_owned());
    let output = tokio::task::spawn_blocking(move || run(&program, &script, &given)).await.unwrap();
    assert!(output.status.success());
    let answers = serde_json::from_slice(&output.stdout).unwrap();
    // The bench lives as long as it is asked.
    assert_eq!(Arc::strong_count(&client.bench), 1);
    answers
}

#[track_caller]
fn is_verified(answers: &[Value]) {
    let [front, back, face] = answers else { panic!("three answers") };
    for answer in answers {
        assert_eq!((&answer["error_code"], &answer["error_message"]), (&Value::Null, &Value::Null));
        assert_eq!(answer["services"]["Validations"]["validation_errors"], json!([]));
    }
    assert_eq!(front["data"]["user"]["idNumber"], Value::Null, "told where it is asked for");
    assert_eq!(back["data"]["isVerificationProcessCompleted"], false);
    assert_eq!(face["services"]["liveness"], true);
    let data = &face["data"];
    assert_eq!(
        (&data["isVerificationProcessCompleted"], &data["isDigitalIdentityVerified"]),
        (&json!(true), &json!(true))
    );
    assert!(!face.to_string().contains(NUMBER));
}

#[tokio::test]
async fn requests_for_python_passes_front_back_and_face() {
    let python = std::fs::read_to_string(folder().join("python")).expect("run `cargo xtask clients` first");
    is_verified(&answers_to(&python, "vlens.py").await);
}

#[tokio::test]
async fn axios_for_javascript_passes_front_back_and_face() {
    is_verified(&answers_to("node", "vlens.mjs").await);
}
