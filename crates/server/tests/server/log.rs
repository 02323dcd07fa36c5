//! What a log line holds, and what it never does.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use tower::ServiceExt as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Tests beside these have no subscriber, and whatever they touch first would stay silent for all threads.
static LOUD: std::sync::Once = std::sync::Once::new();

/// The lines of one request at the loudest level.
async fn lines(method: &str, uri: &str) -> Vec<serde_json::Value> {
    LOUD.call_once(|| {
        let nowhere = server::telemetry::writing_to(Lines::default(), EnvFilter::new("trace"));
        tracing::subscriber::set_global_default(nowhere).unwrap();
    });
    let lines = Lines::default();
    let subscriber = server::telemetry::writing_to(lines.clone(), EnvFilter::new("trace"));
    let _guard = tracing::subscriber::set_default(subscriber);
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("x-request-id", "r-1")
        .header("test-key", "secret-key")
        .header("x-forwarded-for", "198.51.100.77")
        .body(Body::from("secret-body"))
        .unwrap();
    crate::common::at_the_root().oneshot(request).await.unwrap();
    let written = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    for hidden in ["secret", "person-77", "198.51", "https://"] {
        assert!(!written.contains(hidden), "{hidden}: {written}");
    }
    written.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_line_has_the_route_and_not_the_path() {
    let lines = lines("GET", "/v1/things/person-77?name=secret-name").await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = &lines[0];
    assert_eq!(line["route"], "/v1/things/{id}");
    assert_eq!(
        (&line["dialect"], &line["method"], &line["status"]),
        (&"test".into(), &"GET".into(), &200.into())
    );
    assert_eq!(line["span"]["id"], "r-1");
    assert!(line["ms"].is_u64());
}

#[tokio::test]
async fn an_unknown_route_a_token_and_an_odd_method_are_not_named() {
    let unknown = &lines("GET", "/v9/person-77").await[0];
    assert_eq!((&unknown["dialect"], &unknown["route"]), (&"test".into(), &"unknown".into()));
    let upload = &lines("PUT", "/v1/photos/secret-token").await[0];
    assert_eq!(upload["route"], "/v1/photos/{token}");
    let odd = &lines("SECRETMETHOD", "/v1/mine").await[0];
    assert_eq!((&odd["method"], &odd["status"]), (&"other".into(), &405.into()));
}
