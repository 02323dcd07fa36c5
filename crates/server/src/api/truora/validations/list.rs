//! `GET /v1/validations`: the validations of a tenant, newest first.

use app::{Caller, VerificationView};
use axum::Json;
use axum::extract::State;
use domain::Origin;
use serde::Serialize;
use utoipa::ToSchema;

use super::Validation;
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{KeyErrors, QueryErrors, TruoraError};
use crate::api::truora::form::VendorQuery;
use crate::api::truora::page::{Links, ListQuery};

/// A part of the validations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Validations {
    validations: Vec<Validation>,
    #[serde(flatten)]
    links: Links,
}

impl Validations {
    /// `views`, which came for the page of `query`, as a part of the list at `path`.
    pub(crate) fn render(
        state: &ServerState,
        caller: &Caller,
        path: &str,
        query: &ListQuery,
        mut views: Vec<VerificationView>,
    ) -> Self {
        let place =
            |view: &VerificationView| (view.verification.created_at, view.verification.id.to_string());
        let links = query.links(state, path, &mut views, place);
        Self {
            validations: views
                .iter()
                .map(|view| Validation::render(view, caller, state.service.now()))
                .collect(),
            links,
        }
    }
}

/// Lists the validations, newest first.
#[utoipa::path(
    get,
    path = "/v1/validations",
    operation_id = "listValidations",
    tag = "validations",
    params(ListQuery),
    responses((status = 200, description = "A part of the list", body = Validations), KeyErrors, QueryErrors),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorQuery(query): VendorQuery<ListQuery>,
) -> Result<Json<Validations>, TruoraError> {
    let views = state.service.verifications(&caller, Origin::Truora, None, &query.page()).await?;
    Ok(Json(Validations::render(&state, &caller, "/v1/validations", &query, views)))
}
