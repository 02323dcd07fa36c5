//! One transaction. Its calls are spread over this crate's files, one file an aggregate.

use std::sync::Arc;

use domain::{SubjectId, TenantId};
use sqlx::SqliteConnection;

use crate::database::Connection;
use crate::error::{Result, StoreError};
use crate::keyring::Keyring;
use crate::seal::TenantSeal;

/// One transaction: what it wrote is kept by [`Tx::commit`] and gone when it is dropped. Or, from [`Store::look`], a
/// single look without one.
///
/// [`Store::look`]: crate::Store::look
pub struct Tx {
    inner: Connection,
    keyring: Arc<Keyring>,
}

impl Tx {
    pub(crate) fn new(inner: Connection, keyring: Arc<Keyring>) -> Self {
        Self { inner, keyring }
    }

    /// Keeps what was written. It survives a power cut once this returns.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn commit(self) -> Result<()> {
        self.inner.commit().await
    }

    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.inner
    }

    pub(crate) async fn tenant_seal(&self, tenant: TenantId) -> Result<Arc<TenantSeal>> {
        self.keyring.tenant(tenant).await
    }

    pub(crate) async fn subject_seal(&self, tenant: TenantId, subject: SubjectId) -> Result<TenantSeal> {
        self.keyring.subject(tenant, subject).await
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
