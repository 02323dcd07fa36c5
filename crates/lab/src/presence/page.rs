//! The hosted page without a browser: speaks the protocol of `docs/capture.md` with a server, in real time.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use domain::{Colour, Guidance, Path};
use engine::presence::CameraClaims;
use reqwest::StatusCode;
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest as _;
use tungstenite::{Message, WebSocket};

use super::random::Draws;
use super::settings::Settings;
use super::stage::{Player, Screen, Shows};
use crate::LabError;

/// From the word of the server to the paint on the screen, in ms: two refreshes at 60 Hz.
const PAINT_MS: u64 = 33;
/// From the camera's picture to the page's JPEG, in ms.
const ENCODE_MS: u64 = 8;
/// Least time between two frames that are sent, in ms: 15 a second.
const SEND_EVERY_MS: u64 = 66;
/// Frames on the way at most.
const ON_THE_WAY: usize = 3;
/// How long somebody sits before the preview until they give up.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long the server may be silent.
const SILENCE: Duration = Duration::from_mins(1);
/// How long to wait for the next message while there is nothing else to do.
const POLL: Duration = Duration::from_millis(2);
/// How often a page connects again whose person moved just as the challenge was to begin.
const CONNECTS: usize = 4;

/// A server, and a key of its `TrueLens` API.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where it is found: `http://host:port`.
    pub url: String,
    /// The key.
    pub key: String,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptEnd {
    /// The server judged it.
    Judged {
        /// `passed`, `retry` or `failed`.
        outcome: String,
        /// Codes of what did not pass.
        reasons: Vec<String>,
    },
    /// The server broke it off, with this code.
    Refused(String),
    /// The preview never showed a face that is good enough to begin with.
    NotBegun,
}

/// What a page has of its own: which steps it asks for, its camera and its network.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// Which kinds of steps.
    pub path: Path,
    /// What it tells of its camera.
    pub camera: CameraClaims,
    /// Frames a second of the camera.
    pub frame_rate: f32,
    /// Mean delay of the network one way, in ms, and its jitter.
    pub delay_ms: (f32, f32),
    /// Seed of the jitter.
    pub seed: u64,
}

impl Conditions {
    pub(crate) fn new(path: Path, camera: CameraClaims, settings: &Settings, seed: u64) -> Self {
        let delay_ms = (settings.delay_ms, settings.jitter_ms);
        Self { path, camera, frame_rate: settings.frame_rate, delay_ms, seed }
    }
}

/// A verification that was opened, and agreed to in a browser.
#[derive(Debug)]
pub struct Page {
    /// Of the verification; empty for the page of a session.
    pub id: String,
    /// The browser's cookie.
    pub cookie: String,
    url: String,
    /// What stands before the addresses of the page.
    path: String,
}

impl Page {
    /// Opens a verification with `init`, a body of the API's first call, and its page, and agrees. Waits where the
    /// server counts requests.
    ///
    /// # Errors
    /// [`LabError::Server`].
    pub fn open(target: &Target, init: &Value) -> Result<Self, LabError> {
        let http = Client::new();
        let url = target.url.trim_end_matches('/').to_owned();
        let made = loop {
            let request = http.post(format!("{url}/api/verify/init")).header("X-API-Key", &target.key);
            let response = sent(request.json(init))?;
            match response.headers().get("retry-after").map(|value| value.to_str().map(str::parse)) {
                Some(Ok(Ok(seconds @ 0..=60))) if response.status() == StatusCode::TOO_MANY_REQUESTS => {
                    std::thread::sleep(Duration::from_secs(seconds));
                }
                _ => break accepted(response)?,
            }
        };
        let made: Value = made.json().map_err(LabError::server)?;
        let id = made["verification_id"].as_str().unwrap_or_default().to_owned();
        let page = accepted(sent(http.get(format!("{url}/verify?id={id}")))?)?;
        let cookie = page.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or_default().to_owned();
        let kept_days = facts(&page.text().map_err(LabError::server)?)["kept_days"].clone();
        let consent = http.post(format!("{url}/verify/{id}/consent")).header("Cookie", &cookie);
        let shown = json!({"language": "en", "text": "2026-11.3", "kept_days": kept_days});
        accepted(sent(consent.json(&shown))?)?;
        Ok(Self { path: format!("/verify/{id}"), id, cookie, url })
    }

    /// The page of a session that was opened and agreed to elsewhere: at `path` of the server `url`, by the browser with
    /// `cookie`.
    pub fn of_session(url: &str, path: &str, cookie: &str) -> Self {
        let [url, path, cookie] = [url, path, cookie].map(str::to_owned);
        Self { id: String::new(), cookie, url, path }
    }

    /// One attempt, by `player` before the camera.
    ///
    /// # Errors
    /// [`LabError::Server`].
    pub fn attempt(&self, conditions: &Conditions, player: &mut dyn Player) -> Result<AttemptEnd, LabError> {
        let mut draws = Draws::of(conditions.seed, "page");
        let began = Instant::now();
        let clock_us = draws.below(1 << 40) as u64;
        for _ in 1..CONNECTS {
            let mut capture = Capture::open(self, conditions, began, clock_us, &mut draws)?;
            let end = capture.run(player)?;
            let moved_too_soon = end == AttemptEnd::Refused("bad_message".to_owned()) && !capture.has_begun();
            if !moved_too_soon {
                return Ok(end);
            }
        }
        Ok(AttemptEnd::NotBegun)
    }
}

impl Page {
    /// A preview of `length` that never begins, without a network between: how long each frame waited for its answer.
    pub(crate) fn preview(
        &self,
        conditions: &Conditions,
        player: &mut dyn Player,
        length: Duration,
    ) -> Result<Vec<Duration>, LabError> {
        let mut draws = Draws::of(conditions.seed, "page");
        let mut capture = Capture::open(self, conditions, Instant::now(), 0, &mut draws)?;
        (capture.has_asked, capture.patience) = (true, length);
        match capture.run(player)? {
            AttemptEnd::Refused(why) if capture.waited.is_empty() => Err(LabError::server(why)),
            _ => Ok(capture.waited),
        }
    }
}

/// What a page's scripts know; null where that is not found.
fn facts(html: &str) -> Value {
    let facts = html.split_once(r#"id="page">"#).and_then(|(_, rest)| rest.split_once("</script>"));
    facts.and_then(|(facts, _)| serde_json::from_str(facts).ok()).unwrap_or_default()
}

fn sent(request: RequestBuilder) -> Result<Response, LabError> {
    request.send().map_err(LabError::server)
}

fn accepted(response: Response) -> Result<Response, LabError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let said = response.text().unwrap_or_default();
    Err(LabError::Server(format!("it answered {status}: {said}").into()))
}

/// One connection.
struct Capture<'a> {
    socket: WebSocket<TcpStream>,
    frame_rate: f32,
    delay_ms: (f32, f32),
    draws: &'a mut Draws,
    began: Instant,
    clock_us: u64,
    /// What is on the way, and when it is there, in ms since it began.
    out: VecDeque<(u64, Message)>,
    back: VecDeque<(u64, Value)>,
    /// What the screen shows, and what it is about to show.
    screens: VecDeque<Screen>,
    /// Nonce of the step whose paint the server was last told of.
    told: [u8; 16],
    sequence: u32,
    unanswered: usize,
    opened_ms: u64,
    has_asked: bool,
    patience: Duration,
    heard: Instant,
    /// When each frame left that is not answered yet, and how long those waited that are.
    left: VecDeque<Instant>,
    waited: Vec<Duration>,
}

impl<'a> Capture<'a> {
    fn open(
        page: &Page,
        conditions: &Conditions,
        began: Instant,
        clock_us: u64,
        draws: &'a mut Draws,
    ) -> Result<Self, LabError> {
        let Some(address) = page.url.strip_prefix("http://") else {
            return Err(LabError::Server("only http is spoken here: no TLS, no proxy between".into()));
        };
        let address = address.split('/').next().unwrap_or_default();
        let ws = format!("ws{}{}/scan", page.url.trim_start_matches("http"), page.path);
        let mut request = ws.into_client_request().map_err(LabError::server)?;
        let headers = request.headers_mut();
        headers.insert("cookie", page.cookie.parse().map_err(LabError::server)?);
        headers.insert("origin", format!("http://{address}").parse().map_err(LabError::server)?);
        let stream = TcpStream::connect(address).map_err(LabError::server)?;
        stream.set_nodelay(true).map_err(LabError::server)?;
        let (socket, _) = tungstenite::client(request, stream).map_err(LabError::server)?;
        socket.get_ref().set_read_timeout(Some(POLL)).map_err(LabError::server)?;
        let opened_ms = millis(began.elapsed());
        let mut capture = Self {
            socket,
            frame_rate: conditions.frame_rate,
            delay_ms: conditions.delay_ms,
            draws,
            began,
            clock_us,
            out: VecDeque::new(),
            back: VecDeque::new(),
            screens: VecDeque::from([Screen::neutral(opened_ms)]),
            told: [0; 16],
            sequence: 0,
            unanswered: 0,
            opened_ms,
            has_asked: false,
            patience: PATIENCE,
            heard: Instant::now(),
            left: VecDeque::new(),
            waited: Vec::new(),
        };
        let CameraClaims { label, width, height, frame_rate, automation } = &conditions.camera;
        capture.say(
            opened_ms,
            &json!({
                "type": "hello", "language": "en", "path": conditions.path, "automation": automation,
                "camera": {"label": label, "width": width, "height": height, "frame_rate": frame_rate},
                "screen": {"width": 390, "height": 844},
            }),
        );
        Ok(capture)
    }

    fn has_begun(&self) -> bool {
        self.screens.iter().any(|screen| screen.nonce != [0; 16])
    }

    fn run(&mut self, player: &mut dyn Player) -> Result<AttemptEnd, LabError> {
        let period_ms = 1000.0 / self.frame_rate;
        let (mut next_ms, mut sent_ms) = (self.opened_ms as f32, None::<u64>);
        loop {
            let now_ms = millis(self.began.elapsed());
            self.receive(now_ms)?;
            while self.back.front().is_some_and(|(due_ms, _)| *due_ms <= now_ms) {
                let Some((_, message)) = self.back.pop_front() else { continue };
                if let Ok(say) = serde_json::from_value::<Guidance>(message["say"].clone()) {
                    player.told(now_ms, say);
                }
                if let Some(end) = self.understand(&message, now_ms) {
                    return Ok(end);
                }
            }
            self.paint(now_ms);
            if now_ms as f32 >= next_ms {
                // A camera skips what nobody fetches in time.
                next_ms = (next_ms + period_ms).max(now_ms as f32);
                let is_time = sent_ms.is_none_or(|sent| now_ms >= sent + SEND_EVERY_MS);
                if is_time && self.unanswered < ON_THE_WAY {
                    let screen = self.screens[0];
                    if let Some(shot) = player.frame(now_ms, &screen) {
                        sent_ms = Some(now_ms);
                        self.send_frame(now_ms, shot.captured_us, screen.nonce, &shot.jpeg);
                    }
                }
            }
            self.flush()?;
            let gives_up = !self.has_begun() && now_ms > self.opened_ms + millis(self.patience);
            if gives_up {
                return Ok(AttemptEnd::NotBegun);
            }
            if self.heard.elapsed() > SILENCE {
                return Err(LabError::Server("it has said nothing for a minute".into()));
            }
        }
    }

    fn delay(&mut self) -> u64 {
        (self.delay_ms.0 + self.draws.normal().abs() * self.delay_ms.1) as u64
    }

    /// What is said first arrives first, as on a connection.
    fn leave(&mut self, after_ms: u64, message: Message) {
        let due_ms = after_ms + self.delay();
        let due_ms = self.out.back().map_or(due_ms, |(last_ms, _)| due_ms.max(*last_ms));
        self.out.push_back((due_ms, message));
    }

    fn say(&mut self, now_ms: u64, message: &Value) {
        self.leave(now_ms, Message::text(message.to_string()));
    }

    fn send_frame(&mut self, now_ms: u64, captured_us: u64, nonce: [u8; 16], jpeg: &[u8]) {
        self.sequence += 1;
        self.unanswered += 1;
        let mut bytes = vec![1, 0];
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend((self.clock_us + captured_us).to_be_bytes());
        bytes.extend(nonce);
        bytes.extend(jpeg);
        self.leave(now_ms + ENCODE_MS, Message::binary(bytes));
    }

    fn flush(&mut self) -> Result<(), LabError> {
        let now_ms = millis(self.began.elapsed());
        while self.out.front().is_some_and(|(due_ms, _)| *due_ms <= now_ms) {
            if let Some((_, message)) = self.out.pop_front() {
                if message.is_binary() {
                    self.left.push_back(Instant::now());
                }
                match self.socket.send(message) {
                    Err(error) if is_closed(&error) => self.out.clear(),
                    sent => sent.map_err(LabError::server)?,
                }
            }
        }
        Ok(())
    }

    fn receive(&mut self, now_ms: u64) -> Result<(), LabError> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    self.heard = Instant::now();
                    let message: Value = serde_json::from_str(&text).map_err(LabError::server)?;
                    if message["type"] == "seen"
                        && let Some(left) = self.left.pop_front()
                    {
                        self.waited.push(left.elapsed());
                    }
                    let due_ms = now_ms + self.delay();
                    let due_ms = self.back.back().map_or(due_ms, |(last_ms, _)| due_ms.max(*last_ms));
                    self.back.push_back((due_ms, message));
                }
                Ok(_) => (),
                Err(tungstenite::Error::Io(error))
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    return Ok(());
                }
                // Its last words are read first.
                Err(_) if !self.back.is_empty() => return Ok(()),
                Err(error) => return Err(LabError::server(error)),
            }
        }
    }

    fn understand(&mut self, message: &Value, now_ms: u64) -> Option<AttemptEnd> {
        let word = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
        match message["type"].as_str().unwrap_or_default() {
            "seen" => {
                self.unanswered = self.unanswered.saturating_sub(1);
                if message["ready"] == true && !self.has_asked {
                    self.has_asked = true;
                    self.say(now_ms, &json!({"type": "begin"}));
                }
            }
            "step" => {
                let shows = match message["kind"].as_str() {
                    Some("colour") => Colour::ALL
                        .into_iter()
                        .find(|colour| json!(colour.srgb()) == message["srgb"])
                        .map(Shows::Colour),
                    _ => serde_json::from_value(message["movement"].clone()).ok().map(Shows::Prompt),
                };
                let mut nonce = [0; 16];
                // A word that is not known shows nothing, and a nonce that is none is refused.
                let _ = hex::decode_to_slice(word("nonce"), &mut nonce);
                let since_ms = now_ms + PAINT_MS;
                let fade_ms = message["fade_ms"].as_u64().unwrap_or(self.fade_ms());
                let shows = shows.unwrap_or(Shows::Neutral);
                self.screens.push_back(Screen { shows, since_ms, fade_ms, nonce });
            }
            "moved" => {
                let nonce = self.screens.back().map_or([0; 16], |screen| screen.nonce);
                let (since_ms, fade_ms) = (now_ms + PAINT_MS, self.fade_ms());
                self.screens.push_back(Screen { shows: Shows::Rest, since_ms, fade_ms, nonce });
            }
            "result" => {
                let reasons = message["reasons"].as_array().into_iter().flatten();
                let reasons = reasons.filter_map(Value::as_str).map(str::to_owned).collect();
                return Some(AttemptEnd::Judged { outcome: word("outcome"), reasons });
            }
            "refused" => return Some(AttemptEnd::Refused(word("reason"))),
            _ => (),
        }
        None
    }

    /// A colour goes as it came.
    fn fade_ms(&self) -> u64 {
        self.screens.back().map_or(0, |screen| screen.fade_ms)
    }

    /// Shows what it is time for, and tells of a step that is seen for the first time.
    fn paint(&mut self, now_ms: u64) {
        while self.screens.get(1).is_some_and(|next| next.since_ms <= now_ms) {
            self.screens.pop_front();
        }
        let nonce = self.screens[0].nonce;
        if nonce != self.told {
            self.told = nonce;
            self.say(now_ms, &json!({"type": "shown", "nonce": hex::encode(nonce)}));
        }
    }
}

/// Whether the server has ended it: its last word is on the way.
fn is_closed(error: &tungstenite::Error) -> bool {
    use tungstenite::Error as E;
    use tungstenite::error::ProtocolError;
    match error {
        E::ConnectionClosed | E::AlreadyClosed | E::Protocol(ProtocolError::SendAfterClosing) => true,
        E::Io(error) => matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset),
        _ => false,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
