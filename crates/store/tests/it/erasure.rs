//! Erasing a person.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use domain::{About, Enrollment, Key, KeyId, KeyKind, SubjectId};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};
use store::{AuditFilter, Erased, Job, JobKind, Store, StoreError, Subject};

use crate::blocklist::blocked;
use crate::fixture::{
    EXTRA, Fixture, PHOTO, REFERENCE, SUBJECT, TEMPLATE, TENANT, enrollment, fixture, later, newest, now,
    subject, verification,
};
use crate::identities::add_identity;
use crate::webhooks::{add_hook, hook, relay};

async fn raw(fixture: &Fixture, name: &str) -> SqliteConnection {
    SqliteConnectOptions::new().filename(fixture.dir().join(name)).connect().await.unwrap()
}

/// The tables with a row in which any column holds one of `texts`.
pub(crate) async fn tables_naming(fixture: &Fixture, texts: &[String]) -> BTreeSet<String> {
    let mut raw = raw(fixture, "bonafide.db").await;
    let columns = sqlx::query(
        "SELECT m.name AS tab, c.name AS col FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c \
         WHERE m.type = 'table' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
    )
    .fetch_all(&mut raw)
    .await
    .unwrap();
    let mut found = BTreeSet::new();
    for row in columns {
        let (table, column): (String, String) = (row.get("tab"), row.get("col"));
        for text in texts {
            let count: i64 = sqlx::query(sqlx::AssertSqlSafe(format!(
                "SELECT COUNT(*) FROM {table} WHERE CAST({column} AS TEXT) = $1"
            )))
            .bind(text)
            .fetch_one(&mut raw)
            .await
            .unwrap()
            .get(0);
            if count > 0 {
                found.insert(table.clone());
            }
        }
    }
    found
}

async fn add_everything(fixture: &Fixture) {
    add_hook(fixture, &hook(0xd4)).await;
    fixture.add_history().await;
    add_identity(fixture).await;
    let listed = blocked(0xd5, SUBJECT);
    fixture
        .write(async |tx| {
            assert!(tx.insert_enrollment(&listed).await?);
            tx.put_enrollment_extra(&listed, &serde_json::json!({"why": EXTRA})).await?;
            tx.put_reference(&listed, TEMPLATE).await
        })
        .await;
    fixture.write(relay).await;
    let job = |number, about| Job {
        id: domain::JobId::from_bytes([number; 16]),
        kind: JobKind::Judge,
        tenant: TENANT,
        about,
        attempts: 0,
        failures: 0,
        run_at: now(),
        created_at: now(),
    };
    let key = Key {
        id: KeyId::from_bytes([1; 16]),
        tenant: TENANT,
        name: "web".to_owned(),
        kind: KeyKind::Web,
        permissions: BTreeSet::new(),
        subject: Some(SUBJECT),
        created_at: now(),
        expires_at: None,
        revoked_at: None,
    };
    fixture
        .write(async |tx| {
            tx.insert_key(&key).await?;
            tx.enqueue(&job(1, About::Verification(verification(1).id))).await
        })
        .await;
    let claim = fixture.store.claim("a", &[JobKind::Judge], now(), Duration::from_secs(1)).await.unwrap();
    let (_, lease) = claim.unwrap();
    fixture
        .write(async |tx| {
            assert!(tx.bury_job(&lease, "failed", now()).await?);
            tx.enqueue(&job(2, About::Enrollment(enrollment(1).id))).await
        })
        .await;
}

#[tokio::test]
async fn an_erased_person_leaves_a_tombstone_an_audit_entry_and_nothing_else() {
    let fixture = fixture().await;
    add_everything(&fixture).await;
    let second = fixture.add_subject(SubjectId::from_bytes([9; 16]), "second").await;
    let listed = blocked(0xd5, SUBJECT).id.to_string();
    let ids =
        [SUBJECT.to_string(), enrollment(1).id.to_string(), listed.clone(), verification(1).id.to_string()];
    assert!(tables_naming(&fixture, &ids).await.len() >= 18, "the fixture fills every table");

    let start = Instant::now();
    let erased = fixture.store.erase_subject(TENANT, SUBJECT, later(5)).await.unwrap();
    // Emptying the log of the key ring must not wait for readers that never leave.
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(erased.blobs, 2);
    // That a face is gone is told to other nodes by its random id alone.
    let left = BTreeSet::from(["audit".to_owned(), "gallery_changes".to_owned()]);
    assert_eq!(tables_naming(&fixture, &ids).await, left);
    assert_eq!(tables_naming(&fixture, &[listed]).await, BTreeSet::from(["gallery_changes".to_owned()]));
    assert_eq!(std::fs::read_dir(fixture.dir().join("blobs").join(TENANT.to_string())).unwrap().count(), 0);
    let mut tx = fixture.read().await;
    let audit = tx.audit(&AuditFilter { tenant: Some(TENANT), ..newest(9) }).await.unwrap();
    assert_eq!((audit.len(), audit[0].1.action.as_str(), audit[0].1.at), (1, "subject.erased", later(5)));
    assert!(tx.subject_by_reference(TENANT, REFERENCE).await.unwrap().is_none());
    assert!(tx.subject(TENANT, second.id).await.unwrap() == Some(second));
}

#[tokio::test]
async fn an_erasure_can_be_repeated() {
    let fixture = fixture().await;
    add_everything(&fixture).await;
    fixture.store.erase_subject(TENANT, SUBJECT, now()).await.unwrap();
    assert_eq!(fixture.store.erase_subject(TENANT, SUBJECT, later(1)).await.unwrap(), Erased::default());
    assert_eq!(fixture.store.apply_tombstones(later(2)).await.unwrap(), 0);
    assert_eq!(fixture.read().await.audit(&newest(9)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_more_is_kept_of_an_erased_person() {
    let fixture = fixture().await;
    let photos = fixture.add_history().await;
    fixture.store.erase_subject(TENANT, SUBJECT, now()).await.unwrap();
    let refused = fixture.store.create_subject_key(TENANT, SUBJECT).await;
    assert!(matches!(refused, Err(StoreError::ErasedSubject)));
    assert!(matches!(fixture.store.put_blob(&photos[0], PHOTO).await, Err(StoreError::ErasedSubject)));
    let mut tx = fixture.store.begin().await.unwrap();
    assert!(matches!(tx.insert_subject(&subject()).await, Err(StoreError::ErasedSubject)));
    assert!(tx.insert_enrollment(&Enrollment { ..enrollment(3) }).await.is_err());
    drop(tx);
    // The same human being may come again, as someone new.
    let again = fixture.add_subject(SubjectId::from_bytes([7; 16]), REFERENCE).await;
    assert!(
        fixture.read().await.subject_by_reference(TENANT, REFERENCE).await.unwrap()
            == Some(Subject { id: again.id, ..subject() })
    );
}

#[tokio::test]
async fn the_sealed_key_of_an_erased_person_is_in_no_file() {
    let fixture = fixture().await;
    let mut keyring = raw(&fixture, "keyring.db").await;
    let sealed: Vec<u8> =
        sqlx::query("SELECT sealed FROM subject_keys").fetch_one(&mut keyring).await.unwrap().get(0);
    drop(keyring);
    fixture.store.erase_subject(TENANT, SUBJECT, now()).await.unwrap();
    for name in ["keyring.db", "keyring.db-wal"] {
        let bytes = std::fs::read(fixture.dir().join(name)).unwrap_or_default();
        assert!(!bytes.windows(sealed.len()).any(|window| window == sealed), "{name}");
    }
}

#[tokio::test]
async fn an_interrupted_erasure_is_finished_at_the_next_opening() {
    let fixture = fixture().await;
    add_everything(&fixture).await;
    // As if stopped after the first step: the key is gone, the rows are there.
    let mut keyring = raw(&fixture, "keyring.db").await;
    sqlx::query("INSERT INTO tombstones (tenant, subject, erased_at) VALUES ($1, $2, $3)")
        .bind(TENANT.to_string())
        .bind(SUBJECT.to_string())
        .bind(later(3).as_millis())
        .execute(&mut keyring)
        .await
        .unwrap();
    sqlx::query("DELETE FROM subject_keys").execute(&mut keyring).await.unwrap();
    // Or in the middle of a later one.
    let photo = fixture.dir().join("blobs").join(TENANT.to_string()).join("01".repeat(16));
    std::fs::remove_file(photo).unwrap();
    let unread = fixture.read().await.subject(TENANT, SUBJECT).await;
    assert!(matches!(unread, Err(StoreError::ErasedSubject)));

    let reopened = Store::open(fixture.dir()).await.unwrap();
    let named = tables_naming(&fixture, &[SUBJECT.to_string()]).await;
    assert_eq!(named, BTreeSet::from(["audit".to_owned()]));
    let audit = reopened.read().await.unwrap().audit(&newest(9)).await.unwrap();
    assert_eq!(audit[0].1.at, later(3));
    assert_eq!(std::fs::read_dir(fixture.dir().join("blobs").join(TENANT.to_string())).unwrap().count(), 0);
}
