//! Both sides of a card, drawn. The layout imitates where things stand, not what the card looks like: emblem, guilloches,
//! typeface and bar code are those of no card.

use domain::{FieldName, PageSide};
use engine::document::locate::ID1_ASPECT;
use engine::geometry::Rect;
use media::Frame;

use super::person::{LastDigit, Person, indic};
use super::typeface::{Type, Typeface};
use crate::document::sheet::{Sheet, blend};
use crate::document::specimen::{background, in_pixels, place_face, place_photo};
use crate::presence::random::Draws;

/// A drawn card, flat.
#[derive(Debug, Clone)]
pub struct EgyptianCard {
    /// The front, 16 pixels for a mm.
    pub front: Frame,
    /// The back.
    pub back: Frame,
    /// What the front says, in the form in which it is read.
    pub front_fields: Vec<(FieldName, String)>,
    /// What the back says.
    pub back_fields: Vec<(FieldName, String)>,
    /// The portrait, in pixels of the front.
    pub portrait: Rect,
}

impl EgyptianCard {
    /// A side and what it says.
    pub fn side(&self, side: PageSide) -> (&Frame, &[(FieldName, String)]) {
        match side {
            PageSide::Front => (&self.front, &self.front_fields),
            PageSide::Back => (&self.back, &self.back_fields),
        }
    }
}

const WIDTH: f32 = 85.6;
/// Where lines at the right end, in mm.
const RIGHT: f32 = 81.5;
const RED: [u8; 3] = [190, 40, 40];

/// Draws the card of `seed`, of a woman or a man in turn of chance. `portrait` is a photo whose middle becomes the
/// portrait; without one a face is drawn. `None` never happens for a seed.
pub fn egyptian_card(
    typeface: &Typeface,
    seed: u64,
    last: LastDigit,
    portrait: Option<&Frame>,
) -> Option<EgyptianCard> {
    let mut draws = Draws::of(seed, "egyptian card");
    let person = Person::draw(&mut draws, last)?;
    let dark = [0; 3].map(|_: i32| 15 + draws.below(35) as u8);
    let bounds = Rect { x: 4.0, y: 6.5, width: 20.0, height: 26.0 };
    Some(EgyptianCard {
        front: front(typeface, &person, dark, (bounds, portrait), &mut draws)?,
        back: back(typeface, &person, dark, &mut draws)?,
        front_fields: front_fields(&person),
        back_fields: back_fields(&person),
        portrait: in_pixels(bounds),
    })
}

fn paper(draws: &mut Draws) -> Sheet {
    let height = WIDTH / ID1_ASPECT;
    let tint = [0; 3].map(|_: i32| 205 + draws.below(40) as u8);
    let mut sheet = Sheet::new(WIDTH, height, tint);
    background(&mut sheet, (WIDTH, height), draws);
    sheet
}

fn front(
    typeface: &Typeface,
    person: &Person,
    dark: [u8; 3],
    (bounds, portrait): (Rect, Option<&Frame>),
    draws: &mut Draws,
) -> Option<Frame> {
    let mut sheet = paper(draws);
    match portrait {
        Some(photo) => place_photo(&mut sheet, bounds, photo),
        None => place_face(&mut sheet, bounds, draws),
    }
    let mut write = |text: &str, right: f32, baseline: f32, how: Type| {
        typeface.write(&mut sheet, text, (right, baseline), how);
    };
    write("جمهورية مصر العربية", RIGHT, 6.0, Type::of(3.6, dark));
    write("بطاقة تحقيق الشخصية", RIGHT, 11.0, Type::of(3.6, dark));
    let text = Type::of(3.6, dark);
    write(&person.first, RIGHT - draws.between((0.0, 1.5)), 17.5, text);
    write(&person.rest, RIGHT - draws.between((0.0, 1.5)), 22.8, text);
    write(&person.street, RIGHT - draws.between((0.0, 1.5)), 29.5, text);
    write(&person.district, RIGHT - draws.between((0.0, 1.5)), 34.8, text);
    let wide = Type { apart: draws.between((0.05, 0.4)), ..Type::of(4.2, dark) };
    write(&indic(&person.number.to_string()), RIGHT, 44.5, wide);
    write(&indic(&slashed(person.number.born())), 27.0, 40.5, Type::of(3.2, dark));
    write(&person.factory, 25.0, 50.0, Type { apart: 0.05, ..Type::of(3.2, dark) });
    mark(&mut write, RIGHT, 51.5);
    sheet.into_frame()
}

fn back(typeface: &Typeface, person: &Person, dark: [u8; 3], draws: &mut Draws) -> Option<Frame> {
    let mut sheet = paper(draws);
    bars(&mut sheet, draws);
    let mut write = |text: &str, right: f32, baseline: f32, how: Type| {
        typeface.write(&mut sheet, text, (right, baseline), how);
    };
    let text = Type::of(3.4, dark);
    let wide = Type { apart: draws.between((0.05, 0.3)), ..Type::of(3.6, dark) };
    write(&indic(&person.number.to_string()), RIGHT, 6.5, wide);
    write(&indic(&format!("{}/{:02}", person.released.0, person.released.1)), 22.0, 6.5, text);
    write(&person.job, RIGHT - draws.between((0.0, 1.5)), 12.5, text);
    if let Some(place) = &person.workplace {
        write(place, RIGHT - draws.between((0.0, 1.5)), 18.0, text);
    }
    write(person.sex(), RIGHT, 24.0, text);
    write(&person.religion, 58.0, 24.0, text);
    write(&person.marital, 36.0, 24.0, text);
    if let Some(husband) = &person.husband {
        write(&format!("الزوج / {husband}"), RIGHT, 30.0, text);
    }
    write(&format!("البطاقة سارية حتى {}", indic(&slashed(person.expires))), RIGHT, 36.0, text);
    mark(&mut write, 25.0, 18.0);
    sheet.into_frame()
}

/// Says that it is a specimen, in both scripts.
fn mark(write: &mut dyn FnMut(&str, f32, f32, Type), right: f32, baseline: f32) {
    let how = Type { apart: 0.05, ..Type::of(2.8, RED) };
    write("عينة", right, baseline, how);
    write("SPECIMEN", right - 6.5, baseline, how);
}

/// Something that looks like a stacked bar code and says nothing.
fn bars(sheet: &mut Sheet, draws: &mut Draws) {
    let area = Rect { x: 5.0, y: 40.0, width: WIDTH - 10.0, height: 11.0 };
    let mut noise = Draws::new(draws.below(usize::MAX) as u64);
    let columns = 250;
    let dark: Vec<bool> = (0..columns * 12).map(|_| noise.below(2) == 0).collect();
    sheet.paint(area, |x, y, pixel| {
        let column = ((x - area.x) / area.width * columns as f32) as usize;
        let row = ((y - area.y) / area.height * 12.0) as usize;
        let is_dark = dark.get(row * columns + column.min(columns - 1)).copied().unwrap_or(false);
        blend(pixel, if is_dark { [20; 3] } else { [240; 3] }, 0.9);
    });
}

fn slashed(day: domain::Day) -> String {
    day.to_string().replace('-', "/")
}

fn front_fields(person: &Person) -> Vec<(FieldName, String)> {
    vec![
        (FieldName::GivenNames, person.first.clone()),
        (FieldName::Surname, person.rest.clone()),
        (FieldName::Street, person.street.clone()),
        (FieldName::City, person.district.clone()),
        (FieldName::Region, person.governorate.arabic().to_owned()),
        (FieldName::PersonalNumber, person.number.to_string()),
        (FieldName::DateOfBirth, person.number.born().to_string()),
        (FieldName::SerialNumber, person.factory.clone()),
    ]
}

fn back_fields(person: &Person) -> Vec<(FieldName, String)> {
    let sex = if person.number.gender() == domain::egypt::Gender::Female { "F" } else { "M" };
    let mut fields = vec![
        (FieldName::PersonalNumber, person.number.to_string()),
        (FieldName::DateOfIssue, format!("{}-{:02}-XX", person.released.0, person.released.1)),
        (FieldName::Profession, person.job.clone()),
        (FieldName::Sex, sex.to_owned()),
        (FieldName::Religion, person.religion.clone()),
        (FieldName::MaritalStatus, person.marital.clone()),
        (FieldName::DateOfExpiry, person.expires.to_string()),
    ];
    fields.extend(person.workplace.clone().map(|place| (FieldName::Workplace, place)));
    fields.extend(person.husband.clone().map(|husband| (FieldName::HusbandName, husband)));
    fields
}
