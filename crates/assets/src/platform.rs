//! Whether this machine can load the inference runtime.

use std::process::{Command, Stdio};

use crate::client::Finder;
use crate::manifest::Arch;

/// Oldest glibc that the pinned wheels of ONNX Runtime load on: their tag is `manylinux_2_28`.
const OLDEST_GLIBC: (u32, u32) = (2, 28);

/// Why the inference runtime cannot be loaded here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// The program is linked against musl, which cannot load a library made for glibc.
    #[error("a program built for musl cannot load it: use the glibc build")]
    Musl,
    /// The operating system is not Linux.
    #[error("only Linux is supported")]
    NotLinux,
    /// The processor is of another kind.
    #[error("only x86_64 and aarch64 are supported, and this program is built for {0}")]
    Architecture(&'static str),
    /// The C library is too old.
    #[error("it needs glibc 2.28 or newer and this machine has {found}")]
    Glibc {
        /// The version found, as in `2.17`.
        found: String,
    },
}

/// What the program was built for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Platform {
    pub(crate) os: &'static str,
    pub(crate) arch: &'static str,
    pub(crate) musl: bool,
}

impl Platform {
    pub(crate) const fn here() -> Self {
        Self { os: std::env::consts::OS, arch: std::env::consts::ARCH, musl: cfg!(target_env = "musl") }
    }

    /// Whether files for `arch` are for this machine.
    pub(crate) fn takes(&self, arch: Arch) -> bool {
        match arch {
            Arch::Any => true,
            Arch::X86_64 => self.arch == "x86_64",
            Arch::Aarch64 => self.arch == "aarch64",
        }
    }

    /// Whether a library for glibc of one of the pinned architectures can be loaded at all.
    pub(crate) fn check(&self) -> Result<(), Unsupported> {
        match self {
            Self { os, .. } if *os != "linux" => Err(Unsupported::NotLinux),
            Self { musl: true, .. } => Err(Unsupported::Musl),
            Self { arch: "x86_64" | "aarch64", .. } => Ok(()),
            Self { arch, .. } => Err(Unsupported::Architecture(arch)),
        }
    }
}

/// Asks `getconf` for the version of the C library. A machine without `getconf` is given the benefit of the
/// doubt: loading the library will tell.
pub(crate) fn check_glibc(finder: &Finder) -> Result<(), Unsupported> {
    let answer = finder
        .find("getconf")
        .and_then(|getconf| Command::new(getconf).arg("GNU_LIBC_VERSION").stdin(Stdio::null()).output().ok());
    match answer {
        Some(answer) => glibc_is_new_enough(&String::from_utf8_lossy(&answer.stdout)),
        None => Ok(()),
    }
}

/// Judges an answer such as `glibc 2.36`; one that cannot be read passes.
fn glibc_is_new_enough(answer: &str) -> Result<(), Unsupported> {
    let Some(found) = answer.trim().strip_prefix("glibc ") else { return Ok(()) };
    let mut numbers = found.split('.').map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) < OLDEST_GLIBC => {
            Err(Unsupported::Glibc { found: found.to_owned() })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glibc_versions_are_compared_as_numbers() {
        for good in ["glibc 2.28\n", "glibc 2.36", "glibc 2.100", "glibc 3.0", "glibc 2.31.9000"] {
            assert_eq!(glibc_is_new_enough(good), Ok(()), "{good}");
        }
        for (old, found) in [("glibc 2.27\n", "2.27"), ("glibc 2.9", "2.9"), ("glibc 1.99", "1.99")] {
            assert_eq!(glibc_is_new_enough(old), Err(Unsupported::Glibc { found: found.to_owned() }));
        }
    }

    #[test]
    fn an_unreadable_glibc_version_passes() {
        for strange in ["", "undefined", "glibc", "glibc two", "musl 1.2"] {
            assert_eq!(glibc_is_new_enough(strange), Ok(()), "{strange}");
        }
    }

    #[test]
    fn only_glibc_linux_on_two_architectures_is_supported() {
        let platform = |os, arch, musl| Platform { os, arch, musl }.check();
        assert_eq!(platform("linux", "x86_64", false), Ok(()));
        assert_eq!(platform("linux", "aarch64", false), Ok(()));
        assert_eq!(platform("linux", "x86_64", true), Err(Unsupported::Musl));
        assert_eq!(platform("macos", "aarch64", false), Err(Unsupported::NotLinux));
        assert_eq!(platform("linux", "riscv64", false), Err(Unsupported::Architecture("riscv64")));
    }
}
