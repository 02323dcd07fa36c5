//! `bonafide verify`.
use std::process::ExitCode;
use crate::Options;
use crate::output::Failure;

/// Is the selfie the person of the reference photo, and is it a bona fide presentation?
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, _options: &Options) -> Result<ExitCode, Failure> {
    Err(Failure::Usage("not yet".to_owned()))
}
