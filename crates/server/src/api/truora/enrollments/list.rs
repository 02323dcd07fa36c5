//! `GET /v1/enrollments`: the enrollments of a tenant, newest first.

use app::EnrollmentView;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Enrollment;
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{KeyErrors, QueryErrors, TruoraError};
use crate::api::truora::form::VendorQuery;
use crate::api::truora::page::{Links, ListQuery};

/// A part of the enrollments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Enrollments {
    enrollments: Vec<Enrollment>,
    #[serde(flatten)]
    links: Links,
}

impl Enrollments {
    /// `views`, which came for the page of `query`, as a part of the list at `path`.
    pub(crate) fn render(
        state: &ServerState,
        path: &str,
        query: &ListQuery,
        mut views: Vec<EnrollmentView>,
    ) -> Self {
        let place = |view: &EnrollmentView| (view.enrollment.created_at, view.enrollment.id.to_string());
        let links = query.links(state, path, &mut views, place);
        Self { enrollments: views.iter().map(|view| Enrollment::render(state, view)).collect(), links }
    }
}

/// Lists the enrollments, newest first.
#[utoipa::path(
    get,
    path = "/v1/enrollments",
    operation_id = "listEnrollments",
    tag = "enrollments",
    params(ListQuery),
    responses((status = 200, description = "A part of the list", body = Enrollments), KeyErrors, QueryErrors),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorQuery(query): VendorQuery<ListQuery>,
) -> Result<Json<Enrollments>, TruoraError> {
    let views = state.service.enrollments(&caller, None, &query.page()).await?;
    Ok(Json(Enrollments::render(&state, "/v1/enrollments", &query, views)))
}
