//! What is told of the person and the document: read from a document, or made up by whoever asked for a mock session.

use app::SessionView;
use domain::{Day, DocumentFacts, DocumentKind};
use serde_json::Number;

use crate::api::countries::{alpha2, alpha3};

use super::extra::{Address, DeprecatedDocument, DeprecatedPerson, Extra, MockInfo};
use super::result::{AdditionalInfo, Document, Employment, NationalStatus, Person};
use super::words::{DocumentType, Gender};

/// What is told, in both forms of the API.
pub(super) struct Told {
    pub(super) person: Person,
    pub(super) document: Document,
    pub(super) additional_info: Option<AdditionalInfo>,
    pub(super) old_person: DeprecatedPerson,
    pub(super) old_document: DeprecatedDocument,
}

impl Told {
    /// Of a session that is decided.
    pub(super) fn of(view: &SessionView, facts: &DocumentFacts) -> Self {
        if view.mock.is_none() {
            return Self::of_facts(facts, &Day::of(view.session.created_at).to_string());
        }
        // What cannot be read was written by an older version: then there is nothing to tell.
        let extra: Extra = serde_json::from_value(view.extra.clone()).unwrap_or_default();
        Self::of_mock(extra.info.unwrap_or_default())
    }

    fn of_facts(facts: &DocumentFacts, opened_on: &str) -> Self {
        let age = facts.born_on.as_deref().and_then(|born| age(born, opened_on));
        let country3 = facts.country.as_deref().and_then(alpha3);
        let address = address(facts, country3.as_deref());
        let kind = DocumentType::from(facts.kind);
        let date = |date: &Option<String>| date.as_deref().map(midnight);
        let person = Person {
            full_name: facts.full_name.clone(),
            given_name: facts.given_names.clone(),
            surname: facts.surname.clone(),
            gender: facts.sex.as_deref().and_then(Gender::read),
            national_id: facts.personal_number.clone(),
            date_of_birth: date(&facts.born_on),
            age,
        };
        let document = Document {
            kind,
            country: facts.country.as_deref().and_then(alpha2),
            region: facts.region.clone(),
            number: facts.number.clone(),
            serial_number: facts.serial_number.clone(),
            issue_date: date(&facts.issued_on),
            expiration_date: date(&facts.expires_on),
        };
        let old_person = DeprecatedPerson {
            given_name: facts.given_names.clone(),
            surname: facts.surname.clone(),
            gender: facts.sex.clone(),
            full_name: facts.full_name.clone(),
            age: age.map(Number::from),
            address: address.clone(),
            date_of_birth: date(&facts.born_on),
        };
        // The number of the person stays; where there is none, that of the document stands for it.
        let (stays, changes) = match &facts.personal_number {
            Some(number) => (Some(number), facts.serial_number.as_ref().or(facts.number.as_ref())),
            None => (facts.number.as_ref(), facts.serial_number.as_ref()),
        };
        let old_document = DeprecatedDocument {
            kind,
            country: country3,
            region: facts.region.clone(),
            issue_date: date(&facts.issued_on),
            document_serial_number: changes.cloned(),
            id_value: stays.cloned(),
            given_name: facts.given_names.clone(),
            surname: facts.surname.clone(),
            full_name: facts.full_name.clone(),
            date_of_birth: date(&facts.born_on),
            valid_until: date(&facts.expires_on),
        };
        let additional_info = additional(facts, address);
        Self { person, document, additional_info, old_person, old_document }
    }

    fn of_mock(info: MockInfo) -> Self {
        let old_person = info.person_details.unwrap_or_default();
        let old_document = info.document_details.unwrap_or(DeprecatedDocument {
            kind: DocumentType::Other,
            country: None,
            region: None,
            issue_date: None,
            document_serial_number: None,
            id_value: None,
            given_name: None,
            surname: None,
            full_name: None,
            date_of_birth: None,
            valid_until: None,
        });
        let person = Person {
            full_name: old_person.full_name.clone().or_else(|| old_document.full_name.clone()),
            given_name: old_person.given_name.clone().or_else(|| old_document.given_name.clone()),
            surname: old_person.surname.clone().or_else(|| old_document.surname.clone()),
            gender: old_person.gender.as_deref().and_then(Gender::read),
            national_id: old_document.id_value.clone(),
            date_of_birth: old_person.date_of_birth.clone().or_else(|| old_document.date_of_birth.clone()),
            age: old_person.age.as_ref().and_then(years),
        };
        let document = Document {
            kind: old_document.kind,
            country: old_document.country.as_deref().and_then(alpha2),
            region: old_document.region.clone(),
            number: old_document.id_value.clone(),
            serial_number: old_document.document_serial_number.clone(),
            issue_date: old_document.issue_date.clone(),
            expiration_date: old_document.valid_until.clone(),
        };
        let additional_info = old_person.address.clone().map(|address| AdditionalInfo {
            address: Some(address),
            national_status: None,
            employment: None,
        });
        Self { person, document, additional_info, old_person, old_document }
    }
}

fn address(facts: &DocumentFacts, country: Option<&str>) -> Option<Address> {
    let parts = [&facts.address, &facts.street, &facts.city, &facts.address_region, &facts.postcode];
    parts.iter().any(|part| part.is_some()).then(|| Address {
        country: country.map(str::to_owned),
        region: facts.address_region.clone(),
        city: facts.city.clone(),
        street: facts.street.clone(),
        house_number: None,
        apartment_number: None,
        postcode: facts.postcode.clone(),
        full: facts.address.clone(),
    })
}

fn additional(facts: &DocumentFacts, address: Option<Address>) -> Option<AdditionalInfo> {
    let known = |code: &Option<String>| code.as_deref().and_then(alpha3);
    let citizen = known(&facts.nationality).zip(known(&facts.country)).map(|(one, other)| one == other);
    let resident = (facts.kind == Some(DocumentKind::ResidencePermit)).then_some(true);
    let national_status =
        (citizen.is_some() || resident.is_some()).then_some(NationalStatus { citizen, resident });
    let employment = facts.profession.clone().map(|profession| Employment { profession: Some(profession) });
    let is_there = address.is_some() || national_status.is_some() || employment.is_some();
    is_there.then_some(AdditionalInfo { address, national_status, employment })
}

/// Full years; `None` for what is no age.
fn years(age: &Number) -> Option<u32> {
    age.as_f64().filter(|age| (0.0..=200.0).contains(age)).map(|age| age as u32)
}

/// A day as a point in time, as the vendor writes it.
fn midnight(date: &str) -> String {
    format!("{date}T00:00:00.000Z")
}

/// Full years from the day `born` to `today`, both as `YYYY-MM-DD`; `None` for what is no day, or lies after.
fn age(born: &str, today: &str) -> Option<u32> {
    let (year, rest) = born.split_once('-')?;
    let (this_year, this_rest) = today.split_once('-')?;
    let years = this_year.parse::<u32>().ok()?.checked_sub(year.parse().ok()?)?;
    // In the order of their letters.
    years.checked_sub(u32::from(this_rest < rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> DocumentFacts {
        DocumentFacts {
            kind: Some(DocumentKind::NationalId),
            country: Some("D".to_owned()),
            number: Some("L01X00T471".to_owned()),
            expires_on: Some("2031-10-31".to_owned()),
            full_name: Some("Erika Mustermann".to_owned()),
            given_names: Some("Erika".to_owned()),
            surname: Some("Mustermann".to_owned()),
            sex: Some("F".to_owned()),
            nationality: Some("D".to_owned()),
            born_on: Some("1964-08-12".to_owned()),
            address: Some("Heidestrasse 17, 51147 Koeln".to_owned()),
            ..DocumentFacts::default()
        }
    }

    #[test]
    fn a_document_has_two_letters_and_an_address_three() {
        let told = Told::of_facts(&facts(), "2026-11-21");
        assert_eq!(told.document.country.as_deref(), Some("DE"));
        let more = told.additional_info.unwrap();
        assert_eq!(more.address.unwrap().country.as_deref(), Some("DEU"));
        assert_eq!(more.national_status.unwrap().citizen, Some(true));
        assert_eq!(told.old_document.country.as_deref(), Some("DEU"));
        assert_eq!(told.person.date_of_birth.as_deref(), Some("1964-08-12T00:00:00.000Z"));
        assert_eq!((told.person.gender, told.person.age), (Some(Gender::Female), Some(62)));
        assert_eq!(told.old_document.id_value.as_deref(), Some("L01X00T471"));
    }

    #[test]
    fn what_stays_with_the_person_is_told_from_what_changes() {
        let told = Told::of_facts(
            &DocumentFacts { personal_number: Some("29001010100000".to_owned()), ..facts() },
            "2026-11-21",
        );
        assert_eq!(told.old_document.id_value.as_deref(), Some("29001010100000"));
        assert_eq!(told.old_document.document_serial_number.as_deref(), Some("L01X00T471"));
        assert_eq!(told.person.national_id.as_deref(), Some("29001010100000"));
    }

    #[test]
    fn an_age_is_in_full_years() {
        assert_eq!(age("1964-11-21", "2026-11-21"), Some(62));
        assert_eq!(age("1964-11-22", "2026-11-21"), Some(61));
        assert_eq!(age("2026-11-22", "2026-11-21"), None);
        assert_eq!(age("nonsense", "2026-11-21"), None);
    }
}
