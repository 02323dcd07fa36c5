//! What a person meets at the page, from the consent to the end.

mod session;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use lab::presence::{Screen, Species};
use serde_json::{Value, json};

use crate::actors::somebody;
use crate::chromium::Chromium;
use crate::harness::{Server, photo, wait_for};
use crate::visit::{Camera, ENTER, Lies, Nobody, TAB, Visit};

#[test]
fn a_person_passes_in_english() {
    passes("en", "ltr");
}

#[test]
fn a_person_passes_without_flashes() {
    let server = Server::start();
    let visit = Visit::open(&server, "en", &Camera::Played, &[]);
    // Whoever asks their device for less motion is not even offered flashes.
    let reduced = json!({"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]});
    visit.browser.devtools("Emulation.setEmulatedMedia", &reduced);
    let mut person = somebody(Species::BonaFide, domain::Path::Fades, 0);
    visit.agree_and_turn_the_camera_on();
    let mut fades = Vec::new();
    let end = loop {
        let end = visit.play(&mut *person, |shown| {
            fades.extend((shown.phase == "colour").then_some(shown.fade_ms));
            shown.is_over()
        });
        if end.message.as_deref() != Some("retry") {
            break end.message;
        }
        visit.press("#again");
    };
    assert_eq!(end.as_deref(), Some("passed"), "{:?}", visit.ends());
    assert!(!fades.is_empty() && fades.iter().all(|fade_ms| *fade_ms == 1_000), "{fades:?}");
    assert_eq!(visit.browser.complaints(), [] as [Value; 0]);
}

#[test]
fn a_person_passes_in_arabic() {
    passes("ar", "rtl");
}

fn passes(language: &str, direction: &str) {
    let server = Server::start();
    let visit = Visit::open(&server, language, &Camera::Played, &[]);
    let way = "const {lang, dir} = document.documentElement; return [lang, dir, getComputedStyle(document.body).direction]";
    assert_eq!(visit.browser.script(way, &[]), json!([language, direction, direction]));
    let mut person = somebody(Species::BonaFide, domain::Path::Flashes, 0);
    visit.agree_and_turn_the_camera_on();
    // An honest person may be unlucky: three goes, as everybody has.
    assert_eq!(visit.attempts(&mut *person), "passed", "{:?}", visit.ends());
    assert_eq!(visit.browser.complaints(), [] as [Value; 0]);

    let status = visit.status();
    assert_eq!(status["status"], "completed");
    visit.browser.open(status["badge_url"].as_str().unwrap());
    let badge = "return [document.documentElement.lang, document.getElementById('message').dataset.sign]";
    assert_eq!(visit.browser.script(badge, &[]), json!([language, "yes"]));
    assert_eq!(visit.browser.complaints(), [] as [Value; 0]);
}

#[test]
fn who_refuses_the_camera_is_told_how_to_allow_it_and_tries_again() {
    let server = Server::start();
    let visit =
        Visit::open(&server, "en", &Camera::Browsers, &["--use-fake-device-for-media-stream".to_owned()]);
    let allow = |setting| {
        let permission = json!({"permission": {"name": "camera"}, "setting": setting});
        visit.browser.devtools("Browser.setPermission", &permission);
    };
    allow("denied");
    visit.agree_and_turn_the_camera_on();
    let told = visit.until(|shown| shown.section == "message");
    assert_eq!(told.message.as_deref(), Some("problem-permission"));
    allow("granted");
    visit.press("#again");
    // Chromium's own test picture is no face.
    let texts = visit.texts();
    visit.until(|shown| shown.section == "live" && shown.say == texts["guide-no_face"]);
}

#[test]
fn what_keeps_a_person_from_the_check_is_told_in_words() {
    let server = Server::start();
    let visit = Visit::open(&server, "en", &Camera::Browsers, &[]);
    visit.until(|shown| shown.section == "consent");
    visit.browser.devtools("Network.clearBrowserCookies", &json!({}));
    visit.press("#agree");
    visit.reads("problem-no_cookie");
    // The link is not used up by that.
    visit.browser.open(visit.link());
    visit.agree_and_turn_the_camera_on();
    visit.reads("problem-no_camera");
    assert_eq!(visit.says("urgent"), visit.texts()["problem-no_camera-text"]);
    let source = "Object.defineProperty(window, 'isSecureContext', { value: false })";
    visit.browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": source }));
    visit.browser.open(visit.link());
    visit.reads("problem-insecure");
}

#[test]
fn who_is_not_alone_before_the_camera_is_told_so() {
    let server = Server::start();
    let visit = Visit::open(&server, "ar", &Camera::Played, &[]);
    visit.agree_and_turn_the_camera_on();
    let texts = visit.texts();
    let mut people = Lies(photo("photo-group-4"));
    visit.play(&mut people, |shown| shown.say == texts["guide-several_faces"]);
    visit.play(&mut people, |_| visit.says("polite") == texts["guide-several_faces"]);
}

#[test]
fn keys_alone_lead_to_the_challenge_and_out_of_it_and_a_screen_reader_is_told() {
    let server = Server::start();
    let visit = Visit::open(&server, "en", &Camera::Played, &[]);
    let mut person = somebody(Species::BonaFide, domain::Path::Flashes, 0);
    let texts = visit.texts();
    let focus = || visit.browser.script("return document.activeElement.textContent", &[]);
    visit.until(|shown| shown.section == "consent");
    visit.enter_on("agree");
    visit.until(|shown| shown.section == "camera");
    // The heading is read because it has the focus.
    assert_eq!(focus(), texts["camera-title"]);
    visit.enter_on("camera-open");
    visit.play(&mut *person, |shown| shown.section == "live");
    // Nobody is hurried: the countdown is off, and the next key starts.
    visit.enter_on("hold");
    assert_eq!(focus(), texts["live-start"]);
    let ready = "return document.getElementById('start').getAttribute('aria-disabled') === 'false'";
    let guides: Vec<&String> =
        texts.iter().filter(|(name, _)| name.starts_with("guide-")).map(|(_, text)| text).collect();
    let mut is_guided = false;
    visit.play(&mut *person, |shown| {
        // What is said comes in its own time, and is waited for by whoever only hears.
        is_guided = is_guided || guides.contains(&&visit.says("polite"));
        if is_guided && shown.phase == "placing" && visit.browser.script(ready, &[]) == true {
            // Where the face moved in that moment the page places it again, with its heading in focus.
            let is_there = focus() == texts["live-start"].as_str();
            visit.browser.key(if is_there { ENTER } else { TAB });
        }
        ["colour", "move"].contains(&shown.phase.as_str())
    });
    visit.enter_on("stop");
    visit.reads("problem-stopped");
    assert_eq!(visit.says("urgent"), texts["problem-stopped-text"]);
}

#[test]
fn a_photo_before_the_camera_is_refused_and_after_three_attempts_for_good() {
    let server = Server::start();
    let visit = Visit::open(&server, "en", &Camera::Played, &[]);
    let mut photo = somebody(Species::StillPhoto, domain::Path::Flashes, 0);
    visit.agree_and_turn_the_camera_on();
    assert_eq!(visit.attempts(&mut *photo), "failed", "{:?}", visit.ends());
    assert!(visit.ends().len() <= 3 && visit.ends().iter().all(|end| end["outcome"] != "passed"));
    assert!(visit.browser.click("#again").is_err(), "there is no way on");
    // Whoever polls is not left hanging.
    assert_eq!(visit.status()["status"], "expired");
    visit.browser.open(visit.link());
    let title = visit.browser.script("return document.querySelector('h1').textContent", &[]);
    assert_eq!(title, "This check is over");
}

#[test]
fn a_video_in_place_of_the_camera_does_not_pass() {
    // A person who moved, but not for this challenge. Chromium plays 30 pictures a second, over and over.
    let mut recorded = somebody(Species::InjectedVideo, domain::Path::Flashes, 0);
    let mut video = tempfile::Builder::new().suffix(".mjpeg").tempfile().unwrap();
    let screen = Screen::neutral(0);
    for now_ms in (0..8_000).step_by(33) {
        video.write_all(&recorded.frame(now_ms, &screen).unwrap().jpeg).unwrap();
    }
    let server = Server::start();
    let camera = [
        "--use-fake-device-for-media-stream".to_owned(),
        "--use-fake-ui-for-media-stream".to_owned(),
        format!("--use-file-for-fake-video-capture={}", video.path().display()),
    ];
    let visit = Visit::open(&server, "en", &Camera::Browsers, &camera);
    visit.agree_and_turn_the_camera_on();
    // Nobody holds still for the countdown: pressed as soon as it can be.
    wait_for(|| {
        let _ = visit.browser.click("#start[aria-disabled='false']");
        Some(visit.shown()).filter(|shown| shown.phase != "placing")
    });
    assert!(["retry", "failed"].contains(&visit.attempt(&mut Nobody).as_str()), "{:?}", visit.ends());
    assert_eq!(visit.ends().pop().unwrap()["type"], "result");
    assert_ne!(visit.status()["status"], "completed");
}

#[test]
fn a_connection_that_is_lost_before_the_start_comes_back_and_costs_nothing() {
    let server = Server::start();
    let visit = Visit::open(&server, "en", &Camera::Played, &[]);
    let mut person = somebody(Species::BonaFide, domain::Path::Flashes, 0);
    visit.agree_and_turn_the_camera_on();
    let texts = visit.texts();
    let guided = |say: &str| texts.iter().any(|(name, text)| name.starts_with("guide-") && text == say);
    visit.play(&mut *person, |shown| guided(&shown.say));
    let connected = |yes: bool| {
        let network =
            json!({"offline": !yes, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        visit.browser.devtools("Network.emulateNetworkConditions", &network);
    };
    visit.browser.devtools("Network.enable", &json!({}));
    connected(false);
    visit.play(&mut *person, |shown| shown.say == texts["live-reconnect"]);
    connected(true);
    visit.play(&mut *person, |shown| guided(&shown.say));
    visit.play(&mut *person, |shown| shown.phase == "colour" || shown.phase == "move");
    let left = visit.browser.script("return document.getElementById('left').textContent", &[]);
    assert_eq!(left, texts["live-left"].replace("{$left}", "\u{2068}3\u{2069}"));
}

#[test]
fn a_session_of_the_sandbox_is_followed_in_the_reference() {
    let server = Server::start();
    let browser = Chromium::start("en", &[]);
    browser.open(&format!("{}/docs/api/truelens", server.url));
    let call = |path: &str| {
        let form = format!("form.call[data-path$='{path}']");
        browser.click(&format!("{form} button")).unwrap();
        let got = "const form = document.querySelector(arguments[0]);
            return form.querySelector('button').ariaDisabled ? null : form.querySelector('.got').textContent";
        wait_for(|| browser.script(got, &[json!(form)]).as_str().map(str::to_owned))
    };
    let opened = call("/init");
    assert!(opened.starts_with("200") && opened.contains("\"verification_id\": \""), "{opened}");
    // Its id was filled in.
    let asked = call("/status/{session_id}");
    assert!(asked.starts_with("200") && asked.contains("\"status\": \"pending\""), "{asked}");
    // A session of the sandbox passes by itself after three seconds.
    std::thread::sleep(std::time::Duration::from_millis(3_500));
    let done = call("/complete");
    assert!(done.starts_with("200") && done.contains("\"badge_url\": \"http"), "{done}");
    assert_eq!(browser.complaints(), [] as [Value; 0]);
}

/// Written by `cargo xtask screenshots DIR`.
#[test]
#[ignore = "takes minutes, and checks nothing by itself"]
fn screenshots_of_every_screen() {
    let folder = folder();
    let server = Server::start();
    for language in ["en", "ar"] {
        let album = Album { folder: &folder, language };
        let shoot = |visit: &Visit<'_>, name: &str, size| album.shoot(&visit.browser, name, size);
        let shoot_all = |visit: &Visit<'_>, name: &str| album.shoot_all(&visit.browser, name);

        let visit = Visit::open(&server, language, &Camera::Played, &[]);
        let mut person = somebody(Species::BonaFide, domain::Path::Flashes, 0);
        visit.until(|shown| shown.section == "consent");
        shoot_all(&visit, "consent");
        visit.press("#agree");
        visit.until(|shown| shown.section == "camera");
        shoot_all(&visit, "camera");
        visit.press("#camera-open");
        assert_eq!(visit.attempts(&mut *person), "passed", "{:?}", visit.ends());
        shoot_all(&visit, "passed");
        let badge = visit.status()["badge_url"].as_str().unwrap().to_owned();
        visit.browser.open(visit.link());
        shoot_all(&visit, "closed");
        visit.browser.open(&badge);
        shoot_all(&visit, "badge");
        drop(visit);

        let visit = Visit::open(&server, language, &Camera::Played, &[]);
        let mut photo = somebody(Species::StillPhoto, domain::Path::Flashes, 0);
        visit.agree_and_turn_the_camera_on();
        let texts = visit.texts();
        // Each attempt in another size: a colour does not stay for two pictures.
        for size in SIZES.into_iter().cycle() {
            visit.browser.resize(size.1);
            visit.play(&mut *photo, |shown| shown.say == texts["guide-good"]);
            shoot(&visit, "guidance", size);
            let mut phases = vec!["colour", "move"];
            let end = visit.play(&mut *photo, |shown| {
                if let Some(place) = phases.iter().position(|phase| *phase == shown.phase) {
                    shoot(&visit, phases.remove(place), size);
                }
                shown.is_over()
            });
            if end.message.as_deref() != Some("retry") {
                break;
            }
            shoot_all(&visit, "retry");
            visit.press("#again");
        }
        shoot_all(&visit, "failed");
        drop(visit);

        let visit = Visit::open(&server, language, &Camera::Browsers, &[]);
        visit.agree_and_turn_the_camera_on();
        visit.until(|shown| shown.section == "message");
        shoot_all(&visit, "no-camera");
    }
}

/// Where pictures go.
pub(crate) fn folder() -> PathBuf {
    std::env::var_os("SCREENSHOTS").expect("run `cargo xtask screenshots DIR`").into()
}

/// The pictures of a language.
pub(crate) struct Album<'a> {
    pub folder: &'a Path,
    pub language: &'a str,
}

impl Album<'_> {
    fn shoot(&self, browser: &Chromium, name: &str, (size_name, size): (&str, (u32, u32))) {
        browser.resize(size);
        let path = self.folder.join(format!("{name}-{}-{size_name}.png", self.language));
        std::fs::write(path, browser.screenshot()).unwrap();
    }

    pub(crate) fn shoot_all(&self, browser: &Chromium, name: &str) {
        for size in SIZES {
            self.shoot(browser, name, size);
        }
    }
}

/// A phone and a desktop, in CSS pixels.
const SIZES: [(&str, (u32, u32)); 2] = [("phone", (390, 844)), ("desktop", (1280, 800))];
