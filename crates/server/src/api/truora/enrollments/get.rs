//! `GET /v1/enrollments/{enrollment_id}`: how far an enrollment is.

use axum::Json;
use axum::extract::State;
use domain::EnrollmentId;

use super::Enrollment;
use crate::ServerState;
use crate::api::truora::auth::TruoraCaller;
use crate::api::truora::error::{ApiError, KeyErrors, TruoraError};
use crate::api::truora::ids::{Prefixed as _, VendorPath, WireId};

/// Shows an enrollment.
#[utoipa::path(
    get,
    path = "/v1/enrollments/{enrollment_id}",
    operation_id = "getEnrollment",
    tag = "enrollments",
    params(("enrollment_id" = String, Path, description = "The enrollment's id")),
    responses(
        (status = 200, description = "The enrollment", body = Enrollment),
        (status = 404, description = "There is no such enrollment", body = ApiError),
        KeyErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TruoraCaller(caller): TruoraCaller,
    VendorPath(WireId(id)): VendorPath<WireId<EnrollmentId>>,
) -> Result<Json<Enrollment>, TruoraError> {
    let view = state.service.enrollment(&caller, id).await?;
    let view = view.ok_or_else(|| TruoraError::not_found(EnrollmentId::NAME))?;
    Ok(Json(Enrollment::render(&state, &view)))
}
