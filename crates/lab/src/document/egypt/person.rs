//! People who do not exist, with cards that could.

use domain::Day;
use domain::egypt::{Gender, Governorate, NationalNumber};

use crate::presence::random::Draws;

const MEN: [&str; 24] = [
    "محمد",
    "أحمد",
    "محمود",
    "مصطفى",
    "علي",
    "حسن",
    "حسين",
    "إبراهيم",
    "خالد",
    "طارق",
    "عمر",
    "كريم",
    "ياسر",
    "سامي",
    "هاني",
    "شريف",
    "جرجس",
    "مينا",
    "بيشوي",
    "عبد الرحمن",
    "عبد الله",
    "أشرف",
    "وليد",
    "رمضان",
];
const WOMEN: [&str; 20] = [
    "فاطمة",
    "مريم",
    "نورا",
    "آية",
    "إيمان",
    "هدى",
    "منى",
    "شيماء",
    "ياسمين",
    "دينا",
    "أسماء",
    "سلمى",
    "رانيا",
    "هبة",
    "زينب",
    "مارينا",
    "كريستين",
    "نهى",
    "سماح",
    "عبير",
];
const STREETS: [&str; 12] = [
    "شارع الجمهورية",
    "شارع النصر",
    "ش السلام",
    "شارع البحر",
    "حارة المدرسة",
    "شارع المحطة",
    "عزبة الشيخ علي",
    "ش الهرم",
    "شارع أحمد عرابي",
    "ش طلعت حرب",
    "شارع الثورة",
    "ش سعد زغلول",
];
const DISTRICTS: [&str; 10] = [
    "مدينة نصر أول",
    "قسم أول",
    "قسم ثان",
    "مركز طنطا",
    "حي غرب",
    "حي شرق",
    "مركز المحلة",
    "حلوان",
    "مصر الجديدة",
    "مركز بنها",
];
/// In the masculine and the feminine form.
const JOBS: [[&str; 2]; 12] = [
    ["مهندس مدني", "مهندسة مدنية"],
    ["طبيب بشري", "طبيبة بشرية"],
    ["محاسب", "محاسبة"],
    ["مدرس لغة عربية", "مدرسة لغة عربية"],
    ["طالب", "طالبة"],
    ["محام حر", "محامية حرة"],
    ["سائق", "ربة منزل"],
    ["أخصائي اجتماعي", "أخصائية اجتماعية"],
    ["مدير مبيعات", "مديرة مبيعات"],
    ["صيدلي", "صيدلانية"],
    ["عامل", "عاملة"],
    ["بدون عمل", "بدون عمل"],
];
const WORKPLACES: [&str; 8] = [
    "شركة النصر للمقاولات",
    "وزارة التربية والتعليم",
    "مستشفى المنصورة العام",
    "بنك مصر",
    "كلية الهندسة جامعة القاهرة",
    "الهيئة العامة للبريد",
    "مصنع الغزل والنسيج",
    "مديرية الصحة بالجيزة",
];
/// By religion, then in the masculine and the feminine form.
const RELIGIONS: [[&str; 2]; 2] = [["مسلم", "مسلمة"], ["مسيحي", "مسيحية"]];
const MARITAL: [[&str; 2]; 4] = [["أعزب", "آنسة"], ["متزوج", "متزوجة"], ["مطلق", "مطلقة"], ["أرمل", "أرملة"]];
const MARRIED: usize = 1;

/// Somebody invented.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) first: String,
    pub(super) rest: String,
    pub(super) street: String,
    pub(super) district: String,
    pub(super) governorate: Governorate,
    pub(super) number: NationalNumber,
    pub(super) factory: String,
    pub(super) job: String,
    pub(super) workplace: Option<String>,
    pub(super) religion: String,
    pub(super) marital: String,
    pub(super) husband: Option<String>,
    /// Year and month.
    pub(super) released: (u16, u8),
    pub(super) expires: Day,
}

impl Person {
    /// Somebody invented; `None` never happens, since every draw can exist.
    pub(super) fn draw(draws: &mut Draws, last: LastDigit) -> Option<Self> {
        let is_woman = draws.below(2) == 1;
        let form = usize::from(is_woman);
        let man = |draws: &mut Draws| MEN[draws.below(MEN.len())];
        let first = if is_woman { WOMEN[draws.below(WOMEN.len())] } else { man(draws) };
        let rest = (0..3).map(|_| man(draws)).collect::<Vec<_>>().join(" ");
        let all: Vec<Governorate> = Governorate::all().filter(|one| !one.is_abroad()).collect();
        let (lives, born) = (all[draws.below(all.len())], all[draws.below(all.len())]);
        let married = draws.below(MARITAL.len());
        let husband = (is_woman && married == MARRIED)
            .then(|| (0..3).map(|_| man(draws)).collect::<Vec<_>>().join(" "));
        let released = (2020 + draws.below(6) as u16, 1 + draws.below(12) as u8);
        let letter = |draws: &mut Draws| char::from(b'A' + draws.below(26) as u8);
        Some(Self {
            first: first.to_owned(),
            rest,
            street: format!(
                "{} {}",
                indic(&(1 + draws.below(150)).to_string()),
                STREETS[draws.below(STREETS.len())]
            ),
            district: format!("{} - {}", DISTRICTS[draws.below(DISTRICTS.len())], lives.arabic()),
            governorate: lives,
            number: number(draws, born, is_woman, last)?,
            factory: format!("{}{}{:07}", letter(draws), letter(draws), draws.below(10_000_000)),
            job: JOBS[draws.below(JOBS.len())][form].to_owned(),
            workplace: (draws.below(4) > 0).then(|| WORKPLACES[draws.below(WORKPLACES.len())].to_owned()),
            religion: RELIGIONS[draws.below(RELIGIONS.len())][form].to_owned(),
            marital: MARITAL[married][form].to_owned(),
            husband,
            released,
            expires: Day::new(released.0 + 7, released.1, 1 + draws.below(28) as u8)?,
        })
    }

    /// The sex as printed.
    pub(super) fn sex(&self) -> &'static str {
        if self.number.gender() == Gender::Female { "أنثى" } else { "ذكر" }
    }
}

/// The last digit of a drawn number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastDigit {
    /// The one that the usual weights give.
    Fits,
    /// Another one.
    Unfit,
}

fn number(draws: &mut Draws, born: Governorate, is_woman: bool, last: LastDigit) -> Option<NationalNumber> {
    let (year, month, day) = (1950 + draws.below(56), 1 + draws.below(12), 1 + draws.below(28));
    let century = if year < 2000 { 2 } else { 3 };
    let sequence = draws.below(1_000);
    let sex = 2 * draws.below(5) + usize::from(!is_woman);
    let text =
        format!("{century}{:02}{month:02}{day:02}{:02}{sequence:03}{}", year % 100, born.code(), sex % 10);
    let mut numbers = (0..10).filter_map(|last| format!("{text}{last}").parse::<NationalNumber>().ok());
    let fitting = numbers.find(NationalNumber::check_fits)?;
    let other = || format!("{text}{}", (fitting.digits()[13] + 1 + (sequence % 9) as u8) % 10).parse().ok();
    if last == LastDigit::Fits { Some(fitting) } else { other() }
}

/// Digits as Arabic-Indic ones.
pub(super) fn indic(text: &str) -> String {
    let indic =
        |c: char| c.to_digit(10).and_then(|digit| char::from_u32(u32::from('٠') + digit)).unwrap_or(c);
    text.chars().map(indic).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_have_numbers_that_fit_their_sex_and_husbands_only_where_married() {
        let mut seen = [false; 2];
        for seed in 0..60 {
            let person = Person::draw(&mut Draws::new(seed), LastDigit::Fits).unwrap();
            assert!(person.number.check_fits());
            let unfit = Person::draw(&mut Draws::new(seed), LastDigit::Unfit).unwrap();
            assert!(!unfit.number.check_fits() && unfit.first == person.first);
            let is_woman = person.number.gender() == Gender::Female;
            assert_eq!(person.religion.ends_with('ة'), is_woman, "{person:?}");
            assert_eq!(person.husband.is_some(), person.marital == "متزوجة");
            assert!(person.released <= (2025, 12) && person.expires.year() == person.released.0 + 7);
            seen[usize::from(person.husband.is_some())] = true;
        }
        assert_eq!(seen, [true, true]);
    }

    #[test]
    fn digits_are_written_as_in_egypt() {
        assert_eq!(indic("1995/07/24"), "١٩٩٥/٠٧/٢٤");
    }
}
