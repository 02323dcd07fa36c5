use proptest::prelude::*;

use super::*;
use crate::geometry::Rect;

fn class(character: char) -> usize {
    let character = if character == '_' { '\0' } else { character };
    CLASSES.iter().position(|known| *known == character).unwrap()
}

/// One row a character, all of it sure but for what `others` takes; `_` is blank.
fn rows(shown: &str, others: &[(usize, char, f32)]) -> Vec<f32> {
    let mut rows = vec![0.0; shown.chars().count() * CLASSES.len()];
    for (index, character) in shown.chars().enumerate() {
        rows[index * CLASSES.len() + class(character)] = 1.0;
    }
    for (index, character, share) in others {
        let row = &mut rows[index * CLASSES.len()..(index + 1) * CLASSES.len()];
        for value in row.iter_mut() {
            *value *= 1.0 - share;
        }
        row[class(*character)] += share;
    }
    rows
}

/// What one reads where `shown` stands from left to right.
fn read(shown: &str) -> String {
    let apart: String = shown.chars().flat_map(|character| [character, '_']).collect();
    postprocess(&rows(&apart, &[]), Expected::Anything).line.text()
}

#[test]
fn there_is_a_character_for_each_class_of_the_model() {
    assert_eq!(CLASSES.len(), 92);
    assert_eq!((CLASSES[1], CLASSES[36], CLASSES[37], CLASSES[38]), ('ء', 'ي', 'ـ', '٠'));
    assert_eq!((CLASSES[90], CLASSES[91]), (':', ' '));
}

#[test]
fn a_name_is_read_from_the_right() {
    assert_eq!(read("يلع دمحم"), "محمد علي");
}

#[test]
fn numbers_and_dates_keep_their_order_within_a_line_and_alone() {
    assert_eq!(read("٢٦ - ةرهاقلا"), "القاهرة - ٢٦");
    assert_eq!(read("٢٠٠٤/٠١/٠٦ خيرات"), "تاريخ ٢٠٠٤/٠١/٠٦");
    assert_eq!(read("رحبلا عراش ٥٠"), "٥٠ شارع البحر");
    assert_eq!(read("٢٥٦٠٧٠٨٠٣٢٥٥٨١"), "٢٥٦٠٧٠٨٠٣٢٥٥٨١");
    assert_eq!(read("٢٠٠٤/٠١/٠٦"), "٢٠٠٤/٠١/٠٦");
    assert_eq!(read("AB1234567 مقر"), "رقم AB1234567");
    assert_eq!(read("21-09-1986 خيرات"), "تاريخ 21-09-1986");
}

#[test]
fn a_sign_at_the_end_of_a_number_belongs_to_the_line() {
    assert_eq!(read("٢٦ :مقر"), "رقم: ٢٦");
    assert_eq!(read("٥/ ش"), "ش /٥");
    assert_eq!(read("٤-٣ ش"), "ش ٣-٤");
}

#[test]
fn brackets_enclose_from_both_sides() {
    assert_eq!(read("(٦٤) مقر"), "رقم (٦٤)");
}

#[test]
fn digits_are_told_as_they_stand() {
    let line = postprocess(&rows("٧١٢٦ ن ط س", &[]), Expected::Anything);
    assert_eq!(line.digits(), "7126");
    assert_eq!(postprocess(&rows("20_0_4", &[]), Expected::Anything).digits(), "2004");
}

#[test]
fn the_likelihood_is_that_of_all_alignments() {
    assert!((postprocess(&rows("٧_٧", &[]), Expected::Anything).likelihood - 1.0).abs() < 1e-6);
    // The second place says ٧ or nothing: both are one ٧.
    assert!((postprocess(&rows("٧٧", &[(1, '_', 0.4)]), Expected::Anything).likelihood - 1.0).abs() < 1e-6);
    // The middle one parts two digits, or joins them with 0.3.
    assert!((postprocess(&rows("٧_٧", &[(1, '٧', 0.3)]), Expected::Anything).likelihood - 0.7).abs() < 1e-6);
    assert!((postprocess(&rows("٧_٨", &[(2, '٩', 0.2)]), Expected::Anything).likelihood - 0.8).abs() < 1e-6);
    assert!((postprocess(&rows("__", &[(1, '٩', 0.2)]), Expected::Anything).likelihood - 0.8).abs() < 1e-6);
}

#[test]
fn alternatives_keep_their_shares() {
    let line = postprocess(&rows("_٢_", &[(1, '٣', 0.4)]), Expected::Anything).line;
    let said: Vec<char> = line.glyphs[0].alternatives.iter().map(|(character, _)| *character).collect();
    assert_eq!(said, ['٢', '٣']);
    assert!((line.glyphs[0].alternatives[1].1 - 0.4).abs() < 1e-5);
}

#[test]
fn what_is_not_expected_is_not_read() {
    let seen = rows("1_A_٢", &[(0, '١', 0.3), (2, 'ا', 0.2)]);
    assert_eq!(postprocess(&seen, Expected::Anything).line.text(), "1A٢");
    let from_the_right = ['٢', 'ا', '١'].iter().collect::<String>();
    assert_eq!(postprocess(&seen, Expected::Arabic).line.text(), from_the_right);
    let digits = postprocess(&seen, Expected::Digits);
    assert_eq!(digits.line.text(), "١٢");
    // What was not expected is still likelier: the line is hardly that number.
    assert!(digits.likelihood < 0.3);
}

#[test]
fn nothing_says_nothing() {
    assert_eq!(postprocess(&[], Expected::Anything).line.text(), "");
    assert_eq!(postprocess(&[], Expected::Anything).digits(), "");
    assert_eq!(postprocess(&[], Expected::Anything).likelihood, 0.0);
}

#[test]
fn what_is_read_is_not_printed() {
    assert!(!format!("{:?}", postprocess(&rows("س_٧", &[]), Expected::Anything)).contains(['س', '٧']));
}

#[test]
fn a_line_has_the_height_of_the_model_and_no_brightness_of_its_own() {
    let rgb = (0..30 * 90).flat_map(|index| if index % 7 == 0 { [10; 3] } else { [200; 3] }).collect();
    let frame = Frame::from_rgb(90, 30, rgb, 0).unwrap();
    let whole = Rect { x: 0.0, y: 0.0, width: 90.0, height: 30.0 };
    let input = preprocess(&frame, &TextBox::upright(whole).into());
    assert_eq!(input.shape(), [1, 1, 48, 144]);
    let mean = input.data().iter().sum::<f32>() / input.data().len() as f32;
    assert!(mean.abs() < 1e-3);
    let grey = Frame::from_rgb(8, 8, vec![128; 8 * 8 * 3], 0).unwrap();
    let place = TextBox::upright(Rect { x: 0.0, y: 0.0, width: 8.0, height: 8.0 });
    let empty = preprocess(&grey, &place.into());
    assert!(empty.data().iter().all(|value| value.abs() < 0.1));
}

proptest! {
    #[test]
    fn no_character_is_lost_or_made_up(shown in "[ابجدهوز٠-٩0-9A-D/:. ()-]{0,20}") {
        let mut before: Vec<char> = shown.chars().filter(|c| !"()".contains(*c)).collect();
        let mut after: Vec<char> = read(&shown).chars().filter(|c| !"()".contains(*c)).collect();
        before.sort_unstable();
        after.sort_unstable();
        prop_assert_eq!(before, after);
    }

    #[test]
    fn any_probabilities_make_a_line(values in prop::collection::vec(0.0_f32..1.0, 0..20 * 92)) {
        let line = postprocess(&values, Expected::Anything);
        prop_assert!(line.likelihood >= 0.0 && line.line.glyphs.len() <= values.len() / 92);
    }
}

#[test]
fn a_row_is_stretched_without_moving_its_middle() {
    let row = [0.0, 1.0, 2.0, 3.0];
    assert_eq!(stretched(&row, 4).collect::<Vec<_>>(), row);
    let wide: Vec<f32> = stretched(&row, 8).collect();
    assert_eq!(wide, [0.0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.0]);
}
