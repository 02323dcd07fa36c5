//! `PUT /v1/config`: chooses what holds for validations that leave it open.

use axum::Json;
use axum::extract::State;
use domain::Similarity;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Chosen, ChosenTimes, Configs, change};
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{FieldErrors, KeyErrors, TruoraError};
use crate::api::truora::form::{FieldError, FormError, VendorForm};
use crate::api::truora::words::{Rate, Threshold, TimeoutSeconds, ValidationType, Whole};

/// What is chosen. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PutConfig {
    /// `face-recognition`, `face-search` or `document-validation`.
    validator: ValidationType,
    /// How long the pictures may take, in seconds.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 21600)]
    timeout: Option<TimeoutSeconds>,
    /// Attempts that may follow a declined first one.
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 2)]
    allowed_retries: Option<Whole<0, 2>>,
    /// How long after a decline the next attempt may be opened, in seconds.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 300)]
    retry_ttl: Option<Whole<1, 300>>,
    /// The lowest similarity that passes.
    #[schema(value_type = Option<f32>, minimum = 0, maximum = 1)]
    threshold: Option<Threshold>,
    /// `true` is not available yet.
    use_manual_review: Option<bool>,
    /// Whether faces are looked up in the blocklist: of enrollments and of validations that are opened from now on.
    include_face_search: Option<bool>,
    /// For `face-search`: the share of people who are not on the blocklist and are taken for somebody who is.
    #[schema(value_type = Option<f64>, minimum = 1e-6, maximum = 0.1)]
    fpir: Option<Rate>,
}

impl PutConfig {
    fn into_change(self, floor: Similarity) -> Result<impl FnOnce(&mut Chosen) + Send, FieldError> {
        self.validator.must_be_available("validator")?;
        if self.use_manual_review == Some(true) {
            let problem = "is not available on this server yet: only false is";
            return Err(FieldError::new("use_manual_review", problem));
        }
        let is_face = self.validator == ValidationType::FaceRecognition;
        let is_search = self.validator == ValidationType::FaceSearch;
        let given = [
            ("timeout", self.timeout.is_some(), !is_search),
            ("allowed_retries", self.allowed_retries.is_some(), !is_search),
            ("retry_ttl", self.retry_ttl.is_some(), !is_search),
            ("threshold", self.threshold.is_some(), is_face),
            ("include_face_search", self.include_face_search.is_some(), is_face),
            ("fpir", self.fpir.is_some(), is_search),
        ];
        let misplaced = given.into_iter().find(|(_, is_given, is_its_own)| *is_given && !is_its_own);
        if let Some((field, _, _)) = misplaced {
            return Err(FieldError::new(field, "is no parameter of this validator"));
        }
        if self.threshold.is_some_and(|Threshold(threshold)| threshold < floor) {
            return Err(FieldError::new("threshold", format!("is below the lowest allowed one, {floor}")));
        }
        Ok(move |chosen: &mut Chosen| {
            if self.validator == ValidationType::DocumentValidation {
                let before = chosen.document.unwrap_or_default();
                chosen.document = Some(ChosenTimes {
                    timeout: self.timeout.or(before.timeout),
                    allowed_retries: self.allowed_retries.or(before.allowed_retries),
                    retry_ttl: self.retry_ttl.or(before.retry_ttl),
                });
                return;
            }
            chosen.timeout = self.timeout.or(chosen.timeout);
            chosen.allowed_retries = self.allowed_retries.or(chosen.allowed_retries);
            chosen.retry_ttl = self.retry_ttl.or(chosen.retry_ttl);
            chosen.threshold = self.threshold.or(chosen.threshold);
            chosen.include_face_search = self.include_face_search.or(chosen.include_face_search);
            chosen.fpir = self.fpir.or(chosen.fpir);
        })
    }
}

/// Changes the configuration of a validator.
#[utoipa::path(
    put,
    path = "/v1/config",
    operation_id = "putConfig",
    tag = "config",
    request_body(content(
        (PutConfig = "application/x-www-form-urlencoded"),
        (PutConfig = "application/json"),
    )),
    responses((status = 200, description = "The configurations now", body = Configs), KeyErrors, FieldErrors),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorForm(body): VendorForm<PutConfig>,
) -> Result<Json<Configs>, TruoraError> {
    let floor = state.service.similarity_floor(&caller);
    let wish = body.into_change(floor).map_err(FormError::from)?;
    Ok(Json(change(&state.service, &caller, wish).await?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::api::truora::testing::Bench;

    #[tokio::test]
    async fn what_is_chosen_holds_and_the_rest_stays() {
        let bench = Bench::new().await;
        let put = bench.put("/v1/config", &bench.backend, "validator=face-recognition&timeout=60").await;
        assert_eq!(put.status, 200);
        let json = r#"{"validator":"face-recognition","allowed_retries":2,"threshold":0.8}"#;
        let put = bench.put_json("/v1/config", &bench.backend, json).await;
        let wanted = json!({"face-recognition": {
            "timeout": 60, "allowed_retries": 2, "retry_ttl": 300, "threshold": 0.8,
            "use_manual_review": false, "include_face_search": false,
        }, "face-search": {"fpir": 0.001}, "document-validation": {
            "timeout": 300, "allowed_retries": 0, "retry_ttl": 300,
        }});
        assert_eq!(put.body, wanted);
        assert_eq!(bench.get("/v1/config", &bench.backend).await.body, wanted);
        let others = bench.get("/v1/config", &bench.other).await;
        assert_eq!(others.body["face-recognition"]["timeout"], 300);
    }

    #[tokio::test]
    async fn the_search_and_its_rate_are_chosen_apart() {
        let bench = Bench::new().await;
        let form = "validator=face-recognition&include_face_search=true";
        let put = bench.put("/v1/config", &bench.backend, form).await;
        assert_eq!(put.body["face-recognition"]["include_face_search"], true);
        let put = bench.put("/v1/config", &bench.backend, "validator=face-search&fpir=0.01").await;
        assert_eq!(put.body["face-search"], json!({"fpir": 0.01}));
        let path = "/v1/config?validator=face-recognition&parameter=include_face_search";
        let reset = bench.delete(path, &bench.backend).await;
        assert_eq!(reset.body["face-recognition"]["include_face_search"], false);
        assert_eq!(reset.body["face-search"], json!({"fpir": 0.01}));
        bench.put("/v1/config", &bench.backend, form).await;
        let reset = bench.delete("/v1/config?validator=face-search", &bench.backend).await;
        assert_eq!(reset.body["face-recognition"]["include_face_search"], true);
        assert_eq!(reset.body["face-search"], json!({"fpir": 0.001}));
        let refused =
            bench.delete("/v1/config?validator=face-search&parameter=timeout", &bench.backend).await;
        assert_eq!((refused.status, refused.message()), (400, "parameter is none of this validator"));
    }

    #[tokio::test]
    async fn documents_have_times_of_their_own() {
        let bench = Bench::new().await;
        let form = "validator=document-validation&timeout=90&allowed_retries=2";
        let put = bench.put("/v1/config", &bench.backend, form).await;
        let wanted = json!({"timeout": 90, "allowed_retries": 2, "retry_ttl": 300});
        assert_eq!(put.body["document-validation"], wanted);
        assert_eq!(put.body["face-recognition"]["timeout"], 300);
        let path = "/v1/config?validator=document-validation";
        let reset = bench.delete(&format!("{path}&parameter=timeout"), &bench.backend).await;
        assert_eq!(reset.body["document-validation"]["timeout"], 300);
        assert_eq!(reset.body["document-validation"]["allowed_retries"], 2);
        let refused = bench.delete(&format!("{path}&parameter=threshold"), &bench.backend).await;
        assert_eq!((refused.status, refused.message()), (400, "parameter is none of this validator"));
        let reset = bench.delete(path, &bench.backend).await;
        assert_eq!(reset.body["document-validation"]["allowed_retries"], 0);
    }

    #[tokio::test]
    async fn a_wrong_field_is_named() {
        let bench = Bench::new().await;
        for (form, message) in [
            ("", "validator is required"),
            ("validator=palmistry", "validator must be one of face-recognition, face-search"),
            ("validator=document-validation&threshold=0.8", "threshold is no parameter of this validator"),
            ("validator=phone-verification", "validator is not available on this server yet"),
            ("validator=face-recognition&timeout=0", "timeout must be a whole number from 1 to 21600"),
            (
                "validator=face-recognition&allowed_retries=3",
                "allowed_retries must be a whole number from 0 to 2",
            ),
            ("validator=face-recognition&retry_ttl=301", "retry_ttl must be a whole number from 1 to 300"),
            ("validator=face-recognition&threshold=0.01", "threshold is below the lowest allowed one"),
            ("validator=face-recognition&use_manual_review=true", "use_manual_review is not available"),
            ("validator=face-recognition&fpir=0.01", "fpir is no parameter of this validator"),
            ("validator=face-search&timeout=60", "timeout is no parameter of this validator"),
            ("validator=face-search&fpir=0.2", "fpir must be a number from 0.000001 to 0.1"),
        ] {
            let refused = bench.put("/v1/config", &bench.backend, form).await;
            assert_eq!(refused.status, 400, "{form}");
            assert!(refused.message().starts_with(message), "{}", refused.message());
        }
    }
}
