//! Tables of Arabic words with their English twins.

use std::collections::HashMap;

use super::fold;

/// A table, by the folded Arabic.
#[derive(Debug)]
pub(crate) struct Lexicon {
    rows: HashMap<String, &'static str>,
    /// Words of the longest entry.
    longest: usize,
}

impl Lexicon {
    /// Reads lines of Arabic, a tab, English; those that begin with `#` are left out, as are those that are no row.
    pub(crate) fn parse(text: &'static str) -> Self {
        let rows = text.lines().filter(|line| !line.starts_with('#'));
        let rows = rows.filter_map(|line| line.split_once('\t'));
        let rows: HashMap<String, &'static str> = rows.map(|(arabic, latin)| (fold(arabic), latin)).collect();
        let longest = rows.keys().map(|key| key.split(' ').count()).max().unwrap_or(0);
        Self { rows, longest }
    }

    /// The twin of a word or phrase that is folded.
    pub(crate) fn get(&self, folded: &str) -> Option<&'static str> {
        self.rows.get(folded).copied()
    }

    /// The longest entry that `words` begin with, and how many words it takes.
    pub(crate) fn longest(
        &self,
        words: &[&str],
        form: impl Fn(&str) -> Option<String>,
    ) -> Option<(&'static str, usize)> {
        (1..=self.longest.min(words.len())).rev().find_map(|count| {
            let phrase = words[..count].join(" ");
            let found = self.get(&phrase).or_else(|| form(&phrase).and_then(|other| self.get(&other)));
            found.map(|twin| (twin, count))
        })
    }

    /// How many entries there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}
