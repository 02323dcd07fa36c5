//! `PUT /v1/hooks/{hook_id}`: changes a hook.

use axum::Json;
use axum::extract::State;
use domain::HookId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::fields::{ActionWord, Extra, Status, SubscriberType, actions, subscriber_url, topics};
use super::{Hook, STYLE};
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{ApiError, FieldErrors, KeyErrors, TruoraError};
use crate::api::truora::form::{FieldError, FormError, VendorForm};
use crate::api::truora::ids::{Prefixed as _, VendorPath, WireId};
use crate::api::truora::words::Text;

/// What is to be changed. What is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct UpdateHook {
    /// What it is told of: `all` or one type of event.
    #[schema(value_type = Option<String>, max_length = 128)]
    event_type: Option<Text<128>>,
    subscriber_type: Option<SubscriberType>,
    /// Where it is told.
    #[schema(value_type = Option<String>, format = "uri", max_length = 2048)]
    subscriber_url: Option<Text<2048>>,
    #[schema(value_type = Option<String>, max_length = 128)]
    subscriber_name: Option<Text<128>>,
    #[schema(value_type = Option<String>, max_length = 16)]
    subscriber_language: Option<Text<16>>,
    /// What waits for a hook that is disabled is cancelled. One that is enabled is told of what happens from then on.
    status: Option<Status>,
    /// What it is told of, in place of what was named before.
    #[serde(default)]
    actions: Vec<ActionWord>,
}

impl UpdateHook {
    fn into_change(
        self,
        state: &ServerState,
    ) -> Result<impl FnOnce(&mut domain::Hook, &mut serde_json::Value) + Send, FieldError> {
        if let Some(kind) = self.subscriber_type {
            kind.must_be_available()?;
        }
        let event_type = self.event_type.map(String::from);
        let topics = event_type.map(|word| topics(&word, &state.event_names)).transpose()?;
        let url = self.subscriber_url.map(String::from);
        let url = url.map(|text| subscriber_url(&text, state)).transpose()?;
        let wanted = actions(&self.actions)?;
        let (name, language) =
            (self.subscriber_name.map(String::from), self.subscriber_language.map(String::from));
        let words = self.actions;
        Ok(move |hook: &mut domain::Hook, extra: &mut serde_json::Value| {
            let mut own = Extra::read(extra);
            own.language = language.or(own.language);
            if !words.is_empty() {
                hook.filter.actions = wanted;
                own.actions = words;
            }
            if let Some(topics) = topics {
                hook.filter.topics = topics;
            }
            if let Some(url) = url {
                hook.url = url;
            }
            if let Some(name) = name {
                hook.name = name;
            }
            *extra = own.write();
        })
    }
}

/// Changes a hook.
#[utoipa::path(
    put,
    path = "/v1/hooks/{hook_id}",
    operation_id = "updateHook",
    tag = "hooks",
    params(("hook_id" = String, Path, description = "The hook's id")),
    request_body(content(
        (UpdateHook = "application/x-www-form-urlencoded"),
        (UpdateHook = "application/json"),
    )),
    responses(
        (status = 200, description = "The hook now", body = Hook),
        (status = 404, description = "There is no such hook", body = ApiError),
        KeyErrors,
        FieldErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorPath(WireId(id)): VendorPath<WireId<HookId>>,
    VendorForm(body): VendorForm<UpdateHook>,
) -> Result<Json<Hook>, TruoraError> {
    let enable = body.status.map(|status| status == Status::Enabled);
    let change = body.into_change(&state).map_err(FormError::from)?;
    let view = state.service.change_hook(&caller, STYLE, id, enable, change).await?;
    let view = view.ok_or_else(|| TruoraError::not_found(HookId::NAME))?;
    Ok(Json(Hook::render(&view, &state.event_names)))
}
