//! Portraits of documents, cut out of photos of people.

use std::path::Path;

use app::App;
use engine::geometry::{Outside, Point, Transform, cut};
use media::Frame;

use crate::LabError;
use crate::presence::Half;
use crate::presence::people::People;

/// Size of a portrait in pixels: 35 to 45, as on passports.
const SIZE: (u32, u32) = (420, 540);
/// Height of a portrait in those of the box of its face, which reaches from the brows' top to the chin.
const HEIGHT: f32 = 1.75;
/// Where the middle of the box is, as a share of the portrait's height from its top.
const MIDDLE: f32 = 0.52;

/// Portraits of the people of `half` among the photos below `root`, one of each whose face is seen from the front with
/// enough about it.
///
/// # Errors
/// [`LabError::Photos`], [`LabError::Nobody`] with fewer than two, and failures of the engine.
pub fn portraits(app: &App, root: &Path, half: Half) -> Result<Vec<Frame>, LabError> {
    let fronts = People::read(root, half)?.fronts(app)?;
    let portraits: Vec<Frame> = fronts
        .iter()
        .filter_map(|(frame, face)| {
            let scale = face.bounds.height * HEIGHT / SIZE.1 as f32;
            let middle = face.bounds.centre();
            let (left, top) =
                (middle.x - scale * SIZE.0 as f32 / 2.0, middle.y - scale * SIZE.1 as f32 * MIDDLE);
            let (right, bottom) = (left + scale * SIZE.0 as f32, top + scale * SIZE.1 as f32);
            let is_within =
                left >= 0.0 && top >= 0.0 && right <= frame.width() as f32 && bottom <= frame.height() as f32;
            let to_frame = Transform::about(scale, 0.0, Point::new(0.0, 0.0), Point::new(left, top));
            let rgb = cut(frame, to_frame, SIZE.0 as usize, SIZE.1 as usize, Outside::Edge);
            Frame::from_rgb(SIZE.0, SIZE.1, rgb, 0).filter(|_| is_within)
        })
        .collect();
    if portraits.len() < 2 {
        return Err(LabError::Nobody { path: root.to_owned(), found: portraits.len() });
    }
    Ok(portraits)
}
