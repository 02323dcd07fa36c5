//! The number that a recogniser most probably saw.
//!
//! The rules of a number couple only neighbouring digits: those of the birth, those of the governorate. What couples the
//! whole is the last digit, and that only by the sum of the others modulo 11. So each part is searched alone, with the
//! best digits for each remainder of the sum, and the parts are then joined by remainder: exact, and as quick as a
//! shortest path.

use super::number::{NationalNumber, WEIGHTS, check_digit};
use crate::Day;

/// What a recogniser saw as a number.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedNumber {
    /// The likeliest number that can exist.
    pub number: NationalNumber,
    /// The probability of it among the numbers that can exist, 0..1, as far as the recogniser's probabilities are; half
    /// of that where the last digit does not fit.
    pub confidence: f32,
    /// Whether the last digit fits.
    pub check_fits: bool,
    /// Places, from the left, where another digit is about as likely.
    pub open: Vec<usize>,
    /// Places where another digit looked likelier and the rules spoke against it.
    pub repaired: Vec<usize>,
}

/// How much less likely a number is whose last digit does not fit. The weights are not official and nobody has published
/// how many cards do not keep to them: large enough to settle what is ambiguous, small enough that one clear digit beats it.
const MISFIT: f64 = 0.05;

/// What a last digit that does not fit leaves of the confidence, as in machine-readable zones.
const WRONG: f64 = 0.5;

/// Readings are of comparable probability where one is less than five times as likely as the other, as in
/// machine-readable zones.
const COMPARABLE: f64 = 5.0;

/// For every remainder modulo 11: the digits that are likeliest, with their probability, and the probability of all.
type Part = [(f64, Vec<u8>, f64); 11];

/// The likeliest national number of somebody born until `today`.
///
/// `places` has for each of the 14 places, from the left, the digits that it may be with their probabilities (0..1, not
/// necessarily all of them and not necessarily sorted). What is not among them is not considered.
///
/// `None` where there are not 14 places or no number can be made of them.
pub fn resolve(places: &[Vec<(u8, f32)>], today: Day) -> Option<ResolvedNumber> {
    let places: [[f64; 10]; 14] =
        places.iter().map(|place| weights(place)).collect::<Vec<_>>().try_into().ok()?;
    let best = search(&places, today)?;
    let number = NationalNumber::from_digits(best.digits).ok()?;
    let check_fits = number.check_fits();
    let comparable = |at: usize| {
        let mut others = places;
        others[at][usize::from(best.digits[at])] = 0.0;
        search(&others, today).is_some_and(|other| other.likelihood * COMPARABLE > best.likelihood)
    };
    let repaired = |at: &usize| {
        let chosen = places[*at][usize::from(best.digits[*at])];
        places[*at].iter().any(|other| *other > chosen)
    };
    let share = best.likelihood / best.all;
    Some(ResolvedNumber {
        number,
        confidence: (if check_fits { share } else { share * WRONG }) as f32,
        check_fits,
        open: (0..14).filter(|at| comparable(*at)).collect(),
        repaired: (0..14).filter(repaired).collect(),
    })
}

struct Best {
    digits: [u8; 14],
    likelihood: f64,
    /// That of all numbers together.
    all: f64,
}

/// The probabilities by digit.
fn weights(place: &[(u8, f32)]) -> [f64; 10] {
    let mut weights = [0.0; 10];
    for (digit, probability) in place {
        if let Some(weight) = weights.get_mut(usize::from(*digit))
            && probability.is_finite()
        {
            *weight += f64::from(probability.max(0.0));
        }
    }
    weights
}

fn search(places: &[[f64; 10]; 14], today: Day) -> Option<Best> {
    let birth = part(places, 0, 7, &|digits| is_birth(digits, today));
    let governorate = part(places, 7, 2, &|digits| {
        digits.len() < 2 || super::Governorate::from_code(digits[0] * 10 + digits[1]).is_some()
    });
    let sequence = part(places, 9, 4, &|_| true);
    let first = join(&join(&birth, &governorate), &sequence);
    let mut best: Option<(f64, [u8; 14])> = None;
    let mut all = 0.0;
    for (sum, (likelihood, digits, total)) in first.iter().enumerate() {
        let fitting = check_digit(sum as u32);
        for (last, weight) in (0_u8..).zip(places[13]) {
            let weight = if last == fitting { weight } else { weight * MISFIT };
            all += total * weight;
            let likelihood = likelihood * weight;
            if likelihood > 0.0 && best.as_ref().is_none_or(|best| likelihood > best.0) {
                let mut number = [last; 14];
                number[..digits.len()].copy_from_slice(digits);
                best = Some((likelihood, number));
            }
        }
    }
    best.map(|(likelihood, digits)| Best { digits, likelihood, all })
}

/// Whether digits from the left can begin a birth until `today`.
fn is_birth(digits: &[u8], today: Day) -> bool {
    let two = |at: usize| digits[at] * 10 + digits[at + 1];
    match digits.len() {
        1 => matches!(digits[0], 2 | 3),
        4 => digits[3] <= 1,
        5 => (1..=12).contains(&two(3)),
        6 => digits[5] <= 3,
        7 => {
            let year = if digits[0] == 2 { 1900 } else { 2000 } + u16::from(two(1));
            Day::new(year, two(3), two(5)).is_some_and(|born| born <= today)
        }
        _ => true,
    }
}

/// The digits of `length` places from `start` that `allows`, which is asked of every beginning too.
fn part(places: &[[f64; 10]; 14], start: usize, length: usize, allows: &dyn Fn(&[u8]) -> bool) -> Part {
    let mut part = empty();
    let mut digits = Vec::with_capacity(length);
    extend(
        &places[start..start + length],
        &WEIGHTS[start..start + length],
        allows,
        1.0,
        &mut digits,
        &mut part,
    );
    part
}

fn extend(
    places: &[[f64; 10]],
    weights: &[u32],
    allows: &dyn Fn(&[u8]) -> bool,
    likelihood: f64,
    digits: &mut Vec<u8>,
    part: &mut Part,
) {
    let Some(place) = places.get(digits.len()) else {
        let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum();
        let (best, kept, total) = &mut part[(sum % 11) as usize];
        *total += likelihood;
        if likelihood > *best {
            *best = likelihood;
            kept.clone_from(digits);
        }
        return;
    };
    for (digit, weight) in (0_u8..).zip(place) {
        digits.push(digit);
        if *weight > 0.0 && allows(digits) {
            extend(places, weights, allows, likelihood * weight, digits, part);
        }
        digits.pop();
    }
}

fn empty() -> Part {
    std::array::from_fn(|_| (0.0, Vec::new(), 0.0))
}

/// Two parts one after the other.
fn join(left: &Part, right: &Part) -> Part {
    let mut joined = empty();
    for (a, (left_best, left_digits, left_all)) in left.iter().enumerate() {
        for (b, (right_best, right_digits, right_all)) in right.iter().enumerate() {
            let (best, digits, all) = &mut joined[(a + b) % 11];
            *all += left_all * right_all;
            if left_best * right_best > *best {
                *best = left_best * right_best;
                *digits = [left_digits.as_slice(), right_digits].concat();
            }
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::number::tests::with_check;
    use super::*;

    fn today() -> Day {
        Day::new(2026, 11, 21).unwrap()
    }

    fn certain(text: &str) -> Vec<Vec<(u8, f32)>> {
        text.bytes().map(|byte| vec![(byte - b'0', 1.0)]).collect()
    }

    #[test]
    fn what_is_certain_is_taken() {
        let text = with_check("2950724011234");
        let found = resolve(&certain(&text), today()).unwrap();
        assert_eq!(found.number.to_string(), text);
        assert!(found.check_fits && found.open.is_empty() && found.repaired.is_empty());
        assert!((found.confidence - 1.0).abs() < 1e-6);
    }

    #[test]
    fn rules_of_the_fields_beat_what_looked_likelier() {
        let text = with_check("2950724011234");
        let mut places = certain(&text);
        // A month 57 does not exist, and a governorate 61 neither.
        places[3] = vec![(5, 0.8), (0, 0.2)];
        places[7] = vec![(6, 0.9), (0, 0.1)];
        let found = resolve(&places, today()).unwrap();
        assert_eq!(found.number.to_string(), text);
        assert_eq!(found.repaired, [3, 7]);
        assert!(found.open.is_empty());
    }

    #[test]
    fn the_last_digit_settles_two_digits_that_look_alike() {
        let text = with_check("2950724011234");
        let mut places = certain(&text);
        places[10] = vec![(2, 0.45), (3, 0.55)];
        let found = resolve(&places, today()).unwrap();
        assert_eq!(found.number.to_string(), text);
        assert!(found.check_fits && found.open.is_empty());
        assert!(found.confidence > 0.9);
    }

    #[test]
    fn the_last_digit_alone_does_not_overrule_a_clear_reading() {
        let mut text = with_check("2950724011234").into_bytes();
        text[13] = if text[13] == b'9' { b'0' } else { text[13] + 1 };
        let text = String::from_utf8(text).unwrap();
        let mut places = certain(&text);
        for place in &mut places {
            let digit = place[0].0;
            *place = vec![(digit, 0.99), ((digit + 1) % 10, 0.01)];
        }
        let found = resolve(&places, today()).unwrap();
        assert_eq!(found.number.to_string(), text);
        assert!(!found.check_fits && found.confidence <= 0.5);
    }

    #[test]
    fn what_stays_open_is_said() {
        let text = with_check("2950724011234");
        let mut places = certain(&text);
        let last = places[13][0].0;
        // Both ends of a sum that fits either way cannot be settled: the digit and the last one change together.
        let other = (0..10).find(|digit| {
            let mut changed = text.clone().into_bytes();
            changed[10] = b'0' + digit;
            with_check(std::str::from_utf8(&changed[..13]).unwrap()).as_bytes()[13] != b'0' + last
        });
        let other = other.unwrap();
        let mut changed = text.clone().into_bytes();
        changed[10] = b'0' + other;
        let other_last = with_check(std::str::from_utf8(&changed[..13]).unwrap()).as_bytes()[13] - b'0';
        places[10].push((other, 0.8));
        places[13].push((other_last, 0.8));
        let found = resolve(&places, today()).unwrap();
        assert_eq!(found.open, [10, 13]);
        assert!(found.confidence < 0.7);
    }

    #[test]
    fn a_birth_that_is_still_to_come_is_none() {
        let mut places = certain(&with_check("3270724011234"));
        assert_eq!(resolve(&places, today()), None);
        places[0].push((2, 0.01));
        assert_eq!(resolve(&places, today()).unwrap().number.born().year(), 1927);
        assert_eq!(resolve(&places[..13], today()), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_search_agrees_with_trying_everything(
            places in proptest::collection::vec(proptest::collection::vec((0_u8..10, 0.01_f32..1.0), 1..3), 14),
            day in 1_u8..29, month in 1_u8..13,
        ) {
            let mut places = places;
            for (at, digit) in [(0, 2), (3, month / 10), (4, month % 10), (5, day / 10), (6, day % 10), (7, 1), (8, 2)] {
                places[at].push((digit, 0.3));
            }
            let found = resolve(&places, today()).unwrap();
            let tables: Vec<[f64; 10]> = places.iter().map(|place| weights(place)).collect();
            let mut best = 0.0_f64;
            let mut all = vec![(1.0_f64, Vec::new())];
            for table in &tables {
                all = all.into_iter().flat_map(|(likelihood, digits): (f64, Vec<u8>)| {
                    (0_u8..10).filter(|digit| table[usize::from(*digit)] > 0.0).map(move |digit| {
                        (likelihood * table[usize::from(digit)], [digits.as_slice(), &[digit]].concat())
                    }).collect::<Vec<_>>()
                }).filter(|(_, digits)| is_birth(digits, today()) || digits.len() > 7).collect();
            }
            for (likelihood, digits) in all {
                let Ok(number) = NationalNumber::from_digits(digits.try_into().unwrap()) else { continue };
                best = best.max(if number.check_fits() { likelihood } else { likelihood * MISFIT });
            }
            let digits = found.number.digits();
            let of_found: f64 = digits.iter().zip(&tables).map(|(digit, table)| table[usize::from(*digit)]).product();
            let of_found = if found.check_fits { of_found } else { of_found * MISFIT };
            prop_assert!((of_found - best).abs() <= best * 1e-9, "{of_found} {best}");
        }
    }
}
