//! `bonafide bench challenge`: people and attackers before a running server.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use lab::presence::{Half, PresenceOptions, Rate, Species, SpeciesReport};

use super::target::Server;
use crate::Options;
use crate::output::{Failure, PhotoBar, print_json, print_text};

/// Sessions side by side, where nothing is said: each draws and sends as a browser would, in real time.
const AT_ONCE: u16 = 2;

#[derive(Debug, clap::Args)]
pub(crate) struct Challenge {
    /// Folder of photos, a folder a person: faces from the front, with what surrounds them, as large as a camera takes
    /// them (what is enlarged looks like a print); at least two people of the half are needed
    #[arg(required_unless_present = "recorded")]
    people: Option<PathBuf>,
    /// Judge the captures of this folder again instead, as `bonafide record` writes them; no server takes part
    #[arg(long, value_name = "DIR", conflicts_with = "people")]
    recorded: Option<PathBuf>,
    #[command(flatten)]
    server: Server,
    /// How the colours follow each other, as the page asks
    #[arg(long, value_enum, default_value_t = Steps::Flashes)]
    path: Steps,
    /// Which half of people and settings: thresholds are chosen on one, figures are told from the other
    #[arg(long, value_enum, default_value_t = People::Scored)]
    half: People,
    /// Species to play, in this order [default: all, of the development half all but the one that is held out]
    #[arg(long = "species", value_name = "NAME", value_parser = species())]
    species: Vec<Species>,
    /// Sessions of each species, one attempt each
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    sessions: u16,
    /// Sessions side by side
    #[arg(long, value_name = "N", default_value_t = AT_ONCE, value_parser = clap::value_parser!(u16).range(1..=64))]
    at_once: u16,
    /// Seed of what is drawn here, but for the camera's noise; the challenges are drawn by the server
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Steps {
    /// At once
    Flashes,
    /// Slowly
    Fades,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum People {
    /// For looking while thresholds are chosen
    Development,
    /// For figures
    Scored,
}

impl From<People> for Half {
    fn from(people: People) -> Self {
        match people {
            People::Development => Self::Development,
            People::Scored => Self::Scored,
        }
    }
}

fn species() -> impl clap::builder::TypedValueParser<Value = Species> {
    PossibleValuesParser::new(Species::ALL.map(Species::name)).try_map(|name| {
        let found = Species::ALL.into_iter().find(|species| species.name() == name);
        found.ok_or("no such species")
    })
}

pub(crate) fn run(command: &Challenge, options: &Options) -> Result<(), Failure> {
    if let Some(folder) = &command.recorded {
        let app = options.app(command.at_once.into())?;
        let report =
            lab::presence::judge_again(&app, folder, command.at_once.into(), &PhotoBar::of("captures"))?;
        let species = report.species.iter().map(|(name, species)| (name.as_str(), species));
        return if options.json { print_json(&report) } else { print_text(&text(species)) };
    }
    let target = command.server.target()?;
    let all = || Species::of(command.half.into()).collect();
    let species = if command.species.is_empty() { all() } else { command.species.clone() };
    let what = PresenceOptions {
        people: command.people.clone().unwrap_or_default(),
        half: command.half.into(),
        path: match command.path {
            Steps::Flashes => domain::Path::Flashes,
            Steps::Fades => domain::Path::Fades,
        },
        species,
        sessions: command.sessions.into(),
        seed: command.seed,
    };
    let app = options.app(1)?;
    let report =
        lab::presence::measure(&target, &app, &what, command.at_once.into(), &PhotoBar::of("sessions"))?;
    let species = report.species.iter().map(|(name, species)| (*name, species));
    if options.json { print_json(&report) } else { print_text(&text(species)) }
}

fn text<'a>(report: impl Iterator<Item = (&'a str, &'a SpeciesReport)>) -> String {
    let mut text = String::new();
    for (name, species) in report {
        let SpeciesReport { sessions, passed, retry, failed, refused, not_begun, .. } = species;
        let _ = writeln!(
            text,
            "{name}: {sessions} sessions, {passed} passed, {retry} another try, {failed} failed, \
             {refused} broken off, {not_begun} not begun"
        );
        for (error, rate) in [("APCER", species.apcer), ("BPCER", species.bpcer)] {
            if let Some(rate) = rate {
                let _ = writeln!(text, "  {error} {}", share(&rate));
            }
        }
        let _ = writeln!(text, "  without an answer {}", share(&species.no_response));
        let whom = if species.apcer.is_some() { "passed for" } else { "did not pass" };
        let _ = writeln!(text, "  people it {whom} at least once {}", share(&species.people_with_errors));
        for (reason, count) in &species.reasons {
            let _ = writeln!(text, "    {count:>4} {reason}");
        }
    }
    text
}

fn share(rate: &Rate) -> String {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let bounds = rate.interval.map_or(String::new(), |interval| {
        format!("{} to {}; ", percent(interval.low), percent(interval.high))
    });
    format!("{} ({bounds}{} of {})", rate.rate.map_or("N/A".to_owned(), percent), rate.errors, rate.of)
}
