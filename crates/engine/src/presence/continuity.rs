//! Whether it is one person from the first frame to the last, without a cut.

use domain::{ContinuitySignal, Step};

use super::observe::Front;
use super::statistics::finite;
use super::take::{Seen, Take};
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
/// Templates among which the middle one is looked for, spread over the capture: all are compared with it.
const MOST_IN_THE_MIDDLE: usize = 64;

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
        compared_moves: 0,
        lowest_cosine: None,
        second_lowest_cosine: None,
        lowest_turned_cosine: None,
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
    for step in take.steps.iter().filter(|step| step.frames.iter().any(|seen| comparable(seen).is_some())) {
        signal.compared_steps += 1;
        signal.compared_moves += u32::from(matches!(step.step, Step::Move { .. }));
    }
    let templates: Vec<&Template> = take.frames().filter_map(comparable).collect();
    signal.compared = templates.len() as u32;
    if let Some(middle) = middle(&templates) {
        let others = templates.iter().filter(|other| !std::ptr::eq(**other, middle));
        let mut cosines: Vec<f32> = others.map(|other| cosine(middle, other)).collect();
        cosines.sort_by(f32::total_cmp);
        signal.lowest_cosine = cosines.first().copied();
        signal.second_lowest_cosine = cosines.get(1).copied();
        signal.lowest_turned_cosine =
            take.frames().filter_map(turned).map(|turned| cosine(middle, turned)).min_by(f32::total_cmp);
    }
    (signal.frames > 0).then_some(signal)
}

/// The numbers of the frames that were compared, those first that are most like all others.
pub fn by_likeness(take: &Take) -> Vec<u32> {
    let templates: Vec<&Template> = take.frames().filter_map(comparable).collect();
    let Some(middle) = middle(&templates) else { return vec![] };
    let compared = take.frames().filter_map(|seen| Some((seen.sequence, comparable(seen)?)));
    let mut ranked: Vec<(u32, f32)> =
        compared.map(|(sequence, template)| (sequence, cosine(middle, template))).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.into_iter().map(|(sequence, _)| sequence).collect()
}

fn comparable(seen: &Seen) -> Option<&Template> {
    seen.observation.front.as_ref()?.comparable()
}

/// The template of a face that is turned to a side, too far to look straight.
fn turned(seen: &Seen) -> Option<&Template> {
    let front = seen.observation.front.as_ref()?;
    front.template.as_ref().filter(|_| front.is_turned())
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

/// Templates of another model are as far as can be.
fn cosine(a: &Template, b: &Template) -> f32 {
    if a.ids == b.ids { finite(f64::from(a.embedding.cosine(&b.embedding))) } else { -1.0 }
}

/// The template that is nearest to all.
fn middle<'a>(templates: &[&'a Template]) -> Option<&'a Template> {
    let spread: Vec<&Template> =
        templates.iter().copied().step_by(templates.len().div_ceil(MOST_IN_THE_MIDDLE).max(1)).collect();
    let nearness = |one: &Template| spread.iter().map(|other| cosine(one, other)).sum::<f32>();
    spread.iter().copied().max_by(|a, b| nearness(a).total_cmp(&nearness(b)))
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
    fn somebody_else_is_found_however_many_were_looked_at() {
        let mut take = still_take(1_000);
        for (index, seen) in take.before.iter_mut().enumerate() {
            let is_other = index == 777;
            let other = if is_other { template(0.0, 1.0) } else { template(1.0, 0.0) };
            seen.observation.front.as_mut().unwrap().template = Some(other);
        }
        let signal = measure(&take).unwrap();
        assert_eq!((signal.compared, signal.lowest_cosine), (1_000, Some(0.0)));
    }

    #[test]
    fn whoever_turns_is_compared_too_and_one_face_of_somebody_else_is_told_from_two() {
        let others = |count: usize, yaw: f32| {
            let mut take = still_take(20);
            for (index, seen) in take.before.iter_mut().enumerate() {
                let front = seen.observation.front.as_mut().unwrap();
                let is_other = index >= 20 - count;
                front.yaw_degrees = if is_other { yaw } else { 0.0 };
                front.template = Some(if is_other { template(0.0, 1.0) } else { template(1.0, 0.0) });
            }
            let signal = measure(&take).unwrap();
            let (own, likest) = (20 - count, by_likeness(&take));
            assert_eq!(likest.len(), signal.compared as usize);
            assert!(take.before[own..].iter().all(|other| !likest[..own].contains(&other.sequence)));
            [signal.lowest_cosine, signal.second_lowest_cosine, signal.lowest_turned_cosine]
        };
        assert_eq!(others(1, 0.0), [Some(0.0), Some(1.0), None]);
        assert_eq!(others(2, 29.0), [Some(0.0), Some(0.0), None]);
        assert_eq!(others(2, 35.0), [Some(1.0), Some(1.0), Some(0.0)]);
        assert_eq!(others(2, 45.0), [Some(1.0), Some(1.0), None]);
    }

    #[test]
    fn nothing_has_no_signal() {
        assert_eq!(measure(&still_take(0)), None);
    }
}
