//! Texts as tokens: byte pairs, merged in the order of a list (GPT-2's), read from the model's `tokenizer.json`.

use std::collections::HashMap;

use serde::Deserialize;

/// A file that is no list of tokens.
#[derive(Debug, thiserror::Error)]
#[error("the list of tokens cannot be read: {0}")]
pub struct VocabularyError(#[from] serde_json::Error);

#[derive(Deserialize)]
struct File {
    model: Lists,
}

#[derive(Deserialize)]
struct Lists {
    vocab: HashMap<String, u32>,
    merges: Vec<String>,
}

/// The tokens and how they are put together.
pub(super) struct Vocabulary {
    ids: HashMap<String, u32>,
    texts: HashMap<u32, String>,
    /// The place of a pair, its parts with a space between, in the list.
    ranks: HashMap<String, usize>,
    /// The character that stands for each byte.
    letters: Vec<char>,
}

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vocabulary").field("tokens", &self.ids.len()).finish_non_exhaustive()
    }
}

impl Vocabulary {
    pub(super) fn read(json: &[u8]) -> Result<Self, VocabularyError> {
        let File { model } = serde_json::from_slice(json)?;
        let ranks = model.merges.into_iter().enumerate().map(|(rank, pair)| (pair, rank)).collect();
        let texts = model.vocab.iter().map(|(text, id)| (*id, text.clone())).collect();
        Ok(Self { ids: model.vocab, texts, ranks, letters: letters() })
    }

    /// The tokens of `text`. What the list has no token for is left out; of text in letters, digits and commas nothing is.
    pub(super) fn encode(&self, text: &str) -> Vec<u32> {
        runs(text)
            .iter()
            .flat_map(|run| self.merge(run))
            .filter_map(|part| self.ids.get(&part).copied())
            .collect()
    }

    /// The text of tokens; those that are no text are left out.
    pub(super) fn decode(&self, tokens: &[u32]) -> String {
        let bytes: Vec<u8> = tokens
            .iter()
            .filter_map(|token| self.texts.get(token))
            .flat_map(|text| text.chars())
            .filter_map(|char| self.letters.iter().position(|letter| *letter == char))
            .map(|byte| byte as u8)
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn merge(&self, run: &str) -> Vec<String> {
        let mut parts: Vec<String> =
            run.bytes().map(|byte| self.letters[usize::from(byte)].to_string()).collect();
        loop {
            let pairs = parts.windows(2).enumerate().filter_map(|(at, pair)| {
                self.ranks.get(&format!("{} {}", pair[0], pair[1])).map(|rank| (*rank, at))
            });
            let Some((_, at)) = pairs.min() else { return parts };
            let second = parts.remove(at + 1);
            parts[at].push_str(&second);
        }
    }
}

/// Printable bytes stand for themselves, the others for characters from U+0100 on, in their order.
fn letters() -> Vec<char> {
    let is_plain = |byte: u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let mut next = 256;
    (0..256)
        .map(|byte| {
            let code = if is_plain(byte) {
                byte
            } else {
                next += 1;
                next - 1
            };
            char::from_u32(code).unwrap_or_default()
        })
        .collect()
}

/// Runs of letters, of digits and of other signs, each with the space before it.
fn runs(text: &str) -> Vec<String> {
    let kind = |char: char| match char {
        _ if char.is_alphabetic() => 1,
        _ if char.is_numeric() => 2,
        _ => 3,
    };
    let mut runs: Vec<String> = Vec::new();
    let mut before = None;
    for char in text.chars() {
        let fits = before.is_some_and(|last: char| last == ' ' || kind(last) == kind(char));
        match runs.last_mut() {
            Some(run) if char != ' ' && fits => run.push(char),
            _ => runs.push(char.to_string()),
        }
        before = Some(char);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let json = r#"{"model": {"vocab": {"Ġ": 0, "o": 1, "n": 2, "e": 3, "on": 4, "one": 5, "Ġone": 6, "Ã": 7, "©": 8, ",": 9},
            "merges": ["o n", "on e", "Ġ one"]}}"#;
        Vocabulary::read(json.as_bytes()).unwrap()
    }

    #[test]
    fn pairs_are_merged_in_their_order() {
        let vocabulary = vocabulary();
        assert_eq!(vocabulary.encode(" one"), [6]);
        assert_eq!(vocabulary.encode("one, one"), [5, 9, 6]);
        assert_eq!(vocabulary.encode("no"), [2, 1]);
        assert_eq!(vocabulary.encode("é"), [7, 8]);
        assert_eq!(vocabulary.encode(""), [0_u32; 0]);
    }

    #[test]
    fn tokens_become_text_again() {
        let vocabulary = vocabulary();
        assert_eq!(vocabulary.decode(&[6, 9, 7, 8, 50_000]), " one,é");
    }

    #[test]
    fn another_file_is_refused() {
        assert!(Vocabulary::read(b"{}").is_err());
    }
}
