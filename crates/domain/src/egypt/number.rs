//! The national number of 14 digits.

use std::fmt;
use std::str::FromStr;

use super::Governorate;
use crate::{Day, arabic};

/// What a national number says of its holder's sex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gender {
    /// The last digit of the sequence is odd.
    Male,
    /// It is even.
    Female,
}

/// An Egyptian national number: the century of birth (2 for 19.., 3 for 20..), the day of birth as `YYMMDD`, the
/// governorate of birth, a sequence of four digits whose last tells the sex, and a last digit.
///
/// Every value has a day of birth that exists and a governorate that is known. [`NationalNumber::check_fits`] is no part
/// of that.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NationalNumber {
    digits: [u8; 14],
    born: Day,
    governorate: Governorate,
}

/// Why digits are no national number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadNationalNumber {
    /// It has not 14 digits.
    #[error("a national number has 14 digits")]
    Length,
    /// Its first digit is neither 2 nor 3.
    #[error("a national number begins with 2 or 3")]
    Century,
    /// Its day of birth does not exist.
    #[error("the day of birth in the national number does not exist")]
    BirthDate,
    /// Its governorate is not known.
    #[error("no governorate has the code in the national number")]
    Governorate,
}

/// Weights of the last digit, from the left. Not official: nothing that the Civil Status Organisation publishes states
/// them, and they are what developers in Egypt found to fit.
pub(super) const WEIGHTS: [u32; 13] = [2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

/// The last digit that fits a weighted sum of the 13 before it: 11 less the sum modulo 11, where 10 is written 0 and 11
/// is written 1.
pub(super) const fn check_digit(sum: u32) -> u8 {
    match 11 - sum % 11 {
        10 => 0,
        11 => 1,
        digit => digit as u8,
    }
}

impl NationalNumber {
    /// The number of those digits, each 0..=9.
    ///
    /// # Errors
    /// [`BadNationalNumber`], the leftmost reason.
    pub fn from_digits(digits: [u8; 14]) -> Result<Self, BadNationalNumber> {
        if digits.iter().any(|digit| *digit > 9) {
            return Err(BadNationalNumber::Length);
        }
        let two = |at: usize| digits[at] * 10 + digits[at + 1];
        let century = match digits[0] {
            2 => 1900,
            3 => 2000,
            _ => return Err(BadNationalNumber::Century),
        };
        let born = Day::new(century + u16::from(two(1)), two(3), two(5));
        let born = born.ok_or(BadNationalNumber::BirthDate)?;
        let governorate = Governorate::from_code(two(7)).ok_or(BadNationalNumber::Governorate)?;
        Ok(Self { digits, born, governorate })
    }

    /// The day of birth.
    pub const fn born(&self) -> Day {
        self.born
    }

    /// Where the birth was registered. This need not be where the holder lives, nor the governorate of the address.
    pub const fn governorate(&self) -> Governorate {
        self.governorate
    }

    /// The holder's sex.
    pub const fn gender(&self) -> Gender {
        if self.digits[12].is_multiple_of(2) { Gender::Female } else { Gender::Male }
    }

    /// Whether the last digit is the one that the usual weights give. They are not official: that it does not fit lowers
    /// confidence and settles what is ambiguous, and is no reason to refuse a number.
    pub fn check_fits(&self) -> bool {
        let sum = self.digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
        self.digits[13] == check_digit(sum)
    }

    /// The digits, each 0..=9.
    pub const fn digits(&self) -> &[u8; 14] {
        &self.digits
    }
}

impl FromStr for NationalNumber {
    type Err = BadNationalNumber;

    /// Takes Arabic-Indic, Persian and Western digits, with spaces, dashes and marks of direction between them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digits = Vec::with_capacity(14);
        for c in text.chars() {
            match arabic::digit(c) {
                Some(digit) => digits.push(digit),
                None if is_between_digits(c) => {}
                None => return Err(BadNationalNumber::Length),
            }
        }
        let digits: [u8; 14] = digits.try_into().map_err(|_| BadNationalNumber::Length)?;
        Self::from_digits(digits)
    }
}

fn is_between_digits(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '\u{640}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}')
}

impl fmt::Display for NationalNumber {
    /// Western digits without spaces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.digits.iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}

impl fmt::Debug for NationalNumber {
    /// Nothing personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NationalNumber(..)")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The first 13 digits with the last one that fits.
    pub(in crate::egypt) fn with_check(first: &str) -> String {
        let sum = first.bytes().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
        format!("{first}{}", check_digit(sum))
    }

    #[test]
    fn a_number_says_when_where_and_of_which_sex() {
        let number: NationalNumber = with_check("2950724011234").parse().unwrap();
        assert_eq!(number.born().to_string(), "1995-07-24");
        assert_eq!(number.governorate().english(), "Cairo");
        assert_eq!(number.gender(), Gender::Female);
        assert!(number.check_fits());
        let abroad: NationalNumber = with_check("3040229880015").parse().unwrap();
        assert_eq!(abroad.governorate().arabic(), "خارج الجمهورية");
        assert_eq!(abroad.gender(), Gender::Male);
    }

    #[test]
    fn arabic_and_western_digits_are_the_same_number() {
        let western: NationalNumber = "29507240112345".parse().unwrap();
        assert_eq!("٢٩٥٠٧٢٤٠١١٢٣٤٥".parse(), Ok(western));
        assert_eq!("٢ ٩٥٠٧٢٤ ٠١ ١٢٣٤ ٥".parse(), Ok(western));
        assert_eq!(western.to_string(), "29507240112345");
    }

    #[test]
    fn what_is_no_number_says_why() {
        let why = |text: &str| text.parse::<NationalNumber>().unwrap_err();
        assert_eq!(why("2950724011234"), BadNationalNumber::Length);
        assert_eq!(why("295072401123456"), BadNationalNumber::Length);
        assert_eq!(why("2950724o112345"), BadNationalNumber::Length);
        assert_eq!(why("19507240112345"), BadNationalNumber::Century);
        assert_eq!(why("29502290112345"), BadNationalNumber::BirthDate);
        assert_eq!(why("29507240512345"), BadNationalNumber::Governorate);
    }

    #[test]
    fn a_last_digit_that_does_not_fit_refuses_nothing() {
        let fitting = with_check("2950724011234");
        for last in '0'..='9' {
            let text = format!("2950724011234{last}");
            assert_eq!(text.parse::<NationalNumber>().unwrap().check_fits(), text == fitting, "{text}");
        }
    }

    #[test]
    fn nothing_personal_is_printed() {
        let number: NationalNumber = "29507240112345".parse().unwrap();
        assert_eq!(format!("{number:?}"), "NationalNumber(..)");
    }

    #[test]
    fn the_last_digit_follows_its_rule_at_its_edges() {
        assert_eq!(check_digit(0), 1, "11 is written 1");
        assert_eq!(check_digit(1), 0, "10 is written 0");
        assert_eq!(check_digit(2), 9);
        assert_eq!(check_digit(10), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_a_number_or_an_error(text in "\\PC{0,20}") {
            if let Ok(number) = text.parse::<NationalNumber>() {
                prop_assert_eq!(number.to_string().parse(), Ok(number));
            }
        }
    }
}
