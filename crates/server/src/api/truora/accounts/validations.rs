//! `GET /v1/accounts/{account_id}/validations`: the validations of one person, newest first.

use axum::Json;
use axum::extract::State;
use domain::Origin;

use super::find;
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{ApiError, KeyErrors, QueryErrors, TruoraError};
use crate::api::truora::form::VendorQuery;
use crate::api::truora::ids::VendorPath;
use crate::api::truora::page::ListQuery;
use crate::api::truora::validations::list::Validations;
use crate::api::truora::words::AccountId;

/// Lists the validations of an account, newest first.
#[utoipa::path(
    get,
    path = "/v1/accounts/{account_id}/validations",
    operation_id = "listAccountValidations",
    tag = "accounts",
    params(("account_id" = String, Path, description = "The account's id"), ListQuery),
    responses(
        (status = 200, description = "A part of the list", body = Validations),
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
) -> Result<Json<Validations>, TruoraError> {
    let subject = find(&state.service, &caller, &account_id).await?;
    let views = state.service.verifications(&caller, Origin::Truora, Some(&subject), &query.page()).await?;
    let path = format!("/v1/accounts/{}/validations", account_id.as_str());
    Ok(Json(Validations::render(&state, &caller, &path, &query, views)))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::api::truora::testing::Bench;

    fn ids(list: &Value) -> Vec<&str> {
        let all = list["validations"].as_array().unwrap().iter();
        all.map(|validation| validation["validation_id"].as_str().unwrap()).collect()
    }

    #[tokio::test]
    async fn the_list_holds_what_is_the_accounts_own_part_by_part() {
        let bench = Bench::new().await;
        bench.enrolled("ana-1").await;
        bench.enrolled("eva-2").await;
        let form = "type=document-validation&user_authorized=true&account_id=ana-1&country=CO";
        let mut own = Vec::new();
        for number in 0..3 {
            bench.clock.advance(std::time::Duration::from_secs(1));
            let made = if number == 1 {
                let form = format!("{form}&document_type=passport");
                bench.post("/v1/validations", &bench.backend, &form).await
            } else {
                bench.validation("ana-1", "").await
            };
            own.insert(0, made.body["validation_id"].as_str().unwrap().to_owned());
            bench.validation("eva-2", "").await;
        }
        let first = bench.get("/v1/accounts/ana-1/validations?limit=2", &bench.backend).await;
        assert_eq!(first.status, 200);
        assert_eq!(ids(&first.body), own[..2]);
        assert_eq!(first.body["validations"][1]["type"], "document-validation");
        assert_eq!(first.body["validations"][0].get("instructions"), None, "links are told once");
        let next = first.body["next"].as_str().unwrap().strip_prefix(&Bench::url("")).unwrap().to_owned();
        let second = bench.get(&next, &bench.backend).await;
        assert_eq!((ids(&second.body), second.body.get("next")), (vec![&*own[2]], None));
        let others = bench.get(&format!("/v1/accounts/eva-2/validations/{}", own[0]), &bench.backend).await;
        assert_eq!(others.status, 404, "it is another account's");
        assert_eq!(bench.get(&next, &bench.other).await.status, 404);
    }
}
