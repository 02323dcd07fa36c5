//! `bonafide record`: takes kept captures out, for the bench.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::Options;
use crate::operate::{DataFolder, Missing};
use crate::output::{Failure, print_json, print_text};

/// Take the live captures of a tenant out of the store, for `bonafide bench challenge --recorded`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Collect sessions of people who agreed, on your own machine:

  1. bonafide tenant create --name study --evidence-days 30
     bonafide key create --tenant study --name study
  2. Open sessions with that key, each person under a `subject` of their own, and have them use the page. It tells them
     that pictures are kept, and for how long.
  3. bonafide record study --to captures
  4. bonafide bench challenge --recorded captures

Each capture becomes captures/LABEL/PERSON/CAPTURE.tar, readable by you only. Whoever is erased has to be deleted from
there by hand: PERSON is the id that `bonafide erase --subject` takes too.")]
pub(crate) struct Args {
    #[command(flatten)]
    folder: DataFolder,
    /// Name or id of the tenant
    tenant: String,
    /// Folder to write to; what is there already is left as it is
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// What is in them: `bona_fide`, or the name of an attack
    #[arg(long, default_value = "bona_fide", value_parser = label)]
    label: String,
}

pub(crate) fn run(args: &Args, options: &Options) -> Result<ExitCode, Failure> {
    let written = args.folder.with_admin(Missing::Refuse, async |admin| {
        let tenant = admin.tenant(&args.tenant).await?;
        let mut written = 0_usize;
        for artifact in admin.kept_captures(tenant.id).await? {
            let folder = args.to.join(&args.label).join(artifact.subject.to_string());
            let path = folder.join(format!("{}.tar", artifact.id));
            if path.exists() {
                continue;
            }
            if let Some(file) = admin.kept_capture(&artifact).await? {
                write(&folder, &path, &file).map_err(|source| Failure::Record { path, source })?;
                written += 1;
            }
        }
        Ok(written)
    })?;
    if options.json {
        print_json(&serde_json::json!({ "written": written }))?;
    } else {
        print_text(&format!("{written} captures written to {}\n", args.to.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path, path: &Path, file: &[u8]) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(file)
}

fn label(text: &str) -> Result<String, &'static str> {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !text.is_empty() && text.len() <= 64 && text.bytes().all(is_word) {
        Ok(text.to_owned())
    } else {
        Err("a label has small letters, digits and underscores, 64 at most")
    }
}
