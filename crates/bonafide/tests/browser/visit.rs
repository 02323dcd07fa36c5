//! A person at the page: opens the link in a browser, presses what it offers, and looks at what it shows.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::{Colour, Movement};
use lab::presence::{Player, Screen, Shot, Shows};
use reqwest::blocking::Client;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::harness::{Server, text, wait_for};

/// What is on the screen.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Shown {
    /// The step of the page: `consent`, `camera`, `live` or `message`.
    pub section: String,
    /// Which message.
    pub message: Option<String>,
    /// The sentence of the live view.
    pub say: String,
    /// The sentence below the picture of a document.
    pub note: String,
    /// Whether the camera shows the document.
    pub finder: bool,
    /// `placing`, `waiting`, `colour` or `move`.
    pub phase: String,
    colour: String,
    /// How long the screen takes to become another colour.
    pub fade_ms: u64,
    movement: String,
    step: String,
}

/// The camera that a page finds.
pub(crate) enum Camera {
    /// One that shows what the test draws.
    Played,
    /// Chromium's own.
    Browsers,
}

/// Browser, server and a rendered person take all of a small machine. `.config/nextest.toml` says the same to nextest,
/// where each test has a process of its own.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A page opened in a browser of its own.
pub(crate) struct Visit<'a> {
    pub browser: Chromium,
    server: &'a Server,
    /// Of the verification; empty for the page of a session.
    id: String,
    link: String,
    began: Instant,
    /// The last to be dropped.
    _alone: MutexGuard<'static, ()>,
}

impl<'a> Visit<'a> {
    /// A new session, opened by somebody who reads `language`.
    pub(crate) fn open(server: &'a Server, language: &str, camera: &Camera, flags: &[String]) -> Self {
        let init = Client::new().post(format!("{}/api/verify/init", server.url));
        let init = init.header("X-API-Key", server.client().key).json(&json!({}));
        let made: Value = init.send().unwrap().json().unwrap();
        let id = text(&made, "verification_id").to_owned();
        let link = format!("{}/verify?id={id}", server.url);
        Self { id, ..Self::at(server, link, language, camera, flags) }
    }

    /// The page at `link`, opened by somebody who reads `language`.
    pub(crate) fn at(
        server: &'a Server,
        link: String,
        language: &str,
        camera: &Camera,
        flags: &[String],
    ) -> Self {
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let browser = Chromium::start(language, flags);
        let mut source = include_str!("stage.js").to_owned();
        if matches!(camera, Camera::Played) {
            source.push_str("stage.play();");
        }
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": source }));
        browser.open(&link);
        Self { browser, server, id: String::new(), link, began: Instant::now(), _alone: alone }
    }

    /// The page's address. Browsers give the camera to `localhost` as to https.
    pub(crate) fn link(&self) -> &str {
        &self.link
    }

    /// What the tenant's server is told.
    pub(crate) fn status(&self) -> Value {
        let request = Client::new().get(format!("{}/api/verify/status/{}", self.server.url, self.id));
        request.header("X-API-Key", self.server.client().key).send().unwrap().json().unwrap()
    }

    pub(crate) fn shown(&self) -> Shown {
        serde_json::from_value(self.browser.script("return stage.shown()", &[])).unwrap()
    }

    /// The page's texts by their names, without values.
    pub(crate) fn texts(&self) -> BTreeMap<String, String> {
        let texts =
            self.browser.script("return JSON.parse(document.getElementById('texts').textContent)", &[]);
        serde_json::from_value(texts).unwrap()
    }

    /// What the server has ended attempts with.
    pub(crate) fn ends(&self) -> Vec<Value> {
        serde_json::from_value(self.browser.script("return stage.ends()", &[])).unwrap()
    }

    /// Presses a button as soon as it can be pressed.
    pub(crate) fn press(&self, css: &str) {
        wait_for(|| self.browser.click(css).ok());
    }

    /// Goes to the element `id` with the tabulator, and presses Enter on it.
    pub(crate) fn enter_on(&self, id: &str) {
        let focus = "return document.activeElement.id";
        let found = (0..20).any(|_| {
            self.browser.key(TAB);
            self.browser.script(focus, &[]) == id
        });
        assert!(found, "no key leads to #{id}");
        self.browser.key(ENTER);
    }

    /// What the element `id` says.
    pub(crate) fn says(&self, id: &str) -> String {
        let text = "return document.getElementById(arguments[0]).textContent";
        self.browser.script(text, &[json!(id)]).as_str().unwrap_or_default().to_owned()
    }

    /// That the message `id` is on the screen, with all its sentences.
    pub(crate) fn reads(&self, id: &str) {
        self.until(|shown| shown.message.as_deref() == Some(id));
        let texts = self.texts();
        for part in ["title", "text", "way"] {
            let sentence = &texts[&format!("{id}-{part}")];
            assert_eq!(self.says(&format!("message-{part}")), filled(sentence), "{id}-{part}");
        }
    }

    /// From the first page to the camera.
    pub(crate) fn agree_and_turn_the_camera_on(&self) {
        self.press("#agree");
        self.press("#camera-open");
    }

    /// Waits for what `is_it` looks for.
    pub(crate) fn until(&self, is_it: impl Fn(&Shown) -> bool) -> Shown {
        wait_for(|| Some(self.shown()).filter(&is_it))
    }

    /// Has `player` before the camera until `is_it` finds what it looks for on the screen.
    pub(crate) fn play(&self, player: &mut dyn Player, mut is_it: impl FnMut(&Shown) -> bool) -> Shown {
        let start = Instant::now();
        let mut screen = Screen::neutral(0);
        loop {
            let began = Instant::now();
            let now_ms = self.began.elapsed().as_millis() as u64;
            let shot = player.frame(now_ms, &screen);
            let picture = shot.map(|shot| BASE64_STANDARD.encode(shot.jpeg));
            let shown = self.browser.script(
                "return arguments[0] === null ? stage.shown() : stage.picture(arguments[0]).then(stage.shown)",
                &[json!(picture)],
            );
            let shown: Shown = serde_json::from_value(shown).unwrap();
            if is_it(&shown) {
                return shown;
            }
            assert!(start.elapsed() < Duration::from_mins(3), "still {shown:?}");
            let sees = shown.screen(self.began.elapsed().as_millis() as u64);
            if (sees.shows, sees.nonce) != (screen.shows, screen.nonce) {
                screen = sees;
            }
            // A camera of 15 pictures a second, where the machine keeps up.
            thread::sleep(Duration::from_millis(66).saturating_sub(began.elapsed()));
        }
    }

    /// Has `player` before the camera until the attempt is over: the message that tells so.
    pub(crate) fn attempt(&self, player: &mut dyn Player) -> String {
        self.play(player, Shown::is_over).message.unwrap()
    }

    /// Tries as often as the page lets `player`: the last message.
    pub(crate) fn attempts(&self, player: &mut dyn Player) -> String {
        loop {
            let end = self.attempt(player);
            if end != "retry" {
                return end;
            }
            self.press("#again");
        }
    }
}

/// The keys, as `WebDriver` writes them.
pub(crate) const TAB: char = '\u{e004}';
pub(crate) const ENTER: char = '\u{e007}';

/// A sentence of the page with the name of the first tenant in it, between marks that keep its direction.
fn filled(sentence: &str) -> String {
    sentence.replace("{$tenant}", "\u{2068}default\u{2069}")
}

/// A camera before which a picture lies.
pub(crate) struct Lies(pub Vec<u8>);

impl Player for Lies {
    fn frame(&mut self, now_ms: u64, _screen: &Screen) -> Option<Shot> {
        Some(Shot { jpeg: self.0.clone(), captured_us: now_ms * 1000 })
    }
}

/// No camera of the test's.
pub(crate) struct Nobody;

impl Player for Nobody {
    fn frame(&mut self, _now_ms: u64, _screen: &Screen) -> Option<Shot> {
        None
    }
}

impl Shown {
    /// Whether an attempt is over.
    pub(crate) fn is_over(&self) -> bool {
        self.message.as_deref().is_some_and(|message| message != "judging")
    }

    /// The screen as whoever sits before it sees it.
    fn screen(&self, since_ms: u64) -> Screen {
        let css = |colour: &Colour| {
            let [red, green, blue] = colour.srgb();
            format!("rgb({red}, {green}, {blue})")
        };
        let shows = match self.phase.as_str() {
            "colour" => {
                Shows::Colour(Colour::ALL.into_iter().find(|known| css(known) == self.colour).unwrap())
            }
            "move" if self.movement == "seen" => Shows::Rest,
            "move" => Shows::Prompt(serde_json::from_value::<Movement>(json!(self.movement)).unwrap()),
            _ => Shows::Neutral,
        };
        // No two steps that follow each other read the same.
        let mut nonce = [0; 16];
        for (place, byte) in self.step.bytes().enumerate() {
            nonce[place % 16] ^= byte;
        }
        Screen { shows, since_ms, fade_ms: self.fade_ms, nonce }
    }
}
