use proptest::prelude::*;
use rxing::pdf417::encoder::PDF417;

use super::*;

const TEXT: &str = "@\n\u{1e}\rANSI 636000100102DL00410278DLDAQT64235789\nDCSSAMPLE\nDDEN\nDACMICHAEL\nDDFN\nDADJOHN\n\
    DDGN\nDCAD\nDBD06062019\nDBB06061986\nDBA12102024\nDBC1\nDAU068 in\nDAYBRO\nDAG2300 WEST BROAD STREET\nDAIRICHMOND\n\
    DAJVA\nDAK232690000  \nDCF2424244747474786102204\nDCGUSA\r";

/// Modules of a row's height.
const TALL: f32 = 3.0;

/// The modules of a symbol of `columns` data columns, row after row from the top, `true` is dark.
fn modules(text: &str, columns: u32, level: u32) -> Vec<Vec<bool>> {
    let mut symbol = PDF417::new();
    symbol.setDimensions(columns, columns, 90, 3);
    symbol.generateBarcodeLogic(text, level).unwrap();
    // The encoder's rows begin at the bottom, four lines each.
    let mut rows = symbol.getBarcodeMatrix().as_ref().unwrap().getMatrix();
    rows.reverse();
    rows.iter().map(|row| row.iter().map(|module| *module == 1).collect()).collect()
}

/// How a symbol is pictured.
#[derive(Clone, Copy)]
struct Picture {
    degrees: f32,
    /// Pixels of a module.
    module: f32,
    /// Half width of a box blur, in pixels.
    blur: f32,
    /// Levels of noise.
    noise: f32,
    /// Share of the symbol's width that is hidden in its middle.
    hidden: f32,
}

const CLEAN: Picture = Picture { degrees: 0.0, module: 3.0, blur: 0.5, noise: 0.0, hidden: 0.0 };

fn draw(rows: &[Vec<bool>], picture: Picture) -> Frame {
    let (wide, tall) = (rows[0].len() as f32, rows.len() as f32 * TALL);
    let (sin, cos) = picture.degrees.to_radians().sin_cos();
    let (w, h) = ((wide + 12.0) * picture.module, (tall + 12.0) * picture.module);
    let width = (w * cos.abs() + h * sin.abs()) as u32 + 1;
    let height = (w * sin.abs() + h * cos.abs()) as u32 + 1;
    let dark = |x: f32, y: f32| {
        let (dx, dy) = (x - width as f32 / 2.0, y - height as f32 / 2.0);
        let u = (dx * cos + dy * sin) / picture.module + wide / 2.0;
        let v = (dy * cos - dx * sin) / picture.module + tall / 2.0;
        if u < 0.0 || v < 0.0 || (u / wide - 0.5).abs() < picture.hidden / 2.0 {
            return false;
        }
        let row = rows.get((v / TALL) as usize);
        row.and_then(|row| row.get(u as usize)).copied().unwrap_or(false)
    };
    let mut state = 1u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 16) as f32 / 65_535.0 - 0.5) * 2.0 * picture.noise
    };
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let mut sum = 0.0;
            for a in [-0.75f32, -0.25, 0.25, 0.75] {
                for b in [-0.75f32, -0.25, 0.25, 0.75] {
                    let at = (x as f32 + 0.5 + a * picture.blur, y as f32 + 0.5 + b * picture.blur);
                    sum += if dark(at.0, at.1) { 40.0 } else { 200.0 };
                }
            }
            rgb.extend([(sum / 16.0 + noise()).clamp(0.0, 255.0) as u8; 3]);
        }
    }
    Frame::from_rgb(width, height, rgb, 0).unwrap()
}

#[test]
fn a_clean_symbol_is_read_with_its_corners() {
    let rows = modules(TEXT, 10, 4);
    let frame = draw(&rows, CLEAN);
    let barcode = read(&frame).expect("read");
    assert_eq!(barcode.text, TEXT);
    assert_eq!(barcode.bytes, TEXT.as_bytes());
    assert_eq!(barcode.corrected, 0.0);
    let (wide, tall) = (rows[0].len() as f32 * 3.0, rows.len() as f32 * TALL * 3.0);
    let truth = [[18.0, 18.0], [18.0 + wide, 18.0], [18.0 + wide, 18.0 + tall], [18.0, 18.0 + tall]];
    for (corner, truth) in std::iter::zip(barcode.corners.iter().flatten(), truth.iter().flatten()) {
        assert!((corner - truth).abs() < 3.0, "{:?}", barcode.corners);
    }
    assert!(!format!("{barcode:?}").contains("SAMPLE"));
}

#[test]
fn a_symbol_is_read_at_any_angle() {
    let rows = modules(TEXT, 8, 4);
    for degrees in [-170.0, -90.0, -35.0, -12.0, 7.0, 22.0, 45.0, 90.0, 133.0, 180.0] {
        let barcode = read(&draw(&rows, Picture { degrees, module: 2.5, ..CLEAN }));
        assert_eq!(barcode.map(|barcode| barcode.text).as_deref(), Some(TEXT), "{degrees}");
    }
}

#[test]
fn blur_noise_and_small_modules_are_borne() {
    let rows = modules(TEXT, 12, 5);
    let picture = Picture { degrees: 8.0, module: 2.0, blur: 1.2, noise: 12.0, hidden: 0.0 };
    assert_eq!(read(&draw(&rows, picture)).map(|barcode| barcode.text).as_deref(), Some(TEXT));
    let picture = Picture { degrees: -4.0, module: 9.0, blur: 3.0, noise: 12.0, hidden: 0.0 };
    assert_eq!(read(&draw(&rows, picture)).map(|barcode| barcode.text).as_deref(), Some(TEXT));
}

#[test]
fn a_covered_stripe_is_corrected_and_a_wide_one_is_not_guessed() {
    let rows = modules(TEXT, 12, 5);
    let barcode = read(&draw(&rows, Picture { hidden: 0.06, ..CLEAN })).expect("read");
    assert_eq!(barcode.text, TEXT);
    assert!(barcode.corrected > 0.1, "{}", barcode.corrected);
    assert_eq!(read(&draw(&rows, Picture { hidden: 0.4, ..CLEAN })), None);
}

#[test]
fn a_picture_without_a_symbol_has_none() {
    for noise in [0.0, 60.0] {
        assert_eq!(read(&draw(&vec![vec![false; 100]; 30], Picture { noise, ..CLEAN })), None);
    }
    // Stripes are no start pattern.
    let stripes = vec![(0..200).map(|module| module % 2 == 0).collect(); 40];
    assert_eq!(read(&draw(&stripes, CLEAN)), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_picture_panics(
        (width, height) in (1..90u32, 1..60u32),
        seed in prop::collection::vec(any::<u8>(), 1..200),
    ) {
        let samples = (width * height * 3) as usize;
        let rgb: Vec<u8> = seed.iter().copied().cycle().take(samples).collect();
        let _ = read(&Frame::from_rgb(width, height, rgb, 0).unwrap());
    }
}
