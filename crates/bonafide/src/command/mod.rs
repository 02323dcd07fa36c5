//! One file a command.

pub(crate) mod aml;
pub(crate) mod assets;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod badge;
pub(crate) mod bench;
pub(crate) mod capture;
pub(crate) mod client;
pub(crate) mod decode_video_child;
pub(crate) mod doctor;
pub(crate) mod document;
pub(crate) mod erase;
pub(crate) mod face;
pub(crate) mod key;
pub(crate) mod liveness;
pub(crate) mod record;
pub(crate) mod rekey;
pub(crate) mod restore;
pub(crate) mod serve;
pub(crate) mod tenant;
pub(crate) mod user;
pub(crate) mod verify;
pub(crate) mod voice;
pub(crate) mod webhook;
