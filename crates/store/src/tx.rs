//! One transaction. Its calls are spread over this crate's files, one file an aggregate.

use std::sync::Arc;

use domain::{SubjectId, TenantId};
use sqlx::SqliteConnection;
use tokio::sync::Notify;

use crate::database::Reader;
use crate::error::{Result, StoreError};
use crate::keyring::{Keyring, SubjectKeys};
use crate::seal::TenantSeal;
use crate::writer::Change;

/// One transaction: what it wrote is kept by [`Tx::commit`] and gone when it is dropped. Or, from [`Store::look`], a
/// single look without one.
///
/// [`Store::look`]: crate::Store::look
pub struct Tx {
    inner: Inner,
    keyring: Arc<Keyring>,
    /// Whether an event was added.
    has_news: bool,
    /// The key that was asked for last: one transaction mostly is about one person.
    seal: Option<(TenantId, SubjectId, Arc<TenantSeal>)>,
}

enum Inner {
    /// With the bell that is rung for events.
    Change(Change, Arc<Notify>),
    Reader(Reader),
}

impl Tx {
    pub(crate) fn writing(change: Change, keyring: Arc<Keyring>, bell: Arc<Notify>) -> Self {
        Self { inner: Inner::Change(change, bell), keyring, has_news: false, seal: None }
    }

    pub(crate) fn reading(reader: Reader, keyring: Arc<Keyring>) -> Self {
        Self { inner: Inner::Reader(reader), keyring, has_news: false, seal: None }
    }

    /// Keeps what was written. It survives a power cut once this returns.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Change(change, bell) => {
                change.commit().await?;
                if self.has_news {
                    bell.notify_one();
                }
                Ok(())
            }
            Inner::Reader(_) => Ok(()),
        }
    }

    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        match &mut self.inner {
            Inner::Change(change, _) => change,
            Inner::Reader(reader) => reader,
        }
    }

    /// Rings the bell once this is kept.
    pub(crate) fn ring(&mut self) {
        self.has_news = true;
    }

    pub(crate) async fn tenant_seal(&self, tenant: TenantId) -> Result<Arc<TenantSeal>> {
        self.keyring.tenant(tenant).await
    }

    pub(crate) async fn subject_keys(&self, tenant: TenantId, subjects: &[SubjectId]) -> Result<SubjectKeys> {
        self.keyring.subjects(tenant, subjects).await
    }

    pub(crate) async fn subject_seal(
        &mut self,
        tenant: TenantId,
        subject: SubjectId,
    ) -> Result<Arc<TenantSeal>> {
        if let Some((_, _, seal)) = self.seal.as_ref().filter(|known| (known.0, known.1) == (tenant, subject))
        {
            return Ok(Arc::clone(seal));
        }
        let seal = Arc::new(self.keyring.subject(tenant, subject).await?);
        self.seal = Some((tenant, subject, Arc::clone(&seal)));
        Ok(seal)
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}

/// For changes by id: the row must be there.
pub(crate) fn one_row(rows: u64, what: &'static str) -> Result<()> {
    if rows == 0 { Err(StoreError::Missing { what }) } else { Ok(()) }
}
