//! Hooks, as whoever is told meets them: receivers that take, refuse, stall and lie.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rcgen::CertifiedKey;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Server, Truora, bonafide, photo, selfie_link, text, wait_for};
use crate::receiver::{Receiver, Reply, Request, event, nobody, verified};

/// A server that may call this machine and has little patience, in a folder of its own.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = "[outgoing]\nallow = ['127.0.0.1/32']\ntimeout = '1s'\n\
                        [webhooks]\nretries = ['100ms', '100ms', '100ms']\n";
        std::fs::write(folder.path().join("bonafide.toml"), settings).unwrap();
        Self { folder }
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn start(&self) -> Server {
        self.start_with(|_| {})
    }

    fn start_with(&self, change: impl FnOnce(&mut std::process::Command)) -> Server {
        let config = self.folder.path().join("bonafide.toml");
        Server::start_with(&self.data(), &["--config", config.to_str().unwrap()], change)
    }
}

/// Makes a hook of the vendor's API: its document.
fn hook(client: &Truora, url: &str, more: &[(&str, &str)]) -> Value {
    let form = [("event_type", "all"), ("subscriber_type", "web"), ("subscriber_url", url)];
    client.post("/v1/hooks", &[&form, more].concat()).expect(201)
}

fn deliveries(server: &Server, state: &str) -> Vec<Value> {
    let found = server.admin(&["webhook", "deliveries", "--state", state]);
    found.as_array().unwrap().clone()
}

fn wait_deliveries(server: &Server, state: &str, count: usize) -> Vec<Value> {
    wait_for(|| Some(deliveries(server, state)).filter(|found| found.len() >= count))
}

/// What happened to what, of all that came.
fn told(requests: &[Request]) -> Vec<(String, String)> {
    let word = |event: &Value| {
        let object = &event["object"];
        let id = object["enrollment_id"].as_str().or(object["validation_id"].as_str()).unwrap();
        (format!("{} {}", text(event, "event_type"), text(event, "event_action")), id.to_owned())
    };
    requests.iter().map(|request| word(&event(request))).collect()
}

#[test]
fn a_hook_is_told_each_thing_once_in_its_order_and_as_it_was_then() {
    let place = Place::new();
    let server = place.start();
    let client = server.client();
    let receiver = Receiver::willing();
    client.enroll("before", &[]);
    let made = hook(&client, &receiver.url(), &[]);
    let enrollment = client.enroll_photo("ana", photo("photo-person-b-1"));
    let validation = client.validate("ana", &[]);
    client.upload(selfie_link(&validation), photo("photo-person-b-2")).expect(200);
    client.ended(&validation);
    let path = format!("/v1/enrollments/{}", text(&enrollment, "enrollment_id"));
    client.delete(&path).expect(200);

    let requests = receiver.wait(5);
    let (enrollment_id, validation_id) =
        (text(&enrollment, "enrollment_id").to_owned(), text(&validation, "validation_id").to_owned());
    let (of_enrollment, of_validation) = ("face_recognition.enrollment", "face_recognition.validation");
    assert_eq!(
        told(&requests),
        [
            (format!("{of_enrollment} created"), enrollment_id.clone()),
            (format!("{of_validation} created"), validation_id.clone()),
            (format!("{of_validation} succeeded"), validation_id),
            (format!("{of_enrollment} succeeded"), enrollment_id.clone()),
            (format!("{of_enrollment} enrollment_deleted"), enrollment_id),
        ]
    );
    let mut ids = BTreeSet::new();
    for request in &requests {
        assert_eq!(request.path, "/hooks?token=of-the-url");
        assert_eq!(request.headers["content-type"], "text/plain; charset=utf-8");
        assert!(request.headers["user-agent"].starts_with("bonafide/"));
        let claims = verified(&request.body, text(&made, "signing_key"));
        assert_eq!(claims["iss"], "Truora");
        let event = &claims["events"][0];
        let id = text(event, "id");
        assert!(id.starts_with("HKE") && id.len() == 35, "{id}");
        ids.insert(id.to_owned());
        let object = &event["object"];
        assert_eq!((&object["account_id"], &object["type"]), (&"ana".into(), &"face-recognition".into()));
        for hidden in ["details", "threshold", "file_upload_link", "instructions", "confidence_score"] {
            assert_eq!(object.get(hidden), None, "{event}");
        }
    }
    assert_eq!(ids.len(), 5, "each event has its own id");
    let objects: Vec<Value> = requests.iter().map(|request| event(request)["object"].clone()).collect();
    assert_eq!(
        (&objects[0]["status"], &objects[0]["reason"]),
        (&"pending".into(), &"waiting_file_upload".into())
    );
    assert_eq!(objects[1]["validation_status"], "pending");
    assert_eq!(objects[2]["validation_status"], "success");
    assert!(objects[2]["processing_finish_date"].is_string());
    assert_eq!(objects[3]["status"], "success");
    assert_eq!(wait_deliveries(&server, "delivered", 5).len(), 5);
    assert_eq!(receiver.requests().len(), 5, "nothing is told twice");
}

#[test]
fn a_late_telling_says_what_was_and_not_what_is() {
    let place = Place::new();
    let server = place.start();
    let client = server.client();
    let is_awake = Arc::new(AtomicUsize::new(0));
    let awake = Arc::clone(&is_awake);
    let receiver = Receiver::start(move |_| match awake.load(Ordering::Relaxed) {
        0 => Reply::Status(503),
        _ => Reply::Status(200),
    });
    hook(&client, &receiver.url(), &[]);
    let enrollment = client.enroll("ana", &[("confirmation", "none")]);
    client.upload(text(&enrollment, "file_upload_link"), photo("photo-person-b-1")).expect(200);
    client.delete(&format!("/v1/enrollments/{}", text(&enrollment, "enrollment_id"))).expect(200);
    // The first was given up, and lets the others go: they are given up, too.
    wait_deliveries(&server, "dead", 3);
    is_awake.store(1, Ordering::Relaxed);
    let before = receiver.requests().len();
    assert_eq!(server.admin(&["webhook", "replay", "--dead"])["replayed"], 3);
    let again = receiver.wait(before + 3)[before..].to_vec();
    let said: Vec<_> = again
        .iter()
        .map(|request| {
            let event = event(request);
            (text(&event, "event_action").to_owned(), event["object"]["status"].clone())
        })
        .collect();
    assert_eq!(
        said,
        [
            ("created".to_owned(), "pending".into()),
            ("succeeded".to_owned(), "success".into()),
            ("enrollment_deleted".to_owned(), Value::Null),
        ]
    );
}

#[test]
fn what_was_restored_is_told_as_it_was_each_time() {
    let place = Place::new();
    let server = place.start();
    let client = server.client();
    let is_awake = Arc::new(AtomicUsize::new(0));
    let awake = Arc::clone(&is_awake);
    let receiver = Receiver::start(move |_| match awake.load(Ordering::Relaxed) {
        0 => Reply::Status(503),
        _ => Reply::Status(200),
    });
    hook(&client, &receiver.url(), &[]);
    client
        .put_form("/v1/config", &[("validator", "document-validation"), ("allowed_retries", "1")])
        .expect(200);
    let form = [
        ("type", "document-validation"),
        ("user_authorized", "true"),
        ("account_id", "ana"),
        ("country", "ALL"),
        ("document_type", "passport"),
        ("timeout", "1"),
    ];
    let validation = client.post("/v1/validations", &form).expect(201);
    client.ended(&validation);
    let path = format!("/v1/validations/{}/restore", text(&validation, "validation_id"));
    let restored = client.post(&path, &[]).expect(200);
    client.upload(text(&restored["instructions"], "front_url"), photo("photo-no-face")).expect(200);
    client.ended(&validation);
    wait_deliveries(&server, "dead", 4);
    is_awake.store(1, Ordering::Relaxed);
    let before = receiver.requests().len();
    assert_eq!(server.admin(&["webhook", "replay", "--dead"])["replayed"], 4);
    let again = receiver.wait(before + 4)[before..].to_vec();
    let said: Vec<_> = again
        .iter()
        .map(|request| {
            let event = event(request);
            (text(&event, "event_action").to_owned(), event["object"]["failure_status"].clone())
        })
        .collect();
    assert_eq!(
        said,
        [
            ("created".to_owned(), Value::Null),
            ("failed".to_owned(), "expired".into()),
            ("created".to_owned(), Value::Null),
            ("failed".to_owned(), "declined".into()),
        ]
    );
}

/// Checks both signatures of Standard Webhooks.
fn check_standard(request: &Request, made: &Value) {
    let header = |name: &str| request.headers[name].as_str();
    let signed =
        format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), request.body).into_bytes();
    let (shared, private) = header("webhook-signature").split_once(' ').expect("two signatures");
    let decode = |text: &str, prefix: &str| BASE64.decode(text.strip_prefix(prefix).unwrap()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &decode(text(made, "secret"), "whsec_"));
    hmac::verify(&key, &signed, &decode(shared, "v1,")).unwrap();
    let public = UnparsedPublicKey::new(&ED25519, decode(text(made, "public_key"), "whpk_"));
    public.verify(&signed, &decode(private, "v1a,")).unwrap();
}

#[test]
fn standard_webhooks_are_signed_and_repeated_under_one_id() {
    let place = Place::new();
    let server = place.start();
    let count = AtomicUsize::new(0);
    let receiver = Receiver::start(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::Status(500),
        1 => Reply::Nothing,
        _ => Reply::Status(204),
    });
    let url = receiver.url();
    let args = ["webhook", "create", "--url", &url, "--signature", "hmac", "--signature", "ed25519"];
    let made = server.admin(&args);
    let enrollment = server.client().enroll("ana", &[]);
    let requests = receiver.wait(3);
    for request in &requests {
        check_standard(request, &made);
        assert_eq!(request.headers["webhook-id"], requests[0].headers["webhook-id"]);
        assert_eq!(request.headers["content-type"], "application/json");
        assert_eq!(request.body, requests[0].body);
    }
    let payload: Value = serde_json::from_str(&requests[2].body).unwrap();
    assert_eq!(payload["type"], "face_recognition.enrollment.created");
    assert_eq!(payload["timestamp"], enrollment["creation_date"]);
    assert_eq!(payload["data"]["enrollment_id"], enrollment["enrollment_id"]);
    let delivered = wait_deliveries(&server, "delivered", 1);
    assert_eq!((&delivered[0]["attempts"], &delivered[0]["status"]), (&3.into(), &204.into()));
}

#[test]
fn whoever_cannot_be_reached_is_given_up_and_can_be_tried_again() {
    let place = Place::new();
    let server = place.start();
    let client = server.client();
    let inside = Receiver::willing();
    let silent = Receiver::start(|_| Reply::Silence);
    // 127.0.0.2 is this machine, and not on the list.
    let target = format!("http://127.0.0.2:{}/", inside.address.port());
    let redirecting = Receiver::start(move |_| Reply::Redirect(target.clone()));
    let tls = Receiver::tls(tls_config(&certificate()));
    let gone = nobody();
    let cases = [
        (silent.url(), "there was no answer in time"),
        (redirecting.url(), "it answered with a redirect, which is not followed"),
        (
            format!("https://{}/", tls.address),
            "its TLS certificate was not accepted, or TLS failed otherwise",
        ),
        (format!("http://{gone}/"), "no connection could be made"),
        (
            format!("http://localhost.localdomain.invalid:{}/", inside.address.port()),
            "its host name has no address",
        ),
    ];
    let hooks: BTreeMap<String, &str> = cases
        .iter()
        .map(|(url, error)| (text(&hook(&client, url, &[]), "hook_id")[3..].to_owned(), *error))
        .collect();
    client.enroll("ana", &[]);
    let dead = wait_deliveries(&server, "dead", cases.len());
    for delivery in &dead {
        assert_eq!(text(delivery, "error"), hooks[text(delivery, "hook")]);
        assert_eq!(delivery["attempts"], 4, "{delivery}");
    }
    assert_eq!(dead.len(), cases.len());
    assert!(inside.requests().is_empty() && tls.requests().is_empty());

    // Somebody came to live there.
    let receiver = Receiver::start_at(gone, |_| Reply::Status(200));
    let id = dead.iter().find(|delivery| text(delivery, "error").starts_with("no connection")).unwrap();
    assert_eq!(server.admin(&["webhook", "replay", "--delivery", text(id, "id")])["replayed"], 1);
    receiver.wait(1);
    assert_eq!(wait_deliveries(&server, "delivered", 1)[0]["id"], id["id"]);
}

fn certificate() -> CertifiedKey<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap()
}

fn tls_config(certificate: &CertifiedKey<rcgen::KeyPair>) -> Arc<rustls::ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.unwrap().with_no_client_auth();
    Arc::new(config.with_single_cert(vec![certificate.cert.der().clone()], key).unwrap())
}

#[test]
fn a_certificate_that_the_machine_trusts_is_accepted() {
    let place = Place::new();
    let certificate = certificate();
    let file = place.folder.path().join("trusted.pem");
    std::fs::write(&file, certificate.cert.pem()).unwrap();
    let server = place.start_with(|command| {
        command.env("SSL_CERT_FILE", &file);
    });
    let receiver = Receiver::tls(tls_config(&certificate));
    hook(&server.client(), &format!("https://localhost:{}/", receiver.address.port()), &[]);
    server.client().enroll("ana", &[]);
    receiver.wait(1);
}

#[test]
fn a_body_that_is_slow_or_has_no_end_does_no_harm() {
    let place = Place::new();
    let server = place.start();
    let client = server.client();
    let (slow, endless) = (Receiver::start(|_| Reply::SlowBody), Receiver::start(|_| Reply::EndlessBody));
    for receiver in [&slow, &endless] {
        hook(&client, &receiver.url(), &[]);
    }
    client.enroll("ana", &[]);
    let delivered = wait_deliveries(&server, "delivered", 2);
    assert!(delivered.iter().all(|delivery| delivery["attempts"] == 1), "{delivered:?}");
}

#[test]
fn whoever_is_gone_is_told_nothing_more() {
    let place = Place::new();
    let server = place.start();
    let client = server.client();
    let receiver = Receiver::start(|_| Reply::Status(410));
    let made = hook(&client, &receiver.url(), &[]);
    client.enroll("ana", &[]);
    let path = format!("/v1/hooks/{}", text(&made, "hook_id"));
    let now = wait_for(|| Some(client.get(&path).expect(200)).filter(|now| now["status"] == "disabled"));
    assert_eq!(now["disabled_reason"], "gone");
    client.enroll("eva", &[]);
    assert_eq!(deliveries(&server, "cancelled").len(), 1);
    // Whoever comes back is told of what happens from then on.
    client.put_form(&path, &[("status", "enabled")]).expect(200);
    client.enroll("leo", &[]);
    let requests = receiver.wait(2);
    assert_eq!(event(&requests[1])["object"]["account_id"], "leo");
}

#[test]
fn a_hook_is_told_what_it_asked_for() {
    let place = Place::new();
    let server = place.start();
    let client = server.client();
    let (all, deleted, none) = (Receiver::willing(), Receiver::willing(), Receiver::willing());
    hook(&client, &all.url(), &[]);
    hook(&client, &deleted.url(), &[("actions", "enrollment_deleted")]);
    let form = [
        ("event_type", "face_recognition.validation"),
        ("subscriber_type", "web"),
        ("subscriber_url", &none.url()),
    ];
    client.post("/v1/hooks", &form).expect(201);
    let id = text(&client.enroll("ana", &[]), "enrollment_id").to_owned();
    client.delete(&format!("/v1/enrollments/{id}")).expect(200);
    all.wait(2);
    assert_eq!(told(&deleted.wait(1)), [("face_recognition.enrollment enrollment_deleted".to_owned(), id)]);
    wait_deliveries(&server, "delivered", 3);
    assert!(none.requests().is_empty());
}

#[test]
fn another_tenants_hook_is_told_nothing() {
    let place = Place::new();
    let server = place.start();
    let (owner, other) = (server.client(), server.other_tenant("other"));
    let (own, others) = (Receiver::willing(), Receiver::willing());
    hook(&owner, &own.url(), &[]);
    hook(&other, &others.url(), &[]);
    owner.enroll("ana", &[]);
    own.wait(1);
    other.enroll("eva", &[]);
    assert_eq!(event(&others.wait(1)[0])["object"]["account_id"], "eva");
    assert_eq!(own.requests().len(), 1);
    let listed = server.admin(&["webhook", "deliveries", "--tenant", "other"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(server.admin(&["webhook", "list", "--tenant", "other"]).as_array().unwrap().len(), 1);
}

#[test]
fn what_happens_to_one_person_arrives_in_its_order_whatever_fails() {
    const PEOPLE: usize = 12;
    let place = Place::new();
    let server = place.start();
    let client = server.client();
    let count = AtomicUsize::new(0);
    // Every second attempt fails, in ways of its own: three in a row for one event are rare, and four would end it.
    let receiver = Receiver::start(move |_| match count.fetch_add(1, Ordering::Relaxed) % 4 {
        0 => Reply::Status(500),
        2 => Reply::Nothing,
        _ => Reply::Status(200),
    });
    hook(&client, &receiver.url(), &[]);
    for person in 0..PEOPLE {
        let enrollment = client.enroll(&format!("person-{person}"), &[]);
        client.delete(&format!("/v1/enrollments/{}", text(&enrollment, "enrollment_id"))).expect(200);
    }
    wait_for(|| deliveries(&server, "pending").is_empty().then_some(()));
    let mut actions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for request in receiver.requests() {
        let event = event(&request);
        let said = actions.entry(text(&event["object"], "account_id").to_owned()).or_default();
        said.push(text(&event, "event_action").to_owned());
    }
    assert_eq!(actions.len(), PEOPLE);
    for (person, mut said) in actions {
        said.dedup();
        assert_eq!(said, ["created", "enrollment_deleted"], "{person}");
    }
}

#[test]
fn kills_between_commit_and_delivery_lose_nothing() {
    const KILLS: usize = 12;
    let place = Place::new();
    let receiver = Receiver::start(|_| {
        // Long enough to be killed in the middle.
        thread::sleep(Duration::from_millis(20));
        Reply::Status(200)
    });
    let mut server = place.start();
    hook(&server.client(), &receiver.url(), &[]);
    let mut enrolled = BTreeSet::new();
    for round in 0..KILLS {
        let client = server.client();
        for person in 0..5 {
            let enrollment = client.enroll(&format!("person-{round}-{person}"), &[]);
            enrolled.insert(text(&enrollment, "enrollment_id").to_owned());
        }
        // Nobody waits for a delivery.
        thread::sleep(Duration::from_millis(5 * (round as u64 % 4)));
        server.kill();
        server = place.start();
    }
    let arrived = wait_for(|| {
        let mut arrived: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for request in receiver.requests() {
            let event = event(&request);
            let of = text(&event["object"], "enrollment_id").to_owned();
            arrived.entry(of).or_default().insert(text(&event, "id").to_owned());
        }
        (arrived.len() == enrolled.len()).then_some(arrived)
    });
    for id in &enrolled {
        assert_eq!(arrived[id].len(), 1, "{id} has one id, however often it came");
    }
    wait_for(|| deliveries(&server, "pending").is_empty().then_some(()));
    assert_eq!(deliveries(&server, "delivered").len(), enrolled.len());
}

#[test]
fn a_stop_waits_for_what_is_being_sent() {
    let place = Place::new();
    let receiver = Receiver::start(|_| {
        thread::sleep(Duration::from_millis(500));
        Reply::Status(200)
    });
    let mut server = place.start();
    hook(&server.client(), &receiver.url(), &[]);
    server.client().enroll("ana", &[]);
    receiver.wait(1);
    assert_eq!(server.terminate(), Some(0));
    let server = place.start();
    assert_eq!(deliveries(&server, "delivered").len(), 1);
    assert_eq!(receiver.requests().len(), 1);
}

#[test]
fn what_is_on_its_way_about_an_erased_person_goes_with_them() {
    let place = Place::new();
    let server = place.start();
    let client = server.client();
    let receiver = Receiver::start(|request| match event(request)["object"]["account_id"].as_str() {
        Some("ana") => Reply::Status(500),
        _ => Reply::Status(200),
    });
    hook(&client, &receiver.url(), &[]);
    client.enroll("ana", &[]);
    wait_deliveries(&server, "dead", 1);
    client.enroll("eva", &[]);
    wait_deliveries(&server, "delivered", 1);
    server.admin(&["erase", "--subject", "ana"]);
    assert!(deliveries(&server, "dead").is_empty());
    assert_eq!(deliveries(&server, "delivered").len(), 1);
    assert_eq!(
        bonafide(&["webhook", "replay", "--dead", "--data"]).arg(place.data()).status().unwrap().code(),
        Some(1)
    );
}

#[test]
fn without_a_list_only_public_addresses_are_called() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bonafide.toml");
    std::fs::write(&config, "[webhooks]\nretries = []\n").unwrap();
    let server = Server::start_in(&folder.path().join("data"), &["--config", config.to_str().unwrap()]);
    let client = server.client();
    let inside = Receiver::willing();
    let port = inside.address.port();
    let form = |url: &str| {
        [
            ("event_type", "all".to_owned()),
            ("subscriber_type", "web".to_owned()),
            ("subscriber_url", url.to_owned()),
        ]
    };
    for host in ["127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254", "2130706433", "[::ffff:127.0.0.1]"] {
        let form = form(&format!("http://{host}:{port}/"));
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert!(client.post("/v1/hooks", &form).expect_error(400).contains("subscriber_url"), "{host}");
    }
    // What a name leads to shows only when it is called.
    hook(&client, &format!("http://localhost:{port}/"), &[]);
    client.enroll("ana", &[]);
    let dead = wait_deliveries(&server, "dead", 1);
    assert!(text(&dead[0], "error").contains("outgoing.allow"), "{dead:?}");
    assert!(inside.requests().is_empty());
}

#[test]
fn logs_name_no_url_and_no_key() {
    let place = Place::new();
    let log = place.folder.path().join("log");
    let mut server = place.start_with(|command| {
        command.args(["--log", "trace"]).stderr(Stdio::from(std::fs::File::create(&log).unwrap()));
    });
    let client = server.client();
    let receiver = Receiver::start(|_| Reply::Status(500));
    let made = hook(&client, &receiver.url(), &[]);
    let gone = hook(&client, &format!("http://{}/?token=of-the-url", nobody()), &[]);
    client.enroll("ana-garcia", &[]);
    wait_deliveries(&server, "dead", 2);
    server.terminate();
    let log = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("a webhook was not taken")).collect();
    assert!(lines.len() >= 8, "{log}");
    for secret in ["of-the-url", "ana-garcia", text(&made, "signing_key"), text(&gone, "signing_key")] {
        let leaks: Vec<&str> = log.lines().filter(|line| line.contains(secret)).collect();
        assert!(leaks.is_empty(), "{secret}: {leaks:?}");
    }
}

#[test]
fn the_operator_makes_lists_switches_and_deletes_webhooks() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str], code: i32| -> Value {
        let output = bonafide(args).arg("--json").env("BONAFIDE_DATA", folder.path()).output().unwrap();
        let (out, err) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr).into_owned());
        assert_eq!(output.status.code(), Some(code), "{args:?}: {err}");
        serde_json::from_str(&out).unwrap_or(Value::Null)
    };
    run(&["tenant", "create", "--name", "default"], 0);
    let url = "https://hooks.example/in";
    let made = run(
        &["webhook", "create", "--url", url, "--event-type", "enrollment", "--action", "created,failed"],
        0,
    );
    assert!(text(&made, "secret").starts_with("whsec_") && made.get("public_key").is_none());
    assert_eq!(made["event_types"], serde_json::json!(["enrollment"]));
    let vendor = run(&["webhook", "create", "--url", url, "--style", "truora", "--name", "shop"], 0);
    assert_eq!(text(&vendor, "secret").len(), 64);
    let listed = run(&["webhook", "list"], 0);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains(text(&made, "secret")));
    let id = text(&made, "id");
    assert_eq!(run(&["webhook", "disable", id], 0)["done"], true);
    let of = |id: &str| -> Value {
        let listed = run(&["webhook", "list"], 0);
        listed.as_array().unwrap().iter().find(|hook| hook["id"] == id).cloned().unwrap_or_default()
    };
    assert_eq!(of(id)["disabled"]["why"], "operator");
    run(&["webhook", "enable", id], 0);
    assert_eq!(of(id)["disabled"], Value::Null);
    run(&["webhook", "delete", id], 0);
    for command in ["delete", "enable", "disable"] {
        run(&["webhook", command, id], 1);
    }
    assert_eq!(run(&["webhook", "deliveries"], 0), serde_json::json!([]));
    run(&["webhook", "replay", "--dead"], 1);
    run(&["webhook", "replay"], 2);
    for bad in ["ftp://hooks.example", "https://me@hooks.example", "nonsense"] {
        run(&["webhook", "create", "--url", bad], 2);
    }
    run(&["webhook", "list", "--tenant", "nobody"], 1);
    assert!(Path::new(folder.path()).join("bonafide.db").exists());
}
