//! Backups and restores.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use store::{Artifact, Store, StoreError, restore};
use tempfile::TempDir;

use crate::fixture::{
    Fixture, PHOTO, SUBJECT, TEMPLATE, TENANT, enrollment, fixture, judgement, later, newest, now, subject,
    verification,
};

/// Places for what is saved, beside the data folder.
struct Places {
    root: TempDir,
}

impl Places {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }
}

async fn saved(fixture: &Fixture) -> (Places, Vec<Artifact>) {
    let photos = fixture.add_history().await;
    let places = Places::new();
    let report = fixture.store.backup(&places.at("data"), Some(&places.at("keys"))).await.unwrap();
    assert_eq!(report.blobs, 2);
    assert!(report.bytes > 2 * PHOTO.len() as u64 && report.with_keys);
    (places, photos)
}

fn assert_private(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        if path.is_dir() {
            assert_eq!(mode, 0o700, "{}", path.display());
            assert_private(&path);
        } else {
            assert_eq!(mode, 0o600, "{}", path.display());
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_with_its_keys_restores_everything_elsewhere() {
    let fixture = fixture().await;
    let (places, photos) = saved(&fixture).await;
    assert_eq!(names(&places.at("data")), ["blobs", "bonafide.db", "manifest.json"]);
    assert_eq!(names(&places.at("keys")), ["keyring.db", "master.key"]);
    assert_private(places.root.path());

    let report =
        restore(&places.at("data"), Some(&places.at("keys")), &places.at("new"), now()).await.unwrap();
    assert_eq!((report.blobs, report.erased), (2, 0));
    let store = Store::open_existing(&places.at("new")).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert!(tx.subject(TENANT, SUBJECT).await.unwrap() == Some(subject()));
    assert_eq!(tx.judgement(&verification(1)).await.unwrap(), Some(judgement()));
    assert_eq!(tx.reference(&enrollment(1)).await.unwrap().as_deref(), Some(TEMPLATE));
    for photo in &photos {
        assert_eq!(store.blob(photo).await.unwrap().as_deref(), Some(PHOTO));
    }
    assert!(!names(&places.at("new")).iter().any(|name| name.contains("restoring")));
}

#[tokio::test]
async fn a_backup_without_its_keys_cannot_be_opened() {
    let fixture = fixture().await;
    fixture.add_history().await;
    let places = Places::new();
    let report = fixture.store.backup(&places.at("data"), None).await.unwrap();
    assert!(!report.with_keys);
    let refused = Store::open(&places.at("data")).await;
    assert!(matches!(refused, Err(StoreError::Incomplete { .. })), "{refused:?}");
    let refused = restore(&places.at("data"), None, &places.at("new"), now()).await;
    assert!(matches!(refused, Err(StoreError::NoKeys)), "{refused:?}");
    assert!(!places.at("new/bonafide.db").exists());
}

#[tokio::test]
async fn a_backup_is_not_restored_with_the_keys_of_another_server() {
    let fixture = fixture().await;
    let (places, _) = saved(&fixture).await;
    let other = Store::open(&places.at("other")).await.unwrap();
    other.backup(&places.at("other-data"), Some(&places.at("other-keys"))).await.unwrap();
    let (data, keys, new) = (places.at("data"), places.at("keys"), places.at("new"));
    let refused = restore(&data, Some(&places.at("other-keys")), &new, now()).await;
    assert!(matches!(refused, Err(StoreError::BadBackup { .. })), "{refused:?}");
    // Nor beside them.
    fs::create_dir(places.at("beside")).unwrap();
    for name in ["keyring.db", "master.key"] {
        fs::copy(places.at("other-keys").join(name), places.at("beside").join(name)).unwrap();
    }
    let refused = restore(&data, None, &places.at("beside"), now()).await;
    assert!(matches!(refused, Err(StoreError::BadBackup { .. })), "{refused:?}");
    // Nothing of the refusal is in the way of the right keys.
    restore(&data, Some(&keys), &new, now()).await.unwrap();
    let store = Store::open_existing(&new).await.unwrap();
    assert!(store.read().await.unwrap().subject(TENANT, SUBJECT).await.unwrap() == Some(subject()));
}

#[tokio::test]
async fn a_restore_beside_the_current_key_ring_does_not_bring_back_who_was_erased() {
    let fixture = fixture().await;
    let (places, photos) = saved(&fixture).await;
    fixture.store.erase_subject(TENANT, SUBJECT, now()).await.unwrap();
    drop(fixture.store);
    let dir = fixture.folder.path();
    // The operator moves the lost database away; the key ring stays.
    for name in ["bonafide.db", "bonafide.db-wal", "bonafide.db-shm"] {
        let _ = fs::remove_file(dir.join(name));
    }
    for keys in [None, Some(places.at("keys"))] {
        let report = restore(&places.at("data"), keys.as_deref(), dir, later(9)).await.unwrap();
        assert_eq!(report.erased, 1);
        let store = Store::open_existing(dir).await.unwrap();
        let mut tx = store.read().await.unwrap();
        assert!(tx.subject(TENANT, SUBJECT).await.unwrap().is_none());
        assert!(tx.verification(TENANT, verification(1).id).await.unwrap().is_none());
        for photo in &photos {
            assert_eq!(store.blob(photo).await.unwrap(), None);
        }
        assert_eq!(tx.audit(&newest(9)).await.unwrap()[0].1.at, later(9));
        drop((tx, store));
        for name in ["bonafide.db", "bonafide.db-wal", "bonafide.db-shm"] {
            let _ = fs::remove_file(dir.join(name));
        }
    }
}

#[tokio::test]
async fn tombstones_of_the_saved_keys_count_too() {
    let fixture = fixture().await;
    let (places, _) = saved(&fixture).await;
    // Keys before the erasure beside the data, keys after it saved elsewhere.
    let dir = places.at("new");
    fs::create_dir(&dir).unwrap();
    for name in ["keyring.db", "master.key"] {
        fs::copy(places.at("keys").join(name), dir.join(name)).unwrap();
    }
    fixture.store.erase_subject(TENANT, SUBJECT, now()).await.unwrap();
    fixture.store.backup(&places.at("later"), Some(&places.at("later-keys"))).await.unwrap();
    let report = restore(&places.at("data"), Some(&places.at("later-keys")), &dir, now()).await.unwrap();
    assert_eq!(report.erased, 1);
    let store = Store::open_existing(&dir).await.unwrap();
    assert!(matches!(store.create_subject_key(TENANT, SUBJECT).await, Err(StoreError::ErasedSubject)));
}

#[tokio::test]
async fn the_keys_may_come_from_the_folder_of_a_server_that_was_killed() {
    let fixture = fixture().await;
    let places = Places::new();
    fixture.add_history().await;
    let second = fixture.add_subject(domain::SubjectId::from_bytes([9; 16]), "second").await;
    fixture.store.backup(&places.at("data"), None).await.unwrap();
    fixture.store.erase_subject(TENANT, SUBJECT, now()).await.unwrap();
    fixture.store.create_subject_key(TENANT, domain::SubjectId::from_bytes([8; 16])).await.unwrap();
    // A copy of the files as they are now: the newest keys are in the log only.
    let killed = places.at("killed");
    fs::create_dir(&killed).unwrap();
    for name in ["keyring.db", "keyring.db-wal", "master.key"] {
        fs::copy(fixture.dir().join(name), killed.join(name)).unwrap();
    }
    assert!(killed.join("keyring.db-wal").metadata().unwrap().len() > 0);
    let report = restore(&places.at("data"), Some(&killed), &places.at("new"), now()).await.unwrap();
    assert_eq!(report.erased, 1);
    let store = Store::open_existing(&places.at("new")).await.unwrap();
    assert!(store.read().await.unwrap().subject(TENANT, second.id).await.unwrap() == Some(second));
    store.create_subject_key(TENANT, domain::SubjectId::from_bytes([8; 16])).await.unwrap();
    assert_private(&places.at("new"));
}

#[tokio::test]
async fn a_backup_outlives_a_rotation_of_the_master_key() {
    let fixture = fixture().await;
    let (places, _) = saved(&fixture).await;
    fixture.store.rekey("command line", later(1)).await.unwrap();
    fixture.store.backup(&places.at("after"), Some(&places.at("after-keys"))).await.unwrap();
    let whole = async |dir: &Path| {
        let store = Store::open_existing(dir).await.unwrap();
        assert!(store.read().await.unwrap().subject(TENANT, SUBJECT).await.unwrap() == Some(subject()));
    };
    // With the keys that were saved with it, rows of either time: the keys of tenants are the same.
    for (number, (data, keys)) in
        [("data", "keys"), ("after", "after-keys"), ("data", "after-keys"), ("after", "keys")]
            .iter()
            .enumerate()
    {
        let dir = places.at(&format!("new-{number}"));
        restore(&places.at(data), Some(&places.at(keys)), &dir, now()).await.unwrap();
        whole(&dir).await;
    }
    // The master key of one time does not open the ring of the other.
    fs::copy(places.at("keys/master.key"), places.at("after-keys/master.key")).unwrap();
    let mixed = restore(&places.at("data"), Some(&places.at("after-keys")), &places.at("mixed"), now()).await;
    assert!(matches!(mixed, Err(StoreError::Sealed { .. })), "{mixed:?}");
    // Beside the current ring the rows need no saved keys.
    drop(fixture.store);
    let dir = fixture.folder.path();
    for name in ["bonafide.db", "bonafide.db-wal", "bonafide.db-shm"] {
        let _ = fs::remove_file(dir.join(name));
    }
    restore(&places.at("data"), None, dir, later(9)).await.unwrap();
    whole(dir).await;
}

#[tokio::test]
async fn keys_may_come_from_a_folder_in_the_middle_of_a_rotation() {
    let fixture = fixture().await;
    let (places, _) = saved(&fixture).await;
    let stopped = places.at("stopped");
    fixture.store.rekey("command line", later(1)).await.unwrap();
    fixture.store.backup(&places.at("after"), Some(&stopped)).await.unwrap();
    // As if stopped before the new file took the place of the old.
    fs::rename(stopped.join("master.key"), stopped.join("master.key.new")).unwrap();
    fs::copy(places.at("keys/master.key"), stopped.join("master.key")).unwrap();
    restore(&places.at("data"), Some(&stopped), &places.at("new"), now()).await.unwrap();
    let store = Store::open_existing(&places.at("new")).await.unwrap();
    assert!(store.read().await.unwrap().subject(TENANT, SUBJECT).await.unwrap() == Some(subject()));
    assert_eq!(names(&places.at("new")).iter().filter(|name| name.starts_with("master")).count(), 1);
}

#[tokio::test]
async fn a_damaged_or_unfinished_backup_is_refused() {
    let fixture = fixture().await;
    let (places, photos) = saved(&fixture).await;
    let (data, keys) = (places.at("data"), places.at("keys"));
    let manifest = fs::read_to_string(data.join("manifest.json")).unwrap();
    let refused = async || {
        let error = restore(&data, Some(&keys), &places.at("new"), now()).await.unwrap_err();
        assert!(matches!(error, StoreError::BadBackup { .. }), "{error:?}");
        assert!(!places.at("new/bonafide.db").exists());
    };
    for damaged in [
        "{".to_owned(),
        manifest.replace("\"format\": 1", "\"format\": 2"),
        manifest.replace("\"blobs\": 2", "\"blobs\": 3"),
        manifest.replace("\"database_sha256\": \"", "\"database_sha256\": \"0"),
    ] {
        assert_ne!(damaged, manifest);
        fs::write(data.join("manifest.json"), damaged).unwrap();
        refused().await;
    }
    fs::remove_file(data.join("manifest.json")).unwrap();
    refused().await;
    fs::write(data.join("manifest.json"), &manifest).unwrap();
    let photo = data.join("blobs").join(TENANT.to_string()).join(photos[0].id.to_string());
    let sealed = fs::read(&photo).unwrap();
    fs::remove_file(&photo).unwrap();
    refused().await;
    fs::write(&photo, sealed).unwrap();
    // Nothing of the refusals is in the way of the whole backup.
    restore(&data, Some(&keys), &places.at("new"), now()).await.unwrap();
}

#[tokio::test]
async fn a_restore_replaces_no_database() {
    let fixture = fixture().await;
    let (places, _) = saved(&fixture).await;
    let refused = restore(&places.at("data"), Some(&places.at("keys")), fixture.dir(), now()).await;
    assert!(matches!(refused, Err(StoreError::InTheWay { .. })), "{refused:?}");
}

#[tokio::test]
async fn keys_are_not_saved_into_the_backup_nor_anything_over_other_files() {
    let fixture = fixture().await;
    let places = Places::new();
    let data = places.at("data");
    for keys in [data.clone(), data.join("keys"), places.root.path().join("x/../data/keys")] {
        fs::create_dir_all(places.at("x")).unwrap();
        let refused = fixture.store.backup(&data, Some(&keys)).await;
        assert!(matches!(refused, Err(StoreError::KeysWithBackup { .. })), "{refused:?}");
    }
    let refused = fixture.store.backup(places.root.path(), None).await;
    assert!(matches!(refused, Err(StoreError::InTheWay { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_way_keeps_nobody_from_writing() {
    let fixture = fixture().await;
    fixture.add_history().await;
    let places = Places::new();
    let (store, to) = (fixture.store.clone(), places.at("data"));
    let backup = tokio::spawn(async move { store.backup(&to, None).await });
    for number in 0..50 {
        fixture.store.check_write(later(number)).await.unwrap();
    }
    assert_eq!(backup.await.unwrap().unwrap().blobs, 2);
}
