//! How far two words are apart.

use super::sound::is_vowel;

/// Words longer than this are cut: no name has such a word.
pub(super) const LONGEST: usize = 32;

/// A changed first letter counts so much more: in 50,000 misspellings only 7.8 % touched it (J. Pollock, A. Zamora,
/// Collection and characterization of spelling errors, 1983), much less than its share.
const FIRST: f32 = 1.3;

/// What one change costs.
pub(super) trait Costs {
    /// A letter too many.
    fn extra(letter: u8) -> f32;
    /// One letter for another.
    fn changed(a: u8, b: u8) -> f32;
    /// Two neighbours in the other order.
    const SWAPPED: f32;
    /// What the letters of one word that are not among the letters of the other cost at least, however the words are
    /// aligned: each of them is dropped or changed.
    fn strange(letters: Letters, among: Letters) -> f32;
}

/// Letters as they are typed.
pub(super) struct Typed;

impl Costs for Typed {
    fn extra(_: u8) -> f32 {
        1.0
    }

    fn changed(_: u8, _: u8) -> f32 {
        1.0
    }

    /// One slip of the fingers.
    const SWAPPED: f32 = 0.8;

    fn strange(letters: Letters, among: Letters) -> f32 {
        (letters & !among).count_ones() as f32
    }
}

/// Letters as they sound.
pub(super) struct Sounded;

impl Costs for Sounded {
    fn extra(letter: u8) -> f32 {
        // Vowels that Arabic and Hebrew leave unwritten, and an h that is hardly heard.
        if is_vowel(letter) || letter == b'h' { 0.45 } else { 1.0 }
    }

    fn changed(a: u8, b: u8) -> f32 {
        match (is_vowel(a), is_vowel(b)) {
            (true, true) => 0.3,
            (false, false) if are_alike(a, b) => 0.4,
            _ => 1.0,
        }
    }

    const SWAPPED: f32 = 0.8;

    fn strange(letters: Letters, among: Letters) -> f32 {
        let strange = letters & !among;
        let (cheap, dear) = (strange & CHEAP, strange & !CHEAP);
        // 0.3 is the least that a vowel costs, and 0.4 a consonant that may stand for another.
        let dear = bits(dear).map(|at| if ALIKE_LETTERS[at] & among == 0 { 1.0 } else { 0.4 });
        cheap.count_ones() as f32 * 0.3 + dear.sum::<f32>()
    }
}

/// The different letters of a word, a bit for each.
pub(super) type Letters = u128;

const fn bit(letter: u8) -> u32 {
    (letter & 127) as u32
}

pub(super) fn letters(word: &[u8]) -> Letters {
    word.iter().fold(0, |all, letter| all | 1 << bit(*letter))
}

fn bits(mut letters: Letters) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = letters.trailing_zeros() as usize;
        letters &= letters.wrapping_sub(1);
        (at < 128).then_some(at)
    })
}

/// Vowels, and the h that is hardly heard.
const CHEAP: Letters =
    1 << bit(b'a') | 1 << bit(b'e') | 1 << bit(b'i') | 1 << bit(b'o') | 1 << bit(b'u') | 1 << bit(b'h');

/// For each letter those that it may stand for.
const ALIKE_LETTERS: [Letters; 128] = {
    let mut table = [0; 128];
    let mut at = 0;
    while at < PAIRS.len() {
        let [a, b] = *PAIRS[at];
        table[bit(a) as usize] |= 1 << bit(b);
        table[bit(b) as usize] |= 1 << bit(a);
        at += 1;
    }
    table
};

/// Consonants that one system writes for what another writes as the other, that were one letter (Spanish x and j), or that
/// differ by voice alone.
const PAIRS: [&[u8; 2]; 15] =
    [b"bp", b"dt", b"gk", b"gJ", b"sz", b"sS", b"CS", b"CJ", b"Jy", b"vf", b"vb", b"zJ", b"hk", b"hg", b"SJ"];

fn are_alike(a: u8, b: u8) -> bool {
    ALIKE_LETTERS[bit(a) as usize] & 1 << bit(b) != 0
}

/// From 0 (nothing in common) to 1 (the same): 1 less the cost of the cheapest way from one to the other, by the longer
/// one's length. Neighbours that changed places count as one change (optimal string alignment). 0 where it is less than
/// `least`: nearly all words are quickly told to be so. Each word comes with its letters.
pub(super) fn similarity<C: Costs>(
    (a, in_a): (&[u8], Letters),
    (b, in_b): (&[u8], Letters),
    least: f32,
) -> f32 {
    if in_a == in_b && a == b {
        return 1.0;
    }
    let (a, b) = (&a[..a.len().min(LONGEST)], &b[..b.len().min(LONGEST)]);
    let longer = a.len().max(b.len());
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    // The costs are sums of rounded numbers.
    let most = (1.0 - least) * longer as f32 + 1e-3;
    if C::strange(in_a, in_b).max(C::strange(in_b, in_a)) > most {
        return 0.0;
    }
    let mut rows = [[0.0_f32; LONGEST + 1]; 3];
    for (at, letter) in b.iter().enumerate() {
        rows[0][at + 1] = rows[0][at] + C::extra(*letter) * if at == 0 { FIRST } else { 1.0 };
    }
    let mut cheapest_before = 0.0_f32;
    for (i, x) in a.iter().enumerate() {
        let (above, here, before) = ((i + 2) % 3, (i + 1) % 3, i % 3);
        rows[here][0] = rows[before][0] + C::extra(*x) * if i == 0 { FIRST } else { 1.0 };
        for (j, y) in b.iter().enumerate() {
            let first = if i == 0 && j == 0 { FIRST } else { 1.0 };
            let change = if x == y { 0.0 } else { C::changed(*x, *y) * first };
            let mut best = (rows[before][j] + change)
                .min(rows[before][j + 1] + C::extra(*x))
                .min(rows[here][j] + C::extra(*y));
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(rows[above][j - 1] + C::SWAPPED);
            }
            rows[here][j + 1] = best;
        }
        // Every way goes through this row or, by a swap, over it from the one before.
        let cheapest = rows[here][..=b.len()].iter().copied().fold(f32::INFINITY, f32::min);
        if cheapest.min(cheapest_before) > most {
            return 0.0;
        }
        cheapest_before = cheapest;
    }
    let found = 1.0 - rows[a.len() % 3][b.len()] / longer as f32;
    if found < least { 0.0 } else { found.max(0.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of<C: Costs>(a: &str, b: &str, least: f32) -> f32 {
        let (a, b) = (a.as_bytes(), b.as_bytes());
        similarity::<C>((a, letters(a)), (b, letters(b)), least)
    }

    fn typed(a: &str, b: &str) -> f32 {
        of::<Typed>(a, b, 0.0)
    }

    #[test]
    fn one_change_costs_a_letter_and_more_at_the_beginning() {
        assert_eq!(typed("putin", "putin"), 1.0);
        assert!((typed("putin", "pulin") - 0.8).abs() < 1e-6);
        assert!((typed("marcon", "macron") - (1.0 - 0.8 / 6.0)).abs() < 1e-6);
        assert!((typed("putin", "mutin") - (1.0 - 1.3 / 5.0)).abs() < 1e-6);
        assert_eq!(typed("putin", ""), 0.0);
    }

    #[test]
    fn vowels_and_voices_are_near_by_sound() {
        let sounded = |a: &str, b: &str| of::<Sounded>(a, b, 0.0);
        assert!(sounded("laden", "ladin") > 0.9);
        assert!(sounded("gamal", "Jamal") > 0.85);
        assert!(sounded("saif", "seif") > 0.9);
        assert!(sounded("kasim", "nadim") < 0.7);
    }

    proptest! {
        #[test]
        fn it_is_the_same_both_ways_and_within_bounds(a in "[a-z]{0,40}", b in "[a-z]{0,40}") {
            let there = of::<Sounded>(&a, &b, 0.0);
            let back = of::<Sounded>(&b, &a, 0.0);
            prop_assert!((there - back).abs() < 1e-4, "{there} {back}");
            prop_assert!((0.0..=1.0).contains(&there));
        }

        #[test]
        fn what_is_quickly_refused_is_less_alike_than_asked(
            a in "[abdeghiklmJSzt]{1,9}", b in "[abdeghiklmJSzt]{1,9}", least in 0.3_f32..0.95,
        ) {
            for (whole, quick) in [
                (of::<Typed>(&a, &b, 0.0), of::<Typed>(&a, &b, least)),
                (of::<Sounded>(&a, &b, 0.0), of::<Sounded>(&a, &b, least)),
            ] {
                prop_assert!(if whole >= least { quick == whole } else { quick == 0.0 }, "{whole} {quick} {least}");
            }
        }
    }
}
