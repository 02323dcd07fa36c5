//! What a tenant chose, in the words of a dialect that alone reads it.

use domain::Origin;
use serde_json::Value;

use super::Service;
use crate::{Caller, ServiceError};

impl Service {
    /// The setting `name`; `None` where the tenant chose nothing.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn setting(
        &self,
        caller: &Caller,
        origin: Origin,
        name: &str,
    ) -> Result<Option<Value>, ServiceError> {
        Ok(self.store().look().await?.setting(caller.tenant.id, origin, name).await?)
    }

    /// Changes the setting `name` by `change`, which sees the old value; `None` deletes it. Two changes at the same time
    /// do not undo each other.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn change_setting(
        &self,
        caller: &Caller,
        origin: Origin,
        name: &str,
        change: impl FnOnce(Option<Value>) -> Option<Value> + Send,
    ) -> Result<Option<Value>, ServiceError> {
        let mut tx = self.store().begin().await?;
        let old = tx.setting(caller.tenant.id, origin, name).await?;
        let new = change(old);
        match &new {
            Some(value) => tx.put_setting(caller.tenant.id, origin, name, value).await?,
            None => {
                tx.delete_setting(caller.tenant.id, origin, name).await?;
            }
        }
        let entry = self.audit_entry(caller, "setting.change", &format!("{origin}/{name}"));
        tx.append_audit(&entry).await?;
        tx.commit().await?;
        Ok(new)
    }
}
