//! The attacks, made of a recording of a person.

use media::Frame;
use serde::Serialize;

use super::draw::{Hand, light, linear, photographed};
use super::film::Film;
use crate::presence::Half;
use crate::presence::random::Draws;

/// A kind of attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The recording on a display before a camera: dots, its own gamma, flicker, a hand that trembles.
    Replay,
    /// One frame of it printed, and moved by hand.
    MovedPhoto,
    /// Its first part again and again.
    Loop,
    /// The first half is one person, the second another.
    Splice,
    /// One of its seconds stands still.
    FrozenSecond,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Replay, Self::MovedPhoto, Self::Loop, Self::Splice, Self::FrozenSecond];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::MovedPhoto => "moved_photo",
            Self::Loop => "loop",
            Self::Splice => "splice",
            Self::FrozenSecond => "frozen_second",
        }
    }
}

/// The attack `kind` on the person of `film`, with settings of `half`. A splice needs two films: see [`splice`].
pub(super) fn make(kind: Kind, film: &Film, half: Half, draws: &mut Draws) -> Film {
    match kind {
        Kind::Replay => replay(film, half, draws),
        Kind::MovedPhoto => moved_photo(film, half, draws),
        Kind::Loop => {
            let share = match half {
                Half::Development => draws.between((0.32, 0.42)),
                Half::Scored => draws.between((0.27, 0.48)),
            };
            let part = ((film.frames.len() as f32 * share) as usize).max(1);
            in_order(film, |index| index % part)
        }
        Kind::FrozenSecond => {
            let rate = Film::rate() as usize;
            let last = film.frames.len().saturating_sub(rate + 1).max(1);
            let from = draws.below(last);
            in_order(film, |index| if (from..from + rate).contains(&index) { from } else { index })
        }
        Kind::Splice => film.clone(),
    }
}

/// The first half of `first`, then the second half of `second`, brought to the size of the first.
pub(super) fn splice(first: &Film, second: &Film) -> Film {
    let half = first.frames.len() / 2;
    let (head, rest) = first.frames.split_at(half);
    let Some(like) = first.frames.first() else { return first.clone() };
    let table = linear(1.0);
    let frames = rest.iter().enumerate().filter_map(|(index, was)| {
        let frame = second.frames.get((half + index).min(second.frames.len().checked_sub(1)?))?;
        let scale =
            (frame.width() as f32 / like.width() as f32).min(frame.height() as f32 / like.height() as f32);
        let middle = |size: u32, of: u32| (of as f32 - size as f32 * scale) / 2.0;
        let (left, top) = (middle(like.width(), frame.width()), middle(like.height(), frame.height()));
        let mut none = Draws::new(1);
        photographed(like, was.t_ms(), 1.0, 0.0, &mut none, |x, y| {
            light(frame, (left + x * scale, top + y * scale), &table)
        })
    });
    Film { frames: head.iter().cloned().chain(frames).collect() }
}

/// The pictures of `film` in another order, at the times they are shown.
fn in_order(film: &Film, which: impl Fn(usize) -> usize) -> Film {
    let frames = film.frames.iter().enumerate().filter_map(|(index, was)| {
        let shown = film.frames.get(which(index))?;
        Frame::from_rgb(shown.width(), shown.height(), shown.rgb().to_vec(), was.t_ms())
    });
    Film { frames: frames.collect() }
}

/// `paint` for each frame: where its time is in s, what it shows, and where a pixel lies on it.
fn each(film: &Film, mut paint: impl FnMut(f32, &Frame) -> Option<Frame>) -> Film {
    let frames = film.frames.iter().filter_map(|frame| paint(frame.t_ms() as f32 / 1000.0, frame));
    Film { frames: frames.collect() }
}

fn size(frame: &Frame) -> (f32, f32) {
    (frame.width() as f32, frame.height() as f32)
}

fn replay(film: &Film, half: Half, draws: &mut Draws) -> Film {
    let ranges: [(f32, f32); 6] = match half {
        Half::Development => [(0.7, 1.25), (0.05, 0.25), (0.01, 0.06), (1.9, 2.3), (0.01, 0.04), (1.0, 2.5)],
        Half::Scored => [(0.6, 1.4), (0.04, 0.3), (0.006, 0.08), (1.8, 2.5), (0.005, 0.05), (0.8, 3.0)],
    };
    let [dots, gap, flicker, gamma, black, noise] = ranges.map(|range| draws.between(range));
    let (hertz, bands) = (draws.between((2.0, 11.0)), draws.between((0.5, 4.0)));
    let white = [draws.between((0.86, 1.0)), 1.0, draws.between((1.0, 1.12))];
    let lean = draws.between((-0.05, 0.05));
    let hand = Hand::draw(draws, [0.006, 0.01, 0.01, 0.02]);
    let table = linear(gamma);
    each(film, |seconds, frame| {
        let (pose, all) = (hand.at(seconds), size(frame));
        photographed(frame, frame.t_ms(), 2.2, noise, draws, |x, y| {
            let place = pose.place((x, y), all, 1.06);
            let wave = |at: f32| (std::f32::consts::TAU * at.rem_euclid(1.0)).cos();
            let (across, along) = ((place.0 + lean * place.1) * dots, (place.1 - lean * place.0) * dots);
            let band = 1.0 + flicker * wave(hertz * seconds + bands * y / all.1);
            let shown = light(frame, place, &table);
            std::array::from_fn(|channel| {
                // The three colours of a dot lie beside each other.
                let dot = 1.0 - gap + gap * (wave(across + channel as f32 / 3.0) + 0.5 * wave(along)) / 1.5;
                (shown[channel] * white[channel] * dot + black) * band / (1.0 + black)
            })
        })
    })
}

fn moved_photo(film: &Film, half: Half, draws: &mut Draws) -> Film {
    let ranges: [(f32, f32); 4] = match half {
        Half::Development => [(0.7, 0.95), (0.01, 0.05), (0.02, 0.06), (1.0, 2.5)],
        Half::Scored => [(0.6, 1.0), (0.005, 0.07), (0.015, 0.08), (0.8, 3.0)],
    };
    let [contrast, black, shade, noise] = ranges.map(|range| draws.between(range));
    let moves = match half {
        Half::Development => [0.03, 0.05, 0.04, 0.10],
        Half::Scored => [0.04, 0.07, 0.05, 0.14],
    };
    let hand = Hand::draw(draws, moves);
    let Some(photo) = film.frames.get(film.frames.len() / 2).cloned() else { return film.clone() };
    let table = linear(2.2);
    each(film, |seconds, frame| {
        let (pose, all) = (hand.at(seconds), size(frame));
        photographed(frame, frame.t_ms(), 2.2, noise, draws, |x, y| {
            let shown = light(&photo, pose.place((x, y), all, 1.15), &table);
            // The light does not fall evenly, and moves over the paper as it tilts.
            let light = 1.0 + shade * (3.0 * x / all.0 + seconds).sin();
            shown.map(|value| (black + contrast * value) * light)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film() -> Film {
        let frames = (0..75_u64).map(|index| {
            let rgb = (0..16 * 12 * 3).map(|at| (at as u64 + 3 * index) as u8).collect();
            Frame::from_rgb(16, 12, rgb, index * 40).unwrap()
        });
        Film { frames: frames.collect() }
    }

    #[test]
    fn each_attack_has_as_many_frames_at_the_same_times_and_other_pictures() {
        for half in [Half::Development, Half::Scored] {
            for kind in Kind::ALL {
                let film = film();
                let attack = match kind {
                    Kind::Splice => {
                        let mut other = film.clone();
                        other.frames.reverse();
                        splice(&film, &other)
                    }
                    kind => make(kind, &film, half, &mut Draws::new(5)),
                };
                let times = |film: &Film| film.frames.iter().map(Frame::t_ms).collect::<Vec<_>>();
                assert_eq!(times(&attack), times(&film), "{kind:?}");
                assert!(attack.frames != film.frames, "{kind:?}");
            }
        }
    }

    #[test]
    fn a_second_stands_still_and_a_loop_comes_again() {
        let frozen = make(Kind::FrozenSecond, &film(), Half::Scored, &mut Draws::new(5));
        let same = frozen.frames.windows(2).filter(|pair| pair[0].rgb() == pair[1].rgb()).count();
        assert_eq!(same, 24);
        let looped = make(Kind::Loop, &film(), Half::Development, &mut Draws::new(5));
        let again = (1..75).find(|index| looped.frames[*index].rgb() == looped.frames[0].rgb());
        assert!((20..35).contains(&again.unwrap()));
    }
}
