//! What forgers do to a specimen.

use engine::geometry::{Point, Rect};
use engine::homography::Homography;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use media::{Frame, Limits};
use serde::Serialize;

use super::camera::{Photo, Scene};
use super::font::Pen;
use super::sheet::{PER_MM, Sheet};
use super::specimen::{Specimen, place_face, place_photo};
use super::substance::{Genuine, Print, Screen, Substance};
use crate::presence::random::Draws;

/// What lies before the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The document itself.
    Genuine,
    /// A print of it.
    Print,
    /// A screen that shows it.
    Screen,
    /// Another portrait, stuck on.
    Portrait,
    /// A value painted over and written anew.
    Text,
    /// Another portrait, put into the photo by a program: without the camera's grain and blur.
    PortraitPasted,
    /// Another value, put into the photo the same way.
    TextPasted,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Genuine,
        Self::Print,
        Self::Screen,
        Self::Portrait,
        Self::Text,
        Self::PortraitPasted,
        Self::TextPasted,
    ];

    /// A photo of it, taken as `scene` says. `photo` is whose portrait a forger uses; without one a face is drawn.
    /// `None` where a picture cannot be encoded, which never happens.
    pub fn photographed(
        self,
        specimen: &Specimen,
        scene: &Scene,
        seed: u64,
        photo: Option<&Frame>,
    ) -> Option<Photo> {
        let taken = scene.photograph(self.substance(specimen, seed, photo)?.as_ref(), seed)?;
        let (forged, area) = match self {
            Self::PortraitPasted => (portrait_swapped(specimen, seed, photo)?, specimen.portrait),
            Self::TextPasted => {
                let field = specimen.fields.get(edited_field(specimen, seed))?;
                (text_edited(specimen, seed)?, field.bounds)
            }
            _ => return Some(taken),
        };
        // What a program draws has no grain, and next to no blur.
        let clean = Scene { blur: 0.35, full_well: 1e7, quality: 98, ..*scene };
        let pasted = clean.photograph(&Genuine::new(&forged), seed)?;
        let frame = pasted_over(&taken, &pasted, area, specimen)?;
        Some(Photo { frame: compressed(&frame, scene.quality)?, ..taken })
    }

    /// The thing that lies before the camera. `None` where a forged picture cannot be encoded, which never happens.
    pub fn substance(
        self,
        specimen: &Specimen,
        seed: u64,
        photo: Option<&Frame>,
    ) -> Option<Box<dyn Substance>> {
        Some(match self {
            Self::Genuine | Self::PortraitPasted | Self::TextPasted => Box::new(Genuine::new(&specimen.page)),
            Self::Print => Box::new(Print::new(&specimen.page, seed)),
            Self::Screen => Box::new(Screen::new(&specimen.page, seed)),
            Self::Portrait => Box::new(Genuine::new(&portrait_swapped(specimen, seed, photo)?)),
            Self::Text => Box::new(Genuine::new(&text_edited(specimen, seed)?)),
        })
    }
}

/// A photo of another person, from a file of its own, laid over the portrait: a little off, with its own grain, its
/// own compression and a cut edge with a shadow.
pub fn portrait_swapped(specimen: &Specimen, seed: u64, photo: Option<&Frame>) -> Option<Frame> {
    let mut draws = Draws::of(seed, "swap");
    let other = if let Some(photo) = photo {
        photo.clone()
    } else {
        let bounds = Rect { x: 0.0, y: 0.0, width: 30.0, height: 38.0 };
        let mut sheet = Sheet::new(bounds.width, bounds.height, [255; 3]);
        place_face(&mut sheet, bounds, &mut draws);
        sheet.into_frame()?
    };
    let other = compressed(&other, draws.between((35.0, 70.0)) as u8)?;
    let mm = |value: f32| value / PER_MM;
    let own = specimen.portrait;
    let over = draws.between((0.0, 0.5));
    let bounds = Rect {
        x: mm(own.x) - over + draws.between((-0.4, 0.4)),
        y: mm(own.y) - over + draws.between((-0.4, 0.4)),
        width: mm(own.width) + 2.0 * over,
        height: mm(own.height) + 2.0 * over,
    };
    let mut sheet = Sheet::of_frame(&specimen.page);
    // The shadow of the paper's thickness.
    let shadow = draws.between((0.55, 0.85));
    let below = Rect { x: bounds.x + 0.15, y: bounds.y + 0.15, ..bounds };
    sheet.paint(below, |_, _, pixel| *pixel = pixel.map(|level| (f32::from(level) * shadow) as u8));
    place_photo(&mut sheet, bounds, &other);
    sheet.into_frame()
}

/// One value covered with the colour of the page and written anew, in a slightly other size, weight and place.
pub fn text_edited(specimen: &Specimen, seed: u64) -> Option<Frame> {
    let mut draws = Draws::of(seed, "edit");
    let field = &specimen.fields[edited_field(specimen, seed)];
    let mut sheet = Sheet::of_frame(&specimen.page);
    let mm = |value: f32| value / PER_MM;
    let at = Rect {
        x: mm(field.bounds.x),
        y: mm(field.bounds.y),
        width: mm(field.bounds.width),
        height: mm(field.bounds.height),
    };
    let corner = specimen
        .page
        .pixel((field.bounds.x - 6.0).max(0.0) as u32, (field.bounds.y + field.bounds.height / 2.0) as u32)?;
    let margin = draws.between((0.2, 0.5));
    let cover = Rect {
        x: at.x - margin,
        y: at.y - margin,
        width: at.width + 2.0 * margin,
        height: at.height + 2.0 * margin,
    };
    sheet.paint(cover, |_, _, pixel| *pixel = corner);
    let text: String = field
        .text
        .chars()
        .map(|letter| if letter.is_ascii_digit() { (b'0' + draws.below(10) as u8) as char } else { letter })
        .collect();
    let height = at.height * draws.between((0.92, 1.1));
    let grey = 15 + draws.below(50) as u8;
    let mut pen = Pen::of(height, [grey; 3]);
    pen.stroke *= if draws.unit() < 0.5 { draws.between((0.6, 0.85)) } else { draws.between((1.2, 1.6)) };
    pen.write(&mut sheet, &text, (at.x + draws.between((-0.2, 0.2)), at.y + draws.between((-0.35, 0.35))));
    sheet.into_frame()
}

/// Which value [`text_edited`] edits.
pub fn edited_field(specimen: &Specimen, seed: u64) -> usize {
    Draws::of(seed, "field").below(specimen.fields.len().max(1))
}

/// `taken` with what `pasted` shows within `area` of the page, in pixels of the page, and 6 pixels round it.
fn pasted_over(taken: &Photo, pasted: &Photo, area: Rect, specimen: &Specimen) -> Option<Frame> {
    const ROUND: f32 = 6.0;
    let (right, bottom) = (specimen.page.width() as f32, specimen.page.height() as f32);
    let page = [(0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)].map(|(x, y)| Point::new(x, y));
    let to_page = Homography::between(&taken.corners, &page)?;
    let mut rgb = taken.frame.rgb().to_vec();
    let width = taken.frame.width() as usize;
    for (index, (pixel, other)) in rgb.chunks_exact_mut(3).zip(pasted.frame.rgb().chunks_exact(3)).enumerate()
    {
        let at = to_page.apply(Point::new((index % width) as f32, (index / width) as f32));
        let across = at.x > area.x - ROUND && at.x < area.x + area.width + ROUND;
        if across && at.y > area.y - ROUND && at.y < area.y + area.height + ROUND {
            pixel.copy_from_slice(other);
        }
    }
    Frame::from_rgb(taken.frame.width(), taken.frame.height(), rgb, 0)
}

fn compressed(frame: &Frame, quality: u8) -> Option<Frame> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality)
        .encode(frame.rgb(), frame.width(), frame.height(), ExtendedColorType::Rgb8)
        .ok()?;
    media::decode(&jpeg, &Limits::default()).ok()
}
