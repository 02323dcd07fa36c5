//! Lists in the forms of their publishers, with made-up people.

use std::path::PathBuf;

use super::*;

const SDN: &str = "\
12,\"MANSOUR, Dr. Tarek\",\"individual\",\"SDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 10 Dec 1948; alt. DOB circa 1950; POB Egypt; Passport A1084010 (Egypt); alt. Passport 19820215; National ID No. 781005202108.\"
13,\"NEPTUNE SHIPPING CO., LTD.\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- 
x,\"NOBODY\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- 
\u{1a}
";
const ALT: &str = "12,1,\"aka\",\"TARIQ THE TALL\",-0- \n99,2,\"aka\",\"NOBODY\",-0- \n";
const UN: &str = "<?xml version=\"1.0\"?>
<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><FIRST_NAME>TAREK</FIRST_NAME><SECOND_NAME>M &amp; MANSOUR</SECOND_NAME>
<REFERENCE_NUMBER>QDi.001</REFERENCE_NUMBER><LISTED_ON>2004-05-06</LISTED_ON>
<NAME_ORIGINAL_SCRIPT>طارق منصور</NAME_ORIGINAL_SCRIPT>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Abu Tarek</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1971-03-02</DATE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1973</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1960</FROM_YEAR><TO_YEAR>1962</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>OB 0243318</NUMBER></INDIVIDUAL_DOCUMENT>
</INDIVIDUAL>
<INDIVIDUAL><FIRST_NAME>NUMBERLESS</FIRST_NAME></INDIVIDUAL></INDIVIDUALS>
<ENTITIES><ENTITY><FIRST_NAME>NEPTUNE</FIRST_NAME><REFERENCE_NUMBER>QDe.002</REFERENCE_NUMBER></ENTITY></ENTITIES>
</CONSOLIDATED_LIST>";
const PLAIN: &str = "\
case_no,Name,aliases,date_of_birth,id_number,case_year,record_date,note
7/2019,طارق منصور,Tarek Mansour; Abu Tarek,1971-03-02;1973,29507240112345,2019,2019-06-01,x
8/2019,,,,,,,
9/2019,Karim,,about 1970,,,,
";

fn read(files: &[(&str, &str)]) -> Result<Watchlists, WatchlistError> {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = files
        .iter()
        .map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        })
        .collect();
    read_watchlists(&paths)
}

fn spans(entry: &ListEntry) -> Vec<String> {
    entry.born.iter().map(ToString::to_string).collect()
}

fn lines(read: &Watchlists) -> Vec<u64> {
    read.bad.iter().map(|row| row.line).collect()
}

#[test]
fn ofacs_names_get_their_aliases_in_whichever_order_the_files_come() {
    for files in [[("a.csv", SDN), ("b.csv", ALT)], [("b.csv", ALT), ("a.csv", SDN)]] {
        let read = read(&files).unwrap();
        let [list] = read.lists.as_slice() else { panic!("{:?}", read.lists) };
        assert_eq!((list.source.as_str(), list.entries.len()), ("ofac-sdn", 2));
        let entry = &list.entries[0];
        assert_eq!(entry.names, ["MANSOUR, Dr. Tarek", "TARIQ THE TALL"]);
        assert_eq!(spans(entry), ["1948-12-10", "1948..1952"]);
        assert_eq!(entry.id_numbers, ["A1084010", "19820215", "781005202108"]);
        assert_eq!(lines(&read), [3, 2], "the row without a number and the alias of nobody");
    }
}

#[test]
fn the_united_nations_list_is_read_with_its_scripts_dates_and_documents() {
    let read = read(&[("any.txt", UN)]).unwrap();
    let list = &read.lists[0];
    assert_eq!((list.source.as_str(), list.entries.len()), ("un-consolidated", 2));
    let entry = &list.entries[0];
    assert_eq!(entry.names, ["TAREK M & MANSOUR", "طارق منصور", "Abu Tarek"]);
    assert_eq!((entry.case_no.as_str(), entry.case_year), ("QDi.001", Some(2004)));
    assert_eq!(entry.record_date.as_deref(), Some("2004-05-06"));
    assert_eq!(spans(entry), ["1971-03-02", "1971..1975", "1960..1962"]);
    assert_eq!(entry.id_numbers, ["OB 0243318"]);
    assert_eq!(lines(&read), [12]);
}

#[test]
fn a_list_of_ones_own_is_named_after_its_file() {
    let read = read(&[("Our List.csv", PLAIN)]).unwrap();
    let list = &read.lists[0];
    assert_eq!((list.source.as_str(), list.entries.len()), ("our-list", 1));
    let entry = &list.entries[0];
    assert_eq!(entry.names, ["طارق منصور", "Tarek Mansour", "Abu Tarek"]);
    assert_eq!((entry.case_no.as_str(), entry.case_year), ("7/2019", Some(2019)));
    assert_eq!(spans(entry), ["1971-03-02", "1973"]);
    assert_eq!(lines(&read), [3, 4]);
    assert!(read.bad[0].to_string().ends_with("Our List.csv, line 3: no name"), "{}", read.bad[0]);
}

#[test]
fn what_is_no_list_is_refused() {
    use WatchlistError as Error;
    assert!(matches!(read(&[("a.csv", "a,b\n1,2\n")]), Err(Error::UnknownKind { .. })));
    assert!(matches!(read(&[("a.csv", "")]), Err(Error::UnknownKind { .. })));
    assert!(matches!(read(&[("a.xml", "<html></html>")]), Err(Error::UnknownKind { .. })));
    assert!(matches!(read(&[("b.csv", ALT)]), Err(Error::AliasesAlone { .. })));
    assert!(matches!(read(&[("a.csv", "name\n")]), Err(Error::Empty { .. })));
    assert!(matches!(read(&[("a.csv", SDN), ("c.csv", SDN)]), Err(Error::Twice { .. })));
    assert!(matches!(read_watchlists(&["nowhere.csv".into()]), Err(Error::Unreadable { .. })));
    let cut = UN.split_at(UN.len() / 2).0;
    assert!(matches!(read(&[("a.xml", cut)]), Err(Error::Broken { .. })));
    let deep = format!("<CONSOLIDATED_LIST>{}", "<A>".repeat(100));
    assert!(matches!(read(&[("a.xml", &deep)]), Err(Error::Broken { .. })));
}

#[test]
fn letters_of_older_lists_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.csv");
    std::fs::write(&path, b"name\nJos\xe9 N\xfa\xf1ez\n").unwrap();
    let read = read_watchlists(&[path]).unwrap();
    assert_eq!(read.lists[0].entries[0].names, ["José Núñez"]);
}
