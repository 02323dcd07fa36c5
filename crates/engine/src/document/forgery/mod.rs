//! Signs that a picture shows no genuine document.
//!
//! Looked for are the dots of a print, a value painted over and written anew, and a portrait or a value that a program put
//! into the picture. A screen and a portrait that was stuck on are not: what was tried for them saw next to nothing
//! (`docs/documents.md`).

mod print;
mod spectrum;
mod steepness;
mod text;

use domain::ForgerySignal;
use media::Frame;

pub use print::print;
pub use steepness::Seen;
pub use text::text;

use crate::geometry::Rect;

/// What is known of a page when signs are looked for; boxes are in its pixels.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// Its pixels for a mm; `None` where its edges were not seen or it is too blurred for dots to show.
    pub px_per_mm: Option<f32>,
    /// The face of its portrait.
    pub face: Option<Rect>,
    /// Values printed for people to read.
    pub values: &'a [Rect],
    /// Values of the machine-readable zone.
    pub zone: &'a [Rect],
}

/// Every sign that can be looked for on an upright `page`, which lies in the picture as `seen` says.
pub fn forgery(page: &Frame, seen: Seen<'_>, parts: Parts<'_>) -> ForgerySignal {
    let Parts { px_per_mm, face, values, zone } = parts;
    let print_and_zone: Vec<Rect> = values.iter().chain(zone).copied().collect();
    ForgerySignal {
        print: px_per_mm.and_then(|px_per_mm| print(page, px_per_mm)),
        text: text(page, values),
        portrait_spliced: face.and_then(|face| steepness::portrait(seen, face, &print_and_zone)),
        text_spliced: steepness::value(seen, &print_and_zone),
        ..ForgerySignal::default()
    }
}

/// A score of 0..1 that is 1/2 at `middle` and 0.88 `width` above.
fn logistic(value: f32, middle: f32, width: f32) -> f32 {
    1.0 / (1.0 + (-2.0 * (value - middle) / width).exp())
}

/// The value which a share of `share` is below; `None` of nothing.
fn quantile(values: &mut [f32], share: f32) -> Option<f32> {
    let at = ((values.len() as f32 * share) as usize).min(values.len().checked_sub(1)?);
    Some(*values.select_nth_unstable_by(at, f32::total_cmp).1)
}

/// Light of a pixel, 0..255 (Rec. 601).
fn light([red, green, blue]: [u8; 3]) -> f32 {
    0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue)
}
