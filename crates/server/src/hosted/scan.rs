//! `GET /verify/{id}/scan`: a scan over a WebSocket.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use app::{Browser, LiveError, LiveScan, Loss, MAX_FRAME_BYTES, PageError};
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use domain::{ScanProgress, ScanRefusal, VerificationId};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use url::Url;

use super::messages::{FromPage, Hello, ToPage, frame};
use super::room::RoomPlace;
use super::state::Refusal;
use crate::ServerState;
use crate::api::truelens::read_id;
use crate::peer::Peer;

/// Frames a second that a page may send.
const MAX_FPS: u32 = 15;
/// Frames that may wait to be looked at: a page keeps three on their way, and some lie in the network.
const MOST_WAITING: usize = 8;
/// How often a scan looks at its clock.
const TICK: Duration = Duration::from_millis(50);
/// How long the first message may take, and the sending of any.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a page that is turned away has to hang up.
const FAREWELL: Duration = Duration::from_secs(5);
/// Longest message: a frame with what stands before it.
const MOST_BYTES: usize = MAX_FRAME_BYTES + 64;
/// Longest message of a page that is turned away: its first one, which nobody reads.
const FEW_BYTES: usize = 4_096;

pub(crate) async fn handler(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    peer: Option<Peer>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    let id = read_id(&id).ok_or(PageError::Unknown)?;
    let secret = super::browser::own_secret(&headers)?.to_owned();
    check_origin(&headers, &state)?;
    open(state, id, secret, peer.map(|peer| peer.ip), upgrade).await
}

/// Opens a scan of `id` for the browser with that secret, or says why not.
pub(super) async fn open(
    state: ServerState,
    id: VerificationId,
    secret: String,
    address: Option<IpAddr>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    let attempts_left = match state.service.may_scan(id, Browser { secret: &secret, address }).await {
        Ok(attempts_left) => attempts_left,
        Err(error) => return turn_away(upgrade, error),
    };
    let place = match state.scans.enter(id) {
        Ok(place) => place,
        Err(why) => return Ok(say_why(upgrade, &why)),
    };
    let upgrade = upgrade.max_message_size(MOST_BYTES).max_frame_size(MOST_BYTES);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let mut page = Page { socket, waiting: VecDeque::new() };
        let caller = Caller { id, secret, address, attempts_left };
        let end = run(&state, &mut page, caller, place).await;
        page.close(end).await;
    }))
}

/// Tells a browser why it may not scan. An answer without an upgrade is kept from its scripts: the browser that has
/// this check, and whose person agreed, is told in the socket.
///
/// # Errors
/// The refusal of everybody else.
pub(super) fn turn_away(upgrade: WebSocketUpgrade, error: PageError) -> Result<Response, Refusal> {
    match error {
        PageError::Unknown | PageError::OtherBrowser | PageError::NoConsent | PageError::OtherText => {
            Err(error.into())
        }
        PageError::Busy | PageError::Over | PageError::Throttled { .. } | PageError::Service(_) => {
            Ok(say_why(upgrade, &Refusal::from(error)))
        }
    }
}

/// Says in the socket why there is no scan, and waits a moment for the page to hang up: a connection that is cut before
/// the page's first message was read may lose ours.
fn say_why(upgrade: WebSocketUpgrade, why: &Refusal) -> Response {
    let end = refused(&why.code());
    let upgrade = upgrade.max_message_size(FEW_BYTES).max_frame_size(FEW_BYTES).read_buffer_size(FEW_BYTES);
    upgrade.on_upgrade(move |socket| async move {
        let mut page = Page { socket, waiting: VecDeque::new() };
        let farewell = async {
            page.close(end).await;
            while let Some(Ok(_)) = page.socket.recv().await {}
        };
        // Whether the page still listens makes no difference.
        let _ = timeout(FAREWELL, farewell).await;
    })
}

/// A browser says which page opens a WebSocket, and lets any page do so: only this server's own may.
pub(super) fn check_origin(headers: &HeaderMap, state: &ServerState) -> Result<(), Refusal> {
    if is_own_page(headers, state) {
        Ok(())
    } else {
        Err(Refusal::new(StatusCode::FORBIDDEN, "other_browser"))
    }
}

/// A page that may be framed has a cookie that goes along with what other sites send, too: nothing is changed for them.
/// What is no browser's says nothing of where it comes from, and has no cookie but its own.
pub(super) fn check_sender(headers: &HeaderMap, state: &ServerState) -> Result<(), Refusal> {
    // No script can write this header. Some browsers keep the origin back where no referrer may be told.
    let is_same = headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin");
    if is_same || !headers.contains_key(header::ORIGIN) { Ok(()) } else { check_origin(headers, state) }
}

fn is_own_page(headers: &HeaderMap, state: &ServerState) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let Some(origin) = origin.and_then(|origin| Url::parse(origin).ok()) else { return false };
    let own = Url::parse(&state.url("")).ok();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let asked = host.and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
    [own, asked].into_iter().flatten().any(|own| own.origin() == origin.origin())
}

struct Caller {
    id: VerificationId,
    secret: String,
    address: Option<IpAddr>,
    attempts_left: u8,
}

/// How a connection ends.
enum End {
    /// With a judgement, or a word on why there is none.
    Told(ToPage, bool),
    /// The page is gone.
    Gone,
}

fn refused(reason: &impl ToString) -> End {
    End::Told(ToPage::Refused { reason: reason.to_string() }, false)
}

struct Page {
    socket: WebSocket,
    waiting: VecDeque<Bytes>,
}

impl Page {
    /// `false` where the page is gone.
    async fn send(&mut self, message: &ToPage) -> bool {
        let Ok(text) = serde_json::to_string(message) else { return false };
        let sending = self.socket.send(Message::Text(text.into()));
        matches!(timeout(PATIENCE, sending).await, Ok(Ok(())))
    }

    async fn close(&mut self, end: End) {
        let End::Told(message, is_judged) = end else { return };
        if self.send(&message).await {
            let code = if is_judged { close_code::NORMAL } else { close_code::POLICY };
            let frame = CloseFrame { code, reason: "".into() };
            // Whether the page still listens makes no difference.
            let _ = timeout(PATIENCE, self.socket.send(Message::Close(Some(frame)))).await;
        }
    }

    /// The first message.
    async fn hello(&mut self) -> Result<Hello, End> {
        match timeout(PATIENCE, self.socket.recv()).await {
            Ok(Some(Ok(Message::Text(text)))) => match serde_json::from_str(&text) {
                Ok(FromPage::Hello(hello)) => Ok(hello),
                Ok(_) | Err(_) => Err(refused(&ScanRefusal::BadMessage)),
            },
            Ok(Some(Ok(_))) => Err(refused(&ScanRefusal::BadMessage)),
            Err(_) => Err(refused(&ScanRefusal::TooSlow)),
            Ok(Some(Err(_)) | None) => Err(End::Gone),
        }
    }
}

async fn run(state: &ServerState, page: &mut Page, caller: Caller, _place: RoomPlace) -> End {
    let hello = match page.hello().await {
        Ok(hello) => hello,
        Err(end) => return end,
    };
    let browser = Browser { secret: &caller.secret, address: caller.address };
    let opened = state.service.open_scan(caller.id, browser, hello.path, hello.claims()).await;
    let mut scan = match opened {
        Ok(scan) => scan,
        Err(error) => return refused(&Refusal::from(error).code()),
    };
    if !page.send(&ToPage::Hello { attempts_left: caller.attempts_left, max_fps: MAX_FPS }).await {
        return End::Gone;
    }
    match play(page, &mut scan).await {
        Ok(()) => match scan.judge().await {
            Ok(result) => End::Told(ToPage::result(result), true),
            Err(error) => refused(&told(error)),
        },
        Err(stop) => {
            let (loss, end) = match stop {
                Stop::Gone => (Loss::Gone, End::Gone),
                Stop::Broken(error) => (Loss::from(&error), refused(&told(error))),
            };
            if let Err(error) = scan.lose(loss).await {
                tracing::error!(error = &error as &dyn std::error::Error, "a lost scan could not be noted");
            }
            end
        }
    }
}

/// The code of what went wrong, for the page; what broke here is for the log.
fn told(error: LiveError) -> String {
    match error {
        LiveError::Refused(refusal) => refusal.to_string(),
        LiveError::Page(error) => Refusal::from(error).code().to_owned(),
        LiveError::Service(error) => Refusal::from(PageError::Service(error)).code().to_owned(),
    }
}

/// Why a scan is not judged.
enum Stop {
    Gone,
    Broken(LiveError),
}

impl From<LiveError> for Stop {
    fn from(error: LiveError) -> Self {
        Self::Broken(error)
    }
}

impl From<ScanRefusal> for Stop {
    fn from(refusal: ScanRefusal) -> Self {
        Self::Broken(refusal.into())
    }
}

/// Plays the challenge to its end.
async fn play(page: &mut Page, scan: &mut LiveScan) -> Result<(), Stop> {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut speed = Speed::default();
    loop {
        if let Some(message) = page.waiting.pop_front() {
            look(page, scan, message).await?;
            // What came in the meantime: the clock and the person's word must not wait for pictures.
            take_in(page, scan, &mut speed).await?;
            if advance(page, scan).await? {
                return Ok(());
            }
            continue;
        }
        tokio::select! {
            message = page.socket.recv() => {
                let message = message.ok_or(Stop::Gone)?.map_err(|_| Stop::Gone)?;
                receive(page, scan, &mut speed, message).await?;
            }
            _ = ticks.tick() => {
                if advance(page, scan).await? {
                    return Ok(());
                }
            }
        }
    }
}

/// Takes in what has arrived, without waiting for more.
async fn take_in(page: &mut Page, scan: &mut LiveScan, speed: &mut Speed) -> Result<(), Stop> {
    loop {
        match timeout(Duration::ZERO, page.socket.recv()).await {
            Err(_) => return Ok(()),
            Ok(message) => {
                let message = message.ok_or(Stop::Gone)?.map_err(|_| Stop::Gone)?;
                receive(page, scan, speed, message).await?;
            }
        }
    }
}

async fn receive(
    page: &mut Page,
    scan: &mut LiveScan,
    speed: &mut Speed,
    message: Message,
) -> Result<(), Stop> {
    match message {
        Message::Binary(bytes) => {
            if !speed.admits() || page.waiting.len() >= MOST_WAITING {
                return Err(ScanRefusal::TooFast.into());
            }
            page.waiting.push_back(bytes);
            Ok(())
        }
        Message::Text(text) => match serde_json::from_str(&text) {
            Ok(FromPage::Begin) => {
                let reveal = scan.begin().await?;
                tell(page, &ToPage::step(&reveal, scan.steps())).await
            }
            Ok(FromPage::Shown { nonce }) => Ok(scan.painted(nonce)?),
            Ok(FromPage::Hello(_)) | Err(_) => Err(ScanRefusal::BadMessage.into()),
        },
        Message::Ping(_) | Message::Pong(_) => Ok(()),
        Message::Close(_) => Err(Stop::Gone),
    }
}

async fn look(page: &mut Page, scan: &mut LiveScan, message: Bytes) -> Result<(), Stop> {
    let (header, jpeg) = frame(&message).ok_or(ScanRefusal::BadFrame)?;
    let answer = scan.frame(header, jpeg).await?;
    let (sequence, say, ready) = (header.sequence, answer.say, answer.is_ready);
    tell(page, &ToPage::Seen { sequence, say, ready }).await?;
    match answer.moved {
        Some(nonce) => tell(page, &ToPage::Moved { nonce }).await,
        None => Ok(()),
    }
}

/// `true` where every step is over.
async fn advance(page: &mut Page, scan: &mut LiveScan) -> Result<bool, Stop> {
    match scan.tick().await? {
        ScanProgress::Waiting => Ok(false),
        ScanProgress::Reveal(reveal) => {
            tell(page, &ToPage::step(&reveal, scan.steps())).await?;
            Ok(false)
        }
        ScanProgress::Judge => {
            tell(page, &ToPage::Judging).await?;
            Ok(true)
        }
    }
}

async fn tell(page: &mut Page, message: &ToPage) -> Result<(), Stop> {
    if page.send(message).await { Ok(()) } else { Err(Stop::Gone) }
}

/// How fast frames come, over the last second. A network may hold some back and then hand them over at once.
#[derive(Debug, Default)]
struct Speed(VecDeque<Instant>);

impl Speed {
    /// Frames in a second, those that were held back included.
    const MOST: usize = 2 * MAX_FPS as usize;

    fn admits(&mut self) -> bool {
        let now = Instant::now();
        while self.0.front().is_some_and(|first| now.duration_since(*first) > Duration::from_secs(1)) {
            self.0.pop_front();
        }
        self.0.push_back(now);
        self.0.len() <= Self::MOST
    }
}
