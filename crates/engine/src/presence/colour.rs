//! Whether the light of the screen came back from a face.
//!
//! The light of a place under a screen is that of everything else plus what the screen adds: as a share of the former,
//! a gain times what is emitted. Everything is taken relative to the background of the same frame, so that the camera's
//! exposure and white balance cancel, and to the frames before the colours.
//!
//! Of light, what is emitted and what comes back, only the hue is compared: each channel without the mean of the three.
//! A place that shifts by a few pixels as the head sways shows other skin, lighter or darker by a few hundredths in all
//! channels alike, which is as much as a weak screen adds. On 32 drawn honest captures in strong light of the room the
//! correlation with whole light was 0.73 to 0.91 in the middle half, and under 0.7 for seven; with hues it is 0.91 to
//! 0.97, and 0.80 at least; the error of the relief fell from 0.28 to 0.08 at the median (people of the development
//! half, 2026-11-21).
//!
//! A head answers, its sides weaker than its front and the background hardly. The photographed background around a
//! printed face answers as the face does; a screen that shows a face answers hardly; colour laid over the picture lies
//! on the background too. Validated on simulated captures only.

use domain::{Colour, ColourSignal, Step};

use super::light;
use super::observe::{Front, Light};
use super::statistics::{Line, finite, median};
use super::take::Take;

/// Delays that are tried: displays and cameras of the web take up to about a third of a second, and slow ones more.
const LONGEST_LAG_MS: u32 = 600;
const LAG_STEP_MS: usize = 20;
/// Time before a frame over which it gathers light, in ms: a camera's exposure indoors.
const EXPOSURE_MS: f64 = 40.0;
/// A lag must leave this share of the frames of the lag that leaves the most: fewer fit better by chance.
const LEAST_LEFT: f64 = 0.6;
/// Colours whose sequence is compared with all others: more would be too many to try.
const MOST_COLOURS: usize = 5;
/// Frames at most, so that the time is bounded.
const MOST_FRAMES: usize = 300;
/// The channels of a frame share its noise, and neighbouring frames the face's place: errors of independent ones are
/// doubled.
const DEPENDENCE: f64 = 2.0;

/// One frame's hues: light relative to the frames before, over its own mean of the channels.
struct Lit {
    taken_ms: f64,
    /// Face over background.
    face: [f64; 3],
    /// Front of the face over its sides; `None` where no side is seen.
    relief: Option<[f64; 3]>,
    /// Face and background by themselves.
    face_alone: [f64; 3],
    background_alone: [f64; 3],
}

/// From when on the screen shows a colour; `None` for the neutral one, and while a colour comes.
struct Change {
    from_ms: f64,
    emitted: Option<(usize, [f64; 3])>,
}

/// Measures the response. `None` without colours, or where too few frames show face and background.
pub(super) fn measure(take: &Take) -> Option<ColourSignal> {
    let offset_ms = take.clock_offset_ms()?;
    let (changes, colours) = timeline(take, offset_ms);
    let frames = lit(take, offset_ms)?;
    let most_left = (0..=LONGEST_LAG_MS)
        .step_by(LAG_STEP_MS)
        .map(|lag_ms| under_colours(&frames, &changes, lag_ms).count())
        .max()
        .unwrap_or_default();
    // The lag at which the face changes with the steps, whatever the colours and wherever else they show: one that is
    // sought for the asked colours would find some likeness in any.
    let (lag_ms, steadiness) = (0..=LONGEST_LAG_MS)
        .step_by(LAG_STEP_MS)
        .filter(|lag_ms| {
            let left = under_colours(&frames, &changes, *lag_ms).count();
            left as f64 >= LEAST_LEFT * most_left as f64
        })
        .map(|lag_ms| {
            let alone = Steps::of(&frames, &changes, lag_ms, &colours, |lit| lit.face_alone);
            (lag_ms, alone.steadiness())
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let steps = Steps::of(&frames, &changes, lag_ms, &colours, |lit| lit.face);
    let line = respond(&frames, &changes, lag_ms, |lit| Some(lit.face))?;
    let by_itself = |of: fn(&Lit) -> [f64; 3]| {
        respond(&frames, &changes, lag_ms, |lit| Some(of(lit))).map_or(0.0, |line| finite(line.slope))
    };
    let relief = respond(&frames, &changes, lag_ms, |lit| lit.relief)
        .filter(|_| line.slope > 1e-6)
        .map(|relief| (relief.slope / line.slope, DEPENDENCE * relief.error / line.slope));
    let (chance, best_correlation) = steps.among_all(line.correlation);
    Some(ColourSignal {
        colours: steps.seen(),
        frames: under_colours(&frames, &changes, lag_ms).count() as u32,
        lag_ms,
        correlation: finite(line.correlation),
        gain: finite(line.slope),
        gain_error: finite(line.error * DEPENDENCE),
        background_gain: by_itself(|lit| lit.background_alone),
        face_gain: by_itself(|lit| lit.face_alone),
        relief: relief.map(|relief| finite(relief.0)),
        relief_error: relief.map(|relief| finite(relief.1)),
        chance,
        best_correlation,
        steadiness,
    })
}

/// What the screen showed when, in the server's time of taking, and the colours in their order.
fn timeline(take: &Take, offset_ms: f64) -> (Vec<Change>, Vec<Colour>) {
    let mut colours = Vec::new();
    let changes = take.steps.iter().flat_map(|taken| {
        // The page's word may wait behind frames; a frame tied to the step says as surely that it was shown.
        let first = taken.frames.first().map(|seen| seen.taken_ms(offset_ms));
        let shown = taken.shown_ms.map(|ms| ms as f64);
        let from_ms = match (first, shown) {
            (Some(first), Some(shown)) => first.min(shown),
            (first, shown) => first.or(shown).unwrap_or(taken.revealed_ms as f64),
        };
        let colour = match taken.step {
            Step::Colour { colour, fade_ms, .. } => {
                colours.push(colour);
                let emitted = Some((colours.len() - 1, emission(colour)));
                Some(Change { from_ms: from_ms + f64::from(fade_ms), emitted })
            }
            Step::Move { .. } => None,
        };
        [Some(Change { from_ms, emitted: None }), colour].into_iter().flatten()
    });
    (changes.collect(), colours)
}

/// Linear light of a screen of one colour, each channel 0..1, less the mean of the channels: none for white.
fn emission(colour: Colour) -> [f64; 3] {
    let light = colour.srgb().map(|sample| f64::from(light::linear(sample)));
    let mean = light.iter().sum::<f64>() / 3.0;
    light.map(|channel| channel - mean)
}

fn over(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|channel| a[channel] / b[channel])
}

fn over_own_mean(light: [f64; 3]) -> [f64; 3] {
    let mean = light.iter().sum::<f64>() / 3.0;
    light.map(|channel| channel / mean)
}

/// Places of the front of a face, then its sides.
const PLACES: usize = 6;
const FRONT: std::ops::Range<usize> = 0..4;
const SIDES: std::ops::Range<usize> = 4..PLACES;

/// One frame's light.
struct Raw {
    taken_ms: f64,
    /// Places over the background; `None` for one that is not seen.
    places: [Option<[f64; 3]>; PLACES],
    /// Hue of the background.
    background: [f64; 3],
}

impl Raw {
    /// `None` without a background, and for a face that is turned too far to be compared.
    fn of(front: &Front, taken_ms: f64) -> Option<Self> {
        let sound = |light: Option<Light>| {
            let light = light?.map(f64::from);
            light.iter().all(|share| *share > 1e-4 && share.is_finite()).then_some(light)
        };
        let skin = &front.skin;
        let background = sound(front.background.filter(|_| front.is_straight()))?;
        let places =
            [skin.forehead, skin.nose, skin.right_cheek, skin.left_cheek, skin.right_side, skin.left_side]
                .map(|place| sound(place).map(|light| over(light, background)));
        Some(Self { taken_ms, places, background: over_own_mean(background) })
    }

    /// Light of the places in `which` that are seen, over what the same ones had `before`: one that is burnt out in some
    /// frames changes nothing by being away. `None` where none is seen.
    fn of_places(
        &self,
        which: std::ops::Range<usize>,
        before: &[Option<[f64; 3]>; PLACES],
    ) -> Option<[f64; 3]> {
        let (mut now, mut then, mut seen) = ([0.0; 3], [0.0; 3], false);
        for (light, before) in which.filter_map(|place| self.places[place].zip(before[place])) {
            now = std::array::from_fn(|channel| now[channel] + light[channel]);
            then = std::array::from_fn(|channel| then[channel] + before[channel]);
            seen = true;
        }
        seen.then(|| over(now, then))
    }
}

/// The hues of every frame that shows face and background, relative to their middle before the colours; to that of all
/// frames where none was seen before.
fn lit(take: &Take, offset_ms: f64) -> Option<Vec<Lit>> {
    let frames: Vec<Raw> = take
        .frames()
        .take(MOST_FRAMES)
        .filter_map(|seen| Raw::of(seen.observation.front.as_ref()?, seen.taken_ms(offset_ms)))
        .collect();
    let colours_ms = take.steps.iter().map(|taken| taken.revealed_ms).min()? as f64;
    let is_before = |raw: &&Raw| raw.taken_ms < colours_ms;
    let all = frames.iter().filter(is_before).count() == 0;
    let middle = |of: &dyn Fn(&Raw) -> Option<[f64; 3]>| -> Option<[f64; 3]> {
        let lights: Vec<_> = frames.iter().filter(|raw| all || is_before(raw)).filter_map(of).collect();
        let [red, green, blue] = [0, 1, 2].map(|channel| median(lights.iter().map(|light| light[channel])));
        Some([red?, green?, blue?])
    };
    let before: [_; PLACES] = std::array::from_fn(|place| middle(&|raw| raw.places[place]));
    let background = middle(&|raw| Some(raw.background))?;
    let relative = |raw: &Raw| {
        let face = raw.of_places(FRONT, &before)?;
        let background = over(raw.background, background);
        let alone = std::array::from_fn(|channel| face[channel] * background[channel]);
        Some(Lit {
            taken_ms: raw.taken_ms,
            face: over_own_mean(face),
            relief: raw.of_places(SIDES, &before).map(|sides| over_own_mean(over(face, sides))),
            face_alone: over_own_mean(alone),
            background_alone: over_own_mean(background),
        })
    };
    Some(frames.iter().filter_map(relative).collect())
}

/// What the screen showed at `ms`: the number of the colour and its light; `None` for the neutral screen.
fn shown(changes: &[Change], ms: f64) -> Option<(usize, [f64; 3])> {
    changes.iter().rev().find(|change| change.from_ms <= ms)?.emitted
}

/// Frames that gathered light of colours only, with the emission that they gathered and, where it is one, the number of
/// the colour.
fn under_colours<'a>(
    frames: &'a [Lit],
    changes: &'a [Change],
    lag_ms: u32,
) -> impl Iterator<Item = (&'a Lit, [f64; 3], Option<usize>)> {
    frames.iter().filter_map(move |lit| {
        let end_ms = lit.taken_ms - f64::from(lag_ms);
        let at = |share: f64| shown(changes, end_ms - EXPOSURE_MS * share);
        let seen = [at(0.0)?, at(0.5)?, at(1.0)?];
        let emitted =
            std::array::from_fn(|channel| seen.iter().map(|(_, light)| light[channel]).sum::<f64>() / 3.0);
        Some((lit, emitted, (seen[0].0 == seen[2].0).then_some(seen[0].0)))
    })
}

/// The line from what was emitted to `of`, one gain for all channels.
fn respond(
    frames: &[Lit],
    changes: &[Change],
    lag_ms: u32,
    of: impl Fn(&Lit) -> Option<[f64; 3]>,
) -> Option<Line> {
    let pairs: Vec<_> = under_colours(frames, changes, lag_ms)
        .filter_map(|(lit, emitted, _)| Some((emitted, of(lit)?)))
        .flat_map(|(emitted, answer)| (0..3).map(move |channel| (emitted[channel], answer[channel], channel)))
        .collect();
    Line::fit(&pairs)
}

/// Mean answers to the colours.
struct Steps {
    /// The colours that were asked, as far as frames show them.
    colours: Vec<Colour>,
    /// Mean answers to them.
    means: Vec<[f64; 3]>,
    /// Frames of each.
    counts: Vec<f64>,
    /// Sum of squares of the frames' answers about their colour's mean.
    within: f64,
}

impl Steps {
    fn of(
        frames: &[Lit],
        changes: &[Change],
        lag_ms: u32,
        colours: &[Colour],
        of: fn(&Lit) -> [f64; 3],
    ) -> Self {
        let mut answers: Vec<Vec<[f64; 3]>> = vec![Vec::new(); colours.len()];
        for (lit, _, number) in under_colours(frames, changes, lag_ms) {
            if let Some(answers) = number.and_then(|number| answers.get_mut(number)) {
                answers.push(of(lit));
            }
        }
        let mut steps = Self { colours: vec![], means: vec![], counts: vec![], within: 0.0 };
        for (colour, answers) in colours.iter().zip(&answers).filter(|(_, answers)| !answers.is_empty()) {
            let count = answers.len() as f64;
            let mean: [f64; 3] = std::array::from_fn(|channel| {
                answers.iter().map(|answer| answer[channel]).sum::<f64>() / count
            });
            steps.within += answers
                .iter()
                .flat_map(|answer| (0..3).map(move |channel| (answer[channel] - mean[channel]).powi(2)))
                .sum::<f64>();
            steps.colours.push(*colour);
            steps.means.push(mean);
            steps.counts.push(count);
        }
        steps
    }

    fn seen(&self) -> u32 {
        self.colours.len() as u32
    }

    /// Sum of squares between the colours over that within them, each by its degrees of freedom.
    fn steadiness(&self) -> f32 {
        let (colours, frames) = (self.means.len() as f64, self.counts.iter().sum::<f64>());
        if colours < 2.0 || frames <= colours {
            return 0.0;
        }
        let between: f64 = self
            .centred(&self.means)
            .iter()
            .zip(&self.counts)
            .flat_map(|(mean, count)| mean.map(|value| value * value * count))
            .sum();
        let within = (self.within / (frames - colours)).max(1e-12);
        finite((between / (colours - 1.0) / within).min(1e6))
    }

    /// `values` of each colour less their mean over the frames.
    fn centred(&self, values: &[[f64; 3]]) -> Vec<[f64; 3]> {
        let frames: f64 = self.counts.iter().sum::<f64>().max(1.0);
        let mean: [f64; 3] = std::array::from_fn(|channel| {
            values.iter().zip(&self.counts).map(|(value, count)| value[channel] * count).sum::<f64>() / frames
        });
        values.iter().map(|value| std::array::from_fn(|channel| value[channel] - mean[channel])).collect()
    }

    /// The correlation of the answers with a sequence.
    fn correlation(&self, answers: &[[f64; 3]], sequence: &[Colour]) -> f64 {
        let emitted: Vec<_> = sequence.iter().map(|colour| emission(*colour)).collect();
        let emitted = self.centred(&emitted);
        let (mut product, mut causes, mut effects) = (0.0, 0.0, 0.0);
        for ((emitted, answer), count) in emitted.iter().zip(answers).zip(&self.counts) {
            for channel in 0..3 {
                product += count * emitted[channel] * answer[channel];
                causes += count * emitted[channel].powi(2);
                effects += count * answer[channel].powi(2);
            }
        }
        product / (causes * effects).sqrt().max(f64::MIN_POSITIVE)
    }

    /// The share of other sequences that correlate at least as well as the asked one, and the best correlation of all.
    fn among_all(&self, whole: f64) -> (f32, f32) {
        let length = self.means.len().min(MOST_COLOURS);
        if length < 2 {
            return (1.0, finite(whole));
        }
        let first = Self {
            colours: self.colours[..length].to_vec(),
            means: self.means[..length].to_vec(),
            counts: self.counts[..length].to_vec(),
            within: 0.0,
        };
        let answers = first.centred(&first.means);
        let own = first.correlation(&answers, &first.colours);
        let (mut others, mut as_good, mut best) = (0_u32, 0_u32, own);
        let mut sequence = vec![0_usize; length];
        loop {
            let colours: Vec<_> = sequence.iter().map(|place| Colour::ALL[*place]).collect();
            let repeats = colours.windows(2).any(|pair| pair[0] == pair[1]);
            if !repeats && colours != first.colours {
                let correlation = first.correlation(&answers, &colours);
                others += 1;
                as_good += u32::from(correlation >= own);
                best = best.max(correlation);
            }
            // The next one, as a number in base seven.
            let Some(place) = sequence.iter().rposition(|place| *place + 1 < Colour::ALL.len()) else {
                break;
            };
            sequence[place] += 1;
            sequence[place + 1..].fill(0);
        }
        (as_good as f32 / others.max(1) as f32, finite(best))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presence::testing::{Scene, colour_take, still_take};
    use Colour::{Blue, Cyan, Green, Magenta, Red, White, Yellow};

    const HEAD: Scene =
        Scene { front: 0.15, side: 0.08, background: 0.01, lag_ms: 130.0, noise: 0.01, fade_ms: 0.0 };
    const ASKED: [Colour; 5] = [Green, Magenta, Blue, Yellow, Cyan];

    fn response(shown: &[Colour], scene: Scene) -> ColourSignal {
        measure(&colour_take(&ASKED, shown, scene)).unwrap()
    }

    #[test]
    fn a_head_before_a_screen_answers_as_a_head() {
        let signal = response(&ASKED, HEAD);
        assert!(signal.correlation > 0.9 && signal.chance < 0.001, "{signal:?}");
        assert!((signal.gain - 0.14).abs() < 0.04 && signal.gain > 3.0 * signal.gain_error, "{signal:?}");
        assert!(
            signal.relief.unwrap() > 0.3 && signal.background_gain < 0.3 * signal.face_gain,
            "{signal:?}"
        );
        assert!((60..=200).contains(&signal.lag_ms), "{signal:?}");
        assert_eq!(signal.colours, 5);
    }

    #[test]
    fn colours_that_come_slowly_are_measured_once_they_are_there() {
        let slowly = Scene { fade_ms: 1_000.0, ..HEAD };
        let (signal, at_once) = (response(&ASKED, slowly), response(&ASKED, HEAD));
        assert!(signal.correlation > 0.9 && signal.chance < 0.001, "{signal:?}");
        assert!((signal.gain - at_once.gain).abs() < 0.02 && signal.relief.unwrap() > 0.3, "{signal:?}");
        assert_eq!(signal.colours, 5);
        // Two thirds of each step are no colour yet.
        let all = 5 * 1_560 / 80;
        assert!((all / 4..all * 2 / 5).contains(&signal.frames), "{signal:?}");
        let other = response(&[Red, White, Yellow, Magenta, Blue], slowly);
        assert!(other.correlation < 0.7, "{other:?}");
    }

    #[test]
    fn colour_over_the_whole_picture_is_no_answer() {
        let signal = response(&ASKED, Scene { front: 0.3, side: 0.3, background: 0.3, ..HEAD });
        assert!(signal.gain < 3.0 * signal.gain_error.max(0.003), "{signal:?}");
        assert!(signal.background_gain > 0.8 * signal.face_gain && signal.face_gain > 0.05, "{signal:?}");
    }

    #[test]
    fn a_flat_face_before_a_far_background_has_no_relief() {
        let signal = response(&ASKED, Scene { side: 0.15, ..HEAD });
        assert!(signal.relief.unwrap().abs() < 0.1 && signal.correlation > 0.9, "{signal:?}");
    }

    #[test]
    fn other_colours_are_told_from_those_that_were_asked() {
        let signal = response(&[Red, Green, White, Blue, Red], HEAD);
        assert!(signal.correlation < 0.35 && signal.best_correlation > 0.97, "{signal:?}");
        assert!(signal.steadiness > 8.0 && signal.chance > 0.05, "{signal:?}");
    }

    #[test]
    fn a_face_that_does_not_answer_has_no_gain() {
        let signal = response(&ASKED, Scene { front: 0.0, side: 0.0, background: 0.0, ..HEAD });
        assert!(signal.gain < 3.0 * signal.gain_error && signal.steadiness < 8.0, "{signal:?}");
    }

    /// A capture whose faces were changed, frame by frame.
    fn changed(mut take: Take, change: impl Fn(f32, &mut Front)) -> ColourSignal {
        for seen in take.before.iter_mut().chain(take.steps.iter_mut().flat_map(|step| &mut step.frames)) {
            change(seen.sequence as f32, seen.observation.front.as_mut().unwrap());
        }
        measure(&take).unwrap()
    }

    #[test]
    fn skin_that_is_lighter_where_the_head_sways_hides_no_weak_screen() {
        let weak = Scene { front: 0.04, side: 0.02, noise: 0.004, ..HEAD };
        let signal = changed(colour_take(&ASKED, &ASKED, weak), |ms, front| {
            let shade = 1.0 + 0.1 * (ms / 330.0).sin();
            for place in [&mut front.skin.forehead, &mut front.skin.nose, &mut front.skin.left_cheek] {
                *place = place.map(|light| light.map(|channel| channel * shade));
            }
        });
        assert!(signal.correlation > 0.9 && signal.chance < 0.001, "{signal:?}");
        assert!((signal.gain - 0.04).abs() < 0.015, "{signal:?}");
    }

    #[test]
    fn a_place_that_burns_out_in_some_frames_changes_nothing() {
        let signal = changed(colour_take(&ASKED, &ASKED, HEAD), |ms, front| {
            // Another colour than the rest of the face has, and gone under every second colour.
            let is_seen = ((ms / 560.0) as u32).is_multiple_of(2);
            let nose = front.skin.nose.map(|[red, green, blue]| [red * 3.0, green, blue * 0.5]);
            front.skin.nose = nose.filter(|_| is_seen);
        });
        assert!(signal.correlation > 0.9 && (signal.gain - 0.14).abs() < 0.04, "{signal:?}");
    }

    #[test]
    fn colours_later_than_any_camera_are_not_found() {
        let signal = response(&ASKED, Scene { lag_ms: 1_100.0, ..HEAD });
        assert!(signal.correlation < 0.7 || signal.chance > 0.05, "{signal:?}");
    }

    #[test]
    fn without_colours_or_background_there_is_no_signal() {
        assert_eq!(measure(&still_take(8)), None);
        let mut take = colour_take(&ASKED, &ASKED, HEAD);
        for seen in take.before.iter_mut().chain(take.steps.iter_mut().flat_map(|step| &mut step.frames)) {
            seen.observation.front.as_mut().unwrap().background = None;
        }
        assert_eq!(measure(&take), None);
    }
}
