//! Whole captures: from made-up frames to a judgement.

use domain::{CheckName, Colour, Decision, LivenessSignal, Movement, Outcome, PresencePolicy, Step};
use proptest::prelude::*;

use super::testing::{Head, Scene, colour_take, look, observed, seen, take_of, template, whole_take};
use super::*;
use crate::geometry::{Point, Rect};

fn outcome(take: &Take, name: CheckName) -> Outcome {
    let assessment = PresencePolicy::STANDARD.assess(&measure(take));
    assessment.checks.iter().find(|check| check.name == name).unwrap().outcome
}

fn turn(nose: f32) -> impl Fn(f32) -> Head {
    move |ms| Head { yaw: (ms - 350.0).clamp(0.0, 700.0) * 0.035, nose, ..Head::STRAIGHT }
}

fn nod(ms: f32) -> Head {
    Head { pitch: (ms - 350.0).clamp(0.0, 700.0) * 0.025, ..Head::STRAIGHT }
}

fn decision(take: &Take) -> Option<Decision> {
    PresencePolicy::STANDARD.assess(&measure(take)).decision
}

#[test]
fn a_person_who_does_what_is_asked_passes() {
    let assessment = PresencePolicy::STANDARD.assess(&measure(&whole_take()));
    assert_eq!(assessment.decision, Some(Decision::Allow), "{:?}", assessment.reasons);
}

#[test]
fn a_person_of_the_preview_does_not_stand_for_whoever_answers() {
    let mut take = whole_take();
    for seen in take.steps.iter_mut().flat_map(|step| &mut step.frames) {
        if let Some(front) = &mut seen.observation.front {
            (front.liveness, front.template) = (None, None);
        }
    }
    take.before.iter_mut().for_each(|seen| look(seen, &template(1.0, 0.0)));
    assert_eq!(decision(&take), None);
}

#[test]
fn a_head_that_turns_passes_where_its_picture_fails() {
    assert_eq!(outcome(&take_of(Movement::TurnRight, turn(0.5)), CheckName::HeadMovement), Outcome::Passed);
    assert_eq!(outcome(&take_of(Movement::TurnRight, turn(0.0)), CheckName::HeadMovement), Outcome::Failed);
    assert_eq!(outcome(&take_of(Movement::TurnLeft, turn(0.5)), CheckName::HeadMovement), Outcome::Failed);
}

#[test]
fn a_nod_alone_does_not_tell_a_head_from_its_picture() {
    assert_eq!(outcome(&take_of(Movement::LookUp, nod), CheckName::HeadMovement), Outcome::CouldNotTell);
}

#[test]
fn light_on_a_head_passes_and_light_on_a_picture_does_not() {
    use Colour::{Blue, Cyan, Green, Magenta, Yellow};
    let asked = [Green, Magenta, Blue, Yellow, Cyan];
    let head = Scene { front: 0.15, side: 0.08, background: 0.01, lag_ms: 130.0, noise: 0.01, fade_ms: 0.0 };
    let answer = |scene| outcome(&colour_take(&asked, &asked, scene), CheckName::ColourResponse);
    assert_eq!(answer(head), Outcome::Passed);
    assert_eq!(answer(Scene { front: 0.3, side: 0.3, background: 0.3, ..head }), Outcome::Borderline);
    assert_eq!(answer(Scene { side: 0.15, ..head }), Outcome::Borderline);
    assert_eq!(answer(Scene { front: 0.0, side: 0.0, background: 0.0, ..head }), Outcome::CouldNotTell);
    let others = colour_take(&asked, &[Yellow, Green, Magenta, Cyan, Blue], head);
    assert_eq!(outcome(&others, CheckName::ColourResponse), Outcome::Borderline);
}

#[test]
fn evidence_reads_back_what_it_writes() {
    let mut take = take_of(Movement::TurnLeft, turn(0.5));
    take.before[0].observation.front.as_mut().unwrap().liveness = Some(LivenessSignal::Scored { score: 0.5 });
    let evidence = measure(&take);
    let json = serde_json::to_string(&evidence).unwrap();
    assert_eq!(serde_json::from_str::<domain::PresenceEvidence>(&json).unwrap(), evidence);
    let observation = &take.before[0].observation;
    let json = serde_json::to_string(observation).unwrap();
    assert_eq!(&serde_json::from_str::<Observation>(&json).unwrap(), observation);
}

fn number() -> impl Strategy<Value = f32> {
    prop_oneof![any::<f32>(), -700.0_f32..700.0, Just(0.0)]
}

prop_compose! {
    fn odd_seen()(
        sequence: u32, captured_us in prop_oneof![any::<u64>(), 0_u64..9_000_000],
        received_ms in prop_oneof![any::<u64>(), 0_u64..9_000],
        digest in 0_u8..3, numbers in proptest::array::uniform20(number()),
        has_face: bool, sides: bool, length in 0_usize..5,
    ) -> Seen {
        let mut observation = observed(Head::STRAIGHT);
        observation.fingerprint = Fingerprint(vec![digest as i8; length]);
        if let Some(front) = observation.front.as_mut().filter(|_| has_face) {
            front.points = std::array::from_fn(|i| Point::new(numbers[2 * i], numbers[2 * i + 1]));
            front.bounds = Rect { x: numbers[10], y: numbers[11], width: numbers[12], height: numbers[13] };
            (front.yaw_degrees, front.pitch_degrees, front.roll_degrees) = (numbers[14], numbers[15], numbers[16]);
            front.skin.nose = Some([numbers[17], numbers[18], numbers[19]]);
            front.background = Some([numbers[19], numbers[18], numbers[17]]);
            (front.luma, front.aloneness) = (numbers[16], numbers[15]);
            front.liveness = Some(LivenessSignal::Scored { score: numbers[14] });
            if !sides { (front.skin.left_side, front.skin.right_side) = (None, None); }
        } else {
            observation.front = None;
        }
        Seen { digest: [digest; 16], captured_us, received_ms, ..seen(sequence as f32, observation) }
    }
}

fn odd_steps() -> impl Strategy<Value = Vec<StepTaken>> {
    let step = (0_usize..12, any::<u64>(), any::<Option<u64>>(), proptest::collection::vec(odd_seen(), 0..9));
    let step = step.prop_map(|(kind, revealed_ms, shown_ms, frames)| StepTaken {
        step: match Movement::ALL.get(kind) {
            Some(movement) => Step::Move { movement: *movement, at_most_ms: 6_000 },
            None => Step::Colour {
                colour: Colour::ALL[kind - Movement::ALL.len()],
                shown_ms: 500,
                fade_ms: u32::from(revealed_ms.is_multiple_of(2)) * 300,
            },
        },
        revealed_ms,
        shown_ms,
        ended_ms: revealed_ms,
        frames,
    });
    proptest::collection::vec(step, 0..8)
}

/// What becomes of a frame that a page might have sent.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    AsItWas,
    NotSent,
    NotLookedAt,
    LookedAt,
    SomebodyElse,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        60 => Just(Fate::AsItWas), 4 => Just(Fate::NotSent), 4 => Just(Fate::NotLookedAt),
        4 => Just(Fate::LookedAt), 1 => Just(Fate::SomebodyElse),
    ]
}

/// What becomes of a step: most often what becomes of its frames.
fn fates() -> impl Strategy<Value = Vec<Vec<Fate>>> {
    let step = prop_oneof![
        8 => proptest::collection::vec(fate(), 30),
        1 => Just(vec![Fate::NotSent; 30]),
        2 => Just(vec![Fate::NotLookedAt; 30]),
    ];
    let untouched = Just(vec![Fate::AsItWas; 30]);
    proptest::collection::vec(prop_oneof![3 => untouched, 2 => step], 8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    /// Whatever of a good capture is missing or somebody else's: it passes only with colours, movements, and close looks
    /// at one person in most steps.
    #[test]
    fn nothing_passes_without_the_frames_that_show_it(fates in fates(), turn_first: bool) {
        let mut take = whole_take();
        if turn_first {
            take.steps.rotate_right(2);
        }
        let mut others = 0;
        let frames = take.steps.iter_mut().map(|step| &mut step.frames).chain([&mut take.before]);
        for (frames, fates) in frames.zip(&fates) {
            let mut fates = fates.iter();
            frames.retain_mut(|seen| {
                let fate = fates.next().copied().unwrap_or(Fate::AsItWas);
                match fate {
                    Fate::AsItWas | Fate::NotSent => (),
                    Fate::LookedAt => look(seen, &template(1.0, 0.0)),
                    Fate::SomebodyElse => {
                        look(seen, &template(0.0, 1.0));
                        others += 1;
                    }
                    Fate::NotLookedAt => if let Some(front) = &mut seen.observation.front {
                        (front.liveness, front.template) = (None, None);
                    }
                }
                fate != Fate::NotSent
            });
        }
        if decision(&take) == Some(Decision::Allow) {
            prop_assert_eq!(others, 0);
            let is_seen = |step: &&StepTaken, least| step.frames.len() >= least;
            let is_move = |step: &&StepTaken| matches!(step.step, Step::Move { .. });
            prop_assert_eq!(take.steps.iter().filter(is_move).filter(|step| is_seen(step, 4)).count(), 2);
            // Light lags, so that the first frames of a step may stand for the colour before it.
            prop_assert!(take.steps.iter().filter(|step| !is_move(step) && is_seen(step, 1)).count() >= 3);
            let is_looked_at = |step: &&StepTaken| step.frames.iter().any(|seen| {
                seen.observation.front.as_ref().is_some_and(|front| front.liveness.is_some())
            });
            prop_assert!(take.steps.iter().filter(is_looked_at).count() >= 4);
            prop_assert!(!take.before.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_take_has_finite_evidence_and_an_assessment(
        before in proptest::collection::vec(odd_seen(), 0..9), steps in odd_steps(),
        frame_rate in number(), width: u32, recycled: usize,
    ) {
        let camera = CameraClaims { label: "x".to_owned(), automation: true, width, height: 480, frame_rate };
        let take = Take { before, steps, camera, recycled };
        let evidence = measure(&take);
        // What is no finite number does not come back from JSON.
        let json = serde_json::to_string(&evidence).unwrap();
        let back: Result<domain::PresenceEvidence, _> = serde_json::from_str(&json);
        prop_assert!(back.is_ok(), "{json}");
        prop_assert_ne!(PresencePolicy::STANDARD.assess(&evidence).decision, Some(Decision::Allow));
    }
}
