//! The rules that turn the signals of a live capture into checks.

use super::{
    CaptureFault, ColourSignal, ContinuitySignal, FreshnessSignal, MotionSignal, MovementSignal,
    PresenceEvidence, PresentationSignal,
};
use crate::{Assessment, Band, Check, CheckName, Outcome, Reason};

/// What the light of the screen must have done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColourLimits {
    /// Fewest colours that tell anything.
    pub colours: u32,
    /// Fewest frames.
    pub frames: u32,
    /// Under this correlation the face does not follow the colours.
    pub correlation: f32,
    /// Smallest gain of the face relative to the background; the gain must also be three of its standard errors.
    pub gain: f32,
    /// The face's own gain over which the colours were there to be seen, so that a missing answer speaks.
    pub seen_gain: f32,
    /// The largest share of other sequences that may fit as well.
    pub chance: f32,
    /// The background may answer with this share of the face's gain.
    pub background: f32,
    /// The sides of the face must answer weaker than the front by this share, and by one standard error.
    pub relief: f32,
    /// From this F ratio on the face's colour surely changes with the steps.
    pub steadiness: f32,
    /// From this correlation on another sequence is the one that was followed.
    pub other_correlation: f32,
}

/// What the movements must have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MotionLimits {
    /// Fewest frames of a movement.
    pub frames: u32,
    /// A movement that begins earlier after its reveal, in ms, was not a reaction to it.
    pub reaction_ms: i64,
    /// A change between two frames of more than this share of the way, with none between, is a leap.
    pub leap: f32,
    /// Depth in eye distances: less two standard errors it passes from the one on, plus two it fails under the other.
    /// Both ends lie under a head's, so that they hold against noise and not against people.
    pub depth: Band,
    /// Least depth by the eyes' distance, in eye distances: with less, or without one, the depth, which rests on the
    /// pose, is not known.
    pub depth_by_eyes: f32,
}

/// How much of a capture may be missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContinuityLimits {
    /// Fewest frames.
    pub frames: u32,
    /// Largest share of frames without a face.
    pub without_face: f32,
    /// Largest share of frames with a second face.
    pub several_faces: f32,
    /// Largest share of frames whose face is badly lit.
    pub badly_lit: f32,
    /// Jumps from which on it is no capture of one piece.
    pub jumps: u32,
    /// Fewest faces compared.
    pub compared: u32,
    /// Fewest steps of which one was: a person of the preview alone is not the one who answered.
    pub compared_steps: u32,
    /// Fewest movements among them: whoever moved is whoever was lit.
    pub compared_moves: u32,
    /// Lowest cosine of a key frame with the middle one. It fails by two: one alone may be a poster's, or a
    /// passer-by's.
    pub cosine: Band,
    /// Lowest cosine of one that is turned to a side by 30 to 40 degrees: less is a doubt.
    pub turned_cosine: f32,
}

/// What a camera does not do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FreshnessLimits {
    /// Frames that come again, not one after the other, from which on it is a recording.
    pub repeated: u32,
    /// Frames of another capture from which on it is a recording.
    pub recycled: u32,
    /// Share of neighbouring frames with the same grain at which the picture stands still: uncertain, and surely.
    pub frozen: (f32, f32),
    /// Share of frames with the grain of one long before: uncertain, and surely.
    pub looped: (f32, f32),
    /// How far the camera's clock may be off the server's, as a share: uncertain, and surely.
    pub clock: (f32, f32),
    /// Camera intervals that spread less than this, in ms, come from no camera.
    pub jitter_ms: f32,
    /// Longest time without a frame, in ms.
    pub gap_ms: u32,
    /// Frames of the steps that took longer than those of the preview by more than this, in ms, may have been made in
    /// the time between.
    pub delay_ms: i64,
    /// Soft doubts (a name, a flag, a shape, a rate, too even a clock) from which on it is uncertain.
    pub doubts: usize,
}

/// A versioned set of thresholds for live captures.
///
/// [`Assessment::decision`] then says: allow is passed; anything else is to be tried again where
/// [`Assessment::retry_helps`], and final where not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PresencePolicy {
    /// Name of this set; changes with any threshold.
    pub version: &'static str,
    /// Fewest frames that single-frame detection judged.
    pub judged: u32,
    /// Fewest steps of which it judged one.
    pub judged_steps: u32,
    /// Median score of single-frame detection.
    pub presentation: Band,
    /// The light of the screen.
    pub colour: ColourLimits,
    /// The movements.
    pub motion: MotionLimits,
    /// One person from end to end.
    pub continuity: ContinuityLimits,
    /// Camera and clock.
    pub freshness: FreshnessLimits,
}

/// An answer and why.
type Answer = (Outcome, Vec<Reason>);

fn passed() -> Answer {
    (Outcome::Passed, vec![])
}

fn answer(outcome: Outcome, fault: CaptureFault) -> Answer {
    (outcome, vec![Reason::Capture(fault)])
}

fn unknown(fault: CaptureFault) -> Answer {
    answer(Outcome::CouldNotTell, fault)
}

/// The gravest of `answers`, first of equals; passed where there is none.
fn gravest(answers: impl IntoIterator<Item = Answer>) -> Answer {
    let weight = |outcome| match outcome {
        Outcome::Passed => 0,
        Outcome::Borderline => 1,
        Outcome::CouldNotTell => 2,
        Outcome::Failed => 3,
    };
    answers
        .into_iter()
        .fold(passed(), |worst, next| if weight(next.0) > weight(worst.0) { next } else { worst })
}

fn share(part: u32, whole: u32) -> f32 {
    part as f32 / whole.max(1) as f32
}

impl PresencePolicy {
    /// The policy of live captures. What names no measurement is chosen from how light, heads and cameras behave, and was
    /// not measured on people.
    pub const STANDARD: Self = Self {
        version: "presence-2026-11.8",
        judged: 3,
        // Of seven: four are most of the colours. Frames of each are looked at until a face was compared, and then by
        // chance.
        judged_steps: 4,
        // As for single selfies, see `Policy::STANDARD`.
        presentation: Band { pass: 0.7, fail: 0.3 },
        colour: ColourLimits {
            colours: 4,
            frames: 12,
            correlation: 0.7,
            gain: 0.01,
            seen_gain: 0.03,
            // A fixed answer fits no more than this share of challenges. Of the 9,072 sequences of five colours 0.75 %
            // correlate with another one's whole light by 0.7, and 2.1 % with its hues (counted, 2026-11-21).
            chance: 0.005,
            background: 0.6,
            relief: 0.1,
            steadiness: 8.0,
            // Five hues at random fit some sequence by 0.94 at the median, by 0.96 one time in ten (3,000 drawn,
            // 2026-11-21).
            other_correlation: 0.97,
        },
        motion: MotionLimits {
            frames: 4,
            // Simple reactions to light take 180 to 220 ms in the mean (Kosinski 2008); a head needs longer.
            reaction_ms: 150,
            leap: 0.85,
            // Heads have about 0.5: see the engine's `presence::solid`.
            depth: Band { pass: 0.2, fail: 0.25 },
            // 54 turns of 48 people of LFW, photos of different days: 0.47 at the median, a tenth under 0.29; nine turns of
            // six speakers in clips: 0.35 or more. Drawn, people of the development half: 2 of 25 heads, 9 of 11 bent
            // photos and 10 of 19 worn ones have less than 0.3 (2026-11-23).
            depth_by_eyes: 0.3,
        },
        continuity: ContinuityLimits {
            frames: 10,
            without_face: 0.3,
            several_faces: 0.2,
            badly_lit: 0.5,
            jumps: 3,
            compared: 3,
            compared_steps: 4,
            compared_moves: 2,
            // The lowest of each of five videos of turning and speaking heads is 0.80 to 0.88 (165 key frames in 490 at
            // 12 a second, 2026-11-21); 0.296 stands at FMR 1e-2 and 0.473 at 1e-5 in the calibration.
            cosine: Band { pass: 0.5, fail: 0.3 },
            // LFW, a photo turned by 30 to 40 degrees against one from the front of another day: 2 of 48 pairs of one person
            // are under it, and 148 of 149 of two people (2026-11-23).
            turned_cosine: 0.3,
        },
        freshness: FreshnessLimits {
            repeated: 3,
            recycled: 2,
            frozen: (0.5, 0.8),
            looped: (0.1, 0.3),
            clock: (0.07, 0.25),
            jitter_ms: 0.002,
            gap_ms: 2_000,
            // Three frames are on their way at most, each of them waits for a close look.
            delay_ms: 700,
            doubts: 2,
        },
    };

    /// The questions that a capture has to answer.
    pub const QUESTIONS: [CheckName; 5] = [
        CheckName::Presentation,
        CheckName::ColourResponse,
        CheckName::HeadMovement,
        CheckName::Continuity,
        CheckName::Freshness,
    ];

    /// Turns measurements into checks and a decision. Total: any evidence has an assessment, and a signal that is
    /// missing never passes.
    pub fn assess(&self, evidence: &PresenceEvidence) -> Assessment {
        let mut checks: Vec<Check> = Self::QUESTIONS
            .into_iter()
            .map(|name| {
                let (outcome, reasons) = self.answer(name, evidence);
                Check { name, outcome, reasons }
            })
            .collect();
        Self::weigh_colours(&mut checks);
        Assessment::conclude(self.version, checks)
    }

    fn answer(&self, name: CheckName, evidence: &PresenceEvidence) -> Answer {
        match name {
            CheckName::Presentation => self.bona_fide(evidence.presentation),
            CheckName::ColourResponse => {
                let is_deep = evidence.motion.as_ref().is_some_and(|motion| self.is_deep(motion));
                evidence
                    .colour
                    .map_or(unknown(CaptureFault::ColoursTooFaint), |signal| self.lit(&signal, is_deep))
            }
            CheckName::HeadMovement => evidence
                .motion
                .as_ref()
                .map_or(unknown(CaptureFault::MovementNotSeen), |signal| self.moved(signal)),
            CheckName::Continuity => evidence
                .continuity
                .map_or(unknown(CaptureFault::TooFewFrames), |signal| self.one_piece(&signal)),
            CheckName::Freshness => {
                evidence.freshness.map_or(unknown(CaptureFault::TooFewFrames), |signal| self.fresh(&signal))
            }
            // Questions about photos are not asked of a capture.
            _ => unknown(CaptureFault::TooFewFrames),
        }
    }

    /// The response to the light was validated on simulated captures only, so that it never denies alone: colours of
    /// another challenge fail beside another doubt, and are one themselves without.
    fn weigh_colours(checks: &mut [Check]) {
        let is_colour = |check: &Check| check.name == CheckName::ColourResponse;
        let other_doubt = checks
            .iter()
            .any(|check| !is_colour(check) && matches!(check.outcome, Outcome::Failed | Outcome::Borderline));
        for check in checks.iter_mut().filter(|check| is_colour(check)) {
            let wrong = check.reasons.contains(&Reason::Capture(CaptureFault::OtherColours));
            if wrong && other_doubt {
                check.outcome = Outcome::Failed;
            } else if wrong {
                // Retry helps: it is a doubt, and no finding.
                check.reasons = vec![Reason::Capture(CaptureFault::ColoursNotFollowed)];
            }
        }
    }

    fn bona_fide(&self, signal: Option<PresentationSignal>) -> Answer {
        let is_enough = |signal: &PresentationSignal| {
            signal.judged >= self.judged && signal.judged_steps >= self.judged_steps
        };
        let Some(signal) = signal.filter(is_enough) else {
            let why = signal.and_then(|signal| signal.why_blind);
            let reason = why.map_or(Reason::Capture(CaptureFault::TooFewFrames), Reason::LivenessBlind);
            return (Outcome::CouldNotTell, vec![reason]);
        };
        match self.presentation.judge(signal.score) {
            Outcome::Failed => (Outcome::Failed, vec![Reason::PresentationAttack]),
            Outcome::Borderline => (Outcome::Borderline, vec![Reason::LivenessUncertain]),
            outcome => (outcome, vec![]),
        }
    }

    fn is_deep(&self, signal: &MotionSignal) -> bool {
        let lowest = signal.depth.zip(signal.depth_error).map(|(depth, error)| depth - 2.0 * error);
        let by_eyes = signal.depth_by_eyes.is_some_and(|depth| depth >= self.motion.depth_by_eyes);
        by_eyes && lowest.is_some_and(|lowest| lowest >= self.motion.depth.pass)
    }

    /// Whether the face answered to the light. Light from the front leaves no relief: then its depth is the movement's to
    /// show.
    fn lit(&self, signal: &ColourSignal, is_deep: bool) -> Answer {
        let limits = &self.colour;
        if signal.colours < limits.colours || signal.frames < limits.frames {
            return unknown(CaptureFault::TooFewFrames);
        }
        let is_measurable = signal.gain >= limits.gain.max(3.0 * signal.gain_error);
        let follows = signal.correlation >= limits.correlation && signal.chance <= limits.chance;
        if !(is_measurable && follows) {
            let changes =
                signal.steadiness >= limits.steadiness && signal.face_gain.abs() >= limits.seen_gain;
            return if signal.steadiness >= limits.steadiness
                && signal.best_correlation >= limits.other_correlation
                && signal.correlation < limits.correlation / 2.0
            {
                answer(Outcome::Borderline, CaptureFault::OtherColours)
            } else if changes && signal.background_gain >= limits.background * signal.face_gain {
                // All of the picture changes: a plane before the screen, or colour laid over everything.
                answer(Outcome::Borderline, CaptureFault::ColoursOnPlane)
            } else if changes {
                answer(Outcome::Borderline, CaptureFault::ColoursNotFollowed)
            } else {
                unknown(CaptureFault::ColoursTooFaint)
            };
        }
        if signal.background_gain >= limits.background * signal.face_gain.max(f32::EPSILON) {
            return answer(Outcome::Borderline, CaptureFault::ColoursOnPlane);
        }
        match (signal.relief, signal.relief_error) {
            (Some(relief), Some(error)) if relief + 2.0 * error < limits.relief => {
                answer(Outcome::Borderline, CaptureFault::ColoursOnPlane)
            }
            // What is less than its error was not measured.
            (Some(relief), Some(error)) if relief >= limits.relief.max(error) => passed(),
            _ if is_deep => passed(),
            _ => unknown(CaptureFault::ColoursTooFaint),
        }
    }

    fn moved(&self, signal: &MotionSignal) -> Answer {
        if signal.movements.is_empty() {
            return unknown(CaptureFault::MovementNotSeen);
        }
        let depth = match (signal.depth, signal.depth_error) {
            (Some(depth), Some(error)) if depth + 2.0 * error < self.motion.depth.fail => {
                answer(Outcome::Failed, CaptureFault::FlatFace)
            }
            _ if self.is_deep(signal) => passed(),
            _ => unknown(CaptureFault::DepthNotSeen),
        };
        gravest(signal.movements.iter().map(|movement| self.followed(movement)).chain([depth]))
    }

    fn followed(&self, movement: &MovementSignal) -> Answer {
        let limits = &self.motion;
        if movement.frames < limits.frames {
            return unknown(CaptureFault::TooFewFrames);
        }
        if movement.reached < 1.0 || movement.wrong_way >= 1.0 {
            return answer(Outcome::Failed, CaptureFault::MovementNotSeen);
        }
        match movement.began_ms {
            None => answer(Outcome::Failed, CaptureFault::MovementNotSeen),
            Some(began) if began < 0 => answer(Outcome::Failed, CaptureFault::MovementTooEarly),
            Some(began) if began < limits.reaction_ms => {
                answer(Outcome::Borderline, CaptureFault::MovementTooEarly)
            }
            Some(_) if movement.largest_jump > limits.leap && movement.on_the_way == 0 => {
                answer(Outcome::Borderline, CaptureFault::MovementNotSmooth)
            }
            Some(_) => passed(),
        }
    }

    /// Whether two people were seen, however much of the capture is missing.
    pub fn is_exchanged(&self, signal: &ContinuitySignal) -> bool {
        let limits = &self.continuity;
        let second = signal.second_lowest_cosine.filter(|_| signal.compared >= limits.compared);
        second.is_some_and(|cosine| cosine < limits.cosine.fail)
    }

    fn one_piece(&self, signal: &ContinuitySignal) -> Answer {
        let limits = &self.continuity;
        let over = |part: u32, most: f32| share(part, signal.frames) > most;
        let person = match signal.lowest_cosine {
            Some(cosine)
                if signal.compared >= limits.compared
                    && signal.compared_steps >= limits.compared_steps
                    && signal.compared_moves >= limits.compared_moves =>
            {
                if self.is_exchanged(signal) {
                    answer(Outcome::Failed, CaptureFault::PersonChanged)
                } else if limits.cosine.judge(cosine) != Outcome::Passed
                    || signal.lowest_turned_cosine.is_some_and(|cosine| cosine < limits.turned_cosine)
                {
                    answer(Outcome::Borderline, CaptureFault::PersonUncertain)
                } else {
                    passed()
                }
            }
            _ => unknown(CaptureFault::TooFewFrames),
        };
        let jumps = match signal.jumps {
            0 => passed(),
            jumps if jumps >= limits.jumps => answer(Outcome::Failed, CaptureFault::Jumps),
            _ => answer(Outcome::Borderline, CaptureFault::Jumps),
        };
        let missing = [
            (over(signal.without_face, limits.without_face), CaptureFault::FaceLost),
            (over(signal.several_faces, limits.several_faces), CaptureFault::SeveralFaces),
            (over(signal.badly_lit, limits.badly_lit), CaptureFault::BadLight),
            (signal.frames < limits.frames, CaptureFault::TooFewFrames),
        ];
        let missing = missing.into_iter().filter(|(is_so, _)| *is_so).map(|(_, fault)| unknown(fault));
        gravest(missing.chain([person, jumps]))
    }

    fn fresh(&self, signal: &FreshnessSignal) -> Answer {
        let limits = &self.freshness;
        let graded = |value: f32, (doubt, sure): (f32, f32), fault: CaptureFault| {
            let outcome = if value > sure {
                Outcome::Failed
            } else if value > doubt {
                Outcome::Borderline
            } else {
                return passed();
            };
            answer(outcome, fault)
        };
        let counted = |count: u32, most: u32, fault: CaptureFault| match count {
            0 => passed(),
            count if count >= most => answer(Outcome::Failed, fault),
            _ => answer(Outcome::Borderline, fault),
        };
        let clock = signal.clock_rate.map_or(unknown(CaptureFault::TooFewFrames), |rate| {
            graded((rate - 1.0).abs(), limits.clock, CaptureFault::CameraClock)
        });
        let gap = if signal.longest_gap_ms > limits.gap_ms {
            unknown(CaptureFault::TooFewFrames)
        } else {
            passed()
        };
        let delay = match signal.delay_ms {
            None => unknown(CaptureFault::TooFewFrames),
            Some(delay) if delay > limits.delay_ms => answer(Outcome::Borderline, CaptureFault::CameraClock),
            Some(_) => passed(),
        };
        let doubts = [
            signal.virtual_camera,
            signal.automation,
            signal.other_size,
            signal.other_rate,
            signal.jitter_ms.is_some_and(|jitter| jitter < limits.jitter_ms),
        ];
        let doubtful = if doubts.into_iter().filter(|doubt| *doubt).count() >= limits.doubts {
            answer(Outcome::Borderline, CaptureFault::DoubtfulCamera)
        } else {
            passed()
        };
        gravest([
            counted(signal.recycled, limits.recycled, CaptureFault::FramesRecycled),
            counted(signal.repeated, limits.repeated, CaptureFault::FramesRepeated),
            // The same grain is no proof, as the same bytes are.
            graded(share(signal.looped, signal.frames), limits.looped, CaptureFault::FrozenPicture),
            graded(share(signal.frozen, signal.frames), limits.frozen, CaptureFault::FrozenPicture),
            counted(signal.out_of_order, 1, CaptureFault::CameraClock),
            clock,
            gap,
            delay,
            doubtful,
        ])
    }
}
