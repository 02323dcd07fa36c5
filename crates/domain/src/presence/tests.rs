use proptest::prelude::*;

use super::*;
use crate::{Assessment, CheckName, Decision, Outcome};

fn movement() -> MovementSignal {
    MovementSignal {
        movement: Movement::TurnLeft,
        frames: 20,
        reached: 1.4,
        wrong_way: 0.1,
        began_ms: Some(450),
        largest_jump: 0.3,
        on_the_way: 3,
    }
}

fn colour() -> ColourSignal {
    ColourSignal {
        colours: 5,
        frames: 34,
        lag_ms: 140,
        correlation: 0.93,
        gain: 0.12,
        gain_error: 0.01,
        background_gain: 0.01,
        face_gain: 0.1,
        relief: Some(0.4),
        relief_error: Some(0.05),
        chance: 0.0,
        best_correlation: 0.95,
        steadiness: 60.0,
    }
}

fn good() -> PresenceEvidence {
    PresenceEvidence {
        presentation: Some(PresentationSignal {
            judged: 9,
            blind: 0,
            why_blind: None,
            score: 0.97,
            lower_quartile: 0.9,
            judged_steps: 6,
        }),
        colour: Some(colour()),
        motion: Some(MotionSignal {
            movements: vec![movement()],
            depth: Some(0.5),
            depth_error: Some(0.05),
            depth_frames: 50,
            depth_by_eyes: Some(0.45),
            plane_residual: 0.2,
            affine_residual: 0.1,
            perspective: None,
        }),
        continuity: Some(ContinuitySignal {
            frames: 80,
            without_face: 1,
            several_faces: 0,
            badly_lit: 0,
            jumps: 0,
            compared: 9,
            compared_steps: 6,
            compared_moves: 2,
            lowest_cosine: Some(0.8),
            second_lowest_cosine: Some(0.8),
            lowest_turned_cosine: None,
        }),
        freshness: Some(FreshnessSignal {
            frames: 80,
            repeated: 0,
            recycled: 0,
            frozen: 2,
            looped: 0,
            grain_change: 1.5,
            grain: 2.0,
            clock_rate: Some(1.0),
            jitter_ms: Some(3.0),
            longest_gap_ms: 140,
            delay_ms: Some(30),
            out_of_order: 0,
            virtual_camera: false,
            automation: false,
            other_size: false,
            other_rate: false,
        }),
    }
}

fn judged(change: impl Fn(&mut PresenceEvidence)) -> Assessment {
    let mut evidence = good();
    change(&mut evidence);
    PresencePolicy::STANDARD.assess(&evidence)
}

fn codes(assessment: &Assessment) -> Vec<String> {
    assessment.reasons.iter().map(|reason| reason.code()).collect()
}

fn motion(change: impl Fn(&mut MotionSignal)) -> Assessment {
    judged(|evidence| evidence.motion.as_mut().into_iter().for_each(&change))
}

fn followed(change: impl Fn(&mut MovementSignal)) -> Assessment {
    motion(|signal| signal.movements.iter_mut().for_each(&change))
}

fn lit(change: impl Fn(&mut ColourSignal)) -> Assessment {
    judged(|evidence| evidence.colour.as_mut().into_iter().for_each(&change))
}

fn fresh(change: impl Fn(&mut FreshnessSignal)) -> Assessment {
    judged(|evidence| evidence.freshness.as_mut().into_iter().for_each(&change))
}

fn whole(change: impl Fn(&mut ContinuitySignal)) -> Assessment {
    judged(|evidence| evidence.continuity.as_mut().into_iter().for_each(&change))
}

#[test]
fn a_person_before_the_camera_passes() {
    let assessment = PresencePolicy::STANDARD.assess(&good());
    assert_eq!(assessment.decision, Some(Decision::Allow), "{assessment:?}");
}

#[test]
fn strong_evidence_denies_and_says_whether_a_retry_helps() {
    for (assessment, code, retry_helps) in [
        (
            judged(|evidence| evidence.presentation.iter_mut().for_each(|signal| signal.score = 0.1)),
            "presentation_attack",
            false,
        ),
        (
            motion(|signal| (signal.depth, signal.depth_error) = (Some(0.02), Some(0.03))),
            "face_is_flat",
            false,
        ),
        (followed(|movement| movement.reached = 0.4), "movement_not_seen", true),
        (followed(|movement| movement.wrong_way = 1.2), "movement_not_seen", true),
        (followed(|movement| movement.began_ms = Some(-80)), "movement_too_early", true),
        (
            whole(|signal| (signal.lowest_cosine, signal.second_lowest_cosine) = (Some(0.1), Some(0.2))),
            "capture_person_changed",
            false,
        ),
        (whole(|signal| signal.jumps = 4), "capture_jumps", true),
        (fresh(|signal| signal.recycled = 5), "frames_of_another_capture", false),
        (fresh(|signal| signal.repeated = 5), "frames_repeated", false),
        (fresh(|signal| signal.frozen = 78), "frames_frozen", true),
        (fresh(|signal| signal.looped = 78), "frames_frozen", true),
        (fresh(|signal| signal.clock_rate = Some(2.0)), "camera_clock", true),
    ] {
        assert_eq!(assessment.decision, Some(Decision::Deny), "{code}");
        assert_eq!((codes(&assessment), assessment.retry_helps), (vec![code.to_owned()], retry_helps));
    }
}

#[test]
fn an_unlucky_capture_proves_nothing() {
    for (assessment, code) in [
        (
            judged(|evidence| {
                evidence.presentation.iter_mut().for_each(|signal| {
                    (signal.judged, signal.why_blind) = (1, Some(Blind::BadExposure));
                });
            }),
            "liveness_bad_exposure",
        ),
        (lit(|signal| (signal.gain, signal.steadiness) = (0.002, 1.1)), "colours_too_faint"),
        (lit(|signal| signal.frames = 5), "capture_too_few_frames"),
        (motion(|signal| (signal.depth, signal.depth_error) = (None, None)), "depth_not_seen"),
        (motion(|signal| signal.depth_error = Some(0.4)), "depth_not_seen"),
        (motion(|signal| signal.depth_by_eyes = Some(0.29)), "depth_not_seen"),
        (motion(|signal| signal.depth_by_eyes = None), "depth_not_seen"),
        (
            judged(|evidence| evidence.presentation.iter_mut().for_each(|signal| signal.judged_steps = 3)),
            "capture_too_few_frames",
        ),
        (whole(|signal| signal.compared_steps = 3), "capture_too_few_frames"),
        (whole(|signal| signal.compared_moves = 1), "capture_too_few_frames"),
        (fresh(|signal| signal.delay_ms = None), "capture_too_few_frames"),
        (whole(|signal| signal.without_face = 60), "capture_face_lost"),
        (whole(|signal| signal.badly_lit = 60), "capture_bad_light"),
        (whole(|signal| signal.several_faces = 60), "capture_several_faces"),
        (whole(|signal| signal.lowest_cosine = None), "capture_too_few_frames"),
        (fresh(|signal| signal.longest_gap_ms = 4_000), "capture_too_few_frames"),
    ] {
        assert_eq!((assessment.decision, codes(&assessment)), (None, vec![code.to_owned()]));
        assert!(assessment.retry_helps);
    }
}

#[test]
fn colours_never_deny_alone() {
    let wrong = |signal: &mut ColourSignal| {
        (signal.correlation, signal.best_correlation, signal.chance) = (0.1, 0.98, 0.5);
    };
    let alone = lit(wrong);
    assert_eq!((alone.decision, alone.retry_helps), (Some(Decision::Challenge), true));
    let beside = judged(|evidence| {
        evidence.colour.as_mut().into_iter().for_each(wrong);
        evidence.presentation.iter_mut().for_each(|signal| signal.score = 0.5);
    });
    assert_eq!((beside.decision, beside.retry_helps), (Some(Decision::Deny), false));
    let painted = lit(|signal| (signal.gain, signal.background_gain) = (0.0, 0.1));
    assert_eq!(codes(&painted), ["colours_on_plane"]);
    let flat = lit(|signal| signal.relief = Some(-0.05));
    assert_eq!(
        (flat.decision, codes(&flat)),
        (Some(Decision::Challenge), vec!["colours_on_plane".to_owned()])
    );
}

#[test]
fn a_relief_within_its_error_needs_the_depth_of_the_movement() {
    let faint = |signal: &mut ColourSignal| (signal.relief, signal.relief_error) = (Some(0.25), Some(0.3));
    assert_eq!(lit(faint).decision, Some(Decision::Allow));
    let shallow = judged(|evidence| {
        evidence.colour.as_mut().into_iter().for_each(faint);
        evidence.motion.iter_mut().for_each(|signal| signal.depth_error = Some(0.4));
    });
    assert_eq!(codes(&shallow), ["colours_too_faint", "depth_not_seen"]);
}

#[test]
fn an_answer_that_fits_many_challenges_fits_none() {
    assert_eq!(codes(&lit(|signal| signal.chance = 0.01)), ["colours_not_followed"]);
}

#[test]
fn a_name_or_a_flag_never_decides_alone() {
    assert_eq!(fresh(|signal| signal.virtual_camera = true).decision, Some(Decision::Allow));
    assert_eq!(fresh(|signal| signal.automation = true).decision, Some(Decision::Allow));
    let both = fresh(|signal| (signal.virtual_camera, signal.other_size) = (true, true));
    assert_eq!(
        (both.decision, codes(&both)),
        (Some(Decision::Challenge), vec!["camera_doubtful".to_owned()])
    );
}

#[test]
fn one_face_of_somebody_else_or_one_that_turns_is_a_doubt() {
    for seen in [
        whole(|signal| signal.lowest_cosine = Some(0.1)),
        whole(|signal| signal.lowest_turned_cosine = Some(0.2)),
    ] {
        let what = (seen.decision, codes(&seen), seen.retry_helps);
        assert_eq!(what, (Some(Decision::Challenge), vec!["capture_person_uncertain".to_owned()], true));
    }
    let exchanged = |compared, second| {
        let mut signal = good().continuity.unwrap();
        (signal.compared, signal.compared_steps, signal.second_lowest_cosine) = (compared, 1, Some(second));
        PresencePolicy::STANDARD.is_exchanged(&signal)
    };
    assert!(exchanged(3, 0.2) && !exchanged(2, 0.2) && !exchanged(9, 0.4));
    let turned = whole(|signal| signal.lowest_turned_cosine = Some(0.35));
    assert_eq!(turned.decision, Some(Decision::Allow));
}

#[test]
fn frames_that_come_late_are_a_doubt() {
    let late = fresh(|signal| signal.delay_ms = Some(900));
    assert_eq!((late.decision, codes(&late)), (Some(Decision::Challenge), vec!["camera_clock".to_owned()]));
    assert_eq!(fresh(|signal| signal.delay_ms = Some(400)).decision, Some(Decision::Allow));
}

#[test]
fn guidance_is_written_as_the_page_reads_it() {
    let words: Vec<_> = Guidance::ALL.iter().map(|word| serde_json::to_string(word).unwrap()).collect();
    assert_eq!(words[0], "\"no_face\"");
    assert_eq!(words[6], "\"not_centred\"");
    assert_eq!(words[10], "\"good\"");
}

proptest! {
    #[test]
    fn a_missing_signal_never_passes(present in proptest::array::uniform5(any::<bool>())) {
        let all = good();
        let evidence = PresenceEvidence {
            presentation: all.presentation.filter(|_| present[0]),
            colour: all.colour.filter(|_| present[1]),
            motion: all.motion.filter(|_| present[2]),
            continuity: all.continuity.filter(|_| present[3]),
            freshness: all.freshness.filter(|_| present[4]),
        };
        let assessment = PresencePolicy::STANDARD.assess(&evidence);
        let complete = present.into_iter().all(|is_there| is_there);
        prop_assert_eq!(assessment.decision, complete.then_some(Decision::Allow));
        let names: Vec<CheckName> = assessment.checks.iter().map(|check| check.name).collect();
        prop_assert_eq!(names.as_slice(), PresencePolicy::QUESTIONS);
        for check in &assessment.checks {
            prop_assert_eq!(check.reasons.is_empty(), check.outcome == Outcome::Passed);
        }
    }

    #[test]
    fn one_bad_number_of_the_colours_denies_nobody(values in proptest::array::uniform8(-2.0_f32..2.0), relief: bool) {
        let [correlation, gain, gain_error, background_gain, face_gain, side, chance, best] = values;
        let assessment = lit(|signal| {
            *signal = ColourSignal {
                correlation, gain, gain_error, background_gain, face_gain, chance, best_correlation: best,
                relief: relief.then_some(side), ..*signal
            };
        });
        prop_assert_ne!(assessment.decision, Some(Decision::Deny));
    }
}
