//! One `SQLite` file: a single writer, several readers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Sqlite, SqliteConnection, Transaction};

use crate::error::Result;
use crate::files;

/// How long another process's transaction is waited for: its command line may run beside the server.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;

/// An open database file.
pub(crate) struct Database {
    path: PathBuf,
    writer: SqlitePool,
    reader: SqlitePool,
}

impl Database {
    /// Opens the file `path`, makes it if need be and brings it to the form of `migrations`.
    pub(crate) async fn open(path: &Path, migrations: &Migrator) -> Result<Self> {
        files::create_private(path)?;
        let options = options(path);
        let writer = pool(1).connect_with(options.clone()).await?;
        migrations.run(&writer).await?;
        let reader = pool(READERS).connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self { path: path.to_owned(), writer, reader })
    }

    /// Starts a write transaction. It takes the lock at once: two that read before they write cannot deadlock.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Starts a read transaction: all its reads see one state.
    pub(crate) async fn read(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.reader.begin().await?)
    }

    pub(crate) fn reader(&self) -> &SqlitePool {
        &self.reader
    }

    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// Another connection, for work that lasts.
    pub(crate) async fn connect(&self) -> Result<SqliteConnection> {
        Ok(options(&self.path).connect().await?)
    }

    /// Closes the file; the last to do so moves the log into it.
    pub(crate) async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// A file that is open stays so: a test before each use would cost as much as the use itself.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections).test_before_acquire(false)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        // A commit that was reported must survive a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        // Deleted rows are overwritten in the file.
        .pragma("secure_delete", "ON")
}
