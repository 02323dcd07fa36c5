//! A list in which names are looked up.
//!
//! Every word of every name stands under its consonants, under them with each one left open, and under them without each
//! one: so a word with one consonant wrong, missing or too many is found as well. Only names that share enough words with
//! what is looked up are compared.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::alignment::{How, Known};
use super::name::{Class, ScreenedName, Word};
use super::score::{Comparison, compare, score};
use super::{BirthSpan, ListEntry};
use crate::{Day, Similarity};

/// Who is looked up.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The name in as many scripts and spellings as are known.
    pub names: Vec<String>,
    /// The number of a document, in any form.
    pub id_number: Option<String>,
    /// The day of birth.
    pub born: Option<Day>,
}

impl Query {
    /// Whether there is anything to look up.
    pub fn is_anybody(&self) -> bool {
        let has_number = self.id_number.as_deref().is_some_and(|number| counts(&plain_number(number)));
        has_number || self.names.iter().any(|name| !ScreenedName::new(name).is_empty())
    }

    /// What tells this person from others, in one form: the number, or where there is none the names and the day of birth,
    /// however they are written.
    pub fn identity(&self) -> String {
        if let Some(number) = self.id_number.as_deref().map(plain_number).filter(|number| counts(number)) {
            return format!("number {number}");
        }
        let words = |name: &String| {
            let words = ScreenedName::new(name).words;
            words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
        };
        let names: BTreeSet<String> = self.names.iter().map(words).filter(|name| !name.is_empty()).collect();
        let names: Vec<String> = names.into_iter().collect();
        format!(
            "names {} born {}",
            names.join(", "),
            self.born.map_or_else(String::new, |day| day.to_string())
        )
    }
}

impl fmt::Debug for Query {
    /// Nothing personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").field("names", &self.names.len()).finish_non_exhaustive()
    }
}

/// Why an entry is a hit, or less of one.
#[derive(Clone, PartialEq)]
pub enum Reason {
    /// A number of the entry is the number that was looked up.
    Number,
    /// The names agree.
    Name {
        /// The entry's name that agrees best.
        name: String,
        /// How.
        comparison: Comparison,
    },
    /// The day of birth is that of the entry, or lies in what the entry says.
    Born,
    /// The day of birth is years from all that the entry says. The score is lower, and it may be a hit all the same: dates
    /// in lists are often wrong.
    BornElsewhen,
}

impl fmt::Debug for Reason {
    /// Nothing personal: what a name agrees with is as good as the name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "Number",
            Self::Name { .. } => "Name(..)",
            Self::Born => "Born",
            Self::BornElsewhen => "BornElsewhen",
        })
    }
}

impl fmt::Display for Reason {
    /// For whoever judges the hit. Shows the words of the names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number => f.write_str("the number is the same"),
            Self::Born => f.write_str("the day of birth agrees"),
            Self::BornElsewhen => f.write_str("the day of birth is years apart"),
            Self::Name { name, comparison } => {
                write!(f, "like \"{name}\"")?;
                for (at, part) in comparison.parts.iter().enumerate() {
                    let way = match part.how {
                        How::Same => "same",
                        How::Spelling => "other spelling",
                        How::Initial => "initial",
                        How::OtherForm => "other form",
                        How::Joined => "joined",
                        How::Acronym => "abbreviation",
                    };
                    let before = if at == 0 { ": " } else { ", " };
                    write!(f, "{before}{} = {} ({way})", part.first, part.second)?;
                }
                match comparison.contradictions {
                    0 => {}
                    1 => f.write_str(", one word differs")?,
                    words => write!(f, ", {words} words differ")?,
                }
                match comparison.left_out {
                    0 => Ok(()),
                    1 => f.write_str(", one word is left out"),
                    words => write!(f, ", {words} words are left out"),
                }
            }
        }
    }
}

/// An entry that may be who was looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit<'a> {
    /// The entry.
    pub entry: &'a ListEntry,
    /// How sure, 0..=1.
    pub score: Similarity,
    /// Why, the most telling first.
    pub reasons: Vec<Reason>,
}

/// What the same day of birth adds to a score, and the same year.
const BORN: f32 = 0.05;
const BORN_IN: f32 = 0.02;

/// What a day of birth years away takes off: a name that agrees wholly remains a hit, one that agrees in part does not.
const ELSEWHEN: f32 = 0.15;

/// Names that share a word which is rare: so many are quickly compared.
const RARE: usize = 64;

/// Shorter numbers are no proof of anything.
const SHORTEST_NUMBER: usize = 5;

/// Entries of lists with their names, ready to be looked up.
#[derive(Default)]
pub struct ScreeningIndex {
    entries: Vec<ListEntry>,
    names: Vec<Listed>,
    /// Names by keys of their words.
    words: HashMap<u64, Vec<Place>>,
    /// Names by their first letters, and names of one word.
    acronyms: HashMap<u64, Vec<u32>>,
    /// Entries by their numbers.
    numbers: HashMap<String, Vec<u32>>,
}

/// Where a word stands.
#[derive(Clone, Copy)]
struct Place {
    name: u32,
    /// A bit for it, or for each of those that are joined.
    words: u32,
}

/// A bit for each word of a name from one to another, the latter not included.
fn places(from: usize, to: usize) -> u32 {
    (from..to).fold(0, |places, at| places | 1 << at)
}

struct Listed {
    entry: u32,
    /// Which of the entry's names.
    place: u32,
    name: ScreenedName,
    /// Words that are looked up.
    words: u8,
}

impl fmt::Debug for ScreeningIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, names, .. } = self;
        f.debug_struct("ScreeningIndex")
            .field("entries", &entries.len())
            .field("names", &names.len())
            .finish_non_exhaustive()
    }
}

impl ScreeningIndex {
    /// The index over `entries`. Names in which nothing can be compared are left out.
    pub fn new(entries: Vec<ListEntry>) -> Self {
        let mut index = Self::default();
        // Words that stand in several names are kept once.
        let mut words: HashSet<Arc<Word>> = HashSet::new();
        let mut kept = |word: &mut Arc<Word>| match words.get(&**word) {
            Some(kept) => *word = Arc::clone(kept),
            None => drop(words.insert(Arc::clone(word))),
        };
        for (number, entry) in (0_u32..).zip(&entries) {
            let mut seen = HashSet::new();
            for (place, text) in (0_u32..).zip(&entry.names) {
                if seen.insert(text.as_str()) {
                    let mut name = ScreenedName::new(text);
                    name.words.iter_mut().for_each(&mut kept);
                    index.add(number, place, name);
                }
            }
            for text in &entry.id_numbers {
                let plain = plain_number(text);
                if counts(&plain) {
                    let listed = index.numbers.entry(plain).or_default();
                    if listed.last() != Some(&number) {
                        listed.push(number);
                    }
                }
            }
        }
        index.entries = entries;
        index
    }

    fn add(&mut self, entry: u32, place: u32, name: ScreenedName) {
        if name.is_empty() {
            return;
        }
        let number = self.names.len() as u32;
        for Unit { keys, from, to, .. } in units(&name, Side::Listed) {
            for key in keys {
                let listed: &mut Vec<Place> = self.words.entry(key).or_default();
                match listed.last_mut().filter(|last| last.name == number) {
                    Some(place) => place.words |= places(from, to),
                    None => listed.push(Place { name: number, words: places(from, to) }),
                }
            }
        }
        for key in acronym_keys(&name) {
            self.acronyms.entry(key).or_default().push(number);
        }
        let words = looked_up(&name);
        self.names.push(Listed { entry, place, name, words });
    }

    /// The entries.
    pub fn entries(&self) -> &[ListEntry] {
        &self.entries
    }

    /// Whether there is nothing to look up in.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many names there are, aliases and original spellings included.
    pub fn names(&self) -> usize {
        self.names.len()
    }

    /// The entries whose score reaches `threshold`, the surest first.
    pub fn screen(&self, query: &Query, threshold: Similarity) -> Vec<Hit<'_>> {
        let names: Vec<ScreenedName> = query.names.iter().map(|name| ScreenedName::new(name)).collect();
        // Of each entry the name that agrees best.
        let mut best: HashMap<u32, (f32, u32, usize)> = HashMap::new();
        // What a day of birth may add.
        let least = threshold.get() - BORN;
        let mut known = Known::default();
        for (which, name) in names.iter().enumerate() {
            for candidate in self.candidates(name) {
                let listed = &self.names[candidate as usize];
                let found = score(name, &listed.name, &mut known);
                let known = best.entry(listed.entry).or_insert((0.0, candidate, which));
                if found > known.0 {
                    *known = (found, candidate, which);
                }
            }
        }
        best.retain(|_, (found, ..)| *found >= least);
        let mut with_number = HashSet::new();
        if let Some(number) = &query.id_number
            && let Some(entries) = self.numbers.get(&plain_number(number))
        {
            with_number.extend(entries.iter().copied());
        }
        let all: HashSet<u32> = best.keys().chain(&with_number).copied().collect();
        let mut hits: Vec<Hit<'_>> = all
            .into_iter()
            .filter_map(|entry| {
                let name = best.get(&entry).map(|(_, candidate, which)| (&names[*which], *candidate));
                let hit = self.hit(entry, name, with_number.contains(&entry), query.born);
                (hit.score >= threshold).then_some(hit)
            })
            .collect();
        let order = |hit: &Hit<'_>| (hit.entry.source.clone(), hit.entry.case_no.clone());
        hits.sort_by(|a, b| b.score.get().total_cmp(&a.score.get()).then_with(|| order(a).cmp(&order(b))));
        hits
    }

    fn hit(
        &self,
        entry: u32,
        name: Option<(&ScreenedName, u32)>,
        with_number: bool,
        born: Option<Day>,
    ) -> Hit<'_> {
        let entry = &self.entries[entry as usize];
        let mut reasons = Vec::new();
        let mut score = 0.0_f32;
        if let Some((query, candidate)) = name {
            let listed = &self.names[candidate as usize];
            let comparison = compare(query, &listed.name);
            score = comparison.score.get();
            let name = entry.names.get(listed.place as usize).cloned().unwrap_or_default();
            reasons.push(Reason::Name { name, comparison });
        }
        if let Some(born) = born.filter(|_| !entry.born.is_empty()) {
            let holds = |span: &&BirthSpan| span.holds(born);
            if let Some(span) = entry.born.iter().filter(holds).max_by_key(|span| span.is_day()) {
                score += if span.is_day() { BORN } else { BORN_IN };
                reasons.push(Reason::Born);
            } else if !entry.born.iter().any(|span| span.is_near(born)) {
                score -= ELSEWHEN;
                reasons.push(Reason::BornElsewhen);
            }
        }
        if with_number {
            score = 1.0;
            reasons.insert(0, Reason::Number);
        }
        Hit { entry, score: Similarity::clamped(score), reasons }
    }

    /// Names that share enough words with `name` to be compared.
    fn candidates(&self, name: &ScreenedName) -> Vec<u32> {
        let query_words = looked_up(name);
        let mut shared = vec![Shared::default(); self.names.len()];
        let mut touched = Vec::new();
        for (number, unit) in (1_u16..).zip(units(name, Side::Asked)) {
            for (at, listed) in
                unit.keys.iter().enumerate().filter_map(|(at, key)| Some((at, self.words.get(key)?)))
            {
                // One rare word is reason enough to compare names of two. The first key is that of the whole word.
                let is_rare = at == 0 && listed.len() <= RARE;
                for place in listed {
                    let shared = &mut shared[place.name as usize];
                    if shared.last == 0 {
                        touched.push(place.name);
                    }
                    shared.listed |= place.words | if is_rare { RARE_WORD } else { 0 };
                    if shared.last != number {
                        shared.last = number;
                        let words = if is_rare { unit.words * 2 } else { unit.words };
                        shared.asked = shared.asked.saturating_add(words);
                    }
                }
            }
        }
        touched.retain(|number| {
            let listed = &self.names[*number as usize];
            let shared = &shared[*number as usize];
            let (fewer, more) = (query_words.min(listed.words), query_words.max(listed.words));
            // Of long names one word may be written too differently to be found; of names of one word only those are
            // hits that leave out one word at most.
            let needed = if fewer >= 3 { fewer - 1 } else { fewer.max(1) };
            u32::from(shared.asked).min(shared.listed.count_ones()) >= u32::from(needed)
                && (fewer > 1 || more <= 2)
        });
        for names in acronym_keys(name).iter().filter_map(|key| self.acronyms.get(key)) {
            touched.extend(names);
        }
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    /// As [`ScreeningIndex::screen`] for one name alone, but compared with every name: for measuring what the index
    /// misses. Returns places in [`ScreeningIndex::entries`].
    pub fn scan(&self, name: &str, threshold: Similarity) -> Vec<usize> {
        let name = ScreenedName::new(name);
        let mut known = Known::default();
        let mut entries: Vec<usize> = Vec::new();
        for listed in &self.names {
            if score(&name, &listed.name, &mut known) >= threshold.get() {
                entries.push(listed.entry as usize);
            }
        }
        entries.dedup();
        entries
    }
}

fn counts(plain: &str) -> bool {
    plain.len() >= SHORTEST_NUMBER
}

/// Capital letters and Western digits alone.
fn plain_number(text: &str) -> String {
    crate::arabic::fold(text).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

fn is_looked_up(word: &Word) -> bool {
    matches!(word.class, Class::Distinct | Class::Generic | Class::Number)
}

fn looked_up(name: &ScreenedName) -> u8 {
    name.words.iter().filter(|word| is_looked_up(word)).count() as u8
}

/// Whether a name is of a list or is looked up there.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Listed,
    Asked,
}

/// What a name and one that is looked up have in common.
#[derive(Clone, Copy, Default)]
struct Shared {
    /// How many words of the latter.
    asked: u8,
    /// The unit that was found last, from 1 on.
    last: u16,
    /// Which words of the former, a bit for each, and [`RARE_WORD`].
    listed: u32,
}

/// Beyond the words of a name: one of them is rare, and counts twice.
const RARE_WORD: u32 = 1 << 31;

/// What is looked up: a word, or neighbours joined.
struct Unit {
    /// Words from one to another, the latter not included.
    from: usize,
    to: usize,
    /// For how many words it stands.
    words: u8,
    keys: Vec<u64>,
}

/// What is looked up of a name: each word, and each two or three neighbours joined.
fn units(name: &ScreenedName, side: Side) -> Vec<Unit> {
    let mut units = Vec::with_capacity(name.words.len() * 3);
    for (at, word) in name.words.iter().enumerate().filter(|(_, word)| is_looked_up(word)) {
        let mut keys = match word.class {
            Class::Number => vec![key("=", &word.text)],
            _ => skeleton_keys(&word.text.skeleton(), side),
        };
        let mut sets = word.forms;
        while sets != 0 {
            keys.push(key("~", &sets.trailing_zeros().to_string()));
            sets &= sets - 1;
        }
        units.push(Unit { from: at, to: at + 1, words: 1, keys });
    }
    let mut text = String::new();
    for from in 0..name.words.len() {
        text.clear();
        for to in from..name.words.len().min(from + 3) {
            text.push_str(&name.words[to].text);
            if to > from && text.len() >= 4 {
                let words = name.words[from..=to].iter().filter(|word| is_looked_up(word)).count();
                let skeleton = super::sound::skeleton(&super::sound::sound(&text));
                let keys = vec![key("", &skeleton)];
                units.push(Unit { from, to: to + 1, words: (words as u8).max(1), keys });
            }
        }
    }
    units
}

/// Keys of a word: its consonants first; these with each one open, where a wrong one meets; and these without each one. A
/// listed word stands under the latter for words that lack one, and a word that is looked up is sought there whole, and
/// without each one among whole words, for one that it has too many. Of two or less too little would be left.
fn skeleton_keys(skeleton: &str, side: Side) -> Vec<u64> {
    let mut keys = vec![key("", skeleton)];
    if side == Side::Asked {
        keys.push(key("-", skeleton));
    }
    if skeleton.len() > 2 {
        for at in 0..skeleton.len() {
            let (before, after) = (&skeleton[..at], &skeleton[at + 1..]);
            keys.push(key("_", &format!("{before}_{after}")));
            let without = if side == Side::Listed { "-" } else { "" };
            keys.push(key(without, &format!("{before}{after}")));
        }
    }
    keys
}

/// First letters of names of three words or more, and the word of those of one.
fn acronym_keys(name: &ScreenedName) -> Vec<u64> {
    let letters = |skip: bool| -> String {
        let words = name.words.iter().filter(|word| !skip || word.class != Class::Particle);
        words.map(|word| word.text.as_bytes()[0] as char).collect()
    };
    if let [word] = name.words.as_slice() {
        return if word.text.len() >= 3 { vec![key("", &word.text)] } else { Vec::new() };
    }
    let mut keys: Vec<u64> =
        [true, false].map(letters).iter().filter(|text| text.len() >= 3).map(|text| key("", text)).collect();
    keys.dedup();
    keys
}

/// FNV-1a, 64 bits. Texts of one key are candidates of each other at worst.
fn key(kind: &str, text: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    kind.bytes().chain(text.bytes()).fold(0xcbf2_9ce4_8422_2325, mix)
}
