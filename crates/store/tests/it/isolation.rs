//! Tenants do not see each other, transactions do not see each other's unfinished work, and processes see each
//! other's finished work.

use domain::{About, Enrollment, Origin, Verification};
use store::{Page, Store, StoreError};

use crate::fixture::{
    OTHER, REFERENCE, SUBJECT, TENANT, enrollment, fixture, now, subject, tenant, verification,
};

#[tokio::test]
async fn nothing_of_one_tenant_is_found_by_another() {
    let fixture = fixture().await;
    let photos = fixture.add_history().await;
    let mut tx = fixture.read().await;
    assert!(tx.subject(OTHER, SUBJECT).await.unwrap().is_none());
    assert!(tx.subject_by_reference(OTHER, REFERENCE).await.unwrap().is_none());
    assert!(tx.subjects(OTHER, &Page::first(9)).await.unwrap().is_empty());
    assert!(tx.enrollment(OTHER, enrollment(1).id).await.unwrap().is_none());
    assert!(tx.latest_enrollment(OTHER, SUBJECT).await.unwrap().is_none());
    assert!(tx.enrollments(OTHER, None, &Page::first(9)).await.unwrap().is_empty());
    assert!(tx.enrollments(OTHER, Some(SUBJECT), &Page::first(9)).await.unwrap().is_empty());
    assert!(tx.verification(OTHER, verification(1).id).await.unwrap().is_none());
    assert!(tx.verifications(OTHER, Origin::Truora, None, &Page::first(9)).await.unwrap().is_empty());
    assert!(
        tx.verifications(OTHER, Origin::Truora, Some(SUBJECT), &Page::first(9)).await.unwrap().is_empty()
    );
    assert!(tx.artifact(OTHER, photos[0].id).await.unwrap().is_none());
    assert!(tx.keys(OTHER).await.unwrap().is_empty());
    assert!(tx.users(OTHER).await.unwrap().is_empty());
    assert!(tx.clients(OTHER).await.unwrap().is_empty());
    let stolen = Verification { tenant: OTHER, ..verification(1) };
    assert!(matches!(tx.extra(&stolen).await, Err(StoreError::Missing { .. })));
    assert!(matches!(tx.judgement(&stolen).await, Err(StoreError::ErasedSubject)));
    let stolen = Enrollment { tenant: OTHER, ..enrollment(1) };
    assert!(matches!(tx.reference(&stolen).await, Err(StoreError::ErasedSubject)));
}

#[tokio::test]
async fn a_row_cannot_name_a_person_of_another_tenant() {
    let fixture = fixture().await;
    let mut tx = fixture.store.begin().await.unwrap();
    let stolen = Enrollment { tenant: OTHER, ..enrollment(1) };
    assert!(matches!(tx.insert_enrollment(&stolen).await, Err(StoreError::Database(_))));
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing() {
    let fixture = fixture().await;
    let mut tx = fixture.store.begin().await.unwrap();
    assert!(tx.insert_enrollment(&enrollment(1)).await.unwrap());
    drop(tx);
    assert_eq!(fixture.read().await.enrollment(TENANT, enrollment(1).id).await.unwrap(), None);
    assert!(fixture.write(async |tx| tx.insert_enrollment(&enrollment(2)).await).await);
}

#[tokio::test]
async fn a_read_transaction_sees_one_state_and_cannot_write() {
    let fixture = fixture().await;
    let mut before = fixture.read().await;
    assert_eq!(before.latest_enrollment(TENANT, SUBJECT).await.unwrap(), None);
    fixture.write(async |tx| tx.insert_enrollment(&enrollment(1)).await).await;
    assert_eq!(before.latest_enrollment(TENANT, SUBJECT).await.unwrap(), None);
    assert!(matches!(before.insert_enrollment(&enrollment(2)).await, Err(StoreError::Database(_))));
    assert!(fixture.read().await.latest_enrollment(TENANT, SUBJECT).await.unwrap().is_some());
}

#[tokio::test]
async fn two_processes_on_one_folder_see_each_others_commits() {
    let fixture = fixture().await;
    let second = Store::open_existing(fixture.dir()).await.unwrap();
    assert!(second.read().await.unwrap().subject(TENANT, SUBJECT).await.unwrap() == Some(subject()));
    let mut tx = second.begin().await.unwrap();
    assert!(tx.insert_enrollment(&enrollment(1)).await.unwrap());
    tx.commit().await.unwrap();
    assert!(!fixture.write(async |tx| tx.insert_enrollment(&enrollment(2)).await).await);
    // Keys too: what one process erases, the other can no longer read.
    second.erase_subject(TENANT, SUBJECT, now()).await.unwrap();
    let refused = fixture.store.create_subject_key(TENANT, SUBJECT).await;
    assert!(matches!(refused, Err(StoreError::ErasedSubject)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_in_two_processes_wait_for_each_other() {
    let fixture = fixture().await;
    let second = Store::open_existing(fixture.dir()).await.unwrap();
    let writers = (0..40_u8).map(|number| {
        let store = if number % 2 == 0 { fixture.store.clone() } else { second.clone() };
        tokio::spawn(async move {
            let mut tx = store.begin().await?;
            // Reads before it writes: without the lock at the start, this would fail now and then.
            tx.artifacts(About::Verification(verification(1).id)).await?;
            tx.insert_tenant(&tenant(domain::TenantId::from_bytes([number; 16]))).await?;
            tx.commit().await
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap().unwrap();
    }
    assert_eq!(fixture.read().await.tenants().await.unwrap().len(), 42);
}
