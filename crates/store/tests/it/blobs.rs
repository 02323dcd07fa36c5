//! Encrypted photos.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use domain::{About, SubjectId};
use store::{Artifact, StoreError};

use crate::fixture::{Fixture, PHOTO, TENANT, artifact, fixture, later, now, verification};

fn photo(number: u8) -> Artifact {
    artifact(number, About::Verification(verification(1).id))
}

fn path(fixture: &Fixture, photo: &Artifact) -> PathBuf {
    fixture.dir().join("blobs").join(photo.tenant.to_string()).join(photo.id.to_string())
}

/// Makes a file as old as `now()`.
fn age(path: &PathBuf) {
    let then = UNIX_EPOCH + Duration::from_millis(now().as_millis().unsigned_abs());
    File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
}

#[tokio::test]
async fn a_photo_is_read_as_it_was_put_and_gone_once_deleted() {
    let fixture = fixture().await;
    assert_eq!(fixture.store.blob(&photo(1)).await.unwrap(), None);
    for bytes in [b"first".as_slice(), PHOTO] {
        fixture.store.put_blob(&photo(1), bytes).await.unwrap();
    }
    assert_eq!(fixture.store.blob(&photo(1)).await.unwrap().as_deref(), Some(PHOTO));
    fixture.store.delete_blob(&photo(1)).await.unwrap();
    fixture.store.delete_blob(&photo(1)).await.unwrap();
    assert_eq!(fixture.store.blob(&photo(1)).await.unwrap(), None);
}

#[tokio::test]
async fn a_photo_that_was_changed_or_exchanged_does_not_open() {
    let fixture = fixture().await;
    for number in [1, 2] {
        fixture.store.put_blob(&photo(number), PHOTO).await.unwrap();
    }
    fs::copy(path(&fixture, &photo(1)), path(&fixture, &photo(2))).unwrap();
    assert!(matches!(fixture.store.blob(&photo(2)).await, Err(StoreError::Sealed { .. })));
    let mut sealed = fs::read(path(&fixture, &photo(1))).unwrap();
    sealed[40] ^= 1;
    fs::write(path(&fixture, &photo(1)), sealed).unwrap();
    assert!(matches!(fixture.store.blob(&photo(1)).await, Err(StoreError::Sealed { .. })));
}

#[tokio::test]
async fn a_photo_of_someone_without_a_key_is_not_kept() {
    let fixture = fixture().await;
    let stranger = Artifact { subject: SubjectId::from_bytes([9; 16]), ..photo(1) };
    assert!(matches!(fixture.store.put_blob(&stranger, PHOTO).await, Err(StoreError::ErasedSubject)));
    assert!(!path(&fixture, &stranger).exists());
}

#[tokio::test]
async fn a_sweep_deletes_old_orphans_and_leftovers_and_nothing_else() {
    let fixture = fixture().await;
    let [named, orphan, fresh] = [photo(1), photo(2), photo(3)];
    for photo in [&named, &orphan, &fresh] {
        fixture.store.put_blob(photo, PHOTO).await.unwrap();
    }
    fixture.write(async |tx| tx.insert_artifact(&named).await).await;
    let folder = fixture.dir().join("blobs").join(TENANT.to_string());
    let leftover = folder.join(format!("{}#1", photo(4).id));
    let foreign = folder.join("readme.txt");
    for path in [&leftover, &foreign] {
        fs::write(path, "half").unwrap();
    }
    for path in [path(&fixture, &named), path(&fixture, &orphan), leftover.clone(), foreign.clone()] {
        age(&path);
    }
    // `fresh` is as old as this test: its time is the file system's.
    let written = path(&fixture, &fresh).metadata().unwrap().modified().unwrap();
    assert!(written > UNIX_EPOCH);
    age(&path(&fixture, &fresh));
    let newer = UNIX_EPOCH + Duration::from_millis(later(5_000).as_millis().unsigned_abs());
    File::options().write(true).open(path(&fixture, &fresh)).unwrap().set_modified(newer).unwrap();

    assert_eq!(fixture.store.sweep_orphans(now()).await.unwrap(), 0);
    assert_eq!(fixture.store.sweep_orphans(later(1)).await.unwrap(), 2);
    assert!(path(&fixture, &named).exists() && path(&fixture, &fresh).exists() && foreign.exists());
    assert!(!path(&fixture, &orphan).exists() && !leftover.exists());
}
