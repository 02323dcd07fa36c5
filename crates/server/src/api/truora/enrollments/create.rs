//! `POST /v1/enrollments`: opens an enrollment and hands out its upload link.

use app::{EnrollError, NewEnrollment};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{Fpir, Origin, Purpose};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Enrollment;
use super::extra::{Extra, SearchCountry};
use crate::ServerState;
use crate::api::truora::auth::TruoraCaller;
use crate::api::truora::config::Configs;
use crate::api::truora::error::{ApiError, FieldErrors, KeyErrors, TruoraError};
use crate::api::truora::form::{FieldError, FormError, VendorForm};
use crate::api::truora::words::{AccountId, Authorized, FraudReason, ValidationType};

/// An enrollment to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"type": "face-recognition", "user_authorized": true, "account_id": "ana"}))]
pub(crate) struct CreateEnrollment {
    /// `face-recognition` for the face of an account, `face-search` for one of the blocklist.
    #[serde(rename = "type")]
    kind: ValidationType,
    /// That the person agreed: `true`.
    #[schema(value_type = bool, example = true)]
    #[serde(rename = "user_authorized")]
    _authorized: Authorized,
    /// Whose face it is. An account that is not known is made; without one, a new one is.
    #[schema(value_type = Option<String>, pattern = "^[a-zA-Z0-9_.-]+$", max_length = 128)]
    account_id: Option<AccountId>,
    /// `none` lets the face count without a validation. For keys that have the right only. Nothing has to confirm a face
    /// of the blocklist.
    confirmation: Option<Confirmation>,
    /// For `face-search`, and required there.
    country: Option<SearchCountry>,
    /// For `face-search`, and required there: why the face is put on the blocklist, such as `manipulated_document`,
    /// `manipulated_photo` or `non_payment`.
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9_]+$", max_length = 64)]
    fraud_reason: Option<FraudReason>,
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
    /// `search` is how faces are looked up in the blocklist, where the tenant wants it.
    fn into_command(self, search: Option<Fpir>) -> Result<NewEnrollment, FieldError> {
        self.kind.must_be_of_faces("type")?;
        let subject = self.account_id.map(String::from);
        if self.kind == ValidationType::FaceSearch {
            let country = self.country.ok_or_else(|| FieldError::new("country", "is required"))?;
            let reason = self.fraud_reason.ok_or_else(|| FieldError::new("fraud_reason", "is required"))?;
            return Ok(NewEnrollment {
                origin: Origin::Truora,
                subject,
                purpose: Purpose::Blocklist,
                confirmation: domain::Confirmation::None,
                blocklist: None,
                extra: Extra::new(country, reason).write(),
            });
        }
        let confirmation = match self.confirmation {
            Some(Confirmation::None) => domain::Confirmation::None,
            None => domain::Confirmation::Verification,
        };
        Ok(NewEnrollment {
            origin: Origin::Truora,
            subject,
            purpose: Purpose::Reference,
            confirmation,
            blocklist: search,
            extra: Value::Null,
        })
    }
}

/// Opens an enrollment. Its answer holds the link that takes the photo.
///
/// One of `face-search` puts the face on the blocklist: backends may do so. Where the configuration has
/// `include_face_search`, the face of any other one is looked up there when it comes.
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
    let search = Configs::load(&state.service, &caller).await?.included_search();
    let command = body.into_command(search).map_err(FormError::from)?;
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
            ("type=document-validation&user_authorized=true", "type must be face-recognition or face-search"),
            ("type=face-search&user_authorized=true", "country is required"),
            (
                "type=face-search&user_authorized=true&country=US&fraud_reason=non_payment",
                "country must be one of BR, CL, CO, CR, EC, MX, PE",
            ),
            ("type=face-search&user_authorized=true&country=CO", "fraud_reason is required"),
            (
                "type=face-search&user_authorized=true&country=CO&fraud_reason=Because",
                "fraud_reason must be 1 to 64 of the characters a-z 0-9 _, such as manipulated_document",
            ),
            ("type=face-recognition&user_authorized=true&confirmation=some", "confirmation must be none"),
        ] {
            let refused = bench.post("/v1/enrollments", &bench.backend, form).await;
            assert_eq!((refused.status, refused.message()), (400, message), "{form}");
        }
    }

    const REPORT: &str = "type=face-search&user_authorized=true&country=CO&fraud_reason=non_payment";

    #[tokio::test]
    async fn a_face_is_reported_beside_the_accounts_own() {
        let bench = Bench::new().await;
        bench.enrollment("ana-1").await;
        let form = format!("{REPORT}&account_id=ana-1");
        let created = bench.post("/v1/enrollments", &bench.backend, &form).await;
        assert_eq!(created.status, 201);
        let body = &created.body;
        assert_eq!(body["validation_type"], "face-search");
        assert_eq!((&body["country"], &body["fraud_reason"]), (&json!("CO"), &json!("non_payment")));
        assert_eq!(bench.post("/v1/enrollments", &bench.backend, &form).await.status, 409);
        let path = format!("/v1/enrollments/{}", body["enrollment_id"].as_str().unwrap());
        let shown = bench.get(&path, &bench.backend).await;
        assert_eq!((shown.status, &shown.body["fraud_reason"]), (200, &json!("non_payment")));
        // The device of the same account.
        assert_eq!(bench.get(&path, &bench.device).await.status, 404);
        let listed = bench.get("/v1/accounts/ana-1/enrollments", &bench.backend).await;
        let kinds: Vec<_> = listed.body["enrollments"].as_array().unwrap().iter().collect();
        assert_eq!(kinds.len(), 2);
        assert!(kinds.iter().any(|listed| listed["country"] == "CO"));
        assert_eq!(bench.delete(&path, &bench.backend).await.status, 403);
        assert_eq!(bench.delete(&path, &bench.trusted).await.status, 200);
    }

    #[tokio::test]
    async fn only_a_backend_reports_faces() {
        let bench = Bench::new().await;
        let refused = bench.post("/v1/enrollments", &bench.device, REPORT).await;
        assert_eq!((refused.status, refused.message()), (403, "Insufficient permissions"));
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
