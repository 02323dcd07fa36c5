//! Words and values that several routes share. Each can only be made of what is right.

use std::borrow::Cow;

use domain::{Fpir, Similarity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::form::FieldError;

/// Why a value is none. The sentence goes on after the field's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub(crate) struct BadWord(Cow<'static, str>);

/// What is validated: faces and documents, so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ValidationType {
    /// A selfie against the face of an enrollment.
    FaceRecognition,
    /// A face against the blocklist.
    FaceSearch,
    /// A document, without its holder.
    DocumentValidation,
    /// An e-mail address. Not available yet.
    EmailVerification,
    /// A phone number. Not available yet.
    PhoneVerification,
    /// Questions about a person. Not available yet.
    IdentityQuestions,
}

impl ValidationType {
    /// # Errors
    /// For every type that nothing validates here, under the name of the `field` that asked for it.
    pub(crate) fn must_be_available(self, field: &'static str) -> Result<(), FieldError> {
        if matches!(self, Self::FaceRecognition | Self::FaceSearch | Self::DocumentValidation) {
            return Ok(());
        }
        let problem = "is not available on this server yet: only face-recognition, face-search and \
                       document-validation are";
        Err(FieldError::new(field, problem))
    }

    /// # Errors
    /// As [`must_be_available`](Self::must_be_available), and for what is not about faces.
    pub(crate) fn must_be_of_faces(self, field: &'static str) -> Result<(), FieldError> {
        self.must_be_available(field)?;
        match self {
            Self::FaceRecognition | Self::FaceSearch => Ok(()),
            _ => Err(FieldError::new(field, "must be face-recognition or face-search")),
        }
    }
}

/// The person's consent, without which nobody is enrolled or validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "bool")]
pub(crate) struct Authorized;

impl TryFrom<bool> for Authorized {
    type Error = BadWord;

    fn try_from(is_authorized: bool) -> Result<Self, BadWord> {
        let refusal = || BadWord("true: the person has to agree before anything is done".into());
        is_authorized.then_some(Self).ok_or_else(refusal)
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $wanted:literal if $check:expr;)+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub(crate) struct $name(String);

        impl TryFrom<String> for $name {
            type Error = BadWord;

            fn try_from(text: String) -> Result<Self, BadWord> {
                let is_one: fn(&str) -> bool = $check;
                if is_one(&text) { Ok(Self(text)) } else { Err(BadWord($wanted.into())) }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    )+ };
}

texts! {
    /// The tenant's own name for a person.
    AccountId: "1 to 128 of the characters a-z A-Z 0-9 _ . -" if is_account_id;
    /// Two letters (ISO 3166-1 alpha-2), or `ALL`.
    Country: "a country of two letters, or ALL" if is_country;
    /// An e-mail address, as far as its form tells.
    Email: "an e-mail address" if is_email;
    /// A phone number.
    Phone: "a phone number: digits, perhaps with + at the beginning and spaces, dots, hyphens or brackets" if is_phone;
    /// Why a face is put on the blocklist.
    FraudReason: "1 to 64 of the characters a-z 0-9 _, such as manipulated_document" if is_fraud_reason;
    /// A day of the calendar.
    Date: "a date like 2026-11-21" if is_date;
}

impl Country {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl AccountId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The vendor gives the characters; the length is ours, since a longer one is a mistake.
fn is_account_id(text: &str) -> bool {
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (1..=128).contains(&text.len()) && text.bytes().all(is_ours)
}

/// The vendor's list goes on after the three words that are known, so that any like them is taken.
fn is_fraud_reason(text: &str) -> bool {
    let is_ours = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(is_ours)
}

fn is_country(text: &str) -> bool {
    text.eq_ignore_ascii_case("ALL")
        || (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// 254 characters fit into the path of an SMTP envelope.
fn is_email(text: &str) -> bool {
    let is_plain = !text.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    let parts = text.rsplit_once('@');
    is_plain && text.len() <= 254 && parts.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
}

fn is_phone(text: &str) -> bool {
    let number = text.strip_prefix('+').unwrap_or(text);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    // ITU-T E.164 allows 15 digits.
    (3..=15).contains(&digits)
        && number.len() <= 32
        && number.bytes().all(|byte| byte.is_ascii_digit() || b" ().-".contains(&byte))
}

fn is_date(text: &str) -> bool {
    text.len() == "2026-11-21".len() && text.parse::<jiff::civil::Date>().is_ok()
}

/// The lowest similarity that passes, 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f32")]
pub(crate) struct Threshold(pub(crate) Similarity);

impl TryFrom<f64> for Threshold {
    type Error = BadWord;

    fn try_from(value: f64) -> Result<Self, BadWord> {
        // Checked before the narrowing, which would round 1.00000001 to 1.
        let in_range = (0.0..=1.0).contains(&value).then_some(value as f32);
        in_range.and_then(Similarity::new).map(Self).ok_or_else(|| BadWord("a number from 0 to 1".into()))
    }
}

impl From<Threshold> for f32 {
    fn from(threshold: Threshold) -> f32 {
        threshold.0.get()
    }
}

/// The rate of false alarms of a look into the blocklist.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub(crate) struct Rate(pub(crate) Fpir);

impl TryFrom<f64> for Rate {
    type Error = BadWord;

    fn try_from(value: f64) -> Result<Self, BadWord> {
        Fpir::new(value).map(Self).ok_or_else(|| BadWord("a number from 0.000001 to 0.1".into()))
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> f64 {
        rate.0.get()
    }
}

/// A whole number from `LOW` to `HIGH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub(crate) struct Whole<const LOW: u64, const HIGH: u64>(u64);

impl<const LOW: u64, const HIGH: u64> Whole<LOW, HIGH> {
    /// `VALUE`, which the compiler checks.
    pub(crate) const fn literal<const VALUE: u64>() -> Self {
        const { assert!(LOW <= VALUE && VALUE <= HIGH) };
        Self(VALUE)
    }

    pub(crate) fn get(self) -> u64 {
        self.0
    }
}

impl<const LOW: u64, const HIGH: u64> TryFrom<u64> for Whole<LOW, HIGH> {
    type Error = BadWord;

    fn try_from(value: u64) -> Result<Self, BadWord> {
        let refusal = || BadWord(format!("a whole number from {LOW} to {HIGH}").into());
        (LOW..=HIGH).contains(&value).then_some(Self(value)).ok_or_else(refusal)
    }
}

impl<const LOW: u64, const HIGH: u64> From<Whole<LOW, HIGH>> for u64 {
    fn from(whole: Whole<LOW, HIGH>) -> u64 {
        whole.0
    }
}

/// How long a selfie may take, in seconds: up to six hours.
pub(crate) type TimeoutSeconds = Whole<1, 21_600>;

/// Text of 1 to `MAX` characters, without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Text<const MAX: usize>(String);

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = BadWord;

    fn try_from(text: String) -> Result<Self, BadWord> {
        let is_short = (1..=MAX).contains(&text.chars().count());
        if is_short && !text.trim().is_empty() && !text.chars().any(char::is_control) {
            return Ok(Self(text));
        }
        Err(BadWord(format!("1 to {MAX} characters of text").into()))
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> String {
        text.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(text: &str) -> Result<AccountId, BadWord> {
        text.to_owned().try_into()
    }

    #[test]
    fn an_account_id_has_the_vendors_characters() {
        for good in ["a", "A-z_0.9", &"x".repeat(128)] {
            assert_eq!(account(good).unwrap().as_str(), good);
        }
        for bad in ["", " ", "a b", "a/b", "ü", "a\n", &"x".repeat(129)] {
            assert!(account(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_stay_in_their_ranges() {
        for (value, is_good) in [(0, false), (1, true), (21_600, true), (21_601, false)] {
            assert_eq!(TimeoutSeconds::try_from(value).is_ok(), is_good, "{value}");
        }
        for (value, is_good) in
            [(0.0, true), (1.0, true), (-0.1, false), (1.000_000_01, false), (f64::NAN, false)]
        {
            assert_eq!(Threshold::try_from(value).is_ok(), is_good, "{value}");
        }
        let problem = TimeoutSeconds::try_from(0).unwrap_err().to_string();
        assert_eq!(problem, "must be a whole number from 1 to 21600");
    }

    #[test]
    fn what_is_said_of_a_person_has_its_form() {
        type Check = fn(&str) -> bool;
        let checks: [(Check, &[&str], &[&str]); 5] = [
            (is_fraud_reason, &["non_payment", "a"], &["", "Non_payment", "non-payment", "a b", "ñ"]),
            (is_country, &["CO", "co", "ALL"], &["", "C", "COL", "C1", "Ñ"]),
            (is_email, &["a@b.co", "a+b@c"], &["", "a", "@b", "a@", "a @b.co", "a@b\n"]),
            (is_phone, &["+57 (300) 123-4567", "112"], &["", "+", "12", "12a", "1234567890123456"]),
            (is_date, &["2024-02-29"], &["", "2023-02-29", "29/02/2024", "2024-2-9", "2024-02-29T00:00:00Z"]),
        ];
        for (check, good, bad) in checks {
            assert!(good.iter().all(|text| check(text)), "{good:?}");
            assert!(!bad.iter().any(|text| check(text)), "{bad:?}");
        }
    }

    #[test]
    fn text_is_short_and_printable() {
        assert!(Text::<3>::try_from("Zoé".to_owned()).is_ok());
        for bad in ["", "  ", "Zoey", "a\u{0}"] {
            assert!(Text::<3>::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn nobody_is_validated_without_consent() {
        assert!(Authorized::try_from(true).is_ok());
        let problem = Authorized::try_from(false).unwrap_err().to_string();
        assert_eq!(problem, "must be true: the person has to agree before anything is done");
    }

    #[test]
    fn what_is_not_available_says_what_is() {
        assert!(ValidationType::FaceRecognition.must_be_available("type").is_ok());
        assert!(ValidationType::FaceSearch.must_be_available("type").is_ok());
        let problem = ValidationType::IdentityQuestions.must_be_available("type").unwrap_err().to_string();
        assert_eq!(
            problem,
            "type is not available on this server yet: only face-recognition, face-search and document-validation are"
        );
        assert!(ValidationType::DocumentValidation.must_be_available("type").is_ok());
        let problem = ValidationType::DocumentValidation.must_be_of_faces("type").unwrap_err().to_string();
        assert_eq!(problem, "type must be face-recognition or face-search");
    }
}
