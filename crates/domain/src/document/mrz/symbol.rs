//! The 37 characters of a machine-readable zone, and sets of them.

/// A character of a machine-readable zone: 0..=9 the digits, 10..=35 the letters, 36 the filler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Symbol(u8);

impl Symbol {
    /// How many there are.
    pub(super) const COUNT: usize = 37;

    /// The filler, `<`.
    pub(super) const FILLER: Symbol = Symbol(36);

    /// The symbol that `c` stands for, lower case and look-alikes of the filler included.
    pub(super) fn from_char(c: char) -> Option<Symbol> {
        match c {
            '0'..='9' => Some(Symbol(c as u8 - b'0')),
            'A'..='Z' => Some(Symbol(c as u8 - b'A' + 10)),
            'a'..='z' => Some(Symbol(c as u8 - b'a' + 10)),
            '<' | '\u{2039}' | '\u{ab}' | '\u{3008}' | '\u{ff1c}' => Some(Symbol::FILLER),
            _ => None,
        }
    }

    /// As it is printed.
    pub(super) const fn as_char(self) -> char {
        match self.0 {
            0..=9 => (b'0' + self.0) as char,
            10..=35 => (b'A' + self.0 - 10) as char,
            _ => '<',
        }
    }

    /// Its value for check digits, 0..=35 (ICAO 9303 part 3 section 4.9); the filler is 0.
    pub(super) const fn value(self) -> u8 {
        if self.0 < 36 { self.0 } else { 0 }
    }

    /// 0..37.
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A set of symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Set(u64);

impl Set {
    pub(super) const DIGITS: Set = Set(0x3ff);
    pub(super) const LETTERS: Set = Set(0x3ff_ffff << 10);
    pub(super) const FILLER: Set = Set(1 << 36);
    pub(super) const NAME: Set = Set::LETTERS.or(Set::FILLER);
    pub(super) const NUMBER: Set = Set::DIGITS.or(Set::FILLER);
    pub(super) const ANY: Set = Set::DIGITS.or(Set::NAME);

    /// The symbols of that text of digits, capital letters and fillers.
    pub(super) const fn of(text: &str) -> Set {
        let bytes = text.as_bytes();
        let mut bits = 0;
        let mut at = 0;
        while at < bytes.len() {
            bits |= match bytes[at] {
                digit @ b'0'..=b'9' => 1 << (digit - b'0'),
                letter @ b'A'..=b'Z' => 1 << (letter - b'A' + 10),
                _ => 1 << 36,
            };
            at += 1;
        }
        Set(bits)
    }

    /// What is in either.
    pub(super) const fn or(self, other: Set) -> Set {
        Set(self.0 | other.0)
    }

    /// Whether `symbol` is in it.
    pub(super) const fn has(self, symbol: Symbol) -> bool {
        self.0 >> symbol.0 & 1 == 1
    }

    /// Its members, in order.
    pub(super) fn members(self) -> impl Iterator<Item = Symbol> {
        (0..Symbol::COUNT as u8).map(Symbol).filter(move |symbol| self.has(*symbol))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_is_read_back_from_its_character() {
        for symbol in Set::ANY.members() {
            assert_eq!(Symbol::from_char(symbol.as_char()), Some(symbol));
        }
        assert_eq!(Set::ANY.members().count(), Symbol::COUNT);
        assert_eq!(Symbol::from_char('-'), None);
        assert_eq!(Set::of("A<0").members().count(), 3);
    }
}
