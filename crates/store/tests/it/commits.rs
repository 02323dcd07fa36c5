//! Changes that are made at the same time are put on the disk together, and each of them is whole or not there.

use std::time::Duration;

use domain::SubjectId;
use store::{AuditEntry, AuditFilter, Store, Tx};
use tokio::task::JoinSet;

use crate::fixture::{TENANT, event, fixture, now, subject};

fn entry(about: &str) -> AuditEntry {
    AuditEntry {
        tenant: Some(TENANT),
        actor: "test".to_owned(),
        action: "test.commit".to_owned(),
        about: about.to_owned(),
        at: now(),
    }
}

/// What is kept, as another process sees it.
async fn kept(store: &Store) -> Vec<String> {
    let filter =
        AuditFilter { action: Some("test.commit".to_owned()), limit: 1000, ..AuditFilter::default() };
    let mut tx = store.read().await.unwrap();
    let mut kept: Vec<String> =
        tx.audit(&filter).await.unwrap().into_iter().map(|(_, entry)| entry.about).collect();
    kept.sort();
    kept
}

/// A change that waits for its turn; it is made once that comes.
fn queue(changes: &mut JoinSet<Tx>, store: &Store, about: &'static str) {
    let store = store.clone();
    changes.spawn(async move {
        let mut tx = store.begin().await.unwrap();
        tx.append_audit(&entry(about)).await.unwrap();
        tx
    });
}

/// Lets the others go on until they wait.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test]
async fn a_commit_returns_when_it_is_on_the_disk_and_not_before() {
    let fixture = fixture().await;
    let other = Store::open(fixture.dir()).await.unwrap();
    let mut first = fixture.store.begin().await.unwrap();
    first.append_audit(&entry("first")).await.unwrap();
    let mut changes = JoinSet::new();
    queue(&mut changes, &fixture.store, "second");
    settle().await;
    let first = tokio::spawn(first.commit());
    let second = changes.join_next().await.unwrap().unwrap();
    // The second has its turn, so the first is made; it is not kept as long as the second is open.
    settle().await;
    assert!(!first.is_finished());
    assert_eq!(kept(&other).await, [""; 0]);
    second.commit().await.unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(kept(&other).await, ["first", "second"]);
}

#[tokio::test]
async fn a_change_that_is_dropped_takes_no_other_with_it() {
    let fixture = fixture().await;
    let mut first = fixture.store.begin().await.unwrap();
    first.append_audit(&entry("first")).await.unwrap();
    let mut changes = JoinSet::new();
    queue(&mut changes, &fixture.store, "dropped");
    settle().await;
    let first = tokio::spawn(first.commit());
    drop(changes.join_next().await.unwrap().unwrap());
    first.await.unwrap().unwrap();
    assert_eq!(kept(&fixture.store).await, ["first"]);
}

#[tokio::test]
async fn a_change_that_the_database_refuses_takes_no_other_with_it() {
    let fixture = fixture().await;
    let mut first = fixture.store.begin().await.unwrap();
    first.append_audit(&entry("first")).await.unwrap();
    let store = fixture.store.clone();
    let refused = tokio::spawn(async move {
        let mut tx = store.begin().await.unwrap();
        tx.append_audit(&entry("refused")).await.unwrap();
        let stranger = domain::Event {
            subject: SubjectId::from_bytes([9; 16]),
            ..event(1, domain::About::Enrollment(domain::EnrollmentId::from_bytes([1; 16])))
        };
        tx.append_event(&stranger).await
    });
    settle().await;
    let first = tokio::spawn(first.commit());
    assert!(refused.await.unwrap().is_err());
    first.await.unwrap().unwrap();
    assert_eq!(kept(&fixture.store).await, ["first"]);
}

#[tokio::test]
async fn whoever_goes_away_while_it_commits_leaves_no_lock() {
    let fixture = fixture().await;
    let mut first = fixture.store.begin().await.unwrap();
    first.append_audit(&entry("first")).await.unwrap();
    let mut changes = JoinSet::new();
    queue(&mut changes, &fixture.store, "second");
    settle().await;
    let first = tokio::spawn(first.commit());
    let second = changes.join_next().await.unwrap().unwrap();
    first.abort();
    let second = tokio::spawn(second.commit());
    second.abort();
    settle().await;
    // Another process can write at once.
    let other = Store::open(fixture.dir()).await.unwrap();
    let mut tx = other.begin().await.unwrap();
    tx.append_audit(&entry("other")).await.unwrap();
    tx.commit().await.unwrap();
    assert!(kept(&other).await.contains(&"other".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_changes_at_once_the_committed_ones_are_kept_and_no_others() {
    let fixture = fixture().await;
    let other = Store::open(fixture.dir()).await.unwrap();
    let mut changes = JoinSet::new();
    for number in 0..60 {
        let (store, other) = (fixture.store.clone(), other.clone());
        changes.spawn(async move {
            let about = format!("{number:02}");
            let mut tx = store.begin().await.unwrap();
            tx.append_audit(&entry(&about)).await.unwrap();
            if number % 3 == 0 {
                return None;
            }
            tx.commit().await.unwrap();
            assert!(kept(&other).await.contains(&about), "{about} was said to be kept");
            Some(about)
        });
    }
    let mut expected: Vec<String> = changes.join_all().await.into_iter().flatten().collect();
    expected.sort();
    assert_eq!(expected.len(), 40);
    assert_eq!(kept(&other).await, expected);
    assert!(other.read().await.unwrap().subject(TENANT, subject().id).await.unwrap().is_some());
}
