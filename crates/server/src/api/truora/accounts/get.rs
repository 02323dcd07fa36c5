//! `GET /v1/accounts/{account_id}`: what is known of a person.

use axum::Json;
use axum::extract::State;

use super::{Account, find};
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{ApiError, KeyErrors, TruoraError};
use crate::api::truora::ids::VendorPath;
use crate::api::truora::words::AccountId;

/// Shows an account.
#[utoipa::path(
    get,
    path = "/v1/accounts/{account_id}",
    operation_id = "getAccount",
    tag = "accounts",
    params(("account_id" = String, Path, description = "The account's id")),
    responses(
        (status = 200, description = "The account", body = Account),
        (status = 404, description = "There is no such account", body = ApiError),
        KeyErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorPath(account_id): VendorPath<AccountId>,
) -> Result<Json<Account>, TruoraError> {
    let subject = find(&state.service, &caller, &account_id).await?;
    Ok(Json(Account::render(subject)))
}
