//! `POST /v1/enrollments`: opens an enrollment and hands out its upload link.

use app::{EnrollError, NewEnrollment};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Origin;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Enrollment;
use crate::ServerState;
use crate::api::truora::auth::TruoraCaller;
use crate::api::truora::error::{ApiError, FieldErrors, KeyErrors, TruoraError};
use crate::api::truora::form::{FieldError, FormError, VendorForm};
use crate::api::truora::words::{AccountId, Authorized, ValidationType};

/// An enrollment to be opened.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CreateEnrollment {
    #[serde(rename = "type")]
    kind: ValidationType,
    /// That the person agreed: `true`.
    #[schema(value_type = bool, example = true)]
    #[serde(rename = "user_authorized")]
    _authorized: Authorized,
    /// Whose face it is. An account that is not known is made; without one, a new one is.
    #[schema(value_type = Option<String>, pattern = "^[a-zA-Z0-9_.-]+$", max_length = 128)]
    account_id: Option<AccountId>,
    /// `none` lets the face count without a validation. For keys that have the right only.
    confirmation: Option<Confirmation>,
}

/// What may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Confirmation {
    None,
}

impl From<EnrollError> for TruoraError {
    fn from(error: EnrollError) -> Self {
        match error {
            EnrollError::AlreadyEnrolled => TruoraError::new(StatusCode::CONFLICT, error.to_string()),
            EnrollError::NotPermitted => TruoraError::forbidden(),
            EnrollError::Service(error) => error.into(),
        }
    }
}

impl CreateEnrollment {
    fn into_command(self) -> Result<NewEnrollment, FieldError> {
        self.kind.must_be_available("type")?;
        let confirmation = match self.confirmation {
            Some(Confirmation::None) => domain::Confirmation::None,
            None => domain::Confirmation::Verification,
        };
        Ok(NewEnrollment { origin: Origin::Truora, subject: self.account_id.map(String::from), confirmation })
    }
}

/// Opens an enrollment. Its answer holds the link that takes the reference photo.
#[utoipa::path(
    post,
    path = "/v1/enrollments",
    operation_id = "createEnrollment",
    tag = "enrollments",
    request_body(content(
        (CreateEnrollment = "application/x-www-form-urlencoded"),
        (CreateEnrollment = "application/json"),
    )),
    responses(
        (status = 201, description = "The enrollment", body = Enrollment),
        (status = 409, description = "The account has an enrollment that is pending or counts", body = ApiError),
        KeyErrors,
        FieldErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TruoraCaller(caller): TruoraCaller,
    VendorForm(body): VendorForm<CreateEnrollment>,
) -> Result<(StatusCode, Json<Enrollment>), TruoraError> {
    let command = body.into_command().map_err(FormError::from)?;
    let view = state.service.enroll(&caller, command).await?;
    Ok((StatusCode::CREATED, Json(Enrollment::render(&state, &view))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::api::truora::testing::{Bench, CONSENT};

    #[tokio::test]
    async fn an_enrollment_waits_for_its_photo() {
        let bench = Bench::new().await;
        let created = bench.post("/v1/enrollments", &bench.backend, CONSENT).await;
        assert_eq!(created.status, 201);
        let body = &created.body;
        assert_eq!((&body["status"], &body["reason"]), (&json!("pending"), &json!("waiting_file_upload")));
        assert_eq!(body["validation_type"], "face-recognition");
        assert!(body["account_id"].as_str().unwrap().starts_with("ACC"));
        assert!(body["file_upload_link"].as_str().unwrap().starts_with(&Bench::url("/v1/uploads/")));
        let id = body["enrollment_id"].as_str().unwrap();
        let shown = bench.get(&format!("/v1/enrollments/{id}"), &bench.backend).await;
        assert_eq!((shown.status, shown.body["enrollment_id"].as_str()), (200, Some(id)));
    }

    #[tokio::test]
    async fn a_second_enrollment_of_an_account_is_refused() {
        let bench = Bench::new().await;
        let form = format!("{CONSENT}&account_id=ana-1");
        assert_eq!(bench.post("/v1/enrollments", &bench.backend, &form).await.status, 201);
        let second = bench.post("/v1/enrollments", &bench.backend, &form).await;
        assert_eq!(second.status, 409);
        assert_eq!(
            second.body,
            json!({"code": 10409, "http_code": 409, "message": "the account already has an enrollment"})
        );
    }

    #[tokio::test]
    async fn a_wrong_field_is_named() {
        let bench = Bench::new().await;
        for (form, message) in [
            ("", "type is required"),
            ("type=face-recognition", "user_authorized is required"),
            (
                "type=face-recognition&user_authorized=false",
                "user_authorized must be true: the person has to agree before anything is done",
            ),
            (
                "type=face-search&user_authorized=true",
                "type is not available on this server yet: only face-recognition is",
            ),
            ("type=face-recognition&user_authorized=true&confirmation=some", "confirmation must be none"),
        ] {
            let refused = bench.post("/v1/enrollments", &bench.backend, form).await;
            assert_eq!((refused.status, refused.message()), (400, message), "{form}");
        }
    }

    #[tokio::test]
    async fn confirmation_none_needs_the_right() {
        let bench = Bench::new().await;
        let form = format!("{CONSENT}&confirmation=none");
        for key in [&bench.backend, &bench.device] {
            let refused = bench.post("/v1/enrollments", key, &form).await;
            assert_eq!((refused.status, refused.message()), (403, "Insufficient permissions"));
        }
        assert_eq!(bench.post("/v1/enrollments", &bench.trusted, &form).await.status, 201);
    }
}
