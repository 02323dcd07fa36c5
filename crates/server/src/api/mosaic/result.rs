//! `GET /api/v1/verification/{sid}/result`: how far a session is, and what came out.

use std::borrow::Cow;

use app::SessionView;
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use domain::{DocumentCheckName, DocumentJudgement, ImageKind, SessionState};
use serde::Serialize;
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::auth::MosaicCaller;
use super::error::{ApiError, MosaicError};
use super::extra::{Address, DeprecatedDocument, DeprecatedPerson};
use super::told::Told;
use super::words::{CheckRecommendation, DocumentType, Gender, ImageType, Reason, Recommendation, Status};
use super::{find, query};
use crate::ServerState;

/// A session, in one of three forms.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    /// It is decided.
    Complete(Box<CompleteSession>),
    /// With `detailed=false`.
    Deprecated(Box<DeprecatedSession>),
    /// It is not.
    Incomplete(IncompleteSession),
}

/// Any of the three, not one: what is said of a session that is not decided is also a shorter deprecated form.
impl PartialSchema for Answer {
    fn schema() -> RefOr<Schema> {
        let mut forms = AnyOfBuilder::new().description(Some("A session, in one of three forms."));
        for name in [CompleteSession::name(), DeprecatedSession::name(), IncompleteSession::name()] {
            forms = forms.item(Ref::from_schema_name(name));
        }
        forms.into()
    }
}

impl ToSchema for Answer {
    fn name() -> Cow<'static, str> {
        "SessionResult".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        fn add<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            schemas.push((T::name().into_owned(), T::schema()));
            T::schemas(schemas);
        }
        add::<CompleteSession>(schemas);
        add::<DeprecatedSession>(schemas);
        add::<IncompleteSession>(schemas);
    }
}

/// A session that is not decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncompleteSessionResult)]
pub(crate) struct IncompleteSession {
    /// Its id.
    session_id: String,
    /// How far it is.
    status: Status,
}

/// A session that is decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CompleteSessionResult)]
pub(crate) struct CompleteSession {
    /// Its id.
    session_id: String,
    /// `complete`.
    status: Status,
    /// What to do.
    recommendation: Recommendation,
    /// What the document says of the person.
    person: Person,
    /// What it says of itself.
    document: Document,
    /// What was checked.
    checks: Checks,
    /// The images that were judged.
    verification_images: Vec<VerificationImage>,
    /// What else the document says.
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_info: Option<AdditionalInfo>,
}

/// A person. What could not be read is not there.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = PersonDto)]
pub(crate) struct Person {
    /// All names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) full_name: Option<String>,
    /// Given names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) given_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) surname: Option<String>,
    /// As the document says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gender: Option<Gender>,
    /// The number of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) national_id: Option<String>,
    /// As `1974-08-12T00:00:00.000Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) date_of_birth: Option<String>,
    /// In full years, when the session was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) age: Option<u32>,
}

/// A document.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = DocumentDto)]
pub(crate) struct Document {
    /// What kind it is.
    #[serde(rename = "type")]
    pub(super) kind: DocumentType,
    /// Who issued it, ISO 3166-1 alpha-2.
    #[schema(example = "US")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) country: Option<String>,
    /// State or province that issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<String>,
    /// Number of the blank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serial_number: Option<String>,
    /// When it was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issue_date: Option<String>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expiration_date: Option<String>,
}

/// What else a document says.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = AdditionalInfoDto)]
pub(crate) struct AdditionalInfo {
    /// Where the person lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<Address>,
    /// Where the person belongs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) national_status: Option<NationalStatus>,
    /// What the person does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) employment: Option<Employment>,
}

/// Where a person belongs.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NationalStatusDto)]
pub(crate) struct NationalStatus {
    /// Whether they are a citizen of the country that issued the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) citizen: Option<bool>,
    /// Whether they may live there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resident: Option<bool>,
}

/// What a person does.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EmploymentDto)]
pub(crate) struct Employment {
    /// Their profession.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) profession: Option<String>,
}

/// What was checked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionChecksDto)]
pub(crate) struct Checks {
    /// Do the data of the document make sense, and do they agree with each other?
    document_validation: Check,
    /// Is the document as its issuer made it? What speaks against it leads to `CHALLENGE`: it was measured on simulated
    /// forgeries.
    document_authentication: Check,
    /// Was the document itself before the camera?
    document_liveness: Check,
    /// Is it the person of the document?
    biometric_matching: Check,
    /// Was a live person before the camera?
    biometric_liveness: Check,
    /// Is nothing known against the person or the document?
    flagged_identity: Check,
    /// Always `N/A`: this server has no evidence of its own for it.
    risk_recommendation: Check,
}

/// A check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckDto)]
pub(crate) struct Check {
    /// What it says; `N/A` where it was not run or could not be answered.
    recommendation: CheckRecommendation,
    /// Why it does not say `ALLOW`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    reasons: Vec<Reason>,
}

/// An image that was judged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerificationImageDto)]
pub(crate) struct VerificationImage {
    /// Its id.
    id: String,
    /// What it shows.
    #[serde(rename = "type")]
    kind: ImageType,
}

/// A session in the older form.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeprecatedSessionResult)]
pub(crate) struct DeprecatedSession {
    /// Its id.
    session_id: String,
    /// How far it is.
    status: Status,
    /// What to do, once it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    recommendation: Option<Recommendation>,
    /// What is not in order, for people; not where everything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection_description: Option<Vec<String>>,
    /// What the document says, where not everything is in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    extracted_info: Option<DeprecatedInfo>,
    /// What it says, where everything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_info: Option<DeprecatedInfo>,
}

/// What a document says, in the older form.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeprecatedInfo {
    /// Of the person.
    person: DeprecatedPerson,
    /// Of itself.
    document: DeprecatedDocument,
}

/// How far a session is, and what came out: to be asked until it is `complete`, `recapture` or `error`.
#[utoipa::path(
    get, path = "/api/v1/verification/{sid}/result", tag = "verification", operation_id = "getResult",
    params(
        ("sid" = String, Path, description = "The `session_id`"),
        ("detailed" = Option<bool>, Query, description = "`false` for the older form"),
    ),
    responses(
        (status = 200, body = Answer, description = "How far it is"),
        (status = 400, body = ApiError, description = "`detailed` is neither `true` nor `false`"),
        (status = 401, body = ApiError, description = "The access token is missing, malformed or expired"),
        (status = 403, body = ApiError, description = "`Subscription inactive`"),
        (status = 404, body = ApiError, description = "`Session not found`"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    MosaicCaller(client): MosaicCaller,
    Path(sid): Path<String>,
    RawQuery(asked): RawQuery,
) -> Result<Json<Answer>, MosaicError> {
    let is_detailed = match query(asked.as_deref(), "detailed").as_deref() {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => return Err(MosaicError::bad_request("detailed must be true or false")),
    };
    let view = find(&state, &client.caller, &sid).await?;
    Ok(Json(if is_detailed { Answer::of(&view) } else { Answer::deprecated(&view) }))
}

impl Answer {
    fn of(view: &SessionView) -> Self {
        let session_id = view.session.id.to_string();
        let status = view.session.state.into();
        let (SessionState::Concluded(decision), Some(judgement)) = (view.session.state, &view.judgement)
        else {
            return Self::Incomplete(IncompleteSession { session_id, status });
        };
        let told = Told::of(view, &judgement.facts);
        Self::Complete(Box::new(CompleteSession {
            session_id,
            status,
            recommendation: decision.into(),
            person: told.person,
            document: told.document,
            checks: Checks::of(judgement),
            verification_images: images(view),
            additional_info: told.additional_info,
        }))
    }

    fn deprecated(view: &SessionView) -> Self {
        let mut session = DeprecatedSession {
            session_id: view.session.id.to_string(),
            status: view.session.state.into(),
            recommendation: None,
            rejection_description: None,
            extracted_info: None,
            verified_info: None,
        };
        if let (SessionState::Concluded(decision), Some(judgement)) = (view.session.state, &view.judgement) {
            let told = Told::of(view, &judgement.facts);
            let info = DeprecatedInfo { person: told.old_person, document: told.old_document };
            session.recommendation = Some(decision.into());
            if decision == domain::Decision::Allow {
                session.verified_info = Some(info);
            } else {
                let reasons = judgement.checks.iter().flat_map(|check| &check.reasons);
                let sentences = reasons.map(|reason| Reason::from(*reason).sentence().to_owned());
                session.rejection_description = Some(sentences.collect());
                session.extracted_info = Some(info);
            }
        }
        Self::Deprecated(Box::new(session))
    }
}

impl Checks {
    fn of(judgement: &DocumentJudgement) -> Self {
        use DocumentCheckName as Name;
        let check = |name| {
            let found = judgement.checks.iter().find(|check| check.name == name);
            Check {
                recommendation: found.and_then(|check| check.answer).into(),
                reasons: found.map_or(vec![], |check| check.reasons.iter().map(|r| (*r).into()).collect()),
            }
        };
        Self {
            document_validation: check(Name::Validation),
            document_authentication: check(Name::Authentication),
            document_liveness: check(Name::DocumentLiveness),
            biometric_matching: check(Name::Matching),
            biometric_liveness: check(Name::BiometricLiveness),
            flagged_identity: check(Name::FlaggedIdentity),
            risk_recommendation: Check { recommendation: CheckRecommendation::NotAvailable, reasons: vec![] },
        }
    }
}

fn images(view: &SessionView) -> Vec<VerificationImage> {
    let taken = [ImageKind::DocumentFront, ImageKind::DocumentBack, ImageKind::Selfie];
    let taken = taken.into_iter().filter_map(|kind| Some((kind, view.session.taken.get(kind)?)));
    taken
        .filter_map(|(kind, id)| {
            let image = view.images.iter().find(|image| image.id == id)?;
            Some(VerificationImage { id: super::images::name(view, image), kind: kind.into() })
        })
        .collect()
}
