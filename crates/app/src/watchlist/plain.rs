//! A list of the operator's own: a CSV whose first row names its columns.
//!
//! `name` is needed; `aliases`, `id_number`, `date_of_birth` (several in one field are divided by `;`), `case_no`,
//! `case_year` and `record_date` are optional, and other columns are not looked at.

use std::path::Path;

use domain::screening::{BirthSpan, ListEntry};

use super::{Rows, Watchlist, WatchlistError};

/// The longest name of a source.
const LONGEST_SOURCE: usize = 60;

pub(super) fn read(text: &str, path: &Path, rows: &mut Rows<'_>) -> Result<Watchlist, WatchlistError> {
    let source = source(path);
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| rows.broken(&error))?.clone();
    let column = |name: &str| headers.iter().position(|header| header.eq_ignore_ascii_case(name));
    let columns =
        ["name", "aliases", "id_number", "date_of_birth", "case_no", "case_year", "record_date"].map(column);
    let mut entries = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| rows.broken(&error))?;
        let line = row.position().map_or(0, csv::Position::line);
        let field = |at: usize| columns[at].and_then(|at| row.get(at)).filter(|text| !text.is_empty());
        let several = |at: usize| {
            let parts = field(at).into_iter().flat_map(|text| text.split(';')).map(str::trim);
            parts.filter(|part| !part.is_empty())
        };
        let Some(name) = field(0) else {
            rows.bad(line, "no name");
            continue;
        };
        let Ok(born) = several(3).map(str::parse).collect::<Result<Vec<BirthSpan>, _>>() else {
            rows.bad(line, "the date of birth is not written 1971-03-02, 1971 or 1970..1972");
            continue;
        };
        let Ok(case_year) = field(5).map(str::parse).transpose() else {
            rows.bad(line, "the year of the case is no year");
            continue;
        };
        if field(6).is_some_and(|date| !date.parse::<BirthSpan>().is_ok_and(BirthSpan::is_day)) {
            rows.bad(line, "the date of the record is not written 1971-03-02");
            continue;
        }
        entries.push(ListEntry {
            source: source.clone(),
            case_no: field(4).map_or_else(|| format!("line {line}"), str::to_owned),
            case_year,
            record_date: field(6).map(str::to_owned),
            names: [name].into_iter().chain(several(1)).map(str::to_owned).collect(),
            id_numbers: several(2).map(str::to_owned).collect(),
            born,
        });
    }
    Ok(Watchlist { source, entries })
}

/// The file's name without its ending, in letters that need no quoting.
fn source(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    stem.chars().map(plain).take(LONGEST_SOURCE).collect()
}
