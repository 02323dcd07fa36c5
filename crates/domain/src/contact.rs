//! Where a person can be reached: a phone number or an e-mail address. Neither ever prints.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Text that is no phone number. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a phone number is written as in E.164: a plus sign and 7 to 15 digits, the first of them no zero")]
pub struct BadPhoneNumber;

/// Text that is no e-mail address. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address has a local part, an @ and a domain of letters, digits, hyphens and full stops")]
pub struct BadEmailAddress;

/// A phone number as in E.164: a plus sign and 7 to 15 digits.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Its text. Not for logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = BadPhoneNumber;

    fn from_str(text: &str) -> Result<Self, BadPhoneNumber> {
        let digits = text.strip_prefix('+').ok_or(BadPhoneNumber)?;
        let is_number = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if is_number { Ok(Self(text.to_owned())) } else { Err(BadPhoneNumber) }
    }
}

/// An e-mail address of ASCII letters: the dot-atom form of RFC 5322, a domain with at least one full stop, at most 254
/// bytes (RFC 5321), in lower case, since nobody gives two people addresses that differ in case alone.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Its text, in lower case. Not for logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = BadEmailAddress;

    fn from_str(text: &str) -> Result<Self, BadEmailAddress> {
        let (local, domain) = text.rsplit_once('@').ok_or(BadEmailAddress)?;
        let is_atom = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
        };
        let is_label = |part: &str| {
            (1..=63).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !part.starts_with('-')
                && !part.ends_with('-')
        };
        let is_address = text.len() <= 254
            && local.len() <= 64
            && local.split('.').all(is_atom)
            && domain.contains('.')
            && domain.split('.').all(is_label);
        if is_address { Ok(Self(text.to_ascii_lowercase())) } else { Err(BadEmailAddress) }
    }
}

/// Where a person can be reached.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// By text message.
    Phone(PhoneNumber),
    /// By e-mail.
    Email(EmailAddress),
}

impl Contact {
    /// Its text. Not for logs.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_str(),
            Self::Email(email) => email.as_str(),
        }
    }
}

/// A language that people are written to in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Arabic.
    Arabic,
}

macro_rules! as_text {
    ($($name:ident, $error:ident),+) => { $(
        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+ };
}

as_text!(PhoneNumber, BadPhoneNumber);
as_text!(EmailAddress, BadEmailAddress);

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Phone(_) => "Phone(..)",
            Self::Email(_) => "Email(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_written_as_in_e164() {
        for good in ["+201234567890", "+4930123456", "+123456789012345"] {
            assert_eq!(good.parse::<PhoneNumber>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "+",
            "201234567890",
            "+0201234567",
            "+20 123 456 789",
            "+1234567890123456",
            "+123456",
            "+٢٠١٢٣٤٥٦٧",
        ] {
            assert!(bad.parse::<PhoneNumber>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_email_address_is_one_that_every_relay_takes_and_has_one_spelling() {
        assert_eq!("Ada.L+x@Example.ORG".parse::<EmailAddress>().unwrap().as_str(), "ada.l+x@example.org");
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@example",
            "a..b@example.org",
            ".a@example.org",
            "a b@example.org",
            "a@-example.org",
            "a@exa_mple.org",
            "a@example..org",
            "a@example.org\r\nRCPT TO:<x@y.z>",
            "<a@example.org>",
            "\"a\"@example.org",
            "a@b@example.org\n",
            long.as_str(),
        ] {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad}");
        }
    }

    #[test]
    fn neither_prints_what_it_is() {
        let phone: PhoneNumber = "+201234567890".parse().unwrap();
        let email: EmailAddress = "ada@example.org".parse().unwrap();
        let printed = format!(
            "{phone:?} {email:?} {:?} {:?}",
            Contact::Phone(phone.clone()),
            Contact::Email(email.clone())
        );
        assert!(!printed.contains("123") && !printed.contains("ada"), "{printed}");
    }
}
