//! Attacks with paper: a photo held up, bent and moved, or worn.

use std::sync::Arc;

use super::behaviour::Sway;
use super::person::Person;
use crate::presence::random::Draws;
use crate::presence::render::{Paint, Pose, Sheet, Sitter, Texture, Turn, smooth, texel_of};
use crate::presence::settings::Settings;
use crate::presence::stage::{Player, Screen, Shot};

/// A print of `photo`: less contrast, greyer blacks, the tint of its ink.
fn printed(photo: &Texture, draws: &mut Draws) -> Texture {
    let mut print = photo.clone();
    let (white, black) = (draws.between((0.75, 0.9)), draws.between((0.01, 0.04)));
    let tint = [draws.between((0.92, 1.05)), 1.0, draws.between((0.92, 1.05))];
    print.change(|_, _, texel| {
        for channel in 0..3 {
            texel[channel] = (black + (white - black) * texel[channel]) * tint[channel];
        }
    });
    print
}

/// A photo held before the camera.
pub(crate) struct Print {
    attacker: Person,
    paper: Texture,
    half: (f32, f32),
    enlarged: f32,
    hand: Sway,
    /// How it answers: 0 not at all, 1 as a head would turn.
    follows: f32,
    bend: f32,
}

impl Print {
    fn new(settings: Settings, seed: u64, target: &Sitter, attacker: Arc<Sitter>, follows: f32) -> Self {
        let mut draws = Draws::of(seed, "print");
        let paper = printed(&target.photo, &mut draws);
        let enlarged = draws.between((0.75, 1.1));
        let half = (draws.between((85.0, 140.0)) * enlarged, draws.between((115.0, 160.0)) * enlarged);
        let hand = Sway::new(&mut draws, 0.6);
        let bend = if follows > 0.0 { draws.between((0.0, 0.007)) } else { draws.between((0.0, 0.001)) };
        let attacker = Person::new(settings, seed, attacker);
        Self { attacker, paper, half, enlarged, hand, follows, bend }
    }

    /// Held still, as far as a hand can.
    pub(crate) fn still(settings: Settings, seed: u64, target: &Sitter, attacker: Arc<Sitter>) -> Self {
        Self::new(settings, seed, target, attacker, 0.0)
    }

    /// Turned, moved and bent as the prompts ask.
    pub(crate) fn bent(settings: Settings, seed: u64, target: &Sitter, attacker: Arc<Sitter>) -> Self {
        let follows = Draws::of(seed, "bent").between((0.8, 1.4));
        Self::new(settings, seed, target, attacker, follows)
    }
}

impl Player for Print {
    fn frame(&mut self, now_ms: u64, screen: &Screen) -> Option<Shot> {
        let asked = self.attacker.pose(now_ms, screen);
        let [yaw, pitch, roll, right, down, away] = self.hand.at(now_ms);
        let Person { rig, sitter, .. } = &mut self.attacker;
        let (lens, light) = (rig.lens(now_ms), rig.light(now_ms, screen));
        rig.backdrop(&lens, &light, sitter);
        let share = self.follows;
        let turn = Turn::new(yaw + asked.yaw * share, pitch + asked.pitch * share, roll + asked.roll * share);
        // A face on paper is as large as a face where it is held nearer or farther.
        let distance = rig.eyes[2] * self.enlarged;
        let at = [
            rig.eyes[0] + right + asked.shift[0] * share,
            rig.eyes[1] + down + asked.shift[1] * share,
            distance + away + asked.shift[2] * share.min(1.0) * self.enlarged,
        ];
        let bend = self.bend * (1.0 + asked.yaw.abs() * share / 20.0);
        // The point between the eyes lies above the middle of the sheet.
        let sheet = Sheet { half: self.half, at, turn, bend, enlarged: self.enlarged };
        let surface = sheet.surface(|x, y| texel_of(x, y + 20.0));
        rig.canvas.in_front();
        let paint = Paint { tint: [1.0; 3], glows: None };
        surface.draw(&mut rig.canvas, &lens, &light, &self.paper, &paint);
        let rgb = rig.expose(now_ms);
        rig.send(now_ms, &rgb)
    }
}

/// A photo with its eyes cut out, worn over a face.
pub(crate) struct Worn {
    wearer: Person,
    paper: Texture,
    bend: f32,
}

impl Worn {
    pub(crate) fn new(settings: Settings, seed: u64, target: &Sitter, wearer: Arc<Sitter>) -> Self {
        let mut draws = Draws::of(seed, "worn");
        let paper = printed(&target.photo, &mut draws);
        // A head is a cylinder of 85 to 110 mm to a sheet of paper.
        let bend = 1.0 / draws.between((85.0, 110.0));
        Self { wearer: Person::new(settings, seed, wearer), paper, bend }
    }
}

/// From the eyes' plane to the paper over the nose, in mm.
const BEFORE_EYES: f32 = 32.0;
/// From the wearer's eyes to the axis of the neck, below and behind, in mm.
const NECK: (f32, f32) = (75.0, 95.0);

impl Player for Worn {
    fn frame(&mut self, now_ms: u64, screen: &Screen) -> Option<Shot> {
        let pose = self.wearer.pose(now_ms, screen);
        let Person { rig, sitter, .. } = &mut self.wearer;
        let (lens, light) = (rig.lens(now_ms), rig.light(now_ms, screen));
        rig.backdrop(&lens, &light, sitter);
        let (eyes, skin) = (rig.eyes, rig.settings.skin);
        sitter.draw(&mut rig.canvas, &lens, &light, &pose, eyes, skin);
        let mut surface = worn_sheet(&pose, eyes, self.bend);
        for point in &mut surface.points {
            let (left, top) = texel_of(0.0, 0.0);
            let per_mm = texel_of(1.0, 0.0).0 - left;
            let (x, y) = ((point.texel.0 - left) / per_mm, (point.texel.1 - top) / per_mm);
            let eye = ((x.abs() - 31.5) / 15.0).hypot(y / 9.0);
            let face = (x / 78.0).hypot((y - 15.0) / 112.0);
            point.cover = smooth(0.8, 1.1, eye) * (1.0 - smooth(0.97, 1.03, face));
        }
        let paint = Paint { tint: [1.0; 3], glows: None };
        surface.draw(&mut rig.canvas, &lens, &light, &self.paper, &paint);
        let rgb = rig.expose(now_ms);
        rig.send(now_ms, &rgb)
    }
}

fn worn_sheet(pose: &Pose, eyes: [f32; 3], bend: f32) -> crate::presence::render::Surface {
    let turn = Turn::new(pose.yaw, pose.pitch, pose.roll);
    let (below, behind) = NECK;
    // The paper's middle, 15 mm below the eyes, turns round the neck with the head.
    let middle = turn.apply([0.0, 15.0 - below, -BEFORE_EYES - behind]);
    let at = [
        eyes[0] + pose.shift[0] + middle[0],
        eyes[1] + pose.shift[1] + middle[1] + below,
        eyes[2] + pose.shift[2] + middle[2] + behind,
    ];
    Sheet { half: (80.0, 115.0), at, turn, bend, enlarged: 1.0 }.surface(|x, y| texel_of(x, y + 15.0))
}
