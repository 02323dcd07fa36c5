//! The best reading of lines in a layout, and how much worse each other character would be.
//!
//! A shortest path over states: how many places the recogniser has too many or too few so far, the running sum of the
//! field (or how far the names have got), and the running sum of all. Forward and backward costs together give, for each
//! cell and each character, the cost of the best whole reading that has it there: what check digits settle comes out of
//! that, and what they leave open too.

use super::layout::{Cell, Layout, Role};
use super::symbol::Symbol;
use super::weigh::{Options, Places};
use crate::FieldName;

/// A check digit that does not fit. A misread character costs one or two of them; a forged one does as well, and has to
/// be cheaper than inventing what was not seen.
const WRONG: f32 = 6.0;

/// A name that breaks the order of names: letters behind the padding, a filler in front.
const DISORDER: f32 = 5.0;

/// Places more or fewer than cells: at most so many missing...
const MISSING: usize = 6;
/// ...and so many too many, at any point of a line.
const SURPLUS: usize = 4;

/// Paths that are worse than the best by more are given up.
const BEAM: f32 = 24.0;

const STATES: usize = (MISSING + SURPLUS + 1) * 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    /// Places used minus cells filled, plus [`MISSING`].
    shift: u8,
    /// Sum of the field modulo ten, or the place in the order of names.
    field: u8,
    /// Sum of all modulo ten.
    all: u8,
}

impl State {
    const START: State = State { shift: MISSING as u8, field: 0, all: 0 };

    const fn index(self) -> usize {
        self.shift as usize * 100 + self.field as usize * 10 + self.all as usize
    }

    const fn from_index(index: usize) -> State {
        State { shift: (index / 100) as u8, field: (index / 10 % 10) as u8, all: (index % 10) as u8 }
    }
}

/// A reading of all lines.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    /// One for each cell.
    pub(super) symbols: Vec<Symbol>,
    /// For each cell every character that it could hold and what the whole reading would cost more with it.
    pub(super) others: Vec<Vec<(Symbol, f32)>>,
    /// What the reading costs.
    pub(super) cost: f32,
}

/// A step of the path: one cell, or the end of a line.
#[derive(Clone, Copy)]
enum Step {
    Cell { at: usize, line: usize, column: usize },
    LineEnd { line: usize },
}

/// What a cell may hold at a place of a line.
type Look = fn(&Places, usize, &Cell) -> Options;

struct Search<'a> {
    layout: &'a Layout,
    lines: &'a [Places],
    steps: Vec<Step>,
    /// For each step and shift what the cell may hold if it takes its place...
    taken: Vec<Vec<Options>>,
    /// ...or if its place is missing.
    lost: Vec<Vec<Options>>,
}

/// The best reading of `lines` in `layout`; `None` where the lines are too many, too few, too long or too short for it.
pub(super) fn search(layout: &Layout, lines: &[Places]) -> Option<Reading> {
    let fits =
        |places: &Places| places.len() + MISSING >= layout.width && places.len() <= layout.width + SURPLUS;
    if lines.len() != layout.lines || !lines.iter().all(fits) {
        return None;
    }
    Search::new(layout, lines).run()
}

impl<'a> Search<'a> {
    fn new(layout: &'a Layout, lines: &'a [Places]) -> Self {
        let mut steps = Vec::with_capacity(layout.cells.len() + layout.lines);
        for line in 0..layout.lines {
            for column in 0..layout.width {
                steps.push(Step::Cell { at: line * layout.width + column, line, column });
            }
            steps.push(Step::LineEnd { line });
        }
        let shifts = 0..=MISSING + SURPLUS;
        let table = |options: Look| -> Vec<Vec<Options>> {
            let row = |step: &Step| match *step {
                Step::LineEnd { .. } => Vec::new(),
                Step::Cell { at, line, column } => shifts
                    .clone()
                    .map(|shift| {
                        let place = (column + shift).checked_sub(MISSING);
                        place.map_or_else(Vec::new, |place| options(&lines[line], place, &layout.cells[at]))
                    })
                    .collect(),
            };
            steps.iter().map(row).collect()
        };
        let taken = table(|places, place, cell| {
            places.get(place).map_or_else(Vec::new, |place| place.options(cell.set))
        });
        let lost = table(
            |places, place, cell| {
                if place <= places.len() { places.lost(place, cell.set) } else { Vec::new() }
            },
        );
        Search { layout, lines, steps, taken, lost }
    }

    /// Calls `visit` with every state that may follow `state` at `step`, the cost of going there and the symbol taken.
    fn edges(&self, step: usize, state: State, mut visit: impl FnMut(State, f32, Option<Symbol>)) {
        let shift = usize::from(state.shift);
        match self.steps[step] {
            Step::LineEnd { line } => {
                let places = &self.lines[line];
                let Some(used) = (self.layout.width + shift).checked_sub(MISSING) else { return };
                if used <= places.len() && places.len() - used <= 3 {
                    let cost: f32 = (used..places.len()).map(|at| places.skip(at)).sum();
                    visit(State { shift: MISSING as u8, field: 0, all: state.all }, cost, None);
                }
            }
            Step::Cell { at, line, column } => {
                let cell = &self.layout.cells[at];
                let mut skipped = 0.0;
                for passed in 0..=2 {
                    let now = shift + passed;
                    if now > MISSING + SURPLUS {
                        break;
                    }
                    for (symbol, cost) in &self.taken[step][now] {
                        let (next, more) = follow(cell, state, *symbol);
                        visit(State { shift: now as u8, ..next }, skipped + cost + more, Some(*symbol));
                    }
                    let Some(place) = (column + now).checked_sub(MISSING) else { break };
                    skipped += self.lines[line].skip(place);
                }
                if shift > 0 {
                    for (symbol, cost) in &self.lost[step][shift] {
                        let (next, more) = follow(cell, state, *symbol);
                        visit(State { shift: shift as u8 - 1, ..next }, cost + more, Some(*symbol));
                    }
                }
            }
        }
    }

    /// For each step the cheapest way from the start to each state.
    fn forward(&self) -> Vec<Vec<f32>> {
        let mut costs = vec![vec![f32::INFINITY; STATES]; self.steps.len() + 1];
        costs[0][State::START.index()] = 0.0;
        for step in 0..self.steps.len() {
            let (before, after) = costs.split_at_mut(step + 1);
            let (now, then) = (&before[step], &mut after[0]);
            let best = now.iter().copied().fold(f32::INFINITY, f32::min);
            for (index, cost) in now.iter().enumerate() {
                if !cost.is_finite() || *cost > best + BEAM {
                    continue;
                }
                self.edges(step, State::from_index(index), |next, more, _| {
                    let slot = &mut then[next.index()];
                    *slot = slot.min(cost + more);
                });
            }
        }
        costs
    }

    fn run(&self) -> Option<Reading> {
        let ahead = self.forward();
        let last = self.steps.len();
        let best = ahead[last].iter().copied().fold(f32::INFINITY, f32::min);
        if !best.is_finite() {
            return None;
        }
        // Backwards, from each state to the end; on the way what each character costs where it is best.
        let mut behind = vec![vec![f32::INFINITY; STATES]; last + 1];
        behind[last].fill(0.0);
        let mut totals = vec![[f32::INFINITY; Symbol::COUNT]; self.layout.cells.len()];
        for step in (0..last).rev() {
            let (before, after) = behind.split_at_mut(step + 1);
            let (now, then) = (&mut before[step], &after[0]);
            for (index, cost) in ahead[step].iter().enumerate() {
                if !cost.is_finite() || *cost > best + BEAM {
                    continue;
                }
                self.edges(step, State::from_index(index), |next, more, symbol| {
                    let rest = more + then[next.index()];
                    now[index] = now[index].min(rest);
                    if let (Some(symbol), Step::Cell { at, .. }) = (symbol, self.steps[step]) {
                        let total = &mut totals[at][symbol.index()];
                        *total = total.min(cost + rest);
                    }
                });
            }
        }
        let symbols = self.trace(&behind);
        let others = totals.iter().map(|totals| compared(totals, best)).collect();
        Some(Reading { symbols, others, cost: best })
    }

    /// The symbols along the cheapest path.
    fn trace(&self, behind: &[Vec<f32>]) -> Vec<Symbol> {
        let mut symbols = Vec::with_capacity(self.layout.cells.len());
        let mut state = State::START;
        for step in 0..self.steps.len() {
            let mut best = (f32::INFINITY, state, None);
            self.edges(step, state, |next, more, symbol| {
                let rest = more + behind[step + 1][next.index()];
                if rest < best.0 {
                    best = (rest, next, symbol);
                }
            });
            state = best.1;
            symbols.extend(best.2);
        }
        symbols
    }
}

fn compared(totals: &[f32; Symbol::COUNT], best: f32) -> Vec<(Symbol, f32)> {
    super::symbol::Set::ANY
        .members()
        .map(|symbol| (symbol, (totals[symbol.index()] - best).max(0.0)))
        .filter(|(_, more)| more.is_finite())
        .collect()
}

/// The state after `symbol` in `cell`, its shift aside, and what that costs beyond the symbol itself.
fn follow(cell: &Cell, state: State, symbol: Symbol) -> (State, f32) {
    let before = if cell.begins { 0 } else { state.field };
    let value = symbol.value();
    let (field, cost) = match cell.role {
        Role::Plain => ((before + cell.weight * value) % 10, 0.0),
        Role::Name => name(before, symbol == Symbol::FILLER),
        // A filler stands for 0 where there is nothing to check, which the personal number alone may be.
        Role::Check if symbol == Symbol::FILLER && cell.field != Some(FieldName::PersonalNumber) => {
            (0, WRONG)
        }
        Role::Check => (0, if value == state.field { 0.0 } else { WRONG }),
        Role::Composite => (0, if value == state.all { 0.0 } else { WRONG }),
    };
    let all = (state.all + cell.composite * value) % 10;
    (State { shift: state.shift, field, all }, cost)
}

/// The order of names (9303 part 3 section 4.6): primary identifier, two fillers, secondary identifier, padding; one filler
/// between parts. States: 0 start, 1 primary, 2 a filler in it, 3 two fillers, 4 secondary, 5 a filler in it, 6 padding.
const fn name(state: u8, filler: bool) -> (u8, f32) {
    match (state, filler) {
        (0..=2, false) => (1, 0.0),
        (0, true) => (2, DISORDER),
        (1, true) => (2, 0.0),
        (2, true) => (3, 0.0),
        (3..=5, false) => (4, 0.0),
        (4, true) => (5, 0.0),
        (6, false) => (4, DISORDER),
        (_, _) => (6, 0.0),
    }
}
