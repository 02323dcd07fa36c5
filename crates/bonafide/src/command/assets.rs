//! `bonafide assets`: the models, the inference runtime and the test photos.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use assets::{Entry, Group, State};

use crate::Options;
use crate::output::{Failure, PullBar, print_json, print_text};

/// Fetch, list or check the models
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Fetch what is missing
    #[command(after_help = "\
Examples:
  bonafide assets pull                       what `serve` needs
  bonafide assets pull --group test          the photos of the demo and the tests
  bonafide assets pull --from /media/stick   from packages or files carried here, without a network")]
    Pull {
        /// Groups to fetch
        #[arg(
            long = "group",
            value_name = "GROUP",
            default_value = "face,document,video,voice",
            value_delimiter = ','
        )]
        groups: Vec<Group>,
        /// Take packages or files from this folder; no package client is run
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
    },
    /// Show every file: where it comes from, its licence, whether it is here
    List,
    /// Check the hash of every file that is here; exit code 1 if one is damaged
    Verify,
}

pub(crate) fn run(command: &Command, options: &Options) -> Result<ExitCode, Failure> {
    let store = options.store()?;
    match command {
        Command::Pull { groups, from } => {
            let bar = PullBar::new();
            let report = match from {
                Some(dir) => store.pull_from(dir, groups, &bar)?,
                None => store.pull(groups, &bar)?,
            };
            if options.json {
                print_json(&report)?;
            } else {
                print_text(&format!(
                    "{} packages fetched, {} files were already there, in {}\n",
                    report.fetched_packages.len(),
                    report.already_there,
                    store.dir().display()
                ))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::List => show(&store.list(), options),
        Command::Verify => {
            let entries = store.verify();
            show(&entries, options)?;
            let damaged = entries.iter().any(|entry| entry.state == State::Damaged);
            Ok(if damaged { ExitCode::from(1) } else { ExitCode::SUCCESS })
        }
    }
}

fn show(entries: &[Entry], options: &Options) -> Result<ExitCode, Failure> {
    if options.json {
        print_json(&entries)?;
    } else {
        let mut text = String::new();
        for entry in entries {
            let state = match entry.state {
                State::Present => "present",
                State::Missing => "missing",
                State::Damaged => "DAMAGED",
            };
            let groups = entry.groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let _ = writeln!(
                text,
                "{state:8} {groups:5} {:20} {:>6.1} MB  {} {}: {}",
                entry.id,
                entry.bytes as f64 / 1e6,
                entry.package,
                entry.version,
                entry.licence
            );
        }
        print_text(&text)?;
    }
    Ok(ExitCode::SUCCESS)
}
