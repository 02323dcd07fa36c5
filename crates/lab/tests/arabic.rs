//! Arabic-Indic digits read with the real model: drawn here, stroke by stroke, so that no font is needed.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::sync::OnceLock;

use app::App;
use assets::{Fetch, Store};
use engine::document::text::{ArabicLine, Expected, TextBox};
use engine::geometry::Rect;
use media::Frame;

fn app() -> &'static App {
    static APP: OnceLock<App> = OnceLock::new();
    APP.get_or_init(|| {
        let store = Store::open(None, Fetch::Offline).unwrap();
        App::open(&store, 2).expect("run `cargo xtask test`, which fetches models and photos")
    })
}

fn read(frame: &Frame) -> ArabicLine {
    let whole = Rect { x: 0.0, y: 0.0, width: frame.width() as f32, height: frame.height() as f32 };
    app().documents().unwrap().arabic().read(frame, &TextBox::upright(whole), Expected::Anything).unwrap()
}

/// Corners of the strokes of a digit, in shares of its height.
fn strokes(digit: char) -> &'static [[f32; 2]] {
    match digit {
        '٠' => &[[0.24, 0.45], [0.31, 0.52], [0.24, 0.59], [0.17, 0.52], [0.24, 0.45], [0.31, 0.52]],
        '١' => &[[0.2, 0.0], [0.26, 0.35], [0.27, 1.0]],
        '٤' => &[[0.42, 0.05], [0.12, 0.28], [0.4, 0.48], [0.1, 0.76], [0.2, 0.95], [0.46, 0.92]],
        '٦' => &[[0.06, 0.06], [0.06, 0.2], [0.4, 0.16], [0.42, 1.0]],
        '٧' => &[[0.02, 0.0], [0.25, 1.0], [0.5, 0.0]],
        '٨' => &[[0.02, 1.0], [0.25, 0.0], [0.5, 1.0]],
        other => panic!("{other} is not drawn here"),
    }
}

fn distance(at: [f32; 2], from: [f32; 2], to: [f32; 2]) -> f32 {
    let (along, to_point) = ([to[0] - from[0], to[1] - from[1]], [at[0] - from[0], at[1] - from[1]]);
    let square = along[0] * along[0] + along[1] * along[1];
    let share = ((along[0] * to_point[0] + along[1] * to_point[1]) / square).clamp(0.0, 1.0);
    (to_point[0] - share * along[0]).hypot(to_point[1] - share * along[1])
}

/// `digits` in ink of the grey `ink` on paper of the grey `paper`, `height` pixels high.
fn drawn(digits: &str, height: f32, ink: u8, paper: u8) -> Frame {
    let pitch = 0.78;
    let (width, margin) = (digits.chars().count() as f32 * pitch, 0.3);
    let (columns, rows) = (((width + 2.0 * margin) * height) as u32, ((1.0 + 2.0 * margin) * height) as u32);
    let mut rgb = Vec::new();
    for y in 0..rows {
        for x in 0..columns {
            let at = [x as f32 / height - margin, y as f32 / height - margin];
            let nearest = digits.chars().enumerate().flat_map(|(place, digit)| {
                let left = place as f32 * pitch + 0.12;
                strokes(digit).windows(2).map(move |ends| {
                    let [from, to] = [ends[0], ends[1]].map(|end| [end[0] + left, end[1]]);
                    distance(at, from, to)
                })
            });
            let nearest = nearest.fold(f32::MAX, f32::min);
            // Half a pixel from ink to paper.
            let cover = ((0.06 - nearest) * height + 0.5).clamp(0.0, 1.0);
            let grey = f32::from(paper) + (f32::from(ink) - f32::from(paper)) * cover;
            rgb.extend([grey as u8; 3]);
        }
    }
    Frame::from_rgb(columns, rows, rgb, 0).unwrap()
}

#[test]
fn digits_that_are_drawn_are_read_from_left_to_right() {
    for height in [16.0, 32.0, 80.0] {
        let line = read(&drawn("١٧٨٤٠١٦", height, 30, 220));
        assert_eq!(line.line.text(), "١٧٨٤٠١٦", "{height} px");
        assert_eq!(line.digits(), "1784016");
        assert!(line.likelihood > 0.5 && line.likelihood <= 1.0, "{height} px: {}", line.likelihood);
    }
}

#[test]
fn light_digits_on_dark_ground_are_read() {
    assert_eq!(read(&drawn("٧٨١٦", 30.0, 235, 40)).digits(), "7816");
}

#[test]
fn where_nothing_stands_nothing_is_read() {
    let empty = Frame::from_rgb(200, 40, vec![180; 200 * 40 * 3], 0).unwrap();
    assert_eq!(read(&empty).line.text(), "");
}
