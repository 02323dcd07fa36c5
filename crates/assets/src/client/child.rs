//! Running a client to its end, with bounds.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Most bytes of a client's output that are read back: its end tells why it failed.
const KEPT_OUTPUT: u64 = 16 * 1024;
/// Pause between two looks at the child: short enough for a smooth bar, long enough to cost nothing.
const PAUSE: Duration = Duration::from_millis(50);

/// How a child ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// By itself.
    Ended {
        /// Whether its exit status was 0.
        success: bool,
        /// The end of what it wrote to both its outputs.
        output: String,
    },
    /// It was killed when its time was up.
    TimedOut,
}

/// Runs `command` with no input and its outputs in the file `log`; calls `tick` now and then meanwhile.
pub(super) fn run(
    command: &mut Command,
    log: &Path,
    limit: Duration,
    tick: impl Fn(),
) -> io::Result<Outcome> {
    let file = File::create(log)?;
    let mut child = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).spawn()?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Outcome::Ended { success: status.success(), output: end_of(log)? });
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(Outcome::TimedOut);
        }
        tick();
        thread::sleep(PAUSE);
    }
}

fn end_of(log: &Path) -> io::Result<String> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(KEPT_OUTPUT)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_takes_too_long_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let mut sleeper = Command::new("/bin/sh");
        sleeper.args(["-c", "exec sleep 60"]);
        let outcome = run(&mut sleeper, &folder.path().join("log"), Duration::from_millis(120), || {});
        assert!(matches!(outcome, Ok(Outcome::TimedOut)));
    }

    #[test]
    fn both_outputs_and_the_status_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut talker = Command::new("/bin/sh");
        talker.args(["-c", "echo one; echo two >&2; exit 3"]);
        match run(&mut talker, &folder.path().join("log"), Duration::from_mins(1), || {}) {
            Ok(Outcome::Ended { success: false, output }) => assert_eq!(output, "one\ntwo\n"),
            other => panic!("{other:?}"),
        }
    }
}
