//! `POST /api/DigitalIdentity/LinkUserWithExistingTransaction`: gives a transaction of the key to a person.

use axum::extract::State;
use axum::response::Response;
use domain::PageSide;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Answer, Echo, answer, transaction_id};
use crate::ServerState;
use crate::api::vlens::auth::PersonCaller;
use crate::api::vlens::error::{ApiError, VlensError};
use crate::api::vlens::wire::Body;

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = LinkTransactionRequest, example = json!({"transactionId": "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkRequest {
    /// The transaction.
    #[schema(format = "uuid")]
    transaction_id: String,
    /// Whether the answer holds what was read.
    get_extracted_data: Option<bool>,
}

/// Gives the person who is signed in a transaction that was begun with the key alone.
///
/// Once, within a day of its beginning. They are verified where card and face were.
#[utoipa::path(
    post, path = "/api/DigitalIdentity/LinkUserWithExistingTransaction", tag = "verify",
    operation_id = "link_user_with_existing_transaction", request_body = LinkRequest,
    security(("api_key" = [], "access_token" = [])),
    responses(
        (status = 200, body = Answer, description = "How far it is, or `error_code`: 5004 there is none that could be linked"),
        (status = 400, body = ApiError, description = "Something is missing or malformed"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 403, body = ApiError, description = "The access token is missing, not valid or another tenant's"),
        (status = 415, body = ApiError, description = "The body is of another type"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    PersonCaller { tenant, person }: PersonCaller,
    body: Body,
) -> Response {
    let language = tenant.asker.language;
    let linked = async {
        let id = transaction_id(&body, "transactionId")?.ok_or_else(VlensError::bad_request)?;
        let gets_data = body.flag("getExtractedData")?;
        let view = state.service.link_transaction(&tenant.caller, person.clone(), id).await?;
        let echo = Echo {
            client_transaction_id: None,
            request_id: None,
            name: None,
            gets_data,
            owner: Some(person),
            side: PageSide::Front,
            tells_faces: true,
            language,
        };
        Ok((view, echo))
    };
    answer(linked.await, language)
}
