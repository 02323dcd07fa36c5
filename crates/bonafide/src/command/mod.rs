//! One file a command.

pub(crate) mod assets;
pub(crate) mod bench;
pub(crate) mod face;
pub(crate) mod verify;
