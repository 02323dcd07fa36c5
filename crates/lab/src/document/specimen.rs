//! Specimens of a layout of our own: an identity card and a passport's page of a country that does not exist, marked
//! SPECIMEN, for people who do not exist.

use engine::document::locate::{ID1_ASPECT, ID3_ASPECT};
use engine::geometry::{Outside, Point, Rect, Transform, cut};
use media::Frame;
use serde::Serialize;

use super::font::Pen;
use super::sheet::{PER_MM, Sheet, blend};
use crate::presence::random::Draws;

/// Which document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// A card of 85.60 mm by 53.98 mm (ID-1), its machine-readable zone as on a small passport: two lines of 36.
    Card,
    /// A passport's page of 125 mm by 88 mm (ID-3) with two lines of 44.
    Passport,
}

impl Layout {
    /// Width and height in mm.
    pub fn size(self) -> (f32, f32) {
        match self {
            Self::Card => (85.6, 85.6 / ID1_ASPECT),
            Self::Passport => (125.0, 125.0 / ID3_ASPECT),
        }
    }
}

/// One printed value.
#[derive(Debug, Clone, PartialEq)]
pub struct Printed {
    /// What it says.
    pub text: String,
    /// Where, in pixels of the page.
    pub bounds: Rect,
}

/// A drawn document, flat.
#[derive(Debug, Clone)]
pub struct Specimen {
    /// Its layout.
    pub layout: Layout,
    /// The page, 16 pixels for a mm.
    pub page: Frame,
    /// Values for people to read: surname, given names, number, date of birth, date of expiry, nationality.
    pub fields: Vec<Printed>,
    /// Lines of the machine-readable zone.
    pub mrz: Vec<Printed>,
    /// The portrait, in pixels of the page.
    pub portrait: Rect,
}

const SURNAMES: [&str; 12] = [
    "ARDEN",
    "BELLWETHER",
    "CORVAL",
    "DUNMORE",
    "ELLISTAN",
    "FENWICKE",
    "GALANTE",
    "HOLLOWAY",
    "ISKANDER",
    "JORVIK",
    "KESTREL",
    "LUNDQVIST",
];
const GIVEN: [&str; 12] = [
    "ADA", "BORIS", "CELINE", "DARIA", "EMIL", "FARIDA", "GRETA", "HASSAN", "INGRID", "JONAS", "KARIM",
    "LEONIE",
];

/// Draws the specimen of `seed`. `portrait` is a photo whose middle becomes the portrait; without one a face is drawn.
/// `None` never happens for pages of these sizes.
pub fn specimen(layout: Layout, seed: u64, portrait: Option<&Frame>) -> Option<Specimen> {
    let mut draws = Draws::of(seed, "specimen");
    let (width, height) = layout.size();
    let tint = [0; 3].map(|_: i32| 200 + draws.below(45) as u8);
    let mut sheet = Sheet::new(width, height, tint);
    let dark = [25 + draws.below(30) as u8, 25 + draws.below(30) as u8, 40 + draws.below(40) as u8];
    background(&mut sheet, (width, height), &mut draws);
    let bounds = portrait_bounds(layout);
    match portrait {
        Some(photo) => place_photo(&mut sheet, bounds, photo),
        None => place_face(&mut sheet, bounds, &mut draws),
    }
    let unit = if layout == Layout::Card { 1.0 } else { 1.35 };
    Pen::of(3.0 * unit, dark).write(&mut sheet, "REPUBLIC OF NOWHERE", (4.0 * unit, 3.0 * unit));
    let red = Pen::of(2.6 * unit, [190, 40, 40]);
    red.write(&mut sheet, "SPECIMEN", (width - red.width("SPECIMEN") - 4.0 * unit, 8.5 * unit));
    let person = Person::draw(&mut draws);
    let mut fields = Vec::new();
    let (label, value) = (Pen::of(1.2 * unit, [90, 90, 110]), Pen::of(2.2 * unit, dark));
    let left = bounds.x + bounds.width + 4.0 * unit;
    let step = if layout == Layout::Card { 4.7 } else { 5.4 * unit };
    for (row, (name, text)) in person.printed().into_iter().enumerate() {
        let top = 8.5 * unit + row as f32 * step;
        label.write(&mut sheet, name, (left, top));
        value.write(&mut sheet, &text, (left, top + 1.7 * unit));
        let at = Rect { x: left, y: top + 1.7 * unit, width: value.width(&text), height: value.height };
        fields.push(Printed { bounds: in_pixels(at), text });
    }
    let columns = if layout == Layout::Card { 36 } else { 44 };
    let ocr = Pen {
        height: 2.4,
        pitch: 2.54 * width / 125.0 * 44.0 / columns as f32 * 0.98,
        stroke: 0.33,
        ink: [20; 3],
    };
    let mut mrz = Vec::new();
    for (row, text) in person.zone(layout, columns).into_iter().enumerate() {
        let top = height - 10.5 * unit.min(1.2) + row as f32 * 4.6;
        let start = (width - ocr.width(&text)) / 2.0;
        ocr.write(&mut sheet, &text, (start, top));
        let at = Rect { x: start, y: top, width: ocr.width(&text), height: ocr.height };
        mrz.push(Printed { bounds: in_pixels(at), text });
    }
    Some(Specimen { layout, page: sheet.into_frame()?, fields, mrz, portrait: in_pixels(bounds) })
}

/// Waves and a wash of colour, as guilloches are.
pub(super) fn background(sheet: &mut Sheet, (width, height): (f32, f32), draws: &mut Draws) {
    let inks: [[u8; 3]; 2] = [0, 1].map(|_| [0; 3].map(|_: i32| 110 + draws.below(110) as u8));
    let waves: [f32; 4] = [0; 4].map(|_: i32| draws.between((0.15, 0.6)));
    let period = draws.between((0.9, 1.6));
    sheet.paint(Rect { x: 0.0, y: 0.0, width, height }, |x, y, pixel| {
        for (index, ink) in inks.iter().enumerate() {
            let bend = 2.0 * (x * waves[index]).sin() + 1.5 * (x * waves[index + 2] + y * 0.2).sin();
            let place = ((y + bend) / period + index as f32 * 0.5).rem_euclid(1.0);
            blend(pixel, *ink, 0.45 * (1.0 - (place - 0.5).abs() * 7.0).clamp(0.0, 1.0));
        }
        blend(pixel, inks[0], 0.18 * (x / width));
    });
}

fn portrait_bounds(layout: Layout) -> Rect {
    match layout {
        Layout::Card => Rect { x: 4.0, y: 9.0, width: 24.0, height: 30.0 },
        Layout::Passport => Rect { x: 5.0, y: 14.0, width: 35.0, height: 45.0 },
    }
}

pub(super) fn in_pixels(mm: Rect) -> Rect {
    Rect { x: mm.x * PER_MM, y: mm.y * PER_MM, width: mm.width * PER_MM, height: mm.height * PER_MM }
}

/// The middle of `photo`, as large as fits.
pub(super) fn place_photo(sheet: &mut Sheet, bounds: Rect, photo: &Frame) {
    let (columns, rows) = ((bounds.width * PER_MM) as usize, (bounds.height * PER_MM) as usize);
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    let scale = (width / columns as f32).min(height / rows as f32);
    let to_photo = Transform::about(
        scale,
        0.0,
        Point::new(columns as f32 / 2.0, rows as f32 / 2.0),
        Point::new(width / 2.0, height / 2.0),
    );
    let rgb = cut(photo, to_photo, columns, rows, Outside::Edge);
    sheet.paint(bounds, |x, y, pixel| {
        let column = (((x - bounds.x) * PER_MM) as usize).min(columns - 1);
        let row = (((y - bounds.y) * PER_MM) as usize).min(rows - 1);
        let start = (row * columns + column) * 3;
        pixel.copy_from_slice(&rgb[start..start + 3]);
    });
}

/// A face that is nobody's: shoulders, head, hair, eyes, mouth.
pub(super) fn place_face(sheet: &mut Sheet, bounds: Rect, draws: &mut Draws) {
    let tone = draws.between((0.45, 1.0));
    let skin = [235.0, 190.0, 160.0].map(|level: f32| (level * tone) as u8);
    let hair = [0; 3].map(|_: i32| 20 + draws.below(70) as u8);
    let coat = [0; 3].map(|_: i32| 40 + draws.below(150) as u8);
    let wall = [0; 3].map(|_: i32| 170 + draws.below(60) as u8);
    let width = draws.between((0.26, 0.32));
    let grain = draws.between((1.0, 3.0));
    let mut noise = Draws::new(draws.below(usize::MAX) as u64);
    sheet.paint(bounds, |x, y, pixel| {
        let (u, v) = ((x - bounds.x) / bounds.width - 0.5, (y - bounds.y) / bounds.height);
        let oval = |cx: f32, cy: f32, rx: f32, ry: f32| ((u - cx) / rx).hypot((v - cy) / ry);
        let edge = |distance: f32| ((1.0 - distance) * 25.0).clamp(0.0, 1.0);
        *pixel = wall;
        blend(pixel, coat, edge(oval(0.0, 1.05, 0.46, 0.3)));
        blend(pixel, hair, edge(oval(0.0, 0.4, width + 0.05, 0.32)));
        blend(pixel, skin, edge(oval(0.0, 0.46, width, 0.29)));
        for side in [-1.0, 1.0] {
            blend(pixel, [245; 3], edge(oval(side * 0.11, 0.42, 0.055, 0.025)));
            blend(pixel, [40, 30, 25], edge(oval(side * 0.11, 0.42, 0.022, 0.022)));
        }
        blend(pixel, [160, 80, 80], edge(oval(0.0, 0.62, 0.09, 0.02)));
        // Light from the left, and grain.
        let shade = 1.0 + 0.35 * u + grain / 255.0 * noise.normal();
        *pixel = pixel.map(|level| (f32::from(level) * shade).clamp(0.0, 255.0) as u8);
    });
}

/// Somebody invented.
struct Person {
    surname: &'static str,
    given: &'static str,
    number: String,
    birth: (usize, usize, usize),
    expiry: (usize, usize, usize),
}

impl Person {
    fn draw(draws: &mut Draws) -> Self {
        let mut date =
            |from: usize, years: usize| (from + draws.below(years), 1 + draws.below(12), 1 + draws.below(28));
        let (birth, expiry) = (date(1950, 55), date(2027, 9));
        Self {
            surname: SURNAMES[draws.below(SURNAMES.len())],
            given: GIVEN[draws.below(GIVEN.len())],
            number: format!("X{:08}", draws.below(100_000_000)),
            birth,
            expiry,
        }
    }

    fn printed(&self) -> [(&'static str, String); 6] {
        let date = |(year, month, day): (usize, usize, usize)| format!("{day:02}.{month:02}.{year}");
        [
            ("SURNAME", self.surname.to_owned()),
            ("GIVEN NAMES", self.given.to_owned()),
            ("NUMBER", self.number.clone()),
            ("DATE OF BIRTH", date(self.birth)),
            ("DATE OF EXPIRY", date(self.expiry)),
            ("NATIONALITY", "UTOPIAN".to_owned()),
        ]
    }

    /// Two lines as ICAO 9303 parts 4 and 6 lay them out; UTO is its country for examples.
    fn zone(&self, layout: Layout, columns: usize) -> [String; 2] {
        let filled = |text: String, length: usize| format!("{text:<<length$}");
        let date = |(year, month, day): (usize, usize, usize)| format!("{:02}{month:02}{day:02}", year % 100);
        let checked = |text: &str| format!("{text}{}", check_digit(text));
        let code = if layout == Layout::Card { "I<" } else { "P<" };
        let names = filled(format!("{code}UTO{}<<{}", self.surname, self.given), columns);
        let number = checked(&self.number);
        let (birth, expiry) = (checked(&date(self.birth)), checked(&date(self.expiry)));
        let optional = filled(String::new(), columns - 29);
        let optional = if columns == 44 { format!("{}0", &optional[..14]) } else { optional };
        let composite = check_digit(&format!("{number}{birth}{expiry}{optional}"));
        [names, format!("{number}UTO{birth}<{expiry}{optional}{composite}")]
    }
}

/// ICAO 9303 part 3 section 4.9: weights 7, 3, 1.
fn check_digit(text: &str) -> u32 {
    let value = |letter: char| letter.to_digit(36).unwrap_or(0);
    text.chars()
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(letter, weight)| value(letter) * weight)
        .sum::<u32>()
        % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_icao_s() {
        // ICAO 9303 part 3, section 4.9: the date 520727 has 3.
        assert_eq!(check_digit("520727"), 3);
        assert_eq!(check_digit("AB2134<<<"), 5);
    }

    #[test]
    fn a_specimen_holds_what_it_says_and_stays_the_same() {
        for (layout, columns) in [(Layout::Card, 36), (Layout::Passport, 44)] {
            let drawn = specimen(layout, 5, None).unwrap();
            assert!(drawn.mrz.iter().all(|line| line.text.len() == columns), "{:?}", drawn.mrz);
            let page =
                Rect { x: 0.0, y: 0.0, width: drawn.page.width() as f32, height: drawn.page.height() as f32 };
            for printed in drawn.fields.iter().chain(&drawn.mrz) {
                assert!((printed.bounds.overlap(&page) - printed.bounds.area()).abs() < 1.0, "{printed:?}");
            }
            assert_eq!(specimen(layout, 5, None).unwrap().page, drawn.page);
            assert_ne!(specimen(layout, 6, None).unwrap().page, drawn.page);
        }
    }
}
