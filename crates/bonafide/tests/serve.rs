//! `bonafide serve` as an operator meets it. Models are those that `cargo xtask test` fetches.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn bonafide(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bonafide"));
    command.arg("--offline").args(args).arg("--data").arg(data).stdin(Stdio::null());
    command
}

struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    said: Value,
}

impl Server {
    fn start(data: &Path) -> Self {
        let args = ["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--json"];
        let mut child = bonafide(data, &args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let said = serde_json::from_str(&line).expect("one JSON line once it listens");
        Self { child, stdout, said }
    }

    fn get(&self, path: &str) -> String {
        let address = self.said["url"].as_str().unwrap().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Ends it as a supervisor does: its exit code, the rest of its output, its log.
    fn stop(mut self) -> (Option<i32>, String, String) {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        let (mut rest, mut log) = (String::new(), String::new());
        self.stdout.read_to_string(&mut rest).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), rest, log)
    }
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn a_first_start_makes_a_key_serves_and_stops_on_sigterm() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data);
    let file = data.join("first-api-key");
    assert_eq!(server.said["first_key_file"], file.to_str().unwrap());
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let key = std::fs::read_to_string(&file).unwrap();
    assert_eq!(key.trim().split('.').count(), 3);
    assert!(server.said["metrics_url"].as_str().unwrap().ends_with("/metrics"));

    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
    let began = Instant::now();
    while !server.get("/readyz").starts_with("HTTP/1.1 200") {
        assert!(began.elapsed() < Duration::from_secs(30), "{}", server.get("/readyz"));
        std::thread::sleep(Duration::from_millis(200));
    }

    // One server a folder; the operator's commands go on beside it.
    let second = bonafide(&data, &["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(code(&second), Some(1), "{}", String::from_utf8_lossy(&second.stderr));
    let restore = bonafide(&data, &["restore", "--from", "nowhere"]).output().unwrap();
    assert_eq!(code(&restore), Some(1));
    let listed = bonafide(&data, &["key", "list", "--json"]).output().unwrap();
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let permissions = serde_json::json!(["enrollment_without_validation", "enrollment_delete"]);
    assert_eq!((&listed[0]["kind"], &listed[0]["permissions"]), (&"backend".into(), &permissions));

    let (ended, rest, log) = server.stop();
    assert_eq!(ended, Some(0), "{log}");
    assert_eq!(rest, "");
    assert!(!log.contains(key.trim()));
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{log}");

    // A later start finds what the first made, and is quick.
    let began = Instant::now();
    let server = Server::start(&data);
    let took = began.elapsed();
    assert!(took < Duration::from_millis(1500), "{took:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), key);
    assert_eq!(server.stop().0, Some(0));
    let listed = bonafide(&data, &["key", "list", "--json"]).output().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&listed.stdout).unwrap().as_array().unwrap().len(), 1);
}

#[test]
fn settings_that_cannot_be_used_are_said_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("bonafide.toml");
    std::fs::write(&file, "lisen = '127.0.0.1:0'\n").unwrap();
    let output = bonafide(dir.path(), &["serve", "--config", file.to_str().unwrap()]).output().unwrap();
    assert_eq!(code(&output), Some(2));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("lisen") && message.lines().count() == 1, "{message}");
}
