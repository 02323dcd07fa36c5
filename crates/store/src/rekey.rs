//! Rotating the master key, while servers go on.
//!
//! 1. The next key is written to `master.key.new`.
//! 2. Everything that the master key seals is sealed under the next one, in one transaction with the next key's id.
//! 3. The audit log learns of it, and the new file takes the place of the old.
//!
//! Before the second step the old key counts, after it the new one, whatever stops in between: the ring says which it is,
//! and both files are looked at. The next opening does what is left.

use std::path::Path;

use domain::Timestamp;

use crate::audit::AuditEntry;
use crate::error::Result;
use crate::files;
use crate::master_key::{CURRENT, MasterKey, NEXT};
use crate::store::{Store, lock};

/// What the audit log calls it.
const ACTION: &str = "master-key.rotate";

/// A rotation of the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rekeyed {
    /// The id of the new key. Says nothing about the key.
    pub key_id: String,
    /// Tenant keys and secrets that were sealed again.
    pub sealed: u64,
}

impl Store {
    /// Gives the store a new master key and removes the old one. Servers over the same folder go on. A second rotation
    /// waits for the first and then rotates again.
    ///
    /// # Errors
    /// [`crate::StoreError::Sealed`] where a key is damaged, otherwise what the files and databases say; the old key
    /// counts then, or the new one where all but the last step was done.
    pub async fn rekey(&self, actor: &str, now: Timestamp) -> Result<Rekeyed> {
        let _lock = lock(self.dir()).await?;
        self.finish_rekey(INTERRUPTED).await?;
        let next = prepare(self.dir())?;
        let key_id = next.id().to_owned();
        let sealed = self.keyring().reseal(next, now).await;
        // Also after a failure: the ring alone says whether the new key counts.
        self.finish_rekey(actor).await?;
        Ok(Rekeyed { key_id, sealed: sealed? })
    }

    /// Does what an interrupted rotation left to do. To be called by whoever holds the lock of the folder.
    pub(crate) async fn finish_rekey(&self, actor: &str) -> Result<()> {
        let path = self.dir().join(NEXT);
        if !files::exists(&path)? {
            return Ok(());
        }
        let sealing = self.keyring().sealing().await?;
        let next = MasterKey::load(&path)?;
        if next.id() != sealing.key_id {
            // It seals nothing.
            files::remove(&path)?;
            return files::sync_folder(self.dir());
        }
        self.note_rekey(actor, next.id(), sealing.since).await?;
        self.keyring().empty_log().await?;
        files::rename(&path, &self.dir().join(CURRENT))
    }

    /// Once for each key, however often it is interrupted.
    async fn note_rekey(&self, actor: &str, key_id: &str, since: Option<Timestamp>) -> Result<()> {
        let mut tx = self.begin().await?;
        let known = sqlx::query("SELECT 1 FROM audit WHERE action = $1 AND about = $2 LIMIT 1")
            .bind(ACTION)
            .bind(key_id)
            .fetch_optional(tx.connection())
            .await?;
        let (None, Some(at)) = (known, since) else { return Ok(()) };
        tx.append_audit(&AuditEntry {
            tenant: None,
            actor: actor.to_owned(),
            action: ACTION.to_owned(),
            about: key_id.to_owned(),
            at,
        })
        .await?;
        tx.commit().await
    }
}

/// The actor of what an opening finishes.
pub(crate) const INTERRUPTED: &str = "store";

/// Writes the next key beside the current one.
fn prepare(dir: &Path) -> Result<MasterKey> {
    MasterKey::load_or_create(&dir.join(NEXT))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use domain::TenantId;
    use tempfile::TempDir;

    use super::*;
    use crate::{AuditFilter, StoreError};

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn tenant(byte: u8) -> TenantId {
        TenantId::from_bytes([byte; 16])
    }

    /// A store with keys, and what opens with them.
    struct Bench {
        folder: TempDir,
        store: Store,
        digest: crate::Digest,
        secret: [u8; 32],
    }

    impl Bench {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path()).await.unwrap();
            store.create_tenant_key(tenant(1)).await.unwrap();
            let digest = store.digest(tenant(1), b"photo").await.unwrap();
            let secret = *store.secret("tokens").await.unwrap().as_bytes();
            Self { folder, store, digest, secret }
        }

        fn dir(&self) -> &Path {
            self.folder.path()
        }

        fn file(&self, name: &str) -> Vec<u8> {
            fs::read(self.dir().join(name)).unwrap()
        }

        /// That `store` reads what was there, and makes new keys that others read. It has nothing in memory but what
        /// it was opened with.
        async fn assert_whole(&self, store: &Store, number: u8) {
            assert_eq!(store.digest(tenant(1), b"photo").await.unwrap(), self.digest);
            assert_eq!(*store.secret("tokens").await.unwrap().as_bytes(), self.secret);
            store.create_tenant_key(tenant(number)).await.unwrap();
            let own = store.digest(tenant(number), b"photo").await.unwrap();
            let secret = store.secret(&format!("secret-{number}")).await.unwrap();
            let other = Store::open(self.dir()).await.unwrap();
            assert_eq!(other.digest(tenant(number), b"photo").await.unwrap(), own);
            assert_eq!(
                other.secret(&format!("secret-{number}")).await.unwrap().as_bytes(),
                secret.as_bytes()
            );
        }

        async fn rotations(&self) -> Vec<(String, String)> {
            let filter =
                AuditFilter { action: Some(ACTION.to_owned()), limit: 100, ..AuditFilter::default() };
            let entries = self.store.read().await.unwrap().audit(&filter).await.unwrap();
            entries.into_iter().map(|(_, entry)| (entry.actor, entry.about)).collect()
        }
    }

    #[tokio::test]
    async fn a_rotation_changes_the_key_and_nothing_becomes_unreadable() {
        let bench = Bench::new().await;
        // Opened before, with nothing read yet: a server or command of another process.
        let other = Store::open(bench.dir()).await.unwrap();
        let old = bench.file(CURRENT);
        let made = bench.store.rekey("command line", NOW).await.unwrap();
        assert_eq!(made.sealed, 2);
        assert_ne!(bench.file(CURRENT), old);
        assert!(!bench.dir().join(NEXT).exists());
        assert_eq!(fs::metadata(bench.dir().join(CURRENT)).unwrap().permissions().mode() & 0o777, 0o600);
        bench.assert_whole(&other, 2).await;
        bench.assert_whole(&bench.store, 3).await;
        bench.assert_whole(&Store::open(bench.dir()).await.unwrap(), 4).await;
        assert_eq!(bench.rotations().await, [("command line".to_owned(), made.key_id)]);
    }

    #[tokio::test]
    async fn stopped_after_the_next_key_was_written_the_old_one_counts() {
        let bench = Bench::new().await;
        let old = bench.file(CURRENT);
        prepare(bench.dir()).unwrap();
        let running = bench.store.clone();
        let opened = Store::open(bench.dir()).await.unwrap();
        assert!(!bench.dir().join(NEXT).exists(), "it seals nothing");
        assert_eq!(bench.file(CURRENT), old);
        bench.assert_whole(&running, 2).await;
        bench.assert_whole(&opened, 3).await;
        assert_eq!(bench.rotations().await, []);
    }

    #[tokio::test]
    async fn stopped_after_sealing_the_next_opening_finishes() {
        let bench = Bench::new().await;
        let (running, idle) = (bench.store.clone(), Store::open(bench.dir()).await.unwrap());
        let rotating = Store::open(bench.dir()).await.unwrap();
        let next = prepare(bench.dir()).unwrap();
        let key_id = next.id().to_owned();
        rotating.keyring().reseal(next, NOW).await.unwrap();
        let new = bench.file(NEXT);
        // Servers read and write while both files are there.
        assert_eq!(idle.digest(tenant(1), b"photo").await.unwrap(), bench.digest);
        running.create_tenant_key(tenant(9)).await.unwrap();
        assert_eq!(running.secret("tokens").await.unwrap().as_bytes(), &bench.secret);
        assert_eq!(bench.file(NEXT), new, "a running server leaves the files alone");

        let opened = Store::open(bench.dir()).await.unwrap();
        assert_eq!(bench.file(CURRENT), new);
        assert!(!bench.dir().join(NEXT).exists());
        for (store, number) in [(&running, 2), (&idle, 3), (&opened, 4)] {
            bench.assert_whole(store, number).await;
            store.digest(tenant(9), b"photo").await.unwrap();
        }
        assert_eq!(bench.rotations().await, [("store".to_owned(), key_id)]);
    }

    #[tokio::test]
    async fn stopped_before_the_file_takes_its_place_it_is_noted_once() {
        let bench = Bench::new().await;
        let next = prepare(bench.dir()).unwrap();
        let key_id = next.id().to_owned();
        bench.store.keyring().reseal(next, NOW).await.unwrap();
        bench.store.note_rekey("command line", &key_id, Some(NOW)).await.unwrap();
        Store::open(bench.dir()).await.unwrap();
        assert_eq!(bench.rotations().await, [("command line".to_owned(), key_id)]);
        bench.assert_whole(&bench.store, 2).await;
    }

    #[tokio::test]
    async fn a_rotation_goes_on_after_one_that_was_interrupted_since_the_opening() {
        let bench = Bench::new().await;
        bench.store.keyring().reseal(prepare(bench.dir()).unwrap(), NOW).await.unwrap();
        bench.store.rekey("command line", NOW).await.unwrap();
        assert_eq!(bench.rotations().await.len(), 2);
        bench.assert_whole(&bench.store, 2).await;
    }

    #[tokio::test]
    async fn a_damaged_key_stops_the_rotation_before_anything_changes() {
        let bench = Bench::new().await;
        let old = bench.file(CURRENT);
        sqlx::query("INSERT INTO tenant_keys (tenant, sealed) VALUES ($1, x'01')")
            .bind(tenant(7).to_string())
            .execute(&mut *bench.store.keyring().database().writer().await.unwrap())
            .await
            .unwrap();
        let refused = bench.store.rekey("command line", NOW).await;
        assert!(matches!(refused, Err(StoreError::Sealed { .. })), "{refused:?}");
        assert_eq!(bench.file(CURRENT), old);
        assert!(!bench.dir().join(NEXT).exists());
        bench.assert_whole(&bench.store, 2).await;
        assert_eq!(bench.rotations().await, []);
    }

    #[tokio::test]
    async fn the_old_key_opens_nothing_any_more_and_nothing_that_it_sealed_is_left() {
        let bench = Bench::new().await;
        let old = bench.file(CURRENT);
        let row = sqlx::query("SELECT sealed FROM tenant_keys")
            .fetch_one(&mut *bench.store.keyring().database().reader().await.unwrap())
            .await
            .unwrap();
        let sealed: Vec<u8> = sqlx::Row::get(&row, 0);
        bench.store.rekey("command line", NOW).await.unwrap();
        for name in ["keyring.db", "keyring.db-wal"] {
            let bytes = fs::read(bench.dir().join(name)).unwrap_or_default();
            assert!(!bytes.windows(sealed.len()).any(|window| window == sealed), "{name}");
        }
        fs::write(bench.dir().join(CURRENT), old).unwrap();
        let refused = Store::open(bench.dir()).await;
        assert!(matches!(refused, Err(StoreError::Sealed { .. })), "{refused:?}");
    }

    #[tokio::test]
    async fn a_ring_that_does_not_say_which_key_seals_it_is_told() {
        let bench = Bench::new().await;
        // As rings were before: a secret of their own instead.
        bench.store.secret("keyring").await.unwrap();
        let forget = async || {
            sqlx::query("DELETE FROM master")
                .execute(&mut *bench.store.keyring().database().writer().await.unwrap())
                .await
                .unwrap();
        };
        forget().await;
        bench.assert_whole(&Store::open(bench.dir()).await.unwrap(), 2).await;
        forget().await;
        let old = bench.file(CURRENT);
        fs::write(bench.dir().join(CURRENT), format!("{}\n", "ab".repeat(32))).unwrap();
        assert!(matches!(Store::open(bench.dir()).await, Err(StoreError::Sealed { .. })));
        fs::write(bench.dir().join(CURRENT), old).unwrap();
        bench.assert_whole(&Store::open(bench.dir()).await.unwrap(), 3).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn tenants_made_during_rotations_are_sealed_under_the_key_that_counts() {
        const TENANTS: u8 = 60;
        let bench = Bench::new().await;
        let making = (10..10 + TENANTS).map(|number| {
            let store = bench.store.clone();
            tokio::spawn(async move {
                store.create_tenant_key(tenant(number)).await.unwrap();
                let secret = store.secret(&format!("secret-{number}")).await.unwrap();
                (number, store.digest(tenant(number), b"photo").await.unwrap(), *secret.as_bytes())
            })
        });
        let making: Vec<_> = making.collect();
        // Two at once, of two processes.
        let rotating = (0..2).map(|_| {
            let dir = bench.dir().to_owned();
            tokio::spawn(async move {
                for _ in 0..3 {
                    Store::open(&dir).await.unwrap().rekey("command line", NOW).await.unwrap();
                }
            })
        });
        for rotation in rotating.collect::<Vec<_>>() {
            rotation.await.unwrap();
        }
        let opened = Store::open(bench.dir()).await.unwrap();
        for made in making {
            let (number, digest, secret) = made.await.unwrap();
            assert_eq!(opened.digest(tenant(number), b"photo").await.unwrap(), digest);
            assert_eq!(*opened.secret(&format!("secret-{number}")).await.unwrap().as_bytes(), secret);
        }
        assert_eq!(bench.rotations().await.len(), 6);
        bench.assert_whole(&bench.store, 2).await;
    }
}
