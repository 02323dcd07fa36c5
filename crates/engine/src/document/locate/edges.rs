//! Where colour changes in a small picture: thin edges with their directions.

/// Least change of the strongest channel over one pixel that counts as an edge, in levels. A white card on a white
/// table, 10 levels apart, has 3 after smoothing.
const LEAST_STEP: f32 = 1.6;
/// Largest such threshold: in a picture full of texture the outline still has to be seen.
const MOST_STEP: f32 = 8.0;
/// Threshold as a multiple of the picture's median change.
const ABOVE_MEDIAN: f32 = 1.6;
/// Half the side of the window in which edges are counted for [`EdgeMap::weight`], in px.
const NEIGHBOURHOOD: usize = 6;
/// Share of edge pixels in that window up to which an edge counts fully: two lines crossing it have 0.15.
const LONELY: f32 = 0.15;

/// Edges of a picture, one pixel wide.
pub(super) struct EdgeMap {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Unit vector across the edge, pointing right or, for level edges, down; (0, 0) where there is no edge.
    normals: Vec<[f32; 2]>,
    /// Places of the edges, by row.
    pub(super) points: Vec<EdgePoint>,
}

/// One pixel of an edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct EdgePoint {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) normal: [f32; 2],
    /// 0..1: small among many edges, as in text and in texture (surround inhibition, Grigorescu 2003).
    pub(super) weight: f32,
}

impl EdgeMap {
    /// Edges of `rgb`, `width` x `height` pixels, both at least 8.
    pub(super) fn new(rgb: &[u8], width: usize, height: usize) -> Self {
        let planes = smoothed(rgb, width, height);
        let gradient = gradients(&planes, width, height);
        let threshold = threshold(&gradient);
        let (mut normals, mut found) = (vec![[0.0; 2]; width * height], Vec::new());
        for y in 1..height - 1 {
            for x in 1..width - 1 {
                let at = y * width + x;
                let ([gx, gy], size) = gradient[at];
                if size < threshold || !is_ridge(&gradient, at, width) {
                    continue;
                }
                let turned = if gx < 0.0 || (gx == 0.0 && gy < 0.0) { -1.0 } else { 1.0 };
                normals[at] = [gx / size * turned, gy / size * turned];
                found.push((x, y));
            }
        }
        let counts = Counts::new(&normals, width, height);
        let points = found
            .into_iter()
            .map(|(x, y)| EdgePoint {
                x: x as f32,
                y: y as f32,
                normal: normals[y * width + x],
                weight: (LONELY / counts.share_around(x, y).max(1e-3)).min(1.0),
            })
            .collect();
        Self { width, height, normals, points }
    }

    /// Whether an edge that runs across `normal` passes within two pixels of (`x`, `y`).
    pub(super) fn passes(&self, x: f32, y: f32, normal: [f32; 2]) -> bool {
        /// Cosine of the largest angle between the edge and what is asked for, 18 degrees.
        const ALIGNED: f32 = 0.951;
        [0.0, 1.0, -1.0, 2.0, -2.0].into_iter().any(|offset| {
            let (x, y) = (x + normal[0] * offset + 0.5, y + normal[1] * offset + 0.5);
            if x < 0.0 || y < 0.0 {
                return false;
            }
            let (x, y) = (x as usize, y as usize);
            if x >= self.width || y >= self.height {
                return false;
            }
            let edge = self.normals[y * self.width + x];
            (edge[0] * normal[0] + edge[1] * normal[1]).abs() > ALIGNED
        })
    }

    /// Share of the picture's cells, an eighth of its shorter side wide, that hold as many edges as print does.
    pub(super) fn printed_share(&self) -> f32 {
        /// Share of edge pixels in a cell with some print.
        const PRINT: f32 = 0.06;
        let side = (self.width.min(self.height) / 8).max(4);
        let (columns, rows) = ((self.width / side).max(1), (self.height / side).max(1));
        let mut counts = vec![0_usize; columns * rows];
        for point in &self.points {
            let (column, row) = (point.x as usize / side, point.y as usize / side);
            if column < columns && row < rows {
                counts[row * columns + column] += 1;
            }
        }
        let printed = counts.iter().filter(|count| **count as f32 > PRINT * (side * side) as f32).count();
        printed as f32 / counts.len() as f32
    }
}

/// The three channels, each smoothed by the binomial 1 4 6 4 1 along both axes, in 1/256 of a level.
fn smoothed(rgb: &[u8], width: usize, height: usize) -> [Vec<i32>; 3] {
    let five = |at: &dyn Fn(usize) -> i32, place: usize, last: usize| {
        let (one, two) = (place.saturating_sub(1), place.saturating_sub(2));
        let (next, after) = ((place + 1).min(last), (place + 2).min(last));
        at(two) + at(after) + 4 * (at(one) + at(next)) + 6 * at(place)
    };
    std::array::from_fn(|channel| {
        let mut across = Vec::with_capacity(width * height);
        for row in rgb.chunks_exact(width * 3) {
            across.extend((0..width).map(|x| five(&|x| i32::from(row[x * 3 + channel]), x, width - 1)));
        }
        let mut both = Vec::with_capacity(width * height);
        for y in 0..height {
            both.extend((0..width).map(|x| five(&|y| across[y * width + x], y, height - 1)));
        }
        both
    })
}

/// The change of the channel that changes most, in levels a pixel, and its size.
fn gradients(planes: &[Vec<i32>; 3], width: usize, height: usize) -> Vec<([f32; 2], f32)> {
    let mut gradients = vec![([0.0; 2], 0.0); width * height];
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let at = y * width + x;
            let (mut best, mut most) = ([0, 0], -1);
            for plane in planes {
                let step = [plane[at + 1] - plane[at - 1], plane[at + width] - plane[at - width]];
                let square = step[0] * step[0] / 256 + step[1] * step[1] / 256;
                if square > most {
                    (best, most) = (step, square);
                }
            }
            let step = best.map(|step| step as f32 / 512.0);
            gradients[at] = (step, step[0].hypot(step[1]));
        }
    }
    gradients
}

fn threshold(gradient: &[([f32; 2], f32)]) -> f32 {
    let mut sizes: Vec<f32> = gradient.iter().map(|(_, size)| *size).collect();
    let middle = sizes.len() / 2;
    let (_, median, _) = sizes.select_nth_unstable_by(middle, f32::total_cmp);
    (ABOVE_MEDIAN * *median).clamp(LEAST_STEP, MOST_STEP)
}

/// Whether the change at `at` is the largest across the edge.
fn is_ridge(gradient: &[([f32; 2], f32)], at: usize, width: usize) -> bool {
    /// Tangent of 22.5 degrees.
    const FLAT: f32 = 0.414_2;
    let ([gx, gy], size) = gradient[at];
    let step = if gy.abs() <= gx.abs() * FLAT {
        1
    } else if gx.abs() <= gy.abs() * FLAT {
        width
    } else if (gx > 0.0) == (gy > 0.0) {
        width + 1
    } else {
        width - 1
    };
    size > gradient[at - step].1 && size >= gradient[at + step].1
}

/// Numbers of edges in boxes (summed-area table, Crow 1984).
struct Counts {
    sums: Vec<u32>,
    width: usize,
    height: usize,
}

impl Counts {
    fn new(normals: &[[f32; 2]], width: usize, height: usize) -> Self {
        let mut sums = vec![0_u32; (width + 1) * (height + 1)];
        for y in 0..height {
            let mut row = 0;
            for x in 0..width {
                row += u32::from(normals[y * width + x] != [0.0; 2]);
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
            }
        }
        Self { sums, width, height }
    }

    fn share_around(&self, x: usize, y: usize) -> f32 {
        let (left, top) = (x.saturating_sub(NEIGHBOURHOOD), y.saturating_sub(NEIGHBOURHOOD));
        let right = (x + NEIGHBOURHOOD + 1).min(self.width);
        let bottom = (y + NEIGHBOURHOOD + 1).min(self.height);
        let at = |x: usize, y: usize| self.sums[y * (self.width + 1) + x];
        let count = at(right, bottom) + at(left, top) - at(left, bottom) - at(right, top);
        count as f32 / ((right - left) * (bottom - top)) as f32
    }
}
