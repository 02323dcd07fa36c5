//! What keeps the child from everything but its work.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// What was in force around the child, besides its bounds on memory, time, files and output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sandbox {
    /// Whether the kernel kept it from files, TCP and signals by Landlock.
    pub landlock: Landlock,
    /// Whether the kernel let it do nothing but listed system calls.
    pub seccomp: bool,
}

/// How much of the Landlock rules the kernel enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landlock {
    /// All: Linux 6.12 and newer.
    Full,
    /// Those that it knows: files since Linux 5.13, TCP since 6.7.
    Partial,
    /// Nothing: the kernel has no Landlock, or it is switched off.
    Off,
}

impl Landlock {
    const WORDS: [(Self, &'static str); 3] =
        [(Self::Full, "full"), (Self::Partial, "partial"), (Self::Off, "off")];
}

impl fmt::Display for Sandbox {
    /// As in `full on`: Landlock, seccomp. [`FromStr`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word =
            Landlock::WORDS.iter().find(|(value, _)| *value == self.landlock).map_or("", |(_, word)| word);
        write!(f, "{word} {}", if self.seccomp { "on" } else { "off" })
    }
}

impl FromStr for Sandbox {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (landlock, seccomp) = text.split_once(' ').ok_or(())?;
        let (landlock, _) = Landlock::WORDS.into_iter().find(|(_, word)| *word == landlock).ok_or(())?;
        match seccomp {
            "on" => Ok(Self { landlock, seccomp: true }),
            "off" => Ok(Self { landlock, seccomp: false }),
            _ => Err(()),
        }
    }
}

/// Where the libraries of a program lie, and the list of them.
const LIBRARIES: [&str; 7] =
    ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/etc/ld.so.preload"];

/// The loaders, which the kernel starts together with a program.
const LOADERS: [&str; 2] = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];

/// Restricts this thread, and what it starts, to reading libraries and to running `program`. No file can be written,
/// no TCP connection made, nobody outside be sent a signal.
pub(super) fn landlock(program: &Path) -> Result<Landlock, RulesetError> {
    // The sixth has all that is asked for here: files, devices, TCP, signals.
    const NEWEST: ABI = ABI::V6;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .add_rules(path_beneath_rules(LIBRARIES, AccessFs::ReadFile))?
        .add_rules(path_beneath_rules(LOADERS, AccessFs::ReadFile | AccessFs::Execute))?
        .add_rules(path_beneath_rules([program], AccessFs::ReadFile | AccessFs::Execute))?
        .restrict_self()?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Landlock::Full,
        RulesetStatus::PartiallyEnforced => Landlock::Partial,
        RulesetStatus::NotEnforced => Landlock::Off,
    })
}

/// System calls that a decoder makes on data and memory it has, and to start and end: those that ffmpeg 9.0.2 was seen
/// to make on x86-64 with glibc 2.36 on 2026-11-21, and their siblings in other versions of glibc.
const HARMLESS: &[libc::c_long] = &[
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_dup3,
    // What may be run is Landlock's.
    libc::SYS_execve,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_futex,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_getuid,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_newfstatat,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_pselect6,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_sigaltstack,
    libc::SYS_statx,
    libc::SYS_uname,
    libc::SYS_write,
    libc::SYS_writev,
];

/// Old siblings of those above that only x86-64 has, and its way to set a thread's data.
#[cfg(target_arch = "x86_64")]
const HARMLESS_HERE: &[libc::c_long] = &[
    libc::SYS_access,
    libc::SYS_arch_prctl,
    libc::SYS_dup2,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_stat,
];
#[cfg(not(target_arch = "x86_64"))]
const HARMLESS_HERE: &[libc::c_long] = &[];

/// The list of permitted system calls for the process `pid`. To all others the kernel answers that it has no such
/// call: so a library that tries a newer one, as glibc does with `clone3`, falls back to an older.
///
/// # Errors
/// An architecture that the filter's maker does not know.
pub(super) fn seccomp(pid: u32) -> io::Result<BpfProgram> {
    let all = |calls: &[libc::c_long]| calls.iter().map(|call| (*call, Vec::new())).collect::<Vec<_>>();
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::from_iter(all(HARMLESS));
    rules.extend(all(HARMLESS_HERE));
    let only = |call, argument, operator, value| {
        let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value);
        let rule =
            condition.and_then(|condition| SeccompRule::new(vec![condition])).map_err(io::Error::other)?;
        Ok::<_, io::Error>((call, vec![rule]))
    };
    let bits = |flags: i32| u64::from(flags.cast_unsigned());
    let writing = bits(libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC | libc::O_APPEND);
    let thread = bits(libc::CLONE_THREAD);
    rules.extend([
        // Threads, no processes.
        only(libc::SYS_clone, 0, SeccompCmpOp::MaskedEq(thread), thread)?,
        // Reading only.
        only(libc::SYS_openat, 2, SeccompCmpOp::MaskedEq(writing), 0)?,
        // Whether an output is a terminal.
        only(libc::SYS_ioctl, 1, SeccompCmpOp::Eq, libc::TCGETS)?,
        // Names of threads.
        only(libc::SYS_prctl, 0, SeccompCmpOp::Eq, bits(libc::PR_SET_NAME))?,
        // Signals to itself: how a program aborts.
        only(libc::SYS_tgkill, 0, SeccompCmpOp::Eq, u64::from(pid))?,
    ]);
    // Asking for bounds, not moving them: root could.
    let asking = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)
        .and_then(|condition| SeccompRule::new(vec![condition]))
        .map_err(io::Error::other)?;
    rules.insert(libc::SYS_prlimit64, vec![asking]);
    let here = std::env::consts::ARCH.try_into().map_err(io::Error::other)?;
    SeccompFilter::new(rules, SeccompAction::Errno(libc::ENOSYS.cast_unsigned()), SeccompAction::Allow, here)
        .and_then(BpfProgram::try_from)
        .map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_in_force_is_read_as_it_is_told() {
        for (landlock, _) in Landlock::WORDS {
            for seccomp in [true, false] {
                let sandbox = Sandbox { landlock, seccomp };
                assert_eq!(sandbox.to_string().parse(), Ok(sandbox));
            }
        }
        for wrong in ["", "full", "full yes", "none on", "full on "] {
            assert_eq!(wrong.parse::<Sandbox>(), Err(()), "{wrong:?}");
        }
    }
}
