//! `POST /v1/validations/{validation_id}/restore`: has a validation that expired wait once more.

use std::time::Duration;

use app::{OpenError, RestoreError};
use axum::Json;
use axum::extract::State;
use domain::{Origin, VerificationId};

use super::{Instructions, Validation};
use crate::ServerState;
use crate::api::truora::auth::TruoraCaller;
use crate::api::truora::config::Configs;
use crate::api::truora::error::{ApiError, KeyErrors, TruoraError};
use crate::api::truora::ids::{Prefixed as _, VendorPath, WireId};

impl From<RestoreError> for TruoraError {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Unknown => Self::not_found(VerificationId::NAME),
            RestoreError::Open(OpenError::Service(error)) => error.into(),
            RestoreError::Open(ref open @ OpenError::Throttled { retry_after }) => {
                Self::too_many(open.to_string(), retry_after)
            }
            error => Self::bad_request(error.to_string()),
        }
    }
}

/// Has a validation that expired wait once more: its answer holds links that take what has yet to come.
///
/// It takes one of the remaining retries, and is to be asked for within `retry_ttl` of the configuration. What was uploaded
/// before stays. A validation that was judged is not restored: open another one with `retry_of_id`.
#[utoipa::path(
    post,
    path = "/v1/validations/{validation_id}/restore",
    operation_id = "restoreValidation",
    tag = "validations",
    params(("validation_id" = String, Path, description = "The validation's id")),
    responses(
        (status = 200, description = "The validation, pending again", body = Validation),
        (status = 400, description = "It has not expired, no attempt is left, or its time is over", body = ApiError),
        (status = 404, description = "There is no such validation", body = ApiError),
        KeyErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TruoraCaller(caller): TruoraCaller,
    VendorPath(WireId(id)): VendorPath<WireId<VerificationId>>,
) -> Result<Json<Validation>, TruoraError> {
    let service = &state.service;
    let view = service.verification(&caller, Origin::Truora, id).await?;
    let view = view.ok_or_else(|| TruoraError::not_found(VerificationId::NAME))?;
    let configs = Configs::load(service, &caller).await?;
    let seconds = match view.verification.pages {
        Some(_) => configs.document_validation.timeout,
        None => configs.face_recognition.timeout,
    };
    let timeout = Duration::from_secs(seconds.get());
    let view = service.restore_verification(&caller, Origin::Truora, id, timeout).await?;
    Ok(Json(Validation {
        instructions: Some(Instructions::of(&state, &view)),
        ..Validation::render(&view, &caller, service.now())
    }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::{VerificationCommand, VerificationState};
    use serde_json::Value;

    use crate::api::truora::testing::Bench;

    /// Ends a validation as its job does once its time is over.
    async fn expire(bench: &Bench, validation: &Value) {
        let id = validation["validation_id"].as_str().unwrap().strip_prefix("VLD").unwrap().parse().unwrap();
        let mut tx = bench.store.begin().await.unwrap();
        let verification = tx.verification(bench.tenant.id, id).await.unwrap().unwrap();
        let (expired, _) = verification.apply(VerificationCommand::Expire, bench.service.now()).unwrap();
        assert_eq!(expired.state, VerificationState::Expired);
        tx.save_verification(&expired).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn path(validation: &Value) -> String {
        format!("/v1/validations/{}/restore", validation["validation_id"].as_str().unwrap())
    }

    #[tokio::test]
    async fn what_expired_waits_once_more_with_a_new_link() {
        let bench = Bench::new().await;
        bench.enrolled("ana-1").await;
        bench.put("/v1/config", &bench.backend, "validator=face-recognition&allowed_retries=1").await;
        let validation = bench.validation("ana-1", "&liveness=passive&timeout=60").await.body;
        let path = path(&validation);
        let early = bench.post(&path, &bench.backend, "").await;
        assert_eq!(
            (early.status, early.message()),
            (400, "the validation has not ended: there is nothing to restore")
        );
        bench.clock.advance(Duration::from_secs(61));
        expire(&bench, &validation).await;
        assert_eq!(bench.post(&path, &bench.other, "").await.status, 404);
        let restored = bench.post(&path, &bench.device, "").await;
        assert_eq!(restored.status, 200, "{restored:?}");
        assert_eq!(restored.body["validation_status"], "pending");
        assert_eq!(restored.body["remaining_retries"], 0);
        assert_eq!(restored.body.get("expired_reason"), None);
        let link = restored.body["instructions"]["file_upload_link"].as_str().unwrap();
        assert_ne!(Some(link), validation["instructions"]["file_upload_link"].as_str());
        // Its configuration's time, not the one it was opened with.
        bench.clock.advance(Duration::from_mins(5));
        let id = validation["validation_id"].as_str().unwrap();
        let shown = bench.get(&format!("/v1/validations/{id}"), &bench.backend).await.body;
        assert_eq!(shown["validation_status"], "pending");
        bench.clock.advance(Duration::from_secs(1));
        expire(&bench, &validation).await;
        let again = bench.post(&path, &bench.backend, "").await;
        let message = "the validation cannot be restored: no attempt is left";
        assert_eq!((again.status, again.message()), (400, message));
    }

    #[tokio::test]
    async fn without_an_attempt_in_time_or_after_a_judgement_nothing_is_restored() {
        let bench = Bench::new().await;
        bench.enrolled("ana-1").await;
        let config = "validator=face-recognition&allowed_retries=1&retry_ttl=10";
        bench.put("/v1/config", &bench.backend, config).await;
        let late = bench.validation("ana-1", "&liveness=passive&timeout=60").await.body;
        let plain = bench.validation("ana-1", "&timeout=60").await.body;
        bench.clock.advance(Duration::from_secs(61));
        expire(&bench, &late).await;
        expire(&bench, &plain).await;
        bench.clock.advance(Duration::from_secs(11));
        let judged = bench.validation("ana-1", "").await.body;
        bench.judged(&judged, &[]).await;
        for (validation, start) in [
            (late, "the validation cannot be restored: the time for another attempt is over"),
            (plain, "the validation cannot be restored: no attempt is left"),
            (judged, "the validation has been judged"),
        ] {
            let refused = bench.post(&path(&validation), &bench.backend, "").await;
            assert_eq!(refused.status, 400);
            assert!(refused.message().starts_with(start), "{}", refused.message());
        }
        let unknown = format!("/v1/validations/VLD{}/restore", "0".repeat(32));
        assert_eq!(bench.post(&unknown, &bench.backend, "").await.status, 404);
    }
}
