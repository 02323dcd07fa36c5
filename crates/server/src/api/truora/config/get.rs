//! `GET /v1/config`: what holds for validations that leave it open.

use axum::Json;
use axum::extract::State;

use super::Configs;
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{KeyErrors, TruoraError};

/// Shows the configuration.
#[utoipa::path(
    get,
    path = "/v1/config",
    operation_id = "getConfig",
    tag = "config",
    responses((status = 200, description = "The configurations", body = Configs), KeyErrors),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
) -> Result<Json<Configs>, TruoraError> {
    Ok(Json(Configs::load(&state.service, &caller).await?))
}
