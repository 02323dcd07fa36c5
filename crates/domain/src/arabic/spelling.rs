//! How common names are printed, in the spellings that cards have.

use super::fold;
use super::latin::{ARTICLE, JOINED, TABLE};

/// Every word of a common name as it may be printed: with hamzas or plain alefs, with dotted or dotless ya and with ta
/// marbuta or ha at its end, with the article, and compounds as one word and as two.
pub fn name_spellings() -> impl Iterator<Item = String> {
    let names =
        TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next());
    names.flat_map(words).flat_map(|word| {
        let with_article = (!word.starts_with(ARTICLE)).then(|| format!("{ARTICLE}{word}"));
        [Some(word), with_article].into_iter().flatten().flat_map(|word| variants(&word))
    })
}

/// The words of a name: itself, and the two parts of a compound.
fn words(name: &str) -> Vec<String> {
    let part = |(at, _): (usize, char)| {
        let (first, second) = name.split_at(at);
        let joins = second.starts_with(ARTICLE) && JOINED.contains(&fold(first).as_str());
        joins.then(|| [first.to_owned(), second.to_owned()])
    };
    let mut words = vec![name.to_owned()];
    words.extend(name.char_indices().find_map(part).into_iter().flatten());
    words
}

/// The spellings that printers do not keep apart.
fn variants(word: &str) -> Vec<String> {
    let plain: String = word.chars().map(|c| if matches!(c, 'أ' | 'إ' | 'آ') { 'ا' } else { c }).collect();
    let mut all = vec![word.to_owned()];
    if plain != word {
        all.push(plain);
    }
    for (one, other) in [('ي', 'ى'), ('ة', 'ه')] {
        let swapped = |word: &String| {
            let (ends, takes) =
                [(one, other), (other, one)].into_iter().find(|(end, _)| word.ends_with(*end))?;
            Some(format!("{}{takes}", word.strip_suffix(ends)?))
        };
        // A ha of the root is not written with dots: `طه`, `عبده`.
        let swaps = one == 'ي' || word.ends_with(one);
        let more: Vec<String> = all.iter().filter(|_| swaps).filter_map(swapped).collect();
        all.extend(more);
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::arabic::is_common_name;

    #[test]
    fn names_are_there_in_every_spelling_that_cards_have() {
        let all: HashSet<String> = name_spellings().collect();
        for name in [
            "أحمد",
            "احمد",
            "علي",
            "على",
            "منى",
            "مني",
            "فاطمة",
            "فاطمه",
            "عبدالله",
            "عبد",
            "الله",
            "السيد",
            "سيد",
            "طه",
        ] {
            assert!(all.contains(name), "{name}");
        }
        for none in ["عبداللم", "مجمد", "طة", "إحمد", ""] {
            assert!(!all.contains(none), "{none}");
        }
    }

    #[test]
    fn every_spelling_is_a_part_of_a_common_name() {
        // Parts of compounds are names together only.
        let parts: HashSet<String> = TABLE
            .lines()
            .filter_map(|line| line.split('\t').next())
            .flat_map(|name| words(name).into_iter().skip(1))
            .flat_map(|word| variants(&word))
            .collect();
        for word in name_spellings().filter(|word| !parts.contains(word)) {
            assert!(is_common_name(&word), "{word}");
        }
    }
}
