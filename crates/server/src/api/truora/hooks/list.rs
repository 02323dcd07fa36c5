//! `GET /v1/hooks`: the hooks of a tenant, newest first.

use app::HookView;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Hook, STYLE};
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{KeyErrors, QueryErrors, TruoraError};
use crate::api::truora::form::VendorQuery;
use crate::api::truora::page::{Links, ListQuery};

/// A part of the hooks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Hooks {
    hooks: Vec<Hook>,
    #[serde(flatten)]
    links: Links,
}

/// Lists the hooks, newest first.
#[utoipa::path(
    get,
    path = "/v1/hooks",
    operation_id = "listHooks",
    tag = "hooks",
    params(ListQuery),
    responses((status = 200, description = "A part of the list", body = Hooks), KeyErrors, QueryErrors),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorQuery(query): VendorQuery<ListQuery>,
) -> Result<Json<Hooks>, TruoraError> {
    let mut views = state.service.hooks(&caller, STYLE, &query.page()).await?;
    let place = |view: &HookView| (view.hook.created_at, view.hook.id.to_string());
    let links = query.links(&state, "/v1/hooks", &mut views, place);
    let hooks = views.iter().map(|view| Hook::render(view, &state.event_names)).collect();
    Ok(Json(Hooks { hooks, links }))
}
