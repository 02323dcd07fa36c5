//! The hosted page of a session, as browsers ask for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::backend::{Backend, client};
use crate::harness::{Answer, Server, photo, text};

/// A browser at a page.
pub(crate) struct Browser {
    http: Client,
    pub(crate) url: String,
    pub(crate) cookie: Option<String>,
}

impl Browser {
    /// A browser that has not been here before.
    pub(crate) fn new(server: &Server, path: &str) -> Self {
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { http, url: format!("{}{path}", server.url), cookie: None }
    }

    fn request(&self, method: Method, what: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{what}", self.url));
        match &self.cookie {
            Some(cookie) => request.header("Cookie", cookie),
            None => request,
        }
    }

    /// Opens the page, and keeps its cookie.
    pub(crate) fn open(&mut self, query: &str) -> (u16, String) {
        let response = self.request(Method::GET, query).send().unwrap();
        if let Some(cookie) = response.headers().get("set-cookie") {
            self.cookie = cookie.to_str().unwrap().split(';').next().map(str::to_owned);
        }
        (response.status().as_u16(), response.text().unwrap())
    }

    pub(crate) fn state(&self) -> Answer {
        Answer::of(self.request(Method::GET, "/state").send().unwrap())
    }

    pub(crate) fn agree(&self) -> Answer {
        let receipt = json!({"language": "en", "text": "2026-11.3"});
        Answer::of(self.request(Method::POST, "/consent").json(&receipt).send().unwrap())
    }

    pub(crate) fn show(&self, kind: &str, jpeg: Vec<u8>) -> Answer {
        let request = self.request(Method::POST, &format!("/images/{kind}"));
        Answer::of(request.header("content-type", "image/jpeg").body(jpeg).send().unwrap())
    }

    fn hand_over(&self) -> Answer {
        Answer::of(self.request(Method::POST, "/hand-over").send().unwrap())
    }
}

impl Answer {
    /// The code of a refusal to a page.
    fn refused(self, status: u16) -> String {
        text(&self.expect(status), "error").to_owned()
    }
}

/// Opens a session that waits for its page: its id and its token.
pub(crate) fn pending(backend: &Backend, more: &Value) -> (String, String) {
    let made = backend.post("/verification", more).expect(200);
    (text(&made, "session_id").to_owned(), text(&made, "start_token").to_owned())
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[test]
fn the_page_answers_below_both_paths_in_both_languages_and_runs_nothing_from_elsewhere() {
    let server = Server::start();
    let backend = Backend::of(&server);
    let asks =
        json!({"customer_information": {"organization_name": "<Acme & Söhne>"}, "time_to_live": "30d"});
    for base in ["", "/verify"] {
        let (_, token) = pending(&backend, &asks);
        let browser = Browser::new(&server, &format!("{base}/app/{token}"));
        let response = browser.request(Method::GET, "").header("accept-language", "ar-EG,en;q=0.5").send();
        let response = response.unwrap();
        assert_eq!(response.status(), 200);
        let policy = header(&response, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'self'"), "{policy}");
        assert!(header(&response, "permissions-policy").contains("camera=(self)"));
        let cookie = header(&response, "set-cookie").to_owned();
        assert!(
            cookie.contains("; HttpOnly; SameSite=Lax") && cookie.contains(&format!("; Path={base}/app;"))
        );
        let html = response.text().unwrap();
        assert!(html.contains(r#"<html lang="ar" dir="rtl">"#));
        let cookie = cookie.split(';').next().unwrap();
        let english = browser.request(Method::GET, "?lang=en").header("cookie", cookie).send().unwrap();
        // The same one, for another day.
        assert_eq!(header(&english, "set-cookie").split(';').next().unwrap(), cookie);
        let html = english.text().unwrap();
        assert!(html.contains(r#"<html lang="en" dir="ltr">"#));
        // Who asks, and for how long what is kept.
        assert!(html.contains("&#60;Acme &#38; Söhne&#62;") && !html.contains("<Acme"), "{html}");
        assert!(html.contains("\u{2068}30\u{2069} days at most"), "{html}");
        // Scripts are files.
        for tag in html.split("<script").skip(1) {
            assert!(tag.starts_with(r#" type="application/json""#) || tag.contains("src="), "{tag}");
        }
        let script = html.split(r#"src=""#).nth(1).unwrap().split('"').next().unwrap();
        assert!(script.starts_with(&server.url), "{script}");
        let script = browser.http.get(script).send().unwrap();
        assert_eq!(header(&script, "content-type"), "text/javascript; charset=utf-8");
    }
}

#[test]
fn a_token_shows_its_page_to_all_until_somebody_agrees() {
    let server = Server::start();
    let backend = Backend::of(&server);
    let (id, token) = pending(&backend, &json!({}));
    let path = format!("/verify/app/{token}");
    for unknown in ["/verify/app/nonsense", &format!("/app/{}", "0".repeat(32))] {
        let (status, html) = Browser::new(&server, unknown).open("?lang=en");
        assert!(status == 404 && html.contains("This link does not work"), "{html}");
    }
    // What looks at links before people do, and who keeps no cookies, uses nothing up.
    let mut first = Browser::new(&server, &path);
    let head = first.request(Method::HEAD, "").send().unwrap();
    assert_eq!((head.status().as_u16(), head.headers().get("set-cookie")), (200, None));
    assert_eq!(Browser::new(&server, &path).open("").0, 200);
    for refused in [first.state(), first.agree(), first.hand_over()] {
        assert_eq!(refused.refused(403), "no_cookie");
    }
    assert_eq!(first.open("").0, 200);
    let mut other = Browser::new(&server, &path);
    assert_eq!(other.open("").0, 200);
    for browser in [&first, &other] {
        let state = browser.state().expect(200);
        assert_eq!((&state["state"], &state["started"]), (&json!("open"), &json!(false)));
    }
    let foreign = first.request(Method::POST, "/hand-over").header("origin", "https://evil.example").send();
    assert_eq!(Answer::of(foreign.unwrap()).refused(403), "other_browser");

    let consent = || backend.get(&format!("/verification/{id}/consent")).expect(200);
    assert_eq!(consent(), json!({"consent_granted": false}));
    assert_eq!(first.show("document_front", vec![]).refused(409), "no_consent");
    let bad = first.request(Method::POST, "/consent").json(&json!({"language": ""})).send().unwrap();
    assert_eq!(Answer::of(bad).refused(400), "bad_message");
    let old = first.request(Method::POST, "/consent").json(&json!({"language": "en", "text": "2026-11"}));
    assert_eq!(Answer::of(old.send().unwrap()).refused(409), "other_text");
    first.agree().expect(204);
    let (status, html) = other.open("?lang=en");
    assert!(status == 403 && html.contains("This link is in use in another browser"), "{html}");
    assert_eq!(other.state().refused(403), "other_browser");
    assert_eq!(other.agree().refused(403), "other_browser");
    assert_eq!(other.hand_over().refused(403), "other_browser");
    assert_eq!(other.show("document_front", vec![]).refused(403), "other_browser");
    assert!(consent()["consent_granted"] == true && text(&consent(), "consent_date").ends_with('Z'));
    assert_eq!(backend.result(&id)["status"], "capturing");
    let state = first.state().expect(200);
    assert_eq!(state["missing"], json!(["document_front", "document_back", "selfie"]));
    assert_eq!((&state["state"], &state["step"], &state["steps"]), (&json!("open"), &json!(1), &json!(3)));
    assert_eq!(first.open("").0, 200, "it may be loaded again");

    backend.delete(&format!("/verification/{id}")).expect(200);
    assert_eq!(first.state().refused(404), "unknown");
    assert_eq!(first.open("").0, 404);
}

#[test]
fn a_phone_goes_on_once_and_the_desk_looks_on() {
    let server = Server::start();
    let backend = Backend::of(&server);
    let more = json!({"callback_url": "https://shop.example/done?a=b", "state": "s t"});
    let (id, token) = pending(&backend, &more);
    let mut desk = Browser::new(&server, &format!("/verify/app/{token}"));
    desk.open("");
    let link = desk.hand_over().expect(200);
    let url = text(&link, "url");
    let picture = text(&link, "qr").strip_prefix("data:image/svg+xml;base64,").unwrap();
    let picture = String::from_utf8(BASE64.decode(picture).unwrap()).unwrap();
    assert!(picture.contains("<svg") && !picture.contains("<script"), "{picture}");
    let path = url.strip_prefix(&server.url).unwrap();
    assert!(!url.contains(&token) && path.starts_with("/verify/app/"), "{url}");
    let mut phone = Browser::new(&server, path);
    assert_eq!(phone.open("").0, 200);
    assert_eq!(Browser::new(&server, path).open("").0, 200, "nobody has it yet");
    assert_eq!(desk.state().expect(200)["elsewhere"], false);
    assert_eq!(phone.hand_over().refused(410), "over");
    phone.agree().expect(204);
    assert_eq!(Browser::new(&server, path).open("").0, 403);
    assert_eq!(desk.state().expect(200)["elsewhere"], true);
    assert_eq!(desk.agree().refused(403), "other_browser");
    assert_eq!(desk.hand_over().refused(403), "other_browser");
    // The desk goes to the callback, the phone does not.
    let callback = format!("https://shop.example/done?a=b&sessionId={id}&state=s+t");
    assert_eq!(desk.state().expect(200)["return_url"], callback);
    assert_eq!(phone.state().expect(200)["return_url"], Value::Null);
}

#[test]
fn pictures_are_taken_one_by_one_and_what_is_none_is_told() {
    let server = Server::start();
    let backend = Backend::sandbox(&server);
    let (id, token) = pending(&backend, &json!({"mock_behavior": {}}));
    let mut browser = Browser::new(&server, &format!("/app/{token}"));
    let (_, html) = browser.open("?lang=en");
    assert!(html.contains("DEMO"), "{html}");
    browser.agree().expect(204);
    let front = |jpeg: Vec<u8>| browser.show("document_front", jpeg);
    assert_eq!(front(b"%PDF".to_vec()).refused(400), "bad_picture");
    assert_eq!(front(photo("photo-person-a-1")).refused(400), "too_small");
    assert_eq!(front(vec![0; 10_000_001]).refused(413), "too_large");
    let plain = browser.request(Method::POST, "/images/document_front").body(photo("photo-no-face")).send();
    assert_eq!(Answer::of(plain.unwrap()).refused(400), "bad_picture");
    assert_eq!(browser.show("selfie", photo("photo-person-b-2")).refused(410), "over");
    assert_eq!(
        front(photo("photo-no-face")).expect(200),
        json!({"feedback": "ok", "missing": ["document_back", "selfie"]})
    );
    assert_eq!(browser.state().expect(200)["step"], 2);
    assert_eq!(front(photo("photo-no-face")).refused(410), "over");
    let back = browser.show("document_back", photo("photo-no-face")).expect(200);
    assert_eq!(back["missing"], json!(["selfie"]));
    assert_eq!(backend.result(&id)["status"], "capturing");
    // No selfie comes but by a live capture, of the page's own origin.
    let upgrade = browser.request(Method::GET, "/scan").header("connection", "upgrade");
    let upgrade = upgrade.header("upgrade", "websocket").header("sec-websocket-version", "13");
    let upgrade = upgrade.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let other = upgrade.header("origin", "https://evil.example").send().unwrap();
    assert_eq!(Answer::of(other).refused(403), "other_browser");
}

#[test]
fn a_tenant_that_is_suspended_has_no_page() {
    let server = Server::start();
    let tenant = text(&server.admin(&["tenant", "create", "--name", "other"]), "id").to_owned();
    let backend = Backend::with(&server, client(&server, "other", &[]));
    let (_, token) = pending(&backend, &json!({}));
    let mut browser = Browser::new(&server, &format!("/verify/app/{token}"));
    assert_eq!(browser.open("").0, 200);
    server.admin(&["tenant", "suspend", &tenant]);
    assert_eq!(browser.state().refused(404), "unknown");
    assert_eq!(browser.open("").0, 404);
}
