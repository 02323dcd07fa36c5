//! Signs that a picture shows no genuine document. What they are worth was measured on drawn documents only, and is
//! little: of 16 photos each (scored half, seed 11, 2026-11-21) some sign was seen on 2 genuine ones, 8 of 15 prints, 2
//! of 15 screens, 2 with a portrait and 4 with a value changed before the photo, 7 with a portrait and 10 with a value
//! put in by a program. A reason to look again, none to refuse.

mod portrait;
mod recapture;
mod spectrum;
mod text;

use domain::ForgerySignal;
use media::Frame;

pub use portrait::portrait;
pub use recapture::{Recapture, recapture};
pub use text::text;

use super::{Quality, Rectified};
use crate::geometry::{Point, Rect};

/// Every sign that can be looked for: `page` is what was cut out of `picture`, turned upright; `portrait_bounds` and
/// `texts`, boxes of single values, lie in its pixels.
pub fn forgery(
    picture: &Frame,
    page: &Rectified,
    quality: &Quality,
    portrait_bounds: Option<Rect>,
    texts: &[Rect],
) -> ForgerySignal {
    let recaptured = recapture(picture, &page.corners(), quality);
    ForgerySignal {
        screen: recaptured.map(|signs| signs.screen()),
        print: recaptured.map(|signs| signs.print()),
        portrait: portrait_bounds.and_then(|bounds| portrait(picture, page, bounds)),
        text: text(&page.frame, texts),
    }
}

/// A score of 0..1 that is 1/2 at `middle` and 0.88 `width` above.
fn logistic(value: f32, middle: f32, width: f32) -> f32 {
    1.0 / (1.0 + (-2.0 * (value - middle) / width).exp())
}

/// The middle value; `None` of nothing.
fn median(values: &mut [f32]) -> Option<f32> {
    quantile(values, 0.5)
}

/// The value which a share of `share` is below; `None` of nothing.
fn quantile(values: &mut [f32], share: f32) -> Option<f32> {
    let at = ((values.len() as f32 * share) as usize).min(values.len().checked_sub(1)?);
    Some(*values.select_nth_unstable_by(at, f32::total_cmp).1)
}

/// The box of the picture round `corners`, cut at its edges: left, top, right, bottom.
fn span(picture: &Frame, corners: &[Point; 4]) -> (u32, u32, u32, u32) {
    let of = |value: fn(&Point) -> f32, most: u32| {
        let low = corners.iter().map(value).fold(f32::INFINITY, f32::min);
        let high = corners.iter().map(value).fold(f32::NEG_INFINITY, f32::max);
        ((low.max(0.0) as u32).min(most), (high.max(0.0) as u32).min(most))
    };
    let (left, right) = of(|at| at.x, picture.width());
    let (top, bottom) = of(|at| at.y, picture.height());
    (left, top, right, bottom)
}
