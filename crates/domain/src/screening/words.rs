//! Words that say little or nothing of who somebody is, and words that are written in several ways.
//!
//! The tables hold what is common in names and registers of companies, whatever list they are compared with.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What goes before or after a name and is no part of it: forms of address, ranks, degrees, ships' prefixes.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "professor",
    "sir",
    "lady",
    "lord",
    "sheikh",
    "shaikh",
    "shaykh",
    "sheik",
    "cheikh",
    "hajj",
    "haj",
    "haji",
    "hajji",
    "hadji",
    "mullah",
    "mulla",
    "maulavi",
    "mawlawi",
    "maulana",
    "qari",
    "alhaj",
    "ustad",
    "ayatollah",
    "imam",
    "general",
    "gen",
    "colonel",
    "col",
    "major",
    "maj",
    "captain",
    "capt",
    "lieutenant",
    "lt",
    "brigadier",
    "president",
    "prasident",
    "presidente",
    "minister",
    "senor",
    "senora",
    "don",
    "herr",
    "frau",
    "monsieur",
    "madame",
    "ing",
    "eng",
    "engineer",
    "jr",
    "sr",
    "esq",
    "phd",
    "md",
    "mv",
    "mt",
    "ss",
    "hrh",
    "hon",
    "rev",
    "father",
    "king",
    "queen",
    "prince",
    "princess",
    "crown",
];

/// Words between the parts of a name, which registers leave out, add and join at will: articles and words for son,
/// daughter, of and from in Arabic, Romance, Germanic and English names.
const PARTICLES: &[&str] = &[
    "al", "el", "ul", "ur", "ud", "il", "as", "ad", "ar", "ash", "an", "at", "az", "bin", "ibn", "ben",
    "bint", "binti", "wa", "de", "del", "della", "di", "da", "do", "dos", "das", "du", "des", "la", "las",
    "le", "les", "lo", "los", "y", "e", "von", "van", "der", "den", "ter", "ten", "zu", "zur", "zum", "af",
    "av", "the", "and", "und", "et", "of", "for", "in", "a", "na", "i",
];

/// Words that many companies and organisations have in their names.
const GENERIC: &[&str] = &[
    "company",
    "group",
    "gruppe",
    "holding",
    "holdings",
    "international",
    "national",
    "global",
    "trading",
    "trade",
    "industries",
    "industry",
    "industrial",
    "enterprise",
    "enterprises",
    "services",
    "service",
    "management",
    "investment",
    "investments",
    "bank",
    "foundation",
    "fund",
    "trust",
    "association",
    "organization",
    "organisation",
    "center",
    "centre",
    "general",
    "import",
    "export",
    "systems",
    "solutions",
    "technology",
    "technologies",
    "construction",
    "shipping",
    "aviation",
    "airlines",
    "marine",
    "business",
    "capital",
    "development",
    "corporation",
    "partners",
    "engineering",
    "transport",
    "energy",
    "yard",
    "no",
    "number",
];

/// Legal forms, written as words, abbreviations and letters, as registers of Europe, America, Asia and the Arab countries
/// have them. The longest counts.
const FORMS: &[&str] = &[
    "public joint stock company",
    "open joint stock company",
    "closed joint stock company",
    "private joint stock company",
    "joint stock company",
    "limited liability company",
    "limited liability partnership",
    "public limited company",
    "private limited company",
    "private limited",
    "pte ltd",
    "pty ltd",
    "pvt ltd",
    "co ltd",
    "company limited",
    "aktiengesellschaft",
    "gesellschaft mit beschrankter haftung",
    "societe anonyme",
    "sociedad anonima",
    "societa per azioni",
    "societatea cu raspundere limitata",
    "sp z o o",
    "spolka z ograniczona odpowiedzialnoscia",
    "obshchestvo s ogranichennoi otvetstvennostyu",
    "aktsionernoe obshchestvo",
    "aktiebolag",
    "naamloze vennootschap",
    "ltd",
    "limited",
    "llc",
    "llp",
    "lp",
    "plc",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "co",
    "company",
    "gmbh",
    "ag",
    "kg",
    "ohg",
    "se",
    "sa",
    "sas",
    "sarl",
    "srl",
    "spa",
    "bv",
    "nv",
    "ab",
    "as",
    "asa",
    "oy",
    "oyj",
    "aps",
    "kft",
    "zrt",
    "sro",
    "doo",
    "ooo",
    "oao",
    "zao",
    "pao",
    "ao",
    "ojsc",
    "cjsc",
    "pjsc",
    "jsc",
    "pte",
    "pty",
    "pvt",
    "pt",
    "tbk",
    "bhd",
    "sdn",
    "fze",
    "fzc",
    "fzco",
    "wll",
    "sal",
    "saog",
    "saoc",
    "kk",
    "uab",
];

/// Numbers up to ninety in words, and the first ordinals.
const NUMBERS: &[(&str, u32)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fourty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("first", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("1st", 1),
    ("2nd", 2),
    ("3rd", 3),
    ("4th", 4),
    ("5th", 5),
];

/// Forms of one name that letters and sounds do not show, each line one name: short forms of English, Spanish and Russian
/// given names, and Korean family names as the South, the North and Americans spell them.
const FORMS_OF_NAMES: &[&[&str]] = &[
    &["alexander", "alex", "sasha", "aleksandr", "aleksander", "alejandro"],
    &["andrew", "andy", "drew"],
    &["anthony", "tony", "antonio"],
    &["benjamin", "ben", "benny"],
    &["catherine", "katherine", "kate", "kathy", "cathy", "katie"],
    &["charles", "charlie", "chuck", "carlos"],
    &["christopher", "chris"],
    &["daniel", "dan", "danny"],
    &["david", "dave"],
    &["dmitry", "dima", "dmitri"],
    &["edward", "ed", "eddie", "ted"],
    &["elizabeth", "liz", "beth", "betty", "lizzie"],
    &["francisco", "paco", "pancho"],
    &["frederick", "fred", "freddy"],
    &["gregory", "greg"],
    &["ivan", "vanya"],
    &["james", "jim", "jimmy", "jamie"],
    &["john", "jack", "johnny"],
    &["jose", "pepe"],
    &["joseph", "joe"],
    &["joshua", "josh"],
    &["lawrence", "larry"],
    &["margaret", "maggie", "meg", "peggy"],
    &["matthew", "matt"],
    &["michael", "mike", "mick"],
    &["mikhail", "misha"],
    &["nicholas", "nick"],
    &["nikolai", "kolya"],
    &["patricia", "pat", "patty"],
    &["peter", "pete", "pyotr"],
    &["philip", "phil"],
    &["richard", "rick", "dick", "rich"],
    &["robert", "bob", "rob", "bobby"],
    &["ronald", "ron"],
    &["samuel", "sam"],
    &["sergei", "seryozha", "sergey"],
    &["stephen", "steven", "steve"],
    &["susan", "sue"],
    &["theodore", "ted", "teddy"],
    &["thomas", "tom", "tommy"],
    &["timothy", "tim"],
    &["vladimir", "vova", "volodya"],
    &["william", "bill", "will", "billy"],
    &["yevgeny", "zhenya", "evgeny", "evgeni"],
    &["lee", "ri", "yi", "rhee", "li", "i"],
    &["pak", "park", "bak"],
    &["choe", "choi", "choy"],
    &["im", "lim", "rim", "yim"],
    &["yu", "ryu", "yoo", "yoon"],
    &["no", "ro", "roh", "noh"],
    &["jong", "chung", "jung", "jeong", "chong"],
    &["yang", "ryang"],
    &["o", "oh"],
    &["u", "woo"],
];

/// What the tables say of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a table that the word stands in")]
pub(super) struct Said {
    pub(super) is_title: bool,
    pub(super) is_particle: bool,
    pub(super) is_generic: bool,
    /// The number that it stands for.
    pub(super) number: Option<u32>,
    /// The names that it is a form of, a bit for each: two words with a common bit are forms of one name.
    pub(super) forms: u64,
    /// Whether a legal form begins with it.
    begins_form: bool,
}

/// All tables by their words: every word of every name is looked up here.
static SAID: LazyLock<HashMap<&str, Said>> = LazyLock::new(|| {
    let mut said: HashMap<&str, Said> = HashMap::new();
    for word in TITLES {
        said.entry(word).or_default().is_title = true;
    }
    for word in PARTICLES {
        said.entry(word).or_default().is_particle = true;
    }
    for word in GENERIC {
        said.entry(word).or_default().is_generic = true;
    }
    for (word, number) in NUMBERS {
        said.entry(word).or_default().number = Some(*number);
    }
    for (line, names) in FORMS_OF_NAMES.iter().enumerate() {
        for word in *names {
            said.entry(word).or_default().forms |= 1 << line;
        }
    }
    for first in FORMS.iter().filter_map(|form| form.split(' ').next()) {
        said.entry(first).or_default().begins_form = true;
    }
    said
});

pub(super) fn said(word: &str) -> Said {
    let said = SAID.get(word).copied().unwrap_or_default();
    Said { number: said.number.or_else(|| digits(word)), ..said }
}

fn digits(word: &str) -> Option<u32> {
    let is_number = !word.is_empty() && word.len() <= 9 && word.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| word.parse().ok()).flatten()
}

/// How many of `words` make a legal form from their beginning.
pub(super) fn legal_form(words: &[&str]) -> Option<usize> {
    let first = words.first()?;
    let fits = |form: &&&str| {
        let mut parts = form.split(' ');
        form.starts_with(first)
            && parts.next() == Some(*first)
            && parts.clone().zip(&words[1..]).all(|(part, word)| part == *word)
            && parts.count() < words.len()
    };
    let mut written = None;
    if said(first).begins_form {
        written = FORMS.iter().filter(fits).map(|form| form.split(' ').count()).max();
    }
    if first.len() > 1 {
        return written;
    }
    // `L.L.C.` comes as letters. Two letters before a name are initials.
    let letters: String = words.iter().take_while(|word| word.len() == 1).copied().collect();
    let fits = letters.len() >= 3 || letters.len() == words.len();
    let spelt = (fits && FORMS.contains(&letters.as_str())).then_some(letters.len());
    written.max(spelt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_legal_form_counts() {
        assert_eq!(legal_form(&["open", "joint", "stock", "company", "gazprom"]), Some(4));
        assert_eq!(legal_form(&["joint", "stock", "company"]), Some(3));
        assert_eq!(legal_form(&["co", "ltd"]), Some(2));
        assert_eq!(legal_form(&["l", "l", "c"]), Some(3));
        assert_eq!(legal_form(&["joint"]), None);
        assert_eq!(legal_form(&[]), None);
    }

    #[test]
    fn every_line_of_forms_has_its_bit() {
        assert!(FORMS_OF_NAMES.len() <= 64);
        let forms = |word| said(word).forms;
        assert_ne!(forms("ted") & forms("theodore"), 0);
        assert_ne!(forms("ted") & forms("edward"), 0);
        assert_eq!(forms("theodore") & forms("edward"), 0);
        assert_eq!(forms("hassan"), 0);
    }

    #[test]
    fn numbers_are_read_in_words_and_digits() {
        let number = |word| said(word).number;
        assert_eq!(
            (number("forty"), number("44"), number("1st"), number("hassan")),
            (Some(40), Some(44), Some(1), None)
        );
    }
}
