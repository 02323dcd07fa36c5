//! Whether it is one person from the first frame to the last, without a cut.

use domain::ContinuitySignal;

use super::observe::Front;
use super::statistics::finite;
use super::take::{Seen, StepTaken, Take};
use crate::face::compare::Template;

/// A second face of more than half the size of the first one counts.
const ALONE: f32 = 0.5;
/// Mean luma, 0..255, of faces that are well lit enough.
const LUMA: (f32, f32) = (30.0, 230.0);
/// How far a face may be from where it was: in widths of its box, at once and in each second.
const STEP: (f32, f32) = (0.3, 3.0);
/// How much larger or smaller it may be, as a logarithm, at once and in each second.
const GROWTH: (f32, f32) = (0.25, 1.5);
/// After so long without a frame, in seconds, anywhere is possible: the gap itself is told elsewhere.
const LONGEST_S: f32 = 1.0;
/// Templates are compared up to this pose, in degrees of yaw and pitch: beyond, one person's faces differ too.
const COMPARED_UP_TO_DEGREES: f32 = 30.0;
/// Key frames that are compared at most: more than the server looks at closely in a capture.
const MOST_COMPARED: usize = 64;

/// Counts what breaks the capture. `None` without frames.
pub(crate) fn measure(take: &Take) -> Option<ContinuitySignal> {
    let mut signal = ContinuitySignal {
        frames: 0,
        without_face: 0,
        several_faces: 0,
        badly_lit: 0,
        jumps: 0,
        compared: 0,
        compared_steps: 0,
        lowest_cosine: None,
    };
    let mut last: Option<(&Seen, &Front)> = None;
    for seen in take.frames() {
        signal.frames += 1;
        let Some(front) = &seen.observation.front else {
            signal.without_face += 1;
            continue;
        };
        signal.several_faces += u32::from(front.aloneness.is_nan() || front.aloneness < ALONE);
        signal.badly_lit += u32::from(!(LUMA.0..=LUMA.1).contains(&front.luma));
        if let Some((before, was)) = last {
            let seconds = seen.captured_us.saturating_sub(before.captured_us) as f32 / 1e6;
            signal.jumps += u32::from(is_jump(was, front, seconds));
        }
        last = Some((seen, front));
    }
    let templates: Vec<&Template> = take.frames().filter_map(comparable).take(MOST_COMPARED).collect();
    signal.compared = templates.len() as u32;
    let is_compared = |step: &&StepTaken| step.frames.iter().any(|seen| comparable(seen).is_some());
    signal.compared_steps = take.steps.iter().filter(is_compared).count() as u32;
    signal.lowest_cosine = lowest_cosine(&templates);
    (signal.frames > 0).then_some(signal)
}

/// The template of a face that looks straight enough to be compared; `None` where it does not, or none was made.
fn comparable(seen: &Seen) -> Option<&Template> {
    let front = seen.observation.front.as_ref()?;
    let is_straight = front.yaw_degrees.abs() <= COMPARED_UP_TO_DEGREES
        && front.pitch_degrees.abs() <= COMPARED_UP_TO_DEGREES;
    front.template.as_ref().filter(|_| is_straight)
}

/// Whether a face cannot have come from `was` to `now` in the time between.
fn is_jump(was: &Front, now: &Front, seconds: f32) -> bool {
    if seconds > LONGEST_S {
        return false;
    }
    let width = was.bounds.width.max(now.bounds.width).max(1.0);
    let step = was.bounds.centre().distance(now.bounds.centre()) / width;
    let growth = (now.size_px() / was.size_px()).ln().abs();
    // What is no number is no place to have come to.
    !(step <= STEP.0 + STEP.1 * seconds && growth <= GROWTH.0 + GROWTH.1 * seconds)
}

/// The lowest cosine with the template that is nearest to all; templates of another model are as far as can be.
fn lowest_cosine(templates: &[&Template]) -> Option<f32> {
    let cosine = |a: &Template, b: &Template| {
        if a.ids == b.ids { finite(f64::from(a.embedding.cosine(&b.embedding))) } else { -1.0 }
    };
    let middle = templates.iter().max_by(|a, b| {
        let nearness = |one: &Template| templates.iter().map(|other| cosine(one, other)).sum::<f32>();
        nearness(a).total_cmp(&nearness(b))
    })?;
    let others = templates.iter().filter(|other| !std::ptr::eq(**other, *middle));
    others.map(|other| cosine(middle, other)).min_by(f32::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presence::testing::{Head, still_take, take_of, template};

    #[test]
    fn a_person_who_moves_does_not_jump() {
        let come = |ms: f32| Head { near: 1.0 + ms.max(0.0) / 4_000.0, ..Head::STRAIGHT };
        let signal = measure(&take_of(domain::Movement::ComeCloser, come)).unwrap();
        assert_eq!((signal.jumps, signal.without_face, signal.several_faces, signal.badly_lit), (0, 0, 0, 0));
        assert_eq!((signal.compared, signal.lowest_cosine), (0, None));
    }

    #[test]
    fn a_cut_a_lost_face_and_another_person_are_counted() {
        let mut take = still_take(20);
        for (index, seen) in take.before.iter_mut().enumerate() {
            let front = seen.observation.front.as_mut().unwrap();
            front.bounds.x += if index >= 10 { 120.0 } else { 0.0 };
            front.luma = if index == 3 { 10.0 } else { front.luma };
            front.aloneness = if index == 4 { 0.1 } else { 1.0 };
            front.template = Some(if index == 12 { template(0.3, 1.0) } else { template(1.0, 0.0) });
        }
        take.before[6].observation.front = None;
        let signal = measure(&take).unwrap();
        assert_eq!((signal.frames, signal.jumps, signal.without_face), (20, 1, 1));
        assert_eq!((signal.badly_lit, signal.several_faces, signal.compared), (1, 1, 19));
        assert!((signal.lowest_cosine.unwrap() - 0.287).abs() < 0.01, "{signal:?}");
    }

    #[test]
    fn nothing_has_no_signal() {
        assert_eq!(measure(&still_take(0)), None);
    }
}
