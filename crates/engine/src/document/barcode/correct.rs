//! Error correction of PDF417: a Reed-Solomon code over GF(929) with generator roots 3^1, 3^2, .. (ISO/IEC 15438:2015,
//! 5.10), with erasures.

/// Size of the field; 3 is a primitive element.
const FIELD: u32 = 929;

struct Field {
    power: Vec<u32>,
    log: Vec<u32>,
}

impl Field {
    fn new() -> Field {
        let mut power = Vec::with_capacity(FIELD as usize);
        let mut log = vec![0; FIELD as usize];
        let mut value = 1;
        for exponent in 0..FIELD - 1 {
            power.push(value);
            log[value as usize] = exponent;
            value = value * 3 % FIELD;
        }
        Field { power, log }
    }

    /// 3 to that power, which may be negative.
    fn power(&self, exponent: i64) -> u32 {
        self.power[exponent.rem_euclid(i64::from(FIELD) - 1) as usize]
    }

    /// One over `value`, which is not 0.
    fn inverse(&self, value: u32) -> u32 {
        self.power(-i64::from(self.log[value as usize]))
    }
}

fn times(a: u32, b: u32) -> u32 {
    a * b % FIELD
}

fn less(a: u32, b: u32) -> u32 {
    (a + FIELD - b) % FIELD
}

/// Lowest coefficient first, no zeros at the high end.
type Polynomial = Vec<u32>;

fn trimmed(mut p: Polynomial) -> Polynomial {
    while p.last() == Some(&0) {
        p.pop();
    }
    p
}

fn product(a: &[u32], b: &[u32]) -> Polynomial {
    let mut out = vec![0; (a.len() + b.len()).saturating_sub(1)];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            out[i + j] = (out[i + j] + x * y) % FIELD;
        }
    }
    trimmed(out)
}

fn value(p: &[u32], x: u32) -> u32 {
    p.iter().rev().fold(0, |sum, coefficient| (sum * x + coefficient) % FIELD)
}

/// Corrects `words` (data first, then `check` correction words) in place; those at `erased` are known to be unknown.
///
/// Returns how many places outside `erased` were wrong; `None`, with `words` as they were, where there are more errors than
/// can be corrected.
pub(super) fn correct(words: &mut [u32], check: usize, erased: &[usize]) -> Option<usize> {
    let size = words.len();
    if size >= FIELD as usize
        || check >= size
        || erased.len() > check
        || words.iter().any(|word| *word >= FIELD)
    {
        return None;
    }
    let field = Field::new();
    let syndromes = |words: &[u32]| -> Vec<u32> {
        let at = |root: usize| {
            let x = field.power(root as i64);
            words.iter().fold(0, |sum, word| (sum * x + word) % FIELD)
        };
        (1..=check).map(at).collect()
    };
    let seen = trimmed(syndromes(words));
    if seen.is_empty() {
        return Some(0);
    }
    let locator = |place: usize| field.power((size - 1 - place) as i64);
    let known = erased.iter().fold(vec![1], |known, place| product(&known, &[1, less(0, locator(*place))]));
    let mut folded = product(&seen, &known);
    folded.truncate(check);
    // Euclid on x^check and the folded syndromes (Sugiyama et al. 1975).
    let (mut last, mut now) = (vec![0; check], trimmed(folded));
    last.push(1);
    let (mut last_factor, mut factor) = (Vec::new(), vec![1]);
    while 2 * now.len() > check + erased.len() + 1 {
        // One step: the quotient's terms from the highest.
        let (mut rest, mut next) = (last, last_factor);
        let scale = field.inverse(*now.last()?);
        while rest.len() >= now.len() {
            let shift = rest.len() - now.len();
            let by = times(*rest.last()?, scale);
            next.resize(next.len().max(factor.len() + shift), 0);
            for (at, coefficient) in now.iter().enumerate() {
                rest[at + shift] = less(rest[at + shift], times(*coefficient, by));
            }
            for (at, coefficient) in factor.iter().enumerate() {
                next[at + shift] = less(next[at + shift], times(*coefficient, by));
            }
            rest = trimmed(rest);
        }
        (last, now) = (now, rest);
        (last_factor, factor) = (factor, trimmed(next));
    }
    let errors = product(&factor, &known);
    let first = *errors.first().filter(|first| **first != 0)?;
    let unit = field.inverse(first);
    let errors: Polynomial = errors.iter().map(|coefficient| times(*coefficient, unit)).collect();
    let values: Polynomial = now.iter().map(|coefficient| times(*coefficient, unit)).collect();
    let derived: Polynomial =
        errors.iter().enumerate().skip(1).map(|(power, c)| times(*c, power as u32 % FIELD)).collect();
    let mut corrected = words.to_vec();
    let mut found = 0;
    let mut outside = 0;
    for (place, word) in corrected.iter_mut().enumerate() {
        let x = field.inverse(locator(place));
        if value(&errors, x) != 0 {
            continue;
        }
        let slope = value(&derived, x);
        if slope == 0 {
            return None;
        }
        found += 1;
        outside += usize::from(!erased.contains(&place));
        // Forney, for roots from 3^1: the error is -value / slope; subtracting it adds.
        *word = (*word + times(value(&values, x), field.inverse(slope))) % FIELD;
    }
    if found + 1 != errors.len() || syndromes(&corrected).iter().any(|syndrome| *syndrome != 0) {
        return None;
    }
    words.copy_from_slice(&corrected);
    Some(outside)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `data` with its correction words behind it: the remainder of dividing by the product of (x - 3^i).
    fn encoded(data: &[u32], check: usize) -> Vec<u32> {
        let field = Field::new();
        let generator =
            (1..=check).fold(vec![1], |g, root| product(&g, &[less(0, field.power(root as i64)), 1]));
        let mut rest: Vec<u32> = data.to_vec();
        rest.resize(data.len() + check, 0);
        for at in 0..data.len() {
            let by = rest[at];
            for (back, coefficient) in generator.iter().rev().enumerate() {
                rest[at + back] = less(rest[at + back], times(*coefficient, by));
            }
        }
        data.iter().copied().chain(rest[data.len()..].iter().map(|word| less(0, *word))).collect()
    }

    proptest! {
        #[test]
        fn as_many_errors_and_erasures_as_there_is_room_for_are_corrected(
            data in prop::collection::vec(0..FIELD, 5..200),
            check in prop::sample::select(vec![8usize, 16, 32, 64]),
            places in prop::collection::vec((any::<prop::sample::Index>(), 1..FIELD), 64),
            share in 0.0..1.0f64,
        ) {
            let truth = encoded(&data, check);
            let mut words = truth.clone();
            let erasures = (check as f64 * share) as usize;
            let errors = (check - erasures) / 2;
            let mut touched = Vec::new();
            for (place, by) in places.iter().take(errors + erasures) {
                let place = place.index(words.len());
                if !touched.contains(&place) {
                    words[place] = (words[place] + by) % FIELD;
                    touched.push(place);
                }
            }
            let erased: Vec<usize> = touched.iter().copied().take(erasures).collect();
            let outside = touched.len() - erased.len();
            prop_assert_eq!(correct(&mut words, check, &erased), Some(outside));
            prop_assert_eq!(words, truth);
        }

        #[test]
        fn nothing_that_is_given_panics(
            words in prop::collection::vec(0..2000u32, 0..60),
            check in 0..80usize,
            erased in prop::collection::vec(0..60usize, 0..20),
        ) {
            let _ = correct(&mut words.clone(), check, &erased);
        }
    }
}
