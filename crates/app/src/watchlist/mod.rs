//! Lists of sanctioned people and organisations, as their publishers write them: read into entries that can be looked up.
//!
//! What a file is follows from its content, never from its name.

mod ofac;
mod plain;
mod un;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use domain::screening::ListEntry;

/// Bytes of the largest file that is read. The largest list in use, the consolidated one of the United States as XML, has
/// about 120 MB.
pub const MAX_LIST_BYTES: u64 = 256 << 20;

/// Entries that a server holds at most, of all lists together.
pub const MAX_LIST_ENTRIES: usize = 500_000;

/// Names, numbers or dates of one entry, and characters of one of them: beyond, they are cut.
const MOST_VALUES: usize = 500;
const MOST_CHARACTERS: usize = 500;

/// One list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watchlist {
    /// `ofac-sdn`, `un-consolidated`, or the name of the file it came from.
    pub source: String,
    /// Its entries.
    pub entries: Vec<ListEntry>,
}

/// A row that is no entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its file.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}", self.file.display(), self.line, self.problem)
    }
}

/// Lists, and what of their files is no entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watchlists {
    /// One for each source, in the order of the files.
    pub lists: Vec<Watchlist>,
    /// Rows that were left out, in the order of the files.
    pub bad: Vec<BadRow>,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum WatchlistError {
    /// A file cannot be read.
    #[error("the list {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is larger than [`MAX_LIST_BYTES`].
    #[error("the list {} is larger than {} MB", path.display(), MAX_LIST_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A file is no list that is known.
    #[error(
        "{} is no list that is known: sdn.csv with alt.csv of OFAC, the consolidated list of the United Nations as XML, or a \
         CSV whose first row names its columns, `name` among them",
        path.display()
    )]
    UnknownKind {
        /// The file.
        path: PathBuf,
    },
    /// Aliases came without the names they belong to.
    #[error("{} has aliases alone: give sdn.csv with it", path.display())]
    AliasesAlone {
        /// The file.
        path: PathBuf,
    },
    /// Two files are the same list.
    #[error("the list {source_name} is given twice")]
    Twice {
        /// Which.
        source_name: String,
    },
    /// A file is broken in the middle.
    #[error("the list {} is broken at line {line}: {problem}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// A file has no entry: nothing is replaced by nothing.
    #[error("the list {} has no entries", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// There are more entries than a server holds.
    #[error("there are more than {MAX_LIST_ENTRIES} entries")]
    TooMany,
}

/// Reads the lists of `files`; OFAC's aliases are put to its names, in whichever order they come.
///
/// # Errors
/// [`WatchlistError`]; nothing is left out but single rows, which are reported.
pub fn read_watchlists(files: &[PathBuf]) -> Result<Watchlists, WatchlistError> {
    let mut read = Watchlists::default();
    let mut aliases: Vec<(PathBuf, String)> = Vec::new();
    for path in files {
        let text = text(path)?;
        let kind = Kind::of(&text).ok_or_else(|| WatchlistError::UnknownKind { path: path.clone() })?;
        let mut rows = Rows { path, bad: &mut read.bad };
        let list = match kind {
            Kind::Aliases => {
                aliases.push((path.clone(), text));
                continue;
            }
            Kind::Ofac => ofac::names(&text, &mut rows)?,
            Kind::United => un::read(&text, path, &mut rows)?,
            Kind::Plain => plain::read(&text, path, &mut rows)?,
        };
        if list.entries.is_empty() {
            return Err(WatchlistError::Empty { path: path.clone() });
        }
        if read.lists.iter().any(|other| other.source == list.source) {
            return Err(WatchlistError::Twice { source_name: list.source });
        }
        read.lists.push(list);
        if read.lists.iter().map(|list| list.entries.len()).sum::<usize>() > MAX_LIST_ENTRIES {
            return Err(WatchlistError::TooMany);
        }
    }
    for (path, text) in aliases {
        let names = read.lists.iter_mut().find(|list| list.source == ofac::SOURCE);
        let names = names.ok_or_else(|| WatchlistError::AliasesAlone { path: path.clone() })?;
        ofac::aliases(&text, names, &mut Rows { path: &path, bad: &mut read.bad })?;
    }
    for entry in read.lists.iter_mut().flat_map(|list| &mut list.entries) {
        bound(entry);
    }
    Ok(read)
}

/// What a file is.
enum Kind {
    Ofac,
    Aliases,
    United,
    Plain,
}

impl Kind {
    fn of(text: &str) -> Option<Kind> {
        if text.trim_start().starts_with('<') {
            let start: String = text.chars().take(2_000).collect();
            return start.contains("<CONSOLIDATED_LIST").then_some(Kind::United);
        }
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let first = reader.records().next()?.ok()?;
        let is_number = |at: usize| first.get(at).is_some_and(|text| text.trim().parse::<u64>().is_ok());
        let kind = |at: usize| first.get(at).unwrap_or_default().trim().to_lowercase();
        if first.len() == 12 && is_number(0) {
            return Some(Kind::Ofac);
        }
        if first.len() == 5
            && is_number(0)
            && is_number(1)
            && matches!(kind(2).as_str(), "aka" | "fka" | "nka")
        {
            return Some(Kind::Aliases);
        }
        (0..first.len()).any(|at| kind(at) == "name").then_some(Kind::Plain)
    }
}

/// Where rows that are no entries are noted.
struct Rows<'a> {
    path: &'a Path,
    bad: &'a mut Vec<BadRow>,
}

impl Rows<'_> {
    fn bad(&mut self, line: u64, problem: &'static str) {
        self.bad.push(BadRow { file: self.path.to_owned(), line, problem });
    }

    /// A CSV that cannot be read on.
    fn broken(&self, error: &csv::Error) -> WatchlistError {
        let line = error.position().map_or(0, csv::Position::line);
        WatchlistError::Broken { path: self.path.to_owned(), line, problem: error.to_string() }
    }
}

/// The text of a file. Bytes that are no UTF-8 are taken for Latin-1, as older lists are written: a wrong letter in a
/// name is better than no name.
fn text(path: &Path) -> Result<String, WatchlistError> {
    let failed = |source| WatchlistError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_LIST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_LIST_BYTES {
        return Err(WatchlistError::TooLarge { path: path.to_owned() });
    }
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| error.as_bytes().iter().map(|byte| char::from(*byte)).collect());
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn bound(entry: &mut ListEntry) {
    let texts = [&mut entry.names, &mut entry.id_numbers];
    for list in texts {
        list.truncate(MOST_VALUES);
        for text in list {
            if let Some((end, _)) = text.char_indices().nth(MOST_CHARACTERS) {
                text.truncate(end);
            }
        }
    }
    entry.born.truncate(MOST_VALUES);
}
