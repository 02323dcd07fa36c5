//! The engine on real photos: those of the asset group `test`, which `cargo xtask test` fetches.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::PathBuf;
use std::sync::OnceLock;

use app::{App, AppError};
use assets::{Fetch, Store};
use domain::{Blind, Decision, LivenessSignal};
use engine::face::{Face, Search};
use engine::geometry::Rect;
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

fn path(photo: &str) -> PathBuf {
    store().path(photo).expect("run `cargo xtask test`, which fetches models and photos")
}

fn photo(name: &str) -> Frame {
    app().photo(&path(name)).unwrap()
}

fn faces(name: &str) -> Vec<Face> {
    app().engine().detect(&photo(name), Search::All).unwrap()
}

fn similarity(probe: &Frame, reference: &Frame) -> f32 {
    let engine = app().engine();
    let [probe, reference] = [probe, reference].map(|frame| {
        let face = engine.main_face(frame).unwrap().unwrap();
        engine.template(frame, &face.landmarks).unwrap()
    });
    engine.compare(&probe, &reference).unwrap().similarity.get()
}

/// `frame` turned clockwise by a quarter as often as said.
fn turned(frame: &Frame, quarters: u32) -> Frame {
    let (width, height) = (frame.width(), frame.height());
    let (new_width, new_height) = if quarters % 2 == 1 { (height, width) } else { (width, height) };
    let rgb = (0..new_height)
        .flat_map(|y| (0..new_width).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            let (from_x, from_y) = match quarters % 4 {
                0 => (x, y),
                1 => (y, height - 1 - x),
                2 => (width - 1 - x, height - 1 - y),
                _ => (width - 1 - y, x),
            };
            frame.pixel(from_x, from_y).unwrap()
        })
        .collect();
    Frame::from_rgb(new_width, new_height, rgb, 0).unwrap()
}

/// The part of `frame` in `bounds`, as far as there is one.
fn part(frame: &Frame, bounds: Rect) -> Frame {
    let clamp = |value: f32, limit: u32| value.clamp(0.0, limit as f32) as u32;
    let (left, right) = (clamp(bounds.x, frame.width()), clamp(bounds.x + bounds.width, frame.width()));
    let (top, bottom) = (clamp(bounds.y, frame.height()), clamp(bounds.y + bounds.height, frame.height()));
    let rgb =
        (top..bottom).flat_map(|y| (left..right).flat_map(move |x| frame.pixel(x, y).unwrap())).collect();
    Frame::from_rgb(right - left, bottom - top, rgb, 0).unwrap()
}

/// Half the size, by means of four.
fn halved(frame: &Frame) -> Frame {
    let (width, height) = (frame.width() / 2, frame.height() / 2);
    let rgb = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            let four =
                [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| frame.pixel(2 * x + dx, 2 * y + dy).unwrap());
            [0, 1, 2]
                .map(|channel| (four.iter().map(|pixel| u32::from(pixel[channel])).sum::<u32>() / 4) as u8)
        })
        .collect();
    Frame::from_rgb(width, height, rgb, 0).unwrap()
}

#[test]
fn one_person_is_alike_and_two_are_not() {
    let (a, b) = (photo("photo-person-a-1"), photo("photo-person-b-1"));
    assert!(similarity(&a, &photo("photo-person-a-2")) >= 0.65);
    assert!(similarity(&b, &photo("photo-person-b-2")) >= 0.65);
    assert!(similarity(&photo("photo-obama"), &photo("photo-obama2")) >= 0.65);
    assert!(similarity(&photo("photo-obama"), &photo("photo-impostor-1")) >= 0.65);
    for other in ["photo-impostor-1", "photo-impostor-2", "photo-person-b-2", "photo-biden"] {
        assert!(similarity(&a, &photo(other)) < 0.65, "{other}");
    }
}

#[test]
fn a_group_has_several_faces_and_a_landscape_none() {
    assert_eq!(faces("photo-no-face"), []);
    assert!(faces("photo-group-4").len() >= 2);
    assert!(faces("photo-profile").len() >= 3);
    assert_eq!(faces("photo-obama").len(), 1);
    assert!(!faces("photo-32bit-png").is_empty());
}

#[test]
fn a_turned_photo_gives_the_same_template() {
    let upright = photo("photo-person-a-2");
    for quarters in 1..4 {
        let similarity = similarity(&turned(&upright, quarters), &upright);
        assert!(similarity > 0.95, "{quarters} quarters: {similarity}");
    }
}

#[test]
fn a_turned_photo_has_its_eyes_where_the_turn_puts_them() {
    let upright = photo("photo-obama");
    let before = app().engine().main_face(&upright).unwrap().unwrap();
    let after = app().engine().main_face(&turned(&upright, 2)).unwrap().unwrap();
    let (width, height) = (upright.width() as f32, upright.height() as f32);
    let eye = after.landmarks.right_eye;
    let back = (width - 1.0 - eye.x, height - 1.0 - eye.y);
    let expected = before.landmarks.right_eye;
    let off = (back.0 - expected.x).hypot(back.1 - expected.y);
    assert!(off < before.landmarks.eye_distance() * 0.1, "{off}");
}

#[test]
fn a_small_face_in_a_large_photo_is_found() {
    let mut face = photo("photo-obama");
    while app().engine().main_face(&face).unwrap().unwrap().bounds.height > 80.0 {
        face = halved(&face);
    }
    let found = app().engine().main_face(&face).unwrap().unwrap().bounds;
    assert!((30.0..=80.0).contains(&found.height));
    // 12 MP of noise-free grey with the small photo in a corner.
    let (width, height) = (4000, 3000);
    let mut rgb = vec![120; width * height * 3];
    for y in 0..face.height() {
        for x in 0..face.width() {
            let start = ((y as usize + 2500) * width + x as usize + 3300) * 3;
            rgb[start..start + 3].copy_from_slice(&face.pixel(x, y).unwrap());
        }
    }
    let large = Frame::from_rgb(width as u32, height as u32, rgb, 0).unwrap();
    let again = app().engine().main_face(&large).unwrap().unwrap().bounds;
    assert!((again.x - 3300.0 - found.x).abs() < 10.0 && (again.y - 2500.0 - found.y).abs() < 10.0);
}

#[test]
fn a_face_that_fills_the_frame_is_found() {
    let whole = photo("photo-person-a-2");
    let bounds = app().engine().main_face(&whole).unwrap().unwrap().bounds;
    let tight = part(&whole, bounds);
    assert!(similarity(&tight, &whole) > 0.8);
}

#[test]
fn liveness_is_not_guessed_without_surroundings() {
    let whole = photo("photo-person-b-2");
    let face = app().engine().main_face(&whole).unwrap().unwrap();
    assert!(matches!(
        app().engine().liveness(&whole, &face).unwrap(),
        LivenessSignal::Scored { score } if score > 0.7
    ));
    let tight = part(&whole, face.bounds);
    let face = app().engine().main_face(&tight).unwrap().unwrap();
    assert_eq!(
        app().engine().liveness(&tight, &face).unwrap(),
        LivenessSignal::CouldNotTell { blind: Blind::NoSurroundings }
    );
}

#[test]
fn quality_tells_a_good_photo_from_bad_ones() {
    let quality = |frame: &Frame| app().engine().acquire(frame).unwrap().front.unwrap().quality;
    let whole = photo("photo-person-a-2");
    let good = quality(&whole);
    assert!(good.sharpness > 60 && good.exposure > 60 && good.size > 90 && good.pose > 60, "{good:?}");
    assert!(good.occlusion > 60 && good.eyes.unwrap() > 60 && good.single_face == 100, "{good:?}");

    let dark = whole.rgb().iter().map(|value| value / 12).collect();
    let dark = quality(&Frame::from_rgb(whole.width(), whole.height(), dark, 0).unwrap());
    assert!(dark.exposure < 30 && dark.luminance < 40, "{dark:?}");

    let mut small = whole.clone();
    while quality(&small).size == 100 {
        small = halved(&small);
    }
    assert!(quality(&small).size < good.size);

    let face = app().engine().main_face(&whole).unwrap().unwrap();
    let mouth = face.landmarks.right_mouth.y;
    let masked: Vec<u8> = (0..whole.height())
        .flat_map(|y| (0..whole.width()).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            let inside = (face.bounds.x..face.bounds.x + face.bounds.width).contains(&(x as f32))
                && (face.landmarks.nose.y..mouth + face.bounds.height * 0.3).contains(&(y as f32));
            if inside { [130, 180, 220] } else { whole.pixel(x, y).unwrap() }
        })
        .collect();
    let masked = Frame::from_rgb(whole.width(), whole.height(), masked, 0).unwrap();
    if let Some(front) = app().engine().acquire(&masked).unwrap().front {
        assert!(front.quality.occlusion < 50, "{:?}", front.quality);
    }
}

#[test]
fn a_verification_decides_from_files() {
    let verify = |reference: &str, selfie: &str| app().verify(&path(reference), &path(selfie)).unwrap();
    let same = verify("photo-person-b-1", "photo-person-b-2");
    assert_eq!(same.assessment.decision, Some(Decision::Allow), "{:?}", same.assessment);
    assert_eq!(same.fmr_at_threshold.map(|fmr| format!("{fmr}")), Some("1e-4".to_owned()));
    let other = verify("photo-person-b-1", "photo-impostor-2");
    assert_eq!(other.assessment.decision, Some(Decision::Deny));
    let nobody = verify("photo-person-b-1", "photo-no-face");
    assert_eq!((nobody.assessment.decision, nobody.similarity), (None, None));
    let copy = verify("photo-person-b-2", "photo-person-b-2");
    assert_eq!(copy.assessment.decision, Some(Decision::Challenge));
}

#[test]
fn a_broken_photo_says_which_and_why() {
    let broken = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(broken.path(), b"no picture").unwrap();
    let error = app().verify(broken.path(), &path("photo-obama")).unwrap_err();
    assert!(matches!(error, AppError::Photo { .. }));
    assert!(error.to_string().contains("JPEG"), "{error}");
}

#[test]
fn threads_do_not_change_an_embedding() {
    let frame = photo("photo-obama");
    let face = app().engine().main_face(&frame).unwrap().unwrap();
    let alone = app().engine().template(&frame, &face.landmarks).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                assert_eq!(app().engine().template(&frame, &face.landmarks).unwrap(), alone);
            });
        }
    });
}

#[test]
fn a_frame_of_a_capture_is_observed() {
    use engine::presence::{Depth, guide, has_moved};
    let engine = app().engine();
    let frame = photo("photo-person-a-1");
    let glance = engine.observe(&frame, Depth::Glance).unwrap();
    let front = glance.front.as_ref().unwrap();
    assert_eq!((glance.width, glance.height), (frame.width(), frame.height()));
    assert!(front.liveness.is_none() && front.template.is_none());
    assert!(front.yaw_degrees.abs() < 30.0 && front.skin.nose.is_some(), "{front:?}");
    assert!(!domain::Movement::ALL.into_iter().any(|movement| has_moved(movement, &glance, &glance)));

    let close = engine.observe(&frame, Depth::Close).unwrap();
    let seen = close.front.as_ref().unwrap();
    assert!(seen.liveness.is_some() && seen.template.is_some());
    assert_eq!((seen.points, &close.fingerprint), (front.points, &glance.fingerprint));

    let nobody = Frame::from_rgb(320, 240, vec![90; 320 * 240 * 3], 0).unwrap();
    assert_eq!(guide(&engine.observe(&nobody, Depth::Close).unwrap()), domain::Guidance::NoFace);
}
