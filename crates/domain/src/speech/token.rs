//! Tokens: digits or words in a language.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Most digits of a token.
pub const MAX_DIGITS: usize = 8;
/// Most words of a token.
pub const MAX_WORDS: usize = 4;
/// Longest word, in letters; a shorter one than two letters is no word.
const WORD_LETTERS: std::ops::RangeInclusive<usize> = 2..=16;

/// A language in which a token may be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SpokenLanguage {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// Portuguese.
    #[serde(rename = "pt")]
    Portuguese,
    /// Arabic.
    #[serde(rename = "ar")]
    Arabic,
}

impl SpokenLanguage {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::Spanish, Self::Portuguese, Self::Arabic];

    /// The code of ISO 639-1.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
            Self::Arabic => "ar",
        }
    }

    /// The language of a code, in either case and with or without a region, as `es` or `pt-BR`.
    pub fn of_code(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The language that most people of a country speak, by its two letters in either case; `None` where it is none of
    /// these.
    pub fn of_country(country: &str) -> Option<Self> {
        match country.to_ascii_uppercase().as_str() {
            "AR" | "BO" | "CL" | "CO" | "CR" | "CU" | "DO" | "EC" | "ES" | "GT" | "HN" | "MX" | "NI"
            | "PA" | "PE" | "PR" | "PY" | "SV" | "UY" | "VE" => Some(Self::Spanish),
            "AO" | "BR" | "MZ" | "PT" => Some(Self::Portuguese),
            "AE" | "BH" | "DZ" | "EG" | "IQ" | "JO" | "KW" | "LB" | "LY" | "MA" | "OM" | "QA" | "SA"
            | "SD" | "SY" | "TN" | "YE" => Some(Self::Arabic),
            "AU" | "CA" | "GB" | "IE" | "JM" | "NZ" | "TT" | "US" => Some(Self::English),
            _ => None,
        }
    }

    /// The digits 0 to 9 as they are said.
    pub const fn digits(self) -> [&'static str; 10] {
        match self {
            Self::English => ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
            Self::Spanish => {
                ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"]
            }
            Self::Portuguese => {
                ["zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove"]
            }
            Self::Arabic => {
                ["صفر", "واحد", "اثنان", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة"]
            }
        }
    }

    /// Common words, of which one may be said in place of another.
    const fn common_words(self) -> [&'static str; 16] {
        match self {
            Self::English => [
                "apple", "bridge", "castle", "dinner", "flower", "garden", "hello", "island", "kitchen",
                "light", "mother", "number", "orange", "people", "river", "window",
            ],
            Self::Spanish => [
                "agua", "amigo", "blanco", "camino", "casa", "ciudad", "flor", "gato", "hola", "jardín",
                "libro", "madre", "mesa", "naranja", "puerta", "verde",
            ],
            Self::Portuguese => [
                "amigo", "azul", "branco", "cadeira", "caminho", "casa", "cidade", "flor", "gato", "janela",
                "laranja", "livro", "mesa", "porta", "rua", "verde",
            ],
            Self::Arabic => [
                "باب",
                "بيت",
                "جبل",
                "حديقة",
                "شارع",
                "شمس",
                "صباح",
                "طريق",
                "قلم",
                "قمر",
                "كتاب",
                "كرسي",
                "مدينة",
                "مدرسة",
                "ورد",
                "يوم",
            ],
        }
    }
}

impl fmt::Display for SpokenLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A text that is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token to be said is 1 to {MAX_DIGITS} digits, or 1 to {MAX_WORDS} words of 2 to 16 letters")]
pub struct BadToken;

/// What somebody is to say.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "KeptToken", into = "KeptToken")]
pub struct SpokenToken {
    language: SpokenLanguage,
    said: Said,
}

/// A token as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptToken {
    language: SpokenLanguage,
    text: String,
}

impl From<SpokenToken> for KeptToken {
    fn from(token: SpokenToken) -> Self {
        Self { language: token.language, text: token.text() }
    }
}

impl TryFrom<KeptToken> for SpokenToken {
    type Error = BadToken;

    fn try_from(kept: KeptToken) -> Result<Self, BadToken> {
        Self::parse(&kept.text, kept.language)
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Said {
    Digits(Vec<u8>),
    Words(Vec<String>),
}

impl fmt::Debug for SpokenToken {
    /// Language only: the token is a secret until it was said.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpokenToken").field("language", &self.language).finish_non_exhaustive()
    }
}

impl SpokenToken {
    /// The token of `text`: digits (also Arabic-Indic ones), between which spaces and hyphens may stand, or words.
    ///
    /// # Errors
    /// [`BadToken`] for anything else.
    pub fn parse(text: &str, language: SpokenLanguage) -> Result<Self, BadToken> {
        // More would be refused below; here it is refused without looking at it.
        if text.len() > 4 * MAX_WORDS * (WORD_LETTERS.end() + 1) {
            return Err(BadToken);
        }
        let shown: Vec<char> = text.chars().filter(|char| !char.is_whitespace() && *char != '-').collect();
        let digits: Option<Vec<u8>> = shown.iter().map(|&char| digit(char)).collect();
        if let Some(digits) = digits {
            let fits = (1..=MAX_DIGITS).contains(&digits.len());
            return if fits { Ok(Self { language, said: Said::Digits(digits) }) } else { Err(BadToken) };
        }
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let is_word = |word: &String| {
            WORD_LETTERS.contains(&word.chars().count()) && word.chars().all(|char| belongs(char, language))
        };
        let fits = (1..=MAX_WORDS).contains(&words.len()) && words.iter().all(is_word);
        if fits { Ok(Self { language, said: Said::Words(words) }) } else { Err(BadToken) }
    }

    /// A token of `length` digits, at most [`MAX_DIGITS`], drawn from random `bytes`: four for a digit, so that
    /// none is likelier than another by more than one in 400 million.
    pub fn draw(length: usize, bytes: &[u8; MAX_DIGITS * 4], language: SpokenLanguage) -> Self {
        let (numbers, _) = bytes.as_chunks::<4>();
        let drawn = numbers.iter().take(length.clamp(1, MAX_DIGITS));
        let digits = drawn.map(|number| (u32::from_le_bytes(*number) % 10) as u8).collect();
        Self { language, said: Said::Digits(digits) }
    }

    /// The token of one `digit`, of which the last place counts.
    pub fn digit(digit: usize, language: SpokenLanguage) -> Self {
        Self { language, said: Said::Digits(vec![(digit % 10) as u8]) }
    }

    /// Its language.
    pub fn language(&self) -> SpokenLanguage {
        self.language
    }

    /// How many digits or words it has; at least one.
    pub fn length(&self) -> usize {
        match &self.said {
            Said::Digits(digits) => digits.len(),
            Said::Words(words) => words.len(),
        }
    }

    /// Whether it is of digits.
    pub fn is_digits(&self) -> bool {
        self.as_digits().is_some()
    }

    /// Its digits; `None` for words.
    pub fn as_digits(&self) -> Option<&[u8]> {
        match &self.said {
            Said::Digits(digits) => Some(digits),
            Said::Words(_) => None,
        }
    }

    /// As it is shown to whoever is to say it.
    pub fn text(&self) -> String {
        match &self.said {
            Said::Digits(digits) => digits.iter().map(|&digit| char::from(b'0' + digit)).collect(),
            Said::Words(words) => words.join(" "),
        }
    }

    /// The ways in which it may be written down, as many and in the same order for all tokens of digits of a language, and
    /// for all tokens of words. Each begins with a space.
    ///
    /// A single Arabic digit is written as a word only: the recogniser tells them apart better so (10 of 10 digits of one
    /// speaker against 6 of 10 as figures, 2026-11-22). Several it writes as figures by itself.
    pub fn styles(&self) -> Vec<String> {
        let digits = match &self.said {
            Said::Words(words) => return vec![format!(" {}", words.join(" "))],
            Said::Digits(digits) => digits,
        };
        let names = self.language.digits();
        let named: Vec<&str> = digits.iter().map(|&digit| names[usize::from(digit)]).collect();
        let mut styles = vec![format!(" {}", named.join(" "))];
        if self.language != SpokenLanguage::Arabic || digits.len() > 1 {
            let figures: Vec<String> = digits.iter().map(u8::to_string).collect();
            styles.push(format!(" {}", figures.join(" ")));
            if digits.len() > 1 {
                styles.push(format!(" {}", figures.join(", ")));
            }
        }
        styles
    }

    /// How what follows it would begin if a further digit was said: the digit in any style, and after several digits also a
    /// comma or a hyphen. Nothing for words.
    pub fn continuations(&self) -> Vec<String> {
        if !self.is_digits() {
            return vec![];
        }
        let singles = (0..10).map(|digit| Self::digit(digit, self.language));
        let styles = singles.flat_map(|single| single.styles());
        let mut all: Vec<String> = styles.chain((0..10).map(|digit: u8| digit.to_string())).collect();
        if self.length() > 1 {
            all.extend([",", "-"].map(str::to_owned));
            all.extend((0..10).map(|digit| format!(" {digit}")));
        }
        all
    }

    /// What might have been said instead: tokens with one digit or word replaced, left out, or exchanged with the next
    /// one; of several digits also with one more at the end. A token with more faults than one is less likely than one of
    /// these, which mends one of its faults.
    pub fn competitors(&self) -> Vec<Self> {
        let others: Vec<Said> = match &self.said {
            Said::Digits(digits) => {
                let replacements: Vec<u8> = (0..10).collect();
                let mut all = neighbours(digits, &replacements);
                if digits.len() > 1 {
                    all.extend(replacements.iter().map(|more| [&digits[..], &[*more]].concat()));
                }
                all.into_iter().map(Said::Digits).collect()
            }
            Said::Words(words) => {
                let replacements = self.language.common_words().map(str::to_owned);
                neighbours(words, &replacements).into_iter().map(Said::Words).collect()
            }
        };
        others.into_iter().map(|said| Self { language: self.language, said }).collect()
    }

    /// The token of the words that were `heard`, if it is one of words and these are others: as many of them as it has.
    pub fn heard_instead(&self, heard: &str) -> Option<Self> {
        let Said::Words(expected) = &self.said else { return None };
        let plain =
            |word: &str| word.chars().filter(|char| char.is_alphabetic()).collect::<String>().to_lowercase();
        let words: Vec<String> = heard
            .split_whitespace()
            .map(plain)
            .filter(|word| !word.is_empty())
            .take(expected.len())
            .collect();
        let differs = !words.is_empty() && words != *expected;
        differs.then_some(Self { language: self.language, said: Said::Words(words) })
    }
}

/// `items` with one of them replaced, left out or exchanged with the next, each once.
fn neighbours<T: Clone + PartialEq>(items: &[T], replacements: &[T]) -> Vec<Vec<T>> {
    let mut all: Vec<Vec<T>> = Vec::new();
    let mut add = |other: Vec<T>| {
        if !other.is_empty() && other != items && !all.contains(&other) {
            all.push(other);
        }
    };
    for at in 0..items.len() {
        for replacement in replacements {
            let mut other = items.to_vec();
            other[at] = replacement.clone();
            add(other);
        }
        let mut other = items.to_vec();
        other.remove(at);
        add(other);
        if at + 1 < items.len() {
            let mut other = items.to_vec();
            other.swap(at, at + 1);
            add(other);
        }
    }
    all
}

/// The digit of a character of ASCII or of the Arabic-Indic ones.
fn digit(char: char) -> Option<u8> {
    let value = match char {
        '٠'..='٩' => u32::from(char) - u32::from('٠'),
        _ => char.to_digit(10)?,
    };
    u8::try_from(value).ok()
}

/// Whether a lower-case letter is one with which `language` is written.
fn belongs(char: char, language: SpokenLanguage) -> bool {
    match language {
        SpokenLanguage::English => char.is_ascii_lowercase(),
        SpokenLanguage::Spanish => char.is_ascii_lowercase() || "áéíóúüñ".contains(char),
        SpokenLanguage::Portuguese => char.is_ascii_lowercase() || "áâãàçéêíóôõúü".contains(char),
        // Letters only: marks of vowels are not what the recogniser writes.
        SpokenLanguage::Arabic => ('\u{0621}'..='\u{064A}').contains(&char) && char != '\u{0640}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english(text: &str) -> SpokenToken {
        SpokenToken::parse(text, SpokenLanguage::English).unwrap()
    }

    #[test]
    fn digits_and_words_are_tokens() {
        assert_eq!(english("4821").text(), "4821");
        assert_eq!(english("48 2-1").text(), "4821");
        assert_eq!(SpokenToken::parse("٤٨٢١", SpokenLanguage::Arabic).unwrap().text(), "4821");
        assert_eq!(english(" Green  river ").text(), "green river");
        assert_eq!(SpokenToken::parse("jardín verde", SpokenLanguage::Spanish).unwrap().length(), 2);
    }

    #[test]
    fn anything_else_is_no_token() {
        for text in
            ["", " ", "-", "123456789", "48a1", "a", "one two three four five", "<b>", "naïve", "x\u{0}yz"]
        {
            assert_eq!(SpokenToken::parse(text, SpokenLanguage::English), Err(BadToken), "{text:?}");
        }
        let long = "ab ".repeat(100_000);
        assert_eq!(SpokenToken::parse(&long, SpokenLanguage::English), Err(BadToken));
        assert_eq!(SpokenToken::parse("river", SpokenLanguage::Arabic), Err(BadToken));
    }

    #[test]
    fn a_token_is_written_in_several_ways() {
        assert_eq!(english("42").styles(), [" four two", " 4 2", " 4, 2"]);
        assert_eq!(english("7").styles(), [" seven", " 7"]);
        assert_eq!(english("green river").styles(), [" green river"]);
        let arabic = SpokenToken::parse("42", SpokenLanguage::Arabic).unwrap();
        assert_eq!(arabic.styles(), [" أربعة اثنان", " 4 2", " 4, 2"]);
        assert_eq!(SpokenToken::digit(4, SpokenLanguage::Arabic).styles(), [" أربعة"]);
    }

    #[test]
    fn competitors_differ_by_one_fault() {
        let texts = |text| english(text).competitors().iter().map(SpokenToken::text).collect::<Vec<_>>();
        let nine = texts("7");
        assert_eq!(nine.len(), 9);
        assert!(!nine.contains(&"7".to_owned()));
        let four = texts("4821");
        for other in ["4827", "821", "8421", "48210"] {
            assert!(four.contains(&other.to_owned()), "{other}");
        }
        assert_eq!(four.len(), 36 + 4 + 3 + 10);
        // Of two equal digits, either left out is the same.
        assert_eq!(texts("55").len(), 18 + 1 + 10);
        assert!(texts("apple").iter().all(|other| other != "apple"));
    }

    #[test]
    fn several_digits_may_go_on_after_a_comma() {
        assert!(english("42").continuations().contains(&",".to_owned()));
        assert!(english("42").continuations().contains(&" 4".to_owned()));
        assert!(!english("4").continuations().contains(&",".to_owned()));
        assert!(english("green").continuations().is_empty());
    }

    #[test]
    fn other_words_that_were_heard_compete() {
        let token = english("green river");
        assert_eq!(token.heard_instead("Green, river!"), None);
        assert_eq!(token.heard_instead("Clean river now").unwrap().text(), "clean river");
        assert_eq!(token.heard_instead("..."), None);
        assert_eq!(english("42").heard_instead("clean river"), None);
    }

    #[test]
    fn a_drawn_token_has_the_length_asked_for() {
        let mut bytes = [0_u8; MAX_DIGITS * 4];
        bytes[0] = 17;
        bytes[4] = 5;
        assert_eq!(SpokenToken::draw(4, &bytes, SpokenLanguage::English).text(), "7500");
        assert_eq!(SpokenToken::draw(99, &bytes, SpokenLanguage::English).length(), MAX_DIGITS);
    }

    #[test]
    fn languages_are_known_by_code_and_country() {
        assert_eq!(SpokenLanguage::of_code("pt-BR"), Some(SpokenLanguage::Portuguese));
        assert_eq!(SpokenLanguage::of_code("EN"), Some(SpokenLanguage::English));
        assert_eq!(SpokenLanguage::of_code("de"), None);
        assert_eq!(SpokenLanguage::of_country("co"), Some(SpokenLanguage::Spanish));
        assert_eq!(SpokenLanguage::of_country("EG"), Some(SpokenLanguage::Arabic));
        assert_eq!(SpokenLanguage::of_country("ALL"), None);
    }

    #[test]
    fn a_token_reads_back_as_it_is_kept() {
        for (text, language) in [("0471", SpokenLanguage::Portuguese), ("قمر باب", SpokenLanguage::Arabic)]
        {
            let token = SpokenToken::parse(text, language).unwrap();
            let json = serde_json::to_string(&token).unwrap();
            assert_eq!(serde_json::from_str::<SpokenToken>(&json).unwrap(), token, "{json}");
        }
        assert!(serde_json::from_str::<SpokenToken>(r#"{"language":"en","text":"4x"}"#).is_err());
    }

    #[test]
    fn debug_output_does_not_show_the_token() {
        assert!(!format!("{:?}", english("4821")).contains("48"));
    }
}
