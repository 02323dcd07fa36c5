//! What was read of a card, under the vendor's keys. What was not read is null.

use domain::arabic::name_english;
use domain::egypt::{
    Gender, NationalNumber, address_english, gender_english, governorate_english, job_english,
    marital_status_english, religion_english,
};
use domain::{FieldName, FieldSource, PageEvidence, TransactionId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What stands in both halves.
pub(super) struct Ids<'a> {
    pub(super) transaction: TransactionId,
    pub(super) client_transaction: Option<&'a str>,
    pub(super) request: Option<&'a str>,
}

/// What was read of the front. Texts are as printed, in Arabic; those named `_english` are made of them.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = IdFrontData)]
pub(crate) struct FrontData {
    name_english: Option<String>,
    first_name_english: Option<String>,
    last_names_english: Option<String>,
    name: Option<String>,
    address: Option<String>,
    first_name: Option<String>,
    last_names: Option<String>,
    govern: Option<String>,
    #[serde(rename = "idKey")]
    id_key: Option<String>,
    #[serde(rename = "dateOfBirth")]
    date_of_birth: Option<String>,
    address_1: Option<String>,
    address_2: Option<String>,
    address_english: Option<String>,
    address_1_english: Option<String>,
    address_2_english: Option<String>,
    govern_english: Option<String>,
    /// Null: the card does not say which part of the address it is.
    city: Option<String>,
    /// Null, as the city.
    district: Option<String>,
    #[serde(rename = "idNumber")]
    id_number: Option<String>,
    gender: Option<String>,
    client_transaction_id: Option<String>,
    request_id: Option<String>,
    #[schema(format = "uuid")]
    transaction_id: String,
    #[serde(rename = "transactionId")]
    #[schema(format = "uuid")]
    transaction_id_again: String,
}

/// What was read of the back. Texts are as printed, in Arabic; those named `_english` are made of them.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = IdBackData)]
pub(crate) struct BackData {
    #[serde(rename = "maritalStatus")]
    marital_status: Option<String>,
    job: Option<String>,
    #[serde(rename = "jobTitle")]
    job_title: Option<String>,
    religion: Option<String>,
    #[serde(rename = "husbandName")]
    husband_name: Option<String>,
    /// The month, as `2022-05`: the card says no day.
    #[serde(rename = "releaseDate")]
    release_date: Option<String>,
    #[serde(rename = "idExpiry")]
    id_expiry: Option<String>,
    marital_status_english: Option<String>,
    religion_english: Option<String>,
    gender_english: Option<String>,
    #[serde(rename = "husbandName_english")]
    husband_name_english: Option<String>,
    job_english: Option<String>,
    job_title_english: Option<String>,
    #[serde(rename = "idNumber")]
    id_number: Option<String>,
    gender: Option<String>,
    client_transaction_id: Option<String>,
    request_id: Option<String>,
    #[schema(format = "uuid")]
    transaction_id: String,
    #[serde(rename = "transactionId")]
    #[schema(format = "uuid")]
    transaction_id_again: String,
}

impl FrontData {
    /// What `page` says; the ids alone without one.
    pub(super) fn of(page: Option<&PageEvidence>, ids: &Ids<'_>) -> Self {
        let read = |name| page.and_then(|page| says(page, name));
        let (name, first_name, last_names) =
            (read(FieldName::FullName), read(FieldName::GivenNames), read(FieldName::Surname));
        let (address, address_1, address_2) =
            (read(FieldName::Address), read(FieldName::Street), read(FieldName::City));
        let govern = read(FieldName::Region);
        let id_number = read(FieldName::PersonalNumber);
        let number: Option<NationalNumber> = id_number.as_deref().and_then(|number| number.parse().ok());
        let born = read(FieldName::DateOfBirth).or_else(|| number.map(|number| number.born().to_string()));
        Self {
            name_english: name.as_deref().map(name_english),
            first_name_english: first_name.as_deref().map(name_english),
            last_names_english: last_names.as_deref().map(name_english),
            name,
            first_name,
            last_names,
            govern_english: govern.as_deref().map(governorate_english),
            govern,
            id_key: read(FieldName::SerialNumber),
            date_of_birth: born.as_deref().map(day),
            address_english: address.as_deref().map(address_english),
            address_1_english: address_1.as_deref().map(address_english),
            address_2_english: address_2.as_deref().map(address_english),
            address,
            address_1,
            address_2,
            city: None,
            district: None,
            id_number,
            gender: number.map(|number| arabic(number.gender()).to_owned()),
            client_transaction_id: ids.client_transaction.map(str::to_owned),
            request_id: ids.request.map(str::to_owned),
            transaction_id: uuid(ids.transaction),
            transaction_id_again: uuid(ids.transaction),
        }
    }
}

impl BackData {
    /// What `page` says; the ids alone without one.
    pub(super) fn of(page: Option<&PageEvidence>, ids: &Ids<'_>) -> Self {
        let read = |name| page.and_then(|page| says(page, name));
        let marital_status = read(FieldName::MaritalStatus);
        let religion = read(FieldName::Religion);
        let husband_name = read(FieldName::HusbandName);
        let (job, job_title) = (read(FieldName::Profession), read(FieldName::Workplace));
        let gender = read(FieldName::Sex).and_then(|sex| match sex.as_str() {
            "M" => Some(arabic(Gender::Male)),
            "F" => Some(arabic(Gender::Female)),
            _ => None,
        });
        Self {
            marital_status_english: marital_status
                .as_deref()
                .and_then(marital_status_english)
                .map(str::to_owned),
            marital_status,
            job_english: job.as_deref().map(job_english),
            job,
            job_title_english: job_title.as_deref().map(job_english),
            job_title,
            religion_english: religion.as_deref().and_then(religion_english).map(str::to_owned),
            religion,
            husband_name_english: husband_name.as_deref().map(name_english),
            husband_name,
            release_date: read(FieldName::DateOfIssue)
                .map(|date| date.strip_suffix("-XX").map_or_else(|| day(&date), str::to_owned)),
            id_expiry: read(FieldName::DateOfExpiry).as_deref().map(day),
            gender_english: gender.and_then(gender_english).map(str::to_owned),
            id_number: read(FieldName::PersonalNumber),
            gender: gender.map(str::to_owned),
            client_transaction_id: ids.client_transaction.map(str::to_owned),
            request_id: ids.request.map(str::to_owned),
            transaction_id: uuid(ids.transaction),
            transaction_id_again: uuid(ids.transaction),
        }
    }
}

/// What a page says of a field.
pub(in crate::api::vlens) fn says(page: &PageEvidence, name: FieldName) -> Option<String> {
    page.field(name, FieldSource::Printed).map(|field| field.value.clone())
}

/// A day as the vendor writes it.
fn day(date: &str) -> String {
    format!("{date}T00:00:00Z")
}

const fn arabic(gender: Gender) -> &'static str {
    match gender {
        Gender::Male => "ذكر",
        Gender::Female => "أنثى",
    }
}

/// The id as a UUID in lower case.
pub(super) fn uuid(id: TransactionId) -> String {
    Uuid::from_bytes(*id.as_bytes()).to_string()
}
