//! A bench for the tests of this API: a service over a temporary store, two tenants, a key of each kind. No models: no
//! photo is judged here.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::{NewKey, NewTenant, Service, ServiceOptions, Store, Tenant};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use domain::{About, ArtifactId, Clock, EnrollmentState, KeyKind, Permission, Role, Timestamp};
use serde_json::Value;
use store::Artifact;
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::dialect;
use crate::config::{Config, PathPrefix, PublicUrl};
use crate::{Mount, ServerState, Settings, assemble};

/// The fields that every enrollment and validation needs.
pub(super) const CONSENT: &str = "type=face-recognition&user_authorized=true";

const PUBLIC_URL: &str = "https://id.example.com/truora";

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
    pub(super) body: Value,
    pub(super) retry_after: Option<String>,
}

impl Answer {
    pub(super) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

pub(super) struct Bench {
    pub(super) service: Service,
    pub(super) store: Store,
    pub(super) clock: Arc<TestClock>,
    /// A backend's key without further rights.
    pub(super) backend: String,
    /// A backend's key with every right.
    pub(super) trusted: String,
    /// An app's key, for the account `ana-1`.
    pub(super) device: String,
    /// A trusted backend's key of another tenant.
    pub(super) other: String,
    pub(super) tenant: Tenant,
    pub(super) mount: Mount,
    pub(super) router: Router,
    _folder: TempDir,
}

impl Bench {
    pub(super) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub(super) async fn with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(1_800_000_000_000)));
        let store = Store::open(&folder.path().join("data")).await.unwrap();
        let models = assets::Store::open(Some(folder.path().join("assets")), assets::Fetch::Offline).unwrap();
        let options = ServiceOptions { at_once: 1, queue: 2 };
        let limits = config.usage_limits();
        let service =
            Service::open_limited(options, limits, store.clone(), models, clock.clone()).await.unwrap();
        let tenant = tenant(&service, "one").await;
        let backend = key(&service, &tenant, &[]).await;
        let all = [Permission::EnrollmentWithoutValidation, Permission::EnrollmentDelete];
        let trusted = key(&service, &tenant, &all).await;
        let other = key(&service, &self::tenant(&service, "two").await, &all).await;
        let public_url: PublicUrl = PUBLIC_URL.parse().unwrap();
        let state = ServerState::new(service.clone(), &config, &public_url, &config.dialects.truora);
        let mount = dialect().mount(state, &[], &PathPrefix::default(), PUBLIC_URL, &config.limits);
        let settings = Settings::default();
        let router = assemble(vec![mount.clone()], Arc::new(service.clone()), &settings).unwrap();
        let device = String::new();
        let mut bench = Self {
            service,
            store,
            clock,
            backend,
            trusted,
            device,
            other,
            tenant,
            mount,
            router,
            _folder: folder,
        };
        bench.device = bench.key("key_type=sdk&account_id=ana-1").await;
        bench
    }

    /// The absolute URL of a path, as the server writes it.
    pub(super) fn url(path: &str) -> String {
        format!("{PUBLIC_URL}{path}")
    }

    pub(super) async fn send(&self, method: &str, path: &str, key: &str, kind: &str, body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !key.is_empty() {
            request = request.header("truora-api-key", key);
        }
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        answer(response).await
    }

    pub(super) async fn get(&self, path: &str, key: &str) -> Answer {
        self.send("GET", path, key, "", Body::empty()).await
    }

    pub(super) async fn delete(&self, path: &str, key: &str) -> Answer {
        self.send("DELETE", path, key, "", Body::empty()).await
    }

    pub(super) async fn post(&self, path: &str, key: &str, form: &str) -> Answer {
        self.send("POST", path, key, "application/x-www-form-urlencoded", form.to_owned().into()).await
    }

    pub(super) async fn put(&self, path: &str, key: &str, form: &str) -> Answer {
        self.send("PUT", path, key, "application/x-www-form-urlencoded", form.to_owned().into()).await
    }

    pub(super) async fn put_json(&self, path: &str, key: &str, json: &str) -> Answer {
        self.send("PUT", path, key, "application/json", json.to_owned().into()).await
    }

    pub(super) async fn upload(&self, token: &str, bytes: &[u8]) -> Answer {
        self.send("PUT", &format!("/v1/uploads/{token}"), "", "image/jpeg", bytes.to_vec().into()).await
    }

    /// A key that the backend makes.
    pub(super) async fn key(&self, form: &str) -> String {
        let made = self.post("/v1/api-keys", &self.backend, form).await;
        made.body["api_key"].as_str().unwrap().to_owned()
    }

    /// The id of a new enrollment of `account_id`.
    pub(super) async fn enrollment(&self, account_id: &str) -> String {
        let form = format!("{CONSENT}&account_id={account_id}");
        let created = self.post("/v1/enrollments", &self.backend, &form).await;
        created.body["enrollment_id"].as_str().unwrap().to_owned()
    }

    /// The token of the upload link of a new enrollment of `account_id`.
    pub(super) async fn upload_token(&self, account_id: &str) -> String {
        let id = self.enrollment(account_id).await;
        let shown = self.get(&format!("/v1/enrollments/{id}"), &self.backend).await;
        let link = shown.body["file_upload_link"].as_str().unwrap().to_owned();
        link.strip_prefix(&Self::url("/v1/uploads/")).unwrap().to_owned()
    }

    /// The id of a new enrollment of `account_id` that has its face, as if a photo had come.
    pub(super) async fn enrolled(&self, account_id: &str) -> String {
        let id = self.enrollment(account_id).await;
        let mut tx = self.store.begin().await.unwrap();
        let bare = id.strip_prefix("ENR").unwrap().parse().unwrap();
        let enrollment = tx.enrollment(self.tenant.id, bare).await.unwrap().unwrap();
        let enrollment = domain::Enrollment { state: EnrollmentState::AwaitingVerification, ..enrollment };
        tx.save_enrollment(&enrollment).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Keeps the selfie of a validation, as if it had come.
    pub(super) async fn selfie(&self, validation_id: &str, bytes: &[u8]) -> Artifact {
        let id = validation_id.strip_prefix("VLD").unwrap().parse().unwrap();
        let mut tx = self.store.begin().await.unwrap();
        let verification = tx.verification(self.tenant.id, id).await.unwrap().unwrap();
        let artifact = Artifact {
            id: ArtifactId::from_bytes([7; 16]),
            tenant: self.tenant.id,
            subject: verification.subject,
            about: About::Verification(id),
            role: Role::Selfie,
            format: "image/png".to_owned(),
            bytes: bytes.len() as u64,
            digest: self.store.digest(self.tenant.id, bytes).await.unwrap(),
            created_at: self.clock.now(),
            delete_after: None,
        };
        self.store.put_blob(&artifact, bytes.to_vec()).await.unwrap();
        tx.insert_artifact(&artifact).await.unwrap();
        tx.commit().await.unwrap();
        artifact
    }

    /// Ends a validation as if its selfie had been judged by `checks`.
    pub(super) async fn judged(&self, validation: &Value, checks: &[domain::Check]) {
        let id = validation["validation_id"].as_str().unwrap().strip_prefix("VLD").unwrap().parse().unwrap();
        let mut tx = self.store.begin().await.unwrap();
        let verification = tx.verification(self.tenant.id, id).await.unwrap().unwrap();
        let now = self.clock.now();
        let (submitted, _) = verification.apply(domain::VerificationCommand::Submit, now).unwrap();
        let (ended, _) = submitted.apply(domain::VerificationCommand::Conclude(checks), now).unwrap();
        tx.save_verification(&ended).await.unwrap();
        if domain::Assessment::speaks_against(checks) {
            tx.decline_attempt(id, now).await.unwrap();
        } else {
            tx.forget_attempt(id).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// The answer to a new validation of `account_id`, who is enrolled.
    pub(super) async fn validation(&self, account_id: &str, more: &str) -> Answer {
        let form = format!("{CONSENT}&account_id={account_id}{more}");
        self.post("/v1/validations", &self.backend, &form).await
    }
}

async fn answer(response: Response<Body>) -> Answer {
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Answer { status, body: serde_json::from_slice(&bytes).unwrap_or_default(), retry_after }
}

async fn tenant(service: &Service, name: &str) -> Tenant {
    let new = NewTenant {
        name: name.to_owned(),
        plan: "standard".to_owned(),
        allowed_origins: vec![format!("https://{name}.example.com")],
        similarity_floor_fmr: 1e-2,
        evidence_days: 0,
    };
    service.admin().create_tenant(new).await.unwrap()
}

async fn key(service: &Service, tenant: &Tenant, permissions: &[Permission]) -> String {
    let new = NewKey {
        tenant: tenant.id,
        name: "test".to_owned(),
        kind: KeyKind::Backend,
        permissions: permissions.iter().copied().collect(),
        expires_in: None,
    };
    service.admin().create_key(new).await.unwrap().1
}
