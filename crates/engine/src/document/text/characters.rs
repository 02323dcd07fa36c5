//! The characters that the recogniser tells apart.

use std::sync::LazyLock;

/// The dictionary of PP-OCRv6 as far as Latin script goes, in its order.
const LATIN: &str = include_str!("latin.txt");

/// Characters by class. Class 0 is the blank of connectionist temporal classification (CTC); the last one is space.
pub(super) static CLASSES: LazyLock<Vec<char>> =
    LazyLock::new(|| std::iter::once('\0').chain(LATIN.chars()).chain([' ']).collect());

/// The class of nothing.
pub(super) const BLANK: usize = 0;

/// The character of a machine-readable zone (ICAO 9303 part 3 section 4.3) that `character` must be if the line is of one.
pub(super) fn in_mrz(character: char) -> Option<char> {
    match character {
        'A'..='Z' | '0'..='9' | '<' => Some(character),
        'a'..='z' => Some(character.to_ascii_uppercase()),
        '«' => Some('<'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_character_for_each_class_of_the_model() {
        assert_eq!(CLASSES.len(), 525);
        assert_eq!((CLASSES[1], CLASSES[523], CLASSES[524]), ('!', 'ɏ', ' '));
        for character in "AZaz09<ÄÖÜßÉÑØŁŽĐşğ'-/.".chars() {
            assert!(CLASSES.contains(&character), "{character}");
        }
    }
}
