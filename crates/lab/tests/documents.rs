//! Documents read with the real models: drawn specimens, photographed in simulation.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::sync::OnceLock;

use app::App;
use assets::{Fetch, Store};
use domain::{Day, DocumentKind, FieldName, FieldSource, PageEvidence, PageFault, PageSide};
use lab::document::{Genuine, Layout, Scene, Specimen, specimen};
use lab::presence::Half;
use media::Frame;

fn store() -> Store {
    Store::open(None, Fetch::Offline).unwrap()
}

fn app() -> &'static App {
    static APP: OnceLock<App> = OnceLock::new();
    APP.get_or_init(|| {
        App::open(&store(), 2).expect("run `cargo xtask test`, which fetches models and photos")
    })
}

fn read(frame: &Frame) -> PageEvidence {
    app().read_document(frame, Day::new(2026, 11, 21).unwrap()).unwrap().evidence
}

fn drawn(layout: Layout, seed: u64) -> Specimen {
    specimen(layout, seed, None).unwrap()
}

/// Mild but for what a test changes.
fn scene() -> Scene {
    Scene {
        roll: 4.0,
        tilt: 10.0,
        fills: 0.8,
        shift: (0.0, 0.0),
        table: 1,
        blur: 0.6,
        glare: 0.0,
        ..Scene::draw(Half::Development, 1)
    }
}

fn photo(specimen: &Specimen, scene: Scene) -> Frame {
    scene.photograph(&Genuine::new(&specimen.page), 5).unwrap().frame
}

fn zone(specimen: &Specimen) -> Vec<&str> {
    specimen.mrz.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn a_passport_on_a_table_is_read() {
    let passport = drawn(Layout::Passport, 3);
    let page = read(&photo(&passport, scene()));
    assert_eq!(page.mrz.as_ref().unwrap().lines, zone(&passport));
    assert_eq!((page.kind, page.side), (Some(DocumentKind::Passport), Some(PageSide::Front)));
    assert_eq!(page.template.as_deref(), Some("icao-passport"));
    let surname = page.field(FieldName::Surname, FieldSource::Printed).unwrap();
    assert_eq!(surname.value, passport.fields[0].text);
    assert!(page.view.is_some() && page.quality.is_some());
}

#[test]
fn a_card_is_read_at_any_rotation() {
    let card = drawn(Layout::Card, 8);
    for roll in [-88.0, 91.0, 178.0, 40.0] {
        let page = read(&photo(&card, Scene { roll, ..scene() }));
        assert_eq!(page.mrz.as_ref().map(|mrz| mrz.lines.clone()).unwrap_or_default(), zone(&card), "{roll}");
    }
}

#[test]
fn what_is_no_document_says_nothing() {
    let path =
        store().path("photo-no-face").expect("run `cargo xtask test`, which fetches models and photos");
    let page = read(&app().photo(&path).unwrap());
    assert!(page.fields.is_empty() && page.mrz.is_none() && page.template.is_none());
    let refused = [PageFault::DocumentNotFound, PageFault::NotSupported];
    assert!(refused.iter().any(|fault| page.faults.contains(fault)), "{:?}", page.faults);
}

#[test]
fn a_blurred_photo_is_read_or_says_that_it_is_blurred() {
    let passport = drawn(Layout::Passport, 12);
    let page = read(&photo(&passport, Scene { blur: 6.0, ..scene() }));
    let read = page.mrz.as_ref().is_some_and(|mrz| mrz.lines == zone(&passport));
    assert!(read || page.faults.contains(&PageFault::Blur), "{:?}", page.faults);
}

#[test]
fn no_size_of_picture_breaks_the_reader() {
    for (width, height) in [(1, 1), (1, 40), (40, 1), (33, 31), (640, 2), (3, 500)] {
        let frame = Frame::from_rgb(width, height, vec![120; (width * height * 3) as usize], 0).unwrap();
        assert!(read(&frame).fields.is_empty(), "{width} x {height}");
    }
}
