//! Authorities that know citizens, and what they say of one.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{NameCheck, NationalNumber, check_name};
use crate::PhoneNumber;

/// An authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// The Civil Status Organisation, which knows whose a national number is.
    Cso,
    /// The National Telecom Regulatory Authority, which knows whose a phone number is.
    Ntra,
}

impl Authority {
    /// Its word, in settings and requests.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cso => "cso",
            Self::Ntra => "ntra",
        }
    }
}

/// Whom an authority is asked about.
#[derive(Clone, PartialEq, Eq)]
pub struct Citizen {
    /// The number on the card.
    pub number: NationalNumber,
    /// The name on the card, where it could be read.
    pub name: Option<String>,
    /// The phone number that the person showed to be theirs; `None` for somebody who is not signed in.
    pub phone: Option<PhoneNumber>,
}

/// Nothing personal: this may end in a log.
impl fmt::Debug for Citizen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Citizen(..)")
    }
}

/// What an authority says of a citizen, or why it says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthoritySays {
    /// What was asked is so.
    Valid,
    /// It is not.
    Invalid(Objection),
    /// It could not be asked, and will be asked again.
    Unavailable,
    /// It knows people by their phone number, and nobody with one is known yet.
    NoPhone,
}

impl AuthoritySays {
    /// Whether asking again would be of no use.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Valid | Self::Invalid(_))
    }
}

/// Why an authority does not confirm somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objection {
    /// It does not know the number.
    NumberUnknown,
    /// The number is somebody else's.
    OtherName,
    /// The phone is somebody else's.
    OtherPhone,
    /// In its own words.
    Own {
        /// Its code.
        code: Option<u16>,
        /// Its word.
        key: Option<String>,
        /// Its sentence.
        message: Option<String>,
    },
}

/// A register of citizens that stands in for the authorities: for closed networks, and for tests.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CitizenRegister(HashMap<[u8; 14], Entry>);

#[derive(Clone, Default, PartialEq, Eq)]
struct Entry {
    name: Option<String>,
    phones: Vec<PhoneNumber>,
}

/// Nothing personal.
impl fmt::Debug for CitizenRegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CitizenRegister").field("citizens", &self.0.len()).finish_non_exhaustive()
    }
}

impl CitizenRegister {
    /// Adds a row. Further rows of a number add phones to it; its last name counts.
    pub fn add(&mut self, number: NationalNumber, name: Option<String>, phone: Option<PhoneNumber>) {
        let entry = self.0.entry(*number.digits()).or_default();
        entry.name = name.or(entry.name.take());
        entry.phones.extend(phone);
    }

    /// How many citizens it knows.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it knows nobody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What it says of `citizen` in place of `authority`. A name that either side does not have contradicts nothing.
    pub fn says(&self, authority: Authority, citizen: &Citizen) -> AuthoritySays {
        let Some(entry) = self.0.get(citizen.number.digits()) else {
            return AuthoritySays::Invalid(Objection::NumberUnknown);
        };
        match (authority, &entry.name, &citizen.name, &citizen.phone) {
            (Authority::Cso, Some(known), Some(read), _) if check_name(read, known) != NameCheck::Same => {
                AuthoritySays::Invalid(Objection::OtherName)
            }
            (Authority::Cso, ..) => AuthoritySays::Valid,
            (Authority::Ntra, _, _, None) => AuthoritySays::NoPhone,
            (Authority::Ntra, _, _, Some(phone)) if entry.phones.contains(phone) => AuthoritySays::Valid,
            (Authority::Ntra, ..) => AuthoritySays::Invalid(Objection::OtherPhone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn citizen(number: &str, name: Option<&str>, phone: Option<&str>) -> Citizen {
        Citizen {
            number: number.parse().unwrap(),
            name: name.map(str::to_owned),
            phone: phone.map(|phone| phone.parse().unwrap()),
        }
    }

    fn register() -> CitizenRegister {
        let mut register = CitizenRegister::default();
        let row = citizen("29507242112345", Some("منى عبد الرحمن حسين السيد"), Some("+201234567890"));
        register.add(row.number, row.name, row.phone);
        register.add(row.number, None, Some("+201000000001".parse().unwrap()));
        register
    }

    #[test]
    fn a_register_confirms_whom_it_knows_and_says_what_differs() {
        let register = register();
        assert_eq!(register.len(), 1);
        let says = |authority, number: &str, name: Option<&str>, phone: Option<&str>| {
            register.says(authority, &citizen(number, name, phone))
        };
        let (known, unknown) = ("29507242112345", "29507242112353");
        let invalid = AuthoritySays::Invalid;
        for name in [Some("منى عبد الرحمن حسين السيد"), Some("Mona Abdelrahman Hussein"), None]
        {
            assert_eq!(says(Authority::Cso, known, name, None), AuthoritySays::Valid, "{name:?}");
        }
        assert_eq!(says(Authority::Cso, known, Some("سارة علي"), None), invalid(Objection::OtherName));
        assert_eq!(says(Authority::Cso, unknown, None, None), invalid(Objection::NumberUnknown));
        for phone in ["+201234567890", "+201000000001"] {
            assert_eq!(says(Authority::Ntra, known, None, Some(phone)), AuthoritySays::Valid);
        }
        let other = Some("+201000000002");
        assert_eq!(says(Authority::Ntra, known, None, other), invalid(Objection::OtherPhone));
        assert_eq!(says(Authority::Ntra, known, None, None), AuthoritySays::NoPhone);
        assert_eq!(says(Authority::Ntra, unknown, None, other), invalid(Objection::NumberUnknown));
    }

    #[test]
    fn nothing_personal_is_printed() {
        let printed = format!("{:?} {:?}", register(), citizen("29507242112345", Some("Mona"), None));
        assert!(!printed.contains("2950") && !printed.contains("Mona"), "{printed}");
    }
}
