//! The server at its sockets: time-outs, bounds, proxies, metrics and a stop.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use server::config::{Limits, MetricsListen};
use server::{Addresses, Config, ServeError, Sockets};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::common::{Stub, assemble, at_the_root, dialect, limits, mount};

pub(crate) struct Running {
    pub(crate) addresses: Addresses,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

pub(crate) fn config(limits: Limits) -> Config {
    Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        metrics_listen: MetricsListen::At("127.0.0.1:0".parse().unwrap()),
        limits,
        ..Config::default()
    }
}

async fn start(router: Router, limits: Limits) -> Running {
    start_with(router, &config(limits)).await
}

pub(crate) async fn start_with(router: Router, config: &Config) -> Running {
    let sockets = Sockets::bind(config).await.unwrap();
    let addresses = sockets.addresses().clone();
    let (stop, stopped) = oneshot::channel();
    let stopped = async { stopped.await.unwrap_or_default() };
    let task = tokio::spawn(sockets.run(router, Arc::new(Stub), stopped));
    Running { addresses, stop, task }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.addresses.listen).await.unwrap()
    }

    /// Sends `text` and reads until the server closes.
    async fn exchange(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.unwrap();
        read(&mut stream).await
    }
}

async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset after the answer is as good as an end.
    let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes)).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: api.example\r\nconnection: close\r\n{headers}\r\n")
}

#[tokio::test]
async fn a_head_that_comes_too_slowly_is_cut_off() {
    let server = start(at_the_root(), limits()).await;
    let began = Instant::now();
    for beginning in ["", "GET /healthz HTTP/1.1\r\nhost: a"] {
        let answer = server.exchange(beginning).await;
        assert!(!answer.contains("200 OK"), "{answer}");
    }
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_answered_408_in_the_dialects_shape() {
    let server = start(at_the_root(), limits()).await;
    let head = "PUT /v1/photos/t HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc";
    let answer = server.exchange(head).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("shaped 408: the request was not received in time"), "{answer}");
}

#[tokio::test]
async fn a_stop_finishes_the_running_request_and_takes_no_other() {
    let server = start(at_the_root(), limits()).await;
    let mut idle = server.connect().await;
    let mut running = server.connect().await;
    running.write_all(get("/v1/slow", "").as_bytes()).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    server.stop.send(()).unwrap();
    let answer = read(&mut running).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
    assert_eq!(read(&mut idle).await, "");
    timeout(Duration::from_secs(2), server.task).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(server.addresses.listen).await.is_err());
}

#[tokio::test]
async fn a_stop_waits_no_longer_than_the_grace() {
    let limits = Limits {
        request_timeout: Duration::from_secs(30),
        shutdown_grace: Duration::from_millis(50),
        ..limits()
    };
    let server = start(assemble(vec![mount(dialect("test"), &[], "", &limits)]), limits).await;
    let mut running = server.connect().await;
    let head = "POST /v1/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc";
    running.write_all(head.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    server.stop.send(()).unwrap();
    timeout(Duration::from_secs(2), server.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn connections_beyond_the_bound_wait_for_their_turn() {
    let limits = Limits { max_connections: 1, header_timeout: Duration::from_secs(5), ..limits() };
    let server = start(at_the_root(), limits).await;
    let first = server.connect().await;
    sleep(Duration::from_millis(50)).await;
    let mut second = server.connect().await;
    second.write_all(get("/healthz", "").as_bytes()).await.unwrap();
    let mut byte = [0];
    assert!(timeout(Duration::from_millis(200), second.read(&mut byte)).await.is_err());
    drop(first);
    assert!(read(&mut second).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_dialect_is_found_by_its_host_also_behind_a_trusted_proxy() {
    let router = assemble(vec![
        mount(dialect("one"), &["ONE.example"], "", &limits()),
        mount(dialect("two"), &[], "/two", &limits()),
    ]);
    let server = start(router, limits()).await;
    let at = async |host: &str, path: &str, headers: &str| {
        let request = get(path, headers).replace("api.example", host);
        server.exchange(&request).await.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(at("one.example:8080", "/v1/mine", "").await, "HTTP/1.1 200 OK");
    assert_eq!(at("one.example", "/v9/nothing", "").await, "HTTP/1.1 403 Forbidden");
    assert_eq!(at("api.example", "/v1/mine", "").await, "HTTP/1.1 404 Not Found");
    assert_eq!(at("api.example", "/two/v1/mine", "").await, "HTTP/1.1 200 OK");
    let forwarded = "x-forwarded-host: one.example\r\n";
    assert_eq!(at("inside", "/v1/mine", forwarded).await, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_handler_sees_the_client_that_a_trusted_proxy_names() {
    let server = start(at_the_root(), limits()).await;
    let forwarded = "x-forwarded-for: 203.0.113.5, 198.51.100.7\r\nx-forwarded-proto: https\r\n";
    let answer = server.exchange(&get("/v1/things/1", forwarded)).await;
    assert!(answer.ends_with("198.51.100.7"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
    assert!(server.exchange(&get("/v1/things/1", "")).await.ends_with("127.0.0.1"));
}

#[tokio::test]
async fn metrics_count_by_route_on_a_listener_of_their_own() {
    let server = start(at_the_root(), limits()).await;
    server.exchange(&get("/v1/things/person-77", "")).await;
    let mut scrape = TcpStream::connect(server.addresses.metrics.unwrap()).await.unwrap();
    scrape.write_all(get("/metrics", "").as_bytes()).await.unwrap();
    let metrics = read(&mut scrape).await;
    let count = r#"http_requests_total{dialect="test",route="/v1/things/{id}",method="GET",status="200"}"#;
    let found =
        ["http_request_duration_seconds_bucket", "bonafide_queue_depth 3", "bonafide_jobs_waiting 2", count];
    for wanted in found {
        assert!(metrics.contains(wanted), "{wanted}: {metrics}");
    }
    assert!(!metrics.contains("person-77"));
    assert!(server.exchange(&get("/metrics", "")).await.starts_with("HTTP/1.1 403"), "on the main one");
}

#[tokio::test]
async fn an_address_that_is_taken_is_an_error_that_names_the_flag() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let holder = std::net::TcpListener::bind(taken.unwrap()).unwrap();
    let address = holder.local_addr().unwrap();
    let main = Config { listen: address, ..config(limits()) };
    let metrics = Config { metrics_listen: MetricsListen::At(address), ..config(limits()) };
    for (config, flag) in [(main, "--listen"), (metrics, "--metrics-listen")] {
        let error = Sockets::bind(&config).await.unwrap_err();
        assert!(matches!(error, ServeError::Bind { setting, .. } if setting == flag), "{error}");
    }
}
