//! `POST /v1/validations`: opens a validation and hands out the links for the selfie, or for the sides of a document.

use std::net::IpAddr;
use std::time::Duration;

use app::{Caller, NewVerification, OpenError, Subject, TokenWish};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use domain::{
    Demand, MinimumPrecision, Origin, Similarity, SpokenLanguage, SpokenToken, VerificationId, WantedDocument,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::document::AskedDocument;
use super::extra::Extra;
use super::{Instructions, Validation};
use crate::api::truora::accounts::spoken_language;
use crate::api::truora::auth::TruoraCaller;
use crate::api::truora::config::Configs;
use crate::api::truora::documents::{DocumentType, wanted};
use crate::api::truora::error::{ApiError, FieldErrors, KeyErrors, TruoraError};
use crate::api::truora::form::{FieldError, FormError, VendorForm};
use crate::api::truora::ids::WireId;
use crate::api::truora::words::{AccountId, Authorized, Country, Threshold, TimeoutSeconds, ValidationType};
use crate::{ClientIp, ServerState};

/// A validation to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "type": "face-recognition",
    "user_authorized": true,
    "account_id": "ana",
    "subvalidations": ["similarity", "passive_liveness"],
}))]
pub(crate) struct CreateValidation {
    /// `face-recognition` compares with the account's enrollment, `face-search` looks the face up in the blocklist,
    /// `document-validation` looks at a document without its holder.
    #[serde(rename = "type")]
    kind: ValidationType,
    /// That the person agreed: `true`.
    #[schema(value_type = bool, example = true)]
    #[serde(rename = "user_authorized")]
    _authorized: Authorized,
    /// Whose enrollment the selfie is compared with. Required, except for the key of one person and where no face is
    /// compared: there an account that is not known is made.
    #[schema(value_type = Option<String>, pattern = "^[a-zA-Z0-9_.-]+$", max_length = 128)]
    account_id: Option<AccountId>,
    /// The lowest similarity that passes. Where it is missing: the configuration's, and 0.65 where there is none.
    #[schema(value_type = Option<f32>, minimum = 0, maximum = 1)]
    threshold: Option<Threshold>,
    /// The older way to ask for liveness: `passive` adds `passive_liveness` and `similarity` to what is asked.
    #[schema(deprecated)]
    liveness: Option<Liveness>,
    /// What is asked; `similarity` where nothing is.
    #[serde(default)]
    subvalidations: Vec<Subvalidation>,
    /// The declined validation that this one tries again. Both have to ask for passive liveness, or both for a document.
    #[schema(value_type = Option<String>, example = "VLD0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    retry_of_id: Option<WireId<VerificationId>>,
    /// How long the pictures may take, in seconds. Where it is missing: the configuration's.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 21600)]
    timeout: Option<TimeoutSeconds>,
    /// For `document-validation`, and required there: who issued the document, two letters, or `ALL`.
    #[schema(value_type = Option<String>, pattern = "^([A-Za-z]{2}|ALL)$", example = "CO")]
    country: Option<Country>,
    /// For `document-validation`, and required there.
    document_type: Option<DocumentType>,
    /// For `speech_match`, and required there: how sure one has to be that the token was said.
    minimum_precision: Option<Precision>,
    /// For `speech_match`: what is to be said, one to eight digits or one to four words. Where it is missing, four digits
    /// are drawn; only a backend may choose.
    #[schema(max_length = 272, example = "4821")]
    speech_token: Option<String>,
    /// For `speech_match`: in which language. Where it is missing: that of the account's country, or the first of
    /// `Accept-Language` that there is, or Spanish.
    speech_language: Option<SpeechLanguage>,
    /// Read and without effect: there is no manual review.
    #[serde(rename = "check_manual_review_availability")]
    _check_manual_review_availability: Option<bool>,
}

/// Whether liveness is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Liveness {
    Passive,
    Disabled,
}

/// What a validation may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Subvalidation {
    /// Is there a person in front of the camera?
    PassiveLiveness,
    /// Is it the person of the enrollment?
    Similarity,
    /// Does the person say the token?
    SpeechMatch,
}

/// How sure one has to be that the token was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MinimumPrecision)]
enum Precision {
    VeryHigh,
    High,
    Medium,
    Low,
}

impl From<Precision> for MinimumPrecision {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::VeryHigh => Self::VeryHigh,
            Precision::High => Self::High,
            Precision::Medium => Self::Medium,
            Precision::Low => Self::Low,
        }
    }
}

/// A language in which a token may be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SpeechLanguage {
    En,
    Es,
    Pt,
    Ar,
}

impl From<SpeechLanguage> for SpokenLanguage {
    fn from(language: SpeechLanguage) -> Self {
        match language {
            SpeechLanguage::En => Self::English,
            SpeechLanguage::Es => Self::Spanish,
            SpeechLanguage::Pt => Self::Portuguese,
            SpeechLanguage::Ar => Self::Arabic,
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum RouteError {
    #[error(transparent)]
    Form(#[from] FormError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("what is kept with the validation cannot be written")]
    Extra(#[source] serde_json::Error),
}

impl From<FieldError> for RouteError {
    fn from(error: FieldError) -> Self {
        Self::Form(error.into())
    }
}

impl From<RouteError> for TruoraError {
    fn from(error: RouteError) -> Self {
        match error {
            RouteError::Form(error) => error.into(),
            RouteError::Open(
                error @ (OpenError::NotEnrolled
                | OpenError::ThresholdTooLow { .. }
                | OpenError::SpeechNotHeard
                | OpenError::Retry(_)),
            ) => TruoraError::bad_request(error.to_string()),
            RouteError::Open(OpenError::NotPermitted) => TruoraError::forbidden(),
            RouteError::Open(
                ref error @ (OpenError::Throttled { retry_after } | OpenError::QuotaUsed { retry_after, .. }),
            ) => TruoraError::too_many(error.to_string(), retry_after),
            RouteError::Open(OpenError::Service(error)) => error.into(),
            RouteError::Extra(_) => TruoraError::internal(&error),
        }
    }
}

/// What a tenant chose, for what a request leaves open, and who asks.
struct Defaults<'a> {
    configs: &'a Configs,
    /// The tenant's lowest threshold, which may have risen since another one was chosen.
    floor: Similarity,
    /// What the person speaks.
    language: SpokenLanguage,
}

/// What the person behind a request most likely speaks: what the account's country tells, or what the caller prefers. The
/// vendor's people are in Latin America, and there most of them speak Spanish.
fn language(account: Option<&Subject>, headers: &HeaderMap) -> SpokenLanguage {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).filter_map(|wish| wish.split(';').next());
    account
        .and_then(spoken_language)
        .or_else(|| tags.find_map(|tag| SpokenLanguage::of_code(tag.trim())))
        .unwrap_or(SpokenLanguage::Spanish)
}

impl CreateValidation {
    /// What a validation of `face-search` asks.
    fn search_demand(&self, configs: &Configs) -> Result<Demand, FieldError> {
        let misplaced = [
            (
                "threshold",
                self.threshold.is_some(),
                "is not for face-search: its own follows the size of the list",
            ),
            ("subvalidations", !self.subvalidations.is_empty(), "is for face-recognition alone"),
            ("liveness", self.liveness == Some(Liveness::Passive), "is for face-recognition alone"),
            ("speech_token", self.speech_token.is_some(), "is for face-recognition alone"),
        ];
        if let Some((field, _, problem)) = misplaced.into_iter().find(|(_, is_given, _)| *is_given) {
            return Err(FieldError::new(field, problem));
        }
        Ok(Demand { blocklist: Some(configs.fpir()), ..Demand::NOTHING })
    }

    /// The document that a validation of `document-validation` asks for; `None` for any other.
    fn document(&self) -> Result<Option<(AskedDocument, WantedDocument)>, FieldError> {
        if self.kind != ValidationType::DocumentValidation {
            return Ok(None);
        }
        let misplaced = [
            ("threshold", self.threshold.is_some()),
            ("subvalidations", !self.subvalidations.is_empty()),
            ("liveness", self.liveness == Some(Liveness::Passive)),
            ("speech_token", self.speech_token.is_some()),
        ];
        if let Some((field, _)) = misplaced.into_iter().find(|(_, is_given)| *is_given) {
            return Err(FieldError::new(field, "is for face-recognition alone"));
        }
        let country = self.country.as_ref().ok_or_else(|| FieldError::new("country", "is required"))?;
        let document_type =
            self.document_type.ok_or_else(|| FieldError::new("document_type", "is required"))?;
        let wanted = wanted(country, document_type)?;
        Ok(Some((AskedDocument { country: country.as_str().to_uppercase(), document_type }, wanted)))
    }

    fn demand(&self, defaults: &Defaults<'_>) -> Result<Demand, FieldError> {
        if self.kind == ValidationType::DocumentValidation {
            return Ok(Demand::NOTHING);
        }
        if self.kind == ValidationType::FaceSearch {
            return self.search_demand(defaults.configs);
        }
        let asks = |what| self.subvalidations.contains(&what);
        if self.liveness == Some(Liveness::Disabled) && asks(Subvalidation::PassiveLiveness) {
            let problem = "is disabled, but subvalidations asks for passive_liveness: leave one of them out";
            return Err(FieldError::new("liveness", problem));
        }
        let is_passive = self.liveness == Some(Liveness::Passive);
        let similarity = self.subvalidations.is_empty() || is_passive || asks(Subvalidation::Similarity);
        let chosen = self.threshold.map(|Threshold(similarity)| similarity);
        let threshold =
            chosen.unwrap_or_else(|| defaults.configs.face_recognition.threshold_above(defaults.floor));
        Ok(Demand {
            similarity: similarity.then_some(threshold),
            liveness: is_passive || asks(Subvalidation::PassiveLiveness),
            blocklist: defaults.configs.included_search(),
            presence: false,
            speech: self.precision()?,
        })
    }

    /// How sure one has to be that the token was said; `None` where none is to be said.
    fn precision(&self) -> Result<Option<MinimumPrecision>, FieldError> {
        if !self.subvalidations.contains(&Subvalidation::SpeechMatch) {
            return match self.speech_token {
                Some(_) => {
                    Err(FieldError::new("speech_token", "is for speech_match: add it to subvalidations"))
                }
                None => Ok(None),
            };
        }
        let missing = || FieldError::new("minimum_precision", "is required for speech_match");
        self.minimum_precision.map(|precision| Some(precision.into())).ok_or_else(missing)
    }

    /// What is to be said, where a token is. A device that chose it could choose one of which it has a recording.
    fn token(&self, caller: &Caller, likely: SpokenLanguage) -> Result<Option<TokenWish>, FieldError> {
        if self.precision()?.is_none() {
            return Ok(None);
        }
        let language = self.speech_language.map_or(likely, SpokenLanguage::from);
        let Some(text) = &self.speech_token else { return Ok(Some(TokenWish::Drawn(language))) };
        if caller.key.is_on_a_device() {
            let problem = "is chosen by the backend alone: leave it out, and one is drawn";
            return Err(FieldError::new("speech_token", problem));
        }
        let bad = |_| {
            let problem = "must be 1 to 8 digits, or 1 to 4 words of 2 to 16 letters of speech_language";
            FieldError::new("speech_token", problem)
        };
        SpokenToken::parse(text, language).map(|token| Some(TokenWish::Given(token))).map_err(bad)
    }

    fn into_command(
        self,
        caller: &Caller,
        defaults: &Defaults<'_>,
        address: IpAddr,
    ) -> Result<NewVerification, RouteError> {
        self.kind.must_be_available("type")?;
        let compares = self.kind == ValidationType::FaceRecognition;
        if self.account_id.is_none() && caller.key.subject.is_none() && compares {
            return Err(FieldError::new("account_id", "is required").into());
        }
        let token = match self.kind {
            ValidationType::FaceRecognition => self.token(caller, defaults.language)?,
            _ => None,
        };
        let (asked, document) = self.document()?.unzip();
        let (face, pages) = (&defaults.configs.face_recognition, &defaults.configs.document_validation);
        let (timeout, allowed_retries, retry_ttl) = match document {
            Some(_) => (pages.timeout, pages.allowed_retries, pages.retry_ttl),
            None => (face.timeout, face.allowed_retries, face.retry_ttl),
        };
        let seconds = self.timeout.unwrap_or(timeout).get();
        let mut extra = Extra::created_from(address);
        extra.document = asked;
        Ok(NewVerification {
            origin: Origin::Truora,
            demand: self.demand(defaults)?,
            token,
            document,
            subject: self.account_id.map(String::from),
            timeout: Duration::from_secs(seconds),
            retry_of: self.retry_of_id.map(|WireId(id)| id),
            allowed_retries: allowed_retries.get() as u8,
            retry_ttl: Duration::from_secs(retry_ttl.get()),
            // A backend's address is that of all its people.
            address: caller.key.is_on_a_device().then_some(address),
            extra: extra.write().map_err(RouteError::Extra)?,
        })
    }
}

/// Opens a validation. Its answer holds the link that takes the selfie, or the links that take the sides of a document.
#[utoipa::path(
    post,
    path = "/v1/validations",
    operation_id = "createValidation",
    tag = "validations",
    request_body(content(
        (CreateValidation = "application/x-www-form-urlencoded"),
        (CreateValidation = "application/json"),
    )),
    responses(
        (status = 201, description = "The validation", body = Validation),
        KeyErrors,
        FieldErrors,
        (
            status = 429,
            description = "The key has made too many requests, too many attempts were declined, or the plan's validations \
                of this month are used up: try again after the seconds in Retry-After",
            body = ApiError,
        ),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TruoraCaller(caller): TruoraCaller,
    ClientIp(address): ClientIp,
    headers: HeaderMap,
    VendorForm(body): VendorForm<CreateValidation>,
) -> Result<(StatusCode, Json<Validation>), TruoraError> {
    let service = &state.service;
    let configs = Configs::load(service, &caller).await?;
    let account = match body.speech_language {
        None if body.subvalidations.contains(&Subvalidation::SpeechMatch) => {
            service.subject_or_own(&caller, body.account_id.as_ref().map(AccountId::as_str)).await?
        }
        _ => None,
    };
    let defaults = Defaults {
        configs: &configs,
        floor: service.similarity_floor(&caller),
        language: language(account.as_ref(), &headers),
    };
    let command = body.into_command(&caller, &defaults, address)?;
    let view = service.open_verification(&caller, command).await.map_err(RouteError::from)?;
    let validation = Validation {
        instructions: Some(Instructions::of(&state, &view)),
        ..Validation::render(&view, &caller, service.now())
    };
    Ok((StatusCode::CREATED, Json(validation)))
}

#[cfg(test)]
mod tests {
    use crate::api::truora::testing::{Bench, CONSENT};

    use super::*;

    fn body(more: &serde_json::Value) -> CreateValidation {
        let mut body = serde_json::json!({"type": "face-recognition", "user_authorized": true});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(body).unwrap()
    }

    fn defaults(configs: &Configs, floor: Similarity) -> Defaults<'_> {
        Defaults { configs, floor, language: SpokenLanguage::Spanish }
    }

    fn demand(more: &serde_json::Value) -> Result<Demand, FieldError> {
        let floor = Similarity::clamped(0.5);
        body(more).demand(&defaults(&Configs::default(), floor))
    }

    #[test]
    fn what_is_asked_follows_from_both_fields() {
        use serde_json::json;
        for (more, similarity, liveness) in [
            (json!({}), true, false),
            (json!({"liveness": "disabled"}), true, false),
            (json!({"liveness": "passive"}), true, true),
            (json!({"subvalidations": ["similarity"]}), true, false),
            (json!({"subvalidations": ["passive_liveness"]}), false, true),
            (json!({"subvalidations": ["passive_liveness", "similarity"]}), true, true),
            (json!({"subvalidations": ["similarity"], "liveness": "passive"}), true, true),
        ] {
            let demand = demand(&more).unwrap();
            assert_eq!((demand.similarity.is_some(), demand.liveness), (similarity, liveness), "{more}");
        }
    }

    #[test]
    fn a_token_needs_a_precision_and_the_other_way_round() {
        use serde_json::json;
        let speech = demand(&json!({"subvalidations": ["speech_match"]})).unwrap_err().to_string();
        assert_eq!(speech, "minimum_precision is required for speech_match");
        let only = demand(&json!({"subvalidations": ["speech_match"], "minimum_precision": "very_high"}));
        let only = only.unwrap();
        assert_eq!(
            (only.speech, only.similarity, only.liveness),
            (Some(MinimumPrecision::VeryHigh), None, false)
        );
        assert!(!only.is_search_only());
        let unused = demand(&json!({"minimum_precision": "low"})).unwrap();
        assert_eq!(unused.speech, None);
        let alone = demand(&json!({"speech_token": "4821"})).unwrap_err().to_string();
        assert_eq!(alone, "speech_token is for speech_match: add it to subvalidations");
    }

    #[test]
    fn the_caller_prefers_a_language_where_the_account_has_none() {
        let of = |line: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, line.parse().unwrap());
            language(None, &headers).code()
        };
        assert_eq!((of("de, pt-BR;q=0.9, en"), of("ar"), of("de")), ("pt", "ar", "es"));
        assert_eq!(language(None, &HeaderMap::new()).code(), "es");
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        use serde_json::json;
        let both = demand(&json!({"subvalidations": ["passive_liveness"], "liveness": "disabled"}));
        assert!(both.unwrap_err().to_string().starts_with("liveness is disabled, but"));
    }

    #[test]
    fn the_default_threshold_is_never_below_the_floor() {
        let at = |floor: f32| {
            let floor = Similarity::clamped(floor);
            let configs = Configs::default();
            body(&serde_json::json!({})).demand(&defaults(&configs, floor)).unwrap().similarity.unwrap().get()
        };
        assert_eq!((at(0.5), at(0.8)), (0.65, 0.8));
    }

    #[test]
    fn a_search_asks_for_the_blocklist_and_for_nothing_else() {
        use serde_json::json;
        let search = demand(&json!({"type": "face-search"})).unwrap();
        assert!(search.is_search_only());
        assert_eq!(search.blocklist, Some(domain::Fpir::STANDARD));
        assert!(demand(&json!({"type": "face-search", "liveness": "disabled"})).is_ok());
        for more in [
            json!({"threshold": 0.7}),
            json!({"liveness": "passive"}),
            json!({"subvalidations": ["similarity"]}),
        ] {
            let mut form = json!({"type": "face-search"});
            form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let problem = demand(&form).unwrap_err().to_string();
            assert!(problem.starts_with(more.as_object().unwrap().keys().next().unwrap()), "{problem}");
        }
    }

    #[tokio::test]
    async fn a_search_needs_no_enrollment_but_a_backend() {
        let bench = Bench::new().await;
        let form = "type=face-search&user_authorized=true";
        let created = bench.post("/v1/validations", &bench.backend, form).await;
        assert_eq!(created.status, 201);
        assert_eq!(created.body["type"], "face-search");
        assert!(created.body["account_id"].as_str().unwrap().starts_with("ACC"));
        assert!(created.body["instructions"]["file_upload_link"].is_string());
        let path = format!("/v1/validations/{}", created.body["validation_id"].as_str().unwrap());
        let shown = bench.get(&format!("{path}?show_details=true"), &bench.backend).await;
        assert_eq!(shown.body["details"], serde_json::json!({"face_search": {"status": "pending"}}));
        let named = bench.post("/v1/validations", &bench.backend, &format!("{form}&account_id=new-1")).await;
        assert_eq!(named.body["account_id"], "new-1");
        assert_eq!(bench.get("/v1/accounts/new-1", &bench.backend).await.status, 200);
        let refused = bench.post("/v1/validations", &bench.device, form).await;
        assert_eq!((refused.status, refused.message()), (403, "Insufficient permissions"));
    }

    #[tokio::test]
    async fn without_a_face_to_compare_with_nothing_is_opened() {
        let bench = Bench::new().await;
        bench.enrollment("ana-1").await;
        for (form, message) in [
            (CONSENT.to_owned(), "account_id is required"),
            (
                format!("{CONSENT}&account_id=ana-1"),
                "the account has no enrollment with a face: create one and upload its photo first",
            ),
            (
                format!("{CONSENT}&account_id=nobody"),
                "the account has no enrollment with a face: create one and upload its photo first",
            ),
        ] {
            let refused = bench.post("/v1/validations", &bench.backend, &form).await;
            assert_eq!((refused.status, refused.message()), (400, message), "{form}");
        }
    }

    #[tokio::test]
    async fn a_wrong_field_is_named() {
        let bench = Bench::new().await;
        for (more, start) in [
            ("&threshold=1.5", "threshold must be a number from 0 to 1"),
            ("&threshold=NaN", "threshold must be a number"),
            ("&threshold=0.01", "the threshold is below the lowest allowed one"),
            ("&timeout=0", "timeout must be a whole number from 1 to 21600"),
            ("&timeout=21601", "timeout must be a whole number from 1 to 21600"),
            ("&retry_of_id=ENR00", "retry_of_id must be VLD and 32"),
            ("&subvalidations=smile", "subvalidations must be one of passive_liveness, similarity"),
            ("&subvalidations=speech_match", "minimum_precision is required for speech_match"),
            (
                "&subvalidations=speech_match&minimum_precision=high",
                "speech_match is not available on this server",
            ),
            ("&minimum_precision=perfect", "minimum_precision must be one of very_high"),
            (
                "&subvalidations=speech_match&minimum_precision=low&speech_token=48a1",
                "speech_token must be 1 to 8",
            ),
            (
                "&subvalidations=speech_match&minimum_precision=low&speech_token=123456789",
                "speech_token must be 1 to 8",
            ),
            ("&speech_language=de", "speech_language must be one of"),
            ("&speech_token=4821", "speech_token is for speech_match"),
            ("&liveness=active", "liveness must be one of passive, disabled"),
            ("&check_manual_review_availability=1", "check_manual_review_availability must be true or"),
        ] {
            let form = format!("{CONSENT}&account_id=ana-1{more}");
            let refused = bench.post("/v1/validations", &bench.backend, &form).await;
            assert_eq!(refused.status, 400, "{form}");
            assert!(refused.message().starts_with(start), "{}", refused.message());
        }
        let other =
            bench.post("/v1/validations", &bench.backend, "type=phone-verification&user_authorized=true");
        assert!(other.await.message().contains("only face-recognition, face-search and document-validation"));
    }
}
