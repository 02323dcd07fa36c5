//! The page of a live capture: which browser has it, and what its person agreed to.

use std::time::Duration;

use app::{Browser, CAPTURE_TIME, NewPresence, PageError, PresenceState, Store};
use domain::{About, ArtifactId, Origin, Role, Verification, VerificationId};
use serde_json::{Value, json};
use store::Artifact;

use super::Bench;

const FIRST: Browser<'_> = Browser { secret: "first", address: None };
const OTHER: Browser<'_> = Browser { secret: "other", address: None };
const TEXT: &str = "text-1";

impl Bench {
    async fn live(&self) -> VerificationId {
        let new = NewPresence {
            origin: Origin::TrueLens,
            is_demo: false,
            subject: None,
            return_url: None,
            most_open: 100,
        };
        self.service.open_presence(&self.caller, new).await.unwrap().id
    }

    async fn agrees(&self, id: VerificationId, browser: Browser<'_>) -> Result<(), PageError> {
        self.service.give_consent(id, browser, "en", TEXT, 0).await
    }

    /// The receipt of a consent, as it is stored.
    async fn receipt(&self, id: VerificationId) -> Option<Value> {
        let store = Store::open(self.folder.path()).await.unwrap();
        let mut tx = store.read().await.unwrap();
        let verification = tx.verification_of_any(id).await.unwrap().unwrap();
        tx.capture(&verification).await.unwrap()?.consent
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, PageError>) -> String {
    result.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_a_page_binds_nothing_and_agreeing_does() {
    let bench = Bench::new().await;
    let service = &bench.service;
    let id = bench.live().await;
    for browser in [OTHER, FIRST, OTHER] {
        let page = service.capture_page(id, browser).await.unwrap();
        assert_eq!((page.state, page.attempts_left, page.has_consent), (PresenceState::Open, 3, false));
    }
    assert_eq!(refused(service.may_scan(id, FIRST).await), "no_consent");
    bench.agrees(id, FIRST).await.unwrap();
    assert!(service.capture_page(id, FIRST).await.unwrap().has_consent);
    assert_eq!(service.may_scan(id, FIRST).await.unwrap(), 3);
    assert_eq!(refused(service.capture_page(id, OTHER).await), "other_browser");
    assert_eq!(refused(service.may_scan(id, OTHER).await), "other_browser");
    assert_eq!(refused(bench.agrees(id, OTHER).await), "other_browser");

    let late = bench.live().await;
    bench.wait(CAPTURE_TIME + Duration::from_millis(1));
    assert_eq!(service.capture_page(late, OTHER).await.unwrap().state, PresenceState::Expired);
    assert_eq!(refused(service.may_scan(late, OTHER).await), "over");
    assert_eq!(refused(bench.agrees(late, OTHER).await), "over");
    assert_eq!(bench.receipt(late).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_browsers_that_agree_at_once_one_has_the_page() {
    let bench = Bench::new().await;
    for _ in 0..5 {
        let id = bench.live().await;
        let (one, other) = tokio::join!(bench.agrees(id, FIRST), bench.agrees(id, OTHER));
        let (winner, loser, lost) = if one.is_ok() { (FIRST, OTHER, other) } else { (OTHER, FIRST, one) };
        assert_eq!(refused(lost), "other_browser");
        assert!(bench.service.capture_page(id, winner).await.is_ok());
        assert_eq!(refused(bench.service.capture_page(id, loser).await), "other_browser");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_receipt_stands() {
    let bench = Bench::new().await;
    let service = &bench.service;
    service.admin().keep_evidence(bench.caller.tenant.id, 7).await.unwrap();
    let id = bench.live().await;
    let first = bench.now();
    service.give_consent(id, FIRST, "ar", TEXT, 30).await.unwrap();
    let receipt = json!({
        "language": "ar", "text": TEXT, "at": first, "tenant": "one", "kept_days": 7,
    });
    assert_eq!(bench.receipt(id).await, Some(receipt.clone()), "no longer than the tenant keeps them");
    bench.wait(Duration::from_secs(5));
    service.give_consent(id, FIRST, "ar", TEXT, 30).await.unwrap();
    service.give_consent(id, FIRST, "en", TEXT, 7).await.unwrap();
    // Told of other texts, or that nothing is kept: neither is what the receipt says.
    assert_eq!(refused(service.give_consent(id, FIRST, "ar", "text-2", 30).await), "other_text");
    assert_eq!(refused(service.give_consent(id, FIRST, "ar", TEXT, 0).await), "other_text");
    assert_eq!(bench.receipt(id).await, Some(receipt));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_ten_captures_open_agrees_to_no_other() {
    let bench = Bench::new().await;
    let mut ids = vec![];
    for _ in 0..=10 {
        ids.push(bench.live().await);
    }
    // Only looked at, they do not count.
    for id in &ids {
        bench.service.capture_page(*id, FIRST).await.unwrap();
    }
    let last = ids.pop().unwrap();
    for id in ids {
        bench.agrees(id, FIRST).await.unwrap();
    }
    assert_eq!(refused(bench.agrees(last, FIRST).await), "throttled");
    assert_eq!(bench.receipt(last).await, None);
    // It is nobody's yet.
    bench.agrees(last, OTHER).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_pictures_are_gone_when_their_days_are_over() {
    let bench = Bench::new().await;
    let store = Store::open(bench.folder.path()).await.unwrap();
    let id = bench.live().await;
    let about = About::Verification(id);
    let Verification { tenant, subject, .. } =
        store.read().await.unwrap().verification_of_any(id).await.unwrap().unwrap();
    let a_day = Duration::from_hours(24);
    for days in 1..=2_u8 {
        let bytes = b"what was seen".to_vec();
        let now = bench.now();
        let artifact = Artifact {
            id: ArtifactId::from_bytes([days; 16]),
            tenant,
            subject,
            about,
            role: Role::Selfie,
            format: "capture".to_owned(),
            bytes: bytes.len() as u64,
            digest: store.digest(tenant, &bytes).await.unwrap(),
            created_at: now,
            delete_after: Some(now.plus(a_day * u32::from(days))),
        };
        store.put_blob(&artifact, bytes).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.insert_artifact(&artifact).await.unwrap();
        tx.commit().await.unwrap();
    }
    let rows = async || store.read().await.unwrap().artifacts(about).await.unwrap();
    let [_, last] = rows().await.try_into().unwrap();
    // The worker deletes what is due as it begins.
    bench.wait(Duration::from_millis(2 * 86_400_000 - 1));
    bench.work(async || rows().await.len() < 2).await;
    assert_eq!(rows().await, std::slice::from_ref(&last));
    assert_eq!(store.blob(&last).await.unwrap().as_deref(), Some(&b"what was seen"[..]));
    bench.wait(Duration::from_millis(2));
    bench.work(async || rows().await.is_empty() && store.blob(&last).await.unwrap().is_none()).await;
}
