//! Whether a name that a client gives is the name that was read of the card.

use crate::screening::{SCREENING_THRESHOLD, ScreenedName, compare};

/// What comparing two names says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameCheck {
    /// It is the same name, perhaps in another script or spelling, perhaps without some of the later parts.
    Same,
    /// It is another name.
    Different,
    /// One of them has nothing to compare.
    CouldNotTell,
}

/// Compares the name that a client gives, in Arabic or Latin letters, with the Arabic name that was read. Titles do not
/// count; parts may be left out of either, but the first names have to agree and nothing may contradict. The rules are
/// those by which names are looked up in lists, as is the threshold.
pub fn check_name(given: &str, read: &str) -> NameCheck {
    let (given, read) = (ScreenedName::new(given), ScreenedName::new(read));
    if given.is_empty() || read.is_empty() {
        return NameCheck::CouldNotTell;
    }
    let found = compare(&given, &read);
    let is_same = found.begin_alike && found.contradictions == 0 && found.score.get() >= SCREENING_THRESHOLD;
    if is_same { NameCheck::Same } else { NameCheck::Different }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str = "محمد عبد الرحمن حسين السيد";

    #[test]
    fn one_name_in_either_script_is_the_same() {
        for given in [
            "محمد عبدالرحمن حسين السيد",
            "Mohamed Abdelrahman Hussein El Sayed",
            "Mohammed Abd El-Rahman Husain Elsayed",
            "Muhammad Abdul Rahman Hussain",
            "Mohamed Hussein El Sayed",
            "Dr. Mohamed Abdelrahman",
            "محمد السيد",
        ] {
            assert_eq!(check_name(given, READ), NameCheck::Same, "{given}");
        }
    }

    #[test]
    fn another_name_is_different() {
        for given in [
            "Ahmed Abdelrahman Hussein El Sayed",
            "Mohamed Abdelaziz Hussein El Sayed",
            "محمد عبد الرحمن حسن علي",
            "Hussein Mohamed",
            "Mona Abdelrahman Hussein",
        ] {
            assert_eq!(check_name(given, READ), NameCheck::Different, "{given}");
        }
    }

    #[test]
    fn without_a_name_nothing_is_said() {
        assert_eq!(check_name("", READ), NameCheck::CouldNotTell);
        assert_eq!(check_name("Mohamed", " - "), NameCheck::CouldNotTell);
    }
}
