//! The consolidated list of the United Nations Security Council as XML.

use std::path::Path;

use domain::Day;
use domain::screening::{BirthSpan, ListEntry};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use super::{Rows, Watchlist, WatchlistError};

const SOURCE: &str = "un-consolidated";

/// Elements inside each other at most; the list has five.
const DEEPEST: usize = 32;

/// Years around a date that the list calls approximate.
const ABOUT: u16 = 2;

pub(super) fn read(text: &str, path: &Path, rows: &mut Rows<'_>) -> Result<Watchlist, WatchlistError> {
    let mut reader = Reader::from_str(text);
    let mut entries = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut value = String::new();
    let mut entry: Option<Draft> = None;
    let line_at = |position: u64| {
        let before = &text.as_bytes()[..(position as usize).min(text.len())];
        before.split(|byte| *byte == b'\n').count() as u64
    };
    let broken = |line: u64, problem: String| WatchlistError::Broken { path: path.to_owned(), line, problem };
    loop {
        let position = reader.buffer_position();
        match reader.read_event() {
            Err(error) => return Err(broken(line_at(reader.error_position()), error.to_string())),
            Ok(Event::Eof) if open.is_empty() => break,
            Ok(Event::Eof) => return Err(broken(line_at(position), "it ends in the middle".to_owned())),
            Ok(Event::Start(start)) => {
                value.clear();
                let name = start.name().into_inner().to_owned();
                if matches!(name.as_str(), "INDIVIDUAL" | "ENTITY") {
                    entry = Some(Draft { at: position, ..Draft::default() });
                }
                open.push(name);
                if open.len() > DEEPEST {
                    return Err(broken(line_at(position), "too many elements inside each other".to_owned()));
                }
            }
            Ok(Event::Text(text)) => value.push_str(&text.xml10_content()),
            Ok(Event::CData(text)) => value.push_str(&text.xml10_content()),
            // Entities of a document type are not resolved: the list has none, and they are a way to fill memory.
            Ok(Event::GeneralRef(name)) => match name.resolve_char_ref() {
                Ok(Some(c)) => value.push(c),
                _ => value.push_str(resolve_predefined_entity(&name).unwrap_or(" ")),
            },
            Ok(Event::End(_)) => {
                let Some(name) = open.pop() else { continue };
                let text = value.split_whitespace().collect::<Vec<_>>().join(" ");
                value.clear();
                if matches!(name.as_str(), "INDIVIDUAL" | "ENTITY") {
                    let Some(draft) = entry.take() else { continue };
                    let at = draft.at;
                    match draft.finish() {
                        Some(entry) => entries.push(entry),
                        None => rows.bad(line_at(at), "no reference number or no name"),
                    }
                } else if let Some(entry) = &mut entry {
                    entry.take(&name, open.last().map_or("", String::as_str), &text);
                }
            }
            Ok(_) => {}
        }
    }
    Ok(Watchlist { source: SOURCE.to_owned(), entries })
}

/// An entry that is being read.
#[derive(Default)]
struct Draft {
    at: u64,
    reference: String,
    listed_on: Option<String>,
    /// First to fourth.
    name: [String; 4],
    others: Vec<String>,
    numbers: Vec<String>,
    born: Vec<BirthSpan>,
    birth: Birth,
}

/// A date of birth that is being read.
#[derive(Default)]
struct Birth {
    is_about: bool,
    date: Option<String>,
    years: [Option<u16>; 2],
}

impl Draft {
    /// The element `name` inside `parent` has ended with `text`.
    fn take(&mut self, name: &str, parent: &str, text: &str) {
        match (parent, name) {
            (_, "INDIVIDUAL_DATE_OF_BIRTH") => self.born.extend(std::mem::take(&mut self.birth).span()),
            _ if text.is_empty() => {}
            ("INDIVIDUAL" | "ENTITY", "FIRST_NAME") => text.clone_into(&mut self.name[0]),
            ("INDIVIDUAL", "SECOND_NAME") => text.clone_into(&mut self.name[1]),
            ("INDIVIDUAL", "THIRD_NAME") => text.clone_into(&mut self.name[2]),
            ("INDIVIDUAL", "FOURTH_NAME") => text.clone_into(&mut self.name[3]),
            (_, "NAME_ORIGINAL_SCRIPT") | ("INDIVIDUAL_ALIAS" | "ENTITY_ALIAS", "ALIAS_NAME") => {
                self.others.push(text.to_owned());
            }
            (_, "REFERENCE_NUMBER") => text.clone_into(&mut self.reference),
            (_, "LISTED_ON") => self.listed_on = Some(text.chars().take(10).collect()),
            ("INDIVIDUAL_DOCUMENT", "NUMBER") => self.numbers.push(text.to_owned()),
            ("INDIVIDUAL_DATE_OF_BIRTH", "TYPE_OF_DATE") => {
                self.birth.is_about = text != "EXACT" && text != "BETWEEN";
            }
            ("INDIVIDUAL_DATE_OF_BIRTH", "DATE") => self.birth.date = Some(text.to_owned()),
            ("INDIVIDUAL_DATE_OF_BIRTH", "YEAR") => self.birth.years = [text.parse().ok(); 2],
            ("INDIVIDUAL_DATE_OF_BIRTH", "FROM_YEAR") => self.birth.years[0] = text.parse().ok(),
            ("INDIVIDUAL_DATE_OF_BIRTH", "TO_YEAR") => self.birth.years[1] = text.parse().ok(),
            _ => {}
        }
    }

    /// `None` without a reference number or a name.
    fn finish(self) -> Option<ListEntry> {
        let full = self
            .name
            .iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        let names: Vec<String> =
            [full].into_iter().chain(self.others).filter(|name| !name.is_empty()).collect();
        let date = self.listed_on.filter(|text| text.parse::<BirthSpan>().is_ok_and(BirthSpan::is_day));
        (!names.is_empty() && !self.reference.is_empty()).then(|| ListEntry {
            source: SOURCE.to_owned(),
            case_no: self.reference,
            case_year: date.as_ref().and_then(|date| date.get(..4)?.parse().ok()),
            record_date: date,
            names,
            id_numbers: self.numbers,
            born: self.born,
        })
    }
}

impl Birth {
    fn span(self) -> Option<BirthSpan> {
        let around = if self.is_about { ABOUT } else { 0 };
        if let Some(date) = self.date {
            let part = |range: std::ops::Range<usize>| date.get(range);
            let year: u16 = part(0..4)?.parse().ok()?;
            let day = || Day::new(year, part(5..7)?.parse().ok()?, part(8..10)?.parse().ok()?);
            return match day().filter(|_| around == 0) {
                Some(day) => Some(BirthSpan::day(day)),
                None => BirthSpan::years(year.saturating_sub(around), year + around),
            };
        }
        let [from, to] = self.years;
        let (from, to) = (from.or(to)?, to.or(from)?);
        BirthSpan::years(from.saturating_sub(around), to.saturating_add(around))
    }
}
