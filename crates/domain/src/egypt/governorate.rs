//! The governorates and their codes in national numbers.

use crate::arabic;

/// A governorate of Egypt, or that somebody was born abroad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Governorate(&'static Row);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Row {
    code: u8,
    arabic: &'static str,
    english: &'static str,
}

const fn row(code: u8, arabic: &'static str, english: &'static str) -> Row {
    Row { code, arabic, english }
}

/// Codes as the Civil Status Organisation gives them out: 27 governorates, and 88 for births abroad. English names as the
/// State Information Service writes them.
static ROWS: [Row; 28] = [
    row(1, "القاهرة", "Cairo"),
    row(2, "الإسكندرية", "Alexandria"),
    row(3, "بورسعيد", "Port Said"),
    row(4, "السويس", "Suez"),
    row(11, "دمياط", "Damietta"),
    row(12, "الدقهلية", "Dakahlia"),
    row(13, "الشرقية", "Sharqia"),
    row(14, "القليوبية", "Qalyubia"),
    row(15, "كفر الشيخ", "Kafr El Sheikh"),
    row(16, "الغربية", "Gharbia"),
    row(17, "المنوفية", "Monufia"),
    row(18, "البحيرة", "Beheira"),
    row(19, "الإسماعيلية", "Ismailia"),
    row(21, "الجيزة", "Giza"),
    row(22, "بني سويف", "Beni Suef"),
    row(23, "الفيوم", "Fayoum"),
    row(24, "المنيا", "Minya"),
    row(25, "أسيوط", "Asyut"),
    row(26, "سوهاج", "Sohag"),
    row(27, "قنا", "Qena"),
    row(28, "أسوان", "Aswan"),
    row(29, "الأقصر", "Luxor"),
    row(31, "البحر الأحمر", "Red Sea"),
    row(32, "الوادي الجديد", "New Valley"),
    row(33, "مطروح", "Matrouh"),
    row(34, "شمال سيناء", "North Sinai"),
    row(35, "جنوب سيناء", "South Sinai"),
    row(88, "خارج الجمهورية", "Outside Egypt"),
];

impl Governorate {
    /// The governorate of that code; `None` for a code that is not given out.
    pub fn from_code(code: u8) -> Option<Governorate> {
        ROWS.iter().find(|row| row.code == code).map(Governorate)
    }

    /// The governorate that `text` names in Arabic, however its alefs and spaces are written, with or without the word
    /// for governorate before it.
    pub fn from_arabic(text: &str) -> Option<Governorate> {
        let folded = squeezed(text);
        let named = folded.strip_prefix("محافظه").unwrap_or(&folded);
        let same = |row: &&Row| {
            let name = squeezed(row.arabic);
            // The article is often left out in print.
            named == name || name.strip_prefix("ال").is_some_and(|bare| bare == named)
        };
        ROWS.iter().find(same).map(Governorate)
    }

    /// All of them, by code.
    pub fn all() -> impl Iterator<Item = Governorate> {
        ROWS.iter().map(Governorate)
    }

    /// 1..=35, or 88 for births abroad.
    pub const fn code(self) -> u8 {
        self.0.code
    }

    /// Its name in Arabic.
    pub const fn arabic(self) -> &'static str {
        self.0.arabic
    }

    /// Its name in English.
    pub const fn english(self) -> &'static str {
        self.0.english
    }

    /// Whether it stands for births abroad.
    pub const fn is_abroad(self) -> bool {
        self.0.code == 88
    }
}

fn squeezed(text: &str) -> String {
    arabic::fold(text).replace(' ', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_27_governorates_and_abroad() {
        let codes: Vec<u8> = Governorate::all().map(Governorate::code).collect();
        assert_eq!(codes.len(), 28);
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(Governorate::all().filter(|one| one.is_abroad()).count(), 1);
        assert!(Governorate::from_code(5).is_none() && Governorate::from_code(0).is_none());
    }

    #[test]
    fn names_are_found_however_they_are_written() {
        for (text, english) in [
            ("الإسكندرية", "Alexandria"),
            ("الاسكندريه", "Alexandria"),
            ("محافظة الجيزة", "Giza"),
            ("بور سعيد", "Port Said"),
            ("قاهرة", "Cairo"),
            ("كفرالشيخ", "Kafr El Sheikh"),
            ("أسيوط", "Asyut"),
        ] {
            assert_eq!(Governorate::from_arabic(text).map(Governorate::english), Some(english), "{text}");
        }
        assert_eq!(Governorate::from_arabic("لندن"), None);
        assert_eq!(Governorate::from_arabic(""), None);
    }
}
