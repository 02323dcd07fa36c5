//! Sessions of documents from beginning to end: real faces, pages that were made up, and a clock that is moved.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod documents;
mod hosted;
mod presence;
mod transactions;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::{
    App, AppError, Caller, Consent, ImageError, ImageReceipt, Margins, Mock, NewFaceAuth, NewImage, NewKey,
    NewSession, NewTenant, PageReader, PageReading, Service, ServiceOptions, SessionView, Store,
};
use assets::Fetch;
use domain::{
    Clock, Day, Decision, DocumentCheckName, DocumentKind, DocumentReason, DocumentSession, Field, FieldName,
    FieldSource, ImageFault, ImageKind, KeyKind, Origin, PageEvidence, PageFault, PortraitSignal,
    SESSION_TIME, SelfieFault, SessionId, SessionPurpose, SessionState, Timestamp, VerificationId,
};
use media::Frame;
use serde_json::{Value, json};
use tempfile::TempDir;

#[derive(Debug)]
struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// A document whose front is the picture of `FRONT` and whose back that of `BACK`, told by their widths.
#[derive(Debug)]
struct Pages(DocumentKind);

const FRONT: &str = "photo-person-b-1";
const BACK: &str = "photo-obama";
const SELFIE: &str = "photo-person-b-2";
const ANOTHER: &str = "photo-impostor-1";
const NOBODY: &str = "photo-no-face";

impl PageReader for Pages {
    fn read_page(&self, _: &App, frame: &Frame, _: Day) -> Result<PageReading, AppError> {
        let fields: &[(FieldName, &str)] = match frame.width() {
            716 => &[
                (FieldName::FullName, "Berta Beispiel"),
                (FieldName::DateOfBirth, "1980-01-31"),
                (FieldName::IssuingCountry, "UTO"),
            ],
            910 => &[(FieldName::DocumentNumber, "B1234567")],
            _ => {
                let faults = vec![PageFault::DocumentNotFound];
                let evidence = PageEvidence { faults, ..PageEvidence::default() };
                return Ok(PageReading {
                    evidence,
                    page: None,
                    barcode: None,
                    doubtful: vec![],
                    stages: vec![],
                });
            }
        };
        let field = |(name, value): &(FieldName, &str)| Field {
            name: *name,
            value: (*value).to_owned(),
            source: FieldSource::Printed,
            confidence: 0.95,
            corners: None,
        };
        let mut fields: Vec<_> = fields.iter().map(field).collect();
        if self.0 == DocumentKind::Passport {
            fields.push(field(&(FieldName::DocumentNumber, "P7654321")));
        }
        let evidence = PageEvidence {
            template: Some("uto".to_owned()),
            kind: Some(self.0),
            fields,
            portrait: Some(PortraitSignal { bounds: [0.0; 4], eye_distance_px: 80.0 }),
            ..PageEvidence::default()
        };
        Ok(PageReading {
            evidence,
            page: Some(frame.clone()),
            barcode: None,
            doubtful: vec![],
            stages: vec![],
        })
    }
}

struct Bench {
    folder: TempDir,
    clock: Arc<Moved>,
    service: Service,
    caller: Caller,
}

async fn service(dir: &Path, clock: &Arc<Moved>, kind: DocumentKind) -> Service {
    let assets = assets::Store::open(None, Fetch::Offline).unwrap();
    let options = ServiceOptions { at_once: 1, queue: 4 };
    let store = Store::open(dir).await.unwrap();
    Service::open_reading(
        options,
        app::UsageLimits::default(),
        Arc::new(Pages(kind)),
        store,
        assets,
        clock.clone(),
    )
    .await
    .unwrap()
}

async fn caller(service: &Service, name: &str) -> Caller {
    let new = NewTenant {
        name: name.to_owned(),
        plan: "standard".to_owned(),
        allowed_origins: vec![],
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
    let (_, token) = service.admin().create_key(new).await.unwrap();
    service.authenticate(&token).await.unwrap()
}

fn photo(id: &str) -> Vec<u8> {
    let store = assets::Store::open(None, Fetch::Offline).unwrap();
    std::fs::read(store.path(id).expect("run `cargo xtask test`, which fetches models and photos")).unwrap()
}

fn new(person: Option<&str>, mock: Option<Mock>) -> NewSession {
    NewSession {
        origin: Origin::Mosaic,
        consent: Some(Consent { document: "text-1".to_owned(), at: Timestamp::from_millis(5) }),
        is_started: true,
        mock,
        person: person.map(str::to_owned),
        keep_for: Duration::from_hours(24),
        extra: json!({"state": "secret-state"}),
    }
}

impl Bench {
    async fn new() -> Self {
        Self::reading(DocumentKind::NationalId).await
    }

    async fn reading(kind: DocumentKind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Moved(AtomicI64::new(1_795_219_200_000)));
        let service = service(folder.path(), &clock, kind).await;
        let caller = caller(&service, "one").await;
        Self { folder, clock, service, caller }
    }

    fn wait(&self, time: Duration) {
        self.clock.0.fetch_add(time.as_millis() as i64, Ordering::Relaxed);
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Notes that the evidence of a live capture spoke against its person.
    async fn decline(&self, capture: VerificationId) {
        let store = Store::open(self.folder.path()).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.decline_attempt(capture, self.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn open(&self, person: Option<&str>) -> DocumentSession {
        self.service.open_session(&self.caller, new(person, None)).await.unwrap().session
    }

    async fn send(
        &self,
        session: &DocumentSession,
        kind: ImageKind,
        photo_id: &str,
    ) -> Result<ImageReceipt, ImageError> {
        let open = self.service.check_session(&self.caller, session.purpose, session.id).await?;
        let image = NewImage {
            kind,
            bytes: photo(photo_id).into(),
            margins: Margins::default(),
            name: Some(format!("my-{photo_id}")),
            device: Value::Null,
        };
        self.service.add_image(self.service.admit().unwrap(), open, image).await
    }

    async fn send_all(&self, session: &DocumentSession, selfie: &str) {
        self.send(session, ImageKind::DocumentFront, FRONT).await.unwrap();
        self.send(session, ImageKind::DocumentBack, BACK).await.unwrap();
        let last = self.send(session, ImageKind::Selfie, selfie).await.unwrap();
        assert_eq!((last.fault, last.missing), (None, vec![]));
    }

    async fn find(&self, id: SessionId) -> Option<SessionView> {
        let (caller, purpose) = (&self.caller, SessionPurpose::Document);
        self.service.session(caller, Origin::Mosaic, purpose, id).await.unwrap()
    }

    async fn view(&self, session: &DocumentSession) -> SessionView {
        self.find(session.id).await.unwrap()
    }

    /// Lets the worker run until `is_done`.
    async fn work(&self, is_done: impl AsyncFn() -> bool) {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let worker = self.service.clone();
        let running = tokio::spawn(async move {
            worker.run_jobs(async { drop(stopped.await) }).await;
        });
        for _ in 0..600 {
            if is_done().await {
                drop(stop);
                return running.await.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nothing came in 30 s");
    }

    async fn judged(&self, session: &DocumentSession) -> SessionView {
        self.work(async || self.view(session).await.session.state != SessionState::Processing).await;
        self.view(session).await
    }
}

fn reasons(view: &SessionView, name: DocumentCheckName) -> Vec<DocumentReason> {
    let checks = &view.judgement.as_ref().unwrap().checks;
    checks.iter().find(|check| check.name == name).unwrap().reasons.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_of_a_document_is_allowed_and_another_person_denied() {
    let bench = Bench::new().await;
    let session = bench.open(None).await;
    bench.send_all(&session, SELFIE).await;
    let again = bench.send(&session, ImageKind::Selfie, SELFIE).await;
    assert!(matches!(again, Err(ImageError::Complete)), "{again:?}");
    let view = bench.judged(&session).await;
    assert_eq!(view.session.state, SessionState::Concluded(Decision::Allow), "{:?}", view.judgement);
    let judgement = view.judgement.as_ref().unwrap();
    assert_eq!(judgement.facts.full_name.as_deref(), Some("Berta Beispiel"));
    assert_eq!(judgement.facts.number.as_deref(), Some("B1234567"));
    // Three that were sent, and two that were cut out.
    let originals = view.images.iter().filter(|image| image.original.is_none()).count();
    assert_eq!((view.images.len(), originals), (5, 3));
    for image in &view.images {
        let file = bench.service.session_image(&bench.caller, &view, image.id).await.unwrap().unwrap();
        assert!(file.bytes.starts_with(&[0xff, 0xd8, 0xff]));
    }
    let other = bench.open(None).await;
    bench.send_all(&other, ANOTHER).await;
    let view = bench.judged(&other).await;
    assert_eq!(view.session.state, SessionState::Concluded(Decision::Deny));
    assert_eq!(reasons(&view, DocumentCheckName::Matching), [DocumentReason::BiometricMismatch]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_cannot_be_used_is_kept_and_does_not_count() {
    let bench = Bench::new().await;
    let session = bench.open(None).await;
    let all = [ImageKind::DocumentFront, ImageKind::DocumentBack, ImageKind::Selfie];
    for (kind, photo_id, fault) in [
        (ImageKind::DocumentFront, ANOTHER, ImageFault::Page(PageFault::DocumentNotFound)),
        (ImageKind::Selfie, NOBODY, ImageFault::Selfie(SelfieFault::NoFace)),
    ] {
        let receipt = bench.send(&session, kind, photo_id).await.unwrap();
        assert_eq!((receipt.fault, receipt.missing), (Some(fault), all.to_vec()));
    }
    let view = bench.view(&session).await;
    assert!(view.images.len() == 2 && view.images.iter().all(|image| image.is_rejected));
    assert_eq!(view.session.state, SessionState::Capturing);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passport_needs_no_back() {
    let bench = Bench::reading(DocumentKind::Passport).await;
    let session = bench.open(None).await;
    let receipt = bench.send(&session, ImageKind::DocumentFront, FRONT).await.unwrap();
    assert_eq!(receipt.missing, [ImageKind::Selfie]);
    let receipt = bench.send(&session, ImageKind::Selfie, SELFIE).await.unwrap();
    assert_eq!(receipt.missing, []);
    assert_eq!(bench.judged(&session).await.session.state, SessionState::Concluded(Decision::Allow));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_person_with_the_same_document_and_face_is_noticed() {
    let bench = Bench::new().await;
    for person in ["anna", "anna"] {
        let session = bench.open(Some(person)).await;
        bench.send_all(&session, SELFIE).await;
        let view = bench.judged(&session).await;
        assert_eq!(view.session.state, SessionState::Concluded(Decision::Allow), "the same person again");
    }
    let session = bench.open(Some("bella")).await;
    bench.send_all(&session, SELFIE).await;
    let view = bench.judged(&session).await;
    assert_eq!(view.session.state, SessionState::Concluded(Decision::Challenge));
    assert_eq!(reasons(&view, DocumentCheckName::FlaggedIdentity), [DocumentReason::SeveralIdentities]);
    let history = view.judgement.unwrap().evidence.unwrap().history;
    assert_eq!((history.same_document, history.faces), (Some(2), 2));
    assert!(history.same_face.is_some());
    // Of another tenant nothing of this is seen.
    let other = caller(&bench.service, "two").await;
    let bench = Bench { caller: other, ..bench };
    let session = bench.open(Some("carla")).await;
    bench.send_all(&session, SELFIE).await;
    assert_eq!(bench.judged(&session).await.session.state, SessionState::Concluded(Decision::Allow));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_cut_off_is_judged_after_the_next_start() {
    let bench = Bench::new().await;
    let session = bench.open(None).await;
    bench.send_all(&session, SELFIE).await;
    // A process that was killed in the middle: it has the job, and nothing came of it.
    let killed = Store::open(bench.folder.path()).await.unwrap();
    let kinds = [store::JobKind::JudgeSession];
    let lease = Duration::from_secs(30);
    let claimed = killed.claim("killed", &kinds, bench.clock.now(), lease).await.unwrap();
    assert!(claimed.is_some());
    drop(killed);
    assert_eq!(bench.judged(&session).await.session.state, SessionState::Concluded(Decision::Allow));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_hour_and_its_data_with_its_time() {
    let bench = Bench::new().await;
    let session = bench.open(None).await;
    bench.send(&session, ImageKind::DocumentFront, FRONT).await.unwrap();
    bench.wait(SESSION_TIME);
    assert_eq!(bench.view(&session).await.session.state, SessionState::Capturing, "still in time");
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.view(&session).await.session.state, SessionState::Expired);
    let late = bench.send(&session, ImageKind::Selfie, SELFIE).await;
    assert!(matches!(late, Err(ImageError::Ended)), "{late:?}");
    // The worker says the same of what is kept.
    bench.work(async || bench.service.jobs_waiting().await.unwrap() == 0).await;
    assert_eq!(bench.view(&session).await.session.ended_at, Some(bench.clock.now()));
    bench.wait(Duration::from_hours(23));
    bench.work(async || bench.find(session.id).await.is_none()).await;
    let blobs = bench.folder.path().join("blobs").join(session.tenant.to_string());
    assert_eq!(std::fs::read_dir(blobs).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_session_leaves_nothing() {
    let bench = Bench::new().await;
    let session = bench.open(Some("anna")).await;
    bench.send_all(&session, SELFIE).await;
    bench.judged(&session).await;
    let other = caller(&bench.service, "two").await;
    assert!(!bench.service.delete_session(&other, Origin::Mosaic, session.id).await.unwrap());
    assert!(bench.service.delete_session(&bench.caller, Origin::Mosaic, session.id).await.unwrap());
    assert!(bench.find(session.id).await.is_none());
    assert!(!bench.service.delete_session(&bench.caller, Origin::Mosaic, session.id).await.unwrap());
    let gone = bench.service.check_session(&bench.caller, SessionPurpose::Document, session.id).await;
    assert!(matches!(gone, Err(ImageError::Unknown)));
    let blobs = bench.folder.path().join("blobs").join(session.tenant.to_string());
    assert_eq!(std::fs::read_dir(blobs).unwrap().count(), 0);
    // Nor is the person found by the next one.
    let next = bench.open(Some("bella")).await;
    bench.send_all(&next, SELFIE).await;
    assert_eq!(bench.judged(&next).await.session.state, SessionState::Concluded(Decision::Allow));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mock_session_takes_its_time_and_asks_again() {
    let bench = Bench::new().await;
    let mock = Mock { decision: Decision::Deny, processing_ms: 15_000, asks_again: true, document: None };
    let session = bench.service.open_session(&bench.caller, new(None, Some(mock))).await.unwrap().session;
    assert!(session.is_mock);
    // Nothing is looked at.
    for kind in [ImageKind::DocumentFront, ImageKind::DocumentBack, ImageKind::Selfie] {
        assert_eq!(bench.send(&session, kind, NOBODY).await.unwrap().fault, None);
    }
    let state = async || bench.view(&session).await.session.state;
    bench.wait(Duration::from_millis(14_999));
    assert_eq!(state().await, SessionState::Processing);
    bench.wait(Duration::from_millis(1));
    bench.work(async || state().await == SessionState::Recapture).await;
    assert_eq!(bench.view(&session).await.session.missing(), [ImageKind::DocumentFront]);
    bench.send(&session, ImageKind::DocumentFront, NOBODY).await.unwrap();
    bench.wait(Duration::from_secs(15));
    bench.work(async || state().await == SessionState::Concluded(Decision::Deny)).await;
    let judgement = bench.view(&session).await.judgement.unwrap();
    assert_eq!((judgement.policy.as_str(), judgement.evidence), ("mock", None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_face_is_compared_with_a_photo() {
    let bench = Bench::new().await;
    for (selfie, decision) in [(SELFIE, Decision::Allow), (ANOTHER, Decision::Deny)] {
        let new = NewFaceAuth {
            origin: Origin::Mosaic,
            reference: photo(FRONT).into(),
            keep_for: Duration::from_hours(1),
            extra: Value::Null,
        };
        let admission = bench.service.admit().unwrap();
        let session = bench.service.open_face_auth(admission, &bench.caller, new).await.unwrap();
        let document = bench.send(&session, ImageKind::DocumentFront, FRONT).await;
        assert!(matches!(document, Err(ImageError::NotAsked)));
        assert!(bench.find(session.id).await.is_none(), "it is no session of a document");
        bench.send(&session, ImageKind::Selfie, selfie).await.unwrap();
        let state = async || {
            let (caller, purpose) = (&bench.caller, SessionPurpose::FaceAuth);
            let view = bench.service.session(caller, Origin::Mosaic, purpose, session.id).await.unwrap();
            view.unwrap().session.state
        };
        bench.work(async || state().await != SessionState::Processing).await;
        assert_eq!(state().await, SessionState::Concluded(decision));
    }
}
