//! How far two words are apart.

/// Words longer than this are cut: no name has such a word.
pub(super) const LONGEST: usize = 32;

/// Costs are whole thousandths of a letter.
const LETTER: u32 = 1_000;

/// A changed first letter counts so much more, in percent: in 50,000 misspellings only 7.8 % touched it (J. Pollock,
/// A. Zamora, Collection and characterization of spelling errors, 1983), much less than its share.
const FIRST: u32 = 130;

const fn first(cost: u32) -> u32 {
    cost * FIRST / 100
}

/// Two neighbours in the other order are one slip of the fingers.
const SWAPPED: u32 = 800;

/// What one change costs.
pub(super) trait Costs {
    /// A letter of those too many.
    fn extra(letter: u64) -> u32;
    /// The letters that a letter is changed for at less than a whole letter, and at what.
    fn near(letter: u64) -> (u64, u32);
    /// What the letters of one word that are not among the letters of the other cost at least, however the words are
    /// aligned: each of them is dropped or changed.
    fn strange(word: &Outline, other: &Outline) -> u32;
}

/// Letters as they are typed.
pub(super) struct Typed;

impl Costs for Typed {
    fn extra(_: u64) -> u32 {
        LETTER
    }

    fn near(_: u64) -> (u64, u32) {
        (0, LETTER)
    }

    fn strange(word: &Outline, other: &Outline) -> u32 {
        (word.letters & !other.letters).count_ones() * LETTER
    }
}

/// Letters as they sound.
pub(super) struct Sounded;

/// What vowels cost that Arabic and Hebrew leave unwritten, and an h that is hardly heard.
const UNHEARD: u32 = 450;

/// What one vowel for another costs.
const OTHER_VOWEL: u32 = 300;

/// What a consonant costs for one of [`PAIRS`].
const OTHER_CONSONANT: u32 = 400;

impl Costs for Sounded {
    fn extra(letter: u64) -> u32 {
        if letter & CHEAP != 0 { UNHEARD } else { LETTER }
    }

    fn near(letter: u64) -> (u64, u32) {
        if letter & VOWELS != 0 {
            (VOWELS, OTHER_VOWEL)
        } else {
            (PARTNERS[letter.trailing_zeros() as usize & 63], OTHER_CONSONANT)
        }
    }

    fn strange(word: &Outline, other: &Outline) -> u32 {
        let strange = word.letters & !other.letters;
        let near = strange & !CHEAP & other.partners;
        let cost = |letters: u64, each: u32| letters.count_ones() * each;
        cost(strange & CHEAP, OTHER_VOWEL)
            + cost(near, OTHER_CONSONANT)
            + cost(strange & !CHEAP & !near, LETTER)
    }
}

/// What quickly tells two words apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Outline {
    length: u32,
    /// Its letters, a bit for each that it has.
    letters: u64,
    /// The consonants that its own may stand for.
    partners: u64,
}

impl Outline {
    pub(super) fn new(word: &str) -> Self {
        word.bytes().map(bit).fold(Self::default(), |all, letter| Self {
            length: all.length + 1,
            letters: all.letters | letter,
            partners: all.partners | PARTNERS[letter.trailing_zeros() as usize & 63],
        })
    }

    /// Of this word and `next` as one.
    pub(super) const fn with(self, next: Self) -> Self {
        Self {
            length: self.length + next.length,
            letters: self.letters | next.letters,
            partners: self.partners | next.partners,
        }
    }

    /// Whether it leaves open that the words are `least` alike by [`similarity`].
    pub(super) fn may_reach<C: Costs>(&self, other: &Self, least: f32) -> bool {
        let most = most(self.length.max(other.length), least);
        C::strange(self, other) <= most && C::strange(other, self) <= most
    }
}

/// What the way from one word to another may cost that are `least` alike.
fn most(longer: u32, least: f32) -> u32 {
    ((1.0 - least) * (longer.min(LONGEST as u32) * LETTER) as f32) as u32 + 1
}

/// A bit of its own for each small letter, each capital letter (which stand for sounds) and each digit.
const fn bit(letter: u8) -> u64 {
    1 << match letter {
        b'a'..=b'z' => letter - b'a',
        b'A'..=b'Z' => 26 + (letter - b'A'),
        _ => 52 + (letter & 15) % 12,
    }
}

const VOWELS: u64 = bit(b'a') | bit(b'e') | bit(b'i') | bit(b'o') | bit(b'u');

/// Vowels, and the h that is hardly heard.
const CHEAP: u64 = VOWELS | bit(b'h');

/// For each letter, by the place of its bit, those that it may stand for.
const PARTNERS: [u64; 64] = {
    let mut table = [0; 64];
    let mut at = 0;
    while at < PAIRS.len() {
        let [a, b] = *PAIRS[at];
        table[bit(a).trailing_zeros() as usize] |= bit(b);
        table[bit(b).trailing_zeros() as usize] |= bit(a);
        at += 1;
    }
    table
};

/// Consonants that one system writes for what another writes as the other, that were one letter (Spanish x and j), or that
/// differ by voice alone.
const PAIRS: [&[u8; 2]; 15] =
    [b"bp", b"dt", b"gk", b"gJ", b"sz", b"sS", b"CS", b"CJ", b"Jy", b"vf", b"vb", b"zJ", b"hk", b"hg", b"SJ"];

/// From 0 (nothing in common) to 1 (the same): 1 less the cost of the cheapest way from one to the other, by the longer
/// one's length. Neighbours that changed places count as one change (optimal string alignment). 0 where it is less than
/// `least`.
pub(super) fn similarity<C: Costs>(a: &str, b: &str, least: f32) -> f32 {
    if a == b {
        return 1.0;
    }
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (a, b) = (&a[..a.len().min(LONGEST)], &b[..b.len().min(LONGEST)]);
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let longer = a.len().max(b.len()) as u32;
    let most = most(longer, least);
    // Of each letter of `b` its bit and what it costs as one too many.
    let mut columns = [(0, 0); LONGEST];
    let mut rows = [[0; LONGEST + 1]; 3];
    let [above, before, here] = &mut rows;
    let (mut above, mut before, mut here) = (above, before, here);
    for (at, letter) in b.iter().enumerate() {
        columns[at] = (bit(*letter), C::extra(bit(*letter)));
        before[at + 1] = before[at] + if at == 0 { first(columns[at].1) } else { columns[at].1 };
    }
    let columns = &columns[..b.len()];
    let (mut last_of_a, mut cheapest_before) = (0, 0);
    for (i, x) in a.iter().map(|letter| bit(*letter)).enumerate() {
        let (near, near_cost) = C::near(x);
        let change = |y: u64| {
            if x == y {
                0
            } else if y & near != 0 {
                near_cost
            } else {
                LETTER
            }
        };
        let extra = C::extra(x);
        let mut left = before[0] + if i == 0 { first(extra) } else { extra };
        let mut diagonal = before[0];
        if i == 0 {
            let cost = change(columns[0].0);
            diagonal += first(cost) - cost;
        }
        here[0] = left;
        let mut cheapest = left;
        let mut last_of_b = 0;
        for (j, (y, extra_in_b)) in columns.iter().copied().enumerate() {
            let up = before[j + 1];
            left = (diagonal + change(y)).min(up + extra).min(left + extra_in_b);
            if x == last_of_b && y == last_of_a {
                left = left.min(above[j - 1] + SWAPPED);
            }
            here[j + 1] = left;
            cheapest = cheapest.min(left);
            (diagonal, last_of_b) = (up, y);
        }
        // Every way goes through this row or, by a swap, over it from the one before.
        if cheapest.min(cheapest_before) > most {
            return 0.0;
        }
        (cheapest_before, last_of_a) = (cheapest, x);
        (above, before, here) = (before, here, above);
    }
    let found = 1.0 - before[b.len()] as f32 / (longer * LETTER) as f32;
    if found < least { 0.0 } else { found.max(0.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of<C: Costs>(a: &str, b: &str, least: f32) -> f32 {
        if Outline::new(a).may_reach::<C>(&Outline::new(b), least) {
            similarity::<C>(a, b, least)
        } else {
            0.0
        }
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
