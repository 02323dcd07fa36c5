//! What is drawn, without any model but where a photo of a person is needed.

use std::sync::Arc;

use assets::{Fetch, Store};
use domain::{Colour, Movement};
use engine::face::{Face, Landmarks};
use engine::geometry::{Point, Rect};
use media::{Frame, Limits};

use super::*;
use crate::presence::people::sitter;
use crate::presence::stage::{Screen, Shows};

/// A photo of 300 x 400 px with a grain everywhere, and the face that is said to be in it.
fn drawn() -> Arc<Sitter> {
    let grain = |place: u32| 90 + (place.wrapping_mul(2_654_435_761) >> 26) as u8;
    let rgb = (0..300 * 400).flat_map(|place| [grain(place), grain(place) - 20, grain(place) - 30]).collect();
    let photo = Frame::from_rgb(300, 400, rgb, 0).unwrap();
    let points = [(120.0, 150.0), (180.0, 150.0), (150.0, 185.0), (126.0, 218.0), (174.0, 218.0)];
    let landmarks = Landmarks::from_points(points.map(|(x, y)| Point::new(x, y)));
    let bounds = Rect { x: 95.0, y: 90.0, width: 110.0, height: 160.0 };
    Arc::new(Sitter::fit(&photo, &Face { bounds, landmarks, score: 1.0 }, 21.0).unwrap())
}

fn settings() -> Settings {
    let mut settings = Settings::draw(Half::Development, 4);
    (settings.sway, settings.reaction_ms, settings.move_ms) = (0.0, 300.0, 400.0);
    (settings.ambient_lux, settings.balance, settings.neutral, settings.skin) = (80.0, 0.0, 0.2, 1.0);
    (settings.screen_nits, settings.screen_mm2, settings.distance_mm) = (400.0, 60_000.0, 400.0);
    (settings.backdrop_mm, settings.adapts_ms) = (2_000.0, 1e6);
    settings
}

fn screen(shows: Shows, since_ms: u64) -> Screen {
    Screen { shows, since_ms, fade_ms: 0, nonce: [since_ms as u8; 16] }
}

fn casting(seed: u64) -> Casting {
    Casting {
        half: Half::Development,
        path: Path::Flashes,
        settings: settings(),
        seed,
        target: drawn(),
        other: drawn(),
    }
}

#[test]
fn one_species_is_held_out_of_development() {
    assert!(Species::of(Half::Development).all(|species| species != Species::HELD_OUT));
    assert_eq!(Species::of(Half::Development).count(), Species::ALL.len() - 1);
    assert!(Species::of(Half::Scored).eq(Species::ALL));
}

/// Mean green share of the frame's middle and of its left edge.
fn greens(rgb: &[u8]) -> (f32, f32) {
    let share = |left: usize, right: usize| {
        let (mut green, mut all) = (0.0, 0.0);
        for row in 200..280 {
            for pixel in rgb[(row * 640 + left) * 3..(row * 640 + right) * 3].chunks_exact(3) {
                green += f32::from(pixel[1]);
                all += pixel.iter().map(|sample| f32::from(*sample)).sum::<f32>();
            }
        }
        green / all
    };
    (share(300, 340), share(5, 60))
}

#[test]
fn a_colour_lights_the_face_and_hardly_what_is_behind() {
    let mut person = Person::new(settings(), 1, drawn());
    let before = greens(&person.picture(1_000, &screen(Shows::Neutral, 0)));
    for now_ms in [1_100, 1_200] {
        person.picture(now_ms, &screen(Shows::Colour(Colour::Green), 1_020));
    }
    let lit = greens(&person.picture(1_300, &screen(Shows::Colour(Colour::Green), 1_020)));
    let (face, behind) = (lit.0 - before.0, lit.1 - before.1);
    assert!(face > 0.03 && face > 3.0 * behind.abs(), "{face} {behind}");
}

#[test]
fn a_print_is_lit_all_over() {
    let (mut print, neutral) = (Species::StillPhoto.cast(casting(1)), screen(Shows::Neutral, 0));
    let mut rgb = |now_ms, screen: &Screen| {
        let jpeg = print.frame(now_ms, screen).unwrap().jpeg;
        media::decode(&jpeg, &Limits::default()).unwrap().into_rgb()
    };
    let before = rgb(1_000, &neutral);
    rgb(1_100, &screen(Shows::Colour(Colour::Green), 1_020));
    let lit = rgb(1_300, &screen(Shows::Colour(Colour::Green), 1_020));
    // The face, and the paper beside it.
    let share = |rgb: &[u8], column: usize| {
        let pixels: Vec<&[u8]> = (200..240)
            .flat_map(|row| rgb[(row * 640 + column - 8) * 3..(row * 640 + column + 8) * 3].chunks_exact(3))
            .collect();
        let green: f32 = pixels.iter().map(|pixel| f32::from(pixel[1])).sum();
        let all: f32 = pixels.iter().flat_map(|pixel| pixel.iter()).map(|sample| f32::from(*sample)).sum();
        green / all
    };
    let (face, beside) = (share(&lit, 320) - share(&before, 320), share(&lit, 220) - share(&before, 220));
    assert!(face > 0.03 && (face - beside).abs() < face / 3.0, "{face} {beside}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_every_species() {
    for species in Species::ALL {
        let frames = |seed| {
            let mut player = species.cast(casting(seed));
            [0, 400, 800]
                .map(|now_ms| player.frame(now_ms, &screen(Shows::Neutral, 0)).map(|shot| shot.jpeg).unwrap())
        };
        assert_eq!(frames(5), frames(5), "{species:?}");
        assert_ne!(frames(5), frames(6), "{species:?}");
    }
}

#[test]
fn on_a_display_a_puppet_heeds_the_prompt_and_a_recording_does_not() {
    let last = |species: Species, shows| {
        let mut player = species.cast(casting(5));
        player.frame(0, &screen(Shows::Neutral, 0)).unwrap();
        let asked = screen(shows, 100);
        [200, 1_800].map(|now_ms| player.frame(now_ms, &asked).unwrap().jpeg)
    };
    let heeds = |species| {
        let (asked, left_alone) =
            (last(species, Shows::Prompt(Movement::TurnLeft)), last(species, Shows::Rest));
        [asked[0] != left_alone[0], asked[1] != left_alone[1]]
    };
    assert_eq!(heeds(Species::ScreenReplay), [false, false]);
    // Not before it has had the time to see it.
    assert_eq!(heeds(Species::ScreenPuppet), [false, true]);
}

#[test]
fn a_frozen_session_repeats_itself_and_a_bona_fide_one_does_not() {
    let distinct = |species: Species, seed| {
        let mut player = species.cast(casting(seed));
        let frames: std::collections::BTreeSet<Vec<u8>> = (0..12)
            .map(|frame| {
                let shows = if frame < 2 { Shows::Neutral } else { Shows::Colour(Colour::White) };
                let screen = screen(shows, if frame < 2 { 0 } else { 200 + 300 * (frame / 4) });
                player.frame(frame * 100, &screen).unwrap().jpeg
            })
            .collect();
        frames.len()
    };
    // Some attackers send the very same bytes; others lay noise over them.
    let repeats = |species| (0..8).filter(|seed| distinct(species, *seed) < 12).count();
    assert_eq!(repeats(Species::BonaFide), 0);
    assert!((1..8).contains(&repeats(Species::FrozenFrame)));
}

#[test]
fn a_photo_of_a_person_turns_its_nose_more_than_its_eyes() {
    let store = Store::open(None, Fetch::Offline).unwrap();
    let app = app::App::open(&store, 1).unwrap();
    let photo = store.path("photo-obama").expect("run `cargo xtask test`, which fetches models and photos");
    let person = sitter(&app, &photo, 21.0).unwrap().expect("one face from the front");
    let mut player = Person::new(settings(), 3, Arc::new(person));
    let mut points = |now_ms, screen: &Screen| {
        let jpeg = player.frame(now_ms, screen).unwrap().jpeg;
        let frame = media::decode(&jpeg, &Limits::default()).unwrap();
        app.engine().main_face(&frame).unwrap().expect("a face").landmarks
    };
    let straight = points(0, &screen(Shows::Neutral, 0));
    let prompt = screen(Shows::Prompt(Movement::TurnLeft), 100);
    points(200, &prompt);
    let turned = points(1_500, &prompt);
    let eyes = |points: &Landmarks| points.right_eye.middle(points.left_eye).x;
    let (nose, eyes) = (turned.nose.x - straight.nose.x, eyes(&turned) - eyes(&straight));
    // The own left is the picture's right.
    assert!(eyes > 5.0 && nose > eyes + 5.0, "{nose} {eyes}");
}
