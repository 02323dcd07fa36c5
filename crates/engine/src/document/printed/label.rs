//! A label within a line that may be misread.

/// Shorter labels must stand there letter by letter, as a word.
const FUZZY_FROM: usize = 6;
/// One wrong letter is allowed for so many.
const LETTERS_AN_ERROR: usize = 6;

/// Letters that one wrong one is worth: a shorter label that is right means more than a longer one that is not.
const WORTH_OF_AN_ERROR: usize = 3;

/// Where a label stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    /// Its first character.
    pub(super) start: usize,
    /// The one after its last.
    pub(super) end: usize,
    /// Its letters, less what errors cost.
    pub(super) score: usize,
}

/// Where `label` stands in `text`, both folded. Letters may be wrong, missing or too many: one in six. The place with the
/// fewest errors counts, the first of equal ones.
pub(super) fn find(text: &[char], label: &[char]) -> Option<Match> {
    let (start, end, errors) = if label.len() < FUZZY_FROM {
        word(text, label)
    } else {
        nearest(text, label, label.len() / LETTERS_AN_ERROR)
    }?;
    Some(Match { start, end, score: label.len().saturating_sub(WORTH_OF_AN_ERROR * errors) })
}

/// First, one after the last, errors.
fn word(text: &[char], label: &[char]) -> Option<(usize, usize, usize)> {
    let edge = |place: Option<&char>| place.is_none_or(|c| !c.is_alphanumeric());
    let start = text.windows(label.len().max(1)).enumerate().position(|(start, window)| {
        window == label
            && edge(start.checked_sub(1).and_then(|before| text.get(before)))
            && edge(text.get(start + label.len()))
    })?;
    Some((start, start + label.len(), 0))
}

/// Approximate search (Sellers 1980): the end with the least distance, then the start that belongs to it.
fn nearest(text: &[char], label: &[char], most: usize) -> Option<(usize, usize, usize)> {
    // For each letter of the label: errors up to here, and where the match began.
    let mut column: Vec<(usize, usize)> = (0..=label.len()).map(|errors| (errors, 0)).collect();
    let mut best: Option<(usize, usize, usize)> = None;
    for (at, c) in text.iter().enumerate() {
        let mut diagonal = column[0];
        column[0] = (0, at + 1);
        for (row, wanted) in label.iter().enumerate() {
            let straight = (diagonal.0 + usize::from(c != wanted), diagonal.1);
            let skipped = (column[row].0 + 1, column[row].1);
            let added = (column[row + 1].0 + 1, column[row + 1].1);
            diagonal = column[row + 1];
            column[row + 1] =
                [straight, skipped, added].into_iter().min_by_key(|step| step.0).unwrap_or(straight);
        }
        let (errors, start) = column[label.len()];
        if errors <= most && best.is_none_or(|best| errors < best.0) {
            best = Some((errors, start, at + 1));
        }
    }
    best.map(|(errors, start, end)| (start, end, errors))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str, label: &str) -> Option<(usize, usize)> {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        find(&chars(text), &chars(label)).map(|found| (found.start, found.end))
    }

    #[test]
    fn a_label_is_found_where_it_stands() {
        assert_eq!(at("(4) FECHA DE NACIMIENTO/DATE OF BIRTH", "DATE OF BIRTH"), Some((24, 37)));
        assert_eq!(at("DATE OF BLRTH", "DATE OF BIRTH"), Some((0, 13)));
        assert_eq!(at("SUMAMES", "SURNAMES"), None, "two wrong letters of eight are too many");
        assert_eq!(at("DATE OF ISSUE", "DATE OF BIRTH"), None);
    }

    #[test]
    fn short_labels_are_words() {
        assert_eq!(at("SEX/ SEXE", "SEX"), Some((0, 3)));
        assert_eq!(at("SEXE", "SEX"), None);
        assert_eq!(at("4D D1234", "4D"), Some((0, 2)));
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[A-C ]{0,30}", label in "[A-C]{1,12}") {
            if let Some((start, end)) = at(&text, &label) {
                prop_assert!(start <= end && end <= text.chars().count());
            }
        }
    }
}
