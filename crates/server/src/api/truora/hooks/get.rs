//! `GET /v1/hooks/{hook_id}`: shows a hook.

use axum::Json;
use axum::extract::State;
use domain::HookId;

use super::{Hook, STYLE};
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{ApiError, KeyErrors, TruoraError};
use crate::api::truora::ids::{Prefixed as _, VendorPath, WireId};

/// Shows a hook.
#[utoipa::path(
    get,
    path = "/v1/hooks/{hook_id}",
    operation_id = "getHook",
    tag = "hooks",
    params(("hook_id" = String, Path, description = "The hook's id")),
    responses(
        (status = 200, description = "The hook", body = Hook),
        (status = 404, description = "There is no such hook", body = ApiError),
        KeyErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorPath(WireId(id)): VendorPath<WireId<HookId>>,
) -> Result<Json<Hook>, TruoraError> {
    let view = state.service.hook(&caller, STYLE, id).await?;
    let view = view.ok_or_else(|| TruoraError::not_found(HookId::NAME))?;
    Ok(Json(Hook::render(&view, &state.event_names)))
}
