//! Frames in, signals out. Each model is three small things: what happens before it (pure), a handle to its loaded
//! copies, and what happens after it (pure). Nothing here decides.

pub mod clip;
pub mod document;
mod engine;
pub mod face;
pub mod geometry;
pub mod homography;
pub mod liveness;
pub mod presence;
mod resemblance;
mod resize;
pub mod runtime;
pub mod voice;

pub use engine::{Acquired, Engine, EngineError, ModelFiles, Photo};
pub use resemblance::Grid;
