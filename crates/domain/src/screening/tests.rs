//! Names of the kinds that registers hold, made up for these tests.

use proptest::prelude::*;

use super::*;
use crate::{Day, Similarity};

fn score_of(a: &str, b: &str) -> f32 {
    compare(&ScreenedName::new(a), &ScreenedName::new(b)).score.get()
}

const SAME: &[(&str, &str)] = &[
    // Order, commas, case, marks.
    ("Tarek Mansour", "MANSOUR, Tarek"),
    ("José Luis Hernández Ortiz", "HERNANDEZ ORTIZ, Jose Luis"),
    ("Łukasz Wójcik", "Lukasz Wojcik"),
    ("Jürgen Müller", "Jurgen Muller"),
    ("Jürgen Müller", "Juergen Mueller"),
    // Arabic by several systems and in its own script.
    ("Mohammed Abdulrahman Al-Qahtani", "Mohamed Abd El Rahman El Kahtany"),
    ("محمد عبد الرحمن القحطاني", "Mohammed Abdulrahman Al-Qahtani"),
    ("Yusuf Jamal Shukri", "Youssef Gamal Choukri"),
    ("يوسف جمال شكري", "Yusuf Jamal Shukri"),
    ("Khalid Hussain", "Khaled Hussein"),
    ("Abu Bakr Farouq", "Aboubakr Farouk"),
    ("Mustafa Salih", "Mostafa Saleh"),
    ("Umar Othman Sulayman", "Omar Osman Soliman"),
    // Russian and Ukrainian.
    ("Дмитрий Щербаков", "Dmitry Shcherbakov"),
    ("Dmitrij Schtscherbakow", "Dmitri Shcherbakov"),
    ("Yevgeny Zhukov", "Evgeniy Joukov"),
    ("Олександр Ткаченко", "Oleksandr Tkachenko"),
    ("Alexey Sergeevich Gromov", "Aleksei Gromov"),
    // Spanish and Portuguese.
    ("Ximena Vásquez", "Jimena Vazquez"),
    ("João dos Santos Pereira", "Joao Santos Pereira"),
    ("María de la Cruz Robles", "Maria Cruz Robles"),
    // Chinese and Korean.
    ("Zhang Guotao", "Chang Kuo-t'ao"),
    ("陈晓东", "Chen Xiaodong"),
    ("박영수", "Pak Yong Su"),
    ("Lee Sung-ho", "Ri Song Ho"),
    // Missing middle names, initials, titles.
    ("Robert James Whitfield", "Robert J. Whitfield"),
    ("R. J. Whitfield", "Robert James Whitfield"),
    ("Dr. Salma Nabil", "Salma Nabil"),
    ("General Tomás Ibarra", "Tomas Ibarra"),
    ("Bill Hartley", "William Hartley"),
    // Slips.
    ("Katarzyna Nowakowska", "Katarzyna Nowakovska"),
    ("Andreas Lehmann", "Andreas Lehman"),
    ("Nikolas Papadopulos", "Nikolaos Papadopoulos"),
    ("PetrovaSvetlana", "Svetlana Petrova"),
    ("Svetl ana Petrova", "Svetlana Petrova"),
    ("Frederick Ollerton", "Fredrick Olerton"),
    // Companies.
    ("Neptune Shipping Co., Ltd.", "NEPTUNE SHIPPING LIMITED"),
    ("OOO Sibmetall", "Limited Liability Company Sibmetall"),
    ("Delta Petroleum GmbH", "Delta Petroleum"),
    ("Al-Noor Trading Company W.L.L.", "AL NOUR TRADING COMPANY"),
    ("Second Brigade", "2nd Brigade"),
    ("Smith & Sons", "Smith and Sons"),
    ("Islamic Relief Committee of Palestine", "IRCP"),
];

const DIFFERENT: &[(&str, &str)] = &[
    // Words that are joined sound as they do apart.
    ("So Yong Il", "Song Pang Mining"),
    ("Gao Yan", "Gain Group"),
    ("Tarek Mansour", "Tarek Mahmoud"),
    ("Karim Fathy", "Sherif Fathy"),
    ("Ahmed Hassan Ibrahim", "Ahmed Samir Ibrahim"),
    ("محمد أحمد علي", "محمد حسن علي"),
    ("Mohamed Ali", "Mohamed Adel"),
    ("Abdelrahman Saleh", "Abdelaziz Saleh"),
    ("Abdul Karim Nasser", "Abdul Hakim Nasser"),
    ("Abu Omar", "Abu Hamza"),
    ("Viktor Morozov", "Vladislav Morozov"),
    ("Sergei Volkov", "Sergei Orlov"),
    ("Ivan Petrovich Sokolov", "Ivan Andreevich Sokolov"),
    ("Carlos Mendoza", "Carlos Montoya"),
    ("Luis Alberto Rojas", "Luis Fernando Rojas"),
    ("Maria Lopez", "Marta Ruiz"),
    ("Li Wei", "Li Qiang"),
    ("王芳", "王刚"),
    ("Pak Chol Min", "Pak Yong Su"),
    ("Kim Hyon Sok", "Kim Tae Gun"),
    ("Robert Whitfield", "Robin Westfield"),
    ("John Smith", "Smith"),
    ("Khan", "Imran Khan Niazi"),
    ("Neptune Shipping Ltd", "Saturn Shipping Ltd"),
    ("National Trading Company", "International Trading Company"),
    ("Delta Petroleum", "Delta Pharmaceuticals"),
    ("Brigade 12", "Brigade 21"),
    ("Holding Company", "Aurora Holding Company"),
    ("First Investment Bank", "First Industrial Bank"),
    ("Nour Trading", "Noble Trading"),
    ("Hans Weber", "Heinz Becker"),
    ("J. Whitfield", "Robert Whitfield"),
    ("", "Robert Whitfield"),
];

#[test]
fn names_written_in_other_ways_are_one_name() {
    let missed: Vec<_> = SAME
        .iter()
        .map(|(a, b)| (a, b, score_of(a, b)))
        .filter(|(_, _, score)| *score < SCREENING_THRESHOLD)
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn other_names_are_not() {
    let wrong: Vec<_> = DIFFERENT
        .iter()
        .map(|(a, b)| (a, b, score_of(a, b)))
        .filter(|(_, _, score)| *score >= SCREENING_THRESHOLD)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Other people whose names sound much the same when vowels count little. Here so that a change of it is seen.
#[test]
fn short_names_that_sound_alike_are_taken_for_each_other() {
    assert!(score_of("Aaron Cole", "Adrian Cole") >= SCREENING_THRESHOLD);
    assert!(score_of("Pedro Blanco", "Pedro Blanca") >= SCREENING_THRESHOLD);
}

fn entry(number: usize, names: &[&str]) -> ListEntry {
    ListEntry {
        source: "made up".to_owned(),
        case_no: number.to_string(),
        case_year: None,
        record_date: None,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        id_numbers: Vec::new(),
        born: Vec::new(),
    }
}

fn named(name: &str) -> Query {
    Query { names: vec![name.to_owned()], ..Query::default() }
}

fn threshold() -> Similarity {
    Similarity::clamped(SCREENING_THRESHOLD)
}

fn numbers(hits: &[Hit<'_>]) -> Vec<String> {
    hits.iter().map(|hit| hit.entry.case_no.clone()).collect()
}

#[test]
fn the_index_finds_what_comparing_with_everything_finds() {
    let all: Vec<&str> = SAME.iter().chain(DIFFERENT).flat_map(|(a, b)| [*a, *b]).collect();
    let index =
        ScreeningIndex::new(all.iter().enumerate().map(|(number, name)| entry(number, &[name])).collect());
    let mut compared = 0;
    for name in &all {
        let found: Vec<String> = numbers(&index.screen(&named(name), threshold()));
        for expected in index.scan(name, threshold()) {
            compared += 1;
            assert!(found.contains(&expected.to_string()), "{name} does not find {}", all[expected]);
        }
    }
    assert!(compared >= all.len() - 1);
}

#[test]
fn the_best_of_an_entrys_names_counts_and_is_told() {
    let index = ScreeningIndex::new(vec![
        entry(1, &["Tarek Mansour", "Abu Yahya al-Masri"]),
        entry(2, &["Li Qiang"]),
    ]);
    let hits = index.screen(&named("Aboo Yahia Al Masry"), threshold());
    assert_eq!(numbers(&hits), ["1"]);
    let text = hits[0].reasons[0].to_string();
    assert!(text.starts_with("like \"Abu Yahya al-Masri\": "), "{text}");
    assert!(!format!("{:?}", hits[0].reasons).contains("Yahya"));
}

#[test]
fn a_number_is_a_hit_whatever_the_name() {
    let listed = ListEntry {
        id_numbers: vec!["A 1084-010".to_owned(), "12".to_owned()],
        ..entry(1, &["Tarek Mansour"])
    };
    let index = ScreeningIndex::new(vec![listed]);
    let with = |number: &str| Query { id_number: Some(number.to_owned()), ..named("Li Qiang") };
    let hits = index.screen(&with("a1084010"), threshold());
    assert_eq!(
        (numbers(&hits), hits[0].score.get(), &hits[0].reasons[0]),
        (vec!["1".to_owned()], 1.0, &Reason::Number)
    );
    assert!(index.screen(&with("12"), threshold()).is_empty(), "too short to say anything");
    assert!(index.screen(&with("a1084011"), threshold()).is_empty());
}

#[test]
fn the_day_of_birth_moves_the_score_and_never_hides_the_same_name() {
    let listed = ListEntry { born: vec!["1971".parse().unwrap()], ..entry(1, &["Tarek Salem Mansour"]) };
    let index = ScreeningIndex::new(vec![listed]);
    let born = |name: &str, year: u16| {
        let query = Query { born: Day::new(year, 6, 1), ..named(name) };
        index.screen(&query, threshold()).first().map(|hit| (hit.score.get(), hit.reasons.last().cloned()))
    };
    assert_eq!(born("Tarek Salem Mansour", 1971), Some((1.0, Some(Reason::Born))));
    let (elsewhen, why) = born("Tarek Salem Mansour", 1990).unwrap();
    assert!(elsewhen < 0.9 && why == Some(Reason::BornElsewhen));
    let near = born("Tariq Salim Mansur", 1972).unwrap().0;
    assert!((near - index.screen(&named("Tariq Salim Mansur"), threshold())[0].score.get()).abs() < 1e-6);
}

#[test]
fn a_single_name_is_no_hit_for_everybody_who_bears_it() {
    let index = ScreeningIndex::new(vec![entry(1, &["Rumuli"]), entry(2, &["Tarek Mansour"])]);
    assert!(index.screen(&named("Ahmed Rumuli"), threshold()).is_empty());
    assert_eq!(numbers(&index.screen(&named("Rumuly"), threshold())), ["1"]);
    assert!(index.screen(&named("  "), threshold()).is_empty());
    assert!(ScreeningIndex::new(Vec::new()).is_empty());
}

proptest! {
    #[test]
    fn comparing_does_not_depend_on_which_name_is_first(a in "[a-z]{1,8}( [a-z]{1,8}){0,4}", b in "[a-z]{1,8}( [a-z]{1,8}){0,4}") {
        prop_assert!((score_of(&a, &b) - score_of(&b, &a)).abs() < 1e-4);
    }

    #[test]
    fn a_name_is_like_itself_in_any_order(words in proptest::collection::vec("[b-z]{4,9}", 1..5)) {
        let turned: Vec<String> = words.iter().rev().cloned().collect();
        prop_assert!(score_of(&words.join(" "), &turned.join(" ")) > 0.99, "{words:?}");
    }

    #[test]
    fn any_two_texts_can_be_compared(a in "\\PC{0,60}", b in "\\PC{0,60}") {
        prop_assert!((0.0..=1.0).contains(&score_of(&a, &b)));
    }
}

#[test]
fn somebody_is_the_same_however_a_query_writes_them() {
    let of = |names: &[&str], number: Option<&str>, born| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Query { names, id_number: number.map(str::to_owned), born }
    };
    let by_number = of(&["Tarek Mansour"], Some("٢٩٥٠٧٢٤٠١١٢٣٤٥"), None);
    assert_eq!(by_number.identity(), of(&[], Some("2950724 0112345"), Day::new(1995, 7, 24)).identity());
    let by_name = of(&["Dr. Tarek Mansour", "Tarek MANSOUR"], Some("12"), None);
    assert_eq!(by_name.identity(), of(&["tarek mansour"], None, None).identity());
    assert_ne!(by_name.identity(), of(&["tarek mansour"], None, Day::new(1971, 3, 2)).identity());
    assert!(by_number.is_anybody() && by_name.is_anybody());
    assert!(!of(&["", " - "], Some("12"), None).is_anybody());
}
