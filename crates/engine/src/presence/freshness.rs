//! Whether the frames were made now, by a camera, for this capture.

use std::collections::HashSet;

use domain::FreshnessSignal;

use super::observe::Fingerprint;
use super::statistics::{Line, finite, median};
use super::take::{CameraClaims, Seen, Take};

/// Grain that differs by less than this in the mean, in levels of 255, is the same.
const SAME_GRAIN: f32 = 0.05;
/// Weaker grain than this, in levels of 255, is none: nothing can be told from it.
const LEAST_GRAIN: f32 = 0.3;
/// Frames this far apart, in us, are no neighbours.
const LOOP_US: u64 = 1_000_000;
/// Frames that are compared with each other at most.
const MOST_COMPARED: usize = 300;
/// The clocks are compared from this long on, in ms.
const LEAST_SPAN_MS: u64 = 2_000;
/// Intervals behind a spread.
const LEAST_INTERVALS: usize = 10;
/// How much more frames than the camera gives are still its own: a page's figure is rounded.
const RATE_MARGIN: f64 = 1.3;

/// Measures clock, repetition and claims. `None` without frames.
pub(super) fn measure(take: &Take) -> Option<FreshnessSignal> {
    let frames: Vec<&Seen> = take.frames().collect();
    let first = frames.first()?;
    let steps = || frames.windows(2).map(|pair| (pair[0], pair[1]));
    let intervals: Vec<f64> = steps()
        .filter(|(a, b)| b.captured_us > a.captured_us)
        .map(|(a, b)| (b.captured_us - a.captured_us) as f64 / 1000.0)
        .collect();
    let changes: Vec<f32> =
        steps().map(|(a, b)| difference(&a.observation.fingerprint, &b.observation.fingerprint)).collect();
    let frozen = steps()
        .zip(&changes)
        .filter(|((a, b), change)| a.digest == b.digest || (**change < SAME_GRAIN && has_grain(b)));
    let grain = frames.iter().map(|seen| strength(&seen.observation.fingerprint)).sum::<f32>();
    let rate = rate(&frames);
    let is_shaped_otherwise = |seen: &&&Seen| {
        (seen.observation.width, seen.observation.height)
            != (first.observation.width, first.observation.height)
    };
    Some(FreshnessSignal {
        frames: frames.len() as u32,
        repeated: repeated(&frames),
        recycled: u32::try_from(take.recycled).unwrap_or(u32::MAX),
        frozen: frozen.count() as u32,
        looped: looped(&frames),
        grain_change: finite(f64::from(changes.iter().sum::<f32>() / changes.len().max(1) as f32)),
        grain: finite(f64::from(grain / frames.len() as f32)),
        clock_rate: clock_rate(&frames),
        jitter_ms: spread(&intervals),
        longest_gap_ms: intervals.iter().copied().fold(0.0, f64::max).min(f64::from(u32::MAX)) as u32,
        delay_ms: delay_ms(take),
        out_of_order: steps()
            .filter(|(a, b)| b.sequence <= a.sequence || b.captured_us <= a.captured_us)
            .count() as u32,
        virtual_camera: is_virtual(&take.camera.label),
        automation: take.camera.automation,
        other_size: frames.iter().any(|seen| is_shaped_otherwise(&seen))
            || contradicts(&take.camera, first.observation.width, first.observation.height),
        other_rate: rate.is_some_and(|rate| {
            let claimed = f64::from(take.camera.frame_rate);
            claimed > 0.0 && rate > claimed * RATE_MARGIN
        }),
    })
}

/// Mean difference of two grains, in levels of 255; that of no grain for such as are not of one length.
fn difference(a: &Fingerprint, b: &Fingerprint) -> f32 {
    if a.0.len() != b.0.len() || a.0.is_empty() {
        return f32::from(u8::MAX);
    }
    let sum: u32 = a.0.iter().zip(&b.0).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    sum as f32 / a.0.len() as f32
}

fn strength(fingerprint: &Fingerprint) -> f32 {
    let sum: u32 = fingerprint.0.iter().map(|value| u32::from(value.unsigned_abs())).sum();
    sum as f32 / fingerprint.0.len().max(1) as f32
}

fn has_grain(seen: &Seen) -> bool {
    strength(&seen.observation.fingerprint) >= LEAST_GRAIN
}

/// Frames that are one that came before, other than the last one: a camera slower than the page gives those twice.
fn repeated(frames: &[&Seen]) -> u32 {
    let mut known = HashSet::new();
    let mut repeated = 0;
    for pair in frames.windows(2) {
        known.insert(pair[0].digest);
        repeated += u32::from(pair[1].digest != pair[0].digest && known.contains(&pair[1].digest));
    }
    repeated
}

/// Frames whose grain is that of one at least a second before, while something in between was different.
fn looped(frames: &[&Seen]) -> u32 {
    let frames = &frames[..frames.len().min(MOST_COMPARED)];
    let same =
        |a: &Seen, b: &Seen| difference(&a.observation.fingerprint, &b.observation.fingerprint) < SAME_GRAIN;
    let is_again = |index: usize| {
        let now = frames[index];
        let moved_between = index > 0 && !same(frames[index - 1], now);
        moved_between
            && has_grain(now)
            && frames[..index].iter().any(|before| {
                now.captured_us.saturating_sub(before.captured_us) >= LOOP_US && same(before, now)
            })
    };
    (0..frames.len()).filter(|index| is_again(*index)).count() as u32
}

/// The slope of the camera's time over the server's.
fn clock_rate(frames: &[&Seen]) -> Option<f32> {
    let (first, last) = (frames.first()?, frames.last()?);
    let times: Vec<_> = frames
        .iter()
        .map(|seen| {
            let since = |from: u64, to: u64| to as f64 - from as f64;
            (
                since(first.received_ms, seen.received_ms),
                since(first.captured_us, seen.captured_us) / 1000.0,
                0,
            )
        })
        .collect();
    let span_ms = last
        .received_ms
        .saturating_sub(first.received_ms)
        .max(last.captured_us.saturating_sub(first.captured_us) / 1000);
    if span_ms < LEAST_SPAN_MS {
        return None;
    }
    // All at once is as far from a camera's pace as can be.
    Some(Line::fit(&times).map_or(0.0, |line| finite(line.slope.clamp(-100.0, 100.0))))
}

/// How much longer frames of the steps were on their way than those of the preview, in the middle.
fn delay_ms(take: &Take) -> Option<i64> {
    let on_the_way = |seen: &Seen| seen.received_ms as f64 - seen.captured_us as f64 / 1000.0;
    let before = median(take.before.iter().map(on_the_way))?;
    let steps = median(take.steps.iter().flat_map(|step| &step.frames).map(on_the_way))?;
    Some((steps - before).round() as i64)
}

/// Frames a second by the camera's clock.
fn rate(frames: &[&Seen]) -> Option<f64> {
    let (first, last) = (frames.first()?, frames.last()?);
    let seconds = last.captured_us.checked_sub(first.captured_us)? as f64 / 1e6;
    (seconds >= 1.0).then(|| (frames.len() - 1) as f64 / seconds)
}

/// Standard deviation of intervals.
fn spread(intervals: &[f64]) -> Option<f32> {
    let count = intervals.len() as f64;
    let mean = intervals.iter().sum::<f64>() / count;
    let square = intervals.iter().map(|interval| (interval - mean).powi(2)).sum::<f64>() / count;
    (intervals.len() >= LEAST_INTERVALS).then(|| finite(square.sqrt()))
}

/// Words in the names of cameras that are programs, in lower case: what their makers call them in the lists of browsers.
const PROGRAMS: [&str; 16] = [
    "virtual",
    "obs",
    "manycam",
    "xsplit",
    "splitcam",
    "snap camera",
    "vcam",
    "dummy",
    "loopback",
    "fake",
    "avatarify",
    "deepfacelive",
    "webcamoid",
    "mmhmm",
    "youcam",
    "screen capture",
];

/// Whether a camera's name holds one of [`PROGRAMS`] where a word begins.
fn is_virtual(label: &str) -> bool {
    let label = label.to_lowercase();
    PROGRAMS.iter().any(|program| {
        label.match_indices(program).any(|(at, _)| {
            let before = label[..at].chars().next_back();
            before.is_none_or(|before| !before.is_alphanumeric())
        })
    })
}

/// Whether frames of this size cannot be of the camera that the page told of: larger, or of another shape. A page may
/// scale down, and a phone may turn.
fn contradicts(camera: &CameraClaims, width: u32, height: u32) -> bool {
    if camera.width == 0 || camera.height == 0 {
        return false;
    }
    let sorted = |a: u32, b: u32| (a.max(b), a.min(b));
    let ((long, short), (told_long, told_short)) =
        (sorted(width, height), sorted(camera.width, camera.height));
    let shape = |long: u32, short: u32| f64::from(long) / f64::from(short.max(1));
    long > told_long
        || short > told_short
        || (shape(long, short) / shape(told_long, told_short)).ln().abs() > 0.05
}

#[cfg(test)]
mod tests {
    use domain::Movement;

    use super::*;
    use crate::presence::testing::{Head, grain, still_take, take_of};

    #[test]
    fn a_camera_is_fresh() {
        let signal = measure(&still_take(60)).unwrap();
        assert_eq!((signal.repeated, signal.frozen, signal.looped, signal.out_of_order), (0, 0, 0, 0));
        assert!((signal.clock_rate.unwrap() - 1.0).abs() < 0.02, "{signal:?}");
        assert!(signal.jitter_ms.unwrap() > 0.1 && signal.longest_gap_ms < 100, "{signal:?}");
        assert!(!(signal.virtual_camera || signal.automation || signal.other_size || signal.other_rate));
        assert_eq!(measure(&still_take(0)), None);
    }

    #[test]
    fn a_frozen_picture_and_a_loop_are_seen() {
        let mut frozen = still_take(40);
        for seen in &mut frozen.before {
            seen.observation.fingerprint = grain(7);
        }
        assert_eq!(measure(&frozen).unwrap().frozen, 39);

        let mut looped = still_take(40);
        for index in 20..40 {
            let earlier = looped.before[index - 20].clone();
            looped.before[index].observation.fingerprint = earlier.observation.fingerprint;
            looped.before[index].digest = earlier.digest;
        }
        let signal = measure(&looped).unwrap();
        assert_eq!((signal.looped, signal.repeated, signal.frozen), (20, 20, 0));
    }

    #[test]
    fn a_slow_camera_that_gives_frames_twice_repeats_nothing() {
        let mut slow = still_take(40);
        for index in (1..40).step_by(2) {
            let earlier = slow.before[index - 1].clone();
            slow.before[index].observation.fingerprint = earlier.observation.fingerprint;
            slow.before[index].digest = earlier.digest;
        }
        let signal = measure(&slow).unwrap();
        assert_eq!((signal.repeated, signal.looped, signal.frozen), (0, 0, 20));
    }

    #[test]
    fn frames_that_are_sent_late_are_told() {
        let prompt = take_of(Movement::TurnLeft, |_| Head::STRAIGHT);
        assert!(measure(&prompt).unwrap().delay_ms.unwrap().abs() < 30);
        let mut late = prompt;
        for seen in late.steps.iter_mut().flat_map(|step| &mut step.frames) {
            seen.received_ms += 1_300;
        }
        let delay_ms = measure(&late).unwrap().delay_ms.unwrap();
        assert!((1_270..1_330).contains(&delay_ms), "{delay_ms}");
        assert_eq!(measure(&still_take(20)).unwrap().delay_ms, None);
    }

    #[test]
    fn clocks_that_disagree_are_told() {
        let mut fast = still_take(60);
        for seen in &mut fast.before {
            seen.received_ms /= 2;
        }
        assert!(measure(&fast).unwrap().clock_rate.unwrap() > 1.8);
        for seen in &mut fast.before {
            seen.received_ms = 5;
        }
        assert_eq!(measure(&fast).unwrap().clock_rate, Some(0.0));
        let mut even = still_take(60);
        for (index, seen) in even.before.iter_mut().enumerate() {
            seen.captured_us = 66_667 * index as u64;
        }
        assert!(measure(&even).unwrap().jitter_ms.unwrap() < 1e-3);
        even.before[30].captured_us = 0;
        assert_eq!(measure(&even).unwrap().out_of_order, 1);
    }

    #[test]
    fn names_of_programs_are_known_and_cameras_are_not_mistaken() {
        for program in [
            "OBS Virtual Camera",
            "ManyCam Video",
            "fake_device_0",
            "Dummy video device (0x0000)",
            "e2eSoft VCam",
        ] {
            assert!(is_virtual(program), "{program}");
        }
        for camera in [
            "",
            "Integrated Camera (04f2:b604)",
            "FaceTime HD Camera",
            "Logitech BRIO",
            "Jobs Cam",
            "camera2 1, facing front",
        ] {
            assert!(!is_virtual(camera), "{camera}");
        }
    }

    #[test]
    fn frames_of_another_shape_or_more_of_them_contradict_the_page() {
        let with = |width, height, frame_rate| {
            let camera = CameraClaims { width, height, frame_rate, ..CameraClaims::default() };
            let signal = measure(&Take { camera, ..still_take(40) }).unwrap();
            (signal.other_size, signal.other_rate)
        };
        assert_eq!(with(640, 480, 30.0), (false, false));
        assert_eq!(with(480, 640, 30.0), (false, false));
        assert_eq!(with(0, 0, 0.0), (false, false));
        assert_eq!(with(1280, 720, 30.0), (true, false));
        assert_eq!(with(320, 240, 5.0), (true, true));
    }
}
