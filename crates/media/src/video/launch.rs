//! Locking a process in before it becomes the decoder.

use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::limits::Allowance;
use super::sandbox::{self, Sandbox};

/// The first argument by which a program knows that it is to call [`launch`].
pub const LAUNCH: &str = "decode-video-child";

/// What the lines of the child begin with that are meant for its parent.
pub(super) const MARK: &str = "~bonafide ";

/// Exit code of a launcher that could not launch.
pub(super) const FAILED: u8 = 125;

/// Descriptors that the child may have open at once: three, the recording a second time, and a library or two.
const OPEN_FILES: u64 = 16;

/// The arguments that [`launch`] takes, [`LAUNCH`] first.
pub(super) fn arguments(allowance: &Allowance, program: &OsStr) -> Vec<OsString> {
    let seconds = allowance.cpu.as_secs() + u64::from(allowance.cpu.subsec_nanos() > 0);
    let numbers = [allowance.address_space, allowance.data, seconds].map(|number| number.to_string().into());
    [LAUNCH.into()].into_iter().chain(numbers).chain([program.to_owned()]).collect()
}

/// Turns this process into the decoder, with nothing but its three standard descriptors, bounds on its means, and a
/// sandbox. `arguments` are those that a [`Decoder`](super::Decoder) starts its launcher with, after [`LAUNCH`].
///
/// To be called by a program that did nothing else yet: only the calling thread is locked in, and all descriptors
/// above the third are closed.
///
/// Returns only if it failed, after telling the parent by the standard error output.
pub fn launch(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let failure = match prepared(arguments) {
        Ok((mut command, sandbox)) => {
            eprintln!("{MARK}sandbox {sandbox}");
            Failure::new("program", command.exec())
        }
        Err(failure) => failure,
    };
    eprintln!("{MARK}refused {} {}", failure.step, failure.why);
    ExitCode::from(FAILED)
}

/// A step that did not work.
struct Failure {
    step: &'static str,
    why: String,
}

impl Failure {
    fn new(step: &'static str, why: impl Display) -> Self {
        Self { step, why: why.to_string().replace('\n', " ") }
    }
}

fn prepared(arguments: impl IntoIterator<Item = OsString>) -> Result<(Command, Sandbox), Failure> {
    close_others().map_err(|error| Failure::new("descriptors", error))?;
    let mut arguments = arguments.into_iter();
    let mut number = || arguments.next()?.to_str()?.parse().ok();
    let (Some(address_space), Some(data), Some(seconds)) = (number(), number(), number()) else {
        return Err(Failure::new("arguments", "three numbers come first"));
    };
    let program = arguments.next().ok_or_else(|| Failure::new("arguments", "no program is named"))?;
    let program = PathBuf::from(program);
    let cpu = Duration::from_secs(seconds);
    bound(&Allowance { address_space, data, cpu, wait: Duration::MAX })
        .map_err(|error| Failure::new("limits", error))?;

    let mut command = Command::new(&program);
    command.args(arguments).env_clear();
    let filter = sandbox::seccomp(std::process::id()).map_err(|error| Failure::new("seccomp", error))?;
    let landlock = sandbox::landlock(&program).map_err(|error| Failure::new("landlock", error))?;
    // Last, since it forbids the steps before it. A kernel without it refuses it.
    let seccomp = seccompiler::apply_filter(&filter).is_ok();
    Ok((command, Sandbox { landlock, seccomp }))
}

/// Closes what this process inherited besides its standard descriptors. The parent's own are closed on `exec`; but a
/// library of it may have opened some that are not.
fn close_others() -> io::Result<()> {
    let open: Vec<i32> = fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor > 2)
        .collect();
    for descriptor in open {
        // The one of the folder itself is closed already.
        let _ = nix::unistd::close(descriptor);
    }
    Ok(())
}

fn bound(allowance: &Allowance) -> nix::Result<()> {
    let seconds = allowance.cpu.as_secs();
    let bounds = [
        (Resource::RLIMIT_AS, allowance.address_space, allowance.address_space),
        (Resource::RLIMIT_DATA, allowance.data, allowance.data),
        // The signal of the first tells why it ended, the second cannot be ignored.
        (Resource::RLIMIT_CPU, seconds, seconds.saturating_add(1)),
        (Resource::RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (Resource::RLIMIT_FSIZE, 0, 0),
        (Resource::RLIMIT_CORE, 0, 0),
    ];
    for (resource, soft, hard) in bounds {
        // What is bounded more tightly already cannot be raised, and need not be.
        let (_, most) = getrlimit(resource)?;
        setrlimit(resource, soft.min(most), hard.min(most))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_up() {
        let allowance = |cpu| Allowance { address_space: 2, data: 1, cpu, wait: Duration::ZERO };
        let words = arguments(&allowance(Duration::from_millis(2001)), OsStr::new("/bin/ffmpeg"));
        assert_eq!(words, [LAUNCH, "2", "1", "3", "/bin/ffmpeg"]);
        assert_eq!(arguments(&allowance(Duration::from_secs(2)), OsStr::new("x"))[3], "2");
    }
}
