use proptest::prelude::*;

use super::*;
use crate::{DocumentKind, FieldName, FieldSource};

fn value(reading: &AamvaReading, name: FieldName) -> Option<&str> {
    reading.fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
}

#[track_caller]
fn says(reading: &AamvaReading, expected: &[(FieldName, &str)]) {
    for (name, text) in expected {
        assert_eq!(value(reading, *name), Some(*text), "{name:?}");
    }
}

/// The sample of the standards of 2009 to 2020 (D.12.6), with the elements that version 10 demands.
const SAMPLE: &str = "@\n\u{1e}\rANSI 636000100102DL00410278ZV03190008DLDAQT64235789\nDCSSAMPLE\nDDEN\nDACMICHAEL\n\
    DDFN\nDADJOHN\nDDGN\nDCUJR\nDCAD\nDCBK\nDCDPH\nDBD06062019\nDBB06061986\nDBA12102024\nDBC1\nDAU068 in\nDAYBRO\n\
    DAG2300 WEST BROAD STREET\nDAIRICHMOND\nDAJVA\nDAK232690000  \nDCF2424244747474786102204\nDCGUSA\nDCK123456789\n\
    DDAF\nDDB06062018\nDDC06062020\nDDD1\rZVZVA01\r";

#[test]
fn the_sample_of_the_standard_is_read() {
    let reading = parse(SAMPLE).unwrap();
    assert_eq!(reading.signal, BarcodeSignal { issuer: "636000".to_owned(), version: 10, missing: vec![] });
    assert_eq!(reading.kind, DocumentKind::DriversLicense);
    assert_eq!(reading.jurisdiction_version, Some(1));
    says(
        &reading,
        &[
            (FieldName::IssuingCountry, "USA"),
            (FieldName::IssuingRegion, "VA"),
            (FieldName::DocumentNumber, "T64235789"),
            (FieldName::SerialNumber, "123456789"),
            (FieldName::FullName, "MICHAEL JOHN SAMPLE JR"),
            (FieldName::Surname, "SAMPLE"),
            (FieldName::GivenNames, "MICHAEL JOHN"),
            (FieldName::Sex, "M"),
            (FieldName::DateOfBirth, "1986-06-06"),
            (FieldName::DateOfIssue, "2019-06-06"),
            (FieldName::DateOfExpiry, "2024-12-10"),
            (FieldName::Street, "2300 WEST BROAD STREET"),
            (FieldName::City, "RICHMOND"),
            (FieldName::Region, "VA"),
            (FieldName::Postcode, "23269"),
            (FieldName::Address, "2300 WEST BROAD STREET, RICHMOND, VA 23269"),
            (FieldName::VehicleClasses, "D"),
        ],
    );
    assert!(reading.fields.iter().all(|field| field.source == FieldSource::Barcode));
    assert_eq!(reading.elements.last().map(|element| element.id.as_str()), Some("ZVA"));
    assert!(!format!("{reading:?}").contains("SAMPLE"));
}

#[test]
fn version_01_has_its_own_header_names_and_dates() {
    let text = "@\n\u{1e}\rAAMVA6360100101DL00290192DLDAADOE,JOHN,QUINCY,III\nDAG12 MAIN ST\nDAITALLAHASSEE\nDAJFL\n\
        DAK32301-1234\nDAQD123456789012\nDAR E\nDASA\nDATNONE\nDBA20041231\nDBB19550101\nDBCM\nDBD19990514\r";
    let reading = parse(text).unwrap();
    assert_eq!(reading.signal, BarcodeSignal { issuer: "636010".to_owned(), version: 1, missing: vec![] });
    assert_eq!(reading.jurisdiction_version, None);
    says(
        &reading,
        &[
            (FieldName::Surname, "DOE"),
            (FieldName::GivenNames, "JOHN QUINCY"),
            (FieldName::FullName, "JOHN QUINCY DOE III"),
            (FieldName::DateOfBirth, "1955-01-01"),
            (FieldName::DateOfExpiry, "2004-12-31"),
            (FieldName::Sex, "M"),
            (FieldName::VehicleClasses, "E"),
            (FieldName::Postcode, "32301-1234"),
            (FieldName::IssuingCountry, "USA"),
        ],
    );
}

#[test]
fn versions_02_and_03_have_one_element_for_given_names() {
    let text = "@\n\u{1e}\rANSI 636014030001ID00310200IDDCSPUBLIC\nDCTJANE,MARIE ANN\nDBB02291984\nDBC2\nDBA02282030\n";
    let reading = parse(text).unwrap();
    assert_eq!((reading.signal.version, reading.kind), (3, DocumentKind::NationalId));
    says(
        &reading,
        &[
            (FieldName::GivenNames, "JANE MARIE ANN"),
            (FieldName::Sex, "F"),
            (FieldName::DateOfBirth, "1984-02-29"),
        ],
    );
    assert_eq!(
        reading.signal.missing,
        ["DBD", "DAY", "DAU", "DAG", "DAI", "DAJ", "DAK", "DAQ", "DCF", "DCG"]
    );
}

#[test]
fn canadian_dates_and_postal_codes_are_read() {
    let text = "@\n\u{1e}\rANSI 636012080001DL00310200DLDCSTREMBLAY\nDACLÉA\nDADNONE\nDBB19800229\nDBA20300131\nDBC9\n\
        DAK K1a0B1     \nDAJON\nDCGCAN\n";
    let reading = parse(text).unwrap();
    says(
        &reading,
        &[
            (FieldName::IssuingCountry, "CAN"),
            (FieldName::IssuingRegion, "ON"),
            (FieldName::DateOfBirth, "1980-02-29"),
            (FieldName::DateOfExpiry, "2030-01-31"),
            (FieldName::Sex, "X"),
            (FieldName::Postcode, "K1A 0B1"),
            (FieldName::GivenNames, "LÉA"),
        ],
    );
}

#[test]
fn wrong_places_and_separators_in_the_header_do_not_matter() {
    for text in [
        SAMPLE.replace("DL00410278", "DL99990001"),
        SAMPLE.replace("ZV03190008", ""),
        SAMPLE.replace("@\n\u{1e}\r", "@\r\n"),
        SAMPLE.replace("@\n\u{1e}\r", ""),
        SAMPLE.replace('\n', "\r\n"),
        SAMPLE.replace("DLDAQ", "DL\nDAQ"),
    ] {
        let reading = parse(&text).unwrap();
        says(&reading, &[(FieldName::DocumentNumber, "T64235789"), (FieldName::Surname, "SAMPLE")]);
        assert_eq!(reading.signal.missing, [] as [&str; 0]);
    }
}

#[test]
fn an_element_without_a_value_is_missing_and_the_first_that_says_something_counts() {
    let reading = parse(&SAMPLE.replace("DAQT64235789", "DAQ")).unwrap();
    assert_eq!(reading.signal.missing, ["DAQ"]);
    let reading = parse(&format!("{SAMPLE}DAQX1\n")).unwrap();
    says(&reading, &[(FieldName::DocumentNumber, "T64235789")]);
}

#[test]
fn dates_that_no_calendar_has_and_other_texts_are_left_out() {
    let reading = parse(&SAMPLE.replace("DBB06061986", "DBB02301986")).unwrap();
    assert_eq!(value(&reading, FieldName::DateOfBirth), None);
    for text in
        ["", "@", "@\n\u{1e}\rANSI ", "@\n\u{1e}\rANSI 63600", "@\n\u{1e}\rANSI 636000100102", "HELLO ANSI"]
    {
        assert_eq!(parse(text), None, "{text:?}");
    }
    assert_eq!(parse(&format!("{}{SAMPLE}", " ".repeat(100))), None);
}

proptest! {
    #[test]
    fn nothing_that_is_printed_panics(
        start in "(@\n\u{1e}\r)?(ANSI |AAMVA)?[0-9]{0,14}",
        body in "((DL|ID|ZV)?[DZP][A-Z]{2}\\PC{0,12}[\n\r])*",
        any in "\\PC{0,200}",
    ) {
        let _ = parse(&format!("{start}{body}"));
        let _ = parse(&format!("{start}{any}"));
        if let Some(reading) = parse(&format!("@\n\u{1e}\rANSI 636000100102{any}{body}")) {
            prop_assert!(reading.elements.len() <= MOST_ELEMENTS);
            prop_assert!(reading.elements.iter().all(|element| element.value.chars().count() <= LONGEST_VALUE));
        }
    }
}
