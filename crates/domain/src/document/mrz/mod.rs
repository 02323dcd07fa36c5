//! Machine-readable zones of travel documents (ICAO 9303 parts 3 to 7, 8th edition): TD1, TD2, TD3, MRV-A, MRV-B, and the
//! French identity card of 1988 to 2021.
//!
//! [`parse`] takes text that is certain, [`read`] takes what a text recogniser saw. The latter looks for the reading that
//! agrees best with what was seen, with the alphabet of each field and with the check digits. What those leave open is
//! reported as [`MrzSignal::ambiguous`].

mod country;
mod fields;
mod layout;
mod resolve;
mod search;
mod symbol;
mod weigh;

#[cfg(test)]
mod noise;
#[cfg(test)]
mod samples;

use std::fmt;

pub use country::is_known;

use super::Day;
use crate::{Field, MrzSignal, Quad};

/// One line as a text recogniser saw it.
#[derive(Clone, PartialEq, Default)]
pub struct Line {
    /// For each place, from the left, the characters that it may be with their probabilities (0..1, not necessarily all of
    /// them and not necessarily sorted). A few places may be missing or too many.
    pub positions: Vec<Vec<(char, f32)>>,
    /// Where the line stands in the picture.
    pub corners: Option<Quad>,
}

impl Line {
    /// A line that is certain to say `text`.
    pub fn certain(text: &str) -> Line {
        Line { positions: text.chars().map(|c| vec![(c, 1.0)]).collect(), corners: None }
    }
}

impl fmt::Debug for Line {
    /// Without what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("positions", &self.positions.len()).finish_non_exhaustive()
    }
}

/// What a machine-readable zone says.
#[derive(Debug, Clone, PartialEq)]
pub struct MrzReading {
    /// The lines, which check digits do not fit, what is open.
    pub signal: MrzSignal,
    /// Its fields. Dates have the parts that the document leaves open as `XX`, as in `1974-XX-XX`; one that is left open
    /// altogether, or that no calendar has, is missing. Spaces stand where the names and numbers have fillers.
    pub fields: Vec<Field>,
    /// Whether the names fill their room to the end, so that they may have been cut (9303 part 3 section 4.6).
    pub names_cut: bool,
}

/// Longest line that is looked at; a longer one cannot be part of a machine-readable zone.
const LONGEST_LINE: usize = 60;

/// Reads two or three lines as a text recogniser saw them.
///
/// `today` settles the century of dates: a birth is not in the future, an expiry lies within fifty years of today.
///
/// The confidence of the signal is the probability that every character is right, that of a field that its characters are,
/// as far as the recogniser's probabilities are; a check digit that does not fit halves it.
///
/// `None` where no format fits: too few or too many lines or places, or characters of which most cannot stand where they
/// are.
pub fn read(lines: &[Line], today: Day) -> Option<MrzReading> {
    if lines.iter().any(|line| line.positions.len() > LONGEST_LINE) {
        return None;
    }
    resolve::read(lines).map(|resolved| fields::reading(&resolved, lines, today))
}

/// Takes apart lines that are certain. `today` as in [`read`].
///
/// `None` where no format has lines of that number and length, or a character cannot stand where it is. Check digits that
/// do not fit are reported, not refused.
pub fn parse(lines: &[&str], today: Day) -> Option<MrzReading> {
    resolve::parse(lines).map(|resolved| fields::reading(&resolved, &[], today))
}
