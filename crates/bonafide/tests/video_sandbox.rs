//! What a decoder of recordings can do once it is locked in: a shell takes its place. Each thing is tried without the
//! sandbox too, where it works.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output};

use media::video::{LAUNCH, Landlock, Sandbox};

const SHELL: &str = "/bin/bash";

/// Address space and data in bytes, CPU time in seconds.
const ALLOWANCE: [&str; 3] = ["1000000000", "500000000", "5"];

/// What `script` did in the sandbox, and what was in force.
fn locked(script: &str) -> (Output, Sandbox) {
    allowed(ALLOWANCE, script)
}

fn allowed(allowance: [&str; 3], script: &str) -> (Output, Sandbox) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bonafide"));
    let output = command.arg(LAUNCH).args(allowance).args([SHELL, "-c", script]).output().unwrap();
    let said = text(&output.stderr);
    let told = said.lines().find_map(|line| line.strip_prefix("~bonafide sandbox ")).expect(&said);
    (output, told.parse().unwrap())
}

fn free(script: &str) -> Output {
    Command::new(SHELL).args(["-c", script]).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether this kernel has Landlock, in `sandbox`. Says so if not.
fn has_landlock(sandbox: Sandbox) -> bool {
    let has = sandbox.landlock != Landlock::Off;
    if !has {
        eprintln!("this kernel has no Landlock: not checked");
    }
    has
}

/// Whether this kernel has seccomp. Says so if not.
fn has_seccomp(sandbox: Sandbox) -> bool {
    if !sandbox.seccomp {
        eprintln!("this kernel has no seccomp: not checked");
    }
    sandbox.seccomp
}

#[test]
fn no_file_outside_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "a secret\n").unwrap();
    for path in [secret.to_str().unwrap(), "/etc/passwd", "/proc/self/environ"] {
        let script = format!("read -r line < {path}; echo \"got $line\"");
        assert_ne!(text(&free(&script).stdout), "got \n", "{path}");
        let (output, sandbox) = locked(&script);
        if has_landlock(sandbox) {
            assert_eq!(text(&output.stdout), "got \n", "{path}");
            assert!(text(&output.stderr).contains("Permission denied"), "{}", text(&output.stderr));
        }
    }
}

#[test]
fn no_file_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    free(&format!("echo x > {}", one.display()));
    assert!(one.exists());
    let (_, sandbox) = locked(&format!("echo x > {}", other.display()));
    if sandbox.seccomp || has_landlock(sandbox) {
        assert!(!other.exists());
    }
    // The bound on files holds without either.
    assert!(!other.exists() || std::fs::read(&other).unwrap().is_empty());
}

#[test]
fn no_socket_is_opened() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port} && echo connected");
    assert_eq!(text(&free(&script).stdout), "connected\n");
    let (output, sandbox) = locked(&script);
    if has_seccomp(sandbox) {
        assert_eq!(text(&output.stdout), "");
        assert!(text(&output.stderr).contains("Function not implemented"), "{}", text(&output.stderr));
    }
}

#[test]
fn no_process_and_no_other_program_is_started() {
    assert_eq!(text(&free("echo \"$(echo forked)\"").stdout), "forked\n");
    let (output, sandbox) = locked("echo \"$(echo forked)\"");
    if has_seccomp(sandbox) {
        assert!(!text(&output.stdout).contains("forked"));
    }
    assert_eq!(text(&free("exec /bin/echo run").stdout), "run\n");
    let (output, sandbox) = locked("exec /bin/echo run");
    if has_landlock(sandbox) {
        assert_eq!(text(&output.stdout), "");
        assert!(text(&output.stderr).contains("Permission denied"), "{}", text(&output.stderr));
    }
}

#[test]
fn bounds_hold_and_cannot_be_moved() {
    let (output, sandbox) = locked("ulimit -v; ulimit -d; ulimit -t; ulimit -n; ulimit -f; ulimit -c");
    assert_eq!(text(&output.stdout), "976562\n488281\n5\n16\n0\n0\n", "{}", text(&output.stderr));
    if has_seccomp(sandbox) {
        let (output, _) = locked("ulimit -n 15 && echo moved");
        assert_eq!(text(&output.stdout), "");
    }
}

#[test]
fn memory_ends_at_the_bound() {
    // bash makes the whole text in memory.
    let script = "printf -v all '%060000000d' 1; echo ${#all}";
    assert_eq!(text(&free(script).stdout), "60000000\n");
    for allowance in [["1000000000", "50000000", "60"], ["50000000", "1000000000", "60"]] {
        let (output, _) = allowed(allowance, script);
        assert_ne!(text(&output.stdout), "60000000\n");
        assert!(text(&output.stderr).contains("cannot allocate"), "{}", text(&output.stderr));
    }
}

#[test]
fn cpu_time_ends_at_the_bound() {
    let (output, _) = allowed(["1000000000", "500000000", "1"], "while :; do :; done");
    assert_eq!(output.status.signal(), Some(libc::SIGXCPU));
}

#[test]
fn nothing_of_the_parent_is_handed_on() {
    let launcher = env!("CARGO_BIN_EXE_bonafide");
    let allowance = ALLOWANCE.join(" ");
    let inner = "echo \"[$TOKEN]\"; read -r line <&7 && echo open";
    let started = |before: &str| {
        let script = format!("exec 7</etc/passwd; export TOKEN=secret; exec {before} {SHELL} -c '{inner}'");
        text(&free(&script).stdout)
    };
    assert_eq!(started(""), "[secret]\nopen\n");
    assert_eq!(started(&format!("{launcher} {LAUNCH} {allowance}")), "[]\n");
}

#[test]
fn a_launcher_that_cannot_launch_says_why() {
    let refused = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bonafide"));
        let output = command.arg(LAUNCH).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(125));
        text(&output.stderr).lines().last().unwrap_or_default().to_owned()
    };
    assert!(refused(&[]).starts_with("~bonafide refused arguments "));
    assert!(refused(&["1", "2", "x", SHELL]).starts_with("~bonafide refused arguments "));
    assert!(refused(&ALLOWANCE).starts_with("~bonafide refused arguments "));
    let missing = [&ALLOWANCE[..], &["/no/such/program"]].concat();
    assert!(refused(&missing).starts_with("~bonafide refused program "));
}
