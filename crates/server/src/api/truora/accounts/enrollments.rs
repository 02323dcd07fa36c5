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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::api::truora::testing::Bench;

    #[tokio::test]
    async fn the_list_holds_what_is_the_accounts_own() {
        let bench = Bench::new().await;
        let enrollment = bench.enrolled("ana-1").await;
        bench.enrolled("eva-2").await;
        let list = bench.get("/v1/accounts/ana-1/enrollments", &bench.backend).await;
        assert_eq!((list.status, list.body.get("next")), (200, None));
        assert_eq!(list.body["self"], Bench::url("/v1/accounts/ana-1/enrollments?limit=20"));
        let all = list.body["enrollments"].as_array().unwrap();
        assert_eq!((all.len(), &all[0]["enrollment_id"]), (1, &json!(enrollment)));
        assert_eq!((&all[0]["account_id"], &all[0]["status"]), (&json!("ana-1"), &json!("pending")));
        assert_eq!(bench.get("/v1/accounts/ana-1/enrollments", &bench.other).await.status, 404);
        let bad = bench.get("/v1/accounts/ana-1/enrollments?limit=0", &bench.backend).await;
        assert_eq!(bad.status, 400);
    }
}
