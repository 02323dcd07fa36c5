//! A transaction that was opened with a key alone is given to somebody who is signed in.

use std::time::Duration;

use domain::{Identity, TransactionId};

use super::{Service, Step, TransactionError};
use crate::{Caller, TransactionView};

/// How long after its opening a transaction may be given to somebody.
pub const LINK_TIME: Duration = Duration::from_hours(24);

impl Service {
    /// Gives `owner` a transaction that was opened with a key of their tenant: once.
    ///
    /// # Errors
    /// [`TransactionError::NotFound`] for one that is not there or belongs to somebody, [`TransactionError::Ended`] after
    /// [`LINK_TIME`].
    pub async fn link_transaction(
        &self,
        caller: &Caller,
        owner: Identity,
        id: TransactionId,
    ) -> Result<TransactionView, TransactionError> {
        let now = self.now();
        let mut tx = self.store().begin().await?;
        let found = tx.transaction(caller.tenant.id, id).await?.ok_or(TransactionError::NotFound)?;
        if found.identity.is_none() && now.since(found.created_at) > LINK_TIME {
            return Err(TransactionError::Ended);
        }
        if !tx.link_transaction(id, &owner, now).await? {
            return Err(TransactionError::NotFound);
        }
        tx.append_audit(&self.audit_entry(caller, "session.link", &found.session.to_string())).await?;
        let session = tx.session(caller.tenant.id, found.session).await?;
        if let Some(session) = &session {
            self.enqueue_questions(&mut tx, session).await?;
        }
        tx.commit().await?;
        if let Some(session) = session {
            self.wait_for_authorities(&session, &self.authorities_of(&caller.tenant.name), now).await?;
        }
        let step = Step { transaction: Some(id), owner: Some(owner), name: None, keeps_all: false };
        self.transaction_view(caller, &step, id, vec![]).await
    }
}
