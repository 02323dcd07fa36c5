//! How well the document can be seen: sharp, unburnt, whole, and with enough pixels.

use domain::{PageFault, PageQuality};
use media::Frame;

use super::locate::{ID1_ASPECT, ID3_ASPECT, Located, Outline};
use crate::geometry::Point;
use crate::resize::{Quality as Filter, Region, resize};

/// What was measured on a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// For those who judge.
    pub page: PageQuality,
    /// Deviation of the blur of the sharpest print, in mm of the document; `None` where there is nothing to measure
    /// it on: no print, or all of it washed out.
    pub blur_mm: Option<f32>,
    /// Pixels of the picture for a mm of the document.
    pub px_per_mm: f32,
    /// Share of the outline over which something else lies, such as a finger, 0..1.
    pub covered: f32,
}

/// Most blur with which print is read, in mm. Strokes of OCR-B stand 0.6 mm apart (ICAO 9303 part 3), and two that are
/// closer than twice the deviation run into one; thin strokes measure two thirds of the deviation. Drawn passports in
/// photos with a blur of 3 px (0.4 mm) measure 0.22 to 0.28, with up to 1.1 px 0.10 to 0.14, the most blurred specimen
/// that is still read by machines 0.18 (`PassportEye`'s 282 px card); 2026-11-21.
const MOST_BLUR_MM: f32 = 0.22;
/// Fewest pixels for a mm: an OCR-B letter then is 7 pixels high. The smallest specimens that a reader of machine-
/// readable zones got right have 3.3 (282 pixels for a card; `PassportEye`'s test pictures, 2026-11-21).
const LEAST_PX_PER_MM: f32 = 3.0;
/// Most of the document that may be burnt out: a line of print is 5 % of a page. 16 photos of drawn documents without a
/// reflection had 0, 12 with one of 4 % of the longer side (one deviation) 0.017 to 0.030; 2026-11-21.
const MOST_GLARE: f32 = 0.01;
/// Most of the outline that may be covered, and least that must be seen: a thumb at a card's edge covers 15 mm of
/// 280 mm, 0.05.
const MOST_COVERED: f32 = 0.035;
const LEAST_OUTLINE: f32 = 0.6;

/// Measures the document `located` in `picture`; `page` is what was cut out of it.
pub fn quality(picture: &Frame, located: &Located, page: &Frame) -> Quality {
    let longer_mm = longer_mm(located.aspect);
    let px_per_mm = located.view.size_px / longer_mm;
    // A page can be cut out with fewer pixels than the picture has, not with more.
    let page_px_per_mm = page.width().max(page.height()) as f32 / longer_mm;
    let blur_px = blur(page);
    let covered = covered(picture, located);
    Quality {
        page: PageQuality {
            sharpness: blur_px.map_or(0.0, |blur| (SHARPEST / blur).min(1.0)),
            glare: glare(page),
            outline: outline(located),
        },
        blur_mm: blur_px.map(|blur| blur / page_px_per_mm),
        px_per_mm,
        covered,
    }
}

/// What keeps the document from being read, worst first.
pub fn faults(located: &Located, quality: &Quality) -> Vec<PageFault> {
    let mut faults = Vec::new();
    if located.second.is_some() {
        faults.push(PageFault::SeveralDocuments);
    }
    let is_cut = located.view.cut.any();
    if is_cut || quality.covered > MOST_COVERED || quality.page.outline < LEAST_OUTLINE {
        faults.push(PageFault::Obstructed);
    }
    if quality.px_per_mm < LEAST_PX_PER_MM || quality.blur_mm.is_none_or(|blur| blur > MOST_BLUR_MM) {
        faults.push(PageFault::Blur);
    }
    if quality.page.glare > MOST_GLARE {
        faults.push(PageFault::Glare);
    }
    faults
}

/// Length of the longer side, in mm, of the format whose aspect is nearest.
pub(super) fn longer_mm(aspect: f32) -> f32 {
    let aspect = aspect.max(1.0 / aspect);
    if aspect > f32::midpoint(ID1_ASPECT, ID3_ASPECT) { 85.6 } else { 125.0 }
}

/// Blur of a step that a good lens and sensor draw, in pixels. Photos of drawn documents with a blur of 0.4 to 0.5
/// measure 0.79 to 0.92, scans 0.7 and less; 2026-11-21.
const SHARPEST: f32 = 0.7;
/// Fewest steps of light from which the blur is told.
const LEAST_STEPS: usize = 60;
/// Lines apart that are looked at.
const EVERY: usize = 3;

/// Deviation of the blur in pixels: of each step along rows and columns, its height over its steepest slope. The
/// sharpest quarter counts, since shades are no print; of the two directions the worse, since a moved camera blurs one.
fn blur(page: &Frame) -> Option<f32> {
    let (width, height) = (page.width() as usize, page.height() as usize);
    let luma: Vec<u8> = page.rgb().chunks_exact(3).map(luma).collect();
    let floor = least_contrast(&luma);
    let mut line = Vec::with_capacity(width.max(height));
    let mut across = Vec::new();
    for row in luma.chunks_exact(width).step_by(EVERY) {
        line.clear();
        line.extend(row.iter().map(|value| i16::from(*value)));
        steps(&line, floor, &mut across);
    }
    let mut down = Vec::new();
    for column in (0..width).step_by(EVERY) {
        line.clear();
        line.extend((0..height).map(|y| i16::from(luma[y * width + column])));
        steps(&line, floor, &mut down);
    }
    Some(quarter(across)?.max(quarter(down)?))
}

/// Mean of a picture's levels of light, 0..255.
pub fn luminance(picture: &Frame) -> u8 {
    let levels = picture.rgb().chunks_exact(3).map(luma);
    let (sum, count) = levels.fold((0_u64, 0_u64), |(sum, count), level| (sum + u64::from(level), count + 1));
    sum.checked_div(count).unwrap_or_default() as u8
}

fn luma(pixel: &[u8]) -> u8 {
    // Rec. 601 in 1/256.
    ((u32::from(pixel[0]) * 77 + u32::from(pixel[1]) * 150 + u32::from(pixel[2]) * 29) >> 8) as u8
}

/// A quarter of the page's range of light, at least 16 levels: more than noise.
fn least_contrast(luma: &[u8]) -> i16 {
    let mut counts = [0_usize; 256];
    for value in luma.iter().step_by(7) {
        counts[usize::from(*value)] += 1;
    }
    let total: usize = counts.iter().sum();
    let level = |share: f32| {
        let mut left = (total as f32 * share) as usize;
        counts
            .iter()
            .position(|count| {
                let here = *count > left;
                left = left.saturating_sub(*count);
                here
            })
            .unwrap_or(255) as i16
    };
    ((level(0.98) - level(0.02)) / 4).max(16)
}

/// Appends the deviation of each rise and fall of at least `floor` levels.
fn steps(line: &[i16], floor: i16, found: &mut Vec<f32>) {
    /// The square root of 2 pi: a blurred step's height over its slope is this times its deviation.
    const HEIGHT_OVER_SLOPE: f32 = 2.506_6;
    /// Longest step, in pixels.
    const LONGEST: usize = 40;
    let mut start = 0;
    while start + 1 < line.len() {
        let direction = (line[start + 1] - line[start]).signum();
        if direction == 0 {
            start += 1;
            continue;
        }
        let (mut end, mut steepest) = (start, 0);
        while end + 1 < line.len() && end - start < LONGEST && (line[end + 1] - line[end]) * direction > 0 {
            steepest = steepest.max((line[end + 1] - line[end]).abs());
            end += 1;
        }
        let height = (line[end] - line[start]).abs();
        if height >= floor {
            found.push(f32::from(height) / f32::from(steepest) / HEIGHT_OVER_SLOPE);
        }
        start = end.max(start + 1);
    }
}

/// The value a quarter of `values` is below.
fn quarter(mut values: Vec<f32>) -> Option<f32> {
    if values.len() < LEAST_STEPS {
        return None;
    }
    let at = values.len() / 4;
    Some(*values.select_nth_unstable_by(at, f32::total_cmp).1)
}

/// Longer side of the page on which reflections are looked for, in pixels.
const GLARE_SIDE: f32 = 320.0;
/// Darkest channel from which on a place is burnt.
const BURNT: u8 = 247;
/// Paper of that level or more cannot be told from a reflection.
const WHITE_PAPER: u8 = 228;
/// Smallest reflection, as a share of the page.
const LEAST_BURNT: f32 = 0.001;
/// How far the ring round a reflection lies above the paper, as a share of what lies between paper and white: a halo. A
/// white patch in print has an edge.
const HALO: f32 = 0.35;

/// Share of the page that reflections have burnt out: places with all channels at the end of their range, where the
/// paper is darker, with a halo.
fn glare(page: &Frame) -> f32 {
    let (width, height) = (page.width() as f32, page.height() as f32);
    let share = (GLARE_SIDE / width.max(height)).min(1.0);
    let (columns, rows) =
        ((width * share).round().max(1.0) as usize, (height * share).round().max(1.0) as usize);
    let all = Region { left: 0.0, top: 0.0, width: f64::from(width), height: f64::from(height) };
    let Some(rgb) = resize(page, all, (columns as u32, rows as u32), Filter::Area) else { return 0.0 };
    let darkest: Vec<u8> = rgb.chunks_exact(3).map(|pixel| pixel[0].min(pixel[1]).min(pixel[2])).collect();
    let mut sorted = darkest.clone();
    let upper = sorted.len() * 7 / 10;
    let paper = *sorted.select_nth_unstable(upper).1;
    if paper >= WHITE_PAPER {
        return 0.0;
    }
    let mut seen = vec![false; darkest.len()];
    let mut burnt = 0;
    for start in 0..darkest.len() {
        if seen[start] || darkest[start] < BURNT {
            continue;
        }
        let area = connected(start, &darkest, columns, &mut seen);
        let halo = f32::from(paper) + HALO * f32::from(255 - paper);
        if area.len() as f32 >= LEAST_BURNT * darkest.len() as f32 && ring(&area, &darkest, columns) > halo {
            burnt += area.len();
        }
    }
    burnt as f32 / darkest.len() as f32
}

/// Burnt places that touch `start`, each marked in `seen`.
fn connected(start: usize, darkest: &[u8], columns: usize, seen: &mut [bool]) -> Vec<usize> {
    let (mut area, mut next) = (vec![start], 0);
    seen[start] = true;
    while let Some(at) = area.get(next).copied() {
        next += 1;
        let column = at % columns;
        let beside = [
            (column > 0).then(|| at - 1),
            (column + 1 < columns).then(|| at + 1),
            at.checked_sub(columns),
            Some(at + columns),
        ];
        for other in beside.into_iter().flatten() {
            if other < darkest.len() && !seen[other] && darkest[other] >= BURNT {
                seen[other] = true;
                area.push(other);
            }
        }
    }
    area
}

/// Level that three quarters of the places four pixels outside `area` are below, of those not burnt themselves: print
/// in the halo is darker.
fn ring(area: &[usize], darkest: &[u8], columns: usize) -> f32 {
    const AWAY: isize = 4;
    let rows = (darkest.len() / columns) as isize;
    let mut levels = Vec::new();
    for at in area {
        let (x, y) = ((at % columns) as isize, (at / columns) as isize);
        for (dx, dy) in [(AWAY, 0), (-AWAY, 0), (0, AWAY), (0, -AWAY)] {
            let (x, y) = (x + dx, y + dy);
            if x >= 0 && y >= 0 && x < columns as isize && y < rows {
                let value = darkest[(y * columns as isize + x) as usize];
                if value < BURNT {
                    levels.push(value);
                }
            }
        }
    }
    let at = levels.len() * 3 / 4;
    if levels.is_empty() { 0.0 } else { f32::from(*levels.select_nth_unstable(at).1) }
}

/// Share of the outline that is seen. An edge of the picture that is one of the document's counts.
fn outline(located: &Located) -> f32 {
    if located.outline == Outline::Picture {
        return 1.0;
    }
    let cut = located.view.cut;
    let uncut = if cut.any() { 0.0 } else { 1.0 };
    located.sides.iter().map(|seen| if *seen > 0.0 { *seen } else { uncut }).sum::<f32>() / 4.0
}

/// Places along each side that are compared.
const PLACES: usize = 64;

/// Share of the outline where something lies over it: inside and outside look the same, and not like the rest of the
/// inside. What looks like the table, or lies within the document, is not seen this way.
fn covered(picture: &Frame, located: &Located) -> f32 {
    /// Levels up to which two colours are one, from which on they are two.
    const SAME: f32 = 28.0;
    const OTHER: f32 = 45.0;
    /// Shortest run of covered places: 6 % of a side.
    const LEAST_RUN: usize = 4;
    if located.outline == Outline::Picture {
        return 0.0;
    }
    let corners = located.corners;
    let middle = Point::new(
        corners.iter().map(|at| at.x).sum::<f32>() / 4.0,
        corners.iter().map(|at| at.y).sum::<f32>() / 4.0,
    );
    let mut covered = 0;
    for side in 0..4 {
        let (from, to) = (corners[side], corners[(side + 1) % 4]);
        let pairs: Vec<Option<([f32; 3], [f32; 3])>> = (0..PLACES)
            .map(|place| {
                let share = 0.06 + 0.88 * place as f32 / (PLACES - 1) as f32;
                let at = Point::new(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share);
                let towards = |reach: f32| {
                    Point::new(at.x + (middle.x - at.x) * reach, at.y + (middle.y - at.y) * reach)
                };
                Some((colour(picture, towards(0.06))?, colour(picture, towards(-0.06))?))
            })
            .collect();
        let inside: Vec<[f32; 3]> = pairs.iter().flatten().map(|pair| pair.0).collect();
        let Some(usual) = median(&inside) else { continue };
        let mut run = 0;
        for pair in pairs.iter().chain([&None]) {
            let hides = pair.is_some_and(|(inside, outside)| {
                distance(inside, outside) < SAME && distance(inside, usual) > OTHER
            });
            if hides {
                run += 1;
            } else {
                covered += if run >= LEAST_RUN { run } else { 0 };
                run = 0;
            }
        }
    }
    covered as f32 / (4 * PLACES) as f32
}

/// Mean colour of a few pixels; `None` outside the picture.
fn colour(picture: &Frame, at: Point) -> Option<[f32; 3]> {
    let mut sum = [0.0; 3];
    for (dx, dy) in [(0.0, 0.0), (2.0, 0.0), (-2.0, 0.0), (0.0, 2.0), (0.0, -2.0)] {
        let (x, y) = (at.x + dx, at.y + dy);
        if x < 0.0 || y < 0.0 {
            return None;
        }
        for (sum, value) in sum.iter_mut().zip(picture.pixel(x as u32, y as u32)?) {
            *sum += f32::from(value) / 5.0;
        }
    }
    Some(sum)
}

fn median(colours: &[[f32; 3]]) -> Option<[f32; 3]> {
    if colours.len() < PLACES / 4 {
        return None;
    }
    Some(std::array::from_fn(|channel| {
        let mut values: Vec<f32> = colours.iter().map(|colour| colour[channel]).collect();
        let half = values.len() / 2;
        *values.select_nth_unstable_by(half, f32::total_cmp).1
    }))
}

/// Largest difference of a channel.
fn distance(one: [f32; 3], other: [f32; 3]) -> f32 {
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests;
