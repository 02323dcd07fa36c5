//! The one connection that writes.
//!
//! A commit waits for the disk, and the disk takes about as long for ten changes as for one. So a change that is made
//! while others wait for their turn is not put on the disk at once: it stays in the open transaction, behind a savepoint
//! of its own, and whoever comes last commits for all. Nobody's commit returns before that.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use crate::error::{Result, StoreError};

/// How long this process's own transactions are waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The writing connection of a file. Clones share it.
#[derive(Clone)]
pub(crate) struct Writer {
    inner: Arc<Inner>,
}

struct Inner {
    /// First come, first served.
    state: Arc<Mutex<State>>,
    /// Those who wait to make a change.
    queue: AtomicUsize,
}

struct State {
    options: SqliteConnectOptions,
    /// Opened when it is needed.
    connection: Option<SqliteConnection>,
    /// The open transaction.
    batch: Option<Batch>,
}

/// Changes that are made and not yet on the disk. Who made them waits for the end of the transaction.
type Batch = Vec<oneshot::Sender<std::result::Result<(), Arc<sqlx::Error>>>>;

type Turn = OwnedMutexGuard<State>;

impl Writer {
    pub(crate) fn new(options: SqliteConnectOptions) -> Self {
        let state = Arc::new(Mutex::new(State { options, connection: None, batch: None }));
        Self { inner: Arc::new(Inner { state, queue: AtomicUsize::new(0) }) }
    }

    /// Waits for the lock and starts a change.
    pub(crate) async fn begin(&self) -> Result<Change> {
        let mut turn = self.turn().await?;
        turn.connect().await?;
        let begin =
            if turn.batch.is_none() { "BEGIN IMMEDIATE; SAVEPOINT change" } else { "SAVEPOINT change" };
        turn.batch.get_or_insert_default();
        // Before the statement: should this be stopped in the middle of it, it has to be undone.
        let mut change = Change { turn: Some(turn), writer: self.clone() };
        sqlx::raw_sql(begin).execute(&mut *change).await?;
        Ok(change)
    }

    /// For one statement that is a transaction of its own.
    pub(crate) async fn alone(&self) -> Result<Alone> {
        let mut turn = self.turn().await?;
        turn.commit().await;
        turn.connect().await?;
        Ok(Alone(turn))
    }

    /// Closes the connection, after the changes before.
    pub(crate) async fn close(&self) {
        let mut state = self.inner.state.lock().await;
        state.commit().await;
        if let Some(connection) = state.connection.take() {
            // One that cannot be closed in order is closed by being dropped.
            let _ = connection.close().await;
        }
    }

    async fn turn(&self) -> Result<Turn> {
        let _place = Place::take(&self.inner.queue);
        let lock = Arc::clone(&self.inner.state).lock_owned();
        tokio::time::timeout(PATIENCE, lock).await.map_err(|_| sqlx::Error::PoolTimedOut.into())
    }

    /// Waits until the batch with one's own change ends, and ends it if it is one's turn.
    async fn settle(
        &self,
        mut ended: oneshot::Receiver<std::result::Result<(), Arc<sqlx::Error>>>,
    ) -> Result<()> {
        tokio::select! {
            biased;
            result = &mut ended => return outcome(result.ok()),
            mut turn = Arc::clone(&self.inner.state).lock_owned() => match ended.try_recv() {
                Err(TryRecvError::Empty) => turn.commit().await,
                result => return outcome(result.ok()),
            }
        }
        outcome(ended.await.ok())
    }
}

fn outcome(result: Option<std::result::Result<(), Arc<sqlx::Error>>>) -> Result<()> {
    // Without an answer the transaction was undone with the connection.
    result.ok_or(StoreError::Database(sqlx::Error::WorkerCrashed))?.map_err(StoreError::Commit)
}

/// A place in the queue.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(queue: &'a AtomicUsize) -> Self {
        queue.fetch_add(1, Ordering::Relaxed);
        Self(queue)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl State {
    async fn connect(&mut self) -> Result<()> {
        if self.connection.is_none() {
            self.connection = Some(self.options.connect().await?);
        }
        Ok(())
    }

    /// Puts the open transaction on the disk, if there is one, and tells whoever waits for it.
    async fn commit(&mut self) {
        let (Some(batch), Some(connection)) = (self.batch.take(), self.connection.as_mut()) else { return };
        let result = sqlx::raw_sql("COMMIT").execute(connection).await.map(drop).map_err(Arc::new);
        if result.is_err() {
            // Closing it undoes what is left.
            self.connection = None;
        }
        tell(batch, &result);
    }

    /// Undoes the change that was begun last; those before it stay.
    async fn undo(&mut self) {
        let Some(connection) = self.connection.as_mut() else { return };
        let undone = sqlx::raw_sql("ROLLBACK TO change; RELEASE change").execute(&mut *connection).await;
        let others = self.batch.as_ref().is_some_and(|batch| !batch.is_empty());
        // Without others there is nothing to commit. And where undoing fails the database has ended the transaction
        // itself, as for a full disk: the others' changes are gone, too.
        if undone.is_err() || !others {
            self.batch = None;
            if sqlx::raw_sql("ROLLBACK").execute(connection).await.is_err() {
                self.connection = None;
            }
        }
    }
}

fn tell(batch: Batch, result: &std::result::Result<(), Arc<sqlx::Error>>) {
    for waiting in batch {
        // Whoever does not wait any more is told nothing.
        let _ = waiting.send(result.clone());
    }
}

/// A change that is being made: undone when it is dropped.
pub(crate) struct Change {
    /// `None` only at its end.
    turn: Option<Turn>,
    writer: Writer,
}

impl Change {
    /// Keeps the change. It survives a power cut once this returns.
    pub(crate) async fn commit(self) -> Result<()> {
        // In a task of its own: others depend on it, even if whoever asked for it goes away.
        tokio::spawn(self.end()).await?
    }

    async fn end(mut self) -> Result<()> {
        let is_last = self.writer.inner.queue.load(Ordering::Relaxed) == 0;
        // A commit releases the savepoint, too.
        let end = if is_last { "COMMIT" } else { "RELEASE change" };
        sqlx::raw_sql(end).execute(&mut *self).await?;
        let Some(mut turn) = self.turn.take() else { return Ok(()) };
        if is_last {
            tell(turn.batch.take().unwrap_or_default(), &Ok(()));
            return Ok(());
        }
        let (told, ended) = oneshot::channel();
        turn.batch.get_or_insert_default().push(told);
        drop(turn);
        self.writer.settle(ended).await
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        let Some(mut turn) = self.turn.take() else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { turn.undo().await });
        } else {
            turn.batch = None;
            turn.connection = None;
        }
    }
}

impl Deref for Change {
    type Target = SqliteConnection;

    #[expect(clippy::expect_used, reason = "both are there until its end")]
    fn deref(&self) -> &SqliteConnection {
        self.turn.as_ref().and_then(|turn| turn.connection.as_ref()).expect("an open connection")
    }
}

impl DerefMut for Change {
    #[expect(clippy::expect_used, reason = "both are there until its end")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.turn.as_mut().and_then(|turn| turn.connection.as_mut()).expect("an open connection")
    }
}

/// The connection on loan, without a transaction.
pub(crate) struct Alone(Turn);

impl Deref for Alone {
    type Target = SqliteConnection;

    #[expect(clippy::expect_used, reason = "it is opened before it is lent")]
    fn deref(&self) -> &SqliteConnection {
        self.0.connection.as_ref().expect("an open connection")
    }
}

impl DerefMut for Alone {
    #[expect(clippy::expect_used, reason = "it is opened before it is lent")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.0.connection.as_mut().expect("an open connection")
    }
}
