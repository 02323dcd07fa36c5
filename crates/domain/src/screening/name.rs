//! A name made ready for comparing.

use std::fmt;
use std::sync::Arc;

use super::alignment::Spelt;
use super::distance::LONGEST;
use super::words;
use crate::arabic;

/// Words of a name that are looked at.
const MOST_WORDS: usize = 24;

/// Characters of a name that are looked at.
const MOST_CHARACTERS: usize = 400;

/// What a word is to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// Tells who it is.
    Distinct,
    /// Tells little: a word that many companies have.
    Generic,
    /// One letter that may stand for a word.
    Initial,
    /// A number.
    Number,
    /// An article or a word for son, daughter, of.
    Particle,
}

/// One word.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Word {
    pub(super) text: Spelt,
    pub(super) class: Class,
    /// Names that it is a form of, a bit for each.
    pub(super) forms: u64,
    /// The character that it was, where one character is a whole word: Han and Hangul.
    pub(super) character: Option<char>,
}

impl Word {
    fn new(text: String, character: Option<char>) -> Self {
        let text = unmasked(text);
        let said = words::said(&text);
        let class = if text.bytes().all(|byte| byte.is_ascii_digit()) {
            Class::Number
        } else if said.is_particle && character.is_none() && text.len() > 1 {
            Class::Particle
        } else if text.len() == 1 {
            Class::Initial
        } else if said.is_generic {
            Class::Generic
        } else {
            Class::Distinct
        };
        Self { forms: said.forms, class, character, text: Spelt::new(text) }
    }

    /// How much it tells, 0..=1.
    pub(super) const fn weight(&self) -> f32 {
        match self.class {
            Class::Distinct | Class::Number => 1.0,
            Class::Generic => 0.5,
            Class::Initial => 0.3,
            Class::Particle => 0.0,
        }
    }
}

/// A name of a person or an organisation, made ready for comparing: in Latin letters whatever script it was in, without
/// titles and legal forms. Made once, compared often.
#[derive(Clone, PartialEq)]
pub struct ScreenedName {
    /// Names of one list share their words.
    pub(super) words: Vec<Arc<Word>>,
}

impl fmt::Debug for ScreenedName {
    /// Nothing personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScreenedName").field("words", &self.words.len()).finish_non_exhaustive()
    }
}

impl ScreenedName {
    /// Makes `text` ready; only its first 400 characters and 24 words count.
    pub fn new(text: &str) -> Self {
        let raw = raw_words(text);
        let texts: Vec<&str> = raw.iter().map(|(text, _)| text.as_str()).collect();
        let is_name = kept(&texts);
        let mut words: Vec<Word> = Vec::with_capacity(raw.len());
        for ((text, character), is_name) in raw.into_iter().zip(is_name) {
            // A word that stands twice in a row was written twice.
            let is_repeated = words.last().is_some_and(|last| last.text.as_str() == text && text.len() > 3);
            if is_name && !is_repeated {
                words.push(Word::new(text, character));
            }
        }
        let mut words = with_servants(with_numbers(words));
        let only_particles = words.iter().all(|word| word.class == Class::Particle);
        if only_particles {
            for word in &mut words {
                word.class = Class::Distinct;
            }
        }
        Self { words: with_abbreviations(words).into_iter().map(Arc::new).collect() }
    }

    /// Whether nothing is left to compare.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// Words in small ASCII letters, with the character of those that were one.
fn raw_words(text: &str) -> Vec<(String, Option<char>)> {
    let text: String = text.chars().take(MOST_CHARACTERS).collect();
    let text = if arabic::is_arabic(&text) { arabic::name_english(&text) } else { text };
    let mut raw: Vec<(String, Option<char>)> = Vec::new();
    let mut word = String::new();
    let end = |word: &mut String, raw: &mut Vec<(String, Option<char>)>| {
        if !word.is_empty() {
            word.truncate(LONGEST);
            raw.push((std::mem::take(word), None));
        }
    };
    let mut was_small = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        if is_syllable(c) {
            end(&mut word, &mut raw);
            let latin = any_ascii::any_ascii_char(c).to_ascii_lowercase();
            raw.push((latin.chars().filter(char::is_ascii_alphanumeric).collect(), Some(c)));
            was_small = false;
            continue;
        }
        // Words that were joined keep their capital letters: `SergeiLavrov`. One at the end is part of an abbreviation:
        // `GmbH`.
        let goes_on = characters.peek().is_some_and(|next| next.is_alphabetic());
        if was_small && c.is_uppercase() && goes_on {
            end(&mut word, &mut raw);
        }
        was_small = c.is_lowercase();
        match c {
            '&' => end(&mut word, &mut raw),
            // Apostrophes stand within words, and for letters that Latin has not.
            '\'' | '’' | '‘' | 'ʼ' | 'ʿ' | 'ʾ' | '`' | '´' | '\u{200c}' | '\u{200d}' => {}
            c if c.is_ascii_alphanumeric() => word.push(c.to_ascii_lowercase()),
            c if c.is_ascii() => end(&mut word, &mut raw),
            c => {
                let latin = any_ascii::any_ascii_char(c);
                let is_mark = latin.is_empty();
                let letters = latin.bytes().filter(u8::is_ascii_alphanumeric).count();
                if letters > 0 {
                    word.extend(
                        latin.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()),
                    );
                } else if !is_mark && !c.is_alphabetic() {
                    end(&mut word, &mut raw);
                }
            }
        }
    }
    end(&mut word, &mut raw);
    raw.retain(|(text, _)| !text.is_empty());
    raw.truncate(MOST_WORDS);
    raw
}

/// Whether one character is a whole syllable, and so a whole word of a name: Han and Hangul.
const fn is_syllable(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// Which words are part of the name: not titles before it or after it, and not legal forms. All, where nothing else is
/// left.
fn kept(words: &[&str]) -> Vec<bool> {
    let mut kept = vec![true; words.len()];
    let mut at = 0;
    while at < words.len() {
        match words::legal_form(&words[at..]) {
            // Short forms are syllables of names, too: only at the ends, beside longer words.
            Some(1) if words[at].len() <= 2 && ((at > 0 && at + 1 < words.len()) || !has_long(words)) => {
                at += 1;
            }
            Some(count) => {
                kept[at..at + count].fill(false);
                at += count;
            }
            None => at += 1,
        }
    }
    let titles: Vec<bool> = words.iter().map(|word| words::said(word).is_title).collect();
    let first_name = titles.iter().position(|is_title| !is_title);
    kept[..first_name.unwrap_or(0)].fill(false);
    for at in (1..words.len()).rev() {
        if !titles[at] {
            break;
        }
        kept[at] = false;
    }
    // Within a list's form of a name (`AL ZAWAHIRI, Dr. Ayman`) titles stand before the given name.
    for (at, word) in words.iter().enumerate() {
        if titles[at] && word.len() <= 3 && words.len() > 2 {
            kept[at] = false;
        }
    }
    let left =
        |is: &dyn Fn(&str) -> bool| words.iter().zip(&kept).filter(|(word, kept)| **kept && is(word)).count();
    let whole = left(&|word| word.len() > 1 && !words::said(word).is_particle);
    // Two letters may be an abbreviation.
    if whole > 0 || left(&|word| word.len() == 1) > 1 { kept } else { vec![true; words.len()] }
}

fn has_long(words: &[&str]) -> bool {
    words.iter().any(|word| word.len() >= 4)
}

/// Digits that stand for letters they look like, in a word that has letters.
fn unmasked(text: String) -> String {
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    if letters * 2 <= text.len() || letters == text.len() || words::said(&text).number.is_some() {
        return text;
    }
    let plain = |c| match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    };
    text.chars().map(plain).collect()
}

/// Numbers in words as digits, `forty four` as one number.
fn with_numbers(words: Vec<Word>) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    let mut tens = false;
    for word in words {
        let Some(number) = words::said(&word.text).number else {
            tens = false;
            out.push(word);
            continue;
        };
        let spoken = word.text.bytes().all(|byte| byte.is_ascii_alphabetic());
        let joined = out.last().filter(|_| tens && spoken && (1..10).contains(&number));
        let whole = joined.and_then(|last| last.text.parse::<u32>().ok()).map(|tens| tens + number);
        if let Some(whole) = whole {
            out.pop();
            out.push(Word::new(whole.to_string(), None));
            tens = false;
        } else {
            out.push(Word::new(number.to_string(), word.character));
            tens = spoken && number >= 20 && number.is_multiple_of(10);
        }
    }
    out
}

/// Letters that stand for no given name, since nothing else tells who it is, are one word: `A.B.C. Company`.
fn with_abbreviations(words: Vec<Word>) -> Vec<Word> {
    if words.iter().any(|word| word.class == Class::Distinct) {
        return words;
    }
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    let mut letters = false;
    for word in words {
        let is_letter = word.class == Class::Initial;
        match out
            .last()
            .filter(|_| letters && is_letter)
            .map(|last| [last.text.as_str(), word.text.as_str()].concat())
        {
            Some(text) => {
                out.pop();
                out.push(Word { class: Class::Distinct, ..Word::new(text, None) });
            }
            None => out.push(word),
        }
        letters = is_letter;
    }
    out
}

/// Arabic names of the form servant-of are one name, however they are split: `Abd al-Rahman`, `Abdul Rahman`,
/// `Abdelrahman` become `abdrahman`.
fn with_servants(words: Vec<Word>) -> Vec<Word> {
    const ARTICLES: [&str; 14] =
        ["al", "el", "ul", "ur", "ud", "us", "as", "ar", "ad", "an", "at", "az", "ash", "oul"];
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let is_servant = matches!(
            word.text.as_str(),
            "abd"
                | "abdul"
                | "abdel"
                | "abdal"
                | "abdoul"
                | "abdur"
                | "abdou"
                | "abdus"
                | "abdu"
                | "abdud"
                | "abed"
        );
        if is_servant {
            let with_article = matches!(word.text.as_str(), "abd" | "abed");
            let mut article = None;
            if with_article && words.peek().is_some_and(|next| ARTICLES.contains(&next.text.as_str())) {
                article = words.next();
            }
            match words.next_if(|next| next.class == Class::Distinct && next.text.len() > 2) {
                Some(name) => out.push(Word::new(format!("abd{}", name.text.as_str()), None)),
                None => out.extend([Some(word), article].into_iter().flatten()),
            }
            continue;
        }
        let joined = ["abdul", "abdel", "abdal", "abdoul", "abdur"].iter().find_map(|first| {
            word.text.strip_prefix(first).filter(|rest| is_served(rest)).map(str::to_owned)
        });
        out.push(match joined {
            Some(rest) => Word::new(format!("abd{rest}"), None),
            None => word,
        });
    }
    out
}

/// Whether that can follow servant-of. God's own name is left: `Abdullah` is written in one word everywhere.
fn is_served(rest: &str) -> bool {
    rest.len() > 2 && !matches!(rest, "lah" | "llah")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> String {
        ScreenedName::new(text).words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn titles_and_legal_forms_are_no_part_of_a_name() {
        assert_eq!(words("Dr. Karim Mansour"), "karim mansour");
        assert_eq!(words("MANSOUR, Dr. Karim"), "mansour karim");
        assert_eq!(words("Open Joint Stock Company Rosinter"), "rosinter");
        assert_eq!(words("Volga Steel G.m.b.H."), "volga steel");
        assert_eq!(words("Wisla Sp. z o.o."), "wisla");
        assert_eq!(words("Limited"), "limited", "nothing else would be left");
        assert_eq!(words("Kim Sa Ho"), "kim sa ho", "a syllable is no legal form");
    }

    #[test]
    fn servants_are_one_word_however_they_are_split() {
        for text in
            ["Abd al-Rahman", "Abdul Rahman", "Abdelrahman", "ABDUL-RAHMAN", "عبد الرحمن", "Abd El Rahman"]
        {
            assert_eq!(words(text), "abdrahman", "{text}");
        }
        assert_eq!(words("Abdullah Saleh"), "abdullah saleh");
    }

    #[test]
    fn scripts_become_latin_words() {
        assert_eq!(words("Сергей Иванов"), "sergei ivanov".replace("ei", "ey"));
        assert_eq!(words("SergeiIvanov"), "sergei ivanov");
        assert_eq!(words("习近平").split(' ').count(), 3);
        assert_eq!(words("José Núñez"), "jose nunez");
        assert_eq!(words("O'Brien"), "obrien");
        assert_eq!(words("A.B.C. Company"), "abc");
        assert_eq!(words("A. B. Clark"), "a b clark");
    }

    #[test]
    fn numbers_and_masks_are_read() {
        assert_eq!(words("Brigade Forty-Four"), "brigade 44");
        assert_eq!(words("K4r1m"), "karim");
        assert_eq!(words("Star 7"), "star 7");
    }

    #[test]
    fn nothing_personal_is_printed() {
        assert_eq!(format!("{:?}", ScreenedName::new("Karim Mansour")), "ScreenedName { words: 2, .. }");
    }

    proptest! {
        #[test]
        fn any_text_can_be_made_ready(text in "\\PC{0,80}") {
            let name = ScreenedName::new(&text);
            prop_assert!(name.words.iter().all(|word| word.text.is_ascii() && !word.text.is_empty()));
        }
    }
}
