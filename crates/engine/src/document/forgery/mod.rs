//! Signs that a picture shows no genuine document.
//!
//! Looked for are the dots of a print, a value painted over and written anew, the shadow of a portrait that was stuck on,
//! and a portrait or a value that a program put into the picture. A screen is not: what was tried for it saw next to
//! nothing (`docs/documents.md`).

mod print;
mod shadow;
mod spectrum;
mod steepness;
mod text;

use domain::ForgerySignal;
use media::Frame;

pub use print::print;
pub use text::text;

use crate::geometry::{Point, Rect};
use crate::homography::Homography;

/// A picture, and the upright page in it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The picture as the camera gave it: where it is enlarged or made upright, pixels are mixed, here more and there less.
    pub picture: &'a Frame,
    /// Width and height of the page in its own pixels.
    pub page: (u32, u32),
    /// From pixels of the page to those of the picture.
    pub to_picture: &'a Homography,
}

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
        portrait: face.and_then(|face| shadow::portrait(seen, face)),
        text: text(page, values),
        portrait_spliced: face.and_then(|face| steepness::portrait(seen, face, &print_and_zone)),
        text_spliced: steepness::value(seen, &print_and_zone),
        ..ForgerySignal::default()
    }
}

impl Seen<'_> {
    /// Whether a place of the page, in its pixels, is on it and in the picture.
    fn shows(&self, at: Point) -> bool {
        let within = |at: Point, (width, height): (u32, u32)| {
            (0.0..=width as f32).contains(&at.x) && (0.0..=height as f32).contains(&at.y)
        };
        let in_picture = self.to_picture.apply(at);
        within(at, self.page) && within(in_picture, (self.picture.width(), self.picture.height()))
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
fn light<T: Into<f32>>(pixel: [T; 3]) -> f32 {
    let [red, green, blue] = pixel.map(Into::into);
    0.299 * red + 0.587 * green + 0.114 * blue
}
