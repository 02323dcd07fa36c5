//! Sessions that their callers know by ids of their own.

use std::collections::BTreeSet;

use domain::{
    Decision, DocumentSession, Identity, Origin, SessionId, SessionPurpose, SessionState, SubjectId,
    TransactionId,
};
use serde_json::json;
use store::{NewSession, StoreError};

use crate::erasure::tables_naming;
use crate::fixture::{Fixture, OTHER, SUBJECT, TENANT, fixture, later, now};
use crate::identities::add_identity;
use crate::sessions::session;

const ID: TransactionId = TransactionId::from_bytes([0xf1; 16]);

/// A session of a person of its own that is known as `id`.
async fn add(
    fixture: &Fixture,
    number: u8,
    id: TransactionId,
    owner: Option<&Identity>,
) -> Result<DocumentSession, StoreError> {
    let subject = fixture.add_subject(SubjectId::from_bytes([number; 16]), &format!("t-{number}")).await;
    let session = DocumentSession {
        id: SessionId::from_bytes([number; 16]),
        origin: Origin::Vlens,
        purpose: SessionPurpose::EgyptianCard,
        state: SessionState::Capturing,
        ..session(number, subject.id)
    };
    let owner = owner.map(|owner| (owner.id, owner.subject));
    let terms = json!({});
    let new = NewSession { terms: &terms, person: None, start_token: None, transaction: Some((id, owner)) };
    let mut tx = fixture.store.begin().await?;
    tx.insert_session(&session, new).await?;
    tx.save_session(&session).await?;
    tx.commit().await?;
    Ok(session)
}

#[tokio::test]
async fn a_transaction_is_found_by_its_callers_id_in_its_tenant_alone() {
    let fixture = fixture().await;
    let identity = add_identity(&fixture).await;
    let kept = add(&fixture, 1, ID, Some(&identity)).await.unwrap();
    assert!(matches!(add(&fixture, 2, ID, None).await, Err(StoreError::Taken { .. })));
    let mut tx = fixture.read().await;
    let found = tx.transaction(TENANT, ID).await.unwrap().unwrap();
    assert_eq!((found.session, found.identity, found.linked_at), (kept.id, Some(identity.id), None));
    assert_eq!(found.created_at, now());
    assert_eq!(tx.transactions_of(&identity).await.unwrap(), [found]);
    assert!(tx.transaction(OTHER, ID).await.unwrap().is_none());
    let stranger = Identity { tenant: OTHER, ..identity };
    assert!(tx.transactions_of(&stranger).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_transaction_that_nobody_owns_is_given_to_somebody_once() {
    let fixture = fixture().await;
    let identity = add_identity(&fixture).await;
    add(&fixture, 1, ID, None).await.unwrap();
    let link = async || fixture.write(async |tx| tx.link_transaction(ID, &identity, later(5)).await).await;
    assert!(link().await);
    assert!(!link().await);
    let found = fixture.read().await.transaction(TENANT, ID).await.unwrap().unwrap();
    assert_eq!((found.identity, found.linked_at), (Some(identity.id), Some(later(5))));
}

#[tokio::test]
async fn refused_faces_of_an_identity_are_counted() {
    let fixture = fixture().await;
    let identity = add_identity(&fixture).await;
    let before = domain::Timestamp::from_millis(now().as_millis() - 1);
    assert_eq!(fixture.read().await.refused_faces(&identity, before).await.unwrap(), 0);
    let one = add(&fixture, 1, ID, Some(&identity)).await.unwrap();
    let other = add(&fixture, 2, TransactionId::from_bytes([0xf2; 16]), Some(&identity)).await.unwrap();
    add(&fixture, 3, TransactionId::from_bytes([0xf3; 16]), None).await.unwrap();
    // One refused face, and three with the last of which it ended.
    let asked = DocumentSession { retakes_left: 1, ..one };
    let ended = DocumentSession { retakes_left: 0, state: SessionState::Concluded(Decision::Deny), ..other };
    fixture
        .write(async |tx| {
            tx.save_session(&asked).await?;
            tx.save_session(&ended).await
        })
        .await;
    let mut tx = fixture.read().await;
    assert_eq!(tx.refused_faces(&identity, before).await.unwrap(), 4);
    assert_eq!(tx.refused_faces(&identity, now()).await.unwrap(), 0, "older ones do not count");
}

#[tokio::test]
async fn an_identity_is_verified_once() {
    let fixture = fixture().await;
    let identity = add_identity(&fixture).await;
    for at in [later(5), later(9)] {
        fixture.write(async |tx| tx.verify_identity(&identity, at).await).await;
        let found = fixture.read().await.identity(TENANT, identity.id).await.unwrap().unwrap();
        assert_eq!(found.verified_at, Some(later(5)));
    }
    let mut tx = fixture.store.begin().await.unwrap();
    let stranger = Identity { tenant: OTHER, ..identity };
    assert!(matches!(tx.verify_identity(&stranger, now()).await, Err(StoreError::Missing { .. })));
}

#[tokio::test]
async fn whoever_is_erased_takes_their_transactions_along() {
    let fixture = fixture().await;
    let identity = add_identity(&fixture).await;
    let own = add(&fixture, 1, ID, Some(&identity)).await.unwrap();
    let linked = add(&fixture, 2, TransactionId::from_bytes([0xf2; 16]), None).await.unwrap();
    let others = add(&fixture, 3, TransactionId::from_bytes([0xf3; 16]), None).await.unwrap();
    let id = TransactionId::from_bytes([0xf2; 16]);
    assert!(fixture.write(async |tx| tx.link_transaction(id, &identity, now()).await).await);
    fixture.store.erase_subject(TENANT, SUBJECT, later(5)).await.unwrap();
    // The same bytes name their people: that these were erased stays known.
    let ids = [own.id, linked.id].map(|id| id.to_string());
    assert_eq!(tables_naming(&fixture, &ids).await, BTreeSet::from(["audit".to_owned()]));
    let mut tx = fixture.read().await;
    assert!(tx.transaction(TENANT, ID).await.unwrap().is_none());
    // Their keys are gone, so that no backup brings them back.
    for gone in [&own, &linked] {
        assert!(matches!(tx.session_terms(gone).await, Err(StoreError::Missing { .. })));
        assert!(tx.subject(TENANT, gone.subject).await.unwrap().is_none());
    }
    assert!(tx.session(TENANT, others.id).await.unwrap().is_some());
    drop(tx);
    // A transaction alone may be erased too.
    fixture.store.erase_subject(TENANT, others.subject, later(6)).await.unwrap();
    assert!(fixture.read().await.session(TENANT, others.id).await.unwrap().is_none());
}
