//! Made-up captures for the tests of this room: a head of five points before a pinhole camera.

use domain::{Colour, LivenessSignal, Movement, Step, TemplateIds};

use super::light;
use super::observe::{FINGERPRINT_LENGTH, Fingerprint, Front, Light, Observation, Skin};
use super::take::{CameraClaims, Seen, StepTaken, Take};
use crate::face::compare::{EMBEDDING_LENGTH, Embedding, Template};
use crate::geometry::{Point, Rect};

/// A head before the camera. Angles in degrees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) yaw: f32,
    pub(super) pitch: f32,
    /// 1 at seven eye distances from the camera.
    pub(super) near: f32,
    /// Height of the nose over the plane of the others in eye distances.
    pub(super) nose: f32,
}

impl Head {
    pub(super) const STRAIGHT: Self = Self { yaw: 0.0, pitch: 0.0, near: 1.0, nose: 0.5 };
}

/// Eyes 80 px apart at a nearness of 1, in a frame of 640 x 480.
pub(super) fn front(head: Head) -> Front {
    let [(sin_yaw, cos_yaw), (sin_pitch, cos_pitch)] =
        [head.yaw, head.pitch].map(|degrees| degrees.to_radians().sin_cos());
    let project = |[x, y, z]: [f32; 3]| {
        let (y, z) = (y * cos_pitch - z * sin_pitch, y * sin_pitch + z * cos_pitch);
        let (x, z) = (x * cos_yaw - z * sin_yaw, x * sin_yaw + z * cos_yaw);
        let distance = 7.0 / head.near - z;
        Point::new(320.0 + 560.0 * x / distance, 210.0 + 560.0 * y / distance)
    };
    let points =
        [[-0.5, 0.0, 0.0], [0.5, 0.0, 0.0], [0.0, 0.6, head.nose], [-0.4, 1.1, 0.0], [0.4, 1.1, 0.0]]
            .map(project);
    let (width, height) = (170.0 * head.near, 220.0 * head.near);
    let grey = Some([0.2; 3]);
    Front {
        bounds: Rect { x: 320.0 - width / 2.0, y: 240.0 - height / 2.0, width, height },
        points,
        score: 0.95,
        aloneness: 1.0,
        yaw_degrees: head.yaw,
        pitch_degrees: head.pitch,
        roll_degrees: 0.0,
        luma: 120.0,
        sharpness: 80,
        occlusion: 90,
        skin: Skin {
            forehead: grey,
            nose: grey,
            right_cheek: grey,
            left_cheek: grey,
            right_side: grey,
            left_side: grey,
        },
        background: Some([0.1; 3]),
        liveness: None,
        template: None,
    }
}

pub(super) fn observed(head: Head) -> Observation {
    Observation { width: 640, height: 480, faces: 1, front: Some(front(head)), fingerprint: grain(0) }
}

pub(crate) fn observation() -> Observation {
    observed(Head::STRAIGHT)
}

/// Grain that differs with `seed` as noise does.
pub(super) fn grain(seed: u32) -> Fingerprint {
    let value = |place: u32| {
        let mixed = (seed.wrapping_mul(0x9E37_79B9) ^ place).wrapping_mul(0x85EB_CA6B);
        ((mixed ^ mixed >> 13).wrapping_mul(0xC2B2_AE35) >> 24) as i8 / 32
    };
    Fingerprint((0..FINGERPRINT_LENGTH as u32).map(value).collect())
}

/// The same seen in a mirror.
pub(super) fn mirrored(observation: &Observation) -> Observation {
    let mut other = observation.clone();
    let width = observation.width as f32;
    if let Some(front) = &mut other.front {
        let [right_eye, left_eye, nose, right_mouth, left_mouth] =
            front.points.map(|point| Point::new(width - point.x, point.y));
        front.points = [left_eye, right_eye, nose, left_mouth, right_mouth];
        front.bounds.x = width - front.bounds.x - front.bounds.width;
        front.yaw_degrees = -front.yaw_degrees;
        front.roll_degrees = -front.roll_degrees;
    }
    other
}

/// A frame at `ms` of the camera's clock, which arrives 40 ms later and some; its grain is its own.
pub(super) fn seen(ms: f32, observation: Observation) -> Seen {
    let sequence = ms as u32;
    // Cameras do not keep time to the microsecond.
    let wobble = u64::from(sequence.wrapping_mul(7919) % 3_000);
    Seen {
        sequence,
        captured_us: u64::from(sequence) * 1_000 + wobble,
        received_ms: u64::from(sequence) + 40 + u64::from(sequence.wrapping_mul(31) % 25),
        digest: u128::from(sequence).to_be_bytes(),
        observation: Observation { fingerprint: grain(sequence), ..observation },
    }
}

/// Times of frames, 80 ms apart.
fn times(from_ms: f32, to_ms: f32) -> impl Iterator<Item = f32> {
    (0..).map(move |index| from_ms + index as f32 * 80.0).take_while(move |ms| *ms < to_ms)
}

/// `count` frames of a preview.
pub(super) fn still_take(count: usize) -> Take {
    Take {
        before: times(100.0, 1e6).take(count).map(|ms| seen(ms, observation())).collect(),
        steps: vec![],
        camera: CameraClaims::default(),
        recycled: 0,
    }
}

/// A preview and one movement, revealed at 1,500 ms; `head` is told the time since then.
pub(super) fn take_of(movement: Movement, head: impl Fn(f32) -> Head) -> Take {
    let frames = times(1_540.0, 3_500.0).map(|ms| seen(ms, observed(head(ms - 1_500.0)))).collect();
    let step = StepTaken {
        step: Step::Move { movement, at_most_ms: 6_000 },
        revealed_ms: 1_500,
        shown_ms: Some(1_540),
        ended_ms: 3_500,
        frames,
    };
    Take { steps: vec![step], ..still_take(16) }
}

/// The template of somebody: people with the same numbers are one.
pub(super) fn template(x: f32, y: f32) -> Template {
    let mut raw = [0.0; EMBEDDING_LENGTH];
    (raw[0], raw[1]) = (x, y);
    let id = "made up".to_owned();
    let ids = TemplateIds { model: id.clone(), preprocessing: id.clone(), calibration: id };
    Template { ids, embedding: Embedding::from_raw(&raw).unwrap() }
}

/// Looks at a frame closely: a live face of somebody.
pub(super) fn look(seen: &mut Seen, of: &Template) {
    if let Some(front) = &mut seen.observation.front {
        front.liveness = Some(LivenessSignal::Scored { score: 0.95 });
        front.template = Some(of.clone());
    }
}

/// A preview, five colours, a turn and a nod, of one person who does what is asked; two frames of each step are looked
/// at closely.
pub(super) fn whole_take() -> Take {
    use Colour::{Blue, Cyan, Green, Magenta, Yellow};
    let asked = [Green, Magenta, Blue, Yellow, Cyan];
    let scene = Scene { front: 0.15, side: 0.08, background: 0.01, lag_ms: 130.0, noise: 0.01, fade_ms: 0.0 };
    let mut take = colour_take(&asked, &asked, scene);
    for (start, movement) in [(4_300.0, Movement::TurnRight), (6_300.0, Movement::LookUp)] {
        let head = |ms: f32| {
            let way = (ms - start - 350.0).clamp(0.0, 700.0);
            match movement {
                Movement::TurnRight => Head { yaw: way * 0.035, ..Head::STRAIGHT },
                _ => Head { pitch: way * 0.025, ..Head::STRAIGHT },
            }
        };
        take.steps.push(StepTaken {
            step: Step::Move { movement, at_most_ms: 6_000 },
            revealed_ms: start as u64,
            shown_ms: Some(start as u64 + 40),
            ended_ms: start as u64 + 2_000,
            frames: times(start + 40.0, start + 2_000.0).map(|ms| seen(ms, observed(head(ms)))).collect(),
        });
    }
    let somebody = template(1.0, 0.0);
    for frames in take.steps.iter_mut().map(|step| &mut step.frames).chain([&mut take.before]) {
        for seen in frames.iter_mut().step_by(4).take(2) {
            look(seen, &somebody);
        }
    }
    take
}

/// How a scene answers to the screen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene {
    /// Share of the other light that a full screen adds on the front and the sides of the face and the background.
    pub(super) front: f32,
    pub(super) side: f32,
    pub(super) background: f32,
    /// From the screen to the frame, in ms.
    pub(super) lag_ms: f32,
    /// Spread of the noise, as a share of the light.
    pub(super) noise: f32,
    /// How long a colour takes to come, in ms.
    pub(super) fade_ms: f32,
}

/// A preview and `colours`, each there for 560 ms, in a scene that is lit by `shown`.
pub(super) fn colour_take(colours: &[domain::Colour], shown: &[domain::Colour], scene: Scene) -> Take {
    let each_ms = 560.0 + scene.fade_ms;
    let emitted = |ms: f32| -> Light {
        let since = ms - 1_500.0 - scene.lag_ms;
        let step = (since / each_ms).floor();
        let of = |step: f32| {
            let colour = if step < 0.0 { None } else { shown.get(step as usize) };
            colour.map_or([0.2; 3], |colour| colour.srgb().map(light::linear))
        };
        let (before, after) = (of(step - 1.0), of(step));
        let there = ((since - step * each_ms) / scene.fade_ms.max(1.0)).min(1.0);
        std::array::from_fn(|channel| before[channel] + (after[channel] - before[channel]) * there)
    };
    let lit = |ms: f32| {
        let mut observation = observation();
        let emitted = emitted(ms);
        // Exposure drifts, as cameras' does.
        let exposure = 1.0 + 0.2 * (ms / 700.0).sin();
        let light = |gain: f32, place: u32| -> Light {
            std::array::from_fn(|channel| {
                let mixed = ((ms as u32) ^ (place * 8 + channel as u32)).wrapping_mul(0x9E37_79B9);
                let noise = (mixed.wrapping_mul(0x85EB_CA6B) >> 16) as f32 / 65_536.0 - 0.5;
                exposure * 0.2 * (1.0 + gain * emitted[channel]) * (1.0 + scene.noise * 3.5 * noise)
            })
        };
        if let Some(front) = &mut observation.front {
            front.skin = Skin {
                forehead: Some(light(scene.front, 0)),
                nose: Some(light(scene.front, 1)),
                right_cheek: Some(light(scene.front, 2)),
                left_cheek: Some(light(scene.front, 3)),
                right_side: Some(light(scene.side, 4)),
                left_side: Some(light(scene.side, 5)),
            };
            front.background = Some(light(scene.background, 6));
        }
        observation
    };
    let steps = colours.iter().enumerate().map(|(index, colour)| {
        let start = 1_500.0 + index as f32 * each_ms;
        StepTaken {
            step: Step::Colour { colour: *colour, shown_ms: each_ms as u32, fade_ms: scene.fade_ms as u32 },
            revealed_ms: start as u64,
            shown_ms: Some(start as u64 + 40),
            ended_ms: (start + each_ms) as u64,
            frames: times(start, start + each_ms).map(|ms| seen(ms, lit(ms))).collect(),
        }
    });
    Take {
        before: times(100.0, 1_400.0).map(|ms| seen(ms, lit(ms))).collect(),
        steps: steps.collect(),
        camera: CameraClaims::default(),
        recycled: 0,
    }
}
