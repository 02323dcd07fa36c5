//! A backend that speaks Mosaic's API, and what it sends.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lab::document::{Genuine, Layout, Scene, specimen};
use lab::presence::Half;
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{Answer, Server, photo, text, wait_for};

/// A backend with an access token.
pub(crate) struct Backend {
    pub(crate) http: Client,
    pub(crate) url: String,
    pub(crate) token: String,
}

/// Id and secret of a new client.
pub(crate) fn client(server: &Server, tenant: &str, more: &[&str]) -> (String, String) {
    let args = [&["client", "create", "--tenant", tenant, "--name", "test"][..], more].concat();
    let made = server.admin(&args);
    (text(&made, "id").to_owned(), text(&made, "secret").to_owned())
}

pub(crate) fn token(server: &Server, form: &[(&str, &str)]) -> Answer {
    let request = Client::new().post(format!("{}/oidc/token", server.url)).form(form);
    Answer::of(request.send().unwrap())
}

impl Backend {
    pub(crate) fn of(server: &Server) -> Self {
        Self::with(server, client(server, "default", &[]))
    }

    pub(crate) fn sandbox(server: &Server) -> Self {
        Self::with(server, client(server, "default", &["--sandbox"]))
    }

    pub(crate) fn with(server: &Server, (id, secret): (String, String)) -> Self {
        let form = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
        let made = token(server, &form).expect(200);
        assert_eq!((&made["token_type"], &made["expires_in"]), (&json!("Bearer"), &json!(3600)));
        let token = text(&made, "access_token").to_owned();
        Self { http: Client::new(), url: format!("{}/api/v1", server.url), token }
    }

    pub(crate) fn send(&self, request: RequestBuilder) -> Answer {
        Answer::of(request.bearer_auth(&self.token).send().unwrap())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(format!("{}{path}", self.url)))
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send(self.http.delete(format!("{}{path}", self.url)))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.http.post(format!("{}{path}", self.url)).json(body))
    }

    /// Opens a session that is started: its id.
    pub(crate) fn open(&self, more: &Value) -> String {
        let mut body = json!({"start": {"consent": {"granted": true, "document_id": "text-1"}}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.post("/verification", &body).expect(200);
        assert!(made.get("start_token").is_none());
        text(&made, "session_id").to_owned()
    }

    pub(crate) fn image(&self, id: &str, kind: &str, bytes: &[u8]) -> Answer {
        self.post(&format!("/verification/{id}/images"), &image(kind, bytes))
    }

    pub(crate) fn result(&self, id: &str) -> Value {
        self.get(&format!("/verification/{id}/result")).expect(200)
    }

    /// The result, once the session does not process any more.
    pub(crate) fn judged(&self, id: &str) -> Value {
        wait_for(|| Some(self.result(id)).filter(|now| now["status"] != "processing"))
    }
}

pub(crate) fn image(kind: &str, bytes: &[u8]) -> Value {
    json!({"image": {"format": "jpg", "image_type": kind, "content": BASE64.encode(bytes)}})
}

/// A drawn passport with that portrait, photographed in simulation: the file, and the passport's number.
pub(crate) fn passport(portrait: &str) -> (Vec<u8>, String) {
    let face = media::decode(&photo(portrait), &media::Limits::default()).unwrap();
    let drawn = specimen(Layout::Passport, 3, Some(&face)).unwrap();
    let scene = Scene {
        size: (1600, 1200),
        roll: 4.0,
        tilt: 10.0,
        fills: 0.85,
        shift: (0.0, 0.0),
        blur: 0.5,
        glare: 0.0,
        ..Scene::draw(Half::Development, 1)
    };
    let seen = scene.photograph(&Genuine::new(&drawn.page), 5).unwrap();
    (media::encode_jpeg(&seen.frame).unwrap(), drawn.fields[2].text.clone())
}
