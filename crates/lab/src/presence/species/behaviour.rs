//! How people move: late, smoothly, never quite still.

use domain::Movement;

use crate::presence::random::Draws;
use crate::presence::render::Pose;
use crate::presence::settings::Settings;
use crate::presence::stage::{Screen, Shows};

/// A slow movement nobody intends: sums of sines at 0.15 to 0.9 Hz.
#[derive(Debug, Clone)]
pub(crate) struct Sway {
    waves: [[(f32, f32, f32); 2]; 6],
}

impl Sway {
    /// A sway of `strength`: 1 is about 2 degrees and 4 mm.
    pub(crate) fn new(draws: &mut Draws, strength: f32) -> Self {
        let amplitudes = [1.4, 1.1, 0.8, 3.0, 2.0, 4.0];
        let waves = amplitudes.map(|amplitude| {
            [(0.15, 0.4), (0.4, 0.9)].map(|hertz| {
                let share = draws.between((0.3, 0.8));
                (amplitude * strength * share, draws.between(hertz), draws.unit() * std::f32::consts::TAU)
            })
        });
        Self { waves }
    }

    /// Yaw, pitch, roll in degrees; right, down, away in mm.
    pub(crate) fn at(&self, now_ms: u64) -> [f32; 6] {
        let seconds = now_ms as f32 / 1000.0;
        self.waves.map(|pair| {
            pair.iter()
                .map(|(amplitude, hertz, phase)| {
                    amplitude * (std::f32::consts::TAU * hertz * seconds + phase).sin()
                })
                .sum()
        })
    }
}

/// A person who does what the screen asks, after a while.
pub(crate) struct Behaviour {
    settings: Settings,
    sway: Sway,
    draws: Draws,
    seen: Option<Screen>,
    movement: Movement,
    /// The way from one share of the movement to another: from, to, beginning in ms, length in ms.
    way: (f32, f32, f32, f32),
    /// Whether the movement is still asked for.
    waits: bool,
    next_blink_ms: u64,
}

/// How long an eye is closed, in ms.
const BLINK_MS: u64 = 160;
/// Looking back is quicker than looking for what is asked.
const BACK: f32 = 0.6;
/// Who has moved and gets no answer goes further after so long, in ms, and by this share.
const IMPATIENT_MS: f32 = 900.0;
const FURTHER: f32 = 0.35;
/// Nobody who still looks at the screen turns further, in degrees.
const MOST_DEGREES: f32 = 45.0;

impl Behaviour {
    pub(crate) fn new(settings: Settings, seed: u64) -> Self {
        let mut draws = Draws::of(seed, "behaviour");
        let sway = Sway::new(&mut draws, settings.sway);
        let next_blink_ms = draws.between((300.0, 4_000.0)) as u64;
        let movement = Movement::TurnLeft;
        Self {
            settings,
            sway,
            draws,
            seen: None,
            movement,
            way: (0.0, 0.0, 0.0, 1.0),
            waits: false,
            next_blink_ms,
        }
    }

    /// How the head is held at `now_ms`, in front of `screen`.
    pub(crate) fn pose(&mut self, now_ms: u64, screen: &Screen) -> Pose {
        if self.seen.is_none_or(|seen| seen.shows != screen.shows || seen.nonce != screen.nonce) {
            self.seen = Some(*screen);
            self.react(screen);
        }
        self.insist(now_ms);
        let done = self.done(now_ms as f32);
        let [yaw, pitch, roll, right, down, away] = self.sway.at(now_ms);
        let mut pose = Pose { yaw, pitch, roll, shift: [right, down, away], blink: self.blink(now_ms) };
        let Settings { turn_degrees, nod_degrees, closer, distance_mm, .. } = self.settings;
        match self.movement {
            Movement::TurnLeft => pose.yaw += (turn_degrees * done).min(MOST_DEGREES),
            Movement::TurnRight => pose.yaw -= (turn_degrees * done).min(MOST_DEGREES),
            Movement::LookUp => pose.pitch += nod_degrees * done,
            Movement::LookDown => pose.pitch -= nod_degrees * done,
            Movement::ComeCloser => pose.shift[2] -= closer * distance_mm * done,
        }
        if matches!(self.movement, Movement::TurnLeft | Movement::TurnRight) {
            // Nobody turns round one axis alone.
            pose.pitch -= 2.0 * done;
            pose.roll += if self.movement == Movement::TurnLeft { 2.0 } else { -2.0 } * done;
        }
        pose
    }

    fn react(&mut self, screen: &Screen) {
        let since_ms = screen.since_ms as f32;
        let varied = self.draws.between((0.85, 1.15));
        let Settings { reaction_ms, move_ms, .. } = self.settings;
        match screen.shows {
            Shows::Prompt(movement) => {
                self.movement = movement;
                self.way = (0.0, 1.0, since_ms + reaction_ms * varied, move_ms * varied);
                self.waits = true;
            }
            Shows::Rest | Shows::Colour(_) | Shows::Neutral => {
                let start_ms = since_ms + reaction_ms * BACK * varied;
                self.way = (self.done(start_ms), 0.0, start_ms, move_ms * varied);
                self.waits = false;
            }
        }
    }

    /// Goes further where the first try got no answer.
    fn insist(&mut self, now_ms: u64) {
        let (_, reached, start_ms, length_ms) = self.way;
        let tired_ms = start_ms + length_ms + IMPATIENT_MS;
        if self.waits && now_ms as f32 > tired_ms {
            self.way = (reached, reached + FURTHER, tired_ms, length_ms);
            self.waits = reached < 1.0 + FURTHER;
        }
    }

    /// The share of the movement that is done: the curve of least jerk (Flash, Hogan 1985).
    fn done(&self, now_ms: f32) -> f32 {
        let (from, to, start_ms, length_ms) = self.way;
        let share = ((now_ms - start_ms) / length_ms).clamp(0.0, 1.0);
        from + (to - from) * share.powi(3) * (10.0 - 15.0 * share + 6.0 * share * share)
    }

    fn blink(&mut self, now_ms: u64) -> f32 {
        if now_ms > self.next_blink_ms + BLINK_MS {
            self.next_blink_ms = now_ms + self.draws.between((1_500.0, 5_000.0)) as u64;
        }
        let into = now_ms.saturating_sub(self.next_blink_ms) as f32 / BLINK_MS as f32;
        if now_ms < self.next_blink_ms { 0.0 } else { (1.0 - (2.0 * into - 1.0).abs()).clamp(0.0, 1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presence::settings::Half;

    #[test]
    fn a_person_moves_after_the_prompt_and_comes_back_after_the_rest() {
        let mut settings = Settings::draw(Half::Development, 1);
        (settings.sway, settings.reaction_ms, settings.move_ms) = (0.0, 400.0, 500.0);
        let mut behaviour = Behaviour::new(settings, 1);
        let shows = |shows, since_ms| Screen { shows, since_ms, fade_ms: 0, nonce: [1; 16] };
        let left = shows(Shows::Prompt(Movement::TurnLeft), 1_000);
        assert!(behaviour.pose(1_200, &left).yaw.abs() < 0.1);
        let turned = behaviour.pose(2_200, &left).yaw;
        assert!((turned - settings.turn_degrees).abs() < 0.1, "{turned}");
        let rest = shows(Shows::Rest, 2_200);
        assert!((behaviour.pose(2_210, &rest).yaw - turned).abs() < 0.1);
        assert!(behaviour.pose(3_900, &rest).yaw.abs() < 0.1);
    }
}
