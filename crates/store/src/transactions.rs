//! By what the callers of an API know sessions whose ids they choose themselves, and whose they are.

use domain::{
    DocumentSession, Identity, IdentityId, RETAKES, SessionId, SubjectId, TenantId, Timestamp, TransactionId,
};
use sqlx::sqlite::SqliteRow;

use crate::error::Result;
use crate::row::Columns as _;
use crate::store::Store;
use crate::tx::{Tx, one_row};

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, tenant, session, identity, linked_at, created_at FROM transactions ", $rest)
    };
}

/// A session, as its caller knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The caller's id for it.
    pub id: TransactionId,
    /// Whose customer the person is.
    pub tenant: TenantId,
    /// The session.
    pub session: SessionId,
    /// Who is signed in and owns it; `None` where whoever holds a key of the tenant does.
    pub identity: Option<IdentityId>,
    /// When it was given to the identity, where it had been opened without one.
    pub linked_at: Option<Timestamp>,
    /// When it was opened.
    pub created_at: Timestamp,
}

impl Tx {
    /// Keeps that `session` is known as `id`, and whose it is. The session was inserted before.
    ///
    /// # Errors
    /// [`crate::StoreError::Taken`] where the tenant has a transaction of that id, or the database fails.
    pub(crate) async fn insert_transaction(
        &mut self,
        id: TransactionId,
        session: &DocumentSession,
        owner: Option<(IdentityId, SubjectId)>,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO transactions (tenant, id, session, subject, identity, owner, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(session.tenant.to_string())
        .bind(id.to_string())
        .bind(session.id.to_string())
        .bind(session.subject.to_string())
        .bind(owner.as_ref().map(|(identity, _)| identity.to_string()))
        .bind(owner.as_ref().map(|(_, subject)| subject.to_string()))
        .bind(session.created_at.as_millis())
        .execute(self.connection())
        .await
        .map_err(crate::StoreError::taken("transaction"))?;
        Ok(())
    }

    /// The transaction of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn transaction(&mut self, tenant: TenantId, id: TransactionId) -> Result<Option<Transaction>> {
        let row = sqlx::query(select!("WHERE tenant = $1 AND id = $2"))
            .bind(tenant.to_string())
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The transaction by which a session is known; `None` where its caller knows it by the session's own id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn transaction_of(&mut self, session: &DocumentSession) -> Result<Option<Transaction>> {
        let row = sqlx::query(select!("WHERE tenant = $1 AND session = $2"))
            .bind(session.tenant.to_string())
            .bind(session.id.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The transactions of an identity, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn transactions_of(&mut self, identity: &Identity) -> Result<Vec<Transaction>> {
        let rows =
            sqlx::query(select!("WHERE tenant = $1 AND identity = $2 ORDER BY created_at DESC, id DESC"))
                .bind(identity.tenant.to_string())
                .bind(identity.id.to_string())
                .fetch_all(self.connection())
                .await?;
        rows.iter().map(read).collect()
    }

    /// Gives a transaction that nobody owns to an identity. `false` where somebody owns it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn link_transaction(
        &mut self,
        id: TransactionId,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE transactions SET identity = $3, owner = $4, linked_at = $5 \
             WHERE tenant = $1 AND id = $2 AND identity IS NULL",
        )
        .bind(identity.tenant.to_string())
        .bind(id.to_string())
        .bind(identity.id.to_string())
        .bind(identity.subject.to_string())
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// How often faces were refused in the transactions of an identity that were opened after `since`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn refused_faces(&mut self, identity: &Identity, since: Timestamp) -> Result<u64> {
        let row = sqlx::query(
            "SELECT COALESCE(SUM($4 - retakes_left + (state = 'concluded' AND decision <> 'allow')), 0) AS refused \
             FROM transactions JOIN document_sessions ON document_sessions.id = transactions.session \
             WHERE transactions.tenant = $1 AND transactions.identity = $2 AND transactions.created_at > $3",
        )
        .bind(identity.tenant.to_string())
        .bind(identity.id.to_string())
        .bind(since.as_millis())
        .bind(i64::from(RETAKES))
        .fetch_one(self.connection())
        .await?;
        row.number("refused")
    }

    /// How often faces were refused beside the card `document`, whoever sent them, in sessions that were opened after
    /// `since`. `document` tells the card from every other one, as in [`save_session_judgement`](Tx::save_session_judgement).
    ///
    /// # Errors
    /// The database fails, or the tenant's key is not there.
    pub async fn refused_faces_beside(
        &mut self,
        tenant: TenantId,
        document: &str,
        since: Timestamp,
    ) -> Result<u64> {
        let index = self.document_index(tenant, document).await?;
        let row = sqlx::query(
            "SELECT COALESCE(SUM($4 - retakes_left + (state = 'concluded' AND decision <> 'allow')), 0) AS refused \
             FROM transactions JOIN document_sessions ON document_sessions.id = transactions.session \
             WHERE document_sessions.tenant = $1 AND identity_index = $2 AND document_sessions.created_at > $3",
        )
        .bind(tenant.to_string())
        .bind(index)
        .bind(since.as_millis())
        .bind(i64::from(RETAKES))
        .fetch_one(self.connection())
        .await?;
        row.number("refused")
    }

    /// Notes when an identity was verified.
    ///
    /// # Errors
    /// [`crate::StoreError::Missing`] where there is no such identity, or the database fails.
    pub async fn verify_identity(&mut self, identity: &Identity, now: Timestamp) -> Result<()> {
        let done = sqlx::query(
            "UPDATE identities SET verified_at = COALESCE(verified_at, $3) WHERE tenant = $1 AND id = $2",
        )
        .bind(identity.tenant.to_string())
        .bind(identity.id.to_string())
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        one_row(done.rows_affected(), "the identity")
    }
}

impl Store {
    /// The people of the sessions that belong to the identity of `owner`: they are erased with it.
    pub(crate) async fn people_of(&self, tenant: TenantId, owner: SubjectId) -> Result<Vec<SubjectId>> {
        let rows = sqlx::query("SELECT subject FROM transactions WHERE tenant = $1 AND owner = $2")
            .bind(tenant.to_string())
            .bind(owner.to_string())
            .fetch_all(&mut *self.database().reader().await?)
            .await?;
        rows.iter().map(|row| row.id("subject")).collect()
    }
}

fn read(row: &SqliteRow) -> Result<Transaction> {
    Ok(Transaction {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        session: row.id("session")?,
        identity: row.optional_id("identity")?,
        linked_at: row.optional_time("linked_at")?,
        created_at: row.time("created_at")?,
    })
}
