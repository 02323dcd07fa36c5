//! Vlens' API, as the vendor's own examples and apps call it: staff who sign in, and people who register and sign in with
//! codes that come by text message.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::Url;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::harness::{Answer, Server, bonafide, wait_for};
use crate::receiver::{Receiver, Reply, Request, nobody};

pub(crate) const PHONE: &str = "+201234567890";
const PASSWORD: &str = "correct horse battery";
/// The key that text messages and questions are signed with, and its bytes in base64.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(crate) struct Folder {
    place: tempfile::TempDir,
    config: PathBuf,
    /// The same in every start: tokens name the server by it.
    address: SocketAddr,
}

impl Folder {
    /// Text messages go to `receiver`; the key that signs them lies in a file.
    pub(crate) fn new(receiver: &Receiver) -> Self {
        Self::with(receiver, |_| String::new())
    }

    /// The same, with the settings that `more` makes of the folder.
    pub(crate) fn with(receiver: &Receiver, more: impl FnOnce(&Path) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("sms-secret");
        std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
        let config = folder.path().join("bonafide.toml");
        let settings = format!(
            "[outgoing]\nallow = ['127.0.0.1/32']\n[vlens]\nrequests_per_second = 100\nrequests_per_minute = 6000\n\
             ocr_requests_per_second = 100\nocr_requests_per_minute = 6000\n\
             [delivery.sms]\nurl = '{}'\nsecret_file = '{}'\n{}",
            receiver.url(),
            secret.display(),
            more(folder.path())
        );
        std::fs::write(&config, settings).unwrap();
        Self { place: folder, config, address: nobody() }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }

    pub(crate) fn start(&self) -> Server {
        let (config, address) = (self.config.to_str().unwrap(), self.address.to_string());
        Server::start_in(&self.data(), &["--config", config, "--listen", &address])
    }
}

/// An app with the tenant's key.
pub(crate) struct App {
    http: Client,
    url: String,
    key: String,
}

impl App {
    pub(crate) fn of(server: &Server) -> Self {
        Self { http: Client::new(), url: server.url.clone(), key: server.client().key }
    }

    /// As the vendor's apps send it: the token may be empty.
    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.try_post(path, token, body).unwrap()
    }

    /// The same to a server that may be gone before it answers.
    pub(crate) fn try_post(&self, path: &str, token: &str, body: &Value) -> Option<Answer> {
        let request = self
            .http
            .post(format!("{}{path}", self.url))
            .header("ApiKey", &self.key)
            .header("Authorization", format!("Bearer {token}"))
            .header("TenancyName", "default")
            .header("Content-Type", "application/json-patch+json")
            .header("Accept", "text/plain")
            .header("Accept_Language", "en")
            .header("X-Request-Id", "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0")
            .body(body.to_string());
        let answer = request.send().ok()?;
        let (status, text) = (answer.status().as_u16(), answer.text().ok()?);
        Some(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    /// Of the tenant's staff, whose token it needs.
    pub(crate) fn get(&self, path: &str, token: &str, query: &[(&str, &str)]) -> Answer {
        let url = Url::parse_with_params(&format!("{}{path}", self.url), query).unwrap();
        let request = self.http.get(url).bearer_auth(token);
        Answer::of(request.header("ApiKey", &self.key).send().unwrap())
    }

    pub(crate) fn identity(&self, route: &str, body: &Value) -> Answer {
        self.post(&format!("/api/DigitalIdentity/{route}"), "", body)
    }
}

/// What was asked for.
#[track_caller]
pub(crate) fn data(answer: Answer) -> Value {
    let body = answer.expect(200);
    assert_eq!((&body["error_code"], &body["error_message"]), (&Value::Null, &Value::Null), "{body}");
    body["data"].clone()
}

/// That it was refused, in the vendor's form.
#[track_caller]
pub(crate) fn refused(answer: Answer, status: u16, code: u16) {
    let body = answer.expect(status);
    assert_eq!((&body["error_code"], &body["data"]), (&json!(code), &Value::Null), "{body}");
    assert!(body["error_message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
}

/// The message that answers the request of the code, whose signature must be right.
pub(crate) fn message(receiver: &Receiver, request: &Value) -> Value {
    let id = request.as_str().unwrap().replace('-', "");
    let came = wait_for(|| receiver.requests().into_iter().find(|came| came.headers["webhook-id"] == id));
    signed(&came)["data"].clone()
}

/// The document of a request that must be signed with [`SECRET`].
pub(crate) fn signed(came: &Request) -> Value {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &BASE64.decode(SECRET.trim_start_matches("whsec_")).unwrap());
    let signature = BASE64.decode(came.headers["webhook-signature"].trim_start_matches("v1,")).unwrap();
    let [id, time] = ["webhook-id", "webhook-timestamp"].map(|name| &came.headers[name]);
    let signed = format!("{id}.{time}.{}", came.body);
    hmac::verify(&key, signed.as_bytes(), &signature).expect("the agreed key signed it");
    serde_json::from_str(&came.body).unwrap()
}

/// Registers a person; their access token.
pub(crate) fn register(app: &App, receiver: &Receiver, phone: &str) -> String {
    let sent =
        data(app.identity("Register/StepVerifyPhone", &json!({"phoneNumber": phone, "smsProviders": 0})));
    assert_eq!(sent["phoneNumberOtp"], Value::Null);
    let request = &sent["phoneNumberOtpRequestId"];
    let came = message(receiver, request);
    assert_eq!((&came["to"], &came["tenant"]), (&json!(phone), &json!("default")));
    let mut shown =
        json!({"phoneNumber": phone, "phoneNumberOtpRequestId": request, "phoneNumberOtp": came["code"]});
    let confirmed = data(app.identity("Register/StepVerifyPhone", &shown));
    assert_eq!(confirmed["isPhoneNumberConfirmed"], true);
    shown["password"] = json!(PASSWORD);
    let made = data(app.identity("Register", &shown));
    assert_eq!(
        (&made["isDigitalIdentityVerified"], &made["expireInSeconds"]),
        (&json!(false), &json!(86_400))
    );
    refused(app.identity("Register", &shown), 200, 6001);
    made["accessToken"].as_str().unwrap().to_owned()
}

/// Makes a user whose password comes from a file.
pub(crate) fn add_user(server: &Server, name: &str, password: &str) {
    let file = server.data().join("password.txt");
    std::fs::write(&file, password).unwrap();
    let file = file.to_str().unwrap();
    server.admin(&["user", "create", "--name", name, "--password-file", file, "--permission", "Requests"]);
}

#[test]
fn staff_signs_in_and_a_stolen_refresh_token_ends_it() {
    let server = Server::start();
    add_user(&server, "ada", "of the first admin");
    let app = App::of(&server);
    let login = |password: &str| {
        let body = json!({"tenancyName": "default", "userNameOrEmailAddress": "ada", "password": password});
        app.post("/api/credentials/Login", "", &body)
    };
    refused(login("another"), 200, 401);
    let tokens = data(login("of the first admin"));
    assert_eq!(
        (&tokens["expireInSeconds"], &tokens["refreshTokenExpireInSeconds"]),
        (&json!(86_400), &json!(604_800))
    );
    let refresh =
        |token: &Value| app.post("/api/credentials/RefreshToken", "", &json!({ "refreshToken": token }));
    let next = data(refresh(&tokens["refreshToken"]));
    assert_ne!(next["accessToken"], tokens["accessToken"]);
    refused(refresh(&tokens["refreshToken"]), 200, 403);
    refused(refresh(&next["newRefreshToken"]), 200, 403);
    let stranger = App { key: "nonsense".to_owned(), ..App::of(&server) };
    refused(stranger.identity("Login", &json!({})), 401, 401);
}

#[test]
fn a_person_registers_and_signs_in_on_a_new_device_with_codes_by_text_message() {
    let receiver = Receiver::willing();
    let folder = Folder::new(&receiver);
    let server = folder.start();
    let app = App::of(&server);
    let exists =
        |phone: &str| data(app.identity("CheckExistenceOfEmailOrPhone", &json!({"phoneNumber": phone})));
    assert_eq!(exists(PHONE), json!({"exists": false}));
    let token = register(&app, &receiver, PHONE);
    assert_eq!(exists(PHONE), json!({"exists": true}));

    let mut login = json!({
        "phoneNumber": PHONE, "password": PASSWORD, "imei": "b1946ac92492d234", "imsi": null, "smsProviders": 0,
        "geoLocation": {"latitude": "30.04", "longitude": "31.24"}, "isPhone2FAEnabled": false,
    });
    let asked = data(app.identity("Login", &login));
    assert_eq!((&asked["accessToken"], &asked["user"]), (&Value::Null, &Value::Null));
    let request = asked["phoneNumberOtpRequestId"].clone();
    login["phoneNumberOtp"] = message(&receiver, &request)["code"].clone();
    login["phoneNumberOtpRequestId"] = request;
    let signed_in = data(app.identity("Login", &login));
    assert_eq!((&signed_in["user"]["id"], &signed_in["user"]["phoneNumber"]), (&json!(1), &json!(PHONE)));
    refused(app.identity("Login", &login), 200, 6001);
    login["phoneNumberOtp"] = Value::Null;
    login["phoneNumberOtpRequestId"] = Value::Null;
    assert!(data(app.identity("Login", &login))["accessToken"].is_string(), "the device is known now");
    login["password"] = json!("another one");
    refused(app.identity("Login", &login), 200, 401);

    // No e-mail is set up: that is said, to whoever may ask.
    let path = "/api/DigitalIdentity/VerifyEmail";
    refused(app.post(path, &token, &json!({"email": "ada@example.org"})), 200, 4004);
    refused(app.post(path, "", &json!({"email": "ada@example.org"})), 403, 403);
    refused(app.identity("Register/StepVerifyOAuthToken", &json!({})), 404, 404);

    // The operator erases a person by their number: nothing of them opens any more.
    server.admin(&["erase", "--tenant", "default", "--subject", PHONE]);
    assert_eq!(exists(PHONE), json!({"exists": false}));
    refused(app.post(path, &token, &json!({"email": "ada@example.org"})), 403, 403);
}

#[test]
fn a_code_that_could_not_be_sent_is_sent_after_the_server_was_killed() {
    let is_up = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&is_up);
    let receiver =
        Receiver::start(
            move |_| {
                if asked.load(Ordering::Relaxed) { Reply::Status(200) } else { Reply::Status(503) }
            },
        );
    let folder = Folder::new(&receiver);
    let mut server = folder.start();
    let sent = data(App::of(&server).identity("Register/StepVerifyPhone", &json!({"phoneNumber": PHONE})));
    let first = receiver.wait(1)[0].clone();
    server.kill();
    is_up.store(true, Ordering::Relaxed);
    let before = receiver.requests().len();
    drop(server);
    let server = folder.start();
    let again = receiver.wait(before + 1)[before].clone();
    // The same request, so that a service can tell that it is no second code.
    assert_eq!(first.headers["webhook-id"], again.headers["webhook-id"]);
    let body: Value = serde_json::from_str(&again.body).unwrap();
    let shown = json!({
        "phoneNumber": PHONE, "phoneNumberOtpRequestId": sent["phoneNumberOtpRequestId"],
        "phoneNumberOtp": body["data"]["code"],
    });
    data(App::of(&server).identity("Register/StepVerifyPhone", &shown));
}

#[test]
fn codes_in_the_log_are_refused_where_others_can_reach_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let output = bonafide(&["serve", "--listen", "0.0.0.0:0", "--metrics-listen", "off"])
        .arg("--data")
        .arg(&data)
        .env("BONAFIDE_DELIVERY__LOG", "true")
        .stdout(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("delivery.log"));
    let mut served = Server::start_with(&data, &[], |command: &mut Command| {
        command.env("BONAFIDE_DELIVERY__LOG", "true");
    });
    let sent = App::of(&served).identity("Register/StepVerifyPhone", &json!({"phoneNumber": PHONE}));
    assert_eq!(self::data(sent)["phoneNumberOtp"], Value::Null);
    assert_eq!(served.terminate(), Some(0));
}
