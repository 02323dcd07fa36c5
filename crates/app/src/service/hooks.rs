//! Hooks: whom a tenant wants to have told of events. Telling them is in `deliveries`.

use domain::{
    Clock, Disabled, DisabledWhy, Hook, HookFilter, HookId, HookStyle, TenantId, Timestamp, WebUrl,
};
use serde_json::Value;
use store::{Page, Tx};

use super::hook_keys::{HookKeys, Signature};
use super::{Entropy, Service};
use crate::{Caller, ServiceError};

/// Most hooks of a tenant: each event is told to all of them.
const MOST_HOOKS: u64 = 20;

/// A hook to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewHook {
    /// In which form it is told.
    pub style: HookStyle,
    /// Where. Whether the server may call that address is for the caller to ask.
    pub url: WebUrl,
    /// What it is called.
    pub name: String,
    /// Of what it is told.
    pub filter: HookFilter,
    /// Whether it is told at all.
    pub is_enabled: bool,
    /// How Standard Webhooks are signed. A vendor's form has its own way.
    pub signatures: Vec<Signature>,
    /// What only the dialect reads. Kept encrypted.
    pub extra: Value,
}

/// A hook and what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct HookView {
    /// The hook.
    pub hook: Hook,
    /// Its keys.
    pub keys: HookKeys,
    /// What only the dialect reads.
    pub extra: Value,
}

/// Why there is no such hook.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The tenant has as many as it may have.
    #[error("there are {MOST_HOOKS} hooks already, and no more can be made: delete one that is not used")]
    TooMany,
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// A new hook and its keys, not yet kept.
pub(crate) fn draft(
    entropy: &dyn Entropy,
    clock: &dyn Clock,
    tenant: TenantId,
    new: NewHook,
    why_not: DisabledWhy,
) -> Result<HookView, ServiceError> {
    let keys = match new.style {
        HookStyle::Standard => HookKeys::standard(entropy, &new.signatures)?,
        HookStyle::Vendor(_) => HookKeys::vendor(entropy)?,
    };
    let now = clock.now();
    let hook = Hook {
        id: HookId::from_bytes(entropy.bytes()?),
        tenant,
        style: new.style,
        url: new.url,
        name: new.name,
        filter: new.filter,
        disabled: (!new.is_enabled).then_some(Disabled { why: why_not, at: now }),
        created_at: now,
        updated_at: now,
    };
    Ok(HookView { hook, keys, extra: new.extra })
}

/// Keeps a new hook, where there is room.
pub(crate) async fn keep(tx: &mut Tx, view: &HookView) -> Result<(), HookError> {
    if tx.count_hooks(view.hook.tenant).await? >= MOST_HOOKS {
        return Err(HookError::TooMany);
    }
    Ok(tx.insert_hook(&view.hook, &view.keys, &view.extra).await?)
}

/// Enables or disables a hook, and keeps whatever else changed. What waits for a hook that is disabled is cancelled.
pub(crate) async fn switch(
    tx: &mut Tx,
    mut hook: Hook,
    extra: &Value,
    disable: Option<DisabledWhy>,
    now: Timestamp,
) -> Result<Hook, ServiceError> {
    hook.updated_at = now;
    match (disable, hook.disabled) {
        (None, _) => hook.disabled = None,
        (Some(_), Some(_)) => {}
        (Some(why), None) => {
            hook.disabled = Some(Disabled { why, at: now });
            tx.cancel_deliveries(hook.tenant, hook.id, now).await?;
        }
    }
    tx.save_hook(&hook, extra).await?;
    Ok(hook)
}

async fn view(tx: &mut Tx, hook: Hook) -> Result<HookView, ServiceError> {
    let (keys, extra) = (tx.hook_secrets(&hook).await?, tx.hook_extra(&hook).await?);
    Ok(HookView { hook, keys, extra })
}

impl Service {
    /// Makes a hook, which is told of what happens from now on.
    ///
    /// # Errors
    /// [`HookError::TooMany`].
    pub async fn create_hook(&self, caller: &Caller, new: NewHook) -> Result<HookView, HookError> {
        let (entropy, clock) = (&*self.inner.entropy, &*self.inner.clock);
        let view = draft(entropy, clock, caller.tenant.id, new, DisabledWhy::Owner)?;
        let mut tx = self.store().begin().await?;
        keep(&mut tx, &view).await?;
        tx.append_audit(&self.audit_entry(caller, "hook.create", &view.hook.id.to_string())).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// The hook of that id and style.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn hook(
        &self,
        caller: &Caller,
        style: HookStyle,
        id: HookId,
    ) -> Result<Option<HookView>, ServiceError> {
        let mut tx = self.store().read().await?;
        match tx.hook(caller.tenant.id, id).await?.filter(|hook| hook.style == style) {
            Some(hook) => view(&mut tx, hook).await.map(Some),
            None => Ok(None),
        }
    }

    /// Hooks of the caller's tenant in one style, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn hooks(
        &self,
        caller: &Caller,
        style: HookStyle,
        page: &Page,
    ) -> Result<Vec<HookView>, ServiceError> {
        let mut tx = self.store().read().await?;
        let mut views = Vec::new();
        for hook in tx.hooks(caller.tenant.id, Some(style), page).await? {
            views.push(view(&mut tx, hook).await?);
        }
        Ok(views)
    }

    /// Changes a hook by `change`, which sees the old one, and enables or disables it where `enable` says so. Two changes
    /// at the same time do not undo each other. `None` where there is no such hook.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn change_hook(
        &self,
        caller: &Caller,
        style: HookStyle,
        id: HookId,
        enable: Option<bool>,
        change: impl FnOnce(&mut Hook, &mut Value) + Send,
    ) -> Result<Option<HookView>, ServiceError> {
        let mut tx = self.store().begin().await?;
        let found = tx.hook(caller.tenant.id, id).await?.filter(|hook| hook.style == style);
        let Some(hook) = found else { return Ok(None) };
        let mut changed = view(&mut tx, hook).await?;
        change(&mut changed.hook, &mut changed.extra);
        let disable = match enable {
            Some(true) => None,
            Some(false) => Some(DisabledWhy::Owner),
            None => changed.hook.disabled.map(|disabled| disabled.why),
        };
        let hook = switch(&mut tx, changed.hook, &changed.extra, disable, self.now()).await?;
        tx.append_audit(&self.audit_entry(caller, "hook.change", &id.to_string())).await?;
        tx.commit().await?;
        Ok(Some(HookView { hook, ..changed }))
    }

    /// Deletes a hook with all that is on its way to it. `false` where there is no such hook.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn delete_hook(
        &self,
        caller: &Caller,
        style: HookStyle,
        id: HookId,
    ) -> Result<bool, ServiceError> {
        let mut tx = self.store().begin().await?;
        if !tx.hook(caller.tenant.id, id).await?.is_some_and(|hook| hook.style == style) {
            return Ok(false);
        }
        tx.delete_hook(caller.tenant.id, id).await?;
        tx.append_audit(&self.audit_entry(caller, "hook.delete", &id.to_string())).await?;
        tx.commit().await?;
        Ok(true)
    }
}
