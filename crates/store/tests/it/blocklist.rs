//! Faces of the blocklist, and what those are told who hold them in memory.

use domain::{Confirmation, Enrollment, EnrollmentId, EnrollmentState, Purpose, SubjectId};
use serde_json::json;
use store::{GalleryChange, SealedFaces, Store};

use crate::fixture::{
    EXTRA, Fixture, OTHER, SUBJECT, TEMPLATE, TENANT, enrollment, fixture, later, now, verification,
};

pub(crate) fn blocked(number: u8, subject: SubjectId) -> Enrollment {
    Enrollment {
        subject,
        purpose: Purpose::Blocklist,
        confirmation: Confirmation::None,
        state: EnrollmentState::Enrolled,
        created_at: later(u64::from(number)),
        ..enrollment(number)
    }
}

/// Another person with a face on the blocklist.
async fn block(fixture: &Fixture, number: u8) -> Enrollment {
    let subject = fixture.add_subject(SubjectId::from_bytes([number; 16]), &format!("person {number}")).await;
    let listed = blocked(number, subject.id);
    fixture
        .write(async |tx| {
            assert!(tx.insert_enrollment(&listed).await?);
            tx.put_enrollment_extra(&listed, &json!({"why": EXTRA})).await?;
            tx.put_reference(&listed, &[number]).await
        })
        .await;
    listed
}

fn opened(faces: &SealedFaces) -> Vec<(EnrollmentId, Vec<u8>)> {
    faces.open().unwrap().into_iter().map(|(id, face)| (id, face.to_vec())).collect()
}

async fn changes(store: &Store, after: i64) -> Vec<(EnrollmentId, bool)> {
    let changes = store.look().await.unwrap().gallery_changes(TENANT, after, 100).await.unwrap();
    assert!(changes.windows(2).all(|pair| pair[0].sequence < pair[1].sequence));
    changes.iter().map(|change: &GalleryChange| (change.enrollment, change.is_removed)).collect()
}

#[tokio::test]
async fn faces_are_read_in_parts_and_only_those_of_the_tenants_blocklist() {
    let fixture = fixture().await;
    fixture.add_history().await;
    let mut listed = Vec::new();
    for number in 11..16 {
        listed.push((block(&fixture, number).await.id, vec![number]));
    }
    let mut tx = fixture.store.look().await.unwrap();
    let (mut read, mut place) = (Vec::new(), None);
    loop {
        let part = tx.blocked_faces(TENANT, place, 2).await.unwrap();
        assert!(part.len() <= 2);
        read.extend(opened(&part));
        place = part.next();
        if place.is_none() {
            break;
        }
    }
    assert_eq!(read, listed);
    assert!(tx.blocked_faces(OTHER, None, 9).await.unwrap().is_empty());
    let some = tx.blocked_faces_of(TENANT, &[listed[3].0, enrollment(1).id]).await.unwrap();
    assert_eq!(opened(&some), [listed[3].clone()]);
    assert!(tx.blocked_faces_of(OTHER, &[listed[3].0]).await.unwrap().is_empty());
    assert_eq!(
        (tx.gallery_sequence(TENANT).await.unwrap(), tx.gallery_sequence(OTHER).await.unwrap()),
        (5, 0)
    );
}

#[tokio::test]
async fn every_change_of_the_list_is_told_to_every_node() {
    let fixture = fixture().await;
    let node = Store::open(fixture.dir()).await.unwrap();
    let (first, second) = (block(&fixture, 11).await, block(&fixture, 12).await);
    assert_eq!(changes(&node, 0).await, [(first.id, false), (second.id, false)]);
    let stands = node.look().await.unwrap().gallery_sequence(TENANT).await.unwrap();
    // What is rolled back is told to nobody.
    let mut tx = node.begin().await.unwrap();
    tx.delete_enrollment(TENANT, second.id).await.unwrap();
    drop(tx);
    assert_eq!(changes(&fixture.store, stands).await, []);
    let mut tx = node.begin().await.unwrap();
    assert!(tx.delete_enrollment(TENANT, second.id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(changes(&fixture.store, stands).await, [(second.id, true)]);
    fixture.store.erase_subject(TENANT, first.subject, now()).await.unwrap();
    assert_eq!(changes(&node, stands).await, [(second.id, true), (first.id, true)]);
    assert!(node.look().await.unwrap().blocked_faces(TENANT, None, 9).await.unwrap().is_empty());
    // A face that is none of the list is none of its changes.
    fixture.add_history().await;
    fixture.store.erase_subject(TENANT, SUBJECT, now()).await.unwrap();
    assert_eq!(changes(&node, stands).await.len(), 2);
}

#[tokio::test]
async fn a_face_without_its_persons_key_is_left_out() {
    let fixture = fixture().await;
    let (gone, stays) = (block(&fixture, 11).await, block(&fixture, 12).await);
    let faces = fixture.read().await.blocked_faces(TENANT, None, 9).await.unwrap();
    assert_eq!(opened(&faces).len(), 2);
    let keyring = sqlx::sqlite::SqliteConnectOptions::new().filename(fixture.dir().join("keyring.db"));
    let mut keyring = sqlx::ConnectOptions::connect(&keyring).await.unwrap();
    sqlx::query("DELETE FROM subject_keys WHERE subject = $1")
        .bind(gone.subject.to_string())
        .execute(&mut keyring)
        .await
        .unwrap();
    let faces = fixture.read().await.blocked_faces(TENANT, None, 9).await.unwrap();
    assert_eq!(opened(&faces), [(stays.id, vec![12])]);
}

#[tokio::test]
async fn a_person_may_have_a_reference_and_be_on_the_blocklist() {
    let fixture = fixture().await;
    let (reference, listed) = (enrollment(1), blocked(2, SUBJECT));
    fixture
        .write(async |tx| {
            assert!(tx.insert_enrollment(&reference).await?);
            assert!(tx.insert_enrollment(&listed).await?);
            assert!(!tx.insert_enrollment(&blocked(3, SUBJECT)).await?, "but only once");
            tx.put_reference(&listed, TEMPLATE).await?;
            tx.put_enrollment_extra(&listed, &json!({"why": EXTRA})).await
        })
        .await;
    let mut tx = fixture.read().await;
    assert_eq!(tx.latest_enrollment(TENANT, SUBJECT).await.unwrap(), Some(reference.clone()));
    assert_eq!(tx.enrollment(TENANT, listed.id).await.unwrap(), Some(listed.clone()));
    assert_eq!(tx.enrollment_extra(&listed).await.unwrap(), json!({"why": EXTRA}));
    assert!(tx.enrollment_extra(&reference).await.unwrap().is_null());
}

#[tokio::test]
async fn a_verification_may_have_nothing_to_compare_with() {
    let fixture = fixture().await;
    let search = domain::Verification { enrollment: None, ..verification(1) };
    fixture.write(async |tx| tx.insert_verification(&search, &json!({})).await).await;
    assert_eq!(fixture.read().await.verification(TENANT, search.id).await.unwrap(), Some(search));
}
