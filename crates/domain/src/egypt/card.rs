//! What has to agree on a card.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Gender, Governorate, NationalNumber, printed_day, printed_month, words};
use crate::Day;

/// What is wrong with what was read of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardFault {
    /// The number is no national number.
    Number,
    /// The printed day of birth is not that of the number, or is still to come.
    BirthDate,
    /// The printed governorate is none.
    Governorate,
    /// The factory number has another form.
    FactoryNumber,
    /// The printed sex is not that of the number, or none.
    Gender,
    /// The card was released in the future, before its holder's birth or after it expired.
    ReleaseDate,
    /// The day of birth is not printed as a day.
    BirthDateFormat,
    /// The month of release is not printed as a month or a day.
    ReleaseDateFormat,
    /// The day of expiry is not printed as a day.
    ExpiryDateFormat,
    /// The card has expired.
    Expired,
    /// Front and back have different numbers.
    NumberMismatch,
}

/// The factory number on the front, `HM3218902`: two letters and seven digits.
#[derive(Clone, PartialEq, Eq)]
pub struct FactoryNumber(String);

impl FactoryNumber {
    /// Takes small letters, spaces and Arabic-Indic digits too. `None` for another form.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = crate::arabic::fold(text).split(' ').collect::<String>().to_uppercase();
        let (letters, digits) = text.split_at_checked(2)?;
        let fits = letters.bytes().all(|byte| byte.is_ascii_uppercase())
            && digits.len() == 7
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then_some(Self(text))
    }

    /// Two capital letters and seven Western digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FactoryNumber {
    /// Nothing personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FactoryNumber(..)")
    }
}

/// What was read of a card; `None` for what was not read, which is no fault here.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct CardText<'a> {
    /// Number on the front.
    pub front_number: Option<&'a str>,
    /// Number on the back.
    pub back_number: Option<&'a str>,
    /// Day of birth on the front.
    pub birth_date: Option<&'a str>,
    /// Governorate in the address.
    pub governorate: Option<&'a str>,
    /// Factory number on the front.
    pub factory_number: Option<&'a str>,
    /// Sex on the back.
    pub gender: Option<&'a str>,
    /// Month or day of release on the back.
    pub release_date: Option<&'a str>,
    /// Day of expiry on the back.
    pub expiry_date: Option<&'a str>,
}

impl fmt::Debug for CardText<'_> {
    /// Nothing personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardText").finish_non_exhaustive()
    }
}

impl CardText<'_> {
    /// Everything that is wrong, each fault once, in the order of [`CardFault`]. `today` settles what is still to come
    /// and what has expired.
    pub fn faults(&self, today: Day) -> Vec<CardFault> {
        let mut faults: Vec<CardFault> = [
            self.number(),
            self.birth_date(today),
            self.governorate(),
            self.factory_number(),
            self.gender(),
            self.release_date(today),
            self.expiry_date(today),
            self.number_mismatch(),
        ]
        .into_iter()
        .flatten()
        .collect();
        faults.sort_unstable();
        faults
    }

    /// [`CardFault::Number`] where either number is none.
    pub fn number(&self) -> Option<CardFault> {
        let mut numbers = [self.front_number, self.back_number].into_iter().flatten();
        numbers.any(|text| parsed(text).is_none()).then_some(CardFault::Number)
    }

    /// [`CardFault::NumberMismatch`] where both sides have digits and they differ.
    pub fn number_mismatch(&self) -> Option<CardFault> {
        let digits = |text: &str| text.chars().filter_map(crate::arabic::digit).collect::<Vec<_>>();
        let (front, back) = (digits(self.front_number?), digits(self.back_number?));
        (front != back).then_some(CardFault::NumberMismatch)
    }

    /// [`CardFault::BirthDateFormat`], or [`CardFault::BirthDate`] where it is still to come or not that of the number.
    pub fn birth_date(&self, today: Day) -> Option<CardFault> {
        let number = self.any_number();
        let printed = match self.birth_date.map(printed_day) {
            Some(None) => return Some(CardFault::BirthDateFormat),
            Some(printed) => printed,
            None => None,
        };
        let born = printed.or(number.map(|number| number.born()))?;
        let differs = number.is_some_and(|number| number.born() != born);
        (born > today || differs).then_some(CardFault::BirthDate)
    }

    /// [`CardFault::Governorate`] where none has that name. It is not compared with the number's: that is where the
    /// holder was born, this is where the holder lives.
    pub fn governorate(&self) -> Option<CardFault> {
        let text = self.governorate?;
        Governorate::from_arabic(text).is_none().then_some(CardFault::Governorate)
    }

    /// [`CardFault::FactoryNumber`] where it has another form.
    pub fn factory_number(&self) -> Option<CardFault> {
        let text = self.factory_number?;
        FactoryNumber::parse(text).is_none().then_some(CardFault::FactoryNumber)
    }

    /// [`CardFault::Gender`] where it is none or not that of the number.
    pub fn gender(&self) -> Option<CardFault> {
        let printed = words::gender(self.gender?);
        let expected: Option<Gender> = self.any_number().map(|number| number.gender());
        let differs = expected.is_some_and(|expected| printed != Some(expected));
        (printed.is_none() || differs).then_some(CardFault::Gender)
    }

    /// [`CardFault::ReleaseDateFormat`], or [`CardFault::ReleaseDate`] where the month is still to come, before the birth
    /// or after the expiry.
    pub fn release_date(&self, today: Day) -> Option<CardFault> {
        let text = self.release_date?;
        let month = |day: Day| (day.year(), day.month());
        let Some(released) = printed_month(text).or_else(|| printed_day(text).map(month)) else {
            return Some(CardFault::ReleaseDateFormat);
        };
        let expiry = self.expiry_date.and_then(printed_day);
        let early = self.any_number().is_some_and(|number| released < month(number.born()));
        let late = expiry.is_some_and(|expiry| released > month(expiry));
        (released > month(today) || early || late).then_some(CardFault::ReleaseDate)
    }

    /// [`CardFault::ExpiryDateFormat`], or [`CardFault::Expired`] from the day after.
    pub fn expiry_date(&self, today: Day) -> Option<CardFault> {
        match printed_day(self.expiry_date?) {
            None => Some(CardFault::ExpiryDateFormat),
            Some(expiry) => (expiry < today).then_some(CardFault::Expired),
        }
    }

    /// The number of the front, or else of the back.
    fn any_number(&self) -> Option<NationalNumber> {
        let read = |text: Option<&str>| text.and_then(parsed);
        read(self.front_number).or_else(|| read(self.back_number))
    }
}

fn parsed(text: &str) -> Option<NationalNumber> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: CardText<'_> = CardText {
        front_number: Some("٢٩٥٠٧٢٤٠١١٢٣٤٥"),
        back_number: Some("29507240112345"),
        birth_date: Some("١٩٩٥/٠٧/٢٤"),
        governorate: Some("الجيزة"),
        factory_number: Some("HM3218902"),
        gender: Some("أنثى"),
        release_date: Some("٢٠٢٢/٠٥"),
        expiry_date: Some("٢٠٢٩/٠٥/١٤"),
    };

    fn faults(text: CardText<'_>) -> Vec<CardFault> {
        text.faults(Day::new(2026, 11, 21).unwrap())
    }

    #[test]
    fn a_sound_card_has_no_faults_and_neither_has_one_that_was_not_read() {
        assert_eq!(faults(SOUND), []);
        assert_eq!(faults(CardText::default()), []);
    }

    #[test]
    fn every_fault_is_found_alone() {
        use CardFault as Fault;
        let of = |change: &dyn Fn(&mut CardText<'static>)| {
            let mut text = SOUND;
            change(&mut text);
            faults(text)
        };
        assert_eq!(of(&|text| text.back_number = Some("29507240112347")), [Fault::NumberMismatch]);
        assert_eq!(of(&|text| text.birth_date = Some("1995/07/25")), [Fault::BirthDate]);
        assert_eq!(of(&|text| text.birth_date = Some("1995/07/32")), [Fault::BirthDateFormat]);
        assert_eq!(of(&|text| text.governorate = Some("لندن")), [Fault::Governorate]);
        assert_eq!(of(&|text| text.factory_number = Some("H33218902")), [Fault::FactoryNumber]);
        assert_eq!(of(&|text| text.gender = Some("ذكر")), [Fault::Gender]);
        assert_eq!(of(&|text| text.gender = Some("مصري")), [Fault::Gender]);
        assert_eq!(of(&|text| text.release_date = Some("2026/12")), [Fault::ReleaseDate]);
        assert_eq!(of(&|text| text.release_date = Some("1995/06")), [Fault::ReleaseDate]);
        assert_eq!(of(&|text| text.release_date = Some("مايو")), [Fault::ReleaseDateFormat]);
        assert_eq!(of(&|text| text.expiry_date = Some("2029-05")), [Fault::ExpiryDateFormat]);
        assert_eq!(of(&|text| text.expiry_date = Some("2026/11/20")), [Fault::Expired]);
        assert_eq!(of(&|text| text.expiry_date = Some("2026/11/21")), [], "valid until its last day");
    }

    #[test]
    fn a_number_that_is_none_is_a_fault_and_the_other_side_still_counts() {
        let text = CardText { front_number: Some("2950724011234"), ..SOUND };
        assert_eq!(faults(text), [CardFault::Number, CardFault::NumberMismatch]);
        let text = CardText { front_number: None, birth_date: Some("1995/07/25"), ..SOUND };
        assert_eq!(faults(text), [CardFault::BirthDate]);
        let unborn = CardText { front_number: Some("32807240112345"), ..CardText::default() };
        assert_eq!(faults(unborn), [CardFault::BirthDate]);
    }

    #[test]
    fn a_birth_elsewhere_than_the_address_is_no_fault() {
        let text = CardText { governorate: Some("محافظة أسوان"), ..SOUND };
        assert_eq!(faults(text), []);
    }

    #[test]
    fn nothing_personal_is_printed() {
        assert_eq!(format!("{SOUND:?}"), "CardText { .. }");
        assert_eq!(format!("{:?}", FactoryNumber::parse("hm ٣٢١٨٩٠٢").unwrap()), "FactoryNumber(..)");
    }
}
