//! The attack lab of the challenge-response capture: plays people and attackers before a running server, over the
//! protocol that its page speaks, and counts what passes.
//!
//! Everything but the camera's noise is drawn from a seed. People and settings come in two halves, [`Half`]: one to look
//! at while thresholds are chosen, one for figures that are told, with other people and wider settings.

mod guidance;
mod page;
mod part;
pub(crate) mod people;
pub(crate) mod random;
pub(crate) mod rates;
mod recorded;
pub(crate) mod render;
mod report;
mod run;
mod settings;
mod species;
mod stage;

pub use guidance::{GuidanceReport, measure_guidance};
pub use page::{AttemptEnd, Conditions, Page, Target};
pub use part::{PresenceOptions, player};
pub use recorded::{RecordedReport, judge_again};
pub use report::{Bucket, PresenceReport, Rate, SpeciesReport};
pub use run::measure;
pub use settings::Half;
pub use species::Species;
pub use stage::{Player, Screen, Shot, Shows};
