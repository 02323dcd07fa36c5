//! The shape of a head, in mm: x to the right of the picture, y down, both from the point between the eyes.
//!
//! A generic head (superellipsoid with brows, eye sockets, nose, cheeks, mouth and chin) whose features lie where the
//! photo's key points are. Sizes are those of an adult's mean head: eyes 63 mm apart, head 156 mm wide; the rest was
//! set by eye (2026-11-21).

/// Distance of the eyes in mm: the mean of adults (Dodgson 2004).
pub(crate) const EYES_MM: f32 = 63.0;

/// A head that has been fitted to a photo.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    /// Tip of the nose, in mm.
    nose: (f32, f32),
    /// Middle of the mouth, in mm.
    mouth: (f32, f32),
    /// How far the tip of the nose stands out of the face around it, in mm.
    prominence: f32,
    /// Height of the eyes before the shift that puts them at 0.
    eyes: f32,
}

/// What surrounds the pivot of the head: mm below and behind the eyes.
pub(crate) const PIVOT: (f32, f32) = (75.0, 95.0);
/// Half of the head's depth.
const DEPTH: f32 = 90.0;
/// Half of its width.
const HALF_WIDTH: f32 = 78.0;
/// From the eyes to the crown.
const ABOVE: f32 = 130.0;
/// From the mouth to the tip of the chin.
const CHIN: f32 = 45.0;

fn bump(dx: f32, dy: f32, (wide, tall): (f32, f32)) -> f32 {
    (-(dx / wide).powi(2) / 2.0 - (dy / tall).powi(2) / 2.0).exp()
}

/// 0 at `from`, 1 at `to`, smooth between.
pub(crate) fn smooth(from: f32, to: f32, value: f32) -> f32 {
    let share = ((value - from) / (to - from)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

impl Head {
    /// A head with the nose and the mouth there. A nose stands out by 17 to 25 mm.
    pub(crate) fn new(nose: (f32, f32), mouth: (f32, f32), prominence: f32) -> Self {
        let mut head = Self { nose, mouth, prominence, eyes: 0.0 };
        head.eyes = head.height(EYES_MM / 2.0, 0.0);
        head
    }

    /// Where the chin ends.
    pub(crate) fn chin(&self) -> f32 {
        self.mouth.1 + CHIN
    }

    fn below(&self) -> f32 {
        self.chin() + 8.0
    }

    /// Towards the camera from the plane of the eyes, in mm.
    pub(crate) fn height(&self, x: f32, y: f32) -> f32 {
        let vertical = if y < 0.0 { -y / ABOVE } else { y / self.below() };
        let radius = (x.abs() / HALF_WIDTH).powf(2.3) + vertical.powf(2.6);
        let round =
            DEPTH * ((1.0 - radius.min(0.985)).sqrt() - 1.0) - 20.0 * (radius - 0.985).clamp(0.0, 1.0);
        (round + self.features(x, y)).max(self.body(x, y)) - self.eyes
    }

    fn features(&self, x: f32, y: f32) -> f32 {
        let (nose_x, nose_y) = self.nose;
        let side = x.abs();
        let along = ((y + 4.0) / (nose_y + 4.0)).clamp(0.0, 1.0);
        let ridge =
            smooth(-0.25, 1.0, (y + 4.0) / (nose_y + 4.0)) * (1.0 - smooth(nose_y + 1.0, nose_y + 14.0, y));
        let nose = self.prominence * ridge * bump(x - nose_x * along, 0.0, (6.0 + 5.0 * along, 1.0));
        let sockets = -7.0 * bump(side - EYES_MM / 2.0, y, (12.0, 8.0));
        let brows = 4.0 * bump((side - 22.0).max(0.0), y + 18.0, (16.0, 7.0));
        let cheeks = 4.0 * bump(side - 38.0, y - 36.0, (14.0, 14.0));
        let mouth = 9.0 * bump(x - self.mouth.0, y - self.mouth.1, (26.0, 16.0));
        let chin = 16.0 * bump(x - self.mouth.0, y - self.mouth.1 - 34.0, (20.0, 15.0));
        nose + sockets + brows + cheeks + mouth + chin
    }

    fn body(&self, x: f32, y: f32) -> f32 {
        let neck = -85.0 - 20.0 * (x / 55.0).powi(2).min(1.5);
        let shoulders = -100.0 + 35.0 * smooth(self.chin() + 30.0, self.chin() + 110.0, y);
        if y > self.chin() - 20.0 { neck.max(shoulders) } else { -DEPTH - 30.0 }
    }

    /// The direction that the surface faces: towards the camera is (0, 0, -1).
    pub(crate) fn normal(&self, x: f32, y: f32) -> [f32; 3] {
        // Wide enough to smooth what the generic shape does not know anyway.
        const STEP: f32 = 3.0;
        let slope_x = (self.height(x + STEP, y) - self.height(x - STEP, y)) / (2.0 * STEP);
        let slope_y = (self.height(x, y + STEP) - self.height(x, y - STEP)) / (2.0 * STEP);
        let length = (slope_x * slope_x + slope_y * slope_y + 1.0).sqrt();
        [-slope_x / length, -slope_y / length, -1.0 / length]
    }

    /// How much of the person covers what lies behind: 1 on head and body, 0 beside them.
    pub(crate) fn cover(&self, x: f32, y: f32) -> f32 {
        let vertical = if y < 0.0 { -y / (ABOVE - 2.0) } else { y / (self.chin() + 2.0) };
        let radius = (x.abs() / (HALF_WIDTH + 6.0)).powf(2.4) + vertical.powf(2.4);
        let head = 1.0 - smooth(0.9, 1.1, radius);
        let below_chin = y - self.chin();
        let half_width = 54.0 + ((below_chin - 25.0).max(0.0) * 2.6).min(170.0);
        let body =
            (1.0 - smooth(half_width - 7.0, half_width + 7.0, x.abs())) * smooth(-50.0, -40.0, below_chin);
        head.max(body)
    }

    /// How much a place moves with the head: 1 on the head, 0 on the shoulders.
    pub(crate) fn follows(&self, y: f32) -> f32 {
        1.0 - smooth(self.chin() - 8.0, self.chin() + 65.0, y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nose_stands_out_by_about_half_the_distance_of_the_eyes() {
        for (prominence, least, most) in [(17.0, 0.35, 0.55), (25.0, 0.45, 0.65)] {
            let head = Head::new((0.0, 36.0), (0.0, 73.0), prominence);
            let nose = head.height(0.0, 36.0) / EYES_MM;
            assert!((least..most).contains(&nose), "{nose}");
            let mouth = head.height(26.0, 73.0);
            assert!(mouth.abs() < 15.0, "{mouth}");
        }
    }

    #[test]
    fn a_cheek_faces_its_own_side() {
        let head = Head::new((0.0, 36.0), (0.0, 73.0), 21.0);
        assert!(head.normal(60.0, 30.0)[0] > 0.3 && head.normal(-60.0, 30.0)[0] < -0.3);
        assert!(head.normal(0.0, -30.0)[2] < -0.9);
    }

    #[test]
    fn the_head_covers_and_what_is_beside_it_does_not() {
        let head = Head::new((0.0, 36.0), (0.0, 73.0), 21.0);
        assert_eq!((head.cover(0.0, 0.0), head.cover(150.0, 0.0), head.cover(0.0, 250.0)), (1.0, 0.0, 1.0));
        assert_eq!((head.follows(0.0), head.follows(250.0)), (1.0, 0.0));
    }
}
