//! Which format it is, and what each cell holds.

use super::Line;
use super::country;
use super::layout::{LONGEST_TD1, LONGEST_TD2, Layout, french, td1, td2, td3, visa};
use super::search::{Reading, search};
use super::symbol::Symbol;
use super::weigh::Places;
use crate::FieldName;

/// Lines in their layout.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    pub(super) layout: Layout,
    /// One for each cell.
    pub(super) symbols: Vec<Symbol>,
    /// How sure each is, 0..1.
    pub(super) certainty: Vec<f32>,
    /// Whether another character is about as likely there.
    pub(super) open: Vec<bool>,
}

/// Readings are of comparable probability where one is less than five times as likely as the other: a choice, not a
/// measurement. A recogniser that is 84 % sure of one of two characters is right about so often.
const COMPARABLE: f32 = 1.609; // ln 5

/// A reading that costs more a cell is none. Lines of a real zone cost 0.0 to 0.2; ordinary print, whose letters stand
/// where digits have to be, more than 1.5.
const DEAREST: f32 = 0.75;

/// A country that no list knows: test documents and misreadings. As a confusion of two unlike letters.
const UNKNOWN_COUNTRY: f32 = 6.0;

/// What digits in a code cost beside that: none has one, but specimens do.
const DIGIT_IN_COUNTRY: f32 = 4.0;

/// The reading of what a recogniser saw.
pub(super) fn read(lines: &[Line]) -> Option<Resolved> {
    let places: Vec<Places> = lines.iter().map(Places::new).collect();
    let mut found: Option<(Layout, Reading)> = None;
    let keep = |found: &mut Option<(Layout, Reading)>, layout: Layout| {
        if let Some(reading) = search(&layout, &places)
            && found.as_ref().is_none_or(|(_, best)| reading.cost < best.cost)
        {
            *found = Some((layout, reading));
        }
    };
    let length: usize = places.iter().map(Places::len).sum();
    for layout in layouts(lines.len(), length) {
        keep(&mut found, layout);
    }
    // Long numbers are rare, and there are as many layouts as lengths: only where a filler stands for the check digit.
    let mark = if lines.len() == 3 {
        places.first().map(|line| (line, 14))
    } else {
        places.get(1).map(|line| (line, 9))
    };
    if mark.is_some_and(|(line, cell)| line.filler_near(cell)) {
        for layout in long_numbers(lines.len(), length) {
            keep(&mut found, layout);
        }
    }
    let (layout, reading) = found?;
    (reading.cost <= DEAREST * layout.cells.len() as f32).then(|| settle(layout, reading))
}

/// Layouts of that number of lines with that many characters in all, nearest.
fn layouts(lines: usize, length: usize) -> Vec<Layout> {
    match lines {
        3 => vec![td1(0)],
        2 if length < 80 => vec![td2(0), visa(36), french()],
        2 => vec![td3(), visa(44)],
        _ => Vec::new(),
    }
}

fn long_numbers(lines: usize, length: usize) -> Vec<Layout> {
    match lines {
        3 => (1..=LONGEST_TD1).map(td1).collect(),
        2 if length < 80 => (1..=LONGEST_TD2).map(td2).collect(),
        _ => Vec::new(),
    }
}

/// Countries are settled by the list of them, the rest by the search.
fn settle(layout: Layout, reading: Reading) -> Resolved {
    let Reading { mut symbols, others, .. } = reading;
    let share = |others: &Vec<(Symbol, f32)>| 1.0 / others.iter().map(|(_, more)| (-more).exp()).sum::<f32>();
    let mut certainty: Vec<f32> = others.iter().map(share).collect();
    let mut open: Vec<bool> = std::iter::zip(&others, &symbols)
        .map(|(others, symbol)| others.iter().any(|(other, more)| other != symbol && *more < COMPARABLE))
        .collect();
    if !layout.french {
        for field in [FieldName::IssuingCountry, FieldName::Nationality] {
            let Some(start) = layout.cells.iter().position(|cell| cell.field == Some(field)) else {
                continue;
            };
            let Some([a, b, c]) = others.get(start..start + 3) else { continue };
            let Some((best, sure, doubt)) = likeliest_country(a, b, c) else { continue };
            symbols[start..start + 3].copy_from_slice(&best);
            certainty[start..start + 3].copy_from_slice(&[sure, 1.0, 1.0]);
            open[start..start + 3].copy_from_slice(&[doubt, false, false]);
        }
    }
    Resolved { layout, symbols, certainty, open }
}

/// The likeliest code, how sure it is and whether another is about as likely.
fn likeliest_country(
    a: &[(Symbol, f32)],
    b: &[(Symbol, f32)],
    c: &[(Symbol, f32)],
) -> Option<([Symbol; 3], f32, bool)> {
    let mut codes: Vec<([Symbol; 3], f32)> = Vec::new();
    let near = |options: &[(Symbol, f32)]| -> Vec<(Symbol, f32)> {
        options.iter().copied().filter(|(_, more)| *more < UNKNOWN_COUNTRY + COMPARABLE).collect()
    };
    let (a, b, c) = (near(a), near(b), near(c));
    for (first, of_first) in &a {
        for (second, of_second) in &b {
            for (third, of_third) in &c {
                let code = [*first, *second, *third];
                let text: String = code.iter().map(|symbol| symbol.as_char()).collect();
                let known = country::is_known(text.trim_end_matches('<'));
                let cost = of_first + of_second + of_third;
                let digits = text.bytes().any(|byte| byte.is_ascii_digit());
                let unknown = UNKNOWN_COUNTRY + if digits { DIGIT_IN_COUNTRY } else { 0.0 };
                codes.push((code, if known { cost } else { cost + unknown }));
            }
        }
    }
    codes.sort_by(|x, y| x.1.total_cmp(&y.1));
    let (best, least) = *codes.first()?;
    let all: f32 = codes.iter().map(|(_, cost)| (least - cost).exp()).sum();
    let doubt = codes.get(1).is_some_and(|(_, cost)| cost - least < COMPARABLE);
    Some((best, 1.0 / all, doubt))
}

/// The layout that fits lines which are certain.
pub(super) fn parse(lines: &[&str]) -> Option<Resolved> {
    let width = lines.first()?.chars().count();
    if width > 44 || lines.iter().any(|line| line.chars().count() != width) {
        return None;
    }
    let symbols: Vec<Symbol> =
        lines.iter().flat_map(|line| line.chars()).map(Symbol::from_char).collect::<Option<_>>()?;
    let length = symbols.len();
    let mut possible = layouts(lines.len(), length);
    possible.extend(long_numbers(lines.len(), length));
    possible.retain(|layout| {
        layout.cells.len() == length
            && std::iter::zip(&layout.cells, &symbols).all(|(cell, symbol)| cell.set.has(*symbol))
    });
    // The first of the best: the usual layout stands before those for long numbers.
    let layout = possible.into_iter().min_by_key(|layout| layout.wrong(&symbols).len())?;
    Some(Resolved { layout, symbols, certainty: vec![1.0; length], open: vec![false; length] })
}
