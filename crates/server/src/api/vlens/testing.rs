//! A bench for the tests of this API: a service over a temporary store, two tenants, and a messenger that keeps what it is
//! to send.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::{
    AskError, AuthorityQuestion, CodeMessage, Messenger, NewKey, NewTenant, SendError, Service,
    ServiceOptions, Store, Tenant,
};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use domain::egypt::{Authority, AuthoritySays};
use domain::{Clock, KeyKind, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;
use uuid::Uuid;

use super::dialect;
use super::tests::cards::Cards;
use crate::config::{Authorities, Config, PathPrefix, Plan, PublicUrl, Vlens};
use crate::{ServerState, Settings, assemble};

/// 2027-01-15.
const NOW: i64 = 1_800_000_000_000;

const PUBLIC_URL: &str = "https://id.example.com";

pub(super) const PHONE: &str = "+201234567890";
pub(super) const EMAIL: &str = "ada@example.org";
pub(super) const PASSWORD: &str = "correct horse battery";
pub(super) const DEVICE: &str = "b1946ac92492d234";

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(super) struct TestClock(AtomicI64);

impl TestClock {
    pub(super) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Keeps what it is to send.
#[derive(Clone, Default)]
pub(super) struct Letterbox(Arc<Mutex<Vec<CodeMessage>>>);

impl Messenger for Letterbox {
    async fn send(&self, message: &CodeMessage) -> Result<(), SendError> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}

/// Stands for the authorities: says what it was told to, else that it cannot be asked, and keeps what it was asked.
#[derive(Clone, Default)]
pub(super) struct Counter(Arc<Mutex<Asked>>);

#[derive(Default)]
struct Asked {
    answers: BTreeMap<Authority, AuthoritySays>,
    questions: Vec<AuthorityQuestion>,
}

impl Counter {
    pub(super) fn answer(&self, authority: Authority, says: AuthoritySays) {
        self.0.lock().unwrap().answers.insert(authority, says);
    }

    pub(super) fn asked(&self) -> Vec<AuthorityQuestion> {
        self.0.lock().unwrap().questions.clone()
    }
}

impl app::Authorities for Counter {
    async fn ask(&self, question: &AuthorityQuestion) -> Result<AuthoritySays, AskError> {
        let mut kept = self.0.lock().unwrap();
        kept.questions.push(question.clone());
        kept.answers.get(&question.authority).cloned().ok_or_else(|| AskError("it is closed".to_owned()))
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Answer {
    /// What was asked for.
    #[track_caller]
    pub(super) fn data(self) -> Value {
        assert_eq!((self.status, &self.body["error_code"]), (200, &Value::Null), "{}", self.body);
        assert_eq!(self.body["error_message"], Value::Null, "apps take any text for a failure");
        self.body["data"].clone()
    }

    /// That it was refused, in the vendor's form and nothing else.
    #[track_caller]
    pub(super) fn refused(&self, status: u16, code: u16) {
        assert_eq!((self.status, &self.body["error_code"]), (status, &json!(code)), "{}", self.body);
        let text = super::texts::text(code, domain::Language::English);
        let expected = json!({
            "data": null, "error_code": code, "error_message": text, "error_descriptions": null,
        });
        assert_eq!(self.body, expected);
    }
}

pub(super) struct Bench {
    pub(super) service: Service,
    pub(super) store: Store,
    pub(super) clock: Arc<TestClock>,
    pub(super) tenant: Tenant,
    /// A key of the first tenant.
    pub(super) key: String,
    /// A key of the second.
    pub(super) other: String,
    pub(super) router: Router,
    /// Stands for the authorities.
    pub(super) counter: Counter,
    letters: Letterbox,
    _folder: TempDir,
}

/// Without a bound that is in the way.
pub(super) fn config() -> Config {
    let many = NonZeroU32::new(100_000).unwrap();
    let vlens = Vlens {
        requests_per_second: many,
        requests_per_minute: many,
        existence_requests_per_minute: many,
        ocr_requests_per_second: many,
        ocr_requests_per_minute: many,
        ..Vlens::default()
    };
    let mut config = Config { vlens, ..Config::default() };
    config.delivery.log = true;
    config
}

impl Bench {
    pub(super) async fn new() -> Self {
        Self::with(config()).await
    }

    /// With the models and photos of the asset groups, and cards that were made up.
    pub(super) async fn with_cards() -> Self {
        Self::with_cards_within(config()).await
    }

    /// The same, and the first tenant has these asked about its people.
    pub(super) async fn with_authorities(authorities: Authorities) -> Self {
        let authorities = [("one".to_owned(), authorities)].into();
        Self::with_cards_within(Config { authorities, ..config() }).await
    }

    /// The same, and the plan of the first tenant has room for so many verifications a month.
    pub(super) async fn with_plan(verifications_per_month: u64) -> Self {
        let plan = Plan { verifications_per_month: Some(verifications_per_month), ..Plan::default() };
        Self::with_cards_within(Config { plans: [("standard".to_owned(), plan)].into(), ..config() }).await
    }

    async fn with_cards_within(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(NOW)));
        let store = Store::open(&folder.path().join("data")).await.unwrap();
        let models = assets::Store::open(None, assets::Fetch::Offline).unwrap();
        let options = ServiceOptions { at_once: 2, queue: 64 };
        let limits = config.usage_limits();
        let service =
            Service::open_reading(options, limits, Arc::new(Cards), store.clone(), models, clock.clone());
        Self::over(folder, clock, store, service.await.unwrap(), config).await
    }

    pub(super) async fn with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(NOW)));
        let store = Store::open(&folder.path().join("data")).await.unwrap();
        let models = assets::Store::open(Some(folder.path().join("assets")), assets::Fetch::Offline).unwrap();
        let options = ServiceOptions { at_once: 2, queue: 64 };
        let limits = config.usage_limits();
        let service =
            Service::open_limited(options, limits, store.clone(), models, clock.clone()).await.unwrap();
        Self::over(folder, clock, store, service, config).await
    }

    async fn over(
        folder: TempDir,
        clock: Arc<TestClock>,
        store: Store,
        service: Service,
        config: Config,
    ) -> Self {
        let tenant = make_tenant(&service, "one").await;
        let key = make_key(&service, &tenant).await;
        let other = make_key(&service, &make_tenant(&service, "two").await).await;
        let public_url: PublicUrl = PUBLIC_URL.parse().unwrap();
        let state = ServerState::new(service.clone(), &config, &public_url, &config.dialects.vlens);
        let mount = dialect().mount(state, &[], &PathPrefix::default(), PUBLIC_URL, &config.limits);
        let router = assemble(vec![mount], Arc::new(service.clone()), &Settings::default()).unwrap();
        let letters = Letterbox::default();
        let (worker, letterbox) = (service.clone(), letters.clone());
        tokio::spawn(async move { worker.run_messages(letterbox, std::future::pending()).await });
        let counter = Counter::default();
        let (worker, asker) = (service.clone(), counter.clone());
        tokio::spawn(async move { worker.run_authorities(asker, std::future::pending()).await });
        Self { service, store, clock, tenant, key, other, router, counter, letters, _folder: folder }
    }

    /// A user of the first tenant's staff.
    pub(super) async fn add_user(&self, name: &str, password: &str) -> app::User {
        let permissions = vec!["Requests".to_owned()];
        self.service.admin().create_user(self.tenant.id, name, password, permissions).await.unwrap()
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    /// As the vendor's apps send it, with a token or an empty one.
    pub(super) async fn post_as(&self, key: &str, token: &str, path: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header("ApiKey", key)
            .header("Authorization", format!("Bearer {token}"))
            .header("TenancyName", "one")
            .header("Content-Type", "application/json-patch+json")
            .header("Accept", "text/plain")
            .header("Accept_Language", "en")
            .header("X-Request-Id", "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// A request without a body.
    pub(super) async fn get_as(&self, key: &str, token: &str, path: &str) -> Answer {
        let request =
            Request::get(path).header("ApiKey", key).header("Authorization", format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_as(&self.key, "", path, body).await
    }

    /// To a route below `/api/DigitalIdentity/`.
    pub(super) async fn identity(&self, route: &str, body: &Value) -> Answer {
        self.post(&format!("/api/DigitalIdentity/{route}"), body).await
    }

    /// The message that was sent for `request`, once it was.
    pub(super) async fn letter(&self, request: &Value) -> CodeMessage {
        let id = Uuid::parse_str(request.as_str().unwrap()).unwrap();
        for _ in 0..4_000 {
            let found = self
                .letters
                .0
                .lock()
                .unwrap()
                .iter()
                .find(|letter| letter.id.as_bytes() == id.as_bytes())
                .cloned();
            if let Some(letter) = found {
                return letter;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("no code came");
    }

    /// How many messages were sent, once none waits any more.
    pub(super) async fn letters(&self) -> usize {
        while self.store.next_otp_message().await.unwrap().is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.letters.0.lock().unwrap().len()
    }

    /// The request of a code for the registration of `phone`, and the code.
    pub(super) async fn phone_code(&self, phone: &str) -> (String, String) {
        let sent = self.identity("Register/StepVerifyPhone", &json!({"phoneNumber": phone})).await.data();
        let request = &sent["phoneNumberOtpRequestId"];
        (request.as_str().unwrap().to_owned(), self.letter(request).await.code)
    }

    /// Registers a person; the answer's data.
    pub(super) async fn registered(&self, phone: &str, more: Value) -> Value {
        let (request, code) = self.phone_code(phone).await;
        let mut body =
            json!({"phoneNumber": phone, "phoneNumberOtp": code, "phoneNumberOtpRequestId": request});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.identity("Register", &body).await.data()
    }
}

async fn make_tenant(service: &Service, name: &str) -> Tenant {
    let new = NewTenant {
        name: name.to_owned(),
        plan: "standard".to_owned(),
        allowed_origins: Vec::new(),
        similarity_floor_fmr: 1e-2,
        evidence_days: 0,
    };
    service.admin().create_tenant(new).await.unwrap()
}

async fn make_key(service: &Service, tenant: &Tenant) -> String {
    let new = NewKey {
        tenant: tenant.id,
        name: "test".to_owned(),
        kind: KeyKind::Backend,
        permissions: [].into(),
        expires_in: None,
    };
    service.admin().create_key(new).await.unwrap().1
}
