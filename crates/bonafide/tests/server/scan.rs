//! A live capture over the real protocol: a rendered person before a camera, who answers what the server asks, and what
//! a page may not send. The person is a photo with the depth of a head, see `lab::presence`.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use domain::{ScanState, VerificationId};
use engine::presence::CameraClaims;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use lab::presence::{AttemptEnd, Conditions, Page, Player, Screen, Species, Target};
use reqwest::blocking::Client;
use serde_json::{Value, json};
use store::Store;
use tokio::runtime::Runtime;
use tungstenite::client::IntoClientRequest as _;
use tungstenite::{Message, WebSocket};

use crate::actors::{person_of, somebody};
use crate::harness::{Server, bonafide, photo, text, wait_for};

/// A session of the API whose page was opened in a browser, and agreed to.
struct Session {
    page: Page,
    http: Client,
    target: Target,
}

impl Session {
    fn attempts_left(&self) -> Value {
        self.state()["attempts_left"].clone()
    }

    fn open(server: &Server, body: &Value) -> Self {
        let target = Target { url: server.url.clone(), key: server.client().key };
        Self { page: Page::open(&target, body).unwrap(), http: Client::new(), target }
    }

    fn get(&self, path: &str) -> reqwest::blocking::Response {
        let request = self.http.get(format!("{}{path}", self.target.url)).header("Cookie", &self.page.cookie);
        request.header("X-API-Key", &self.target.key).send().unwrap()
    }

    fn state(&self) -> Value {
        self.get(&format!("/verify/{}/state", self.page.id)).json().unwrap()
    }

    fn status(&self) -> Value {
        self.get(&format!("/api/verify/status/{}", self.page.id)).json().unwrap()
    }

    fn complete(&self) -> reqwest::blocking::Response {
        let request = self.http.post(format!("{}/api/verify/complete", self.target.url));
        let request = request.header("X-API-Key", &self.target.key);
        request.json(&json!({"verification_id": self.page.id})).send().unwrap()
    }

    /// A connection of one's own, for what no page says.
    fn connect(&self) -> Scan {
        let address = self.target.url.strip_prefix("http://").unwrap();
        let mut request =
            format!("ws://{address}/verify/{}/scan", self.page.id).into_client_request().unwrap();
        request.headers_mut().insert("cookie", self.page.cookie.parse().unwrap());
        request.headers_mut().insert("origin", self.target.url.parse().unwrap());
        let (socket, _) =
            tungstenite::client(request, TcpStream::connect(address).unwrap()).expect("the scan opens");
        socket.get_ref().set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Scan { socket, sequence: 0, opened: Instant::now() }
    }

    /// The same, which has said what a page says first, and the answer.
    fn greet(&self) -> (Scan, Value) {
        let mut scan = self.connect();
        scan.say(&json!({"type": "hello", "language": "en", "path": "fades", "automation": false,
            "camera": {"label": "HD Webcam", "width": 640, "height": 480, "frame_rate": 30}}));
        let answer = scan.next();
        (scan, answer)
    }

    /// The same, once it is a scan.
    fn scan(&self) -> Scan {
        let (scan, answer) = self.greet();
        assert_eq!(answer["type"], "hello", "{answer}");
        scan
    }
}

/// One connection.
struct Scan {
    socket: WebSocket<TcpStream>,
    sequence: u32,
    opened: Instant,
}

/// What lies before the camera, picture after picture.
type Camera<'a> = dyn FnMut() -> Vec<u8> + 'a;

impl Scan {
    fn say(&mut self, message: &Value) {
        self.socket.send(Message::text(message.to_string())).unwrap();
    }

    /// The next message, waited for.
    fn next(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().expect("a message of the server") {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    fn frame(&mut self, captured_us: u64, nonce: [u8; 16], jpeg: &[u8]) {
        self.sequence += 1;
        let mut bytes = vec![1, 0];
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(captured_us.to_be_bytes());
        bytes.extend(nonce);
        bytes.extend(jpeg);
        // Where the scan is over by now, its last message says so.
        let _ = self.socket.send(Message::binary(bytes));
    }
}

impl Scan {
    /// Sends what the camera sees, and waits a little, as a page does.
    fn shoot(&mut self, nonce: [u8; 16], camera: &mut Camera<'_>) {
        let captured_us = u64::try_from(self.opened.elapsed().as_micros()).unwrap();
        self.frame(captured_us, nonce, &camera());
        std::thread::sleep(Duration::from_millis(70));
    }

    /// Shows a face until it may begin, and begins: the answer, a step or a refusal.
    fn begin(&mut self, camera: &mut Camera<'_>) -> Value {
        while {
            self.shoot([0; 16], camera);
            self.next()["ready"] != true
        } {}
        self.say(&json!({"type": "begin"}));
        self.next()
    }

    /// Shows the same person to the end, whatever is asked: the last word.
    fn sit_through(&mut self, step: &Value, camera: &mut Camera<'_>) -> Value {
        let mut nonce = self.painted(step);
        loop {
            if let Some(word) = self.sit(&mut nonce, camera) {
                return word;
            }
        }
    }

    /// Shows one more picture, in the step of `nonce` or in one that comes: the last word, where it is the last.
    fn sit(&mut self, nonce: &mut [u8; 16], camera: &mut Camera<'_>) -> Option<Value> {
        self.shoot(*nonce, camera);
        loop {
            let message = self.next();
            match message["type"].as_str().unwrap() {
                "seen" => return None,
                "step" => *nonce = self.painted(&message),
                "result" | "refused" => return Some(message),
                _ => (),
            }
        }
    }

    fn painted(&mut self, step: &Value) -> [u8; 16] {
        let mut nonce = [0; 16];
        hex::decode_to_slice(text(step, "nonce"), &mut nonce).unwrap();
        self.say(&json!({"type": "shown", "nonce": step["nonce"]}));
        nonce
    }
}

/// Waits until no go of the session is on. One that breaks off has cost its attempt from its beginning on, but stands
/// in the way of the next one until its end is noted.
fn wait_until_over(server: &Server, session: &Session) {
    let id: VerificationId = session.page.id.replace('-', "").parse().unwrap();
    let runtime = Runtime::new().unwrap();
    let store = runtime.block_on(Store::open_existing(server.data())).unwrap();
    wait_for(|| {
        let goes = runtime.block_on(async { store.look().await.unwrap().scans(id).await.unwrap() });
        goes.iter().all(|go| go.state != ScanState::Running).then_some(())
    });
}

/// A person who sits there.
fn sitting(person: &mut dyn Player) -> impl FnMut() -> Vec<u8> {
    let mut now_ms = 0;
    move || {
        now_ms += 70;
        person.frame(now_ms, &Screen::neutral(0)).expect("a picture").jpeg
    }
}

#[test]
fn frames_of_a_go_that_broke_off_are_known_when_they_come_again() {
    let server = Server::start();
    let mut person = somebody(Species::BonaFide, domain::Path::Fades, 0);
    let mut camera = sitting(&mut *person);
    let mut taken = vec![];
    let mut keep = || {
        taken.push(camera());
        taken.last().unwrap().clone()
    };

    let first = Session::open(&server, &json!({}));
    let mut scan = first.scan();
    let step = scan.begin(&mut keep);
    let nonce = scan.painted(&step);
    for _ in 0..8 {
        scan.shoot(nonce, &mut keep);
    }
    drop(scan);
    wait_until_over(&server, &first);
    assert_eq!(first.attempts_left(), 2);

    let replayed = Session::open(&server, &json!({}));
    let mut again = taken.iter().rev().take(30).rev().cycle();
    let mut scan = replayed.scan();
    let step = scan.begin(&mut || again.next().unwrap().clone());
    let end = scan.sit_through(&step, &mut camera);
    assert_eq!((&end["type"], &end["outcome"]), (&json!("result"), &json!("failed")), "{end}");
    assert!(end["reasons"].as_array().unwrap().contains(&json!("frames_of_another_capture")), "{end}");
}

#[test]
fn the_same_session_of_two_runs_is_not_the_same_pictures() {
    let picture = || {
        let mut person = somebody(Species::BonaFide, domain::Path::Fades, 0);
        person.frame(0, &Screen::neutral(0)).expect("a picture").jpeg
    };
    assert_ne!(picture(), picture(), "a server would know them");
}

#[test]
fn the_second_go_that_breaks_off_counts_and_the_third_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bonafide.toml");
    std::fs::write(&config, "[throttle]\ndeclined_per_address = 2\n").unwrap();
    let options = ["--config", config.to_str().unwrap()];
    let server = Server::start_in(&folder.path().join("data"), &options);
    let [first, second, other] = [(); 3].map(|()| Session::open(&server, &json!({})));
    let mut person = somebody(Species::BonaFide, domain::Path::Fades, 0);
    let mut camera = sitting(&mut *person);
    let break_off = |session: &Session, camera: &mut Camera<'_>, left: u8| {
        let mut scan = session.scan();
        assert_eq!(scan.begin(camera)["type"], "step");
        // While it goes on nothing is over, also where it is the last.
        assert_eq!(session.greet().1, busy());
        assert_eq!(session.state(), json!({"state": "open", "attempts_left": left, "return_url": null}));
        drop(scan);
        wait_until_over(&server, session);
        assert_eq!(session.attempts_left(), left);
    };
    break_off(&first, &mut camera, 2);
    break_off(&first, &mut camera, 1);
    break_off(&first, &mut camera, 0);
    assert_eq!(first.state()["state"], "failed");
    assert_eq!(first.status()["status"], "expired");
    break_off(&second, &mut camera, 2);
    let mut preview = other.scan();
    break_off(&second, &mut camera, 1);
    // That is all of this address, also for a preview that was opened before.
    assert_eq!(text(&preview.begin(&mut camera), "reason"), "throttled");
    assert_eq!(other.attempts_left(), 3);
    assert_eq!(second.greet().1, json!({"type": "refused", "reason": "throttled"}));
}

#[test]
fn whoever_gives_place_to_somebody_else_does_not_undo_it_by_breaking_off() {
    let server = Server::start();
    let session = Session::open(&server, &json!({}));
    let mut one = person_of("photo-obama", domain::Path::Fades);
    let mut other = person_of("photo-biden", domain::Path::Fades);
    let mut scan = session.scan();
    let mut camera = sitting(&mut *one);
    // Long enough to be looked at closely twice: one face of somebody else is a doubt only.
    for _ in 0..12 {
        scan.sit(&mut [0; 16], &mut camera);
    }
    let step = scan.begin(&mut camera);
    let mut nonce = scan.painted(&step);
    let mut camera = sitting(&mut *other);
    for _ in 0..20 {
        assert_eq!(scan.sit(&mut nonce, &mut camera), None);
    }
    drop(scan);
    wait_until_over(&server, &session);
    assert_eq!(session.state(), json!({"state": "failed", "attempts_left": 0, "return_url": null}));
    assert_eq!(session.status()["status"], "expired");
}

/// What a connection is told while another one goes on.
fn busy() -> Value {
    json!({"type": "refused", "reason": "busy"})
}

/// A camera that is told like any other.
fn conditions(path: domain::Path) -> Conditions {
    let camera = CameraClaims {
        label: "HD Webcam".to_owned(),
        automation: false,
        width: 640,
        height: 480,
        frame_rate: 30.0,
    };
    Conditions { path, camera, frame_rate: 14.0, delay_ms: (2.0, 1.0), seed: 1 }
}

#[test]
fn a_person_who_does_what_is_asked_gets_a_badge_that_anybody_can_check() {
    let server = Server::start();
    let session = Session::open(&server, &json!({"subject": "customer-7"}));
    let mut person = somebody(Species::BonaFide, domain::Path::Flashes, 0);
    // An honest person may be unlucky: three goes, as everybody has.
    let ends =
        (0..3).map(|_| session.page.attempt(&conditions(domain::Path::Flashes), &mut *person).unwrap());
    let passes = |end: &AttemptEnd| matches!(end, AttemptEnd::Judged { outcome, .. } if outcome == "passed");
    let ends: Vec<AttemptEnd> = ends.take_while(|end| !passes(end)).collect();
    assert_eq!(session.state()["state"], "passed", "{ends:?}");

    // Whoever polls sees it, and completing works once.
    let status = session.status();
    assert_eq!(status["status"], "completed");
    let done: Value = session.complete().json().unwrap();
    assert_eq!((&done["badge_url"], &done["expires_at"]), (&status["badge_url"], &status["expires_at"]));
    assert_eq!(session.complete().status(), 404);
    assert_eq!(session.get(&format!("/verify?id={}", session.page.id)).status(), 410);

    // The badge, with nothing but the published keys.
    let badge: Value =
        session.http.get(format!("{}/json", text(&done, "badge_url"))).send().unwrap().json().unwrap();
    assert_eq!((&badge["status"], &badge["verified_for"]), (&json!("valid"), &json!("default")));
    let keys: JwkSet = session.http.get(text(&badge, "jwks_url")).send().unwrap().json().unwrap();
    server.admin(&["badge", "rotate-key"]);
    let token = text(&badge, "token");
    let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let jwk = keys.find(&kid).expect("the key that signed");
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[&server.url]);
    let claims = jsonwebtoken::decode::<Value>(token, &DecodingKey::from_jwk(jwk).unwrap(), &validation);
    let claims = claims.unwrap().claims;
    assert_eq!((&claims["sub"], &claims["tenant"]), (&json!("customer-7"), &json!("default")));
    assert_eq!((&claims["scope"], &claims["demo"]), (&json!("liveness"), &json!(false)));
    // Old badges are signed anew by the new key, and old tokens are still known by the old one.
    let keys: JwkSet = session.http.get(text(&badge, "jwks_url")).send().unwrap().json().unwrap();
    assert!(keys.find(&kid).is_some() && keys.keys.len() == 2);

    // A person who is erased takes the badge with them.
    server.admin(&["erase", "--tenant", "default", "--subject", "customer-7"]);
    let badge: Value =
        session.http.get(format!("{}/json", text(&done, "badge_url"))).send().unwrap().json().unwrap();
    assert_eq!((&badge["status"], &badge["token"]), (&json!("revoked"), &Value::Null));
}

#[test]
fn a_photo_that_is_held_still_gets_none() {
    let server = Server::start();
    let session = Session::open(&server, &json!({}));
    let mut photo = somebody(Species::StillPhoto, domain::Path::Fades, 0);
    // On a machine that is busy with something else an attempt may not begin, or break off: this test has no second go.
    for _ in 0..9 {
        let end = session.page.attempt(&conditions(domain::Path::Fades), &mut *photo).unwrap();
        assert!(!matches!(&end, AttemptEnd::Judged { outcome, .. } if outcome == "passed"), "{end:?}");
        wait_until_over(&server, &session);
        if session.state()["state"] != "open" {
            break;
        }
    }
    assert_eq!(session.state()["state"], "failed");
    // Whoever polls is not left hanging.
    assert_eq!(session.status()["status"], "expired");

    // The operator can say why.
    let report = server.admin(&["capture", &session.page.id]);
    assert_eq!(
        (&report["state"], &report["consent"]["language"]),
        (&json!("failed"), &json!("en")),
        "{report}"
    );
    let judged: Vec<&Value> = report["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| &attempt["record"]["judged"])
        .filter(|judged| judged.is_object())
        .collect();
    assert!(!judged.is_empty(), "{report}");
    for judged in judged {
        assert_eq!(judged["assessment"]["checks"].as_array().unwrap().len(), 5, "{judged}");
        assert_ne!(judged["assessment"]["decision"], "allow");
        assert!(judged["evidence"].is_object(), "{judged}");
    }
    let shown = server.admin(&["audit", "--action", "capture.show"]);
    assert_eq!(shown[0]["about"], session.page.id.replace('-', ""));
    let unknown = ["capture", "a1b2c3d4-e5f6-4711-8899-aabbccddeeff", "--data"];
    assert_eq!(bonafide(&unknown).arg(server.data()).output().unwrap().status.code(), Some(1));
}

#[test]
fn pictures_are_kept_only_where_the_person_was_told_and_are_judged_again_as_they_were() {
    let server = Server::start();
    let out = tempfile::tempdir().unwrap();
    let record = |to: &str| {
        let to = out.path().join(to);
        server.admin(&["record", "default", "--to", to.to_str().unwrap()])["written"].clone()
    };
    let mut person = somebody(Species::BonaFide, domain::Path::Fades, 1);
    let mut attempt = |session: &Session| {
        let end = session.page.attempt(&conditions(domain::Path::Fades), &mut *person).unwrap();
        let AttemptEnd::Judged { outcome, .. } = end else { panic!("{end:?}") };
        outcome
    };
    let before = Session::open(&server, &json!({}));
    let tenant = text(&server.admin(&["tenant", "list"])[0], "id").to_owned();
    assert_eq!(server.admin(&["tenant", "evidence", &tenant, "30"]), json!({"set": true}));
    // Whoever was shown the page before was told that nothing is kept, and agrees to that, also now.
    let consent = before.http.post(format!("{}/verify/{}/consent", before.target.url, before.page.id));
    let consent = consent.header("Cookie", &before.page.cookie);
    let shown = json!({"language": "en", "text": "2026-11.3", "kept_days": 0});
    assert_eq!(consent.json(&shown).send().unwrap().status(), 204);
    attempt(&before);
    assert_eq!(record("none"), 0);

    let session = Session::open(&server, &json!({"subject": "customer-8"}));
    let html = session.get(&format!("/verify?id={}&lang=en", session.page.id)).text().unwrap();
    // Between marks that keep its direction.
    assert!(html.contains("\u{2068}30\u{2069} days, encrypted"), "{html}");
    let outcome = attempt(&session);
    assert_eq!(record("one"), 1);
    assert_eq!(record("one"), 0, "what is there already is left as it is");
    let one = out.path().join("one");
    let again = bonafide(&["bench", "challenge", "--recorded", one.to_str().unwrap(), "--json"]).output();
    let again: Value = serde_json::from_slice(&again.unwrap().stdout).unwrap();
    assert_eq!(again["species"]["bona_fide"][&outcome], 1, "{outcome}: {again}");

    server.admin(&["erase", "--tenant", "default", "--subject", "customer-8"]);
    assert_eq!(record("erased"), 0);
}

#[test]
fn what_no_honest_page_sends_ends_the_scan_with_a_word() {
    let server = Server::start();
    let session = Session::open(&server, &json!({}));
    let jpeg = photo("photo-person-b-1");
    let refusal = |send: &dyn Fn(&mut Scan)| {
        let mut scan = session.scan();
        send(&mut scan);
        loop {
            let message = scan.next();
            if message["type"] == "refused" {
                return text(&message, "reason").to_owned();
            }
        }
    };
    assert_eq!(refusal(&|scan| scan.say(&json!({"type": "nonsense"}))), "bad_message");
    assert_eq!(refusal(&|scan| scan.say(&json!({"type": "begin"}))), "bad_message");
    assert_eq!(refusal(&|scan| scan.say(&json!({"type": "shown", "nonce": "00".repeat(16)}))), "wrong_step");
    assert_eq!(refusal(&|scan| scan.frame(1, [0; 16], b"no picture")), "bad_frame");
    assert_eq!(refusal(&|scan| scan.frame(1, [7; 16], &jpeg[..100])), "wrong_step");
    // A photo of many megapixels is no frame of a camera.
    assert_eq!(refusal(&|scan| scan.frame(1, [0; 16], &jpeg[..jpeg.len().min(59_000)])), "bad_frame");
    let repeated = refusal(&|scan| {
        scan.frame(5, [0; 16], b"x");
        scan.sequence = 0;
        scan.frame(6, [0; 16], b"x");
    });
    assert!(["bad_frame", "out_of_order"].contains(&repeated.as_str()));
    // None of it has cost an attempt.
    assert_eq!(session.state(), json!({"state": "open", "attempts_left": 3, "return_url": null}));
}

#[test]
fn a_second_scan_is_told_in_its_socket_that_one_goes_on() {
    let server = Server::start();
    let session = Session::open(&server, &json!({}));
    let mut person = somebody(Species::BonaFide, domain::Path::Fades, 0);
    let mut camera = sitting(&mut *person);
    let mut first = session.scan();
    let step = first.begin(&mut camera);
    assert_eq!(step["type"], "step", "{step}");

    // A browser's script never sees what is answered in place of an upgrade.
    let (mut second, answer) = session.greet();
    assert_eq!(answer, busy());
    let Message::Close(Some(close)) = second.socket.read().unwrap() else { panic!("it is not closed") };
    assert_eq!(u16::from(close.code), 1008);
    let end = second.socket.read();
    assert!(matches!(end, Err(tungstenite::Error::ConnectionClosed)), "{end:?}");

    let nonce = first.painted(&step);
    first.shoot(nonce, &mut camera);
    while {
        let message = first.next();
        assert_ne!(message["type"], "refused", "{message}");
        message["type"] != "seen"
    } {}
    assert_eq!(session.attempts_left(), 2);
}

#[test]
fn a_check_has_two_connections_at_most() {
    let server = Server::start();
    let session = Session::open(&server, &json!({}));
    // The one that was lost, which the server may still hold for alive, and the one that takes its place.
    let lost = session.scan();
    let _next = session.scan();
    assert_eq!(session.greet().1, busy());
    assert_eq!(Session::open(&server, &json!({})).greet().1["type"], "hello", "it takes no room of others");
    drop(lost);
    wait_for(|| (session.greet().1["type"] == "hello").then_some(()));
}

#[test]
fn a_challenge_begins_only_after_a_close_look_at_who_is_there() {
    let server = Server::start();
    let session = Session::open(&server, &json!({}));
    let mut person = somebody(Species::BonaFide, domain::Path::Fades, 0);
    let mut camera = sitting(&mut *person);
    let mut scan = session.scan();
    // One good picture, and no other for a while: whoever follows need not be the same.
    while {
        scan.shoot([0; 16], &mut camera);
        scan.next()["say"] != "good"
    } {}
    std::thread::sleep(Duration::from_millis(700));
    scan.say(&json!({"type": "begin"}));
    assert_eq!(scan.next(), json!({"type": "refused", "reason": "bad_message"}));
    assert_eq!(session.scan().begin(&mut camera)["type"], "step");
}
