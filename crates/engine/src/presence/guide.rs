//! What a person can do to be seen better.

use domain::Guidance;

use super::observe::{Front, Observation};

/// Narrowest face, as a share of the frame's shorter side: 115 px of 480, twice what single-frame detection needs.
const LEAST_WIDTH: f32 = 0.24;
/// Largest face, as a share of the frame's sides: single-frame detection is blind from 0.62 on.
const MOST_OF_FRAME: f32 = 0.58;
/// Mean luma, 0..255, of a face that shows the colours of a screen: half of what burns out, and clear of the noise.
const LUMA: (f32, f32) = (45.0, 215.0);
/// Lowest quality, 0..100, as [`domain::Policy::STANDARD`] asks of a selfie.
const LEAST_SHARPNESS: u8 = 14;
const LEAST_OCCLUSION: u8 = 30;
const LEAST_ALONENESS: f32 = 0.5;
/// How far the face's middle may lie from the frame's, as a share of its sides.
const OFF_CENTRE: f32 = 0.22;
/// How far a head may be turned, nod and lean, in degrees. Nodding is measured from the mean of LFW's photos, and
/// cameras look up or down at people. To the side less is allowed: from there a picture on paper could turn through the
/// front, and its little depth would count twice.
const YAW: f32 = 10.0;
const PITCH: f32 = 20.0;
const ROLL: f32 = 15.0;

/// What the person can do, the most pressing first; [`Guidance::Good`] where the capture can begin.
pub fn guide(observation: &Observation) -> Guidance {
    let Some(front) = &observation.front else { return Guidance::NoFace };
    let (width, height) = (observation.width as f32, observation.height as f32);
    let bounds = front.bounds;
    let centre = bounds.centre();
    let off_centre = [centre.x / width - 0.5, centre.y / height - 0.5];
    let problems = [
        (front.aloneness < LEAST_ALONENESS, Guidance::SeveralFaces),
        (front.luma < LUMA.0, Guidance::TooDark),
        (front.luma > LUMA.1, Guidance::TooBright),
        (bounds.width < LEAST_WIDTH * width.min(height), Guidance::TooFar),
        (bounds.width > MOST_OF_FRAME * width || bounds.height > MOST_OF_FRAME * height, Guidance::TooClose),
        (off_centre.iter().any(|share| share.abs() > OFF_CENTRE), Guidance::NotCentred),
        (is_turned(front), Guidance::LookStraight),
        (front.occlusion < LEAST_OCCLUSION, Guidance::FaceCovered),
        (front.sharpness < LEAST_SHARPNESS, Guidance::HoldStill),
    ];
    problems.into_iter().find_map(|(is_so, guidance)| is_so.then_some(guidance)).unwrap_or(Guidance::Good)
}

/// Whether the head is turned, nods or leans; also where the angles are no numbers.
fn is_turned(front: &Front) -> bool {
    let within = |angle: f32, most: f32| angle.abs() <= most;
    !(within(front.yaw_degrees, YAW)
        && within(front.pitch_degrees, PITCH)
        && within(front.roll_degrees, ROLL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;
    use crate::presence::testing;

    #[test]
    fn a_good_face_is_told_so_and_each_fault_has_its_word() {
        let seen = |change: &dyn Fn(&mut Front)| {
            let mut observation = testing::observation();
            observation.front.as_mut().map(change);
            guide(&observation)
        };
        assert_eq!(seen(&|_| ()), Guidance::Good);
        assert_eq!(guide(&Observation { front: None, ..testing::observation() }), Guidance::NoFace);
        assert_eq!(seen(&|front| front.aloneness = 0.2), Guidance::SeveralFaces);
        assert_eq!(seen(&|front| front.luma = 20.0), Guidance::TooDark);
        assert_eq!(seen(&|front| front.luma = 240.0), Guidance::TooBright);
        assert_eq!(seen(&|front| front.bounds.width = 60.0), Guidance::TooFar);
        assert_eq!(seen(&|front| front.bounds.height = 400.0), Guidance::TooClose);
        assert_eq!(seen(&|front| front.bounds = Rect { x: 10.0, ..front.bounds }), Guidance::NotCentred);
        for turn in [30.0, f32::NAN] {
            assert_eq!(seen(&|front| front.yaw_degrees = turn), Guidance::LookStraight);
            assert_eq!(seen(&|front| front.pitch_degrees = turn), Guidance::LookStraight);
            assert_eq!(seen(&|front| front.roll_degrees = -turn), Guidance::LookStraight);
        }
        assert_eq!(seen(&|front| front.occlusion = 5), Guidance::FaceCovered);
        assert_eq!(seen(&|front| front.sharpness = 5), Guidance::HoldStill);
    }
}
