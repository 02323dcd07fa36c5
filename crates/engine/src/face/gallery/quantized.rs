//! Embeddings in 8 bits a number, and how far their cosine can be from that of the true ones.
//!
//! A member `x` is kept as `s c + r`: a scale `s`, a code `c` of whole numbers from -127 to 127, and a rest `r` of
//! which only the length is kept, `rho >= |r|`. A probe `q` is likewise `t d + e`, with the whole rest at hand. Then
//!
//! ```text
//! <x, q> = <s c, t d> + <r, t d> + <x, e>
//!       <= s t <c, d> + rho |t d| + |x| |e|          (Cauchy-Schwarz, twice)
//! ```
//!
//! `<c, d>` is a sum of whole numbers, at most 128 x 127 x 127 < 2^24, so it is exact, as an `f32` too. `|t d|` and
//! `|e|` are computed once a search, in `f64`, and rounded up; `|x|` is at most [`LONGEST`].
//!
//! What is left is rounding in `f32` (`u = 2^-24`), which [`SLACK`] covers. The cosine that this is held against is a
//! sum of 128 products one after the other, which differs from `<x, q>` by at most `128 u / (1 - 128 u)` times
//! `sum |x_i q_i| <= |x| |q|`: by less than 7.7e-6. The bound has five roundings of values under 1.3: less than 5e-7.
//!
//! For vectors without outstanding numbers `rho` and `|e|` are about 0.006 each, so that the bound lies about 0.012
//! above the cosine; for the worst vector, with one number near 1, each is under 0.045.

use crate::face::compare::{EMBEDDING_LENGTH, Embedding};

/// Length of an embedding at most: `Embedding::from_values` lets 1e-4 more than 1 pass.
const LONGEST: f64 = 1.000_1;
/// More than the rounding of the cosine and of the bound together; see above.
const SLACK: f64 = 1e-5;
/// The largest number in a code.
const STEPS: f32 = 127.0;

/// The whole numbers of an embedding: two cache lines, and no more than two are touched.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Code(pub(super) [i8; EMBEDDING_LENGTH]);

/// What the bound takes of a member beside its code.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    /// `s`.
    scale: f32,
    /// `rho`, rounded up.
    rest: f32,
}

/// A probe, made ready for bounds.
pub(super) struct Query {
    /// `d`.
    pub(super) code: Code,
    /// `t`.
    scale: f32,
    /// `|t d|`, rounded up.
    length: f32,
    /// `|x| |e|` at most, and the slack.
    rest: f32,
}

impl Query {
    pub(super) fn of(probe: &Embedding) -> Self {
        let Parts { code, scale, length, rest } = Parts::of(probe);
        Self { code, scale, length: up(length), rest: up(LONGEST * rest + SLACK) }
    }

    /// At least the cosine to the member with these terms whose code's product with this one's is `product`.
    #[expect(clippy::inline_always, reason = "it must be compiled with the features of the loop around it")]
    #[inline(always)]
    pub(super) fn bound(&self, product: i32, terms: Terms) -> f32 {
        let bound = terms.scale * (self.scale * product as f32) + (terms.rest * self.length + self.rest);
        // A cosine is never said to be lower than -1, so neither is its bound.
        if bound < -1.0 { -1.0 } else { bound }
    }
}

/// The form of a member.
pub(super) fn encode(member: &Embedding) -> (Code, Terms) {
    let Parts { code, scale, rest, .. } = Parts::of(member);
    (code, Terms { scale, rest: up(rest) })
}

struct Parts {
    code: Code,
    scale: f32,
    /// Of `scale * code`.
    length: f64,
    /// Length of what `scale * code` lacks.
    rest: f64,
}

impl Parts {
    fn of(embedding: &Embedding) -> Self {
        let values = embedding.values();
        // At least 0.088, since the vector has length 1.
        let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let scale = largest / STEPS;
        let code = values.map(|value| (value / scale).round().clamp(-STEPS, STEPS) as i8);
        let (mut length, mut rest) = (0.0, 0.0);
        for (value, step) in values.iter().zip(code) {
            let kept = f64::from(scale) * f64::from(step);
            length += kept * kept;
            rest += (f64::from(*value) - kept).powi(2);
        }
        Self { code: Code(code), scale, length: length.sqrt(), rest: rest.sqrt() }
    }
}

/// Rounded to an `f32` that is not lower, also than what `value` would be without rounding in `f64`.
fn up(value: f64) -> f32 {
    (value as f32).next_up()
}
