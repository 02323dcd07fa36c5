//! Signs that a picture shows no genuine document.
//!
//! Two are looked for: the dots of a print, and a value painted over and written anew. A screen and a changed portrait are
//! not: what was tried for them saw next to nothing (`docs/documents.md`).

mod print;
mod spectrum;
mod text;

use domain::ForgerySignal;
use media::Frame;

pub use print::print;
pub use text::text;

use crate::geometry::Rect;

/// Every sign that can be looked for on an upright `page`. `px_per_mm` are its pixels for a mm, `None` where its edges
/// were not seen or it is too blurred for dots to show; `values` are the boxes of printed values, in its pixels.
pub fn forgery(page: &Frame, px_per_mm: Option<f32>, values: &[Rect]) -> ForgerySignal {
    ForgerySignal {
        print: px_per_mm.and_then(|px_per_mm| print(page, px_per_mm)),
        text: text(page, values),
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
