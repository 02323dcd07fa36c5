//! One thing that a document says of its holder or of itself.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Four corners in pixels of the picture, from the top left of the text, clockwise as one reads it.
pub type Quad = [[f32; 2]; 4];

/// What a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldName {
    /// Type of the document as ICAO 9303 writes it: `P`, `ID`, `V`.
    DocumentCode,
    /// Who issued it: alpha-3 as in ICAO 9303 part 3 section 5, where `D` stands for Germany.
    IssuingCountry,
    /// State or province that issued it.
    IssuingRegion,
    /// Number of the document.
    DocumentNumber,
    /// Number of the blank, where it differs from the document's.
    SerialNumber,
    /// Number of the person.
    PersonalNumber,
    /// All names, as they are printed.
    FullName,
    /// Primary identifier.
    Surname,
    /// Secondary identifier.
    GivenNames,
    /// `M`, `F` or `X`.
    Sex,
    /// Alpha-3 as in ICAO 9303 part 3 section 5.
    Nationality,
    /// `YYYY-MM-DD`.
    DateOfBirth,
    /// As printed.
    PlaceOfBirth,
    /// `YYYY-MM-DD`; `XX` stands for a day that is not printed.
    DateOfIssue,
    /// `YYYY-MM-DD`.
    DateOfExpiry,
    /// The whole address on one line.
    Address,
    /// Street and house.
    Street,
    /// City.
    City,
    /// State or province of the address.
    Region,
    /// Postal code.
    Postcode,
    /// Occupation.
    Profession,
    /// Where somebody works or studies, as printed.
    Workplace,
    /// As printed.
    Religion,
    /// As printed.
    MaritalStatus,
    /// All names of the husband, as printed.
    HusbandName,
    /// Who signed for the issuer, as printed.
    Authority,
    /// Classes of vehicles.
    VehicleClasses,
    /// What an issuer may put into a machine-readable zone at will.
    OptionalData,
}

/// Where a field was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldSource {
    /// The machine-readable zone.
    Mrz,
    /// The bar code.
    Barcode,
    /// The print for people.
    Printed,
}

/// One field from one source.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// What it is.
    pub name: FieldName,
    /// Its value, in the form that [`FieldName`] states.
    pub value: String,
    /// Where it was read.
    pub source: FieldSource,
    /// How sure the reading is, 0..1.
    pub confidence: f32,
    /// Where it stands in the picture; `None` within a bar code.
    pub corners: Option<Quad>,
}

impl fmt::Debug for Field {
    /// Without the value: it is somebody's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field")
            .field("name", &self.name)
            .field("source", &self.source)
            .field("confidence", &self.confidence)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_does_not_print_what_it_says() {
        let field = Field {
            name: FieldName::Surname,
            value: "ERIKSSON".to_owned(),
            source: FieldSource::Mrz,
            confidence: 1.0,
            corners: None,
        };
        assert!(!format!("{field:?}").contains("ERIKSSON"));
    }
}
