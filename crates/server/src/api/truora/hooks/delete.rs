//! `DELETE /v1/hooks/{hook_id}`: deletes a hook.

use axum::Json;
use axum::extract::State;
use domain::HookId;
use serde::Serialize;
use utoipa::ToSchema;

use super::STYLE;
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{ApiError, KeyErrors, TruoraError};
use crate::api::truora::ids::{Prefixed as _, VendorPath, WireId};

/// That the hook is gone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedHook {
    #[schema(example = "Hook deleted successfully")]
    message: &'static str,
}

/// Deletes a hook with all that is on its way to it.
#[utoipa::path(
    delete,
    path = "/v1/hooks/{hook_id}",
    operation_id = "deleteHook",
    tag = "hooks",
    params(("hook_id" = String, Path, description = "The hook's id")),
    responses(
        (status = 200, description = "It is deleted", body = DeletedHook),
        (status = 404, description = "There is no such hook", body = ApiError),
        KeyErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorPath(WireId(id)): VendorPath<WireId<HookId>>,
) -> Result<Json<DeletedHook>, TruoraError> {
    if !state.service.delete_hook(&caller, STYLE, id).await? {
        return Err(TruoraError::not_found(HookId::NAME));
    }
    Ok(Json(DeletedHook { message: "Hook deleted successfully" }))
}
