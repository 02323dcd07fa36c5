//! `GET /v1/accounts/{account_id}/enrollments`: the enrollments of one person, newest first.

use axum::Json;
use axum::extract::State;

use super::find;
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::enrollments::list::Enrollments;
use crate::api::truora::error::{ApiError, KeyErrors, QueryErrors, TruoraError};
use crate::api::truora::form::VendorQuery;
use crate::api::truora::ids::VendorPath;
use crate::api::truora::page::ListQuery;
use crate::api::truora::words::AccountId;

/// Lists the enrollments of an account, newest first.
#[utoipa::path(
    get,
    path = "/v1/accounts/{account_id}/enrollments",
    operation_id = "listAccountEnrollments",
    tag = "accounts",
    params(("account_id" = String, Path, description = "The account's id"), ListQuery),
    responses(
        (status = 200, description = "A part of the list", body = Enrollments),
        (status = 404, description = "There is no such account", body = ApiError),
        KeyErrors,
        QueryErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorPath(account_id): VendorPath<AccountId>,
    VendorQuery(query): VendorQuery<ListQuery>,
) -> Result<Json<Enrollments>, TruoraError> {
    let subject = find(&state.service, &caller, &account_id).await?;
    let views = state.service.enrollments(&caller, Some(&subject), &query.page()).await?;
    let path = format!("/v1/accounts/{}/enrollments", account_id.as_str());
    Ok(Json(Enrollments::render(&state, &path, &query, views)))
}
