//! What stands where in each format (ICAO 9303 parts 4 to 7).

use super::symbol::{Set, Symbol};
use crate::{CheckDigit, FieldName, MrzFormat};

/// What a cell does beside holding a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing.
    Plain,
    /// It belongs to the names, whose parts are separated by two fillers.
    Name,
    /// It is the check digit of the field before it.
    Check,
    /// It is the check digit of many.
    Composite,
}

/// One character's place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    /// What may stand there.
    pub(super) set: Set,
    /// What it belongs to; the names are [`FieldName::FullName`] until they are taken apart.
    pub(super) field: Option<FieldName>,
    /// What it does.
    pub(super) role: Role,
    /// Whether a field's sum or the names start here.
    pub(super) begins: bool,
    /// Its weight in the sum of its field, 0 where it has none.
    pub(super) weight: u8,
    /// Its weight in the sum of all, 0 where it has none.
    pub(super) composite: u8,
}

/// A check digit of one field.
#[derive(Debug, Clone)]
pub(super) struct FieldSum {
    /// Which one.
    pub(super) digit: CheckDigit,
    /// The cells that it covers, in order.
    pub(super) over: Vec<usize>,
    /// The cell where it stands.
    pub(super) at: usize,
}

/// A format with its cells, line after line.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) format: MrzFormat,
    pub(super) lines: usize,
    /// Characters of a line.
    pub(super) width: usize,
    pub(super) cells: Vec<Cell>,
    pub(super) sums: Vec<FieldSum>,
    /// The French identity card of 1988 to 2021, which has a layout of its own in the size of TD2.
    pub(super) french: bool,
}

/// ICAO 9303 part 3 section 4.9.
const WEIGHTS: [u8; 3] = [7, 3, 1];

const YEAR: Set = Set::NUMBER;
const MONTH_TENS: Set = Set::of("01<");
const DAY_TENS: Set = Set::of("0123<");

#[derive(Default)]
struct Builder {
    cells: Vec<Cell>,
    sums: Vec<FieldSum>,
    /// Place in the sum of all.
    covered: usize,
    /// Cells of the field whose sum is being made.
    over: Vec<usize>,
}

/// Whether the sum of all covers what is put down.
#[derive(Clone, Copy, PartialEq, Eq)]
enum All {
    In,
    Out,
}

impl Builder {
    fn cell(&mut self, set: Set, field: Option<FieldName>, role: Role, all: All) -> &mut Cell {
        let composite = if all == All::In {
            self.covered += 1;
            WEIGHTS[(self.covered - 1) % 3]
        } else {
            0
        };
        let at = self.cells.len();
        self.cells.push(Cell { set, field, role, begins: false, weight: 0, composite });
        &mut self.cells[at]
    }

    /// A field without a sum of its own.
    fn plain(&mut self, sets: &[Set], field: Option<FieldName>, all: All) -> &mut Self {
        for set in sets {
            self.cell(*set, field, Role::Plain, all);
        }
        self
    }

    /// A field whose sum starts here.
    fn summed(&mut self, sets: &[Set], field: FieldName, all: All) -> &mut Self {
        self.over.clear();
        self.more(sets, field, all)
    }

    /// More of the field whose sum has started.
    fn more(&mut self, sets: &[Set], field: FieldName, all: All) -> &mut Self {
        for set in sets {
            let at = self.over.len();
            self.over.push(self.cells.len());
            let cell = self.cell(*set, Some(field), Role::Plain, all);
            cell.weight = WEIGHTS[at % 3];
            cell.begins = at == 0;
        }
        self
    }

    fn check(&mut self, digit: CheckDigit, set: Set, field: FieldName, all: All) -> &mut Self {
        self.sums.push(FieldSum { digit, over: self.over.clone(), at: self.cells.len() });
        self.cell(set, Some(field), Role::Check, all);
        self
    }

    fn date(&mut self, field: FieldName, digit: CheckDigit, all: All) -> &mut Self {
        self.summed(&[YEAR, YEAR, MONTH_TENS, Set::NUMBER, DAY_TENS, Set::NUMBER], field, all);
        self.check(digit, Set::DIGITS, field, all)
    }

    fn names(&mut self, count: usize) -> &mut Self {
        for at in 0..count {
            self.cell(Set::NAME, Some(FieldName::FullName), Role::Name, All::Out).begins = at == 0;
        }
        self
    }

    fn composite(&mut self) -> &mut Self {
        self.cell(Set::DIGITS, None, Role::Composite, All::Out);
        self
    }

    fn start(&mut self, first: Set) -> &mut Self {
        self.plain(&[first, Set::NAME], Some(FieldName::DocumentCode), All::Out);
        self.country(FieldName::IssuingCountry)
    }

    fn country(&mut self, field: FieldName) -> &mut Self {
        self.plain(&[Set::LETTERS, Set::NAME, Set::NAME], Some(field), All::Out)
    }

    /// Anything may stand there: Macau's cards have fillers, and a specimen may have digits. The list of countries tells
    /// letters from digits.
    fn nationality(&mut self) -> &mut Self {
        self.plain(&[Set::ANY; 3], Some(FieldName::Nationality), All::Out)
    }

    /// A number of nine characters with its check digit.
    fn number(&mut self, all: All) -> &mut Self {
        self.summed(&[Set::ANY; 9], FieldName::DocumentNumber, all);
        self.check(CheckDigit::DocumentNumber, Set::NUMBER, FieldName::DocumentNumber, all)
    }

    fn optional(&mut self, count: usize, all: All) -> &mut Self {
        self.plain(&vec![Set::ANY; count], Some(FieldName::OptionalData), all)
    }

    /// From the date of birth to that of expiry.
    fn dates(&mut self, all: All) -> &mut Self {
        self.date(FieldName::DateOfBirth, CheckDigit::DateOfBirth, all);
        self.plain(&[Set::of("MFX<")], Some(FieldName::Sex), All::Out);
        self.date(FieldName::DateOfExpiry, CheckDigit::DateOfExpiry, all)
    }

    fn finish(self, format: MrzFormat, lines: usize) -> Layout {
        let width = self.cells.len() / lines;
        Layout { format, lines, width, cells: self.cells, sums: self.sums, french: false }
    }
}

/// Codes of documents start with a letter; `V` is for visas, `P` for passports.
const CARD: Set = Set::of("ABCDEFGHIJKLMNOQRSTUWXYZ");

/// The longest document number of TD1 has this many characters beyond nine: the optional data holds its check digit and a
/// filler too.
pub(super) const LONGEST_TD1: usize = 13;

/// The same of TD2.
pub(super) const LONGEST_TD2: usize = 5;

/// TD1 (9303 part 5 section 4.2) whose document number has `beyond` characters more than nine, 0..=[`LONGEST_TD1`].
pub(super) fn td1(beyond: usize) -> Layout {
    let mut b = Builder::default();
    b.start(CARD);
    if beyond == 0 {
        b.number(All::In).optional(15, All::In);
    } else {
        b.summed(&[Set::ANY; 9], FieldName::DocumentNumber, All::In);
        b.plain(&[Set::FILLER], None, All::In);
        b.more(&vec![Set::ANY; beyond], FieldName::DocumentNumber, All::In);
        b.check(CheckDigit::DocumentNumber, Set::DIGITS, FieldName::DocumentNumber, All::In);
        b.plain(&[Set::FILLER], None, All::In).optional(13 - beyond.min(LONGEST_TD1), All::In);
    }
    b.dates(All::In).nationality().optional(11, All::In).composite().names(30);
    b.finish(MrzFormat::Td1, 3)
}

/// TD2 (9303 part 6 section 4.2) whose document number has `beyond` characters more than nine, 0..=[`LONGEST_TD2`].
pub(super) fn td2(beyond: usize) -> Layout {
    let mut b = Builder::default();
    b.start(CARD).names(31);
    if beyond == 0 {
        b.number(All::In).nationality().dates(All::In).optional(7, All::In);
    } else {
        // Between the two parts of a long number stand fields with sums of their own, so that the search cannot carry its
        // sum along: only the sum of all settles it there.
        let first: Vec<usize> = (b.cells.len()..b.cells.len() + 9).collect();
        b.plain(&[Set::ANY; 9], Some(FieldName::DocumentNumber), All::In);
        b.plain(&[Set::FILLER], None, All::In).nationality().dates(All::In);
        let more = b.cells.len()..b.cells.len() + beyond;
        b.plain(&vec![Set::ANY; beyond], Some(FieldName::DocumentNumber), All::In);
        b.sums.push(FieldSum {
            digit: CheckDigit::DocumentNumber,
            at: more.end,
            over: first.into_iter().chain(more).collect(),
        });
        b.plain(&[Set::DIGITS, Set::FILLER], None, All::In).optional(5 - beyond.min(LONGEST_TD2), All::In);
    }
    b.composite();
    b.finish(MrzFormat::Td2, 2)
}

/// TD3 (9303 part 4 section 4.2).
pub(super) fn td3() -> Layout {
    let mut b = Builder::default();
    b.start(Set::of("P")).names(39);
    b.number(All::In).nationality().dates(All::In);
    b.summed(&[Set::ANY; 14], FieldName::PersonalNumber, All::In);
    b.check(CheckDigit::PersonalNumber, Set::NUMBER, FieldName::PersonalNumber, All::In).composite();
    b.finish(MrzFormat::Td3, 2)
}

/// MRV-A and MRV-B (9303 part 7 sections 4.2 and 5.2): `width` is 44 or 36.
pub(super) fn visa(width: usize) -> Layout {
    let format = if width == 44 { MrzFormat::MrvA } else { MrzFormat::MrvB };
    let mut b = Builder::default();
    b.start(Set::of("V")).names(width - 5);
    b.number(All::Out).nationality().dates(All::Out).optional(width - 28, All::Out);
    b.finish(format, 2)
}

/// The French identity card of 1988 to 2021 (arrêté du 31 mars 2006, annexe, and the printed cards): names of 25 and 14
/// characters, a number of twelve, a date of birth and no date of expiry; the sum of all covers everything.
pub(super) fn french() -> Layout {
    let mut b = Builder::default();
    b.plain(&[Set::of("I"), Set::of("D")], Some(FieldName::DocumentCode), All::In);
    b.plain(&[Set::of("F"), Set::of("R"), Set::of("A")], Some(FieldName::IssuingCountry), All::In);
    b.plain(&[Set::NAME; 25], Some(FieldName::Surname), All::In).optional(6, All::In);
    b.summed(&[Set::ANY; 12], FieldName::DocumentNumber, All::In);
    b.check(CheckDigit::DocumentNumber, Set::DIGITS, FieldName::DocumentNumber, All::In);
    b.plain(&[Set::NAME; 14], Some(FieldName::GivenNames), All::In);
    b.date(FieldName::DateOfBirth, CheckDigit::DateOfBirth, All::In);
    b.plain(&[Set::of("MFX<")], Some(FieldName::Sex), All::In).composite();
    Layout { french: true, ..b.finish(MrzFormat::Td2, 2) }
}

impl Layout {
    /// The check digits that do not fit `symbols`, one symbol for each cell.
    pub(super) fn wrong(&self, symbols: &[Symbol]) -> Vec<CheckDigit> {
        // An empty field's check digit may be a filler, which counts as the 0 that it stands for.
        let stands = |at: usize| symbols.get(at).map(|symbol| symbol.value());
        let mut wrong = Vec::new();
        for field in &self.sums {
            let weights = field.over.iter().enumerate().map(|(place, at)| (*at, WEIGHTS[place % 3]));
            let sum = sum(symbols, weights);
            let empty = field.over.iter().all(|at| symbols.get(*at) == Some(&Symbol::FILLER));
            let filler = symbols.get(field.at) == Some(&Symbol::FILLER);
            if stands(field.at) != Some(sum) || (filler && !empty) {
                wrong.push(field.digit);
            }
        }
        let all = sum(symbols, self.cells.iter().enumerate().map(|(at, cell)| (at, cell.composite)));
        let composite = self.cells.iter().position(|cell| cell.role == Role::Composite);
        if composite.is_some_and(|at| stands(at) != Some(all)) {
            wrong.push(CheckDigit::Composite);
        }
        wrong
    }
}

/// The sum of the values in those cells with those weights, modulo ten.
fn sum(symbols: &[Symbol], weights: impl Iterator<Item = (usize, u8)>) -> u8 {
    let value = |at: usize| symbols.get(at).map_or(0, |symbol| u32::from(symbol.value()));
    (weights.map(|(at, weight)| value(at) * u32::from(weight)).sum::<u32>() % 10) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_fills_its_lines() {
        let sizes = |layout: &Layout| (layout.lines, layout.width, layout.cells.len());
        for beyond in 0..=LONGEST_TD1 {
            assert_eq!(sizes(&td1(beyond)), (3, 30, 90), "{beyond}");
        }
        for beyond in 0..=LONGEST_TD2 {
            assert_eq!(sizes(&td2(beyond)), (2, 36, 72), "{beyond}");
        }
        assert_eq!(sizes(&french()), (2, 36, 72));
        assert_eq!(sizes(&td3()), (2, 44, 88));
        assert_eq!(sizes(&visa(44)), (2, 44, 88));
        assert_eq!(sizes(&visa(36)), (2, 36, 72));
    }
}
