//! `DELETE /v1/config`: takes back what was chosen, of one parameter or of all.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{Chosen, ChosenTimes, Configs, change};
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{FieldErrors, KeyErrors, TruoraError};
use crate::api::truora::form::{FieldError, FormError, VendorForm};
use crate::api::truora::words::ValidationType;

/// What is taken back. In the query, or in the body.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub(crate) struct ResetConfig {
    /// `face-recognition`, `face-search` or `document-validation`.
    validator: ValidationType,
    /// Which parameter; all of them where none is named.
    // Inline: the document does not collect the types of parameters.
    #[param(inline)]
    parameter: Option<Parameter>,
}

/// What can be taken back alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Parameter {
    Timeout,
    AllowedRetries,
    RetryTtl,
    Threshold,
    UseManualReview,
    IncludeFaceSearch,
    Fpir,
}

impl ResetConfig {
    fn check(&self) -> Result<(), FieldError> {
        self.validator.must_be_available("validator")?;
        let is_its_own = |parameter| match self.validator {
            ValidationType::FaceSearch => parameter == Parameter::Fpir,
            ValidationType::DocumentValidation => {
                matches!(parameter, Parameter::Timeout | Parameter::AllowedRetries | Parameter::RetryTtl)
            }
            _ => parameter != Parameter::Fpir,
        };
        match self.parameter {
            Some(parameter) if !is_its_own(parameter) => {
                Err(FieldError::new("parameter", "is none of this validator"))
            }
            _ => Ok(()),
        }
    }
}

fn reset(chosen: &mut Chosen, validator: ValidationType, parameter: Option<Parameter>) {
    if validator == ValidationType::DocumentValidation {
        let before = chosen.document.unwrap_or_default();
        let after = match parameter {
            Some(Parameter::Timeout) => ChosenTimes { timeout: None, ..before },
            Some(Parameter::AllowedRetries) => ChosenTimes { allowed_retries: None, ..before },
            Some(Parameter::RetryTtl) => ChosenTimes { retry_ttl: None, ..before },
            _ => ChosenTimes::default(),
        };
        chosen.document = Some(after).filter(|after| *after != ChosenTimes::default());
        return;
    }
    match parameter {
        None if validator == ValidationType::FaceSearch => chosen.fpir = None,
        None => {
            *chosen = Chosen { fpir: chosen.fpir, document: chosen.document, ..Chosen::default() };
        }
        Some(Parameter::Fpir) => chosen.fpir = None,
        Some(Parameter::Timeout) => chosen.timeout = None,
        Some(Parameter::AllowedRetries) => chosen.allowed_retries = None,
        Some(Parameter::RetryTtl) => chosen.retry_ttl = None,
        Some(Parameter::Threshold) => chosen.threshold = None,
        Some(Parameter::IncludeFaceSearch) => chosen.include_face_search = None,
        // It has only one value.
        Some(Parameter::UseManualReview) => {}
    }
}

/// Resets the configuration of a validator, or one parameter of it.
#[utoipa::path(
    delete,
    path = "/v1/config",
    operation_id = "resetConfig",
    tag = "config",
    params(ResetConfig),
    responses((status = 200, description = "The configurations now", body = Configs), KeyErrors, FieldErrors),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorForm(body): VendorForm<ResetConfig>,
) -> Result<Json<Configs>, TruoraError> {
    body.check().map_err(FormError::from)?;
    let ResetConfig { validator, parameter } = body;
    Ok(Json(change(&state.service, &caller, move |chosen| reset(chosen, validator, parameter)).await?))
}

#[cfg(test)]
mod tests {
    use crate::api::truora::testing::Bench;

    #[tokio::test]
    async fn one_parameter_or_all_are_taken_back() {
        let bench = Bench::new().await;
        let chosen = "validator=face-recognition&timeout=60&retry_ttl=10&threshold=0.8";
        bench.put("/v1/config", &bench.backend, chosen).await;
        let path = "/v1/config?validator=face-recognition";
        let reset = bench.delete(&format!("{path}&parameter=timeout"), &bench.backend).await;
        let config = &reset.body["face-recognition"];
        assert_eq!((config["timeout"].as_u64(), config["retry_ttl"].as_u64()), (Some(300), Some(10)));
        let reset = bench.delete(path, &bench.backend).await;
        assert_eq!(reset.body["face-recognition"]["retry_ttl"], 300);
        let wrong = bench.delete(&format!("{path}&parameter=colour"), &bench.backend).await;
        assert_eq!(wrong.status, 400);
        assert_eq!(bench.delete("/v1/config", &bench.backend).await.message(), "validator is required");
    }
}
