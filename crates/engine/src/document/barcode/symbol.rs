//! What the 929 codewords of the three clusters look like, and which of them a row of brightness values resembles most.

use std::sync::LazyLock;

use rxing::pdf417::pdf_417_common::{SYMBOL_TABLE, getCodeword};

/// Codewords of a cluster (ISO/IEC 15438:2015, 5.3.1).
pub(super) const CODEWORDS: usize = 929;

/// Modules of a codeword.
pub(super) const MODULES: usize = 17;

/// Share of a module's light that falls on each neighbour, for pictures that are sharp to blurred.
const BLURS: [f32; 2] = [0.1, 0.28];

/// Brightness of the modules of one codeword, with mean 0 and length 1.
pub(super) type Look = [f32; MODULES];

/// Looks of all codewords of the clusters 0, 3 and 6, for one blur.
pub(super) type Looks = [Vec<Look>; 3];

/// For each of several blurs, sharp first.
static LOOKS: LazyLock<Vec<Looks>> = LazyLock::new(|| BLURS.iter().map(|blur| looks(*blur)).collect());

/// Looks for each blur, sharp first.
pub(super) fn blurs() -> &'static [Looks] {
    &LOOKS
}

fn looks(blur: f32) -> Looks {
    let mut all: Looks = std::array::from_fn(|_| vec![[0.0; MODULES]; CODEWORDS]);
    for symbol in SYMBOL_TABLE {
        let bright = |module: usize| if symbol >> (MODULES - 1 - module) & 1 == 1 { 0.0 } else { 1.0 };
        // A codeword ends with a space and the next begins with a bar.
        let look: Look = std::array::from_fn(|module| {
            let before = if module == 0 { 1.0 } else { bright(module - 1) };
            let after = if module == MODULES - 1 { 0.0 } else { bright(module + 1) };
            bright(module) * (1.0 - 2.0 * blur) + (before + after) * blur
        });
        let slot =
            usize::try_from(getCodeword(symbol)).ok().and_then(|word| all[cluster(symbol)].get_mut(word));
        if let (Some(slot), Some(look)) = (slot, normal(look)) {
            *slot = look;
        }
    }
    all
}

/// Index of the cluster: (b1 - b2 + b3 - b4 + 9) mod 9 over the widths of the bars, divided by three (5.3.1).
fn cluster(symbol: u32) -> usize {
    let mut bars = [0i32; 4];
    let (mut bar, mut before) = (0, true);
    for module in 0..MODULES {
        let dark = symbol >> (MODULES - 1 - module) & 1 == 1;
        if dark && !before {
            bar += 1;
        }
        if dark && let Some(width) = bars.get_mut(bar) {
            *width += 1;
        }
        before = dark;
    }
    ((bars[0] - bars[1] + bars[2] - bars[3] + 9).rem_euclid(9) / 3) as usize
}

/// With mean 0 and length 1; `None` where it is flat.
pub(super) fn normal(look: Look) -> Option<Look> {
    let mean = look.iter().sum::<f32>() / MODULES as f32;
    let centred = look.map(|value| value - mean);
    let length = centred.iter().map(|value| value * value).sum::<f32>().sqrt();
    (length > 1e-3).then(|| centred.map(|value| value / length))
}

/// How much two looks are alike, -1..1.
pub(super) fn alike(a: &Look, b: &Look) -> f32 {
    std::iter::zip(a, b).map(|(a, b)| a * b).sum()
}

/// A codeword as it was read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Read {
    /// 0..929.
    pub(super) word: u16,
    /// How much it looks like that, -1..1.
    pub(super) alike: f32,
    /// How much less the next one does.
    pub(super) lead: f32,
}

/// The codeword of that cluster that `seen` resembles most.
pub(super) fn nearest(seen: &Look, cluster: &[Look]) -> Read {
    let mut best = Read { word: 0, alike: -1.0, lead: 0.0 };
    let mut second = -1.0;
    for (word, look) in cluster.iter().enumerate() {
        let alike = alike(seen, look);
        if alike > best.alike {
            second = best.alike;
            best = Read { word: word as u16, alike, lead: 0.0 };
        } else if alike > second {
            second = alike;
        }
    }
    best.lead = best.alike - second;
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_codeword_of_every_cluster_has_a_look_of_its_own() {
        for looks in blurs() {
            for cluster in looks {
                for (word, look) in cluster.iter().enumerate() {
                    let read = nearest(look, cluster);
                    assert_eq!(usize::from(read.word), word);
                    assert!(read.lead > 0.0);
                }
            }
        }
    }
}
