//! Somebody who is told of events, in the process of the tests.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// What came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Status(u16),
    /// A good answer with this document.
    Json(&'static str),
    Redirect(String),
    /// Nothing, for as long as the other side waits.
    Silence,
    /// A good head, then a byte now and then.
    SlowBody,
    /// A good head, then bytes without end.
    EndlessBody,
    /// The connection is closed.
    Nothing,
}

type Answer = dyn Fn(&Request) -> Reply + Send + Sync;

/// Takes requests until it is dropped.
pub(crate) struct Receiver {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Receiver {
    /// One that answers as `answer` says.
    pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").unwrap(), None, answer)
    }

    /// One at a place that is known before.
    pub(crate) fn start_at(
        address: SocketAddr,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen(TcpListener::bind(address).unwrap(), None, answer)
    }

    /// One that takes everything.
    pub(crate) fn willing() -> Self {
        Self::start(|_| Reply::Status(200))
    }

    /// One that speaks TLS.
    pub(crate) fn tls(config: Arc<rustls::ServerConfig>) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").unwrap(), Some(config), |_| Reply::Status(200))
    }

    fn listen(
        listener: TcpListener,
        tls: Option<Arc<rustls::ServerConfig>>,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        let answer: Arc<Answer> = Arc::new(answer);
        thread::spawn(move || {
            for socket in listener.incoming() {
                let Ok(socket) = socket else { return };
                let (answer, kept, tls) = (Arc::clone(&answer), Arc::clone(&kept), tls.clone());
                thread::spawn(move || match tls {
                    None => serve(socket, &*answer, &kept),
                    Some(config) => {
                        let session = rustls::ServerConnection::new(config).unwrap();
                        serve(rustls::StreamOwned::new(session, socket), &*answer, &kept);
                    }
                });
            }
        });
        Self { address, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hooks?token=of-the-url", self.address)
    }

    /// What came so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// What came, once it is at least so many.
    pub(crate) fn wait(&self, requests: usize) -> Vec<Request> {
        crate::harness::wait_for(|| Some(self.requests()).filter(|came| came.len() >= requests))
    }
}

fn serve(mut stream: impl Read + Write, answer: &Answer, kept: &Mutex<Vec<Request>>) {
    // Whoever calls may go away at any point.
    while let Some(request) = read(&mut stream) {
        let reply = answer(&request);
        kept.lock().unwrap().push(request);
        let mut say = |text: &str| stream.write_all(text.as_bytes()).and_then(|()| stream.flush()).is_ok();
        let is_open = match reply {
            Reply::Status(status) => say(&format!("HTTP/1.1 {status} Said\r\ncontent-length: 2\r\n\r\nok")),
            Reply::Json(body) => {
                say(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
            }
            Reply::Redirect(to) => {
                say(&format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"))
            }
            Reply::Silence => {
                let _ = stream.read(&mut [0]);
                false
            }
            Reply::SlowBody => {
                let mut is_open = say("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
                while is_open {
                    thread::sleep(Duration::from_millis(50));
                    is_open = say("x");
                }
                false
            }
            Reply::EndlessBody => {
                let mut is_open = say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
                let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
                while is_open {
                    is_open = say(&chunk);
                }
                false
            }
            Reply::Nothing => false,
        };
        if !is_open {
            return;
        }
    }
}

fn read(stream: &mut impl Read) -> Option<Request> {
    // One byte at a time: the next request must stay in the stream.
    let mut head = BufReader::with_capacity(1, &mut *stream);
    let mut line = || {
        let mut line = String::new();
        head.read_line(&mut line).ok().filter(|length| *length > 0)?;
        Some(line.trim_end().to_owned())
    };
    let path = line()?.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let line = line()?;
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    head.read_exact(&mut body).ok()?;
    Some(Request { path, headers, body: String::from_utf8(body).ok()? })
}

/// The claims of a JWT that `key` must have signed.
pub(crate) fn verified(token: &str, key: &str) -> Value {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    hmac::verify(&key, signed.as_bytes(), &signature).expect("the hook's key signed it");
    let (_, claims) = signed.split_once('.').unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// The only event in the JWT of a request, which nobody need verify.
pub(crate) fn event(request: &Request) -> Value {
    let claims = request.body.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims["events"][0].clone()
}

/// A place where nobody listens.
pub(crate) fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert!(TcpStream::connect(address).is_err());
    address
}
