//! Whether the head moved as asked, when, and how.

use domain::{Guidance, MotionSignal, Movement, MovementSignal, Step};

use super::guide;
use super::observe::{Front, Observation};
use super::solid::{self, Reference};
use super::statistics::{finite, median};
use super::take::{StepTaken, Take};

/// How far a head must turn and nod to count as moved, in degrees.
const TURN_DEGREES: f64 = 18.0;
const NOD_DEGREES: f64 = 11.0;
/// How many times as large a face must become to count as nearer.
const NEARER: f64 = 1.22;
/// A movement has begun where it stays over this share of its amount until it is done: drift and noise stay under it.
const BEGUN: f64 = 0.35;
/// Frames behind the reference: the last of the preview.
const REFERENCE_FRAMES: usize = 8;

/// Where a face was looking and how large it was.
#[derive(Debug, Clone, Copy)]
struct Stance {
    yaw_degrees: f64,
    pitch_degrees: f64,
    size_px: f64,
}

impl Stance {
    fn of(front: &Front) -> Option<Self> {
        let stance = Self {
            yaw_degrees: f64::from(front.yaw_degrees),
            pitch_degrees: f64::from(front.pitch_degrees),
            size_px: f64::from(front.size_px()),
        };
        let is_sound = stance.yaw_degrees.is_finite()
            && stance.pitch_degrees.is_finite()
            && stance.size_px.is_finite()
            && stance.size_px > 1.0;
        is_sound.then_some(stance)
    }

    fn median(fronts: &[&Front]) -> Option<Self> {
        let stances: Vec<_> = fronts.iter().filter_map(|front| Self::of(front)).collect();
        Some(Self {
            yaw_degrees: median(stances.iter().map(|stance| stance.yaw_degrees))?,
            pitch_degrees: median(stances.iter().map(|stance| stance.pitch_degrees))?,
            size_px: median(stances.iter().map(|stance| stance.size_px))?,
        })
    }

    /// How far `self` is from `before` on the way of `movement`: 1 is done, negative the other way.
    fn progress(&self, movement: Movement, before: &Self) -> f64 {
        // The nose of somebody who turns to their own left goes to the right of the picture, where yaw is negative.
        let yaw = (self.yaw_degrees - before.yaw_degrees) / TURN_DEGREES;
        let pitch = (self.pitch_degrees - before.pitch_degrees) / NOD_DEGREES;
        match movement {
            Movement::TurnLeft => -yaw,
            Movement::TurnRight => yaw,
            Movement::LookUp => pitch,
            Movement::LookDown => -pitch,
            Movement::ComeCloser => (self.size_px / before.size_px).ln() / NEARER.ln(),
        }
    }
}

/// Whether `now` is as far from `before` as `movement` asks, and no farther than faces can be told apart. Without a face
/// in either it is not.
pub fn has_moved(movement: Movement, before: &Observation, now: &Observation) -> bool {
    let now = now.front.as_ref().filter(|front| front.is_seen());
    match (before.front.as_ref().and_then(Stance::of), now.and_then(Stance::of)) {
        (Some(before), Some(now)) => now.progress(movement, &before) >= 1.0,
        _ => false,
    }
}

/// The movements of `take` and the depth of what moved. `None` where none was asked for, or where no face looked
/// straight before.
pub(super) fn measure(take: &Take) -> Option<MotionSignal> {
    let offset_ms = take.clock_offset_ms()?;
    let straight: Vec<&Front> = take
        .before
        .iter()
        .rev()
        // Whoever looked elsewhere before would seem to turn by looking straight.
        .filter(|seen| guide(&seen.observation) == Guidance::Good)
        .filter_map(|seen| seen.observation.front.as_ref())
        .take(REFERENCE_FRAMES)
        .collect();
    let before = Stance::median(&straight)?;
    let moves = || {
        take.steps.iter().filter_map(|taken| match taken.step {
            Step::Move { movement, .. } => Some((movement, taken)),
            Step::Colour { .. } => None,
        })
    };
    let movements: Vec<_> =
        moves().map(|(movement, taken)| follow(movement, taken, &before, offset_ms)).collect();
    if movements.is_empty() {
        return None;
    }
    let fronts = take.frames().filter_map(|seen| seen.observation.front.as_ref());
    let solid = Reference::of(straight.iter().copied())
        .map(|reference| solid::measure(&reference, fronts))
        .unwrap_or_default();
    let nearer = moves().filter(|(movement, _)| *movement == Movement::ComeCloser);
    Some(MotionSignal {
        movements,
        depth: solid.depth.map(|depth| depth.0),
        depth_error: solid.depth.map(|depth| depth.1),
        depth_frames: solid.frames,
        depth_by_eyes: solid.depth_by_eyes,
        plane_residual: solid.plane_residual,
        affine_residual: solid.affine_residual,
        perspective: nearer.filter_map(|(_, taken)| perspective(taken, &straight, &before)).next_back(),
    })
}

/// Follows one movement through the frames of its step.
fn follow(movement: Movement, taken: &StepTaken, before: &Stance, offset_ms: f64) -> MovementSignal {
    // Times since the reveal, in ms, the progress at each, and whether it is told by whom: a head may turn farther than
    // that, and what it does then counts for how smoothly it went, not for whether it went there.
    let way: Vec<(f64, f64, bool)> = taken
        .frames
        .iter()
        .filter_map(|seen| {
            let front = seen.observation.front.as_ref()?;
            let progress = Stance::of(front)?.progress(movement, before);
            Some((seen.taken_ms(offset_ms) - taken.revealed_ms as f64, progress, front.is_seen()))
        })
        .collect();
    let done = way.iter().position(|(_, progress, is_seen)| *progress >= 1.0 && *is_seen);
    let until = &way[..done.map_or(way.len(), |done| done + 1)];
    let peak = way.iter().map(|at| at.1).fold(0.0, f64::max);
    let began = done.map(|done| {
        let resting = way[..done].iter().rposition(|at| at.1 < BEGUN);
        // Where it was under way in the first frame already, it began before that.
        resting.map_or_else(|| way[0].0.min(-1.0), |resting| way[resting + 1].0)
    });
    let jumps = until.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs() / peak.max(1.0));
    MovementSignal {
        movement,
        frames: way.len() as u32,
        reached: finite(if done.is_some() {
            peak
        } else {
            way.iter().filter(|at| at.2).map(|at| at.1).fold(f64::MIN, f64::max).clamp(-9.0, 9.0)
        }),
        wrong_way: finite(until.iter().map(|at| -at.1).fold(0.0, f64::max)),
        began_ms: began.filter(|began| began.is_finite()).map(|began| began.round() as i64),
        largest_jump: finite(jumps.fold(0.0, f64::max)),
        on_the_way: until.iter().filter(|at| (0.2 * peak..0.8 * peak).contains(&at.1)).count() as u32,
    }
}

/// How much more the eyes' distance grew than the box, as a logarithm, in the frames of `taken` in which the face had
/// come near: the middle of them.
fn perspective(taken: &StepTaken, straight: &[&Front], before: &Stance) -> Option<f32> {
    let ratio = |front: &Front| {
        let ratio = f64::from(front.landmarks().eye_distance() / front.bounds.width).ln();
        ratio.is_finite().then_some(ratio)
    };
    let far = median(straight.iter().filter_map(|front| ratio(front)))?;
    let near = taken.frames.iter().filter_map(|seen| {
        let front = seen.observation.front.as_ref()?;
        let is_near = Stance::of(front)?.progress(Movement::ComeCloser, before) >= 0.8;
        ratio(front).filter(|_| is_near)
    });
    Some(finite(median(near)? - far))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::presence::testing::{Head, mirrored, observed, still_take, take_of};

    fn head(yaw: f32, pitch: f32, near: f32) -> Observation {
        observed(Head { yaw, pitch, near, ..Head::STRAIGHT })
    }

    #[test]
    fn each_movement_is_its_own() {
        let straight = head(0.0, 0.0, 1.0);
        for (movement, now) in [
            (Movement::TurnLeft, head(-20.0, 0.0, 1.0)),
            (Movement::TurnRight, head(20.0, 0.0, 1.0)),
            (Movement::LookUp, head(0.0, 13.0, 1.0)),
            (Movement::LookDown, head(0.0, -13.0, 1.0)),
            (Movement::ComeCloser, head(0.0, 0.0, 1.35)),
        ] {
            for asked in Movement::ALL {
                assert_eq!(has_moved(asked, &straight, &now), asked == movement, "{asked:?} {movement:?}");
            }
            assert!(!has_moved(movement, &now, &straight) && !has_moved(movement, &straight, &straight));
        }
    }

    #[test]
    fn whoever_turns_fast_and_far_goes_smoothly_and_is_there_once_they_can_be_told_apart() {
        let moved = |degrees: [f32; 8]| {
            let head = |ms: f32| {
                let yaw = degrees[((ms.max(0.0) / 125.0) as usize).min(degrees.len() - 1)];
                Head { yaw, ..Head::STRAIGHT }
            };
            let take = take_of(Movement::TurnRight, head);
            measure(&take).unwrap().movements[0]
        };
        let fast = moved([0.0, 0.0, 2.0, 19.0, 45.0, 60.0, 60.0, 60.0]);
        assert!(fast.reached > 3.0 && fast.largest_jump < 0.85, "{fast:?}");
        let hidden = moved([0.0, 0.0, 2.0, 45.0, 60.0, 60.0, 60.0, 60.0]);
        assert!(hidden.reached < 1.0 && hidden.began_ms.is_none(), "{hidden:?}");
        let straight = head(0.0, 0.0, 1.0);
        assert!(has_moved(Movement::TurnRight, &straight, &head(39.0, 0.0, 1.0)));
        assert!(!has_moved(Movement::TurnRight, &straight, &head(45.0, 0.0, 1.0)));
    }

    fn turn(from_ms: f32) -> impl Fn(f32) -> Head {
        move |ms| Head { yaw: (ms - from_ms).clamp(0.0, 500.0) * 0.05, ..Head::STRAIGHT }
    }

    #[test]
    fn a_turn_after_the_reveal_is_followed() {
        let signal = measure(&take_of(Movement::TurnRight, turn(400.0))).unwrap();
        let [movement] = signal.movements[..] else { panic!("{signal:?}") };
        assert!(movement.reached > 1.3 && movement.wrong_way < 0.1, "{movement:?}");
        assert!((450..=800).contains(&movement.began_ms.unwrap()), "{movement:?}");
        assert!(movement.largest_jump < 0.5 && movement.on_the_way >= 2, "{movement:?}");
        assert!((signal.depth.unwrap() - 0.5).abs() < 0.1, "{signal:?}");
    }

    #[test]
    fn a_turn_that_was_under_way_is_too_early_and_the_wrong_way_is_told() {
        let early = measure(&take_of(Movement::TurnRight, turn(-600.0))).unwrap();
        assert!(early.movements[0].began_ms.unwrap() < 0, "{early:?}");
        let wrong = measure(&take_of(Movement::TurnLeft, turn(400.0))).unwrap();
        assert!(wrong.movements[0].reached < 0.2 && wrong.movements[0].wrong_way > 1.0, "{wrong:?}");
        assert_eq!(wrong.movements[0].began_ms, None);
    }

    #[test]
    fn who_looked_elsewhere_before_does_not_move_by_looking_straight() {
        let mut take = take_of(Movement::TurnRight, |_| Head::STRAIGHT);
        for seen in &mut take.before {
            seen.observation =
                Observation { fingerprint: seen.observation.fingerprint.clone(), ..head(-22.0, 0.0, 1.0) };
        }
        assert_eq!(measure(&take), None);
    }

    #[test]
    fn a_leap_has_nothing_on_the_way() {
        let leap = |ms| Head { yaw: if ms > 500.0 { 25.0 } else { 0.0 }, ..Head::STRAIGHT };
        let signal = measure(&take_of(Movement::TurnRight, leap)).unwrap();
        assert!(signal.movements[0].largest_jump > 0.9 && signal.movements[0].on_the_way == 0, "{signal:?}");
    }

    #[test]
    fn a_preview_alone_has_no_movement() {
        assert_eq!(measure(&still_take(8)), None);
    }

    proptest! {
        #[test]
        fn a_mirror_swaps_left_and_right(
            yaw in -45.0_f32..45.0, pitch in -30.0_f32..30.0, near in 0.6_f32..1.6, start in -10.0_f32..10.0,
        ) {
            let (before, now) = (head(start, 0.0, 1.0), head(yaw, pitch, near));
            let (other_before, other_now) = (mirrored(&before), mirrored(&now));
            for (movement, other) in [
                (Movement::TurnLeft, Movement::TurnRight),
                (Movement::TurnRight, Movement::TurnLeft),
                (Movement::LookUp, Movement::LookUp),
                (Movement::LookDown, Movement::LookDown),
                (Movement::ComeCloser, Movement::ComeCloser),
            ] {
                // Not within a rounding of the threshold.
                if let (Some(at), Some(from)) = (Stance::of(now.front.as_ref().unwrap()), Stance::of(before.front.as_ref().unwrap())) {
                    prop_assume!((at.progress(movement, &from) - 1.0).abs() > 1e-3);
                }
                prop_assert_eq!(has_moved(movement, &before, &now), has_moved(other, &other_before, &other_now));
            }
        }
    }
}
