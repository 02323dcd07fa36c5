//! The list of specially designated nationals of the United States' Office of Foreign Assets Control: `sdn.csv` and
//! `alt.csv`, without headers, `-0-` for what is not there. Dates of birth and numbers stand in the remarks.

use std::collections::{HashMap, HashSet};

use csv::StringRecord;
use domain::Day;
use domain::screening::{BirthSpan, ListEntry};

use super::{Rows, Watchlist, WatchlistError};

pub(super) const SOURCE: &str = "ofac-sdn";

/// Columns of `sdn.csv`.
const NAME: usize = 1;
const REMARKS: usize = 11;

/// Column of `alt.csv`.
const ALIAS: usize = 3;

/// Entries without their aliases.
pub(super) fn names(text: &str, rows: &mut Rows<'_>) -> Result<Watchlist, WatchlistError> {
    let mut entries: Vec<ListEntry> = Vec::new();
    let mut known: HashSet<String> = HashSet::new();
    for_each(text, rows, |line, row, rows| {
        let (number, name) = (field(row, 0), field(row, NAME));
        let Some((number, name)) = number.filter(|text| is_number(text)).zip(name) else {
            rows.bad(line, "no number or no name");
            return;
        };
        if !known.insert(number.to_owned()) {
            rows.bad(line, "the number stands there before");
            return;
        }
        let remarks = field(row, REMARKS).unwrap_or_default();
        entries.push(ListEntry {
            source: SOURCE.to_owned(),
            case_no: number.to_owned(),
            case_year: None,
            record_date: None,
            names: vec![name.to_owned()],
            id_numbers: numbers(remarks),
            born: births(remarks),
        });
    })?;
    Ok(Watchlist { source: SOURCE.to_owned(), entries })
}

/// Puts the aliases to their entries.
pub(super) fn aliases(text: &str, list: &mut Watchlist, rows: &mut Rows<'_>) -> Result<(), WatchlistError> {
    let places: HashMap<String, usize> =
        list.entries.iter().enumerate().map(|(at, entry)| (entry.case_no.clone(), at)).collect();
    for_each(text, rows, |line, row, rows| {
        let entry =
            field(row, 0).and_then(|number| places.get(number)).and_then(|at| list.entries.get_mut(*at));
        match (entry, field(row, ALIAS)) {
            (Some(entry), Some(alias)) => entry.names.push(alias.to_owned()),
            (None, _) => rows.bad(line, "the alias belongs to no entry"),
            (_, None) => rows.bad(line, "the alias is empty"),
        }
    })
}

fn for_each(
    text: &str,
    rows: &mut Rows<'_>,
    mut work: impl FnMut(u64, &StringRecord, &mut Rows<'_>),
) -> Result<(), WatchlistError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    for row in reader.records() {
        let row = row.map_err(|error| rows.broken(&error))?;
        // The files end with the end-of-file mark of old systems.
        if row.iter().all(|field| field.trim_matches(['\u{1a}', ' ']).is_empty()) {
            continue;
        }
        work(row.position().map_or(0, csv::Position::line), &row, rows);
    }
    Ok(())
}

fn field(row: &StringRecord, at: usize) -> Option<&str> {
    row.get(at).map(str::trim).filter(|text| !text.is_empty() && *text != "-0-")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What documents are called in the remarks.
const DOCUMENTS: [&str; 18] = [
    "Passport",
    "National ID No.",
    "Identification Number",
    "National Foreign ID Number",
    "Cedula No.",
    "Tax ID No.",
    "Registration ID",
    "Registration Number",
    "Company Number",
    "SSN",
    "Electoral Registry No.",
    "Travel Document Number",
    "Residency Number",
    "Card Number",
    "LE Number",
    "Birth Certificate Number",
    "Driver's License No.",
    "C.U.R.P.",
];

/// Numbers of documents in the remarks: `Passport 1084010 (Egypt); alt. Passport 19820215`.
fn numbers(remarks: &str) -> Vec<String> {
    remarks
        .split(';')
        .filter_map(|part| {
            let part = part.trim().trim_start_matches("alt. ").trim_start_matches("Diplomatic ");
            let rest = DOCUMENTS.iter().find_map(|name| part.strip_prefix(name))?;
            let number = rest.split('(').next()?.trim().trim_end_matches('.');
            let is_one = number.bytes().any(|byte| byte.is_ascii_digit()) && number.split(' ').count() <= 3;
            is_one.then(|| number.to_owned())
        })
        .collect()
}

/// Years around a date that the list calls circa.
const CIRCA: u16 = 2;

/// Dates of birth in the remarks: `DOB 10 Dec 1948; alt. DOB 1949; DOB circa 1950; DOB 1955 to 1957`.
fn births(remarks: &str) -> Vec<BirthSpan> {
    remarks
        .split(';')
        .filter_map(|part| {
            birth(part.trim().trim_start_matches("alt. ").strip_prefix("DOB ")?.trim_end_matches('.'))
        })
        .collect()
}

fn birth(text: &str) -> Option<BirthSpan> {
    let (text, circa) = text.trim().strip_prefix("circa ").map_or((text.trim(), 0), |rest| (rest, CIRCA));
    let between = text.split_once(" to ").or_else(|| text.split_once('-'));
    let (from, to) = between.unwrap_or((text, text));
    let (first, last) = (year(from)?, year(to)?);
    match (circa, from == to, day(from)) {
        (0, true, Some(day)) => Some(BirthSpan::day(day)),
        _ => BirthSpan::years(first.saturating_sub(circa), last.saturating_add(circa)),
    }
}

fn year(text: &str) -> Option<u16> {
    text.split(' ').next_back().filter(|year| year.len() == 4)?.parse().ok()
}

fn day(text: &str) -> Option<Day> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let [day, month, year] = text.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let month = MONTHS.iter().position(|name| *name == month)? as u8 + 1;
    Day::new(year.parse().ok()?, month, day.parse().ok()?)
}
