//! Names in Latin letters, as Egyptians spell them.

use std::sync::LazyLock;

use super::{Lexicon, fold};

/// Common names with how they are spelt in Latin letters.
pub(super) const TABLE: &str = include_str!("names.tsv");
static NAMES: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(TABLE));

/// The article.
pub(super) const ARTICLE: &str = "ال";

/// First parts of compounds of which the second part is a word of its own: `عبد الرحمن`, `هبة الله`.
pub(super) const JOINED: [&str; 17] = [
    "عبد", "هبه", "منه", "عطا", "جاد", "سعد", "رزق", "نعمه", "فضل", "خير", "نصر", "حسب", "ضيف", "حمد", "فرج",
    "عوض", "عبيد",
];

/// A name in Latin letters: words that are common by how Egyptians spell them, compounds as one (`Abdelrahman`), the
/// article as `El`, and other words letter by letter.
///
/// This is a transliteration. Arabic leaves short vowels unwritten, and what stands in a passport is what its holder once
/// chose.
pub fn name_english(text: &str) -> String {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    let (mut parts, mut at) = (Vec::new(), 0);
    while let Some(word) = words.get(at) {
        let next = words.get(at + 1).filter(|next| next.starts_with(ARTICLE));
        let compound = next.filter(|_| JOINED.contains(word)).and_then(|next| compound(word, next));
        at += 1 + usize::from(compound.is_some());
        parts.push(compound.unwrap_or_else(|| self::word(word)));
    }
    parts.join(" ")
}

/// Whether every part of `text` is a name that is commonly borne: a reading that is none is more likely a misreading.
pub fn is_common_name(text: &str) -> bool {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    let is_common = |at: usize, word: &str| {
        let bare = word.strip_prefix(ARTICLE);
        let is_second = at > 0 && bare.is_some() && NAMES.get(&format!("{}{word}", words[at - 1])).is_some();
        is_second || NAMES.get(word).is_some() || bare.is_some_and(|bare| NAMES.get(bare).is_some())
    };
    !words.is_empty() && words.iter().enumerate().all(|(at, word)| is_common(at, word))
}

/// `عبد` with what belongs to it, and other names that end in God's.
fn compound(first: &str, second: &str) -> Option<String> {
    if let Some(known) = NAMES.get(&format!("{first}{second}")) {
        return Some(known.to_owned());
    }
    let rest = second.strip_prefix(ARTICLE).filter(|_| first == "عبد")?;
    Some(format!("Abdel{}", bare(rest).to_lowercase()))
}

/// One word, with its article.
fn word(folded: &str) -> String {
    if let Some(known) = NAMES.get(folded) {
        return known.to_owned();
    }
    if let Some(rest) = folded.strip_prefix("عبدال").filter(|rest| rest.chars().count() >= 2) {
        return format!("Abdel{}", bare(rest).to_lowercase());
    }
    // Shorter ones begin with these two letters by chance: `الف`.
    match folded.strip_prefix(ARTICLE).filter(|rest| rest.chars().count() >= 3) {
        Some(rest) => format!("El {}", bare(rest)),
        None => bare(folded),
    }
}

fn bare(folded: &str) -> String {
    NAMES.get(folded).map_or_else(|| capitalised(&letters(folded)), str::to_owned)
}

/// With a capital letter in front.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A sound that a letter stands for.
#[derive(Clone, Copy, PartialEq)]
enum Sound {
    Consonant(&'static str),
    Vowel(&'static str),
}

/// A folded word letter by letter, in small Latin letters: consonants as they are pronounced in Cairo (`ج` is g), waw and
/// ya as vowels between consonants, and an `a` wherever a word could not be spoken without a vowel. What is not Arabic
/// stays.
fn letters(folded: &str) -> String {
    let letters: Vec<char> = folded.chars().collect();
    let mut sounds: Vec<Sound> = Vec::with_capacity(letters.len());
    let mut out = String::with_capacity(folded.len());
    for (at, letter) in letters.iter().enumerate() {
        let Some(sound) = sound(*letter, sounds.last().copied(), letters.get(at + 1).copied()) else {
            out.push(*letter);
            sounds.clear();
            continue;
        };
        if let (Sound::Consonant(_), Some(Sound::Consonant(_))) = (sound, sounds.last()) {
            // Two consonants begin no word, and three in a row are not spoken; the last two may close it.
            let starts = sounds.len() == 1;
            let crowded = sounds.len() >= 2 && !matches!(sounds[sounds.len() - 2], Sound::Vowel(_));
            if starts || crowded {
                out.push('a');
                sounds.push(Sound::Vowel("a"));
            }
        }
        let (Sound::Consonant(text) | Sound::Vowel(text)) = sound;
        out.push_str(text);
        sounds.push(sound);
    }
    out
}

/// The sound of `letter` between the sound before it and the letter after it.
fn sound(letter: char, before: Option<Sound>, after: Option<char>) -> Option<Sound> {
    use Sound::{Consonant, Vowel};
    let is_last = after.is_none();
    let after_vowel = matches!(before, Some(Vowel(_)));
    let before_vowel = matches!(after, Some('ا' | 'و' | 'ي'));
    // Waw and ya are consonants beside a vowel and at the beginning.
    let glides = before.is_none() || after_vowel || before_vowel;
    Some(match letter {
        'ع' if before.is_none() && before_vowel => Consonant(""),
        'ع' if after_vowel => Consonant("a"),
        'ا' | 'ع' => Vowel("a"),
        'و' if glides => Consonant("w"),
        'و' => Vowel("ou"),
        'ي' if glides => Consonant("y"),
        'ي' if is_last => Vowel("y"),
        'ي' => Vowel("i"),
        'ه' if is_last && !after_vowel => Vowel("a"),
        'ب' => Consonant("b"),
        'پ' => Consonant("p"),
        'ت' | 'ط' => Consonant("t"),
        'ث' => Consonant("th"),
        'ج' | 'گ' => Consonant("g"),
        'چ' => Consonant("ch"),
        'ح' | 'ه' => Consonant("h"),
        'خ' => Consonant("kh"),
        'د' | 'ض' => Consonant("d"),
        'ذ' | 'ز' | 'ظ' => Consonant("z"),
        'ر' => Consonant("r"),
        'س' | 'ص' => Consonant("s"),
        'ش' => Consonant("sh"),
        'غ' => Consonant("gh"),
        'ف' => Consonant("f"),
        'ڤ' => Consonant("v"),
        'ق' | 'ك' => Consonant("k"),
        'ل' => Consonant("l"),
        'م' => Consonant("m"),
        'ن' => Consonant("n"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_common_part_by_part_in_any_spelling() {
        for name in ["محمد", "عبد الرحمن حسين السيد", "احمد على", "منى"] {
            assert!(is_common_name(name), "{name}");
        }
        for name in ["مف", "محمد عاي", "", " "] {
            assert!(!is_common_name(name), "{name}");
        }
    }

    #[test]
    fn common_names_are_spelt_as_egyptians_do() {
        for (arabic, english) in [
            ("محمد أحمد السيد", "Mohamed Ahmed El Sayed"),
            ("عبد الرحمن حسين", "Abdelrahman Hussein"),
            ("عبدالرحمن", "Abdelrahman"),
            ("فاطمه الزهراء", "Fatma El Zahra"),
            ("نور الدين محمود", "Nour El Din Mahmoud"),
            ("أبو الفتوح", "Abou El Fotouh"),
            ("هبة الله مصطفى", "Hebatallah Mostafa"),
            ("عبد اللّٰه", "Abdallah"),
        ] {
            assert_eq!(name_english(arabic), english);
        }
    }

    #[test]
    fn compounds_that_no_table_has_follow_the_rule() {
        assert_eq!(name_english("عبد المتعال"), "Abdelmataal");
        assert_eq!(name_english("الجرواني"), "El Garwany");
    }

    #[test]
    fn words_that_no_table_has_can_be_spoken() {
        for (arabic, latin) in
            [("بدران", "badran"), ("شرنوب", "sharnoub"), ("زيني", "ziny"), ("فهمه", "fahma")]
        {
            assert_eq!(letters(arabic), latin);
        }
    }

    #[test]
    fn every_name_of_the_table_is_reached_and_latin() {
        assert!(NAMES.len() > 600, "{}", NAMES.len());
        let rows = include_str!("names.tsv").lines().filter(|line| !line.starts_with('#'));
        for row in rows {
            let (arabic, latin) = row.split_once('\t').unwrap();
            assert!(latin.chars().all(|c| c.is_ascii_alphabetic() || c == ' '), "{latin}");
            assert!(NAMES.get(&fold(arabic)).is_some(), "{arabic}");
        }
    }

    proptest! {
        #[test]
        fn arabic_letters_all_become_latin_ones(text in "[\u{627}-\u{63a}\u{641}-\u{64a}]{1,12}( [\u{627}-\u{63a}\u{641}-\u{64a}]{1,12}){0,3}") {
            prop_assert!(name_english(&text).is_ascii());
        }
    }
}
