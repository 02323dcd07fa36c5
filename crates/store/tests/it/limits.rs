//! What limits count: verifications of a month, and attempts that were declined.

use std::time::Duration;

use domain::{KeyId, SubjectId, Verification, VerificationState};
use serde_json::json;
use store::{Attempter, Store};

use crate::fixture::{Fixture, OTHER, SUBJECT, TENANT, fixture, later, now, verification};

const WINDOW: Duration = Duration::from_mins(1);
const DEVICE: KeyId = KeyId::from_bytes([4; 16]);

async fn add_attempt(fixture: &Fixture, number: u8, device: Option<KeyId>, address: Option<&str>) {
    let attempt = verification(number);
    fixture
        .write(async |tx| {
            assert!(tx.insert_verification(&attempt, &json!(null)).await?);
            tx.insert_attempt(&attempt, device, address).await
        })
        .await;
}

/// As a judgement does it.
async fn decline(fixture: &Fixture, number: u8, after_ms: u64) {
    let ended = Verification { state: VerificationState::Concluded(None), ..verification(number) };
    fixture
        .write(async |tx| {
            tx.save_verification(&ended).await?;
            tx.decline_attempt(ended.id, later(after_ms)).await
        })
        .await;
}

#[tokio::test]
async fn a_month_has_as_many_verifications_as_its_limit() {
    let fixture = fixture().await;
    let mut tx = fixture.store.begin().await.unwrap();
    for (month, limit, is_counted) in [
        ("2026-11", Some(2), true),
        ("2026-11", Some(2), true),
        ("2026-11", Some(2), false),
        ("2026-12", Some(2), true),
        // A limit that was raised, lifted, and lowered again.
        ("2026-11", Some(3), true),
        ("2026-11", None, true),
        ("2026-11", Some(3), false),
        ("2027-01", Some(0), false),
    ] {
        assert_eq!(
            tx.count_verification(TENANT, month, limit).await.unwrap(),
            is_counted,
            "{month} {limit:?}"
        );
    }
    assert_eq!(tx.verifications_counted(TENANT, "2026-11").await.unwrap(), 4);
    assert_eq!(tx.verifications_counted(OTHER, "2026-11").await.unwrap(), 0);
    assert!(tx.count_verification(OTHER, "2026-11", Some(1)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_at_once_in_two_processes_never_pass_the_limit() {
    let fixture = fixture().await;
    let other = Store::open(fixture.dir()).await.unwrap();
    let counting = (0..200).map(|number| {
        let store = if number % 2 == 0 { fixture.store.clone() } else { other.clone() };
        tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let is_counted = tx.count_verification(TENANT, "2026-11", Some(70)).await.unwrap();
            // Every tenth is given up after it was counted: that must leave nothing.
            if number % 10 == 0 {
                return false;
            }
            tx.commit().await.unwrap();
            is_counted
        })
    });
    let mut counted = 0;
    for one in counting.collect::<Vec<_>>() {
        counted += u64::from(one.await.unwrap());
    }
    assert_eq!(counted, 70);
    drop(other);
    let reopened = Store::open(fixture.dir()).await.unwrap();
    assert_eq!(reopened.read().await.unwrap().verifications_counted(TENANT, "2026-11").await.unwrap(), 70);
}

#[tokio::test]
async fn requests_are_kept_by_key_and_bucket_until_they_are_back() {
    let fixture = fixture().await;
    let elsewhere = KeyId::from_bytes([5; 16]);
    fixture
        .write(async |tx| {
            tx.set_requests_full_at(TENANT, DEVICE, "all", 10).await?;
            tx.set_requests_full_at(TENANT, DEVICE, "all", 30).await?;
            tx.set_requests_full_at(TENANT, DEVICE, "status", 20).await?;
            tx.set_requests_full_at(OTHER, elsewhere, "all", 40).await
        })
        .await;
    let mut tx = fixture.store.begin().await.unwrap();
    assert_eq!(tx.requests_full_at(TENANT, DEVICE, "all").await.unwrap(), Some(30));
    assert_eq!(tx.requests_full_at(TENANT, DEVICE, "status").await.unwrap(), Some(20));
    assert_eq!(tx.requests_full_at(OTHER, elsewhere, "all").await.unwrap(), Some(40));
    assert_eq!(tx.requests_full_at(OTHER, DEVICE, "all").await.unwrap(), None);
    assert_eq!(tx.delete_requests(30).await.unwrap(), 1);
    assert_eq!(tx.requests_full_at(TENANT, DEVICE, "status").await.unwrap(), None);
    assert_eq!(tx.requests_full_at(TENANT, DEVICE, "all").await.unwrap(), Some(30));
}

#[tokio::test]
async fn declined_attempts_count_for_a_while() {
    let fixture = fixture().await;
    for number in 1..=3 {
        add_attempt(&fixture, number, Some(DEVICE), Some("192.0.2.7")).await;
        decline(&fixture, number, 1_000 * u64::from(number)).await;
    }
    // Another person, without a device and an address.
    let reopened = Store::open(fixture.dir()).await.unwrap();
    let mut tx = reopened.read().await.unwrap();
    for whose in [Attempter::Subject(SUBJECT), Attempter::Device(DEVICE), Attempter::Address("192.0.2.7")] {
        for (limit, at, until) in [
            (4, 3_000, None),
            // With the oldest gone there are two.
            (3, 3_000, Some(61_000)),
            (2, 3_000, Some(62_000)),
            (1, 3_000, Some(63_000)),
            (3, 60_999, Some(61_000)),
            (3, 61_000, None),
            (1, 62_999, Some(63_000)),
            (1, 63_000, None),
        ] {
            let found = tx.attempts_full_until(TENANT, whose, None, limit, WINDOW, later(at)).await.unwrap();
            assert_eq!(found, until.map(later), "{whose:?} {limit} {at}");
        }
        assert_eq!(tx.attempts_full_until(OTHER, whose, None, 1, WINDOW, later(3_000)).await.unwrap(), None);
    }
    for stranger in [
        Attempter::Subject(SubjectId::from_bytes([9; 16])),
        Attempter::Device(KeyId::from_bytes([9; 16])),
        Attempter::Address("192.0.2.8"),
    ] {
        assert_eq!(
            tx.attempts_full_until(TENANT, stranger, None, 1, WINDOW, later(3_000)).await.unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn open_attempts_count_for_a_person_and_a_device_until_their_deadline() {
    let fixture = fixture().await;
    for number in 1..=2 {
        add_attempt(&fixture, number, Some(DEVICE), Some("192.0.2.7")).await;
    }
    decline(&fixture, 1, 5_000).await;
    let full_for = async |own, whose, limit| {
        let mut tx = fixture.read().await;
        tx.attempts_full_until(TENANT, whose, own, limit, WINDOW, later(6_000)).await.unwrap()
    };
    let full = async |whose, limit| full_for(None, whose, limit).await;
    for whose in [Attempter::Subject(SUBJECT), Attempter::Device(DEVICE)] {
        // The deadline of the open one is at 60 s.
        assert_eq!(full(whose, 2).await, Some(later(60_000)), "{whose:?}");
        assert_eq!(full(whose, 1).await, Some(later(65_000)), "{whose:?}");
        // For itself it does not count, and the declined one does.
        let (declined, open) = (Some(verification(1).id), Some(verification(2).id));
        assert_eq!(full_for(open, whose, 2).await, None, "{whose:?}");
        assert_eq!(full_for(open, whose, 1).await, Some(later(65_000)), "{whose:?}");
        assert_eq!(full_for(declined, whose, 2).await, Some(later(60_000)), "{whose:?}");
    }
    let open = Some(verification(2).id);
    assert_eq!(full_for(open, Attempter::Address("192.0.2.7"), 1).await, Some(later(65_000)));
    assert_eq!(full(Attempter::Address("192.0.2.7"), 2).await, None, "many people share an address");
    let expired = Verification { state: VerificationState::Expired, ..verification(2) };
    fixture.write(async |tx| tx.save_verification(&expired).await).await;
    assert_eq!(full(Attempter::Subject(SUBJECT), 2).await, None);
}

#[tokio::test]
async fn attempts_that_do_not_count_any_more_are_deleted() {
    let fixture = fixture().await;
    for number in 1..=4 {
        add_attempt(&fixture, number, None, None).await;
    }
    decline(&fixture, 1, 1_000).await;
    decline(&fixture, 2, 2_000).await;
    fixture.write(async |tx| tx.forget_attempt(verification(3).id).await).await;
    let delete =
        async |declined, opened| fixture.write(async |tx| tx.delete_attempts(declined, opened).await).await;
    assert_eq!(delete(later(2_000), now()).await, 1);
    assert_eq!(delete(later(2_000), later(1)).await, 1);
    assert_eq!(delete(later(2_001), later(1)).await, 1);
    assert_eq!(delete(later(9_000), later(9_000)).await, 0);
}
