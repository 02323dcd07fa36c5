//! From the text to its elements.

use super::{Element, LONGEST_VALUE, MOST_ELEMENTS};
use crate::DocumentKind;

/// The start of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// Six digits.
    pub(super) issuer: String,
    pub(super) version: u8,
    pub(super) jurisdiction_version: Option<u8>,
    /// Two characters each, in the order of the table.
    pub(super) subfiles: Vec<String>,
}

/// The header may stand so far from the start, in bytes: the compliance mark, separators, and what a reader puts before.
const HEADER_WITHIN: usize = 32;

/// The header and what follows it (D.12.3).
pub(super) fn header(text: &str) -> Option<(Header, &str)> {
    let mark = ["ANSI", "AAMVA"]
        .into_iter()
        .filter_map(|mark| text.find(mark).map(|at| at + mark.len()))
        .filter(|end| *end <= HEADER_WITHIN)
        .min()?;
    let rest = text.get(mark..)?.trim_start_matches(' ');
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = |from: usize| rest.get(from..from + 2).filter(|_| from + 2 <= digits)?.parse::<u8>().ok();
    let issuer = rest.get(..6).filter(|_| digits >= 6)?.to_owned();
    let version = number(6).unwrap_or(0);
    // Version 01 counts its subfiles right behind its own number; later ones have the issuer's version between.
    let jurisdiction_version = if digits >= 12 { number(8) } else { None };
    let mut rest = rest.get(digits..)?;
    let mut subfiles = Vec::new();
    while let Some((kind, tail)) = subfile(rest) {
        if !subfiles.contains(&kind) {
            subfiles.push(kind);
        }
        rest = tail;
    }
    if subfiles.is_empty() {
        // A header without a table: the first subfile says what it is.
        let kind = rest.trim_start().get(..2).filter(|kind| ["DL", "ID", "EN"].contains(kind));
        subfiles.push(kind.unwrap_or("DL").to_owned());
    }
    Some((Header { issuer, version, jurisdiction_version, subfiles }, rest))
}

/// One row of the table: type, offset, length.
fn subfile(text: &str) -> Option<(String, &str)> {
    let kind = text.get(..2).filter(|kind| kind.bytes().all(|byte| byte.is_ascii_uppercase()))?;
    text.get(2..10).filter(|place| place.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((kind.to_owned(), text.get(10..)?))
}

/// Every element of every subfile, in order; of one that stands twice the first that says something.
pub(super) fn elements(body: &str, header: &Header) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    for part in body.split(['\n', '\r', '\u{1e}', '\u{1c}', '\u{1d}']) {
        let part = without_mark(part.trim_start(), header);
        let Some(id) = part.get(..3).filter(|id| is_id(id)) else { continue };
        let value: String = part.chars().skip(3).filter(|c| !c.is_control()).take(LONGEST_VALUE).collect();
        let value = value.trim().to_owned();
        if let Some(known) = elements.iter_mut().find(|element| element.id == id) {
            if known.value.is_empty() {
                known.value = value;
            }
        } else if elements.len() < MOST_ELEMENTS {
            elements.push(Element { id: id.to_owned(), value });
        } else {
            break;
        }
    }
    elements
}

/// Without the two characters that open a subfile; what follows them has to be an element.
fn without_mark<'a>(part: &'a str, header: &Header) -> &'a str {
    let marked = part.get(..2).is_some_and(|mark| header.subfiles.iter().any(|known| known == mark));
    match part.get(2..) {
        Some(rest) if marked && rest.get(..3).is_some_and(is_id) => rest,
        _ => part,
    }
}

/// Elements of the standard start with `D`, those for permits of version 01 with `P`, an issuer's own with `Z`.
fn is_id(id: &str) -> bool {
    let bytes = id.as_bytes();
    bytes.len() == 3
        && matches!(bytes[0], b'D' | b'P' | b'Z')
        && bytes[1..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        // `DL` and `ID` open subfiles: no element starts with them.
        && !id.starts_with("DL")
}

/// Mandatory elements of version 01 (AAMVA National Standard for the Driver License/Identification Card, 2000, table of
/// mandatory data). `|` divides elements of which one will do.
const VERSION_1: &[&str] =
    &["DAA|DAB", "DAG|DAL", "DAI|DAN", "DAJ|DAO", "DAK|DAP", "DAQ", "DBA", "DBB", "DBC", "DBD"];

/// Those of versions 02 (2003) and 03 (2005), D.12.5.1, with one element for all given names.
const VERSION_2: &[&str] = &[
    "DBA", "DCS", "DCT|DAC", "DBD", "DBB", "DBC", "DAY", "DAU", "DAG", "DAI", "DAJ", "DAK", "DAQ", "DCF",
    "DCG",
];

/// Those of versions 04 (2009) to 10 (2020), D.12.5.1.
const VERSION_4: &[&str] = &[
    "DBA", "DCS", "DAC", "DAD", "DBD", "DBB", "DBC", "DAY", "DAU", "DAG", "DAI", "DAJ", "DAK", "DAQ", "DCF",
    "DCG", "DDE", "DDF", "DDG",
];

/// What licences have and identity cards have not: classes, restrictions, endorsements, in version 01 and after.
const LICENCE_1: &[&str] = &["DAR", "DAS", "DAT"];
const LICENCE_2: &[&str] = &["DCA", "DCB", "DCD"];

/// Mandatory elements that are missing or empty; of several of which one will do the first.
pub(super) fn missing(version: u8, kind: DocumentKind, elements: &[Element]) -> Vec<String> {
    let (all, licence) = match version {
        0 => return Vec::new(),
        1 => (VERSION_1, LICENCE_1),
        2 | 3 => (VERSION_2, LICENCE_2),
        _ => (VERSION_4, LICENCE_2),
    };
    let licence = if kind == DocumentKind::DriversLicense { licence } else { &[] };
    let says = |id: &str| elements.iter().any(|element| element.id == id && !element.value.is_empty());
    all.iter()
        .chain(licence)
        .filter(|ids| !ids.split('|').any(says))
        .filter_map(|ids| ids.split('|').next().map(str::to_owned))
        .collect()
}
