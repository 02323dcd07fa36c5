//! Arabic print on a sheet: letters joined as the typeface says.

use std::path::Path;

use engine::geometry::Rect;
use swash::scale::{Render, ScaleContext, Source};
use swash::shape::ShapeContext;
use swash::text::Script;
use swash::zeno::{Format, Vector};
use swash::{CacheKey, FontRef};

use crate::LabError;
use crate::document::sheet::{PER_MM, Sheet};

/// A typeface of the person who measures: none is shipped.
pub struct Typeface {
    data: Vec<u8>,
    offset: u32,
    key: CacheKey,
}

/// How a line is printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type {
    /// The typeface's em, in mm.
    pub(super) em: f32,
    /// Between words, in em.
    pub(super) space: f32,
    /// Between the letters of words that are not joined, in em: 0 as the typeface has it.
    pub(super) apart: f32,
    /// Colour of the ink, sRGB.
    pub(super) ink: [u8; 3],
}

impl Type {
    /// As usual.
    pub(super) const fn of(em: f32, ink: [u8; 3]) -> Self {
        Self { em, space: 0.28, apart: 0.0, ink }
    }
}

/// A letter that is ready to be printed: its number in the typeface, and where in pixels from the start of its word.
struct Placed {
    id: u16,
    x: f32,
    y: f32,
}

impl Typeface {
    /// The typeface of a TrueType or OpenType file.
    ///
    /// # Errors
    /// [`LabError::Reference`] where the file cannot be read or is none.
    pub fn open(path: &Path) -> Result<Self, LabError> {
        let failed = |source| LabError::Reference { path: path.to_owned(), source };
        let none = || std::io::Error::new(std::io::ErrorKind::InvalidData, "it is no typeface");
        Self::new(std::fs::read(path).map_err(failed)?).ok_or_else(|| failed(none()))
    }

    fn new(data: Vec<u8>) -> Option<Self> {
        let font = FontRef::from_index(&data, 0)?;
        let (offset, key) = (font.offset, font.key);
        Some(Self { data, offset, key })
    }

    fn font(&self) -> FontRef<'_> {
        FontRef { data: &self.data, offset: self.offset, key: self.key }
    }

    /// Prints `text` so that it ends at `right` and stands on `baseline`, both in mm: words from right to left, those of
    /// digits or Latin letters from left to right within themselves. Returns where it stands, in mm.
    pub(super) fn write(
        &self,
        sheet: &mut Sheet,
        text: &str,
        (right, baseline): (f32, f32),
        how: Type,
    ) -> Rect {
        let mut shape = ShapeContext::new();
        let mut scale = ScaleContext::new();
        let size = how.em * PER_MM;
        let mut scaler = scale.builder(self.font()).size(size).hint(false).build();
        let mut end = right * PER_MM;
        let line = baseline * PER_MM;
        let mut left = end;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let (letters, width) = self.word(&mut shape, word, size, how.apart * size);
            for letter in letters {
                let (x, y) = (end - width + letter.x, line - letter.y);
                let (whole_x, whole_y) = (x.floor(), y.ceil());
                let image = Render::new(&[Source::Outline])
                    .format(Format::Alpha)
                    .offset(Vector::new(x - whole_x, whole_y - y))
                    .render(&mut scaler, letter.id);
                let Some(image) = image else { continue };
                let at = (whole_x as i32 + image.placement.left, whole_y as i32 - image.placement.top);
                let width = image.placement.width as usize;
                sheet.print(at, width, &image.data, how.ink);
            }
            left = end - width;
            end = left - how.space * size;
        }
        let top = line - 0.75 * size;
        Rect { x: left / PER_MM, y: top / PER_MM, width: right - left / PER_MM, height: how.em }
    }

    /// The letters of a word and its width, in pixels.
    fn word(&self, context: &mut ShapeContext, word: &str, size: f32, apart: f32) -> (Vec<Placed>, f32) {
        let from_right = domain::arabic::is_arabic(word);
        let (script, direction) = if from_right {
            (Script::Arabic, swash::shape::Direction::RightToLeft)
        } else {
            (Script::Latin, swash::shape::Direction::LeftToRight)
        };
        let mut shaper = context.builder(self.font()).script(script).direction(direction).size(size).build();
        shaper.add_str(word);
        let mut clusters: Vec<Vec<(u16, f32, f32, f32)>> = Vec::new();
        shaper.shape_with(|cluster| {
            clusters.push(
                cluster.glyphs.iter().map(|glyph| (glyph.id, glyph.x, glyph.y, glyph.advance)).collect(),
            );
        });
        // They come in the order in which one reads.
        if from_right {
            clusters.reverse();
        }
        let (mut letters, mut x) = (Vec::new(), 0.0);
        for cluster in clusters {
            for (id, off, y, advance) in cluster {
                letters.push(Placed { id, x: x + off, y });
                x += advance;
            }
            if !from_right {
                x += apart;
            }
        }
        (letters, if from_right { x } else { (x - apart).max(0.0) })
    }
}

impl std::fmt::Debug for Typeface {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Typeface").field("bytes", &self.data.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_typeface_is_refused() {
        assert!(Typeface::new(Vec::new()).is_none());
        assert!(Typeface::new(vec![7; 400]).is_none());
    }
}
