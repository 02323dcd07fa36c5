use super::*;

fn list(name: &str, text: &str) -> Result<Pictures, LabError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    read_pictures(&path)
}

#[test]
fn lists_of_lines_of_plates_and_of_cards_are_read() {
    let Pictures::Lines(rows) =
        list("a.csv", "path,kind,text_arabic,degradation\na.png,line,٥٠ ش,2\nb.png,block,\"ا\nب\",0\n")
            .unwrap()
    else {
        panic!("a CSV file lists lines");
    };
    assert_eq!((rows[0].text_arabic.as_str(), rows[0].degradation), ("٥٠ ش", Some(2)));
    assert!(rows[1].text_arabic.contains('\n'));
    let Pictures::Lines(rows) = list("b.csv", "path,digits_ascii\na.png,712\n").unwrap() else {
        panic!("a CSV file lists lines");
    };
    assert_eq!((rows[0].digits_ascii.as_str(), rows[0].degradation), ("712", None));
    assert!(matches!(list("b.json", "[]"), Err(LabError::Empty { .. })));
    assert!(matches!(list("b.json", "{"), Err(LabError::Reference { .. })));
}

#[test]
fn spellings_of_one_line_fold_to_one() {
    assert_eq!(folded(" ٥٠  شــارع "), "50 شارع");
    assert_eq!((digits_of("50 ش 7"), letters_of("50 ش/7")), ("507".to_owned(), "ش/".to_owned()));
}
