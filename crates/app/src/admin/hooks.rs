//! Hooks and their deliveries, as the operator sees them.

use domain::{Delivery, DeliveryState, DisabledWhy, Hook, HookId, TenantId};
use store::{Page, Replay};

use super::{Admin, AdminError};
use crate::service::hooks::{draft, keep, switch};
use crate::{HookError, HookView, NewHook};

/// More than a tenant may have.
const ALL: Page = Page::first(1000);

impl Admin {
    /// Makes a hook, which is told of what happens from now on.
    ///
    /// # Errors
    /// [`AdminError::TooManyHooks`].
    pub async fn create_hook(&self, tenant: TenantId, new: NewHook) -> Result<HookView, AdminError> {
        let view = draft(&self.entropy, &*self.clock, tenant, new, DisabledWhy::Operator)?;
        let mut tx = self.store.begin().await?;
        keep(&mut tx, &view).await.map_err(|error| match error {
            HookError::TooMany => AdminError::TooManyHooks(error.to_string()),
            HookError::Service(error) => error.into(),
        })?;
        tx.append_audit(&self.entry(Some(tenant), "hook.create", &view.hook.id.to_string())).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Hooks of a tenant, of every style, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn hooks(&self, tenant: TenantId) -> Result<Vec<Hook>, AdminError> {
        Ok(self.store.read().await?.hooks(tenant, None, &ALL).await?)
    }

    /// Enables or disables a hook. What waits for one that is disabled is cancelled.
    ///
    /// # Errors
    /// Those of the store. `false` when there is none.
    pub async fn enable_hook(
        &self,
        tenant: TenantId,
        id: HookId,
        is_enabled: bool,
    ) -> Result<bool, AdminError> {
        let mut tx = self.store.begin().await?;
        let Some(hook) = tx.hook(tenant, id).await? else { return Ok(false) };
        let extra = tx.hook_extra(&hook).await?;
        let disable = (!is_enabled).then_some(DisabledWhy::Operator);
        switch(&mut tx, hook, &extra, disable, self.clock.now()).await?;
        let action = if is_enabled { "hook.enable" } else { "hook.disable" };
        tx.append_audit(&self.entry(Some(tenant), action, &id.to_string())).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Deletes a hook with all that is on its way to it.
    ///
    /// # Errors
    /// Those of the store. `false` when there is none.
    pub async fn delete_hook(&self, tenant: TenantId, id: HookId) -> Result<bool, AdminError> {
        let mut tx = self.store.begin().await?;
        if !tx.delete_hook(tenant, id).await? {
            return Ok(false);
        }
        tx.append_audit(&self.entry(Some(tenant), "hook.delete", &id.to_string())).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// At most `limit` deliveries of a tenant, newest first; of one hook, or in one state, where these are named.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn deliveries(
        &self,
        tenant: TenantId,
        hook: Option<HookId>,
        state: Option<DeliveryState>,
        limit: u32,
    ) -> Result<Vec<Delivery>, AdminError> {
        Ok(self.store.read().await?.deliveries(tenant, hook, state, &Page::first(limit)).await?)
    }

    /// Lets deliveries that have ended begin anew. A running server sees it within two seconds. Returns how many.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn replay(&self, tenant: TenantId, which: &Replay) -> Result<u64, AdminError> {
        let mut tx = self.store.begin().await?;
        let replayed = tx.replay_deliveries(tenant, which, self.clock.now()).await?;
        if replayed > 0 {
            let about = which.hook.map_or("all hooks".to_owned(), |hook| hook.to_string());
            tx.append_audit(&self.entry(Some(tenant), "hook.replay", &about)).await?;
        }
        tx.commit().await?;
        Ok(replayed)
    }
}
