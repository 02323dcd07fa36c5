//! Hooks: addresses of a tenant that are told of enrollments and validations.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

mod fields;
pub(crate) mod tell;

use app::{HookError, HookView};
use axum::http::StatusCode;
use domain::{DisabledWhy, HookId, HookStyle, Origin};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::TruoraError;
use super::ids::WireId;
use super::time::rfc3339;
use crate::webhooks::EventNames;
use fields::{ActionWord, Extra, Status, SubscriberType, event_type_word};

/// The hooks of this API.
pub(crate) const STYLE: HookStyle = HookStyle::Vendor(Origin::Truora);

/// A hook.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Hook {
    #[schema(value_type = String, example = "HOK0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    #[serde(rename = "hook_id")]
    id: WireId<HookId>,
    /// What it is told of: `all`, or one type of event.
    #[schema(example = "face_recognition.validation")]
    event_type: String,
    subscriber_type: SubscriberType,
    #[schema(format = "uri")]
    subscriber_url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    subscriber_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscriber_language: Option<String>,
    status: Status,
    /// Why it is disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<DisabledReason>,
    /// What it is told of; of everything where there is none.
    actions: Vec<ActionWord>,
    /// The text that signs what is sent: HS256 over its bytes.
    signing_key: String,
    #[schema(format = DateTime)]
    creation_date: String,
    #[schema(format = DateTime)]
    update_date: String,
}

/// Why a hook is disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DisabledReason {
    /// Its owner wished it.
    Owner,
    /// The operator of the server wished it.
    Operator,
    /// It answered that it is gone (410).
    Gone,
}

impl Hook {
    pub(crate) fn render(view: &HookView, names: &EventNames) -> Self {
        let hook = &view.hook;
        let extra = Extra::read(&view.extra);
        let disabled_reason = hook.disabled.map(|disabled| match disabled.why {
            DisabledWhy::Owner => DisabledReason::Owner,
            DisabledWhy::Operator => DisabledReason::Operator,
            DisabledWhy::Gone => DisabledReason::Gone,
        });
        Self {
            id: WireId(hook.id),
            event_type: event_type_word(&hook.filter.topics, names).to_owned(),
            subscriber_type: SubscriberType::Web,
            subscriber_url: hook.url.as_str().to_owned(),
            subscriber_name: hook.name.clone(),
            subscriber_language: extra.language.clone(),
            status: if hook.disabled.is_some() { Status::Disabled } else { Status::Enabled },
            disabled_reason,
            actions: extra.words(&hook.filter.actions),
            signing_key: view.keys.shared().unwrap_or_default().to_owned(),
            creation_date: rfc3339(hook.created_at),
            update_date: rfc3339(hook.updated_at),
        }
    }
}

impl From<HookError> for TruoraError {
    fn from(error: HookError) -> Self {
        match error {
            HookError::TooMany => TruoraError::new(StatusCode::CONFLICT, error.to_string()),
            HookError::Service(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests;
