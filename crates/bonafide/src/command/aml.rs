//! `bonafide aml`: names looked up in lists of sanctioned people and organisations.

use std::path::PathBuf;
use std::process::ExitCode;

use app::{NotScreened, Screening, ScreeningHit};
use domain::screening::{BirthSpan, Query};
use domain::{Day, Similarity};
use serde::Serialize;

use crate::Options;
use crate::command::bench::threshold;
use crate::operate::{DataFolder, Missing, rfc3339};
use crate::output::{Failure, print_done, print_json, print_lines, print_text};

/// Load lists of sanctioned people and organisations, and look names up in them
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Load lists in place of those of the same sources; a running server uses them from the next look-up on
    #[command(after_help = "\
What a file is follows from its content: sdn.csv and alt.csv of OFAC (together), the consolidated list of the United
Nations as XML, or a CSV whose first row names its columns: name, and optionally aliases, id_number, date_of_birth (several
divided by ;), case_no, case_year, record_date. Such a list is called by its file's name. Rows that are no entries are left
out and reported with their lines; exit code 1 where there are such.

Example:
  bonafide aml load sdn.csv alt.csv consolidated.xml own.csv")]
    Load {
        #[command(flatten)]
        folder: DataFolder,
        /// The lists
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Show the lists that are loaded
    List {
        #[command(flatten)]
        folder: DataFolder,
    },
    /// Forget a list
    #[command(after_help = "Exit code 1: there is no such list.")]
    Remove {
        #[command(flatten)]
        folder: DataFolder,
        /// The list, as `list` shows it
        source: String,
    },
    /// Look somebody up
    #[command(after_help = "\
Exit code 0: no hit. 1: hits. 2: nobody was looked up, for want of a list or of a name.

Example:
  bonafide aml screen shop --name \"Tarek Mansour\" --name \"طارق منصور\" --born 1971-03-02")]
    Screen {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant, whose cleared hits do not count
        tenant: String,
        #[command(flatten)]
        person: Person,
        /// The score from which an entry is a hit [default: that of the program]
        #[arg(long, value_name = "SCORE", value_parser = threshold)]
        threshold: Option<Similarity>,
    },
    /// Keep that a person is not an entry, so that it is no hit of theirs until the list changes it
    #[command(after_help = "\
A person is told by the number, and without one by names and day of birth: give what the look-up had.

Example:
  bonafide aml clear shop ofac-sdn 2676 --number 29507240112345")]
    Clear {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        tenant: String,
        /// The list, as `list` shows it
        source: String,
        /// The entry's number in it
        case_no: String,
        #[command(flatten)]
        person: Person,
    },
    /// Let a hit that was cleared count again
    #[command(after_help = "Exit code 1: it was not cleared.")]
    Uncleared {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        tenant: String,
        /// The list
        source: String,
        /// The entry's number in it
        case_no: String,
        #[command(flatten)]
        person: Person,
    },
}

/// Who is looked up.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Person {
    /// The name; may be given in several scripts and spellings
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Number of an identity card or passport
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// Day of birth, YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = day)]
    born: Option<Day>,
}

impl Person {
    fn query(&self) -> Query {
        Query { names: self.names.clone(), id_number: self.number.clone(), born: self.born }
    }
}

fn day(text: &str) -> Result<Day, String> {
    let day = text.parse().ok().and_then(BirthSpan::as_day);
    day.ok_or_else(|| "a day is written 1971-03-02".to_owned())
}

/// What is told of a list.
#[derive(Debug, Serialize)]
struct ListDocument {
    source: String,
    entries: u64,
    loaded_at: String,
}

/// What is told of a load.
#[derive(Debug, Serialize)]
struct LoadDocument {
    lists: Vec<(String, usize)>,
    bad_rows: Vec<String>,
}

pub(crate) fn run(command: &Command, options: &Options) -> Result<ExitCode, Failure> {
    match command {
        Command::Load { folder, files } => load(folder, files, options),
        Command::List { folder } => {
            let lists = folder.with_admin(Missing::Refuse, async |admin| Ok(admin.watchlists().await?))?;
            let documents = lists.into_iter().map(|list| ListDocument {
                source: list.source,
                entries: list.entries,
                loaded_at: rfc3339(list.loaded_at),
            });
            if options.json {
                print_json(&documents.collect::<Vec<_>>())?;
            } else {
                print_lines(documents.map(|list| {
                    format!("{}  {} entries  loaded {}", list.source, list.entries, list.loaded_at)
                }))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Remove { folder, source } => {
            let work = async |admin: app::Admin| Ok(admin.remove_watchlist(source).await?);
            print_done(folder.with_admin(Missing::Refuse, work)?, "removed", "list", source, options.json)
        }
        Command::Screen { folder, tenant, person, threshold } => {
            let screening = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.screen(tenant, &person.query(), *threshold).await?)
            })?;
            print_screening(&screening, options.json)
        }
        Command::Clear { folder, tenant, source, case_no, person } => {
            folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.clear_hit(tenant, &person.query(), source, case_no).await?)
            })?;
            print_done(true, "cleared", source, case_no, options.json)
        }
        Command::Uncleared { folder, tenant, source, case_no, person } => {
            let done = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.unclear_hit(tenant, &person.query(), source, case_no).await?)
            })?;
            print_done(done, "uncleared", source, case_no, options.json)
        }
    }
}

fn load(folder: &DataFolder, files: &[PathBuf], options: &Options) -> Result<ExitCode, Failure> {
    let read = app::read_watchlists(files)?;
    folder.with_admin(Missing::Refuse, async |admin| Ok(admin.load_watchlists(&read.lists).await?))?;
    let lists: Vec<_> = read.lists.iter().map(|list| (list.source.clone(), list.entries.len())).collect();
    if options.json {
        let bad_rows = read.bad.iter().map(ToString::to_string).collect();
        print_json(&LoadDocument { lists, bad_rows })?;
    } else {
        print_lines(lists.iter().map(|(source, entries)| format!("{source}  {entries} entries")))?;
        read.bad.iter().for_each(|row| eprintln!("left out: {row}"));
    }
    Ok(ExitCode::from(u8::from(!read.bad.is_empty())))
}

fn print_screening(screening: &Screening, json: bool) -> Result<ExitCode, Failure> {
    let (hits, cleared) = match screening {
        Screening::Screened { hits, cleared } => (hits, cleared),
        Screening::NotScreened(why) => {
            let why = match why {
                NotScreened::NoList => "no list is loaded",
                NotScreened::Nobody => "there is neither a name nor a number to look up",
            };
            if json {
                print_json(&serde_json::json!({"screened": false, "why": why}))?;
            }
            eprintln!("not screened: {why}");
            return Ok(ExitCode::from(2));
        }
    };
    if json {
        let documents = |hits: &[ScreeningHit]| hits.iter().map(document).collect::<Vec<_>>();
        print_json(
            &serde_json::json!({"screened": true, "hits": documents(hits), "cleared": documents(cleared)}),
        )?;
    } else if hits.is_empty() {
        print_text(&format!("no hit ({} cleared)\n", cleared.len()))?;
    } else {
        print_lines(hits.iter().map(line))?;
    }
    Ok(ExitCode::from(u8::from(!hits.is_empty())))
}

fn document(hit: &ScreeningHit) -> serde_json::Value {
    serde_json::json!({"score": hit.score, "explanation": hit.explanation, "entry": hit.entry})
}

fn line(hit: &ScreeningHit) -> String {
    let ScreeningHit { score, explanation, entry } = hit;
    let born: Vec<String> = entry.born.iter().map(ToString::to_string).collect();
    let born = if born.is_empty() { String::new() } else { format!("  born {}", born.join(" or ")) };
    format!(
        "{score}  {} {}  {}{born}\n  {}",
        entry.source,
        entry.case_no,
        entry.full_name(),
        explanation.join("; ")
    )
}
