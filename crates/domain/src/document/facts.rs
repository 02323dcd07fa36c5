//! What a document says, put together from its pages and from every place where it says it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{DocumentKind, FieldName, PageEvidence};

/// What a document says of its holder and of itself. Dates are `YYYY-MM-DD`, countries as in ICAO 9303.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DocumentFacts {
    /// What kind of document it is.
    pub kind: Option<DocumentKind>,
    /// Who issued it, alpha-3.
    pub country: Option<String>,
    /// State or province that issued it.
    pub region: Option<String>,
    /// Its number.
    pub number: Option<String>,
    /// Number of the blank.
    pub serial_number: Option<String>,
    /// When it was issued.
    pub issued_on: Option<String>,
    /// When it ends.
    pub expires_on: Option<String>,
    /// Number of the person.
    pub personal_number: Option<String>,
    /// All names.
    pub full_name: Option<String>,
    /// Secondary identifier.
    pub given_names: Option<String>,
    /// Primary identifier.
    pub surname: Option<String>,
    /// `M`, `F` or `X`.
    pub sex: Option<String>,
    /// Alpha-3.
    pub nationality: Option<String>,
    /// When the person was born.
    pub born_on: Option<String>,
    /// The whole address.
    pub address: Option<String>,
    /// Street and house.
    pub street: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province of the address.
    pub address_region: Option<String>,
    /// Postal code.
    pub postcode: Option<String>,
    /// Occupation.
    pub profession: Option<String>,
}

impl fmt::Debug for DocumentFacts {
    /// Without what is somebody's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentFacts").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl DocumentFacts {
    /// What the pages of one document say; of two that say the same thing the first.
    pub fn of(pages: &[&PageEvidence]) -> Self {
        let best = |name| {
            let found = pages.iter().find_map(|page| page.best(name))?;
            Some(found.value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let (given_names, surname) = (best(FieldName::GivenNames), best(FieldName::Surname));
        let both = match (&given_names, &surname) {
            (Some(given), Some(surname)) => Some(format!("{given} {surname}")),
            (one, other) => one.clone().or_else(|| other.clone()),
        };
        Self {
            kind: pages.iter().find_map(|page| page.kind),
            country: best(FieldName::IssuingCountry),
            region: best(FieldName::IssuingRegion),
            number: best(FieldName::DocumentNumber),
            serial_number: best(FieldName::SerialNumber),
            issued_on: best(FieldName::DateOfIssue),
            expires_on: best(FieldName::DateOfExpiry),
            personal_number: best(FieldName::PersonalNumber),
            full_name: best(FieldName::FullName).or(both),
            given_names,
            surname,
            sex: best(FieldName::Sex),
            nationality: best(FieldName::Nationality),
            born_on: best(FieldName::DateOfBirth),
            address: best(FieldName::Address),
            street: best(FieldName::Street),
            city: best(FieldName::City),
            address_region: best(FieldName::Region),
            postcode: best(FieldName::Postcode),
            profession: best(FieldName::Profession),
        }
    }

    /// What tells this document from every other one, to be looked up: `None` where its number could not be read.
    pub fn identity(&self) -> Option<String> {
        let number = self.number.as_ref().or(self.personal_number.as_ref())?;
        let number: String = number.chars().filter(|sign| sign.is_alphanumeric()).collect();
        let country = self.country.as_deref().unwrap_or("?");
        (!number.is_empty()).then(|| format!("{}:{}", country.to_uppercase(), number.to_uppercase()))
    }
}
