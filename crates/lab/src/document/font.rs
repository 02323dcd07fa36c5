//! Capital letters, digits and the filler of machine-readable zones, drawn with a pen: a hand of our own, so that no
//! typeface has to be shipped. Every letter is as wide as any other, as in OCR-B.

use super::sheet::Sheet;

/// Strokes of a letter on a grid of 5 x 7 points: pairs of column and row, strokes parted by a bar. Empty for what the
/// hand cannot write.
fn strokes(letter: char) -> &'static str {
    match letter {
        'A' => "06 20 46|14 34",
        'B' => "06 00 30 41 42 33 03|33 44 45 36 06",
        'C' => "41 30 10 01 05 16 36 45",
        'D' => "06 00 20 31 42 44 35 26 06",
        'E' => "40 00 06 46|03 33",
        'F' => "40 00 06|03 33",
        'G' => "41 30 10 01 05 16 36 45 43 23",
        'H' => "00 06|40 46|03 43",
        'I' => "10 30|20 26|16 36",
        'J' => "20 40 45 36 16 05",
        'K' => "00 06|40 03 46",
        'L' => "00 06 46",
        'M' => "06 00 23 40 46",
        'N' => "06 00 46 40",
        'O' => "10 30 42 44 36 16 04 02 10",
        'P' => "06 00 30 41 42 33 03",
        'Q' => "10 30 42 44 36 16 04 02 10|24 46",
        'R' => "06 00 30 41 42 33 03|23 46",
        'S' => "41 30 10 01 02 13 33 44 45 36 16 05",
        'T' => "00 40|20 26",
        'U' => "00 05 16 36 45 40",
        'V' => "00 26 40",
        'W' => "00 16 22 36 40",
        'X' => "00 46|40 06",
        'Y' => "00 23 40|23 26",
        'Z' => "00 40 06 46",
        '0' => "20 30 41 45 36 26 16 05 01 10 20",
        '1' => "02 20 26",
        '2' => "01 10 30 41 42 06 46",
        '3' => "01 10 30 41 42 33 23|33 44 45 36 16 05",
        '4' => "36 30 04 44",
        '5' => "40 00 03 33 44 45 36 16 05",
        '6' => "30 12 04 05 16 36 45 44 33 13 04",
        '7' => "00 40 16",
        '8' => "13 02 01 10 30 41 42 33 13 04 05 16 36 45 44 33",
        '9' => "16 34 42 41 30 10 01 02 13 33 42",
        '<' => "41 03 45",
        '-' => "13 33",
        '/' => "06 40",
        '.' => "26 26",
        _ => "",
    }
}

/// How a line is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    /// Height of a letter, in mm.
    pub(super) height: f32,
    /// From one letter to the next, in mm.
    pub(super) pitch: f32,
    /// Width of a stroke, in mm.
    pub(super) stroke: f32,
    /// Colour of the ink, sRGB.
    pub(super) ink: [u8; 3],
}

impl Pen {
    /// A pen of letters `height` mm high with usual proportions.
    pub(super) fn of(height: f32, ink: [u8; 3]) -> Self {
        Self { height, pitch: height * 0.92, stroke: height * 0.13, ink }
    }

    /// Width of `text` in mm.
    pub(super) fn width(&self, text: &str) -> f32 {
        text.chars().count() as f32 * self.pitch
    }

    /// Writes `text` with the top left of its first letter at (`x`, `y`) mm.
    pub(super) fn write(&self, sheet: &mut Sheet, text: &str, (x, y): (f32, f32)) {
        let unit = self.height / 6.0;
        for (index, letter) in text.chars().enumerate() {
            let left = x + index as f32 * self.pitch + (self.pitch - 4.0 * unit) / 2.0;
            for stroke in strokes(letter).split('|') {
                let points: Vec<(f32, f32)> = stroke
                    .split_whitespace()
                    .filter_map(|pair| pair.parse::<u8>().ok())
                    .map(|pair| (left + f32::from(pair / 10) * unit, y + f32::from(pair % 10) * unit))
                    .collect();
                for pair in points.windows(2) {
                    sheet.line(pair[0], pair[1], self.stroke, self.ink);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hand_writes_what_documents_hold_and_letters_differ() {
        let letters: Vec<char> = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<-/.".chars().collect();
        for (index, letter) in letters.iter().enumerate() {
            assert!(!strokes(*letter).is_empty(), "{letter}");
            assert!(letters[..index].iter().all(|other| strokes(*other) != strokes(*letter)), "{letter}");
        }
    }
}
