//! What a person meets at the page of a session: a document, a live capture, a phone beside a desk.

use lab::presence::Species;
use serde_json::{Value, json};

use crate::actors::{person_of, somebody};
use crate::backend::{Backend, passport};
use crate::chromium::Chromium;
use crate::harness::{Server, photo, photo_path, text, wait_for};
use crate::in_chromium::{Album, folder};
use crate::visit::{Camera, Lies, Visit};

/// Opens a session whose person comes back to a page of the server itself: its id and the link to its page.
fn pending(server: &Server, backend: &Backend) -> (String, String) {
    let made = backend.post(
        "/verification",
        &json!({
            "callback_url": format!("{}/healthz", server.url), "state": "s-1",
            "customer_information": {"organization_name": "Acme"},
        }),
    );
    let made = made.expect(200);
    let link = format!("{}/verify/app/{}", server.url, text(&made, "start_token"));
    (text(&made, "session_id").to_owned(), link)
}

impl Visit<'_> {
    /// From the code to the consent, in this browser.
    fn go_on_here(&self) {
        self.press("#here");
        self.until(|shown| shown.section == "consent");
    }

    /// Turns the camera on and photographs `picture`: what is said of it, empty where it was taken.
    fn photograph(&self, picture: &[u8]) -> String {
        let mut document = Lies(picture.to_owned());
        if !self.shown().finder {
            self.press("#shoot");
            self.play(&mut document, |shown| shown.finder);
        }
        // The camera shows it by now.
        for _ in 0..5 {
            self.play(&mut document, |_| true);
        }
        self.press("#shoot");
        let after = self.play(&mut document, |shown| !shown.note.is_empty() || shown.section != "document");
        if after.section == "document" { after.note } else { String::new() }
    }

    fn address(&self) -> String {
        self.browser.script("return location.href", &[]).as_str().unwrap_or_default().to_owned()
    }
}

#[test]
fn a_passport_and_its_holder_go_all_the_way_to_the_callback() {
    let server = Server::start();
    let backend = Backend::of(&server);
    let (id, link) = pending(&server, &backend);
    let visit = Visit::at(&server, link, "en", &Camera::Played, &[]);
    visit.go_on_here();
    visit.press("#agree");
    visit.until(|shown| shown.section == "document");
    let texts = visit.texts();
    let step = || visit.browser.script("return document.getElementById('step').textContent", &[]);
    assert_eq!(step(), "Step \u{2068}1\u{2069} of \u{2068}3\u{2069}");
    // What is no document is told, and tried again.
    let told = visit.photograph(&photo("photo-no-face"));
    assert!(texts.iter().any(|(id, text)| id.starts_with("feedback-") && *text == told), "{told}");
    let (front, number) = passport("photo-person-b-2");
    assert_eq!(visit.photograph(&front), "");
    // A passport has no back.
    assert_eq!(visit.until(|shown| shown.section != "document").section, "camera");
    assert_eq!(step(), "Step \u{2068}2\u{2069} of \u{2068}2\u{2069}");
    visit.press("#camera-open");
    let mut person = person_of("photo-person-b-1", domain::Path::Flashes);
    let end = visit.attempts(&mut *person);
    assert!(["checking", "finished"].contains(&end.as_str()), "{end}: {:?}", visit.ends());
    assert_eq!(visit.browser.complaints(), [] as [Value; 0]);
    let callback = format!("{}/healthz?sessionId={id}&state=s-1", server.url);
    wait_for(|| (visit.address() == callback).then_some(()));
    let result = backend.result(&id);
    assert_eq!((&result["status"], &result["document"]["number"]), (&json!("complete"), &json!(number)));
    let checks = &result["checks"];
    assert_ne!(checks["biometric_matching"]["recommendation"], "DENY", "{result}");
    assert_ne!(checks["biometric_liveness"]["recommendation"], "DENY", "{result}");
}

#[test]
fn who_refuses_the_camera_in_arabic_is_told_so_and_may_send_a_file() {
    let server = Server::start();
    let backend = Backend::of(&server);
    let (_, link) = pending(&server, &backend);
    let flags = ["--use-fake-device-for-media-stream".to_owned()];
    let visit = Visit::at(&server, link, "ar", &Camera::Browsers, &flags);
    visit.until(|shown| shown.section == "phone");
    let way = "const {lang, dir} = document.documentElement; return [lang, dir, getComputedStyle(document.body).direction]";
    assert_eq!(visit.browser.script(way, &[]), json!(["ar", "rtl", "rtl"]));
    let allow = |setting| {
        let permission = json!({"permission": {"name": "camera"}, "setting": setting});
        visit.browser.devtools("Browser.setPermission", &permission);
    };
    allow("denied");
    visit.go_on_here();
    visit.press("#agree");
    visit.press("#shoot");
    let texts = visit.texts();
    let told = visit.until(|shown| !shown.note.is_empty()).note;
    assert!(told.starts_with(&texts["problem-permission-title"]), "{told}");
    assert!(told.ends_with(&texts["document-or-file"]), "{told}");
    // A picture of a place, as it lies on the disk.
    visit.browser.choose("#file", &photo_path("photo-no-face")).unwrap();
    let is_feedback = |note: &str| texts.iter().any(|(id, text)| id.starts_with("feedback-") && text == note);
    visit.until(|shown| is_feedback(&shown.note));
    allow("granted");
    visit.press("#shoot");
    visit.until(|shown| shown.finder && shown.note.is_empty());
    assert_eq!(visit.browser.complaints(), [] as [Value; 0]);
}

#[test]
fn a_desk_shows_a_code_and_follows_when_a_phone_goes_on() {
    let server = Server::start();
    let backend = Backend::of(&server);
    let (id, link) = pending(&server, &backend);
    let visit = Visit::at(&server, link.clone(), "en", &Camera::Browsers, &[]);
    visit.until(|shown| shown.section == "phone");
    let url = wait_for(|| {
        let script = "return document.getElementById('qr').naturalWidth >= 240 \
                      ? document.getElementById('phone-link').href : null";
        visit.browser.script(script, &[]).as_str().map(str::to_owned)
    });
    assert_ne!(url, link);
    // The phone, as any other browser.
    let phone = Chromium::start("en", &[]);
    phone.open(&url);
    let asked = |browser: &Chromium, id: &str| {
        let hidden = "return document.getElementById(arguments[0]).hidden";
        browser.script(hidden, &[json!(id)]) == json!(false)
    };
    wait_for(|| asked(&phone, "consent").then_some(()));
    wait_for(|| phone.click("#agree").ok());
    assert_eq!(visit.until(|shown| shown.section == "message").message.as_deref(), Some("elsewhere"));
    wait_for(|| asked(&phone, "document").then_some(()));
    assert_eq!(backend.result(&id)["status"], "capturing");
    // A page in a third browser says that the link was used.
    let other = Chromium::start("en", &[]);
    other.open(&url);
    let title = other.script("return document.querySelector('h1').textContent", &[]);
    assert_eq!(title, "This link is in use in another browser");
    // The session is gone: the desk is told.
    backend.delete(&format!("/verification/{id}")).expect(200);
    assert_eq!(
        visit.until(|shown| shown.message.as_deref() != Some("elsewhere")).message.as_deref(),
        Some("problem-unknown")
    );
    assert_eq!(visit.browser.complaints().len(), 1, "the answer that it is gone");
}

/// Written by `cargo xtask screenshots DIR`.
#[test]
#[ignore = "takes minutes, and checks nothing by itself"]
fn screenshots_of_every_screen() {
    let (folder, server) = (folder(), Server::start());
    for language in ["en", "ar"] {
        screenshots(&server, &Album { folder: &folder, language });
    }
}

fn screenshots(server: &Server, album: &Album<'_>) {
    let backend = Backend::of(server);
    let (id, link) = pending(server, &backend);
    let visit = Visit::at(server, link, album.language, &Camera::Played, &[]);
    let shoot = |name: &str| album.shoot_all(&visit.browser, &format!("session-{name}"));
    visit.until(|shown| shown.section == "phone");
    wait_for(|| {
        (visit.browser.script("return document.getElementById('qr').naturalWidth", &[]) != 0).then_some(())
    });
    shoot("phone");
    visit.go_on_here();
    shoot("consent");
    visit.press("#agree");
    visit.until(|shown| shown.section == "document");
    shoot("document");
    visit.photograph(&photo("photo-no-face"));
    shoot("document-note");
    let (front, _) = passport("photo-person-b-2");
    visit.play(&mut Lies(front.clone()), |shown| shown.finder);
    shoot("document-finder");
    visit.photograph(&front);
    visit.until(|shown| shown.section == "camera");
    shoot("camera");
    visit.press("#camera-open");
    let mut nobody = somebody(Species::StillPhoto, domain::Path::Flashes, 0);
    visit.play(&mut *nobody, |shown| shown.section == "live");
    shoot("live");
    // The screens of waiting and of the end come and go; here they stay.
    for (name, message, sign) in [
        ("checking", "checking", "wait"),
        ("recapture", "recapture", "note"),
        ("finished", "finished", "yes"),
    ] {
        let show = "return import(document.querySelector('script[type=module]').src.replace('session.js', 'message.js'))\
                    .then((message) => message.say(arguments[0], { sign: arguments[1] }))";
        visit.browser.script(show, &[json!(message), json!(sign)]);
        shoot(name);
    }
    backend.delete(&format!("/verification/{id}")).expect(200);
    visit.browser.open(visit.link());
    shoot("closed");
    drop(visit);

    let (_, link) = pending(server, &backend);
    let visit = Visit::at(server, link, album.language, &Camera::Browsers, &[]);
    visit.until(|shown| shown.section == "phone");
    let url = wait_for(|| {
        let found = visit.browser.script("return document.getElementById('phone-link').href", &[]);
        found.as_str().filter(|url| !url.is_empty()).map(str::to_owned)
    });
    let phone = Chromium::start(album.language, &[]);
    phone.open(&url);
    wait_for(|| phone.click("#agree").ok());
    visit.until(|shown| shown.message.as_deref() == Some("elsewhere"));
    album.shoot_all(&visit.browser, "session-elsewhere");
}
