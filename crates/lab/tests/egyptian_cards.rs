//! Egyptian cards read with the real models: drawn specimens, flat and photographed in simulation.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::sync::OnceLock;

use app::App;
use assets::{Fetch, Store};
use domain::egypt::{CardText, SideFault, side_faults};
use domain::{Day, DocumentKind, FieldName, FieldSource, PageEvidence, PageFault, PageSide};
use lab::document::{
    EgyptianCard, Genuine, LastDigit, Layout, Print, Scene, Typeface, egyptian_card, specimen,
};
use lab::presence::Half;
use media::Frame;

fn store() -> Store {
    Store::open(None, Fetch::Offline).unwrap()
}

fn app() -> &'static App {
    static APP: OnceLock<App> = OnceLock::new();
    APP.get_or_init(|| {
        App::open(&store(), 2).expect("run `cargo xtask test`, which fetches models, photos and the typeface")
    })
}

fn today() -> Day {
    Day::new(2026, 11, 21).unwrap()
}

fn read(frame: &Frame) -> PageEvidence {
    app().read_card(frame, today()).unwrap().evidence
}

fn typeface() -> Typeface {
    Typeface::open(&store().path("font-arabic").unwrap()).unwrap()
}

/// Both sexes, with a husband's name and without: the seeds are those of people, not of what is read.
fn card(seed: u64) -> EgyptianCard {
    egyptian_card(&typeface(), seed, LastDigit::Fits, None).unwrap()
}

/// A married woman's.
fn married() -> EgyptianCard {
    let cards = (0..40).map(card);
    let is_married =
        |card: &EgyptianCard| card.back_fields.iter().any(|field| field.0 == FieldName::HusbandName);
    cards.into_iter().find(is_married).unwrap()
}

/// Mild but for what a test changes.
fn scene() -> Scene {
    Scene {
        size: (1600, 1200),
        roll: 4.0,
        tilt: 10.0,
        fills: 0.85,
        shift: (0.0, 0.0),
        table: 1,
        blur: 0.6,
        glare: 0.0,
        ..Scene::draw(Half::Development, 1)
    }
}

fn photo(page: &Frame, scene: Scene) -> Frame {
    scene.photograph(&Genuine::new(page), 5).unwrap().frame
}

/// Words of which the recogniser cannot read all: right, or not told.
const WORDS: [FieldName; 8] = [
    FieldName::GivenNames,
    FieldName::Surname,
    FieldName::Street,
    FieldName::City,
    FieldName::Region,
    FieldName::Profession,
    FieldName::Workplace,
    FieldName::HusbandName,
];

/// Asserts that every field is told as it is printed; names and words of addresses and work may be left out, but not all
/// of them: at most two of three, which a back has of a job, a place of work and a husband.
fn assert_all(page: &PageEvidence, truth: &[(FieldName, String)]) {
    let told = |name| page.field(name, FieldSource::Printed).map(|field| field.value.as_str());
    for (name, value) in truth {
        if !WORDS.contains(name) || told(*name).is_some() {
            assert_eq!(told(*name), Some(value.as_str()), "{name:?}");
        }
    }
    let words = truth.iter().filter(|(name, _)| WORDS.contains(name));
    let (read, all) = (words.clone().filter(|(name, _)| told(*name).is_some()).count(), words.count());
    assert!(3 * read >= all, "{read} of {all} were read");
}

fn is(page: &PageEvidence, side: PageSide) -> bool {
    page.is_egyptian_card() && page.side == Some(side) && page.kind == Some(DocumentKind::NationalId)
}

#[test]
fn every_field_of_both_sides_is_read_and_they_agree() {
    for card in [card(1), married()] {
        let (front, back) = (read(&card.front), read(&card.back));
        assert!(is(&front, PageSide::Front) && is(&back, PageSide::Back));
        assert_all(&front, &card.front_fields);
        assert_all(&back, &card.back_fields);
        assert_eq!(CardText::of(&[&front, &back]).faults(today()), []);
    }
}

#[test]
fn a_card_on_a_table_is_read() {
    let card = married();
    let front = read(&photo(&card.front, scene()));
    assert!(is(&front, PageSide::Front), "{front:?}");
    assert_all(&front, &card.front_fields);
    let back = read(&photo(&card.back, scene()));
    assert!(is(&back, PageSide::Back), "{back:?}");
    assert_all(&back, &card.back_fields);
}

#[test]
fn a_card_that_lies_upside_down_is_read() {
    let card = card(1);
    let front = read(&photo(&card.front, Scene { roll: 183.0, ..scene() }));
    assert!(is(&front, PageSide::Front), "{front:?}");
    assert_all(&front, &card.front_fields);
    let back = read(&photo(&card.back, Scene { roll: 177.0, ..scene() }));
    assert!(is(&back, PageSide::Back), "{back:?}");
    assert_all(&back, &card.back_fields);
}

#[test]
fn what_cannot_be_read_is_not_told() {
    let card = married();
    for (page, truth) in [(&card.front, &card.front_fields), (&card.back, &card.back_fields)] {
        for blur in [3.0, 5.0, 8.0] {
            let read = read(&photo(page, Scene { blur, ..scene() }));
            for field in read.fields.iter().filter(|field| truth.iter().any(|(name, _)| *name == field.name))
            {
                let value = truth.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value);
                assert_eq!(Some(&field.value), value, "{:?} at blur {blur}", field.name);
            }
        }
    }
}

#[test]
fn a_card_that_nobody_expected_is_read_the_same() {
    let card = card(1);
    for (side, other) in [(PageSide::Front, PageSide::Back), (PageSide::Back, PageSide::Front)] {
        let frame = photo(card.side(side).0, scene());
        let page = app().read_document(&frame, today()).unwrap().evidence;
        assert!(is(&page, side) && page.fields == read(&frame).fields);
        assert_eq!(side_faults(&page, other), [SideFault::WrongSide]);
    }
}

#[test]
fn sides_that_are_in_order_can_be_taken() {
    let face = app().photo(&store().path("photo-person-a-2").unwrap()).unwrap();
    let card = egyptian_card(&typeface(), 1, LastDigit::Fits, Some(&face)).unwrap();
    for side in [PageSide::Front, PageSide::Back] {
        let page = read(&photo(card.side(side).0, scene()));
        assert_eq!(side_faults(&page, side), [], "{side:?}");
    }
}

#[test]
fn a_front_whose_portrait_is_covered_has_no_face() {
    let grey = Frame::from_rgb(300, 400, vec![120; 300 * 400 * 3], 0).unwrap();
    let card = egyptian_card(&typeface(), 1, LastDigit::Fits, Some(&grey)).unwrap();
    let page = read(&photo(&card.front, scene()));
    assert_eq!(side_faults(&page, PageSide::Front), [SideFault::FaceNotFound]);
}

#[test]
fn another_document_and_none_are_told_apart() {
    for (layout, fault) in [(Layout::Passport, SideFault::Passport), (Layout::Card, SideFault::OtherDocument)]
    {
        let page = read(&photo(&specimen(layout, 3, None).unwrap().page, scene()));
        assert!(page.mrz.is_some() && !page.is_egyptian_card(), "{page:?}");
        assert_eq!(side_faults(&page, PageSide::Front), [fault]);
    }
    let empty = Frame::from_rgb(800, 600, vec![180; 800 * 600 * 3], 0).unwrap();
    assert_eq!(side_faults(&read(&empty), PageSide::Back), [SideFault::CardNotFound]);
}

#[test]
fn a_card_out_of_focus_is_said_to_be() {
    for blur in [8.0, 12.0] {
        let page = read(&photo(&card(1).front, Scene { blur, ..scene() }));
        assert_eq!(side_faults(&page, PageSide::Front).first(), Some(&SideFault::Unfocused), "{page:?}");
    }
}

#[test]
fn a_print_of_a_card_whose_dots_are_seen_is_not_genuine() {
    let near = Scene { size: (3200, 2400), blur: 0.4, ..scene() };
    let is_copy = |seed: u64| {
        let print = near.photograph(&Print::new(&card(1).front, seed), seed).unwrap();
        side_faults(&read(&print.frame), PageSide::Front).contains(&SideFault::NotGenuine)
    };
    assert!((1..6).any(is_copy));
}

#[test]
fn sides_of_two_cards_do_not_agree() {
    let (front, back) = (read(&card(1).front), read(&card(2).back));
    let faults = CardText::of(&[&front, &back]).faults(today());
    assert!(faults.contains(&domain::egypt::CardFault::NumberMismatch), "{faults:?}");
}

#[test]
fn where_no_card_is_none_is_read() {
    let empty = Frame::from_rgb(800, 600, vec![180; 800 * 600 * 3], 0).unwrap();
    let page = read(&empty);
    assert!(!page.is_egyptian_card() && page.fields.is_empty());
    assert_eq!(page.faults, [PageFault::DocumentNotFound]);
    let photo = app().photo(&store().path("photo-person-a-2").unwrap()).unwrap();
    assert!(!read(&photo).is_egyptian_card());
}
