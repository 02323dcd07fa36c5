//! `POST /v1/accounts`: makes a person known.

use app::{NewSubject, SubjectError};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::Account;
use super::profile::Profile;
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{ApiError, FieldErrors, KeyErrors, TruoraError};
use crate::api::truora::form::VendorForm;

#[derive(Debug, thiserror::Error)]
enum RouteError {
    #[error(transparent)]
    Subject(#[from] SubjectError),
    #[error("the profile cannot be written")]
    Profile(#[source] serde_json::Error),
}

impl From<RouteError> for TruoraError {
    fn from(error: RouteError) -> Self {
        match error {
            RouteError::Subject(SubjectError::Exists) => {
                TruoraError::new(StatusCode::CONFLICT, error.to_string())
            }
            RouteError::Subject(SubjectError::Service(error)) => error.into(),
            RouteError::Profile(_) => TruoraError::internal(&error),
        }
    }
}

fn command(mut body: Profile) -> Result<NewSubject, RouteError> {
    let reference = body.account_id.take().map(String::from);
    Ok(NewSubject { reference, profile: serde_json::to_value(body).map_err(RouteError::Profile)? })
}

/// Creates an account.
#[utoipa::path(
    post,
    path = "/v1/accounts",
    operation_id = "createAccount",
    tag = "accounts",
    request_body(content(
        (Profile = "application/x-www-form-urlencoded"),
        (Profile = "application/json"),
    )),
    responses(
        (status = 201, description = "The account", body = Account),
        (status = 409, description = "There is an account with this id", body = ApiError),
        KeyErrors,
        FieldErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorForm(body): VendorForm<Profile>,
) -> Result<(StatusCode, Json<Account>), TruoraError> {
    let subject = state.service.create_subject(&caller, command(body)?).await.map_err(RouteError::from)?;
    Ok((StatusCode::CREATED, Json(Account::render(subject))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::api::truora::testing::Bench;

    #[tokio::test]
    async fn an_account_is_created_once() {
        let bench = Bench::new().await;
        let form = "account_id=eva-2&email=ana%40example.com&country=CO&document_type=national-id\
                    &document_number=1234&document_issue_date=2020-02-29&first_name=Ana&phone_number=%2B571234567";
        let created = bench.post("/v1/accounts", &bench.backend, form).await;
        assert_eq!(created.status, 201);
        assert_eq!(created.body["account_id"], "eva-2");
        assert_eq!(created.body["document_type"], "national-id");
        assert_eq!(bench.get("/v1/accounts/eva-2", &bench.backend).await.body, created.body);
        let again = bench.post("/v1/accounts", &bench.backend, "account_id=eva-2").await;
        assert_eq!((again.status, &again.body["code"]), (409, &json!(10409)));
    }

    #[tokio::test]
    async fn without_an_id_one_is_made_up() {
        let bench = Bench::new().await;
        let created = bench.post("/v1/accounts", &bench.backend, "").await;
        let id = created.body["account_id"].as_str().unwrap();
        assert_eq!((created.status, &id[..3], id.len()), (201, "ACC", 35));
    }

    #[tokio::test]
    async fn a_wrong_field_is_named() {
        let bench = Bench::new().await;
        for (form, field) in [
            ("account_id=a%2Fb", "account_id"),
            ("email=ana", "email"),
            ("country=Colombia", "country"),
            ("document_type=cedula", "document_type"),
            ("document_issue_date=yesterday", "document_issue_date"),
            ("phone_number=call+me", "phone_number"),
            ("first_name=%00", "first_name"),
        ] {
            let refused = bench.post("/v1/accounts", &bench.backend, form).await;
            assert_eq!(refused.status, 400, "{form}");
            assert!(refused.message().starts_with(&format!("{field} must be")), "{}", refused.message());
        }
    }
}
