//! `TrueLens`' API and the page it leads to, as an integrator and a person's browser meet them.

use std::path::PathBuf;
use std::thread;

use domain::{Verification, VerificationState};
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use store::Store;
use tokio::runtime::Runtime;

use crate::harness::{Server, text, wait_for};

/// An answer with its headers.
struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().unwrap() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {}", self.status, self.text))
    }

    fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// The vendor's error shape, and nothing else in it.
    fn expect_error(&self, status: u16, text: &str) {
        assert_eq!((self.status, self.json()), (status, json!({ "error": text })));
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }

    /// That the answer says how many requests are left.
    fn remaining(&self) -> u64 {
        let number = |name| self.header(name).parse::<u64>().unwrap();
        assert!(number("x-ratelimit-reset") > 1_700_000_000, "a Unix time");
        assert!(number("x-ratelimit-limit") > 0);
        number("x-ratelimit-remaining")
    }
}

/// An integrator.
#[derive(Clone)]
struct Integrator {
    http: Client,
    url: String,
    key: String,
}

impl Integrator {
    fn of(server: &Server) -> Self {
        Self::with_key(server, &server.client().key)
    }

    fn with_key(server: &Server, key: &str) -> Self {
        Self { http: Client::new(), url: server.url.clone(), key: key.to_owned() }
    }

    fn send(&self, request: RequestBuilder) -> Answer {
        Answer::of(request.header("X-API-Key", &self.key).send().unwrap())
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.http.post(format!("{}{path}", self.url)).json(body))
    }

    fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(format!("{}{path}", self.url)))
    }

    fn init(&self, body: &Value) -> Value {
        self.post("/api/verify/init", body).expect(200)
    }

    fn status(&self, id: &str) -> Value {
        self.get(&format!("/api/verify/status/{id}")).expect(200)
    }
}

const NOT_FOUND: &str = "Verification not found or already completed";

struct Folder {
    folder: tempfile::TempDir,
    config: PathBuf,
}

impl Folder {
    fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("bonafide.toml");
        std::fs::write(&config, settings).unwrap();
        Self { folder, config }
    }

    fn start(&self) -> Server {
        let data = self.folder.path().join("data");
        Server::start_in(&data, &["--config", self.config.to_str().unwrap()])
    }
}

/// Milliseconds and `Z`, as the vendor writes times.
fn is_time(text: &str) -> bool {
    text.len() == 24 && text.ends_with('Z') && text.as_bytes()[19] == b'.'
}

#[test]
fn a_session_is_opened_and_waits_for_its_person() {
    let server = Server::start();
    let integrator = Integrator::of(&server);
    let made = integrator.init(&json!({}));
    let id = text(&made, "verification_id");
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'4'), "a UUID of version 4");
    assert_eq!(made["is_demo"], false);
    let (created, expires) = (text(&made, "created_at"), text(&made, "expires_at"));
    assert!(is_time(created) && is_time(expires));
    let year = |time: &str| time[..4].parse::<u32>().unwrap();
    assert_eq!(year(expires), year(created) + 1, "twelve months");
    assert_eq!(
        integrator.status(id),
        json!({"verification_id": id, "status": "pending", "created_at": created, "expires_at": null})
    );
    integrator.post("/api/verify/complete", &json!({"verification_id": id})).expect_error(404, NOT_FOUND);
    assert_eq!(integrator.init(&json!({"demo": true, "unknown": 1}))["is_demo"], true);
    // An empty body is an empty object.
    let url = format!("{}/api/verify/init", integrator.url);
    integrator.send(integrator.http.post(&url)).expect(200);
}

#[test]
fn every_error_has_the_vendors_text() {
    let folder = Folder::new("[truelens]\nburst = 100");
    let server = folder.start();
    let integrator = Integrator::of(&server);
    let paths = ["/api/verify/init", "/api/verify/complete"];
    for path in paths {
        let url = format!("{}{path}", server.url);
        Answer::of(integrator.http.post(&url).json(&json!({})).send().unwrap())
            .expect_error(401, "Missing API key");
        for key in ["", "nonsense", "a.b.c"] {
            Integrator::with_key(&server, key).post(path, &json!({})).expect_error(401, "Invalid API key");
        }
        for body in ["[]", "{", "null", "\"x\""] {
            let answer = integrator.send(integrator.http.post(&url).body(body));
            answer.expect_error(400, "The body must be a JSON object");
        }
    }
    // The key of a phone opens no sessions.
    let form = [("key_type", "sdk"), ("account_id", "ana")];
    let device = server.client().post("/v1/api-keys", &form).expect(200);
    Integrator::with_key(&server, text(&device, "api_key"))
        .post("/api/verify/init", &json!({}))
        .expect_error(401, "Invalid API key");

    for body in [json!({}), json!({"verification_id": ""}), json!({"verification_id": 7})] {
        integrator.post("/api/verify/complete", &body).expect_error(400, "Missing verification_id");
    }
    for id in ["unknown", "a1b2c3d4-e5f6-4711-8899-aabbccddeeff", "../../healthz"] {
        let body = json!({ "verification_id": id });
        integrator.post("/api/verify/complete", &body).expect_error(404, NOT_FOUND);
    }
    integrator.get("/api/verify/status/unknown").expect_error(404, NOT_FOUND);
    integrator.get("/api/verify/nothing").expect_error(404, "Not found");
    assert_eq!(integrator.get("/api/verify/init").status, 405);
    let answer = integrator.post("/api/verify/init", &json!({"demo": "yes"}));
    answer.expect_error(400, "demo must be true or false");
    for url in ["https://evil.example/", "javascript:alert(1)", "nonsense"] {
        assert_eq!(integrator.post("/api/verify/init", &json!({"return_url": url})).status, 400, "{url}");
    }
}

#[test]
fn every_answer_says_what_is_left_and_polling_has_a_bucket_of_its_own() {
    let folder = Folder::new("[truelens]\nrequests_per_minute = 6\nburst = 3");
    let server = folder.start();
    let integrator = Integrator::of(&server);
    let first = integrator.post("/api/verify/init", &json!({}));
    // The limit is that of a minute; what is left may be sent at once.
    assert_eq!((first.status, first.remaining(), first.header("x-ratelimit-limit")), (200, 2, "6"));
    let id = text(&first.json(), "verification_id").to_owned();
    assert_eq!(integrator.post("/api/verify/complete", &json!({})).remaining(), 1);
    assert_eq!(integrator.post("/api/verify/init", &json!({"demo": 1})).remaining(), 0);
    let over = integrator.post("/api/verify/init", &json!({}));
    over.expect_error(429, "Rate limit exceeded");
    assert_eq!(over.remaining(), 0);
    assert!((1..=10).contains(&over.header("retry-after").parse::<u64>().unwrap()));
    for _ in 0..5 {
        let polled = integrator.get(&format!("/api/verify/status/{id}"));
        assert_eq!((polled.status, polled.header("x-ratelimit-limit")), (200, "600"));
    }
    // Without a key, with a bad one, below the API, in the sandbox, and where no handler is asked.
    let http = &integrator.http;
    for request in [
        http.post(format!("{}/api/verify/init", server.url)),
        http.post(format!("{}/api/verify/init", server.url)).header("X-API-Key", "bad"),
        http.get(format!("{}/api/verify/nothing", server.url)),
        http.get(format!("{}/api/verify/", server.url)),
        http.delete(format!("{}/api/verify/init", server.url)),
        http.post(format!("{}/api/verify/init", server.url)).body(vec![b' '; 100_000]),
        http.get(format!("{}/api/sandbox/nothing", server.url)),
        http.post(format!("{}/api/sandbox/verify/init", server.url)),
    ] {
        Answer::of(request.send().unwrap()).remaining();
    }
}

#[test]
fn two_hundred_at_once_never_pass_the_quota_or_the_open_sessions() {
    let settings = "[truelens]\nrequests_per_minute = 100000\nburst = 100000\nopen_sessions = 60\n\
                    [plans.small]\nverifications_per_month = 25\n[plans.single]\nverifications_per_month = 1";
    let folder = Folder::new(settings);
    let mut server = folder.start();
    server.admin(&["tenant", "create", "--name", "small", "--plan", "small"]);
    server.admin(&["tenant", "create", "--name", "open"]);
    server.admin(&["tenant", "create", "--name", "single", "--plan", "single"]);
    let integrator = |server: &Server, tenant: &str| {
        let made = server.admin(&["key", "create", "--tenant", tenant, "--name", "test"]);
        Integrator::with_key(server, text(&made, "key"))
    };
    let all_at_once = |integrator: &Integrator, body: Value| -> Vec<Answer> {
        let inits: Vec<_> = (0..200)
            .map(|_| {
                let (integrator, body) = (integrator.clone(), body.clone());
                thread::spawn(move || integrator.post("/api/verify/init", &body))
            })
            .collect();
        inits.into_iter().map(|init| init.join().unwrap()).collect()
    };
    let count = |answers: &[Answer], status| answers.iter().filter(|answer| answer.status == status).count();
    let small = integrator(&server, "small");
    let answers = all_at_once(&small, json!({}));
    assert_eq!((count(&answers, 200), count(&answers, 429)), (25, 175));
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
    refused.expect_error(429, "Monthly quota exceeded");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    // A demonstration is not counted, but it is open.
    let answers = all_at_once(&small, json!({"demo": true}));
    assert_eq!((count(&answers, 200), count(&answers, 429)), (35, 165));
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
    refused.expect_error(429, "Too many concurrent sessions");
    // Of another tenant all of it is untouched.
    let open = integrator(&server, "open");
    open.init(&json!({}));
    let single = integrator(&server, "single");
    single.init(&json!({}));
    // A restart forgives nothing.
    server.kill();
    let server = folder.start();
    let again = Integrator::with_key(&server, &small.key);
    again.post("/api/verify/init", &json!({})).expect_error(429, "Too many concurrent sessions");
    let again = Integrator::with_key(&server, &single.key);
    again.post("/api/verify/init", &json!({})).expect_error(429, "Monthly quota exceeded");
}

#[test]
fn two_hundred_at_once_never_pass_the_requests_of_a_minute_nor_does_a_restart_forgive_them() {
    let folder =
        Folder::new("[truelens]\nrequests_per_minute = 1\nburst = 20\nstatus_requests_per_minute = 1");
    let mut server = folder.start();
    let integrator = Integrator::of(&server);
    let inits: Vec<_> = (0..200)
        .map(|_| {
            let integrator = integrator.clone();
            thread::spawn(move || integrator.post("/api/verify/init", &json!({})))
        })
        .collect();
    let answers: Vec<_> = inits.into_iter().map(|init| init.join().unwrap()).collect();
    let taken: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    // One comes back in a minute, should this take as long.
    assert!((20..=21).contains(&taken.len()), "{}", taken.len());
    let status = format!("/api/verify/status/{}", text(&taken[0].json(), "verification_id"));
    assert_eq!(integrator.get(&status).status, 200);
    server.kill();
    let server = folder.start();
    let again = Integrator::with_key(&server, &integrator.key);
    let refused = again.post("/api/verify/init", &json!({}));
    refused.expect_error(429, "Rate limit exceeded");
    assert!((1..=60).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    again.get(&status).expect_error(429, "Rate limit exceeded");
    // Another key is not to blame.
    Integrator::with_key(&server, &server.other_tenant("other").key).init(&json!({}));
}

#[test]
fn an_inactive_subscription_opens_nothing_until_it_is_active_again() {
    let server = Server::start();
    let integrator = Integrator::of(&server);
    let id = text(&integrator.init(&json!({})), "verification_id").to_owned();
    let tenants = server.admin(&["tenant", "list"]);
    let tenant = text(&tenants[0], "id").to_owned();
    assert_eq!(server.admin(&["tenant", "suspend", &tenant]), json!({"suspended": true}));
    for answer in [
        integrator.post("/api/verify/init", &json!({})),
        integrator.post("/api/verify/complete", &json!({"verification_id": id})),
        integrator.get(&format!("/api/verify/status/{id}")),
    ] {
        answer.expect_error(403, "Subscription inactive");
        answer.remaining();
    }
    assert_eq!(server.client().get("/v1/accounts").status, 403);
    assert_eq!(Client::new().get(format!("{}/verify?id={id}", server.url)).send().unwrap().status(), 404);
    assert_eq!(server.admin(&["tenant", "resume", &tenant]), json!({"resumed": true}));
    integrator.init(&json!({}));
}

#[test]
fn a_session_is_seen_by_the_key_that_opened_it_and_by_no_other() {
    let server = Server::start();
    let integrator = Integrator::of(&server);
    let id = text(&integrator.init(&json!({})), "verification_id").to_owned();
    let same_tenant = text(&server.admin(&["key", "create", "--name", "second"]), "key").to_owned();
    let other_tenant = server.other_tenant("other").key;
    for key in [same_tenant, other_tenant] {
        let other = Integrator::with_key(&server, &key);
        other.get(&format!("/api/verify/status/{id}")).expect_error(404, NOT_FOUND);
        other.post("/api/verify/complete", &json!({"verification_id": id})).expect_error(404, NOT_FOUND);
        // Nor does another dialect show it.
        let truora = crate::harness::Truora::new(&server.url, &key);
        truora.get(&format!("/v1/validations/VLD{}", id.replace('-', ""))).expect_error(404);
    }
    assert_eq!(integrator.status(&id)["status"], "pending");
}

#[test]
fn the_sandbox_tells_the_whole_story_without_a_key() {
    let server = Server::start();
    let http = Client::new();
    for prefix in ["/api/sandbox/verify", "/api/sandbox"] {
        let post = |path: &str, body: &Value| {
            Answer::of(http.post(format!("{}{prefix}{path}", server.url)).json(body).send().unwrap())
        };
        let made = post("/init", &json!({"demo": true})).expect(200);
        assert_eq!(made["is_demo"], true);
        let body = json!({"verification_id": made["verification_id"]});
        let status = || {
            let path = format!("{}{prefix}/status/{}", server.url, text(&made, "verification_id"));
            Answer::of(http.get(path).send().unwrap()).expect(200)
        };
        assert_eq!(status()["status"], "pending");
        post("/complete", &body).expect_error(404, NOT_FOUND);
        let completed = wait_for(|| Some(status()).filter(|now| now["status"] == "completed"));
        let done = post("/complete", &body).expect(200);
        assert_eq!((&done["success"], &done["badge_url"]), (&json!(true), &completed["badge_url"]));
        assert_eq!(done["expires_at"], completed["expires_at"]);
        post("/complete", &body).expect_error(404, NOT_FOUND);
        // Its badge does not verify.
        let badge = http.get(format!("{}/json", text(&done, "badge_url"))).send().unwrap();
        assert_eq!(badge.status(), 404);
    }
    let unknown = json!({"verification_id": "a1b2c3d4-e5f6-4711-8899-aabbccddeeff"});
    Answer::of(http.post(format!("{}/api/sandbox/complete", server.url)).json(&unknown).send().unwrap())
        .expect_error(404, NOT_FOUND);
}

/// A browser at the page of a verification.
struct Visitor {
    http: Client,
    url: String,
    id: String,
    cookie: Option<String>,
}

impl Visitor {
    /// One that has not been here before.
    fn new(server: &Server, id: &str) -> Self {
        Self { http: Client::new(), url: server.url.clone(), id: id.to_owned(), cookie: None }
    }

    fn send(&self, request: RequestBuilder) -> Answer {
        let request = match &self.cookie {
            Some(cookie) => request.header("Cookie", cookie),
            None => request,
        };
        Answer::of(request.send().unwrap())
    }

    /// Opens the page, and keeps its cookie.
    fn open(&mut self) -> Answer {
        let page = self.send(self.http.get(format!("{}/verify?id={}", self.url, self.id)));
        if let Some(set) = page.headers.get("set-cookie") {
            self.cookie = set.to_str().unwrap().split(';').next().map(str::to_owned);
        }
        page
    }

    fn state(&self) -> Answer {
        self.send(self.http.get(format!("{}/verify/{}/state", self.url, self.id)))
    }

    fn consent(&self, body: &Value) -> RequestBuilder {
        self.http.post(format!("{}/verify/{}/consent", self.url, self.id)).json(body)
    }

    fn agree(&self) -> Answer {
        self.send(self.consent(&json!({"language": "en", "text": "2026-11.3"})))
    }

    fn scan(&self, origin: &str) -> Answer {
        let request = self.http.get(format!("{}/verify/{}/scan", self.url, self.id));
        let request = request.header("Origin", origin);
        let request = request.header("Connection", "Upgrade").header("Upgrade", "websocket");
        let request = request.header("Sec-WebSocket-Version", "13");
        self.send(request.header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="))
    }
}

#[test]
fn the_page_is_seen_by_all_until_somebody_agrees_and_then_by_that_browser_alone() {
    let server = Server::start();
    let integrator = Integrator::of(&server);
    let id = text(&integrator.init(&json!({})), "verification_id").to_owned();
    // What looks at links before people do, and who keeps no cookies, uses nothing up.
    let head = Client::new().head(format!("{}/verify?id={id}", server.url)).send().unwrap();
    assert_eq!((head.status().as_u16(), head.headers().get("set-cookie")), (200, None));
    let without = Visitor::new(&server, &id);
    for _ in 0..2 {
        assert_eq!(Visitor::new(&server, &id).open().status, 200);
        without.state().expect_error(403, "no_cookie");
        without.agree().expect_error(403, "no_cookie");
        without.scan(&server.url).expect_error(403, "no_cookie");
    }
    let mut first = Visitor::new(&server, &id);
    let page = first.open();
    assert!(page.text.contains(&id) && page.text.contains("default"), "the id and who asks");
    let set = page.header("set-cookie");
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/verify"),
        "{set}"
    );
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    assert!(!page.header("content-security-policy").contains("unsafe"));
    let mut other = Visitor::new(&server, &id);
    assert_eq!(other.open().status, 200);
    let open = json!({"state": "open", "attempts_left": 3, "return_url": null});
    assert_eq!((first.state().expect(200), other.state().expect(200)), (open.clone(), open.clone()));

    assert_eq!(first.agree().status, 204);
    let again = first.open();
    assert_eq!((again.status, again.header("set-cookie")), (200, set), "for another day");
    assert_eq!(first.state().expect(200), open);
    let stranger = |cookie: &str| Visitor {
        cookie: Some(format!("bonafide_capture={cookie}")),
        ..Visitor::new(&server, &id)
    };
    for mut visitor in [other, stranger(&"0".repeat(64))] {
        let page = visitor.open();
        assert!(page.status == 403 && page.text.contains("in use in another browser"), "{}", page.text);
        visitor.state().expect_error(403, "other_browser");
        visitor.agree().expect_error(403, "other_browser");
        visitor.scan(&server.url).expect_error(403, "other_browser");
    }
    stranger("short").state().expect_error(403, "no_cookie");
    let late = Visitor::new(&server, &id).open();
    assert_eq!((late.status, late.headers.get("set-cookie")), (403, None));

    // Arabic is written from the right, and asked for by the browser or by the address.
    let get = |path: &str| first.send(first.http.get(format!("{}{path}", server.url)));
    let arabic = get(&format!("/verify?id={id}&lang=ar"));
    assert!(arabic.text.contains("dir=\"rtl\"") && arabic.text.contains("lang=\"ar\""));
    for bad in ["/verify", "/verify?id=unknown", "/verify?id=a1b2c3d4-e5f6-4711-8899-aabbccddeeff"] {
        assert_eq!(get(bad).status, 404, "{bad}");
    }
}

#[test]
fn of_many_browsers_that_agree_at_once_one_has_the_page() {
    let server = Server::start();
    let id = text(&Integrator::of(&server).init(&json!({})), "verification_id").to_owned();
    let visitors: Vec<Visitor> = (0..8)
        .map(|_| {
            let mut visitor = Visitor::new(&server, &id);
            assert_eq!(visitor.open().status, 200);
            visitor
        })
        .collect();
    let agreed: Vec<_> = visitors
        .into_iter()
        .map(|visitor| {
            thread::spawn(move || {
                let answer = visitor.agree();
                (visitor, answer)
            })
        })
        .collect();
    let (mut winners, mut losers) = (0, vec![]);
    for one in agreed {
        let (mut visitor, answer) = one.join().unwrap();
        if answer.status == 204 {
            winners += 1;
            assert_eq!(visitor.open().status, 200);
        } else {
            answer.expect_error(403, "other_browser");
            losers.push(visitor);
        }
    }
    assert_eq!((winners, losers.len()), (1, 7));
    for mut visitor in losers {
        // Who is refused at once may be told before the disk has what the other said.
        wait_for(|| (visitor.open().status == 403).then_some(()));
    }
}

#[test]
fn the_person_finds_the_way_back_that_the_tenant_gave_also_when_all_is_over() {
    let server = Server::start();
    server.admin(&["tenant", "create", "--name", "shop", "--allow-origin", "https://shop.example"]);
    let made = server.admin(&["key", "create", "--tenant", "shop", "--name", "test"]);
    let integrator = Integrator::with_key(&server, text(&made, "key"));
    let opened = integrator.init(&json!({"return_url": "https://shop.example/done?order=7"}));
    let id = text(&opened, "verification_id").to_owned();
    let back = format!("https://shop.example/done?order=7&verification_id={id}");
    let mut visitor = Visitor::new(&server, &id);
    assert_eq!(visitor.open().status, 200);
    let state = |word: &str, left: u8| json!({"state": word, "attempts_left": left, "return_url": back});
    assert_eq!(visitor.state().expect(200), state("open", 3));
    assert_eq!(visitor.agree().status, 204);

    for (ended, word, title) in [
        (VerificationState::Expired, "expired", "The time for this check is over"),
        (VerificationState::Failed, "failed", "This check is over"),
    ] {
        Runtime::new().unwrap().block_on(async {
            let store = Store::open_existing(server.data()).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            let found = tx.verification_of_any(id.replace('-', "").parse().unwrap()).await.unwrap().unwrap();
            tx.save_verification(&Verification { state: ended, ..found }).await.unwrap();
            tx.commit().await.unwrap();
        });
        assert_eq!(visitor.state().expect(200), state(word, 0));
        let page = visitor.open();
        assert_eq!(page.status, 410);
        assert!(page.text.contains(title), "{}", page.text);
        let link = format!(r#"href="{}""#, back.replace('&', "&#38;"));
        // Between marks that keep the name's direction.
        let says = "Continue to \u{2068}shop\u{2069}";
        assert!(page.text.contains(&link) && page.text.contains(says), "{}", page.text);
    }
}

#[test]
fn a_page_that_may_be_framed_keeps_its_cookie_there_and_takes_nothing_from_other_sites() {
    let folder = Folder::new("trusted_proxies = [\"127.0.0.0/8\"]");
    let server = folder.start();
    let shop = "https://shop.example";
    server.admin(&["tenant", "create", "--name", "shop", "--allow-origin", shop]);
    let made = server.admin(&["key", "create", "--tenant", "shop", "--name", "test"]);
    let framed = Integrator::with_key(&server, text(&made, "key"));
    let alone = Integrator::of(&server);
    let open = |integrator: &Integrator, scheme: &str| {
        let id = text(&integrator.init(&json!({})), "verification_id").to_owned();
        let page = integrator.http.get(format!("{}/verify?id={id}", server.url));
        let page = Answer::of(page.header("X-Forwarded-Proto", scheme).send().unwrap());
        let ancestors = page.header("content-security-policy").split_once("frame-ancestors ");
        let ancestors = ancestors.expect("who may frame it").1.to_owned();
        (id, ancestors, page.header("set-cookie").to_owned())
    };
    let (id, ancestors, cookie) = open(&framed, "https");
    assert_eq!(ancestors, "'self' https://shop.example");
    assert!(cookie.ends_with("; HttpOnly; SameSite=None; Secure; Partitioned"), "{cookie}");
    assert!(open(&framed, "http").2.ends_with("; HttpOnly; SameSite=Lax"));
    let (_, ancestors, lax) = open(&alone, "https");
    assert_eq!(ancestors, "'self'");
    assert!(lax.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{lax}");

    // The site around the page has the browser send its cookie, and gets nothing done by that.
    let cookie = cookie.split(';').next().map(str::to_owned);
    let visitor = Visitor { cookie, ..Visitor::new(&server, &id) };
    let agree = |origin: &str, site: &str| {
        let request = visitor.consent(&json!({"language": "en", "text": "2026-11.3"}));
        visitor.send(request.header("Origin", origin).header("Sec-Fetch-Site", site))
    };
    for origin in [shop, "https://evil.example", "null"] {
        agree(origin, "cross-site").expect_error(403, "other_browser");
        visitor.scan(origin).expect_error(403, "other_browser");
    }
    visitor.scan(&server.url).expect_error(409, "no_consent");
    assert_eq!(agree(&server.url, "same-origin").status, 204);
}

#[test]
fn nothing_is_captured_before_the_person_agreed() {
    let server = Server::start();
    let id = text(&Integrator::of(&server).init(&json!({})), "verification_id").to_owned();
    let mut visitor = Visitor::new(&server, &id);
    visitor.open();
    visitor.scan(&server.url).expect_error(409, "no_consent");
    let consent = |body: &Value| visitor.send(visitor.consent(body));
    for bad in [
        json!({}),
        json!({"language": "", "text": "2026-11.3"}),
        json!({"language": "tlh", "text": "2026-11.3"}),
        json!({"language": "en", "text": 2}),
        json!({"language": "en", "text": "2026-11.3", "kept_days": -1}),
    ] {
        consent(&bad).expect_error(400, "bad_message");
    }
    for text in ["", "2026-11", "x"] {
        consent(&json!({"language": "en", "text": text})).expect_error(409, "other_text");
    }
    visitor.scan(&server.url).expect_error(409, "no_consent");
    assert_eq!(visitor.agree().status, 204);
    assert_eq!(visitor.agree().status, 204, "the answer to the first one was lost");
    // Another site's page may not listen in, whatever cookies its browser sends.
    visitor.scan("https://evil.example").expect_error(403, "other_browser");
}

#[test]
fn who_has_too_many_captures_open_is_told_how_long_to_wait() {
    let folder = Folder::new("[throttle]\ndeclined_per_device = 2");
    let server = folder.start();
    let integrator = Integrator::of(&server);
    let mut cookie = None;
    let mut open = || {
        let id = text(&integrator.init(&json!({})), "verification_id").to_owned();
        let mut visitor = Visitor { cookie: cookie.clone(), ..Visitor::new(&server, &id) };
        assert_eq!(visitor.open().status, 200);
        cookie.clone_from(&visitor.cookie);
        visitor
    };
    let visitors = [open(), open(), open()];
    assert_eq!((visitors[0].agree().status, visitors[1].agree().status), (204, 204));
    let throttled = visitors[2].agree();
    throttled.expect_error(429, "throttled");
    assert!((1..=600).contains(&throttled.header("retry-after").parse::<u64>().unwrap()));
    visitors[2].scan(&server.url).expect_error(409, "no_consent");
}

#[test]
fn scripts_and_styles_come_from_the_server_itself() {
    let server = Server::start();
    let http = Client::new();
    let get = |path: &str| Answer::of(http.get(format!("{}{path}", server.url)).send().unwrap());
    assert!(get("/verify/assets/main.js").header("content-type").starts_with("text/javascript"));
    assert!(get("/verify/assets/capture.css").header("content-type").starts_with("text/css"));
    assert_eq!(get("/verify/assets/secret.txt").status, 404);
    assert_eq!(get("/verify/assets/..%2F..%2FCargo.toml").status, 404);
}

#[test]
fn keys_of_badges_are_published_and_old_ones_stay() {
    let server = Server::start();
    let http = Client::new();
    let keys = || {
        let answer = Answer::of(http.get(format!("{}/.well-known/jwks.json", server.url)).send().unwrap());
        answer.expect(200)["keys"].as_array().unwrap().clone()
    };
    let first = keys();
    assert_eq!(first.len(), 1);
    assert_eq!(
        (&first[0]["kty"], &first[0]["crv"], &first[0]["alg"]),
        (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA"))
    );
    let rotated = server.admin(&["badge", "rotate-key"]);
    let both = keys();
    assert_eq!((both.len(), &both[1]), (2, &first[0]));
    assert_eq!(both[0]["kid"], rotated["kid"]);
    assert!(first[0].get("d").is_none(), "no private half");
}
