//! Two services over one store, as two nodes: each finds what the other put on the blocklist, at once.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::{
    Caller, EnrollmentView, NewEnrollment, NewKey, NewTenant, NewVerification, Receipt, Service,
    ServiceOptions, Store, Subject, VerificationView,
};
use assets::Fetch;
use domain::{
    Clock, Confirmation, Decision, Demand, Enrollment, EnrollmentId, EnrollmentState, Fpir, KeyKind, Origin,
    Permission, Purpose, Reason, SubjectId, Timestamp,
};
use serde_json::Value;

#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_000_000_000)
    }
}

async fn node(dir: &Path) -> Service {
    let assets = assets::Store::open(None, Fetch::Offline).unwrap();
    let options = ServiceOptions { at_once: 1, queue: 4 };
    Service::open(options, Store::open(dir).await.unwrap(), assets, Arc::new(Stopped)).await.unwrap()
}

fn photo(id: &str) -> Vec<u8> {
    let store = assets::Store::open(None, Fetch::Offline).unwrap();
    std::fs::read(store.path(id).expect("run `cargo xtask test`, which fetches models and photos")).unwrap()
}

async fn caller(node: &Service, name: &str) -> Caller {
    let new = NewTenant {
        name: name.to_owned(),
        plan: "standard".to_owned(),
        allowed_origins: vec![],
        similarity_floor_fmr: 1e-2,
        evidence_days: 0,
    };
    let tenant = node.admin().create_tenant(new).await.unwrap();
    let new = NewKey {
        tenant: tenant.id,
        name: "test".to_owned(),
        kind: KeyKind::Backend,
        permissions: [Permission::EnrollmentDelete].into(),
        expires_in: None,
    };
    let (_, token) = node.admin().create_key(new).await.unwrap();
    node.authenticate(&token).await.unwrap()
}

async fn send(node: &Service, link: &str, photo_id: &str) -> Receipt {
    let open = node.check_upload(node.read_upload_link(link).unwrap()).await.unwrap();
    node.upload(node.admit().unwrap(), open, photo(photo_id).into()).await.unwrap()
}

/// A face on the blocklist.
async fn report(node: &Service, caller: &Caller, photo_id: &str) -> EnrollmentView {
    let new = NewEnrollment {
        origin: Origin::Truora,
        subject: None,
        purpose: Purpose::Blocklist,
        confirmation: Confirmation::None,
        blocklist: None,
        extra: Value::Null,
    };
    let view = node.enroll(caller, new).await.unwrap();
    assert_eq!(send(node, view.upload_link.as_deref().unwrap(), photo_id).await, Receipt::Enrolled);
    view
}

/// What a look for the face of a photo found.
async fn search(node: &Service, caller: &Caller, photo_id: &str) -> VerificationView {
    let new = NewVerification {
        origin: Origin::Truora,
        subject: None,
        demand: Demand { blocklist: Some(Fpir::STANDARD), ..Demand::NOTHING },
        token: None,
        document: None,
        timeout: Duration::from_mins(5),
        retry_of: None,
        allowed_retries: 0,
        retry_ttl: Duration::from_mins(5),
        address: None,
        extra: Value::Null,
    };
    let view = node.open_verification(caller, new).await.unwrap();
    send(node, view.upload_link.as_deref().unwrap(), photo_id).await;
    node.verification(caller, Origin::Truora, view.verification.id).await.unwrap().unwrap()
}

fn found(view: &VerificationView) -> (Option<Decision>, u64) {
    let judgement = view.judgement.as_ref().unwrap();
    let search = judgement.evidence.search.unwrap();
    let is_hit = judgement.checks.iter().any(|check| check.reasons == [Reason::FaceInBlocklist]);
    assert_eq!((search.matched.is_some(), is_hit), (is_hit, judgement.decision == Some(Decision::Deny)));
    (judgement.decision, search.members)
}

/// Puts the face of `listed` on the list once more, for another person, as another node would.
async fn list_again(store: &Store, listed: &EnrollmentView) -> Enrollment {
    let old = &listed.enrollment;
    let subject = Subject {
        id: SubjectId::from_bytes([7; 16]),
        reference: "again".to_owned(),
        ..listed.subject.clone()
    };
    let again = Enrollment {
        id: EnrollmentId::from_bytes([8; 16]),
        subject: subject.id,
        state: EnrollmentState::Enrolled,
        ..old.clone()
    };
    let face = store.look().await.unwrap().reference(old).await.unwrap().unwrap();
    store.create_subject_key(old.tenant, subject.id).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.insert_subject(&subject).await.unwrap());
    assert!(tx.insert_enrollment(&again).await.unwrap());
    tx.put_reference(&again, &face).await.unwrap();
    tx.commit().await.unwrap();
    again
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_lists_or_takes_off_counts_on_the_other_at_once() {
    const CLEAR: Option<Decision> = Some(Decision::Allow);
    const HIT: Option<Decision> = Some(Decision::Deny);
    let folder = tempfile::tempdir().unwrap();
    // A process opens the models once: only the first node sees photos.
    let (one, two) = (node(folder.path()).await, node(folder.path()).await);
    let store = Store::open(folder.path()).await.unwrap();
    let (caller, other) = (caller(&one, "one").await, caller(&one, "two").await);
    assert_eq!(found(&search(&one, &caller, "photo-person-b-2").await), (CLEAR, 0));

    let listed = report(&one, &caller, "photo-person-b-1").await;
    assert_eq!(found(&search(&one, &caller, "photo-person-b-2").await), (HIT, 1));
    assert_eq!(found(&search(&one, &other, "photo-person-b-2").await), (CLEAR, 0));
    let again = list_again(&store, &listed).await;
    assert_eq!(found(&search(&one, &caller, "photo-person-b-2").await), (HIT, 2));

    two.delete_enrollment(&caller, listed.enrollment.id).await.unwrap();
    assert_eq!(found(&search(&one, &caller, "photo-person-b-2").await), (HIT, 1));
    two.admin().erase(caller.tenant.id, &again.subject.to_string()).await.unwrap();
    assert_eq!(found(&search(&one, &caller, "photo-person-b-2").await), (CLEAR, 0));
}
