//! Which side of the card it is, if it is the card at all.

use domain::egypt::Governorate;
use domain::{Day, PageSide, arabic};

use super::line::Said;
use super::words::{is_near, sex};

/// Words at the top of the front.
const FRONT: [&str; 6] = ["جمهوريه", "مصر", "العربيه", "بطاقه", "تحقيق", "الشخصيه"];
/// Words beside the day on which the card ends.
const BACK: [&str; 3] = ["البطاقه", "ساريه", "حتي"];
/// Words that must be there of a side's own: of the front's six, of the back's three.
const WORDS: (usize, usize) = (3, 2);
/// Lines of a name and an address that stand above the number on the front where its words are not read. There are four.
const LINES: usize = 3;

/// The side that `said` are the lines of; `None` for anything else.
///
/// A side says what it is in its own words. Where these were not read, a national number whose last digit fits stands
/// for them: on the front below the lines of name and address, on the back above a word for the sex.
pub(super) fn of(said: &[Said], today: Day) -> Option<PageSide> {
    let count = |words: &[&str]| {
        words
            .iter()
            .filter(|word| said.iter().any(|line| line.words().iter().any(|w| is_near(w, word))))
            .count()
    };
    if count(&BACK) >= WORDS.1 {
        return Some(PageSide::Back);
    }
    if count(&FRONT) >= WORDS.0 {
        return Some(PageSide::Front);
    }
    let number = said.iter().find(|line| line.number(today).is_some_and(|found| found.check_fits))?;
    let letters = said.iter().filter(|line| arabic::is_arabic(&line.text()));
    let above =
        letters.clone().filter(|line| line.middle < number.middle && line.right > number.left).count();
    let mut below = letters.filter(|line| line.middle > number.middle);
    if below.any(|line| line.words().iter().any(|word| sex(word).is_some())) {
        Some(PageSide::Back)
    } else {
        (above >= LINES).then_some(PageSide::Front)
    }
}

/// Whether the line is no field: a word of the heading, or one that marks a specimen.
pub(super) fn is_heading(line: &Said) -> bool {
    const SPECIMEN: [&str; 2] = ["عينه", "تجريبيه"];
    let words = line.words();
    // A governorate ends an address, and one is a letter away from a word of the heading: `الغربية`, `العربية`.
    let known = |word: &&String| {
        Governorate::from_arabic(word).is_none()
            && (FRONT.iter().any(|known| is_near(word, known)) || SPECIMEN.contains(&word.as_str()))
    };
    let count = words.iter().filter(known).count();
    count > 0 && 2 * count >= words.len() || line.text().chars().any(|c| c.is_ascii_alphabetic())
}
