//! Opening a data folder.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use domain::TenantId;
use store::{Store, StoreError};

use crate::fixture::{SUBJECT, TENANT, fixture, later, now, subject};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_new_store_is_closed_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("deep/data");
    let store = Store::open(&dir).await.unwrap();
    store.check_write(now()).await.unwrap();
    store.check_write(later(1)).await.unwrap();
    assert_eq!((mode(&dir), mode(&dir.join("blobs"))), (0o700, 0o700));
    for name in ["bonafide.db", "bonafide.db-wal", "keyring.db", "keyring.db-wal", "master.key"] {
        assert_eq!(mode(&dir.join(name)), 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_folder_without_a_store_is_refused_where_one_must_exist() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Store::open_existing(folder.path()).await;
    assert!(matches!(refused, Err(StoreError::NoStore { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_folder_can_be_opened_by_several_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let openings = (0..6).map(|_| {
        let dir = folder.path().to_owned();
        tokio::spawn(async move { *Store::open(&dir).await.unwrap().secret("one").await.unwrap() })
    });
    let mut secrets = Vec::new();
    for opening in openings.collect::<Vec<_>>() {
        secrets.push(opening.await.unwrap());
    }
    assert!(secrets.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn rows_without_their_keys_are_refused_and_no_new_keys_are_made() {
    for name in ["keyring.db", "master.key"] {
        let fixture = fixture().await;
        fs::remove_file(fixture.dir().join(name)).unwrap();
        let refused = Store::open(fixture.dir()).await;
        assert!(matches!(refused, Err(StoreError::Incomplete { .. })), "{refused:?}");
        assert!(!fixture.dir().join(name).exists());
    }
}

#[tokio::test]
async fn the_master_key_of_another_server_is_refused() {
    let (fixture, other) = (fixture().await, fixture().await);
    fs::copy(other.dir().join("master.key"), fixture.dir().join("master.key")).unwrap();
    let refused = Store::open(fixture.dir()).await;
    assert!(matches!(refused, Err(StoreError::Sealed { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_master_key_that_others_can_read_is_refused() {
    let fixture = fixture().await;
    let path = fixture.dir().join("master.key");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = Store::open(fixture.dir()).await.unwrap_err();
    assert!(refused.to_string().contains("chmod 600"), "{refused}");
}

#[tokio::test]
async fn a_secret_is_the_same_ever_after_and_another_for_each_name() {
    let fixture = fixture().await;
    let first = fixture.store.secret("tokens").await.unwrap();
    let again = Store::open(fixture.dir()).await.unwrap().secret("tokens").await.unwrap();
    assert_eq!(first.as_bytes(), again.as_bytes());
    assert_ne!(first.as_bytes(), fixture.store.secret("cookies").await.unwrap().as_bytes());
    assert_eq!(format!("{first:?}"), "Secret(..)");
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let fixture = fixture().await;
    fixture.add_history().await;
    let reopened = Store::open(fixture.dir()).await.unwrap();
    assert!(reopened.read().await.unwrap().subject(TENANT, SUBJECT).await.unwrap() == Some(subject()));
    // Making keys again changes none.
    reopened.create_tenant_key(TENANT).await.unwrap();
    reopened.create_subject_key(TENANT, SUBJECT).await.unwrap();
    let third = Store::open(fixture.dir()).await.unwrap();
    assert!(third.read().await.unwrap().subject(TENANT, SUBJECT).await.unwrap() == Some(subject()));
}

#[tokio::test]
async fn a_tenant_without_a_key_is_an_error_and_not_a_new_key() {
    let fixture = fixture().await;
    let unknown = TenantId::from_bytes([9; 16]);
    assert!(matches!(fixture.store.digest(unknown, b"").await, Err(StoreError::Missing { .. })));
    let refused = fixture.store.create_subject_key(unknown, SUBJECT).await;
    assert!(matches!(refused, Err(StoreError::Missing { .. })));
}
