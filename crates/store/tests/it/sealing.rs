//! What whoever steals the disk can read: nothing of a person.

use std::fs;
use std::path::Path;

use domain::{Origin, SubjectId, UserId};
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use store::{NewUser, StoreError};

use crate::fixture::{
    EXTRA, Fixture, OTHER, PHOTO, REFERENCE, SUBJECT, TEMPLATE, TENANT, enrollment, fixture, now,
    verification,
};

/// Every byte of every file in `folder`, but the master key.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

pub(crate) fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

async fn raw(fixture: &Fixture) -> SqliteConnection {
    SqliteConnectOptions::new().filename(fixture.dir().join("bonafide.db")).connect().await.unwrap()
}

#[tokio::test]
async fn no_file_holds_anything_of_a_person_in_plain_text() {
    let fixture = fixture().await;
    fixture.add_history().await;
    let user = NewUser {
        id: UserId::from_bytes([1; 16]),
        tenant: TENANT,
        name: "grace.hopper".to_owned(),
        password_hash: String::new(),
        permissions: vec![],
        created_at: now(),
    };
    fixture
        .write(async |tx| {
            tx.put_setting(TENANT, Origin::Truora, "webhook", &json!("hook-secret-1")).await?;
            tx.insert_user(user).await
        })
        .await;
    let secret = fixture.store.secret("tokens").await.unwrap();
    let found = files(fixture.dir());
    // The log is where rows are before they are in the file: without it this would prove little.
    assert!(found.iter().any(|(name, bytes)| name.ends_with("bonafide.db-wal") && bytes.len() > 1_000));
    assert!(found.iter().any(|(_, bytes)| holds(bytes, SUBJECT.to_string().as_bytes())));
    let texts: [&[u8]; 11] = [
        REFERENCE.as_bytes(),
        b"Ada-of-the-profile",
        b"+57 300 1234567",
        PHOTO,
        &PHOTO[4..20],
        TEMPLATE,
        EXTRA.as_bytes(),
        b"grace.hopper",
        b"hook-secret-1",
        b"192.0.2.7",
        secret.as_bytes(),
    ];
    for (name, bytes) in &found {
        for text in texts {
            assert!(!holds(bytes, text), "{name} holds {}", String::from_utf8_lossy(text));
        }
        // Of the evidence.
        assert!(!holds(bytes, b"\"cosine\""), "{name}");
    }
}

#[tokio::test]
async fn a_sealed_value_that_is_moved_to_another_row_does_not_open() {
    let fixture = fixture().await;
    let second = SubjectId::from_bytes([9; 16]);
    fixture.add_subject(second, "second").await;
    fixture
        .write(async |tx| {
            tx.insert_enrollment(&enrollment(1)).await?;
            tx.put_reference(&enrollment(1), TEMPLATE).await?;
            tx.insert_verification(&verification(1), &json!(1)).await?;
            tx.insert_verification(&verification(2), &json!(2)).await
        })
        .await;
    let mut raw = raw(&fixture).await;
    for (steal, row) in [
        // From one person to another.
        (
            "UPDATE subjects SET sealed_profile = \
             (SELECT sealed_profile FROM subjects AS other WHERE other.id <> subjects.id) WHERE id = $1",
            SUBJECT.to_string(),
        ),
        // Between two rows of one person, where the key is the same.
        (
            "UPDATE verifications SET sealed_extra = \
             (SELECT sealed_extra FROM verifications AS other WHERE other.id <> verifications.id) WHERE id = $1",
            verification(1).id.to_string(),
        ),
        // Between two columns, where the key and the bytes of the id are the same.
        (
            "UPDATE reference_faces SET sealed_face = \
             (SELECT sealed_extra FROM verifications WHERE id = $1) WHERE enrollment = $1",
            enrollment(1).id.to_string(),
        ),
    ] {
        let done = sqlx::query(steal).bind(row).execute(&mut raw).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
    }
    let mut tx = fixture.read().await;
    assert!(matches!(tx.subject(TENANT, SUBJECT).await, Err(StoreError::Sealed { .. })));
    assert!(tx.subject(TENANT, second).await.unwrap().is_some());
    assert!(matches!(tx.extra(&verification(1)).await, Err(StoreError::Sealed { .. })));
    assert!(matches!(tx.reference(&enrollment(1)).await, Err(StoreError::Sealed { .. })));
}

#[tokio::test]
async fn a_row_that_is_given_to_another_tenant_does_not_open() {
    let fixture = fixture().await;
    fixture.write(async |tx| tx.put_setting(TENANT, Origin::Truora, "webhook", &json!("secret")).await).await;
    let mut raw = raw(&fixture).await;
    sqlx::query("UPDATE settings SET tenant = $1").bind(OTHER.to_string()).execute(&mut raw).await.unwrap();
    let moved = fixture.read().await.setting(OTHER, Origin::Truora, "webhook").await;
    assert!(matches!(moved, Err(StoreError::Sealed { .. })));
}
