//! What documents answer that are looked at outside the steps.

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::{DocumentKind, Language, MrzFormat, PageEvidence};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::vlens::error::{VlensError, or_null};
use crate::api::vlens::texts;
use crate::api::vlens::verify::{Services, transaction_id};
use crate::api::vlens::wire::{Body, MOST_TEXT};

/// What a look at a document answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentAnswer)]
pub(crate) struct Answer<T> {
    /// What was looked at.
    services: Services,
    /// What was read; null where the picture was refused.
    #[schema(schema_with = or_null::<T>)]
    data: Option<T>,
    /// Why the picture was refused; null where it was not.
    error_code: Option<u16>,
    /// The same in a sentence, in English or Arabic.
    error_message: Option<&'static str>,
    /// Null.
    error_descriptions: Option<Value>,
}

/// What is wrong with a picture, or with what it says.
pub(super) struct Fault {
    pub(super) code: u16,
    /// Empty for the whole picture.
    pub(super) field: &'static str,
    /// The value that was sent.
    pub(super) value: String,
    /// Whether it refuses the picture; others are told beside what was read.
    pub(super) refuses: bool,
}

/// What comes back as it was sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentIds)]
#[expect(clippy::struct_field_names, reason = "the vendor's form")]
pub(crate) struct Ids {
    transaction_id: Option<String>,
    client_transaction_id: Option<String>,
    request_id: Option<String>,
}

impl Ids {
    pub(super) fn of(body: &Body) -> Result<Self, VlensError> {
        let text = |name| Ok::<_, VlensError>(body.text(name, MOST_TEXT)?.map(str::to_owned));
        transaction_id(body, "transaction_id")?;
        Ok(Self {
            transaction_id: text("transaction_id")?.map(|id| id.to_lowercase()),
            client_transaction_id: text("client_transaction_id")?,
            request_id: text("request_id")?,
        })
    }
}

impl<T: Serialize> Answer<T> {
    pub(super) fn of(faults: &[Fault], data: T, page: &PageEvidence, language: Language) -> Self {
        let code = faults.iter().find(|fault| fault.refuses).map(|fault| fault.code);
        let errors = faults.iter().map(|fault| (fault.field, fault.value.clone(), fault.code));
        let was_looked_for = page.forgery.print.is_some() || page.forgery.screen.is_some();
        let is_fake = faults.iter().any(|fault| fault.code == 5005);
        let spoofing = (is_fake || (was_looked_for && code.is_none())).then_some(is_fake);
        Self {
            services: Services::of_document(errors, spoofing, doc_type(page), language),
            data: code.is_none().then_some(data),
            error_code: code,
            error_message: code.map(|code| texts::text(code, language)),
            error_descriptions: None,
        }
    }

    /// Of a picture that was not looked at. A refusal of what was understood has the vendor's services, too.
    pub(super) fn refused(refused: VlensError, language: Language) -> Response {
        let Some(code) = refused.business_code() else { return refused.into_response() };
        let answer = Self {
            services: Services::default(),
            data: None,
            error_code: Some(code),
            error_message: Some(texts::text(code, language)),
            error_descriptions: None,
        };
        answer.into_response()
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// What document it is, in the vendor's words as far as they are known: `national_id` is.
pub(super) fn doc_type(page: &PageEvidence) -> Option<&'static str> {
    let of_zone =
        page.mrz.as_ref().filter(|mrz| mrz.format == MrzFormat::Td3).map(|_| DocumentKind::Passport);
    page.kind.or(of_zone).map(|kind| match kind {
        DocumentKind::NationalId => "national_id",
        DocumentKind::Passport => "passport",
        DocumentKind::DriversLicense => "driving_license",
        DocumentKind::ResidencePermit => "residence_permit",
        DocumentKind::Visa => "visa",
        DocumentKind::Other => "other",
    })
}
