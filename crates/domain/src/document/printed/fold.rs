//! Text for comparing: capital letters of ASCII.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// `text` in capital letters without accents, with letters that have no such form written out as ICAO 9303 part 3
/// section 6 does (`Æ` as `AE`, `ß` as `SS`). Other characters stay.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_uppercase) {
        match c {
            'Æ' => folded.push_str("AE"),
            'Œ' => folded.push_str("OE"),
            'ẞ' => folded.push_str("SS"),
            'Þ' => folded.push_str("TH"),
            'Ĳ' => folded.push_str("IJ"),
            'Ø' => folded.push('O'),
            'Ł' => folded.push('L'),
            'Đ' | 'Ð' => folded.push('D'),
            'Ħ' => folded.push('H'),
            'Ŧ' => folded.push('T'),
            'ı' => folded.push('I'),
            '’' | '‘' | '`' => folded.push('\''),
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn accents_go_and_ligatures_are_written_out() {
        assert_eq!(fold("Nationalité / Größe"), "NATIONALITE / GROSSE");
        assert_eq!(fold("Łódź Ægir Øre"), "LODZ AEGIR ORE");
        assert_eq!(fold("N° d’entrées"), "N° D'ENTREES");
    }
}
