use std::net::SocketAddr;
use std::sync::Mutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

fn client(allow: &[&str], timeout: Duration) -> Client {
    let allow = allow.iter().map(|network| network.parse().unwrap()).collect();
    Client::new(&Outgoing { allow, timeout }).unwrap()
}

fn local() -> Client {
    client(&["127.0.0.1/32"], Duration::from_secs(5))
}

fn url(address: SocketAddr) -> WebUrl {
    WebUrl::parse(&format!("http://{address}/secret?token=secret")).unwrap()
}

/// Answers every connection with `answer`, then waits for the other side to go.
async fn receiver(answer: &'static [u8]) -> (SocketAddr, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = vec![0; 64 * 1024];
            let length = socket.read(&mut request).await.unwrap();
            kept.lock().unwrap().push_str(&String::from_utf8_lossy(&request[..length]));
            socket.write_all(answer).await.unwrap();
            tokio::spawn(async move { socket.read(&mut request).await });
        }
    });
    (address, seen)
}

async fn post(client: &Client, url: &WebUrl) -> Result<u16, CallError> {
    client.post(url, &[("webhook-id", "1".to_owned())], "{}".to_owned()).await.map(|status| status.as_u16())
}

#[tokio::test]
async fn a_call_says_who_calls_and_brings_its_headers_and_body() {
    let (address, seen) = receiver(b"HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(post(&local(), &url(address)).await, Ok(204));
    let seen = seen.lock().unwrap();
    assert!(seen.starts_with("POST /secret?token=secret HTTP/1.1\r\n"), "{seen}");
    for line in ["user-agent: bonafide/", "webhook-id: 1\r\n", "content-length: 2\r\n"] {
        assert!(seen.contains(line), "{line} in {seen}");
    }
    assert!(seen.ends_with("{}") && !seen.contains("cookie") && !seen.contains("accept-encoding"));
}

#[tokio::test]
async fn an_address_that_is_not_allowed_gets_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let strict = client(&["10.0.0.0/8"], Duration::from_secs(5));
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"] {
        let url = WebUrl::parse(&format!("http://{host}:{port}/")).unwrap();
        assert_eq!(post(&strict, &url).await, Err(CallError::Refused), "{host}");
    }
    let connected = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
    assert!(connected.is_err(), "nobody came");
}

#[tokio::test]
async fn a_name_is_called_where_its_address_is_allowed() {
    let (address, _) = receiver(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let url = WebUrl::parse(&format!("http://localhost:{}/", address.port())).unwrap();
    assert_eq!(post(&local(), &url).await, Ok(200));
    let nobody = WebUrl::parse("http://nobody.invalid/").unwrap();
    assert_eq!(post(&local(), &nobody).await, Err(CallError::Unknown));
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let (inside, seen) = receiver(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = socket.read(&mut request).await.unwrap();
        let answer = format!(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{inside}/\r\ncontent-length: 0\r\n\r\n"
        );
        socket.write_all(answer.as_bytes()).await.unwrap();
    });
    assert_eq!(post(&local(), &url(address)).await, Ok(307));
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn silence_ends_with_the_time_out() {
    let (address, _) = receiver(b"HTTP/1.1 200").await;
    let hasty = client(&["127.0.0.1/32"], Duration::from_millis(200));
    assert_eq!(post(&hasty, &url(address)).await, Err(CallError::Timeout));
}

#[tokio::test]
async fn a_body_without_end_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (told, written) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (mut socket, _): (TcpStream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = socket.read(&mut request).await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n").await.unwrap();
        let mut bytes = 0_usize;
        while socket.write_all(&[b'x'; 16 * 1024]).await.is_ok() {
            bytes += 16 * 1024;
        }
        told.send(bytes).unwrap();
    });
    assert_eq!(post(&local(), &url(address)).await, Ok(200));
    // It was cut off: what lay in buffers of the system counts as written.
    assert!(written.await.unwrap() < 16 * 1024 * 1024);
}

#[tokio::test]
async fn what_is_no_http_or_not_there_is_an_error_that_names_no_url() {
    let (address, _) = receiver(b"SSH-2.0-none\r\n").await;
    let refused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (address, expected) in [(address, CallError::Broken), (refused, CallError::Unreachable)] {
        let error = post(&local(), &url(address)).await.unwrap_err();
        assert_eq!(error, expected);
        assert!(!error.to_string().contains("secret"));
    }
    let tls = WebUrl::parse(&format!("https://{address}/")).unwrap();
    assert_eq!(post(&local(), &tls).await, Err(CallError::Tls));
}
