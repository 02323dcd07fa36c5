//! `DELETE /v1/enrollments/{enrollment_id}`: forgets a reference face, so that the account may be enrolled again.

use app::DeleteError;
use axum::Json;
use axum::extract::State;
use domain::EnrollmentId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ServerState;
use crate::api::truora::auth::TruoraCaller;
use crate::api::truora::error::{ApiError, KeyErrors, TruoraError};
use crate::api::truora::ids::{Prefixed as _, VendorPath, WireId};

/// That the enrollment is gone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deleted {
    #[schema(example = "Enrollment deleted successfully")]
    message: &'static str,
}

impl From<DeleteError> for TruoraError {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::NotFound => TruoraError::not_found(EnrollmentId::NAME),
            DeleteError::NotPermitted => TruoraError::forbidden(),
            DeleteError::Service(error) => error.into(),
        }
    }
}

/// Deletes an enrollment with its face and its photo. For keys that have the right only.
#[utoipa::path(
    delete,
    path = "/v1/enrollments/{enrollment_id}",
    operation_id = "deleteEnrollment",
    tag = "enrollments",
    params(("enrollment_id" = String, Path, description = "The enrollment's id")),
    responses(
        (status = 200, description = "It is deleted", body = Deleted),
        (status = 404, description = "There is no such enrollment", body = ApiError),
        KeyErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TruoraCaller(caller): TruoraCaller,
    VendorPath(WireId(id)): VendorPath<WireId<EnrollmentId>>,
) -> Result<Json<Deleted>, TruoraError> {
    state.service.delete_enrollment(&caller, id).await?;
    Ok(Json(Deleted { message: "Enrollment deleted successfully" }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::api::truora::testing::Bench;

    #[tokio::test]
    async fn a_deleted_enrollment_is_gone_and_its_account_free() {
        let bench = Bench::new().await;
        let id = bench.enrollment("ana-1").await;
        let path = format!("/v1/enrollments/{id}");
        let deleted = bench.delete(&path, &bench.trusted).await;
        assert_eq!(
            (deleted.status, deleted.body),
            (200, json!({"message": "Enrollment deleted successfully"}))
        );
        assert_eq!(bench.get(&path, &bench.backend).await.status, 404);
        assert_eq!(bench.delete(&path, &bench.trusted).await.status, 404);
        bench.enrollment("ana-1").await;
    }

    #[tokio::test]
    async fn deleting_needs_the_right() {
        let bench = Bench::new().await;
        let path = format!("/v1/enrollments/{}", bench.enrollment("ana-1").await);
        for key in [&bench.backend, &bench.device] {
            let refused = bench.delete(&path, key).await;
            assert_eq!((refused.status, refused.message()), (403, "Insufficient permissions"));
        }
        assert_eq!(bench.get(&path, &bench.backend).await.status, 200);
    }
}
