//! Verifications of a document without its holder: its sides come through their links, and a job judges them together.

use app::{
    LinkError, NewVerification, OpenError, PageLinks, Receipt, RestoreError, RetryRefusal, UploadError,
    VerificationView,
};
use domain::{Demand, EventKind, PagesFault, Topic, VerificationState, WantedDocument};

use super::*;

/// Neither side of the made-up documents.
const OTHER: &str = NOBODY;

fn new(kind: DocumentKind, country: Option<&str>, retry_of: Option<VerificationId>) -> NewVerification {
    NewVerification {
        origin: Origin::Truora,
        subject: Some("ana".to_owned()),
        demand: Demand::NOTHING,
        token: None,
        document: Some(WantedDocument { kind, country: country.map(str::to_owned) }),
        timeout: Duration::from_mins(5),
        retry_of,
        allowed_retries: 1,
        retry_ttl: Duration::from_mins(5),
        address: None,
        extra: json!({}),
    }
}

impl Bench {
    async fn ask(&self, new: NewVerification) -> VerificationView {
        self.service.open_verification(&self.caller, new).await.unwrap()
    }

    async fn card(&self) -> VerificationView {
        self.ask(new(DocumentKind::NationalId, Some("UTO"), None)).await
    }

    async fn upload(&self, link: Option<&str>, bytes: Vec<u8>) -> Result<Receipt, UploadError> {
        let link = self.service.read_upload_link(link.unwrap()).unwrap();
        let open = self.service.check_upload(link).await?;
        self.service.upload(self.service.admit().unwrap(), open, bytes.into()).await
    }

    async fn both(&self, links: &PageLinks, front: &str, back: &str) {
        assert_eq!(self.upload(links.front.as_deref(), photo(front)).await.unwrap(), Receipt::Submitted);
        assert_eq!(self.upload(links.back.as_deref(), photo(back)).await.unwrap(), Receipt::Submitted);
    }

    async fn seen(&self, view: &VerificationView) -> VerificationView {
        let found = self.service.verification(&self.caller, Origin::Truora, view.verification.id).await;
        found.unwrap().unwrap()
    }

    async fn decided(&self, view: &VerificationView) -> VerificationView {
        self.work(async || self.seen(view).await.verification.state != VerificationState::Processing).await;
        self.seen(view).await
    }

    /// What was told of documents, in its order.
    async fn told(&self) -> Vec<EventKind> {
        let store = Store::open(self.folder.path()).await.unwrap();
        let events = store.look().await.unwrap().events_after(0, 100).await.unwrap();
        let kinds = events.into_iter().map(|(_, event)| event.kind);
        kinds.filter(|kind| kind.topic() == Topic::Document).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_of_a_sound_card_are_allowed_and_told_once() {
    let bench = Bench::new().await;
    let view = bench.card().await;
    assert_eq!(view.upload_link, None);
    let links = view.page_links.clone();
    bench.both(&links, FRONT, BACK).await;
    assert_eq!(bench.seen(&view).await.verification.state, VerificationState::Processing);
    let ended = bench.decided(&view).await;
    let judgement = ended.document.as_ref().unwrap();
    assert_eq!(
        ended.verification.state,
        VerificationState::Concluded(Some(Decision::Allow)),
        "{:?}",
        judgement.faults
    );
    assert_eq!(judgement.facts.number.as_deref(), Some("B1234567"));
    assert_eq!(bench.told().await, [EventKind::DocumentCreated, EventKind::DocumentSucceeded]);
    let files = bench.service.file_links(&bench.caller, &ended).await.unwrap();
    let shown = bench.service.open_file(files.front.as_deref().unwrap()).await.unwrap().unwrap().unwrap();
    assert_eq!(shown.bytes, photo(FRONT));
    assert!(files.back.is_some() && files.selfie.is_empty() && files.reference.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_is_taken_once_and_a_file_that_cannot_be_read_changes_nothing() {
    let bench = Bench::new().await;
    let view = bench.card().await;
    let (front, back) = (view.page_links.front.as_deref(), view.page_links.back.as_deref());
    let broken = bench.upload(front, b"no picture".to_vec()).await;
    assert!(matches!(broken, Err(UploadError::Format(_))), "{broken:?}");
    let large = bench.upload(front, vec![0; app::MAX_UPLOAD_BYTES + 1]).await;
    assert!(matches!(large, Err(UploadError::TooLarge)), "{large:?}");
    assert_eq!(bench.upload(front, photo(FRONT)).await.unwrap(), Receipt::Submitted);
    assert_eq!(bench.upload(front, photo(FRONT)).await.unwrap(), Receipt::Submitted, "the same again");
    let other = bench.upload(front, photo(BACK)).await;
    assert!(matches!(other, Err(UploadError::Closed)), "{other:?}");
    let waiting = bench.seen(&view).await;
    assert_eq!(waiting.verification.state, VerificationState::Capturing);
    assert!(waiting.page_links.front.is_none() && waiting.page_links.back.is_some());
    bench.upload(back, photo(BACK)).await.unwrap();
    bench.decided(&view).await;
    assert_eq!(bench.upload(back, photo(BACK)).await.unwrap(), Receipt::Submitted, "the same again");
    assert!(matches!(bench.upload(back, photo(FRONT)).await, Err(UploadError::Closed)));
    assert_eq!(bench.told().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_document_has_its_fault_and_may_be_tried_again_once() {
    let bench = Bench::new().await;
    let first = bench.card().await;
    let early = new(DocumentKind::NationalId, None, Some(first.verification.id));
    let early = bench.service.open_verification(&bench.caller, early).await;
    assert!(matches!(early, Err(OpenError::Retry(RetryRefusal::NotDeclined))));
    bench.both(&first.page_links, FRONT, OTHER).await;
    let declined = bench.decided(&first).await;
    assert_eq!(declined.verification.state, VerificationState::Concluded(Some(Decision::Challenge)));
    let faults = &declined.document.as_ref().unwrap().faults;
    assert_eq!(faults.first(), Some(&PagesFault::Back(PageFault::DocumentNotFound)));
    let again = new(DocumentKind::NationalId, Some("UTO"), Some(first.verification.id));
    let face = NewVerification { document: None, ..again.clone() };
    let face = bench.service.open_verification(&bench.caller, face).await;
    assert!(matches!(face, Err(OpenError::NotEnrolled)));
    let second = bench.ask(again.clone()).await;
    assert_eq!(second.verification.attempt.remaining, 0);
    let third = bench.service.open_verification(&bench.caller, again).await;
    assert!(matches!(third, Err(OpenError::Retry(RetryRefusal::Taken))));
    bench.both(&second.page_links, FRONT, BACK).await;
    assert!(bench.decided(&second).await.verification.is_allowed());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_document_or_issuer_than_the_one_that_was_asked_for_is_declined() {
    let bench = Bench::new().await;
    for (kind, country) in [(DocumentKind::DriversLicense, None), (DocumentKind::NationalId, Some("COL"))] {
        let view = bench.ask(new(kind, country, None)).await;
        bench.both(&view.page_links, FRONT, BACK).await;
        let declined = bench.decided(&view).await;
        assert_eq!(declined.document.unwrap().faults.first(), Some(&PagesFault::AnotherDocument));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passport_has_one_side() {
    let bench = Bench::reading(DocumentKind::Passport).await;
    let view = bench.ask(new(DocumentKind::Passport, None, None)).await;
    assert_eq!(view.page_links.back, None);
    bench.upload(view.page_links.front.as_deref(), photo(FRONT)).await.unwrap();
    assert!(bench.decided(&view).await.verification.is_allowed());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expired_half_done_goes_on_where_it_was_when_it_is_restored() {
    let bench = Bench::new().await;
    let view = bench.card().await;
    let id = view.verification.id;
    bench.upload(view.page_links.front.as_deref(), photo(FRONT)).await.unwrap();
    bench.wait(Duration::from_secs(301));
    bench.work(async || bench.seen(&view).await.verification.state == VerificationState::Expired).await;
    let late = bench.service.read_upload_link(view.page_links.back.as_deref().unwrap());
    assert_eq!(late, Err(LinkError::Expired));
    let restore = async |caller| {
        let timeout = Duration::from_mins(5);
        bench.service.restore_verification(caller, Origin::Truora, id, timeout).await
    };
    let other = caller(&bench.service, "two").await;
    assert!(matches!(restore(&other).await, Err(RestoreError::Unknown)));
    let restored = restore(&bench.caller).await.unwrap();
    assert_eq!(restored.verification.attempt.remaining, 0);
    assert_eq!(restored.page_links.front, None, "it is there");
    bench.upload(restored.page_links.back.as_deref(), photo(BACK)).await.unwrap();
    assert!(bench.decided(&view).await.verification.is_allowed());
    assert!(matches!(restore(&bench.caller).await, Err(RestoreError::Judged)));
    assert_eq!(
        bench.told().await,
        [
            EventKind::DocumentCreated,
            EventKind::DocumentFailed,
            EventKind::DocumentCreated,
            EventKind::DocumentSucceeded,
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_stopped_judges_what_it_took_before() {
    let bench = Bench::new().await;
    let view = bench.card().await;
    bench.both(&view.page_links, FRONT, BACK).await;
    let Bench { folder, clock, service: stopped, caller } = bench;
    drop(stopped);
    let service = service(folder.path(), &clock, DocumentKind::NationalId).await;
    let bench = Bench { folder, clock, service, caller };
    assert!(bench.decided(&view).await.verification.is_allowed());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pictures_are_deleted_when_due_and_everything_with_the_person() {
    let bench = Bench::new().await;
    let view = bench.card().await;
    bench.both(&view.page_links, FRONT, BACK).await;
    let ended = bench.decided(&view).await;
    let store = Store::open(bench.folder.path()).await.unwrap();
    let about = domain::About::Verification(view.verification.id);
    let kept = store.look().await.unwrap().artifacts(about).await.unwrap();
    let due = bench.now().plus(Duration::from_hours(90 * 24));
    assert!(kept.len() == 2 && kept.iter().all(|artifact| artifact.delete_after <= Some(due)));
    let subject = ended.subject.id;
    store.erase_subject(bench.caller.tenant.id, subject, bench.now()).await.unwrap();
    assert!(store.look().await.unwrap().artifacts(about).await.unwrap().is_empty());
    let gone = bench.service.verification(&bench.caller, Origin::Truora, view.verification.id).await;
    assert_eq!(gone.unwrap(), None);
}
