//! Where in a picture the document lies: its outline, found by the straight edges that a card or a page has on all four
//! sides. Geometry only, no model.
//!
//! The picture is brought to `SMALL_SIDE` pixels, its edges are thinned and gathered into lines, quadrilaterals of
//! four lines are judged by how much of each side is seen and by whether a card or a page could look so, and the best
//! one's sides are measured again in the full picture.

mod aspect;
mod edges;
mod lines;
mod quads;
mod refine;
#[cfg(test)]
mod tests;

use domain::{Edges, PageView};
use media::Frame;

pub use aspect::{ID1_ASPECT, ID3_ASPECT, snapped, true_aspect};

use crate::geometry::Point;
use crate::resize::{Quality, Region, resize};
use edges::EdgeMap;
use lines::Line;
use quads::Quad;

/// Longer side of the picture in which lines are searched, in px: at 512 a document that fills a third of the picture
/// still has rows of print thinner than its outline, and everything costs 25 to
/// 30 ms for a photo of 2400 x 1648 (one core, x86-64, 2026-11-21).
const SMALL_SIDE: f64 = 512.0;
/// Shortest side of the small picture in which anything is searched, in px.
const LEAST_SIDE: u32 = 32;
/// Quadrilaterals kept while the best is searched.
const CANDIDATES: usize = 64;
/// Least score of an outline.
const LEAST_SCORE: f32 = 0.42;
/// Score of the whole picture as the document, where it has the proportions of one. Frames and portraits within
/// documents reached 0.58 as outlines (25 scans and crops, and drawn ones), a document that fills a tenth of a photo
/// and is seen on all sides has 0.60; 2026-11-21.
const WHOLE_SCORE: f32 = 0.59;
/// Share of the picture's cells that hold print, from which on a picture without an outline is taken for the document
/// itself.
const LEAST_PRINTED: f32 = 0.25;

/// How the corners were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outline {
    /// The document's edges are seen.
    Seen,
    /// No edges are seen and print fills the picture: the picture is the document, as a scan or a crop is.
    Picture,
}

/// Where the document lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Located {
    /// Its corners in px of the picture, clockwise; the first two are the ends of a long side, the upper one where it
    /// lies level. Whether that side is the top is for the print to say. Those of a whole picture as the picture stands.
    pub corners: [Point; 4],
    /// Width over height: of the format that is near, else as measured.
    pub aspect: f32,
    /// Width over height as the corners tell it.
    pub measured_aspect: f32,
    /// The same for those who judge.
    pub view: PageView,
    /// How it was found.
    pub outline: Outline,
    /// Share of each side that is seen, 0..1; the first lies between the first two corners. 0 for a side that is an edge
    /// of the picture.
    pub sides: [f32; 4],
    /// What speaks for it, 0..1.
    pub score: f32,
    /// The corners of a second document beside it.
    pub second: Option<[Point; 4]>,
}

/// The document in `frame`; `None` where there is none, or the picture has under 32 pixels on a side.
pub fn locate(frame: &Frame) -> Option<Located> {
    let (small, width, height) = reduced(frame)?;
    let edges = EdgeMap::new(&small, width, height);
    let lines = lines::lines(&edges);
    let quads = quads::quads(&lines, (width, height), CANDIDATES, |_| true);
    let outline = |quad: &&Quad| quad.border.iter().filter(|border| **border).count() <= 2;
    let best = quads.iter().find(outline).filter(|quad| quad.score >= LEAST_SCORE);
    let whole = WHOLE_SCORE * quads::plausible_picture(width, height);
    let is_printed = edges.printed_share() >= LEAST_PRINTED;
    match best {
        Some(best) if best.score > whole || !is_printed => {
            let scale = Scale::new(frame, width, height);
            let second = second(&lines, (width, height), best).map(|quad| scale.full(quad.corners));
            Some(seen(frame, best, scale, second))
        }
        _ => is_printed.then(|| picture(frame, whole)),
    }
}

/// The picture at [`SMALL_SIDE`], with its width and height.
fn reduced(frame: &Frame) -> Option<(Vec<u8>, usize, usize)> {
    let (width, height) = (f64::from(frame.width()), f64::from(frame.height()));
    let share = (SMALL_SIDE / width.max(height)).min(1.0);
    let (small_width, small_height) = ((width * share).round() as u32, (height * share).round() as u32);
    if small_width < LEAST_SIDE || small_height < LEAST_SIDE {
        return None;
    }
    let all = Region { left: 0.0, top: 0.0, width, height };
    let rgb = resize(frame, all, (small_width, small_height), Quality::Area)?;
    Some((rgb, small_width as usize, small_height as usize))
}

/// From the small picture to the full one.
#[derive(Debug, Clone, Copy)]
struct Scale {
    x: f32,
    y: f32,
}

impl Scale {
    fn new(frame: &Frame, width: usize, height: usize) -> Self {
        Self { x: frame.width() as f32 / width as f32, y: frame.height() as f32 / height as f32 }
    }

    fn full(self, corners: [Point; 4]) -> [Point; 4] {
        corners.map(|at| Point::new((at.x + 0.5) * self.x - 0.5, (at.y + 0.5) * self.y - 0.5))
    }
}

/// A document whose outline is seen.
fn seen(frame: &Frame, quad: &Quad, scale: Scale, second: Option<[Point; 4]>) -> Located {
    let coarse = scale.full(quad.corners);
    let corners = refine::refined(frame, coarse, quad.border, scale.x.max(scale.y));
    let aspect = |corners: &[Point; 4]| true_aspect(corners, frame.width(), frame.height());
    // Refined corners that no rectangle has are a mistake of the refinement.
    let (corners, measured) = match (aspect(&corners), aspect(&coarse)) {
        (Some(measured), _) => (corners, measured),
        (None, measured) => (coarse, measured.unwrap_or(ID1_ASPECT)),
    };
    let first = first_corner(&corners, measured);
    let turn = |side: usize| (side + first) % 4;
    let corners: [Point; 4] = std::array::from_fn(|corner| corners[turn(corner)]);
    let border: [bool; 4] = std::array::from_fn(|side| quad.border[turn(side)]);
    let sides = std::array::from_fn(|side| if border[side] { 0.0 } else { quad.seen[turn(side)] });
    let measured_aspect = measured.max(1.0 / measured);
    let aspect = snapped(measured_aspect);
    // A picture that ends where a document of a known format ends is a crop along the document's edge.
    let cropped = aspect != measured_aspect;
    let view = view(frame, &corners, aspect, border.map(|border| border && !cropped));
    Located {
        corners,
        aspect,
        measured_aspect,
        view,
        outline: Outline::Seen,
        sides,
        score: quad.score.min(1.0),
        second,
    }
}

/// A picture that is the document.
fn picture(frame: &Frame, score: f32) -> Located {
    let (right, bottom) = (frame.width() as f32 - 0.5, frame.height() as f32 - 0.5);
    let corners =
        [(-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom)].map(|(x, y)| Point::new(x, y));
    let aspect = frame.width() as f32 / frame.height() as f32;
    Located {
        corners,
        aspect,
        measured_aspect: aspect,
        view: view(frame, &corners, aspect, [false; 4]),
        outline: Outline::Picture,
        sides: [0.0; 4],
        score: score.min(1.0),
        second: None,
    }
}

/// Which corner comes first: a long side follows it clockwise, and of the two the one that lies higher, or, upright,
/// farther left.
fn first_corner(corners: &[Point; 4], aspect: f32) -> usize {
    let first = usize::from(aspect < 1.0);
    let height = |side: usize| {
        let (from, to) = (corners[side % 4], corners[(side + 1) % 4]);
        (from.y + to.y) + 0.01 * (from.x + to.x)
    };
    if height(first) <= height(first + 2) { first } else { first + 2 }
}

/// What judges need to know of `corners`; `border` says which sides are cut by the picture's edges.
fn view(frame: &Frame, corners: &[Point; 4], aspect: f32, border: [bool; 4]) -> PageView {
    /// How far a corner lies outside where the document is cut, as a share of the picture's side.
    const CUT: f32 = -0.01;
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    let least = |value: fn(&Point) -> f32| corners.iter().map(value).fold(f32::INFINITY, f32::min);
    let most = |value: fn(&Point) -> f32| corners.iter().map(value).fold(f32::NEG_INFINITY, f32::max);
    let margins = [
        (least(|at| at.y) + 0.5) / height,
        (width - 0.5 - most(|at| at.x)) / width,
        (height - 0.5 - most(|at| at.y)) / height,
        (least(|at| at.x) + 0.5) / width,
    ];
    let mut cut = margins.map(|margin| margin < CUT);
    for side in 0..4 {
        if border[side] {
            // The picture's edge on which the side lies: the one its middle is nearest to.
            let middle = corners[side].middle(corners[(side + 1) % 4]);
            let gaps = [middle.y / height, 1.0 - middle.x / width, 1.0 - middle.y / height, middle.x / width];
            let nearest = (0..4).min_by(|a, b| gaps[*a].total_cmp(&gaps[*b])).unwrap_or(0);
            cut[nearest] = true;
        }
    }
    let size_px = (0..4).map(|side| corners[side].distance(corners[(side + 1) % 4])).fold(0.0, f32::max);
    PageView {
        corners: corners.map(|at| [at.x, at.y]),
        aspect,
        size_px,
        margins,
        cut: Edges { top: cut[0], right: cut[1], bottom: cut[2], left: cut[3] },
    }
}

/// Another document beside `best`: as clear an outline, of a known format, apart from it.
fn second(lines: &[Line], (width, height): (usize, usize), best: &Quad) -> Option<Quad> {
    /// Least share of every side that is seen, of a second document.
    const CLEAR: f32 = 0.8;
    /// Its least area and score, as shares of the first one's.
    const LEAST: (f32, f32) = (0.35, 0.7);
    let first = area(&best.corners);
    // There must be room for it.
    if first * (1.0 + LEAST.0) > (width * height) as f32 {
        return None;
    }
    let fits = |quad: &Quad| {
        quad.border == [false; 4]
            && quad.seen.iter().all(|seen| *seen >= CLEAR)
            && quad.score > LEAST.1 * best.score
            && area(&quad.corners) > LEAST.0 * first
            && apart(&quad.corners, &best.corners)
    };
    quads::quads(lines, (width, height), 1, fits).first().copied()
}

fn area(corners: &[Point; 4]) -> f32 {
    let twice: f32 = (0..4)
        .map(|index| {
            let (a, b) = (corners[index], corners[(index + 1) % 4]);
            a.x * b.y - a.y * b.x
        })
        .sum();
    twice.abs() / 2.0
}

/// Whether a side of either has the other wholly beyond it (separating axis), with some room between: pages of one
/// booklet touch.
fn apart(one: &[Point; 4], other: &[Point; 4]) -> bool {
    let room = 0.03 * area(one).min(area(other)).sqrt();
    let separated = |by: &[Point; 4], from: &[Point; 4]| {
        (0..4).any(|side| {
            let (a, b) = (by[side], by[(side + 1) % 4]);
            let length = a.distance(b).max(1e-3);
            from.iter().all(|at| ((b.x - a.x) * (at.y - a.y) - (b.y - a.y) * (at.x - a.x)) / length < -room)
        })
    };
    separated(one, other) || separated(other, one)
}
