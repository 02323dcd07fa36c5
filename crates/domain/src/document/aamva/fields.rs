//! From elements to fields.

use super::{Element, issuer};
use crate::document::Day;
use crate::{Field, FieldName, FieldSource};

/// The fields that `elements` make.
pub(super) fn fields(number: &str, version: u8, elements: &[Element]) -> Vec<Field> {
    let from = From { elements };
    let issuer = issuer(number);
    let country = match from.first(&["DCG"]).to_ascii_uppercase().as_str() {
        "USA" | "US" => "USA",
        "CAN" | "CA" | "CDN" => "CAN",
        "MEX" | "MX" => "MEX",
        _ => issuer.map_or("", |issuer| issuer.country),
    };
    let names = from.names(version);
    let [street, city, region, postcode] = from.address(country);
    let tail = [region.as_str(), postcode.as_str()];
    let address = joined(&[&street, &city, &joined(&tail, " ")], ", ");
    let serial = from.first(&["DCK", "DCF"]);
    let values = [
        (FieldName::IssuingCountry, country.to_owned()),
        (FieldName::IssuingRegion, issuer.map_or("", |issuer| issuer.region).to_owned()),
        (FieldName::DocumentNumber, from.first(&["DAQ"])),
        (FieldName::SerialNumber, serial),
        (FieldName::FullName, joined(&[&names.given, &names.surname, &names.suffix], " ")),
        (FieldName::Surname, names.surname),
        (FieldName::GivenNames, names.given),
        (FieldName::Sex, sex(&from.first(&["DBC"])).to_owned()),
        (FieldName::DateOfBirth, date(&from.first(&["DBB"]))),
        (FieldName::PlaceOfBirth, from.first(&["DCI"])),
        (FieldName::DateOfIssue, date(&from.first(&["DBD", "PAD"]))),
        (FieldName::DateOfExpiry, date(&from.first(&["DBA", "PAA"]))),
        (FieldName::Address, address),
        (FieldName::Street, street),
        (FieldName::City, city),
        (FieldName::Region, region),
        (FieldName::Postcode, postcode),
        (FieldName::VehicleClasses, from.first(&["DCA", "DAR"])),
    ];
    let field = |(name, value): (FieldName, String)| Field {
        name,
        value,
        source: FieldSource::Barcode,
        // The code's error correction vouches for it.
        confidence: 1.0,
        corners: None,
    };
    values.into_iter().filter(|(_, value)| !value.is_empty()).map(field).collect()
}

struct Names {
    surname: String,
    given: String,
    suffix: String,
}

struct From<'a> {
    elements: &'a [Element],
}

impl From<'_> {
    /// As printed, empty where there is none.
    fn raw(&self, id: &str) -> &str {
        self.elements.iter().find(|element| element.id == id).map_or("", |element| element.value.as_str())
    }

    /// The first of those elements that says something.
    fn first(&self, ids: &[&str]) -> String {
        ids.iter().map(|id| said(self.raw(id))).find(|value| !value.is_empty()).unwrap_or_default()
    }

    /// Up to version 03 given names are in one element, in version 01 all names may be: parts are divided by commas there
    /// (some issuers write `@` or `$`), surname first.
    fn names(&self, version: u8) -> Names {
        let mut names = Names {
            // Somebody may be called None.
            surname: spaced(self.raw("DCS")),
            given: joined(&[&self.first(&["DAC"]), &self.first(&["DAD"])], " "),
            suffix: self.first(&["DCU", "DAE"]),
        };
        if names.surname.is_empty() {
            names.surname = spaced(self.raw("DAB"));
        }
        if names.given.is_empty() {
            names.given = spaced(&self.first(&["DCT"]).replace([',', '@', '$'], " "));
        }
        let whole = self.raw("DAA");
        if (version <= 1 || names.surname.is_empty()) && names.given.is_empty() && !whole.is_empty() {
            let parts: Vec<String> = whole.split([',', '@', '$']).map(said).collect();
            match parts.as_slice() {
                // Without a divider nobody knows where the surname is.
                [all] => names.surname.clone_from(all),
                [surname, given @ ..] => {
                    names.surname.clone_from(surname);
                    // Surname, first, middle, suffix.
                    names.given =
                        spaced(&given.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(" "));
                    if names.suffix.is_empty() {
                        names.suffix = given.get(2).cloned().unwrap_or_default();
                    }
                }
                [] => {}
            }
        }
        names
    }

    /// Street, city, state or province, postal code. Version 01 has a mailing address and one of residence.
    fn address(&self, country: &str) -> [String; 4] {
        let at = |ids: [&str; 5]| {
            let [street, more, city, region, code] = ids.map(|id| said(self.raw(id)));
            [joined(&[&street, &more], ", "), city, region, postcode(&code, country)]
        };
        let mailing = at(["DAG", "DAH", "DAI", "DAJ", "DAK"]);
        if mailing.iter().all(String::is_empty) { at(["DAL", "DAM", "DAN", "DAO", "DAP"]) } else { mailing }
    }
}

/// With single spaces.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// With single spaces; empty where it says that there is nothing to say (D.12.5: `NONE`, `unavl`).
fn said(text: &str) -> String {
    let text = spaced(text);
    let nothing = ["NONE", "UNAVL", "UNAVAIL", "N/A"];
    if nothing.iter().any(|word| text.eq_ignore_ascii_case(word)) { String::new() } else { text }
}

fn joined(parts: &[&str], with: &str) -> String {
    parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(with)
}

/// ISO/IEC 5218, as the standard has it since version 02; letters before, and `X` where an issuer writes it.
fn sex(text: &str) -> &'static str {
    match text.to_ascii_uppercase().as_str() {
        "1" | "M" => "M",
        "2" | "F" => "F",
        "9" | "X" => "X",
        _ => "",
    }
}

/// `YYYY-MM-DD` of `MMDDCCYY` (United States) or `CCYYMMDD` (Canada, and all in version 01). Within the years 1800 to 2199
/// no text is a day in both.
fn date(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 8 {
        return String::new();
    }
    let part =
        |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u16>().ok()).unwrap_or(0);
    let day = |year: u16, month: u16, day: u16| {
        Day::new(year, month as u8, day as u8).filter(|_| (1800..2200).contains(&year))
    };
    let american = day(part(4, 8), part(0, 2), part(2, 4));
    let canadian = day(part(0, 4), part(4, 6), part(6, 8));
    american.or(canadian).map(|day| day.to_string()).unwrap_or_default()
}

/// Five digits, or nine with a hyphen where the last four say something; in Canada two groups of three.
fn postcode(text: &str, country: &str) -> String {
    let plain: String =
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let digits = plain.bytes().all(|byte| byte.is_ascii_digit());
    if country == "CAN" {
        let plain =
            if plain.len() > 6 && plain.ends_with("00000") { plain.get(..6).unwrap_or("") } else { &plain };
        return match plain.split_at_checked(3) {
            Some((area, unit)) if unit.len() == 3 => format!("{area} {unit}"),
            _ => plain.to_owned(),
        };
    }
    match plain.split_at_checked(5) {
        Some((zip, "" | "0000")) if digits => zip.to_owned(),
        Some((zip, more)) if digits && more.len() == 4 => format!("{zip}-{more}"),
        // Zeros that fill the eleven places of the element.
        Some((zip, more)) if digits && more.bytes().all(|byte| byte == b'0') => zip.to_owned(),
        _ => spaced(text),
    }
}
