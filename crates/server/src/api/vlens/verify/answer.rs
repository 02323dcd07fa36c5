//! What every step answers.

use app::{ScreeningHit, TransactionView};
use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::{FacesFault, Language, PageEvidence, PageSide, SessionState};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::fields::{BackData, FrontData, Ids};
use super::source::{self, Source};
use super::{Echo, faults};
use crate::api::vlens::identity::User;
use crate::api::vlens::texts;

/// What a step answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerifyAnswer)]
pub(crate) struct Answer {
    /// What was looked at.
    services: Services,
    /// How far it is; null where the step was refused.
    data: Option<Data>,
    /// Why the step was refused; null where it was not.
    error_code: Option<u16>,
    /// The same in a sentence, in English or Arabic.
    error_message: Option<&'static str>,
    /// Null.
    error_descriptions: Option<Value>,
}

/// What was looked at. What is switched off, or was not looked at, is null.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = VerifyServices)]
pub(crate) struct Services {
    /// What is wrong.
    #[serde(rename = "Validations")]
    pascal_validations: Validations,
    /// The same once more.
    validations: Validations,
    /// Whether the pictures show the thing itself.
    spoofing: Option<Spoofing>,
    /// What document it is.
    classification: Option<Classification>,
    /// Whether the holder of the card was there alive; null before three pictures of the face came.
    liveness: Option<bool>,
    /// Lists that the operator loaded; null where there are none.
    #[serde(rename = "AML")]
    aml: Option<Aml>,
    /// What authorities say; null where none is asked, or card and face are not in order.
    #[serde(rename = "SRC")]
    src: Option<Source>,
}

/// What is wrong.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct Validations {
    /// One for each field. Empty where nothing is wrong.
    validation_errors: Vec<FieldErrors>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FieldErrors {
    /// The field: of `idFrontData` or `idBackData`, `name`, `face_1` to `face_3`, `liveness`, `CSO` or `NTRA`.
    #[schema(example = "idNumber")]
    field: String,
    /// The value that was sent; empty where none was.
    value: String,
    /// What is wrong with it.
    errors: Vec<FieldError>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Its code.
    #[schema(example = 3001)]
    code: u16,
    /// The same in a sentence, in English or Arabic.
    message: &'static str,
}

/// Whether the pictures show the thing itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Spoofing {
    /// Whether they show a screen or a print of it.
    fake: bool,
}

/// What document it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Classification {
    /// Its kind.
    #[schema(example = "national_id")]
    doc_type: &'static str,
}

/// What the lists say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Aml {
    /// Whether somebody like the holder stands on one, and nobody has cleared it.
    #[serde(rename = "AML_matched")]
    matched: bool,
    /// The entries, the surest first.
    data: Vec<AmlEntry>,
}

/// An entry of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AmlEntry {
    /// Its number in the list.
    case_no: String,
    /// The year of the case.
    case_year: Option<u16>,
    /// The day on which it was entered.
    record_date: Option<String>,
    /// Its full name.
    full_name: String,
    /// A number of it.
    id_number: Option<String>,
    /// When it was born, as far as the list knows.
    date_of_birth: Option<String>,
    /// How sure it is, 0 to 1.
    #[schema(example = "0.97")]
    score: String,
}

/// How far it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerifyData)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the vendor's form")]
pub(crate) struct Data {
    /// Whether front, back and face came and agree.
    is_verification_process_completed: bool,
    /// Whether, beyond that, everything that is switched on speaks for the person.
    is_digital_identity_verified: bool,
    /// Null.
    device_info: Option<String>,
    /// Whether the face is that of the card; null before pictures of it came.
    is_matched: Option<bool>,
    /// Who is signed in; null with a key alone.
    user: Option<User>,
    /// What was read of the front.
    id_front_data: FrontData,
    /// What was read of the back.
    id_back_data: BackData,
}

impl Services {
    /// Of a document that was looked at outside the steps: what is wrong with which field and value, whether the picture
    /// is a fake, and what the document is.
    pub(in crate::api::vlens) fn of_document(
        errors: impl Iterator<Item = (&'static str, String, u16)>,
        is_fake: Option<bool>,
        doc_type: Option<&'static str>,
        language: Language,
    ) -> Self {
        let error = |(field, value, code): (&str, String, u16)| FieldErrors {
            field: field.to_owned(),
            value,
            errors: vec![FieldError { code, message: texts::text(code, language) }],
        };
        let validations = Validations { validation_errors: errors.map(error).collect() };
        Self {
            pascal_validations: validations.clone(),
            validations,
            spoofing: is_fake.map(|fake| Spoofing { fake }),
            classification: doc_type.map(|doc_type| Classification { doc_type }),
            ..Self::default()
        }
    }
}

impl Answer {
    /// Of a step that was looked at.
    pub(super) fn of(view: &TransactionView, echo: &Echo) -> Self {
        if view.state == SessionState::Failed {
            return Self::refused(5000, echo.language);
        }
        let errors = errors(view, echo);
        let refused = view.faults.iter().find(|fault| faults::refuses(**fault));
        let code = refused.map(|fault| faults::of_step(*fault, echo.side).0);
        let validations = Validations { validation_errors: errors };
        let services = Services {
            pascal_validations: validations.clone(),
            validations,
            spoofing: spoofing(view, echo.side),
            classification: view.front.as_ref().or(view.back.as_ref()).map(|_| NATIONAL_ID),
            liveness: view.faces.as_ref().map(Vec::is_empty),
            aml: view.hits.as_deref().map(aml),
            src: Source::of(view, echo.language),
        };
        Self {
            services,
            data: code.is_none().then(|| data(view, echo)),
            error_code: code,
            error_message: code.map(|code| texts::text(code, echo.language)),
            error_descriptions: None,
        }
    }

    /// Of a look into the lists alone; `None` where there are none.
    pub(in crate::api::vlens) fn screened(hits: Option<&[ScreeningHit]>) -> Self {
        Self {
            services: Services { aml: hits.map(aml), ..Services::default() },
            data: None,
            error_code: None,
            error_message: None,
            error_descriptions: None,
        }
    }

    /// Of a step that was not looked at.
    pub(super) fn refused(code: u16, language: Language) -> Self {
        Self {
            services: Services::default(),
            data: None,
            error_code: Some(code),
            error_message: Some(texts::text(code, language)),
            error_descriptions: None,
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

const NATIONAL_ID: Classification = Classification { doc_type: "national_id" };

fn errors(view: &TransactionView, echo: &Echo) -> Vec<FieldErrors> {
    let of_card = view.faults.iter().map(|fault| {
        let (code, field) = faults::of_step(*fault, echo.side);
        (code, field.to_owned())
    });
    // What was wrong with an earlier step does not stand in the answer to a later one.
    let of_faces = view.faces.iter().flatten().filter(|_| view.faults.is_empty() && echo.tells_faces);
    let of_authorities = source::fault(view).filter(|_| view.faults.is_empty() && echo.tells_faces);
    let all = of_card.chain(of_faces.map(|fault| faults::of_faces(*fault))).chain(of_authorities);
    let error = |(code, field): (u16, String)| FieldErrors {
        value: if field == "name" { echo.name.clone().unwrap_or_default() } else { String::new() },
        field,
        errors: vec![FieldError { code, message: texts::text(code, echo.language) }],
    };
    all.map(error).collect()
}

/// Whether the picture of the card, or those of the face, are fakes; `None` where nothing could tell.
fn spoofing(view: &TransactionView, side: PageSide) -> Option<Spoofing> {
    if let Some(faces) = &view.faces {
        let fake =
            faces.iter().any(|fault| matches!(fault, FacesFault::NotLive(_) | FacesFault::CopiesPortrait(_)));
        let unclear = faces.iter().any(|fault| {
            matches!(fault, FacesFault::LivenessUnclear | FacesFault::NoFace(_) | FacesFault::Unclear(_))
        });
        return (fake || !unclear).then_some(Spoofing { fake });
    }
    let is_copy = app::StepFault::Side(domain::egypt::SideFault::NotGenuine);
    if view.faults.contains(&is_copy) {
        return Some(Spoofing { fake: true });
    }
    let page: Option<&PageEvidence> = match side {
        PageSide::Front => view.front.as_ref(),
        PageSide::Back => view.back.as_ref(),
    };
    let was_looked_for =
        page.is_some_and(|page| page.forgery.print.is_some() || page.forgery.screen.is_some());
    (was_looked_for && view.faults.is_empty()).then_some(Spoofing { fake: false })
}

/// What the lists say of somebody.
fn aml(hits: &[ScreeningHit]) -> Aml {
    let entry = |hit: &ScreeningHit| AmlEntry {
        case_no: hit.entry.case_no.clone(),
        case_year: hit.entry.case_year,
        record_date: hit.entry.record_date.clone(),
        full_name: hit.entry.full_name().to_owned(),
        id_number: hit.entry.id_numbers.first().cloned(),
        date_of_birth: hit.entry.born.first().map(ToString::to_string),
        score: format!("{:.2}", hit.score.get()),
    };
    Aml { matched: !hits.is_empty(), data: hits.iter().map(entry).collect() }
}

fn data(view: &TransactionView, echo: &Echo) -> Data {
    let is_matched = view.faces.as_ref().map(|faces| {
        let speaks_against = |fault: &FacesFault| {
            !matches!(
                fault,
                FacesFault::NotLive(_)
                    | FacesFault::CopiesPortrait(_)
                    | FacesFault::LivenessUnclear
                    | FacesFault::Identical(..)
            )
        };
        !faces.iter().any(speaks_against)
    });
    let ids = Ids {
        transaction: view.id,
        client_transaction: echo.client_transaction_id.as_deref(),
        request: echo.request_id.as_deref(),
    };
    let (front, back) = (view.front.as_ref(), view.back.as_ref());
    let gets = |page| if echo.gets_data { page } else { None };
    Data {
        is_verification_process_completed: view.is_validated(),
        is_digital_identity_verified: view.is_verified,
        device_info: None,
        is_matched,
        user: echo.owner.as_ref().map(|owner| User::with_card(owner, gets(front))),
        id_front_data: FrontData::of(gets(front), &ids),
        id_back_data: BackData::of(gets(back), &ids),
    }
}
