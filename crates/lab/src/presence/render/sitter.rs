//! A person out of a photo: a head with depth before a backdrop.

use engine::face::Face;
use engine::geometry::{Point, Transform};
use media::Frame;

use super::head::{EYES_MM, Head, PIVOT};
use super::raster::Canvas;
use super::surface::{Paint, Surface, SurfacePoint, Turn};
use super::texture::{Texture, mirrored};
use super::{Lens, light::Light};

/// How a head is held.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Pose {
    /// To the picture's right: the person's own left. Degrees.
    pub(crate) yaw: f32,
    /// Up, degrees.
    pub(crate) pitch: f32,
    /// Clockwise in the picture, degrees.
    pub(crate) roll: f32,
    /// Of the whole person: to the right, down, away from the camera, in mm.
    pub(crate) shift: [f32; 3],
    /// How far the eyes are closed, 0..1.
    pub(crate) blink: f32,
}

/// Texels for one mm: about what the camera sees at arm's length.
const TEXELS_PER_MM: f32 = 1.35;
/// What the textures show, in mm from the point between the eyes: left, top, right, bottom.
const SHOWN: [f32; 4] = [-380.0, -290.0, 380.0, 330.0];
/// Side of a cell of the head's grid, in mm.
const CELL: f32 = 5.0;
/// What the grid covers, in mm.
const GRID: [f32; 4] = [-230.0, -145.0, 230.0, 330.0];
/// How far a lid moves when an eye closes, in mm.
const LID: f32 = 9.0;

/// A person who can be drawn.
pub(crate) struct Sitter {
    /// The photo, upright; its edge goes on where it ends.
    pub(crate) photo: Texture,
    /// The same without the person, and mirrored where it ends.
    pub(crate) backdrop: Texture,
    /// Distance of the eyes in the photo that this was made of, in px.
    pub(crate) eyes_px: f32,
    columns: usize,
    points: Vec<RestPoint>,
}

struct RestPoint {
    x: f32,
    y: f32,
    height: f32,
    normal: [f32; 3],
    cover: f32,
    follows: f32,
    lid: f32,
}

/// Where a place in mm is in the textures.
pub(crate) fn texel_of(x: f32, y: f32) -> (f32, f32) {
    ((x - SHOWN[0]) * TEXELS_PER_MM, (y - SHOWN[1]) * TEXELS_PER_MM)
}

fn texture_size() -> (usize, usize) {
    let side = |from: f32, to: f32| ((to - from) * TEXELS_PER_MM) as usize;
    (side(SHOWN[0], SHOWN[2]), side(SHOWN[1], SHOWN[3]))
}

impl Sitter {
    /// The person whose `face` is in `photo`, with a nose that stands out by `prominence` mm. `None` when the face's
    /// points lie in one place.
    pub(crate) fn fit(photo: &Frame, face: &Face, prominence: f32) -> Option<Self> {
        let [right_eye, left_eye, nose, right_mouth, left_mouth] = face.landmarks.points();
        let across = Point::new(left_eye.x - right_eye.x, left_eye.y - right_eye.y);
        let eyes_px = across.x.hypot(across.y);
        let per_mm = eyes_px / EYES_MM;
        if !(per_mm.is_finite() && per_mm > 0.05) {
            return None;
        }
        let (a, b) = (across.x / EYES_MM, across.y / EYES_MM);
        let mm_to_photo = Transform::about(a, b, Point::new(0.0, 0.0), right_eye.middle(left_eye));
        let to_mm = mm_to_photo.inverse()?;
        let place = |point: Point| {
            let place = to_mm.apply(point);
            (place.x, place.y)
        };
        let (nose, mouth) = (place(nose), place(right_mouth.middle(left_mouth)));
        // Faces are alike: what lies further off is a bad look at one.
        let nose = (nose.0.clamp(-8.0, 8.0), nose.1.clamp(28.0, 48.0));
        let mouth = (mouth.0.clamp(-8.0, 8.0), mouth.1.clamp(58.0, 88.0));
        let head = Head::new(nose, mouth, prominence);

        let texel_to_mm = Transform { a: 1.0 / TEXELS_PER_MM, b: 0.0, tx: SHOWN[0], ty: SHOWN[1] };
        let (width, height) = texture_size();
        let texel_to_photo = mm_to_photo.after(&texel_to_mm);
        let photo_to_texel = texel_to_photo.inverse()?;
        let last = (photo.width() as f32 - 1.0, photo.height() as f32 - 1.0);
        let photo = Texture::of_photo(photo, texel_to_photo, width, height);
        // Where a place outside the photo comes from, in texels.
        let source = |texel: Point| {
            mirrored(texel_to_photo.apply(texel), last).map(|mirror| photo_to_texel.apply(mirror))
        };
        let mut backdrop = photo.rearranged(source);
        let known: Vec<f32> = (0..width * height)
            .map(|index| {
                let texel = Point::new((index % width) as f32, (index / width) as f32);
                let at = texel_to_mm.apply(source(texel).unwrap_or(texel));
                // A little wider than the person, so that no hair or collar stays behind, mirrored or not.
                1.0 - head.cover(at.x * 0.88, at.y * 0.9 + 6.0)
            })
            .collect();
        backdrop.fill(&known);

        let columns = ((GRID[2] - GRID[0]) / CELL) as usize + 1;
        let rows = ((GRID[3] - GRID[1]) / CELL) as usize + 1;
        let points = (0..columns * rows)
            .map(|index| {
                let x = GRID[0] + (index % columns) as f32 * CELL;
                let y = GRID[1] + (index / columns) as f32 * CELL;
                let beside = x.abs() - EYES_MM / 2.0;
                RestPoint {
                    x,
                    y,
                    height: head.height(x, y),
                    normal: head.normal(x, y),
                    cover: head.cover(x, y),
                    follows: head.follows(y),
                    lid: LID * (-(beside / 14.0).powi(4) - ((y - 1.0) / 8.0).powi(2)).exp(),
                }
            })
            .collect();
        Some(Self { photo, backdrop, eyes_px, columns, points })
    }

    /// The head in `pose`, its eyes at `at` when it looks straight.
    pub(crate) fn surface(&self, pose: &Pose, at: [f32; 3]) -> Surface {
        let turn = Turn::new(pose.yaw, pose.pitch, pose.roll);
        let (below, behind) = PIVOT;
        let points = self
            .points
            .iter()
            .map(|rest| {
                let still = [rest.x, rest.y, -rest.height];
                let turned = turn.apply([rest.x, rest.y - below, -rest.height - behind]);
                let turned = [turned[0], turned[1] + below, turned[2] + behind];
                let turned_normal = turn.apply(rest.normal);
                let mix = |still: f32, turned: f32| still + (turned - still) * rest.follows;
                let (u, v) = texel_of(rest.x, rest.y - rest.lid * pose.blink);
                SurfacePoint {
                    at: std::array::from_fn(|axis| {
                        mix(still[axis], turned[axis]) + pose.shift[axis] + at[axis]
                    }),
                    normal: std::array::from_fn(|axis| mix(rest.normal[axis], turned_normal[axis])),
                    at_rest: rest.normal,
                    texel: (u, v),
                    cover: rest.cover,
                }
            })
            .collect();
        Surface { columns: self.columns, points }
    }

    /// Draws the head in `pose`, lit by `light`.
    pub(crate) fn draw(
        &self,
        canvas: &mut Canvas,
        lens: &Lens,
        light: &Light,
        pose: &Pose,
        at: [f32; 3],
        skin: f32,
    ) {
        canvas.in_front();
        let paint = Paint { tint: skin_tint(skin), glows: None };
        self.surface(pose, at).draw(canvas, lens, light, &self.photo, &paint);
    }

    /// Draws what is behind, at `depth` mm from the camera, as large as it is in the photo of a face at `distance`.
    pub(crate) fn draw_backdrop(
        &self,
        canvas: &mut Canvas,
        lens: &Lens,
        light: &Light,
        at: [f32; 3],
        depth: f32,
    ) {
        canvas.in_front();
        let scale = depth / at[2];
        let (columns, rows) = (13, 11);
        let normal = [0.0, 0.0, -1.0];
        let points = (0..columns * rows)
            .map(|index| {
                // Past the texture's edge too, which then goes on.
                let share = |place: usize, count: usize| place as f32 / (count - 1) as f32 * 1.6 - 0.3;
                let x = SHOWN[0] + (SHOWN[2] - SHOWN[0]) * share(index % columns, columns);
                let y = SHOWN[1] + (SHOWN[3] - SHOWN[1]) * share(index / columns, rows);
                SurfacePoint {
                    at: [(x + at[0]) * scale, (y + at[1]) * scale, depth],
                    normal,
                    at_rest: normal,
                    texel: texel_of(x, y),
                    cover: 1.0,
                }
            })
            .collect();
        let paint = Paint { tint: [1.0; 3], glows: None };
        Surface { columns, points }.draw(canvas, lens, light, &self.backdrop, &paint);
    }
}

/// Skin that reflects less reflects blue the least.
pub(crate) fn skin_tint(skin: f32) -> [f32; 3] {
    [skin, skin.powf(1.15), skin.powf(1.3)]
}
