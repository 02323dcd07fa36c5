//! Upgrading a database that has rows.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};

const BEFORE: [&str; 2] = [
    include_str!("../../migrations/sqlite/0001_tables.sql"),
    include_str!("../../migrations/sqlite/0002_webhooks.sql"),
];
const BLOCKLIST: &str = include_str!("../../migrations/sqlite/0003_blocklist.sql");

const ROWS: &str = "
    INSERT INTO tenants VALUES ('t', 'Acme', 'open', 0.0001, 0, NULL);
    INSERT INTO subjects VALUES ('s', 't', 'i', x'00', x'00', 0, 0);
    INSERT INTO enrollments VALUES ('e', 't', 's', 'truora', 'none', 'enrolled', NULL, 0, 0);
    INSERT INTO verifications VALUES
        ('v', 't', 's', 'e', 'truora', 0.7, 1, 'concluded', 'allow', NULL, 2, 0, 0, 0, 0, 0, x'00');
    INSERT INTO judgements VALUES ('v', 'p', 'allow', 'm', 'p', 'c', '{}', x'00', 0);
";

async fn run(database: &mut SqliteConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(database).await.unwrap();
}

#[tokio::test]
async fn a_database_with_rows_gets_the_blocklist_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.db");
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true).foreign_keys(true);
    let mut database = options.connect().await.unwrap();
    for sql in BEFORE {
        run(&mut database, sql).await;
    }
    run(&mut database, ROWS).await;
    run(&mut database, BLOCKLIST).await;

    let row = sqlx::query("SELECT enrollment, demanded_similarity, demanded_fpir FROM verifications");
    let row = row.fetch_one(&mut database).await.unwrap();
    assert_eq!(row.get::<Option<String>, _>(0).as_deref(), Some("e"));
    assert_eq!((row.get::<f64, _>(1), row.get::<Option<f64>, _>(2)), (0.7, None));
    let row = sqlx::query("SELECT purpose, sealed_extra FROM enrollments");
    let row = row.fetch_one(&mut database).await.unwrap();
    assert_eq!((row.get::<String, _>(0).as_str(), row.get::<Option<Vec<u8>>, _>(1)), ("reference", None));
    assert!(sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut database).await.unwrap().is_empty());
    // One reference at a time, as before; a face for the blocklist beside it.
    let second = "INSERT INTO enrollments (id, tenant, subject, origin, confirmation, state, created_at, updated_at, \
                  purpose) VALUES ($1, 't', 's', 'truora', 'none', 'enrolled', 0, 0, $2)";
    let insert = async |database: &mut SqliteConnection, id: &'static str, purpose: &'static str| {
        sqlx::query(second).bind(id).bind(purpose).execute(database).await.is_ok()
    };
    assert!(!insert(&mut database, "f", "reference").await);
    assert!(insert(&mut database, "g", "blocklist").await);
}
