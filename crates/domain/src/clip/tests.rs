use proptest::prelude::*;

use super::*;
use crate::{Blind, CaptureFault, Outcome, Policy, Reason};

type Change = fn(&mut ClipEvidence);

fn bona_fide() -> ClipEvidence {
    ClipEvidence {
        frames: 45,
        duration_ms: 3_000,
        presentation: Some(PresentationSignal {
            judged: 6,
            blind: 0,
            why_blind: None,
            score: 0.95,
            lower_quartile: 0.9,
            judged_steps: 0,
        }),
        continuity: Some(ContinuitySignal {
            frames: 30,
            without_face: 0,
            several_faces: 0,
            badly_lit: 0,
            jumps: 0,
            compared: 6,
            compared_steps: 0,
            compared_moves: 0,
            second_lowest_cosine: None,
            lowest_turned_cosine: None,
            lowest_cosine: Some(0.8),
        }),
        course: CourseSignal { still_ms: 0, recurrence: Some(1.6), cut: Some(2.0) },
        movement: Some(FaceMovementSignal {
            within: 0.03,
            noise: 0.008,
            depth: None,
            depth_error: None,
            yaw_degrees: 3.0,
        }),
        eyes: Some(EyesSignal { frames: 30, blinks: 1, closed: 0.05 }),
        screen: ScreenSignal { moire_db: Some(5.0), flicker: Some(1e-4) },
    }
}

fn judged(change: impl FnOnce(&mut ClipEvidence)) -> (Outcome, Vec<Reason>) {
    let mut clip = bona_fide();
    change(&mut clip);
    Policy::STANDARD.clip.judge(&clip)
}

/// What is wrong with a clip when `change` is.
fn faults(change: impl FnOnce(&mut ClipEvidence)) -> (Outcome, Vec<String>) {
    let (outcome, reasons) = judged(change);
    (outcome, reasons.into_iter().map(Reason::code).collect())
}

#[test]
fn a_clip_of_a_person_passes() {
    assert_eq!(judged(|_| {}), (Outcome::Passed, vec![]));
}

#[test]
fn what_was_measured_on_drawn_attacks_alone_is_a_doubt_and_two_of_it_deny() {
    let changes: [(&str, Change); 7] = [
        ("frames_frozen", |clip| clip.course.still_ms = 960),
        ("frames_repeated", |clip| clip.course.recurrence = Some(0.1)),
        ("capture_jumps", |clip| clip.course.cut = Some(40.0)),
        ("capture_jumps", |clip| {
            clip.continuity.as_mut().unwrap().jumps = 1;
        }),
        ("face_is_flat", |clip| clip.movement.as_mut().unwrap().within = 0.001),
        ("screen_pattern", |clip| clip.screen.moire_db = Some(30.0)),
        ("screen_flicker", |clip| clip.screen.flicker = Some(0.1)),
    ];
    for (code, change) in changes {
        assert_eq!(faults(change), (Outcome::Borderline, vec![code.to_owned()]));
        let (outcome, _) = faults(|clip| {
            change(clip);
            clip.presentation.as_mut().unwrap().score = 0.5;
        });
        assert_eq!(outcome, Outcome::Failed, "{code} beside another doubt");
    }
}

#[test]
fn an_attack_in_single_frames_or_another_person_denies_alone() {
    let print = faults(|clip| clip.presentation.as_mut().unwrap().score = 0.1);
    assert_eq!(print, (Outcome::Failed, vec!["presentation_attack".to_owned()]));
    let splice = faults(|clip| clip.continuity.as_mut().unwrap().lowest_cosine = Some(0.1));
    assert_eq!(splice, (Outcome::Failed, vec!["capture_person_changed".to_owned()]));
}

#[test]
fn a_head_that_turns_has_depth_however_still_its_face_is() {
    let turned = judged(|clip| {
        let movement = clip.movement.as_mut().unwrap();
        (movement.within, movement.depth, movement.depth_error) = (0.001, Some(0.5), Some(0.05));
    });
    assert_eq!(turned.0, Outcome::Passed);
}

#[test]
fn where_nothing_can_be_told_nothing_is() {
    let blind = judged(|clip| {
        clip.presentation.as_mut().unwrap().judged = 0;
        clip.presentation.as_mut().unwrap().why_blind = Some(Blind::NoSurroundings);
    });
    assert_eq!(blind, (Outcome::CouldNotTell, vec![Reason::LivenessBlind(Blind::NoSurroundings)]));
    let short = judged(|clip| clip.duration_ms = 300);
    assert_eq!(short, (Outcome::CouldNotTell, vec![Reason::Capture(CaptureFault::TooFewFrames)]));
    let (outcome, _) = Policy::STANDARD.clip.judge(&ClipEvidence::default());
    assert_eq!(outcome, Outcome::CouldNotTell);
    let lost = judged(|clip| clip.continuity.as_mut().unwrap().without_face = 20);
    assert_eq!(lost, (Outcome::CouldNotTell, vec![Reason::Capture(CaptureFault::FaceLost)]));
}

proptest! {
    #[test]
    fn no_pass_without_single_frames_and_every_other_answer_has_a_reason(
        judged in 0_u32..4, score in 0.0_f32..1.0, within: f32, recurrence: f32, moire: f32, still in 0_u32..2_000,
    ) {
        let mut clip = bona_fide();
        let single = clip.presentation.as_mut().unwrap();
        (single.judged, single.score) = (judged, score);
        clip.movement.as_mut().unwrap().within = within;
        (clip.course.recurrence, clip.course.still_ms) = (Some(recurrence), still);
        clip.screen.moire_db = Some(moire);
        let (outcome, reasons) = Policy::STANDARD.clip.judge(&clip);
        prop_assert_eq!(outcome == Outcome::Passed, reasons.is_empty());
        if outcome == Outcome::Passed {
            prop_assert!(judged >= Policy::STANDARD.clip.judged && score >= 0.7);
        }
    }
}
