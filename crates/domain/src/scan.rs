//! One go at a challenge, from its first frame to the moment when it can be judged: which step is on, and which frames
//! count for it.
//!
//! Pure: time and nonces come from outside. Nothing here looks at a picture; nothing but the server's clock, and what
//! the server saw, moves a scan on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Challenge, Nonce, Step, Timestamp};

/// What stands before the picture of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// Larger with each frame, from 1.
    pub sequence: u32,
    /// When the camera delivered it, in microseconds of the page's own clock.
    pub captured_us: u64,
    /// The step that the screen showed; `None` before the first one.
    pub nonce: Option<Nonce>,
}

/// Where a frame belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Before the first step.
    Before,
    /// To the step of that number, from 0.
    Step(usize),
}

/// A step that starts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reveal {
    /// Which one, from 0.
    pub index: usize,
    /// What its frames carry.
    pub nonce: Nonce,
    /// What is asked.
    pub step: Step,
}

/// How far a scan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanProgress {
    /// Nothing to do yet.
    Waiting,
    /// The next step starts.
    Reveal(Reveal),
    /// Every step is over: judge.
    Judge,
}

/// How a scan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanState {
    /// It goes on.
    Running,
    /// A live person was there.
    Passed,
    /// Not passed; another go may follow.
    Retry,
    /// Not passed, and no other go follows.
    Failed,
    /// It broke off before it could be judged.
    Lost,
}

/// Why a scan ended without a judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ScanRefusal {
    /// A message that does not fit, or comes twice.
    #[error("bad_message")]
    BadMessage,
    /// No picture, or one that is too large.
    #[error("bad_frame")]
    BadFrame,
    /// More frames than a camera page sends.
    #[error("too_fast")]
    TooFast,
    /// A sequence number or a time that went backwards.
    #[error("out_of_order")]
    OutOfOrder,
    /// A nonce that was never given, or of a step that has long been over.
    #[error("wrong_step")]
    WrongStep,
    /// Too few frames, or none for too long.
    #[error("too_slow")]
    TooSlow,
    /// The face went away.
    #[error("face_lost")]
    FaceLost,
    /// The time of the verification is over.
    #[error("time_over")]
    TimeOver,
    /// The server has no room.
    #[error("full")]
    Full,
}

/// How long frames of a step that is over still count: they are on their way.
const LATE: Duration = Duration::from_millis(1_500);
/// A page that never tells that it painted a colour is not waited for any longer.
const UNPAINTED: Duration = Duration::from_millis(1_500);
/// After a movement was seen the head comes back before the next step.
const COMING_BACK: Duration = Duration::from_millis(900);
/// Longest preview.
const PREVIEW: Duration = Duration::from_mins(2);
/// Longest time from the first step to the end: seven steps, two of them slow, with their ways back.
const STEPS: Duration = Duration::from_mins(1);
/// Without a frame for so long a page is gone.
const SILENCE: Duration = Duration::from_secs(10);
/// Most frames of one scan: a preview of two minutes and a minute of steps at 15 a second, and some.
const MOST_FRAMES: u32 = 3_000;

/// One go at a challenge.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    challenge: Challenge,
    opened_at: Timestamp,
    begun_at: Option<Timestamp>,
    shown: Vec<Shown>,
    last: Option<FrameHeader>,
    last_at: Timestamp,
    frames: u32,
}

/// A step that was revealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    nonce: Nonce,
    revealed_at: Timestamp,
    painted_at: Option<Timestamp>,
    moved_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

impl Scan {
    /// A scan whose preview starts at `now`.
    pub fn new(challenge: Challenge, now: Timestamp) -> Self {
        Self { challenge, opened_at: now, begun_at: None, shown: vec![], last: None, last_at: now, frames: 0 }
    }

    /// What is asked.
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// Whether the first step has started.
    pub fn has_begun(&self) -> bool {
        self.begun_at.is_some()
    }

    /// The step that is on, from 0; `None` before the first one.
    pub fn current(&self) -> Option<usize> {
        self.shown.len().checked_sub(1)
    }

    /// What the frames of the step `index` carry; `None` for a step that was not revealed.
    pub fn nonce(&self, index: usize) -> Option<Nonce> {
        self.shown.get(index).map(|shown| shown.nonce)
    }

    /// When the step `index` was revealed, painted and over; `None` for a step that was not revealed.
    pub fn times(&self, index: usize) -> Option<(Timestamp, Option<Timestamp>, Option<Timestamp>)> {
        self.shown.get(index).map(|shown| (shown.revealed_at, shown.painted_at, shown.ended_at))
    }

    /// Ends the preview and starts the first step, whose frames will carry `nonce`.
    ///
    /// # Errors
    /// [`ScanRefusal::BadMessage`] where it has begun before.
    pub fn begin(&mut self, now: Timestamp, nonce: Nonce) -> Result<Reveal, ScanRefusal> {
        if self.has_begun() {
            return Err(ScanRefusal::BadMessage);
        }
        self.begun_at = Some(now);
        self.reveal(now, nonce).ok_or(ScanRefusal::BadMessage)
    }

    /// Takes in a frame: where it belongs.
    ///
    /// # Errors
    /// [`ScanRefusal`] for a frame that no honest page sends.
    pub fn admit(&mut self, frame: FrameHeader, now: Timestamp) -> Result<Slot, ScanRefusal> {
        self.frames += 1;
        if self.frames > MOST_FRAMES {
            return Err(ScanRefusal::TooFast);
        }
        if let Some(last) = self.last
            && (frame.sequence <= last.sequence || frame.captured_us <= last.captured_us)
        {
            return Err(ScanRefusal::OutOfOrder);
        }
        let slot = self.slot(frame.nonce, now)?;
        // Frames come in the order of their steps.
        if let Some(last) = self.last
            && self.place(last.nonce) > self.place(frame.nonce)
        {
            return Err(ScanRefusal::OutOfOrder);
        }
        self.last = Some(frame);
        self.last_at = now;
        Ok(slot)
    }

    fn place(&self, nonce: Option<Nonce>) -> Option<usize> {
        nonce.and_then(|nonce| self.shown.iter().position(|shown| shown.nonce == nonce))
    }

    fn slot(&self, nonce: Option<Nonce>, now: Timestamp) -> Result<Slot, ScanRefusal> {
        let (slot, over) = if nonce.is_none() {
            (Slot::Before, self.begun_at)
        } else {
            let index = self.place(nonce).ok_or(ScanRefusal::WrongStep)?;
            (Slot::Step(index), self.shown[index].ended_at)
        };
        match over {
            Some(over) if now > over.plus(LATE) => Err(ScanRefusal::WrongStep),
            _ => Ok(slot),
        }
    }

    /// The page has painted the step of `nonce`. Only the first word on it counts, and none once it is over.
    ///
    /// # Errors
    /// [`ScanRefusal::WrongStep`] for a step that was not revealed, [`ScanRefusal::BadMessage`] for a word that came
    /// before.
    pub fn painted(&mut self, nonce: Nonce, now: Timestamp) -> Result<(), ScanRefusal> {
        let index = self.place(Some(nonce)).ok_or(ScanRefusal::WrongStep)?;
        let shown = &mut self.shown[index];
        if shown.painted_at.is_some() {
            return Err(ScanRefusal::BadMessage);
        }
        // One that comes later than it is waited for changes nothing.
        if shown.ended_at.is_none() {
            shown.painted_at = Some(now.min(shown.revealed_at.plus(UNPAINTED)));
        }
        Ok(())
    }

    /// The movement of the step that is on was seen. `false` where none is asked, or it was seen before.
    pub fn moved(&mut self, now: Timestamp) -> bool {
        let Some(index) = self.current() else { return false };
        let is_move = matches!(self.challenge.steps.get(index), Some(Step::Move { .. }));
        let shown = &mut self.shown[index];
        if !is_move || shown.moved_at.is_some() || shown.ended_at.is_some() {
            return false;
        }
        shown.moved_at = Some(now);
        true
    }

    /// Moves on where it is time to. The next step, if it starts now, takes `nonce`.
    ///
    /// # Errors
    /// [`ScanRefusal::TooSlow`] where the page is gone or the time is over.
    pub fn advance(&mut self, now: Timestamp, nonce: Nonce) -> Result<ScanProgress, ScanRefusal> {
        if now > self.last_at.plus(SILENCE) {
            return Err(ScanRefusal::TooSlow);
        }
        let Some(begun_at) = self.begun_at else {
            let is_over = now > self.opened_at.plus(PREVIEW);
            return if is_over { Err(ScanRefusal::TimeOver) } else { Ok(ScanProgress::Waiting) };
        };
        if now > begun_at.plus(STEPS) {
            return Err(ScanRefusal::TooSlow);
        }
        let index = self.shown.len() - 1;
        let end = self.end_of(index);
        if now < end {
            return Ok(ScanProgress::Waiting);
        }
        // The step was over at its end, however late somebody looks.
        self.shown[index].ended_at.get_or_insert(now);
        if let Some(reveal) = self.reveal(now, nonce) {
            return Ok(ScanProgress::Reveal(reveal));
        }
        // The last frames are on their way.
        let over = self.shown[index].ended_at.unwrap_or(now);
        if now < over.plus(LAST_FRAMES) { Ok(ScanProgress::Waiting) } else { Ok(ScanProgress::Judge) }
    }

    /// When the step `index` is over, as far as is known now.
    fn end_of(&self, index: usize) -> Timestamp {
        let shown = &self.shown[index];
        match self.challenge.steps[index] {
            Step::Colour { .. } => {
                let painted_at = shown.painted_at.unwrap_or(shown.revealed_at.plus(UNPAINTED));
                painted_at.plus(self.challenge.steps[index].longest())
            }
            Step::Move { .. } => {
                let latest = shown.revealed_at.plus(self.challenge.steps[index].longest());
                shown.moved_at.map_or(latest, |moved_at| latest.min(moved_at.plus(COMING_BACK)))
            }
        }
    }

    fn reveal(&mut self, now: Timestamp, nonce: Nonce) -> Option<Reveal> {
        let index = self.shown.len();
        let step = *self.challenge.steps.get(index)?;
        self.shown.push(Shown { nonce, revealed_at: now, painted_at: None, moved_at: None, ended_at: None });
        Some(Reveal { index, nonce, step })
    }
}

/// How long frames of the last step are waited for.
const LAST_FRAMES: Duration = Duration::from_millis(400);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Path, Seed};

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn nonce(number: u8) -> Nonce {
        Nonce::from_bytes([number; 16])
    }

    fn scan(path: Path) -> Scan {
        Scan::new(Challenge::draw(path, Seed::from_bytes([7; 32])), at(0))
    }

    fn frame(sequence: u32, nonce: Option<Nonce>) -> FrameHeader {
        FrameHeader { sequence, captured_us: u64::from(sequence) * 66_000, nonce }
    }

    #[test]
    fn a_scan_reveals_step_after_step_and_is_then_judged() {
        let mut scan = scan(Path::Flashes);
        assert_eq!(scan.admit(frame(1, None), at(10)), Ok(Slot::Before));
        assert_eq!(scan.advance(at(20), nonce(9)), Ok(ScanProgress::Waiting));
        let (mut now, mut sequence) = (100, 1);
        let mut reveal = scan.begin(at(now), nonce(0)).unwrap();
        let mut kinds = vec![reveal.step];
        loop {
            sequence += 1;
            now += 60;
            assert_eq!(
                scan.admit(frame(sequence, Some(reveal.nonce)), at(now)),
                Ok(Slot::Step(reveal.index))
            );
            if matches!(reveal.step, Step::Move { .. }) {
                scan.moved(at(now));
            } else if scan.times(reveal.index).unwrap().1.is_none() {
                scan.painted(reveal.nonce, at(now)).unwrap();
            }
            match scan.advance(at(now), nonce(kinds.len() as u8)).unwrap() {
                ScanProgress::Waiting => (),
                ScanProgress::Reveal(next) => {
                    reveal = next;
                    kinds.push(next.step);
                }
                ScanProgress::Judge => break,
            }
        }
        assert_eq!(kinds, scan.challenge().steps);
    }

    #[test]
    fn frames_that_no_honest_page_sends_end_it() {
        let begun = || {
            let mut scan = scan(Path::Fades);
            scan.admit(frame(5, None), at(10)).unwrap();
            scan.begin(at(20), nonce(1)).unwrap();
            scan
        };
        let refused = |header, now| begun().admit(header, at(now)).unwrap_err();
        assert_eq!(refused(frame(5, None), 30), ScanRefusal::OutOfOrder);
        assert_eq!(refused(frame(4, None), 30), ScanRefusal::OutOfOrder);
        assert_eq!(refused(FrameHeader { captured_us: 1, ..frame(6, None) }, 30), ScanRefusal::OutOfOrder);
        assert_eq!(refused(frame(6, Some(nonce(2))), 30), ScanRefusal::WrongStep);
        // The preview has long been over.
        assert_eq!(refused(frame(6, None), 1_530), ScanRefusal::WrongStep);
        assert!(begun().admit(frame(6, None), at(1_520)).is_ok());
        let mut scan = begun();
        scan.admit(frame(6, Some(nonce(1))), at(30)).unwrap();
        assert_eq!(scan.admit(frame(7, None), at(40)), Err(ScanRefusal::OutOfOrder));
        assert_eq!(begun().begin(at(30), nonce(3)), Err(ScanRefusal::BadMessage));
        assert_eq!(begun().advance(at(10_011), nonce(3)), Err(ScanRefusal::TooSlow));
    }

    #[derive(Debug, Clone)]
    enum Message {
        Frame(u32, u64, Option<u8>),
        Begin,
        Painted(u8),
        Moved,
        Wait(i64),
    }

    fn message() -> impl Strategy<Value = Message> {
        prop_oneof![
            4 => (0..400_u32, 0..40_000_000_u64, proptest::option::of(0..8_u8))
                .prop_map(|(sequence, us, nonce)| Message::Frame(sequence, us, nonce)),
            1 => Just(Message::Begin),
            1 => (0..8_u8).prop_map(Message::Painted),
            1 => Just(Message::Moved),
            4 => (0..1_200_i64).prop_map(Message::Wait),
        ]
    }

    proptest! {
        /// Whatever a page sends and in whatever order: every step is revealed in its turn, for as long as it has to be
        /// shown, before anything is judged.
        #[test]
        fn no_order_of_messages_skips_a_step(
            messages in proptest::collection::vec(message(), 0..200), fades: bool,
        ) {
            let mut scan = scan(if fades { Path::Fades } else { Path::Flashes });
            let mut now = 0;
            let mut revealed: Vec<(Step, i64)> = vec![];
            for message in messages {
                match message {
                    Message::Frame(sequence, captured_us, number) => {
                        let header = FrameHeader { sequence, captured_us, nonce: number.map(nonce) };
                        if let Ok(Slot::Step(index)) = scan.admit(header, at(now)) {
                            prop_assert!(index < revealed.len());
                        }
                    }
                    Message::Begin => {
                        let before = scan.has_begun();
                        let begun = scan.begin(at(now), nonce(0));
                        prop_assert_eq!(begun.is_err(), before);
                        revealed.extend(begun.ok().map(|reveal| (reveal.step, now)));
                    }
                    Message::Painted(number) => { let _ = scan.painted(nonce(number), at(now)); }
                    Message::Moved => { scan.moved(at(now)); }
                    Message::Wait(ms) => now += ms,
                }
                match scan.advance(at(now), nonce(revealed.len() as u8)) {
                    Ok(ScanProgress::Reveal(reveal)) => {
                        let (last, since) = revealed.last().copied().unwrap();
                        if let Step::Colour { shown_ms, .. } = last {
                            prop_assert!(now - since >= i64::from(shown_ms));
                        }
                        revealed.push((reveal.step, now));
                    }
                    Ok(ScanProgress::Judge) => {
                        let steps: Vec<_> = revealed.iter().map(|(step, _)| *step).collect();
                        prop_assert_eq!(&steps, &scan.challenge().steps);
                    }
                    Ok(ScanProgress::Waiting) | Err(_) => (),
                }
            }
        }
    }
}
