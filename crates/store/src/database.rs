//! One `SQLite` file: a single writer, several readers.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{Manager, Metrics, Object, Pool, PoolError, RecycleResult, Timeouts};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::error::{Result, StoreError};
use crate::files;
use crate::writer::{Alone, Change, Writer};

/// How long another process's transaction is waited for: its command line may run beside the server.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a free reader is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const READERS: usize = 4;

/// An open database file.
pub(crate) struct Database {
    path: PathBuf,
    writer: Writer,
    readers: Pool<Opener>,
}

/// Opens connections. The pool of sqlx would test each after every use, which costs as much as the use itself; a file
/// that is open stays so.
struct Opener(SqliteConnectOptions);

impl Manager for Opener {
    type Type = SqliteConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> std::result::Result<SqliteConnection, sqlx::Error> {
        self.0.connect().await
    }

    async fn recycle(&self, _: &mut SqliteConnection, _: &Metrics) -> RecycleResult<sqlx::Error> {
        Ok(())
    }
}

/// A reading connection on loan, perhaps in the middle of a transaction.
pub(crate) struct Reader {
    /// `None` only while it is dropped.
    lent: Option<Object<Opener>>,
    is_in_transaction: bool,
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(mut lent) = self.lent.take().filter(|_| self.is_in_transaction) else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    if sqlx::raw_sql("ROLLBACK").execute(&mut *lent).await.is_err() {
                        // Closing it ends the transaction, too.
                        drop(Object::take(lent));
                    }
                });
            }
            Err(_) => drop(Object::take(lent)),
        }
    }
}

impl Deref for Reader {
    type Target = SqliteConnection;

    #[expect(clippy::expect_used, reason = "it is taken out by drop alone")]
    fn deref(&self) -> &SqliteConnection {
        self.lent.as_deref().expect("a connection that is not dropped")
    }
}

impl DerefMut for Reader {
    #[expect(clippy::expect_used, reason = "it is taken out by drop alone")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.lent.as_deref_mut().expect("a connection that is not dropped")
    }
}

impl Database {
    /// Opens the file `path`, makes it if need be and brings it to the form of `migrations`.
    pub(crate) async fn open(path: &Path, migrations: &Migrator) -> Result<Self> {
        files::create_private(path)?;
        let options = options(path);
        let writer = Writer::new(options.clone());
        let readers = pool(options.pragma("query_only", "ON"), READERS)?;
        migrations.run_direct(None, &mut *writer.alone().await?, false).await?;
        Ok(Self { path: path.to_owned(), writer, readers })
    }

    /// Starts a write transaction. It takes the lock at once: two that read before they write cannot deadlock.
    pub(crate) async fn begin(&self) -> Result<Change> {
        self.writer.begin().await
    }

    /// Starts a read transaction: all its reads see one state.
    pub(crate) async fn read(&self) -> Result<Reader> {
        let mut reader = self.reader().await?;
        // Before the statement: should this be stopped in the middle of it, it has to be undone.
        reader.is_in_transaction = true;
        sqlx::raw_sql("BEGIN").execute(&mut *reader).await?;
        Ok(reader)
    }

    /// For one look.
    pub(crate) async fn reader(&self) -> Result<Reader> {
        match self.readers.get().await {
            Ok(lent) => Ok(Reader { lent: Some(lent), is_in_transaction: false }),
            Err(PoolError::Backend(error)) => Err(error.into()),
            Err(PoolError::Closed) => Err(sqlx::Error::PoolClosed.into()),
            Err(_) => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }

    /// For one change of one statement.
    pub(crate) async fn writer(&self) -> Result<Alone> {
        self.writer.alone().await
    }

    /// Another connection, for work that lasts.
    pub(crate) async fn connect(&self) -> Result<SqliteConnection> {
        Ok(options(&self.path).connect().await?)
    }

    /// Closes the file; the last to do so moves the log into it.
    pub(crate) async fn close(&self) {
        let most = self.readers.status().max_size;
        let mut all = Vec::with_capacity(most);
        while all.len() < self.readers.status().size {
            let Ok(lent) = self.readers.get().await else { break };
            all.push(lent);
        }
        self.readers.close();
        for lent in all {
            // A connection that cannot be closed in order is closed by being dropped.
            let _ = Object::take(lent).close().await;
        }
        self.writer.close().await;
    }
}

fn pool(options: SqliteConnectOptions, most: usize) -> Result<Pool<Opener>> {
    let timeouts = Timeouts { wait: Some(PATIENCE), ..Timeouts::default() };
    Pool::builder(Opener(options))
        .max_size(most)
        .timeouts(timeouts)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|_| StoreError::Database(sqlx::Error::PoolClosed))
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
        // What a savepoint remembers stays in memory.
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}
