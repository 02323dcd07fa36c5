//! A bench for the tests of this API: a service over a temporary store, a tenant with a key, and a clock that is moved.
//! No models: nobody is judged here, the bench says who has passed.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::{Badge, Caller, NewKey, NewTenant, Service, ServiceOptions, Store, Tenant};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use domain::{Clock, Decision, KeyKind, ScanId, ScanState, Timestamp, VerificationState};
use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use store::{Digest, ScanRow};
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::{dialect, read_id};
use crate::config::{Config, PathPrefix, PublicUrl, TrueLens};
use crate::{ServerState, Settings, assemble};

/// 2027-01-15.
const NOW: i64 = 1_800_000_000_000;

pub(super) const PUBLIC_URL: &str = "https://id.example.com";

pub(super) const NOT_FOUND: &str = "Verification not found or already completed";

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

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    #[track_caller]
    pub(super) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }

    /// The vendor's error shape, and nothing else in it.
    #[track_caller]
    pub(super) fn expect_error(&self, status: u16, text: &str) {
        assert_eq!(self.expect(status), json!({ "error": text }));
    }

    /// The value of a header; empty where it is missing.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// `X-RateLimit-Limit` and `-Remaining`, where the answer has all three headers.
    pub(super) fn left(&self) -> Option<(u32, u32)> {
        let number = |name| self.header(name).parse::<i64>().ok();
        let reset = number("x-ratelimit-reset")?;
        assert!(reset * 1000 >= NOW, "a Unix time: {reset}");
        let [limit, remaining] = ["x-ratelimit-limit", "x-ratelimit-remaining"].map(number);
        Some((limit?.try_into().unwrap(), remaining?.try_into().unwrap()))
    }
}

pub(super) struct Bench {
    pub(super) service: Service,
    pub(super) store: Store,
    pub(super) clock: Arc<TestClock>,
    pub(super) tenant: Tenant,
    pub(super) caller: Caller,
    pub(super) key: String,
    pub(super) config: Config,
    router: Router,
    folder: TempDir,
}

/// Without a bound that is in the way.
pub(super) fn config() -> Config {
    let many = NonZeroU32::new(100_000).unwrap();
    let truelens =
        TrueLens { requests_per_minute: many, burst: many, open_sessions: many, ..TrueLens::default() };
    Config { truelens, ..Config::default() }
}

impl Bench {
    pub(super) async fn new() -> Self {
        Self::with(config()).await
    }

    pub(super) async fn with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(NOW)));
        let store = Store::open(&folder.path().join("data")).await.unwrap();
        let models = assets::Store::open(Some(folder.path().join("assets")), assets::Fetch::Offline).unwrap();
        let options = ServiceOptions { at_once: 1, queue: 2 };
        let limits = config.usage_limits();
        let service =
            Service::open_limited(options, limits, store.clone(), models, clock.clone()).await.unwrap();
        let new = NewTenant {
            name: "shop".to_owned(),
            plan: "standard".to_owned(),
            allowed_origins: vec!["https://shop.example".to_owned()],
            similarity_floor_fmr: 1e-2,
            evidence_days: 0,
        };
        let tenant = service.admin().create_tenant(new).await.unwrap();
        let new = NewKey {
            tenant: tenant.id,
            name: "test".to_owned(),
            kind: KeyKind::Backend,
            permissions: [].into(),
            expires_in: None,
        };
        let (_, key) = service.admin().create_key(new).await.unwrap();
        let caller = service.authenticate(&key).await.unwrap();
        let public_url: PublicUrl = PUBLIC_URL.parse().unwrap();
        let state = ServerState::new(service.clone(), &config, &public_url, &config.dialects.truelens);
        let mount = dialect().mount(state, &[], &PathPrefix::default(), PUBLIC_URL, &config.limits);
        let router = assemble(vec![mount], Arc::new(service.clone()), &Settings::default()).unwrap();
        Self { service, store, clock, tenant, caller, key, config, router, folder }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// With the key.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path).header("X-API-Key", &self.key);
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// With the key.
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header("X-API-Key", &self.key).body(Body::empty()).unwrap()).await
    }

    /// The id of a new session.
    pub(super) async fn init(&self, body: &Value) -> String {
        let made = self.post("/api/verify/init", body).await.expect(200);
        made["verification_id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn status(&self, id: &str) -> Value {
        self.get(&format!("/api/verify/status/{id}")).await.expect(200)
    }

    /// The id of a new session whose person has passed.
    pub(super) async fn passed(&self, body: &Value) -> String {
        let text = self.init(body).await;
        let (id, now) = (read_id(&text).unwrap(), self.clock.now());
        let mut tx = self.store.begin().await.unwrap();
        let mut verification = tx.verification(self.tenant.id, id).await.unwrap().unwrap();
        verification.state = VerificationState::Concluded(Some(Decision::Allow));
        verification.ended_at = Some(now);
        tx.save_verification(&verification).await.unwrap();
        let badge = Badge {
            verification: id,
            tenant: self.tenant.id,
            subject: Some(verification.subject),
            is_demo: body["demo"] == true,
            issued_at: now,
            expires_at: Service::badge_end(now),
            claimed_at: None,
            revoked_at: None,
        };
        tx.insert_badge(&badge).await.unwrap();
        tx.commit().await.unwrap();
        text
    }

    /// How many people have a key, whether anything is kept under it or not.
    pub(super) async fn people_with_keys(&self) -> usize {
        let ring = SqliteConnectOptions::new().filename(self.folder.path().join("data/keyring.db"));
        let mut ring = ring.connect().await.unwrap();
        let count =
            sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM subject_keys").fetch_one(&mut ring).await;
        usize::try_from(count.unwrap()).unwrap()
    }

    /// Begins a go of a session and says no more of it, as a process that dies.
    pub(super) async fn begin_scan(&self, id: &str, number: u8) {
        let id = read_id(id).unwrap();
        let mut tx = self.store.begin().await.unwrap();
        let verification = tx.verification(self.tenant.id, id).await.unwrap().unwrap();
        if number == 1 {
            let browser = Digest::from_bytes([1; 32]);
            assert!(tx.insert_capture(&verification, browser, self.clock.now()).await.unwrap());
        }
        let scan = ScanRow {
            id: ScanId::from_bytes([number; 16]),
            number,
            state: ScanState::Running,
            started_at: self.clock.now(),
        };
        assert!(tx.insert_scan(&verification, &scan, &json!({})).await.unwrap());
        tx.commit().await.unwrap();
    }
}
