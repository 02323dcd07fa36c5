//! Lines of text: found by one model, read by another.

mod arabic;
mod characters;
mod detect;
mod outline;
mod recognise;

pub use arabic::{ArabicLine, ArabicRecogniser, Expected, Look};
pub use detect::{TextBox, TextDetector};
pub use recognise::{Alphabet, Glyph, Line, TextRecogniser};
