//! Bar codes of driving licences and identity cards of the United States and Canada (AAMVA DL/ID Card Design Standard,
//! annex D, versions 01 of 2000 to 10 of 2020, and what was printed before).
//!
//! The places and lengths in the header are not trusted: issuers get them wrong. Subfiles and elements are found by their
//! marks and separators alone.

mod elements;
mod fields;
mod issuer;

#[cfg(test)]
mod tests;

use std::fmt;

pub use issuer::{Issuer, issuer};

use crate::{BarcodeSignal, DocumentKind, Field};
use elements::{Header, elements, header};

/// One element as it was printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Element {
    /// Its three characters: `DAQ`.
    pub id: String,
    /// Its value without spaces at the ends, at most [`LONGEST_VALUE`] characters.
    pub value: String,
}

impl fmt::Debug for Element {
    /// Without the value: it is somebody's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a bar code says.
#[derive(Debug, Clone, PartialEq)]
pub struct AamvaReading {
    /// Who issued it, the version, and what is missing.
    pub signal: BarcodeSignal,
    /// A driving licence or an identity card.
    pub kind: DocumentKind,
    /// Version that the issuer gives its own elements; `None` before version 02 of the standard.
    pub jurisdiction_version: Option<u8>,
    /// The fields that the elements make.
    pub fields: Vec<Field>,
    /// Every element in its order, of all subfiles, the issuer's own (`Z..`) too.
    pub elements: Vec<Element>,
}

/// Longest text that is looked at, in characters. PDF417 holds 1850 characters or 1108 bytes.
const LONGEST_TEXT: usize = 4096;

/// More elements than this are left out; version 10 knows about 70.
const MOST_ELEMENTS: usize = 256;

/// Characters of a value beyond this are left out; the longest of version 10 have 50.
pub const LONGEST_VALUE: usize = 256;

/// Takes apart the text of a bar code.
///
/// `None` where it is not of this kind: no `ANSI ` or `AAMVA` with an issuer near its start, or no element behind it.
pub fn parse(text: &str) -> Option<AamvaReading> {
    let text: String = text.chars().take(LONGEST_TEXT).collect();
    let (header, body) = header(&text)?;
    let elements = elements(body, &header);
    if elements.is_empty() {
        return None;
    }
    let Header { issuer, version, jurisdiction_version, .. } = header;
    let kind = if header.subfiles.iter().any(|subfile| subfile == "ID")
        && !header.subfiles.iter().any(|subfile| subfile == "DL")
    {
        DocumentKind::NationalId
    } else {
        DocumentKind::DriversLicense
    };
    let missing = elements::missing(version, kind, &elements);
    Some(AamvaReading {
        fields: fields::fields(&issuer, version, &elements),
        signal: BarcodeSignal { issuer, version, missing },
        kind,
        jurisdiction_version,
        elements,
    })
}
