//! `GET /v1/accounts`: the people of a tenant, newest first.

use app::Subject;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Account;
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{KeyErrors, QueryErrors, TruoraError};
use crate::api::truora::form::VendorQuery;
use crate::api::truora::page::{Links, ListQuery};

/// A part of the accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accounts {
    accounts: Vec<Account>,
    #[serde(flatten)]
    links: Links,
}

/// Lists the accounts, newest first.
#[utoipa::path(
    get,
    path = "/v1/accounts",
    operation_id = "listAccounts",
    tag = "accounts",
    params(ListQuery),
    responses((status = 200, description = "A part of the list", body = Accounts), KeyErrors, QueryErrors),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorQuery(query): VendorQuery<ListQuery>,
) -> Result<Json<Accounts>, TruoraError> {
    let mut subjects = state.service.subjects(&caller, &query.page()).await?;
    let place = |subject: &Subject| (subject.created_at, subject.id.to_string());
    let links = query.links(&state, "/v1/accounts", &mut subjects, place);
    Ok(Json(Accounts { accounts: subjects.into_iter().map(Account::render).collect(), links }))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::api::truora::testing::Bench;

    #[tokio::test]
    async fn the_list_is_read_part_by_part() {
        let bench = Bench::new().await;
        // The bench has an account already.
        for id in ["b", "c"] {
            bench.post("/v1/accounts", &bench.backend, &format!("account_id={id}")).await;
        }
        let ids = |body: &Value| -> Vec<String> {
            let accounts = body["accounts"].as_array().unwrap().iter();
            accounts.map(|account| account["account_id"].as_str().unwrap().to_owned()).collect()
        };
        let first = bench.get("/v1/accounts?limit=2", &bench.backend).await;
        assert_eq!(first.status, 200);
        assert_eq!(first.body["self"], Bench::url("/v1/accounts?limit=2"));
        let next = first.body["next"].as_str().unwrap().strip_prefix(&Bench::url("")).unwrap().to_owned();
        let second = bench.get(&next, &bench.backend).await;
        assert_eq!(second.body.get("next"), None);
        let mut all = ids(&first.body);
        assert_eq!(all.len(), 2);
        all.extend(ids(&second.body));
        all.sort();
        assert_eq!(all, ["ana-1", "b", "c"]);
    }

    #[tokio::test]
    async fn a_wrong_part_is_refused() {
        let bench = Bench::new().await;
        for (query, field) in [("limit=0", "limit"), ("limit=101", "limit"), ("start_key=x", "start_key")] {
            let refused = bench.get(&format!("/v1/accounts?{query}"), &bench.backend).await;
            assert_eq!(refused.status, 400);
            assert!(refused.message().starts_with(&format!("{field} must be")), "{}", refused.message());
        }
    }
}
