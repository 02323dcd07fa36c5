//! What it costs to take what the text recogniser saw for a symbol. Costs are natural logarithms of odds: 0 is certain.

use super::Line;
use super::symbol::{Set, Symbol};

/// A symbol that the recogniser did not list and that looks like none it listed.
pub(super) const UNREAD: f32 = 9.0;

/// Letters and digits that print alike in OCR-B and what it costs to take one for the other where the recogniser was sure.
/// A recogniser that was trained on other print tells O from 0 hardly at all (PP-OCRv6, 40 rendered lines, 2026-11-21: 20
/// exact, all 40 but for O and 0), the others well.
const ALIKE: &[(&str, f32)] = &[
    ("O0", 2.5),
    ("Q0", 4.0),
    ("D0", 4.0),
    ("QO", 4.5),
    ("DO", 5.0),
    ("U0", 6.0),
    ("C0", 6.0),
    ("I1", 3.5),
    ("L1", 4.5),
    ("T1", 6.0),
    ("J1", 6.0),
    ("IL", 5.0),
    ("B8", 4.0),
    ("B3", 6.0),
    ("S5", 4.0),
    ("S8", 6.5),
    ("Z2", 4.0),
    ("Z7", 6.0),
    ("T7", 6.0),
    ("G6", 4.0),
    ("CG", 6.0),
    ("A4", 6.0),
    ("VY", 6.0),
    ("K<", 4.5),
    ("C<", 4.5),
    ("L<", 6.0),
    ("E<", 6.0),
    ("S<", 6.0),
    ("X<", 6.0),
    ("4<", 6.0),
];

/// A filler is taken for a letter (mostly K) more often than a letter for a filler.
const FILLER_IS_PLAIN: f32 = 4.0;

/// What a cell may hold and what each costs.
pub(super) type Options = Vec<(Symbol, f32)>;

/// What one place of a line may be.
#[derive(Debug, Clone)]
pub(super) struct Place {
    costs: [f32; Symbol::COUNT],
    /// The cheapest; `None` where nothing of the alphabet was listed.
    pub(super) best: Option<Symbol>,
}

impl Place {
    fn new(listed: &[(char, f32)]) -> Place {
        let mut own = [f32::INFINITY; Symbol::COUNT];
        for (c, probability) in listed {
            let Some(symbol) = Symbol::from_char(*c) else { continue };
            if *probability <= 0.0 || probability.is_nan() {
                continue;
            }
            let cost = -probability.clamp(1e-4, 1.0).ln();
            own[symbol.index()] = own[symbol.index()].min(cost);
        }
        let mut costs = own;
        for (pair, cost) in ALIKE {
            let mut pair = pair.chars().filter_map(Symbol::from_char);
            if let (Some(a), Some(b)) = (pair.next(), pair.next()) {
                let back = if b == Symbol::FILLER { cost + FILLER_IS_PLAIN } else { *cost };
                costs[a.index()] = costs[a.index()].min(own[b.index()] + back);
                costs[b.index()] = costs[b.index()].min(own[a.index()] + cost);
            }
        }
        let best = Set::ANY
            .members()
            .filter(|symbol| own[symbol.index()].is_finite())
            .min_by(|a, b| own[a.index()].total_cmp(&own[b.index()]));
        Place { costs, best }
    }

    fn is_filler(&self) -> bool {
        self.best == Some(Symbol::FILLER)
    }

    /// What may stand in a cell that takes `set`, with its cost; all of the set where nothing fits.
    pub(super) fn options(&self, set: Set) -> Options {
        let fitting: Vec<_> = set
            .members()
            .map(|symbol| (symbol, self.costs[symbol.index()]))
            .filter(|(_, cost)| cost.is_finite())
            .collect();
        if fitting.is_empty() { set.members().map(|symbol| (symbol, UNREAD)).collect() } else { fitting }
    }
}

/// The places of one line as the recogniser gave them.
#[derive(Debug, Clone)]
pub(super) struct Places(Vec<Place>);

/// Costs of places that are too many or missing. A recogniser with connectionist temporal classification sees nothing
/// between equal neighbours when they stand close, and loses or doubles them: mostly in runs of fillers.
mod gap {
    /// In a run of fillers. One lost and one doubled together cost more than a filler that is taken for a K.
    pub(super) const IN_FILLERS: f32 = 2.5;
    /// Next to its like.
    pub(super) const NEXT_TO_LIKE: f32 = 4.0;
    /// At an end of the line, where the print's frame may be taken for a character.
    pub(super) const AT_END: f32 = 4.5;
    /// Of something that is not in the alphabet, as a space.
    pub(super) const FOREIGN: f32 = 0.3;
    /// Anywhere else.
    pub(super) const ELSEWHERE: f32 = 8.0;
}

impl Places {
    pub(super) fn new(line: &Line) -> Places {
        Places(line.positions.iter().map(|listed| Place::new(listed)).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Place> {
        self.0.get(at)
    }

    /// Whether a filler is seen at that place, give or take one.
    pub(super) fn filler_near(&self, cell: usize) -> bool {
        (cell.saturating_sub(1)..=cell + 1).any(|at| self.0.get(at).is_some_and(Place::is_filler))
    }

    /// What it costs to pass over place `at`; infinite beyond the end.
    pub(super) fn skip(&self, at: usize) -> f32 {
        let Some(place) = self.0.get(at) else { return f32::INFINITY };
        let Some(best) = place.best else { return gap::FOREIGN };
        let like = |other: Option<&Place>| other.is_some_and(|other| other.best == Some(best));
        let before = at.checked_sub(1).and_then(|at| self.0.get(at));
        match (like(before) || like(self.0.get(at + 1)), best == Symbol::FILLER) {
            (true, true) => gap::IN_FILLERS,
            (true, false) => gap::NEXT_TO_LIKE,
            (false, _) if at == 0 || at + 1 == self.0.len() => gap::AT_END,
            (false, _) => gap::ELSEWHERE,
        }
    }

    /// What a cell that takes `set` may hold for which there is no place, between the places `at - 1` and `at`.
    pub(super) fn lost(&self, at: usize, set: Set) -> Options {
        let before = at.checked_sub(1).and_then(|at| self.0.get(at));
        let after = self.0.get(at);
        let mut options = Vec::new();
        if set.has(Symbol::FILLER) {
            let run = before.is_some_and(Place::is_filler) || after.is_some_and(Place::is_filler);
            options.push((Symbol::FILLER, if run { gap::IN_FILLERS } else { gap::ELSEWHERE }));
        }
        if let Some(like) = before.filter(|place| !place.is_filler()) {
            let costs = set.members().map(|symbol| (symbol, like.costs[symbol.index()] + gap::NEXT_TO_LIKE));
            options.extend(costs.filter(|(symbol, cost)| *symbol != Symbol::FILLER && cost.is_finite()));
        }
        options
    }
}
