//! Draws from a seed: the same seed gives the same session, byte for byte.

use crate::rates::SplitMix;

/// Numbers drawn from a seed.
pub(crate) struct Draws(SplitMix);

/// Values of a uniform draw: more than an `f32` between 0 and 1 can tell apart.
const STEPS: usize = 1 << 24;

impl Draws {
    /// The draws of `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self(SplitMix(seed))
    }

    /// Draws for a purpose of their own, so that one more draw elsewhere does not move them.
    pub(crate) fn of(seed: u64, purpose: &str) -> Self {
        Self::new(seed ^ hash(purpose))
    }

    /// From 0 to less than `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0.below(bound)
    }

    /// From 0 to less than 1.
    pub(crate) fn unit(&mut self) -> f32 {
        self.below(STEPS) as f32 / STEPS as f32
    }

    /// From `low` to less than `high`.
    pub(crate) fn between(&mut self, (low, high): (f32, f32)) -> f32 {
        low + (high - low) * self.unit()
    }

    /// As [`between`](Self::between), even in the logarithm: for light, which spans decades.
    pub(crate) fn decade(&mut self, (low, high): (f32, f32)) -> f32 {
        self.between((low.ln(), high.ln())).exp()
    }

    /// A sample of the normal distribution with mean 0 and deviation 1 (Box, Muller 1958).
    pub(crate) fn normal(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f32::consts::TAU * self.unit()).cos()
    }

    /// Bytes for a challenge.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.below(256) as u8)
    }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): spreads names, keeps no secret.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_keep_their_range_and_spread() {
        let mut draws = Draws::new(7);
        let normal: Vec<f32> = (0..20_000).map(|_| draws.normal()).collect();
        let mean = normal.iter().sum::<f32>() / 20_000.0;
        let variance = normal.iter().map(|value| value * value).sum::<f32>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        assert!((0..1000).map(|_| draws.between((3.0, 4.0))).all(|value| (3.0..4.0).contains(&value)));
        assert!((0..1000).map(|_| draws.decade((1.0, 100.0))).all(|value| (0.999..100.1).contains(&value)));
    }

    #[test]
    fn purposes_have_draws_of_their_own() {
        assert_ne!(Draws::of(1, "light").below(1 << 30), Draws::of(1, "noise").below(1 << 30));
        assert_eq!(Draws::of(1, "light").below(1 << 30), Draws::of(1, "light").below(1 << 30));
    }
}
