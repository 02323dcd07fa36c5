//! `bonafide decode-video-child`: what this program starts itself as to decode a recording. Not for people.

use std::ffi::OsString;
use std::process::ExitCode;

/// Become the decoder of a recording, locked in
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub(crate) struct Args {
    /// What the parent says
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    media::video::launch(args.arguments.iter().cloned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn it_has_the_name_that_the_decoder_calls_and_is_hidden() {
        let cli = crate::Cli::command();
        let command = cli.find_subcommand(media::video::LAUNCH).unwrap();
        assert!(command.is_hide_set());
    }
}
