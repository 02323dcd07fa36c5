//! Badges and the keys that sign them, as the operator sees them.

use domain::VerificationId;
use store::BadgeKey;

use super::{Admin, AdminError};
use crate::service::presence::badges::make_key;

impl Admin {
    /// Lets new badges be signed by a new key. The old ones stay published, so that old badges can be verified.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn rotate_badge_key(&self) -> Result<BadgeKey, AdminError> {
        let newest = self.store.read().await?.badge_keys().await?.first().map_or(0, |key| key.number);
        let key = make_key(&self.store, newest + 1, self.clock.now()).await?;
        let mut tx = self.store.begin().await?;
        tx.append_audit(&self.entry(None, "badge-key.create", &key.kid)).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// Lets a badge count no more. `false` where there is none that counts.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn revoke_badge(&self, id: VerificationId) -> Result<bool, AdminError> {
        let mut tx = self.store.begin().await?;
        let tenant = tx.badge(id).await?.map(|badge| badge.tenant);
        if !tx.revoke_badge(id, self.clock.now()).await? {
            return Ok(false);
        }
        tx.append_audit(&self.entry(tenant, "badge.revoke", &id.to_string())).await?;
        tx.commit().await?;
        Ok(true)
    }
}
