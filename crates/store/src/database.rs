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

/// How long another process's transaction is waited for: its command line may run beside the server.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long this process's own transactions are waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const READERS: usize = 4;

/// An open database file.
pub(crate) struct Database {
    path: PathBuf,
    writer: Pool<Opener>,
    reader: Pool<Opener>,
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

/// A connection on loan, perhaps in the middle of a transaction: what was not committed when it is dropped is undone.
pub(crate) struct Connection {
    /// `None` only while it is dropped.
    lent: Option<Object<Opener>>,
    is_in_transaction: bool,
}

impl Connection {
    /// Ends the transaction. It survives a power cut once this returns.
    pub(crate) async fn commit(mut self) -> Result<()> {
        sqlx::query("COMMIT").execute(&mut *self).await?;
        self.is_in_transaction = false;
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(mut lent) = self.lent.take().filter(|_| self.is_in_transaction) else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    if sqlx::query("ROLLBACK").execute(&mut *lent).await.is_err() {
                        // Closing it undoes what it did, too.
                        drop(Object::take(lent));
                    }
                });
            }
            Err(_) => drop(Object::take(lent)),
        }
    }
}

impl Deref for Connection {
    type Target = SqliteConnection;

    #[expect(clippy::expect_used, reason = "it is taken out by drop alone")]
    fn deref(&self) -> &SqliteConnection {
        self.lent.as_deref().expect("a connection that is not dropped")
    }
}

impl DerefMut for Connection {
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
        let writer = pool(options.clone(), 1)?;
        let reader = pool(options.pragma("query_only", "ON"), READERS)?;
        let database = Self { path: path.to_owned(), writer, reader };
        let mut writer = database.writer().await?;
        migrations.run_direct(None, &mut *writer, false).await?;
        drop(writer);
        Ok(database)
    }

    /// Starts a write transaction. It takes the lock at once: two that read before they write cannot deadlock.
    pub(crate) async fn begin(&self) -> Result<Connection> {
        transaction(self.writer().await?, "BEGIN IMMEDIATE").await
    }

    /// Starts a read transaction: all its reads see one state.
    pub(crate) async fn read(&self) -> Result<Connection> {
        transaction(self.reader().await?, "BEGIN").await
    }

    /// For one look.
    pub(crate) async fn reader(&self) -> Result<Connection> {
        lend(&self.reader).await
    }

    /// For one change.
    pub(crate) async fn writer(&self) -> Result<Connection> {
        lend(&self.writer).await
    }

    /// Another connection, for work that lasts.
    pub(crate) async fn connect(&self) -> Result<SqliteConnection> {
        Ok(options(&self.path).connect().await?)
    }

    /// Closes the file; the last to do so moves the log into it.
    pub(crate) async fn close(&self) {
        for pool in [&self.reader, &self.writer] {
            let most = pool.status().max_size;
            let mut all = Vec::with_capacity(most);
            while all.len() < pool.status().size {
                let Ok(lent) = pool.get().await else { break };
                all.push(lent);
            }
            pool.close();
            for lent in all {
                // A connection that cannot be closed in order is closed by being dropped.
                let _ = Object::take(lent).close().await;
            }
        }
    }
}

async fn transaction(mut connection: Connection, begin: &'static str) -> Result<Connection> {
    // Before the statement: should this be stopped in the middle of it, it has to be undone.
    connection.is_in_transaction = true;
    sqlx::query(begin).execute(&mut *connection).await?;
    Ok(connection)
}

async fn lend(pool: &Pool<Opener>) -> Result<Connection> {
    match pool.get().await {
        Ok(lent) => Ok(Connection { lent: Some(lent), is_in_transaction: false }),
        Err(PoolError::Backend(error)) => Err(error.into()),
        Err(PoolError::Closed) => Err(sqlx::Error::PoolClosed.into()),
        Err(_) => Err(sqlx::Error::PoolTimedOut.into()),
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
}
