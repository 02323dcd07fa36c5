//! `POST /v1/hooks`: makes a hook.

use app::NewHook;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::HookFilter;
use serde::Deserialize;
use utoipa::ToSchema;

use super::fields::{ActionWord, Extra, Status, SubscriberType, actions, subscriber_url, topics};
use super::{Hook, STYLE};
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{ApiError, FieldErrors, KeyErrors, TruoraError};
use crate::api::truora::form::{FieldError, FormError, VendorForm};
use crate::api::truora::words::Text;

/// A hook to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "event_type": "all",
    "subscriber_type": "web",
    "subscriber_url": "https://shop.example/hooks",
}))]
pub(crate) struct CreateHook {
    /// What it is told of: `all`, or one of `face_recognition.enrollment`, `face_recognition.validation`,
    /// `face_search.enrollment`, `face_search.validation` and `document_validation.validation`, or of the names that the operator of the server chose for
    /// these.
    #[schema(value_type = String, max_length = 128)]
    event_type: Text<128>,
    subscriber_type: SubscriberType,
    /// Where it is told: `http` or `https`, without user and password, at a public address or one that the operator
    /// allows.
    #[schema(value_type = String, format = "uri", max_length = 2048)]
    subscriber_url: Text<2048>,
    /// What the hook is called, for you.
    #[schema(value_type = Option<String>, max_length = 128)]
    subscriber_name: Option<Text<128>>,
    /// Kept and shown, and without effect.
    #[schema(value_type = Option<String>, max_length = 16)]
    subscriber_language: Option<Text<16>>,
    /// `enabled` where nothing is said.
    status: Option<Status>,
    /// What it is told of; everything where nothing is said.
    #[serde(default)]
    actions: Vec<ActionWord>,
}

impl CreateHook {
    fn into_command(self, state: &ServerState) -> Result<NewHook, FieldError> {
        self.subscriber_type.must_be_available()?;
        let filter = HookFilter {
            topics: topics(&String::from(self.event_type), &state.event_names)?,
            actions: actions(&self.actions)?,
        };
        Ok(NewHook {
            style: STYLE,
            url: subscriber_url(&String::from(self.subscriber_url), state)?,
            name: self.subscriber_name.map(String::from).unwrap_or_default(),
            filter,
            is_enabled: self.status != Some(Status::Disabled),
            signatures: Vec::new(),
            extra: Extra::new(self.subscriber_language.map(String::from), self.actions).write(),
        })
    }
}

/// Makes a hook, which is told of what happens from now on.
#[utoipa::path(
    post,
    path = "/v1/hooks",
    operation_id = "createHook",
    tag = "hooks",
    request_body(content(
        (CreateHook = "application/x-www-form-urlencoded"),
        (CreateHook = "application/json"),
    )),
    responses(
        (status = 201, description = "The hook, with the key that signs", body = Hook),
        (status = 409, description = "There are as many hooks as there may be", body = ApiError),
        KeyErrors,
        FieldErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorForm(body): VendorForm<CreateHook>,
) -> Result<(StatusCode, Json<Hook>), TruoraError> {
    let command = body.into_command(&state).map_err(FormError::from)?;
    let view = state.service.create_hook(&caller, command).await?;
    Ok((StatusCode::CREATED, Json(Hook::render(&view, &state.event_names))))
}
