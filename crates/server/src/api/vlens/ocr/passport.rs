//! `POST /v1/ocr/passport`: what stands on the data page of a passport.

use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse as _, Response};
use domain::egypt::{NameCheck, check_name};
use domain::{Day, FieldName, PageEvidence, PassportFault, passport_faults};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::{Answer, Fault, Ids};
use crate::ServerState;
use crate::api::vlens::auth::OcrCaller;
use crate::api::vlens::error::{ApiError, VlensError};
use crate::api::vlens::verify::{admit, picture};
use crate::api::vlens::wire::{Body, MOST_TEXT};

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReadPassportRequest, example = json!({"image": "/9j/4AAQSkZJRg..."}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct PassportRequest {
    /// The data page: JPEG, PNG or WebP in base64, also as a `data:` URL; at most 5 MB and 25 million pixels.
    image: String,
    /// The name that has to stand on it, in Arabic or Latin letters.
    #[schema(max_length = 256)]
    name_check_value: Option<String>,
    /// Comes back as it was sent.
    #[schema(format = "uuid")]
    transaction_id: Option<String>,
    /// Comes back as it was sent.
    #[schema(max_length = 256)]
    client_transaction_id: Option<String>,
    /// Comes back as it was sent.
    #[schema(max_length = 256)]
    request_id: Option<String>,
}

/// What was read of a passport. What was not read is null.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PassportData)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PassportData {
    name: Option<String>,
    #[serde(rename = "first_name")]
    first_name: Option<String>,
    #[serde(rename = "last_names")]
    last_names: Option<String>,
    passport_number: Option<String>,
    /// Alpha-3 as in ICAO 9303.
    nationality: Option<String>,
    /// Alpha-3 as in ICAO 9303.
    issuing_country: Option<String>,
    date_of_birth: Option<String>,
    place_of_birth: Option<String>,
    /// `M`, `F` or `X`.
    gender: Option<String>,
    release_date: Option<String>,
    #[serde(rename = "idExpiry")]
    id_expiry: Option<String>,
    /// The number of the person, where the passport has one.
    id_number: Option<String>,
    /// The lines of the machine-readable zone.
    mrz: Option<String>,
    #[serde(flatten)]
    ids: Ids,
}

/// Reads the data page of a passport. Nothing is kept.
#[utoipa::path(
    post, path = "/v1/ocr/passport", tag = "ocr", operation_id = "ocr_passport", request_body = PassportRequest,
    responses(
        (status = 200, body = Answer<PassportData>, description = "What it says, or `error_code`: 3010, 3011, 3013, 3014, 5001, 5002, 5003, 5005, 5006, 5007"),
        (status = 400, body = ApiError, description = "Something is missing or malformed, also the base64"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 415, body = ApiError, description = "The body or the image is of another type"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
        (status = 503, body = ApiError, description = "The server is busy, or the models that read documents are not there"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    OcrCaller(tenant): OcrCaller,
    request: Request,
) -> Response {
    let language = tenant.asker.language;
    let read = async {
        let admission = admit(&state, &request)?;
        let mut body = Body::from_request(request, &state).await?;
        let image = picture(&mut body, "image")?.ok_or_else(VlensError::bad_request)?;
        let name = body.text("name_check_value", MOST_TEXT)?.map(str::to_owned);
        let ids = Ids::of(&body)?;
        let page = state.service.look_at_document(admission, image).await?;
        let today = Day::of(state.service.now());
        let mut faults: Vec<Fault> = passport_faults(&page, today).into_iter().map(fault).collect();
        if let (Some(name), true) = (&name, faults.is_empty()) {
            faults.extend(name_fault(name, &page));
        }
        Ok((faults, PassportData::of(&page, ids), page))
    };
    match read.await {
        Ok((faults, data, page)) => Answer::of(&faults, data, &page, language).into_response(),
        Err(refused) => Answer::<PassportData>::refused(refused, language),
    }
}

impl PassportData {
    fn of(page: &PageEvidence, ids: Ids) -> Self {
        let read = |name| page.best(name).map(|field| field.value.clone());
        Self {
            name: read(FieldName::FullName).or_else(|| full_name(page)),
            first_name: read(FieldName::GivenNames),
            last_names: read(FieldName::Surname),
            passport_number: read(FieldName::DocumentNumber),
            nationality: read(FieldName::Nationality),
            issuing_country: read(FieldName::IssuingCountry),
            date_of_birth: read(FieldName::DateOfBirth),
            place_of_birth: read(FieldName::PlaceOfBirth),
            gender: read(FieldName::Sex),
            release_date: read(FieldName::DateOfIssue),
            id_expiry: read(FieldName::DateOfExpiry),
            id_number: read(FieldName::PersonalNumber),
            mrz: page.mrz.as_ref().map(|mrz| mrz.lines.join("\n")),
            ids,
        }
    }
}

fn full_name(page: &PageEvidence) -> Option<String> {
    let read = |name| page.best(name).map(|field| field.value.as_str());
    let both = [read(FieldName::GivenNames), read(FieldName::Surname)];
    let name = both.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

fn fault(fault: PassportFault) -> Fault {
    let (code, field) = match fault {
        PassportFault::NotFound => (3011, ""),
        PassportFault::EgyptianCard => (5007, ""),
        PassportFault::OtherDocument => (5001, ""),
        PassportFault::Unfocused => (5006, ""),
        PassportFault::NotGenuine => (5005, ""),
        PassportFault::FaceNotFound => (3014, ""),
        PassportFault::Mrz => (3013, "mrz"),
        PassportFault::Expired => (3010, "idExpiry"),
    };
    Fault { code, field, value: String::new(), refuses: true }
}

/// What a name that was given says beside the one that was read: told beside what was read, as for cards.
fn name_fault(name: &str, page: &PageEvidence) -> Option<Fault> {
    let code = match check_name(name, &full_name(page).unwrap_or_default()) {
        NameCheck::Same => return None,
        NameCheck::Different => 3103,
        NameCheck::CouldNotTell => 1050,
    };
    Some(Fault { code, field: "name", value: name.to_owned(), refuses: false })
}
