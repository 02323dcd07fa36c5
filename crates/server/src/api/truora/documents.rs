//! Documents in the vendor's words, and which of them are read here.

use domain::{DocumentKind, WantedDocument};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::form::FieldError;
use super::words::Country;

/// Kinds of documents. Which of them are read, of which country, `GET /v1/config/document-selection` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ValidatedDocumentType)]
pub(crate) enum DocumentType {
    NationalId,
    IdentityCard,
    ForeignId,
    Ppt,
    DriverLicense,
    Cnh,
    Passport,
    Invoice,
    TaxId,
    Ptp,
    Rut,
    NativeNationalId,
    GeneralRegistration,
    TemporaryNationalId,
}

impl DocumentType {
    /// As a person reads it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NationalId => "National identity card",
            Self::IdentityCard => "Identity card",
            Self::ForeignId => "Foreigner's identity card",
            Self::Ppt | Self::Ptp => "Temporary permit",
            Self::DriverLicense => "Driver's license",
            Self::Cnh => "National driver's license",
            Self::Passport => "Passport",
            Self::Invoice => "Invoice",
            Self::TaxId => "Tax card",
            Self::Rut => "Tax register",
            Self::NativeNationalId => "Identity card of a citizen by birth",
            Self::GeneralRegistration => "General registration",
            Self::TemporaryNationalId => "Temporary identity card",
        }
    }

    /// As it is written.
    pub(crate) fn word(self) -> String {
        // A unit variant always serialises as its word.
        serde_json::to_value(self).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// What it is to those who read it; `None` where nothing reads it.
    pub(crate) const fn kind(self) -> Option<DocumentKind> {
        match self {
            Self::NationalId | Self::IdentityCard | Self::GeneralRegistration => {
                Some(DocumentKind::NationalId)
            }
            Self::DriverLicense => Some(DocumentKind::DriversLicense),
            Self::Passport => Some(DocumentKind::Passport),
            _ => None,
        }
    }
}

/// Somebody whose documents are read.
pub(crate) struct Issuer {
    /// ISO 3166-1 alpha-2, or `ALL`.
    pub(crate) code: &'static str,
    /// As documents write it; `None` for any issuer.
    written: Option<&'static str>,
    /// As a person reads it.
    pub(crate) name: &'static str,
    /// What is read of it.
    pub(crate) types: &'static [DocumentType],
}

const fn issuer(
    code: &'static str,
    written: Option<&'static str>,
    name: &'static str,
    types: &'static [DocumentType],
) -> Issuer {
    Issuer { code, written, name, types }
}

use DocumentType as Type;

const PASSPORT: &[Type] = &[Type::Passport];
const CARD: &[Type] = &[Type::NationalId, Type::Passport];
const LICENCE: &[Type] = &[Type::DriverLicense, Type::Passport];

/// The vendor's countries, and those of which a template is the country's own. A card is named where its front calls itself
/// by a phrase of `generic-national-id` and its back has a zone of ICAO 9303: both sides must be recognised. Passports are
/// those of ICAO 9303 everywhere.
pub(crate) const ISSUERS: [Issuer; 13] = [
    issuer("ALL", None, "All countries", &[Type::NationalId, Type::IdentityCard, Type::Passport]),
    issuer("AR", Some("ARG"), "Argentina", CARD),
    issuer("BR", Some("BRA"), "Brazil", &[Type::GeneralRegistration, Type::Passport]),
    issuer("CA", Some("CAN"), "Canada", LICENCE),
    issuer("CL", Some("CHL"), "Chile", CARD),
    issuer("CO", Some("COL"), "Colombia", CARD),
    issuer("CR", Some("CRI"), "Costa Rica", PASSPORT),
    issuer("EG", Some("EGY"), "Egypt", CARD),
    issuer("MX", Some("MEX"), "Mexico", PASSPORT),
    issuer("PE", Some("PER"), "Peru", CARD),
    issuer("SV", Some("SLV"), "El Salvador", PASSPORT),
    issuer("US", Some("USA"), "United States", LICENCE),
    issuer("VE", Some("VEN"), "Venezuela", PASSPORT),
];

/// The document that `country` and `document_type` ask for.
///
/// # Errors
/// For what is not read here.
pub(crate) fn wanted(country: &Country, document_type: DocumentType) -> Result<WantedDocument, FieldError> {
    let issuer = ISSUERS.iter().find(|issuer| country.as_str().eq_ignore_ascii_case(issuer.code));
    let issuer = issuer.ok_or_else(|| {
        let codes: Vec<_> = ISSUERS.iter().map(|issuer| issuer.code).collect();
        FieldError::new("country", format!("must be one whose documents are read here: {}", codes.join(", ")))
    })?;
    let kind = document_type.kind().filter(|_| issuer.types.contains(&document_type));
    let kind = kind.ok_or_else(|| {
        let words: Vec<_> = issuer.types.iter().map(|known| known.word()).collect();
        let problem = format!("is not read of this country on this server: only {} is", words.join(", "));
        FieldError::new("document_type", problem)
    })?;
    Ok(WantedDocument { kind, country: issuer.written.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(country: &str, document_type: DocumentType) -> Result<WantedDocument, String> {
        let country = Country::try_from(country.to_owned()).unwrap();
        wanted(&country, document_type).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_named_is_read_and_nothing_else() {
        for issuer in &ISSUERS {
            for document_type in issuer.types {
                assert!(asked(issuer.code, *document_type).is_ok(), "{} {document_type:?}", issuer.code);
            }
        }
        let card = asked("co", DocumentType::NationalId).unwrap();
        assert_eq!((card.kind, card.country.as_deref()), (DocumentKind::NationalId, Some("COL")));
        assert_eq!(asked("ALL", DocumentType::Passport).unwrap().country, None);
        let refused = asked("MX", DocumentType::NationalId).unwrap_err();
        assert_eq!(refused, "document_type is not read of this country on this server: only passport is");
        assert!(asked("CO", DocumentType::Rut).unwrap_err().starts_with("document_type"));
        assert!(asked("DE", DocumentType::Passport).unwrap_err().starts_with("country must be one"));
    }

    #[test]
    fn a_type_is_written_as_the_vendor_does() {
        assert_eq!(DocumentType::GeneralRegistration.word(), "general-registration");
        assert_eq!(DocumentType::Ppt.word(), "ppt");
    }
}
