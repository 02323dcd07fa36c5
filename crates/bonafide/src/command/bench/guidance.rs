//! `bonafide bench guidance`: how quickly a running server tells people what to do.

use std::path::PathBuf;
use std::time::Duration;

use super::target::Server;
use crate::Options;
use crate::output::{Failure, print_json, print_text};

#[derive(Debug, clap::Args)]
pub(crate) struct Guidance {
    /// Folder of photos, a folder a person; only the development half is used, and at least two people of it are needed
    people: PathBuf,
    #[command(flatten)]
    server: Server,
    /// Pages at once
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=64))]
    pages: u16,
    /// How long, in seconds
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=110))]
    seconds: u64,
}

pub(crate) fn run(command: &Guidance, options: &Options) -> Result<(), Failure> {
    let (target, app) = (command.server.target()?, options.app(1)?);
    let length = Duration::from_secs(command.seconds);
    let report =
        lab::presence::measure_guidance(&target, &app, &command.people, command.pages.into(), length)?;
    if options.json {
        return print_json(&report);
    }
    print_text(&format!(
        "{} pages at once, {:.1} frames a second each; {} frames answered\n\
         {:.0} ms at the median, {:.0} ms at p95, {:.0} ms at most\n",
        report.pages,
        report.frames_a_second_a_page,
        report.frames,
        report.median_ms,
        report.p95_ms,
        report.longest_ms
    ))
}
