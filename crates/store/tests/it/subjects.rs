//! People of a tenant.

use domain::SubjectId;
use serde_json::json;
use store::{Page, StoreError, Subject};

use crate::fixture::{OTHER, REFERENCE, SUBJECT, TENANT, fixture, later, subject};

fn numbered(number: u8) -> SubjectId {
    SubjectId::from_bytes([number; 16])
}

#[tokio::test]
async fn a_subject_is_read_as_it_was_written_and_found_by_its_reference() {
    let fixture = fixture().await;
    let mut tx = fixture.read().await;
    assert!(tx.subject(TENANT, SUBJECT).await.unwrap() == Some(subject()));
    assert!(tx.subject_by_reference(TENANT, REFERENCE).await.unwrap() == Some(subject()));
    assert!(tx.subject_by_reference(TENANT, "customer-4712").await.unwrap().is_none());
    assert!(tx.subject_by_reference(OTHER, REFERENCE).await.unwrap().is_none());
}

#[tokio::test]
async fn a_second_subject_of_one_reference_is_refused() {
    let fixture = fixture().await;
    let second = Subject { id: numbered(9), ..subject() };
    fixture.store.create_subject_key(TENANT, second.id).await.unwrap();
    assert!(!fixture.write(async |tx| tx.insert_subject(&second).await).await);
    // Another tenant may call someone by the same reference.
    fixture.store.create_subject_key(OTHER, numbered(8)).await.unwrap();
    let elsewhere = Subject { id: numbered(8), tenant: OTHER, ..subject() };
    assert!(fixture.write(async |tx| tx.insert_subject(&elsewhere).await).await);
}

#[tokio::test]
async fn a_changed_subject_is_found_by_its_new_reference_only() {
    let fixture = fixture().await;
    let changed = Subject {
        reference: "moved".to_owned(),
        profile: json!({"city": "Bogotá"}),
        updated_at: later(1),
        ..subject()
    };
    fixture.write(async |tx| tx.save_subject(&changed).await).await;
    let mut tx = fixture.read().await;
    assert!(tx.subject_by_reference(TENANT, "moved").await.unwrap() == Some(changed));
    assert!(tx.subject_by_reference(TENANT, REFERENCE).await.unwrap().is_none());
}

#[tokio::test]
async fn a_subject_cannot_take_the_reference_of_another_nor_be_saved_before_it_is_there() {
    let fixture = fixture().await;
    let second = fixture.add_subject(numbered(9), "second").await;
    fixture.store.create_subject_key(TENANT, numbered(8)).await.unwrap();
    let mut tx = fixture.store.begin().await.unwrap();
    let taken = Subject { reference: REFERENCE.to_owned(), ..second };
    assert!(matches!(tx.save_subject(&taken).await, Err(StoreError::Taken { .. })));
    let unknown = Subject { id: numbered(8), reference: "eighth".to_owned(), ..subject() };
    assert!(matches!(tx.save_subject(&unknown).await, Err(StoreError::Missing { .. })));
}

#[tokio::test]
async fn pages_show_every_subject_once_newest_first() {
    let fixture = fixture().await;
    for number in 1..=6 {
        // Pairs of the same time: the id decides then.
        let new = Subject {
            id: numbered(number),
            reference: format!("r{number}"),
            created_at: later(u64::from(number / 2)),
            ..subject()
        };
        fixture.store.create_subject_key(TENANT, new.id).await.unwrap();
        fixture.write(async |tx| tx.insert_subject(&new).await).await;
    }
    let mut tx = fixture.read().await;
    let (mut page, mut seen) = (Page::first(2), Vec::new());
    loop {
        let part = tx.subjects(TENANT, &page).await.unwrap();
        let Some(last) = part.last() else { break };
        page.after = Some((last.created_at, last.id.to_string()));
        seen.extend(part.iter().map(|subject| subject.id));
    }
    let expected = [6, 5, 4, 3, 2].map(numbered).into_iter().chain([SUBJECT, numbered(1)]);
    assert_eq!(seen, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn the_key_of_somebody_who_was_not_kept_is_taken_back_and_no_other() {
    let fixture = fixture().await;
    fixture.store.create_subject_key(TENANT, numbered(7)).await.unwrap();
    for id in [numbered(7), SUBJECT] {
        fixture.store.discard_subject_key(TENANT, id).await.unwrap();
    }
    let drafted = Subject { id: numbered(7), reference: "drafted".to_owned(), ..subject() };
    let mut tx = fixture.store.begin().await.unwrap();
    assert!(matches!(tx.insert_subject(&drafted).await, Err(StoreError::ErasedSubject)));
    assert!(tx.subject(TENANT, SUBJECT).await.unwrap() == Some(subject()));
    drop(tx);
    // Nobody was erased.
    fixture.store.create_subject_key(TENANT, numbered(7)).await.unwrap();
    assert!(fixture.write(async |tx| tx.insert_subject(&drafted).await).await);
}

#[tokio::test]
async fn a_subject_without_a_key_is_not_kept() {
    let fixture = fixture().await;
    let mut tx = fixture.store.begin().await.unwrap();
    let keyless = Subject { id: numbered(7), reference: "keyless".to_owned(), ..subject() };
    assert!(matches!(tx.insert_subject(&keyless).await, Err(StoreError::ErasedSubject)));
}
