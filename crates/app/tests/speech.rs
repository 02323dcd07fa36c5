//! Spoken tokens, heard by the models: digits of the asset group `test`, one after the other, and what is no token.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::sync::OnceLock;

use app::App;
use assets::{Fetch, Store};
use domain::{MinimumPrecision, SpeechOutcome, SpeechPolicy, SpeechSignal, SpokenLanguage, SpokenToken};

fn app() -> &'static App {
    static APP: OnceLock<App> = OnceLock::new();
    APP.get_or_init(|| {
        let store = Store::open(None, Fetch::Offline).unwrap();
        App::open(&store, 1).expect("run `cargo xtask test`, which fetches models and sounds")
    })
}

/// A test sound, which has 8 bits and 8,000 samples a second, with 16,000 a second.
fn word(name: &str) -> Vec<i16> {
    let store = Store::open(None, Fetch::Offline).unwrap();
    let path = store.path(name).expect("run `cargo xtask test`, which fetches models and sounds");
    let bytes = std::fs::read(path).unwrap();
    let at = bytes.windows(4).position(|four| four == b"data").unwrap();
    let samples: Vec<i16> = bytes[at + 8..].iter().map(|byte| (i16::from(*byte) - 128) * 256).collect();
    samples.windows(2).flat_map(|pair| [pair[0], pair[0] / 2 + pair[1] / 2]).collect()
}

/// The digits, with a quarter of a second before each.
fn four_seven_two_nine() -> Vec<i16> {
    let words = ["sound-four", "sound-seven", "sound-two", "sound-nine"];
    words.into_iter().flat_map(|name| [vec![0; 4000], word(name)].concat()).collect()
}

fn heard(pcm: &[i16], token: &str) -> (SpeechOutcome, SpeechSignal) {
    let token = SpokenToken::parse(token, SpokenLanguage::English).unwrap();
    let signal = app().listener().unwrap().listen(pcm, &token).unwrap();
    (SpeechPolicy::STANDARD.judge(&signal, MinimumPrecision::Medium).outcome, signal)
}

#[test]
fn a_token_is_heard_and_others_are_not() {
    let pcm = four_seven_two_nine();
    for (token, expected) in [
        ("4729", SpeechOutcome::Match),
        // One digit is another, and one is missing.
        ("4719", SpeechOutcome::OtherToken),
        ("472", SpeechOutcome::OtherToken),
    ] {
        let (outcome, signal) = heard(&pcm, token);
        assert_eq!(outcome, expected, "{token}: {signal:?}");
    }
    let (outcome, signal) = heard(&pcm, "green river");
    assert_eq!(outcome, SpeechOutcome::OtherToken, "{signal:?}");
}

#[test]
fn silence_and_noise_are_told_apart_from_another_token() {
    let (outcome, signal) = heard(&vec![0; 32_000], "4729");
    assert_eq!((outcome, signal.score), (SpeechOutcome::Silence, None));
    let mut state = 1_u32;
    let noise: Vec<i16> = (0..32_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 18) as i16) - 8192
        })
        .collect();
    let (outcome, signal) = heard(&noise, "4729");
    assert_eq!(outcome, SpeechOutcome::Noise, "{signal:?}");
}
