//! Whether two pictures are one.

use media::Frame;

use crate::resize::{self, Quality, Region};

/// Cells of a grid on a side.
const CELLS: u32 = 16;

/// A picture as the colours of 16 x 16 cells, to be laid over another's.
#[derive(Clone, PartialEq, Eq)]
pub struct Grid(Vec<u8>);

impl std::fmt::Debug for Grid {
    /// A picture has no place in a log line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Grid(..)")
    }
}

impl Grid {
    /// That of a picture of any size.
    pub fn of(frame: &Frame) -> Self {
        let (width, height) = (f64::from(frame.width()), f64::from(frame.height()));
        let all = Region { left: 0.0, top: 0.0, width, height };
        // All of a picture is never empty.
        Self(resize::resize(frame, all, (CELLS, CELLS), Quality::Area).unwrap_or_default())
    }

    /// The difference of the cell that differs most, 0..255, the mean of the three colours. A picture that was saved again
    /// hardly differs from itself in any cell; a face that lives differs in some, whatever stands still around it.
    pub fn largest_difference(&self, other: &Self) -> f32 {
        let cells = self.0.chunks_exact(3).zip(other.0.chunks_exact(3));
        let difference = |(one, other): (&[u8], &[u8])| {
            one.iter().zip(other).map(|(one, other)| f32::from(one.abs_diff(*other))).sum::<f32>() / 3.0
        };
        cells.map(difference).fold(0.0, f32::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, dot: u8) -> Grid {
        let sample = |x: u32, y: u32| {
            let is_dot = (x * 16 / width, y * 16 / height) == (7, 9);
            if is_dot { dot } else { (x * 255 / width) as u8 }
        };
        let rgb = (0..height).flat_map(|y| (0..width).flat_map(move |x| [sample(x, y); 3])).collect();
        Grid::of(&Frame::from_rgb(width, height, rgb, 0).unwrap())
    }

    #[test]
    fn a_picture_differs_from_another_where_they_differ_most_and_not_from_itself() {
        let plain = picture(320, 240, 100);
        assert!(plain.largest_difference(&plain).abs() < f32::EPSILON);
        assert!(plain.largest_difference(&picture(640, 480, 100)) < 1.5, "scaled");
        assert!(plain.largest_difference(&picture(320, 240, 160)) > 50.0);
    }
}
