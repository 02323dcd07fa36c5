//! One session in which a document and its holder are looked at, from its creation to its decision.

use std::time::Duration;

use super::{DocumentKind, ImageKind};
use crate::{ArtifactId, Deadline, Decision, Origin, Refused, SessionId, SubjectId, TenantId, Timestamp};

/// How long a session may take, from its creation until its pictures are there.
pub const SESSION_TIME: Duration = Duration::from_hours(1);

/// How often pictures may be asked for again in one session.
pub const RETAKES: u8 = 2;

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionPurpose {
    /// Is this the document's holder, and is the document in order?
    Document,
    /// Is this the person of a photo that was given at the start?
    FaceAuth,
    /// Is this the holder of an Egyptian identity card, of which both sides and several pictures of the face come?
    EgyptianCard,
}

/// The pictures of a session that were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// The document's front.
    pub front: Option<ArtifactId>,
    /// Its back.
    pub back: Option<ArtifactId>,
    /// The selfie.
    pub selfie: Option<ArtifactId>,
}

impl Taken {
    /// The picture of that kind.
    pub const fn get(&self, kind: ImageKind) -> Option<ArtifactId> {
        match kind {
            ImageKind::DocumentFront => self.front,
            ImageKind::DocumentBack => self.back,
            ImageKind::Selfie => self.selfie,
        }
    }

    fn slot(&mut self, kind: ImageKind) -> &mut Option<ArtifactId> {
        match kind {
            ImageKind::DocumentFront => &mut self.front,
            ImageKind::DocumentBack => &mut self.back,
            ImageKind::Selfie => &mut self.selfie,
        }
    }
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentSession {
    /// Its id.
    pub id: SessionId,
    /// Whose customer the person is.
    pub tenant: TenantId,
    /// The person: of this session alone.
    pub subject: SubjectId,
    /// The dialect that opened it.
    pub origin: Origin,
    /// What it is for.
    pub purpose: SessionPurpose,
    /// Whether it only acts as if: nothing is looked at, and its end was agreed on before.
    pub is_mock: bool,
    /// How far it is.
    pub state: SessionState,
    /// The pictures that were taken.
    pub taken: Taken,
    /// What the front was recognised as.
    pub front: Option<DocumentKind>,
    /// How often pictures may still be asked for again.
    pub retakes_left: u8,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Until when its pictures may come.
    pub deadline: Deadline,
    /// When its last picture came.
    pub submitted_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// Nobody has started it.
    Pending,
    /// Waits for pictures.
    Capturing,
    /// Has its pictures, and waits for its decision.
    Processing,
    /// Some pictures were of no use: waits for others.
    Recapture,
    /// Has its decision.
    Concluded(Decision),
    /// Its pictures did not come in time.
    Expired,
    /// Something broke here.
    Failed,
}

/// What is done to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionCommand<'a> {
    /// Somebody starts it.
    Start,
    /// A picture that can be judged came.
    Take {
        /// What it shows.
        kind: ImageKind,
        /// Which one it is.
        image: ArtifactId,
        /// What the document was recognised as; `None` for a selfie, or where that is not known.
        document: Option<DocumentKind>,
    },
    /// The pictures were judged.
    Conclude {
        /// Those that were.
        judged: Taken,
        /// What follows.
        decision: Decision,
    },
    /// The pictures were judged, and these have to be made again.
    AskAgain {
        /// Those that were.
        judged: Taken,
        /// What is to be shown again, at least one.
        kinds: &'a [ImageKind],
    },
    /// Its deadline passed.
    Expire,
    /// It cannot be judged.
    Fail,
}

impl DocumentSession {
    /// The pictures that have yet to come, in the order in which they are asked for.
    pub fn missing(&self) -> Vec<ImageKind> {
        let needs = |kind: &ImageKind| match (self.purpose, kind) {
            (SessionPurpose::FaceAuth, kind) => *kind == ImageKind::Selfie,
            // All of a passport stands on its data page.
            (SessionPurpose::Document, ImageKind::DocumentBack) => self.front != Some(DocumentKind::Passport),
            (SessionPurpose::Document, ImageKind::DocumentFront | ImageKind::Selfie)
            | (SessionPurpose::EgyptianCard, _) => true,
        };
        [ImageKind::DocumentFront, ImageKind::DocumentBack, ImageKind::Selfie]
            .into_iter()
            .filter(|kind| needs(kind) && self.taken.get(*kind).is_none())
            .collect()
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, SessionState::Concluded(_) | SessionState::Expired | SessionState::Failed)
    }

    /// Whether its pictures may come at `now`.
    ///
    /// # Errors
    /// [`Refused::Closed`] after all of them came, [`Refused::TooLate`] past the deadline, [`Refused::NotNow`] before the
    /// start.
    pub fn may_take(&self, now: Timestamp) -> Result<(), Refused> {
        match self.state {
            SessionState::Processing | SessionState::Concluded(_) => Err(Refused::Closed),
            SessionState::Expired | SessionState::Failed => Err(Refused::TooLate),
            _ if self.deadline.has_passed(now) => Err(Refused::TooLate),
            SessionState::Pending => Err(Refused::NotNow),
            SessionState::Capturing | SessionState::Recapture => Ok(()),
        }
    }

    /// Applies `command` at `now`: the new session. Changes nothing itself.
    ///
    /// Only a judgement of the very pictures that were taken, with none missing, concludes it.
    ///
    /// # Errors
    /// [`Refused::Closed`] after the end, [`Refused::TooLate`] past the deadline, [`Refused::NotNow`] for what does not
    /// fit the state.
    pub fn apply(&self, command: SessionCommand<'_>, now: Timestamp) -> Result<DocumentSession, Refused> {
        use SessionCommand as Command;
        use SessionState as State;
        match (self.state, command) {
            (State::Pending, Command::Start) if self.deadline.has_passed(now) => Err(Refused::TooLate),
            (State::Pending, Command::Start) => Ok(self.now_in(State::Capturing)),
            (_, Command::Take { kind, image, document }) => {
                self.may_take(now)?;
                Ok(self.with(kind, image, document, now))
            }
            (State::Pending | State::Capturing | State::Recapture, Command::Expire)
                if self.deadline.has_passed(now) =>
            {
                Ok(self.ended(State::Expired, now))
            }
            (State::Processing, Command::Conclude { judged, decision }) if self.is_judged_by(judged) => {
                Ok(self.ended(State::Concluded(decision), now))
            }
            (State::Processing, Command::AskAgain { judged, kinds })
                if self.is_judged_by(judged) && self.retakes_left > 0 && !kinds.is_empty() =>
            {
                self.asking_again(kinds, now)
            }
            (State::Processing, Command::Fail) => Ok(self.ended(State::Failed, now)),
            _ if self.has_ended() => Err(Refused::Closed),
            _ => Err(Refused::NotNow),
        }
    }

    fn is_judged_by(&self, judged: Taken) -> bool {
        judged == self.taken && self.missing().is_empty()
    }

    fn now_in(&self, state: SessionState) -> Self {
        Self { state, ..self.clone() }
    }

    fn ended(&self, state: SessionState, now: Timestamp) -> Self {
        Self { state, ended_at: Some(now), ..self.clone() }
    }

    fn with(
        &self,
        kind: ImageKind,
        image: ArtifactId,
        document: Option<DocumentKind>,
        now: Timestamp,
    ) -> Self {
        let mut next = self.now_in(SessionState::Capturing);
        *next.taken.slot(kind) = Some(image);
        if kind == ImageKind::DocumentFront {
            next.front = document;
        }
        if next.missing().is_empty() {
            next.state = SessionState::Processing;
            next.submitted_at = Some(now);
        }
        next
    }

    fn asking_again(&self, kinds: &[ImageKind], now: Timestamp) -> Result<Self, Refused> {
        if self.deadline.has_passed(now) {
            return Ok(self.ended(SessionState::Expired, now));
        }
        let mut next = Self { retakes_left: self.retakes_left - 1, ..self.now_in(SessionState::Recapture) };
        for kind in kinds {
            *next.taken.slot(*kind) = None;
            if *kind == ImageKind::DocumentFront {
                next.front = None;
            }
        }
        // What is not needed cannot be missed.
        if next.missing().is_empty() { Err(Refused::NotNow) } else { Ok(next) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn image(number: u8) -> ArtifactId {
        ArtifactId::from_bytes([number; 16])
    }

    fn session(purpose: SessionPurpose) -> DocumentSession {
        DocumentSession {
            id: SessionId::from_bytes([1; 16]),
            tenant: TenantId::from_bytes([2; 16]),
            subject: SubjectId::from_bytes([3; 16]),
            origin: Origin::Mosaic,
            purpose,
            is_mock: false,
            state: SessionState::Pending,
            taken: Taken::default(),
            front: None,
            retakes_left: RETAKES,
            created_at: at(0),
            deadline: Deadline(at(0).plus(SESSION_TIME)),
            submitted_at: None,
            ended_at: None,
        }
    }

    fn take(kind: ImageKind, number: u8, document: Option<DocumentKind>) -> SessionCommand<'static> {
        SessionCommand::Take { kind, image: image(number), document }
    }

    fn full() -> DocumentSession {
        let mut full = session(SessionPurpose::Document).apply(SessionCommand::Start, at(1)).unwrap();
        for (number, kind) in
            [ImageKind::DocumentFront, ImageKind::DocumentBack, ImageKind::Selfie].into_iter().enumerate()
        {
            full = full.apply(take(kind, number as u8, Some(DocumentKind::NationalId)), at(2)).unwrap();
        }
        full
    }

    #[test]
    fn a_session_processes_once_its_last_picture_is_there() {
        let full = full();
        assert_eq!((full.state, full.submitted_at), (SessionState::Processing, Some(at(2))));
        let conclude = SessionCommand::Conclude { judged: full.taken, decision: Decision::Allow };
        let done = full.apply(conclude, at(3)).unwrap();
        assert_eq!(done.state, SessionState::Concluded(Decision::Allow));
        for command in [conclude, SessionCommand::Start, SessionCommand::Expire, SessionCommand::Fail] {
            assert_eq!(done.apply(command, at(4)), Err(Refused::Closed));
        }
        assert_eq!(done.apply(take(ImageKind::Selfie, 9, None), at(4)), Err(Refused::Closed));
    }

    #[test]
    fn no_picture_is_taken_before_the_start_or_after_the_deadline() {
        let pending = session(SessionPurpose::Document);
        let selfie = take(ImageKind::Selfie, 1, None);
        assert_eq!(pending.apply(selfie, at(1)), Err(Refused::NotNow));
        let started = pending.apply(SessionCommand::Start, at(1)).unwrap();
        assert_eq!(started.apply(SessionCommand::Start, at(2)), Err(Refused::NotNow));
        let end = started.deadline.0;
        assert!(started.apply(selfie, end).is_ok());
        let late = end.plus(Duration::from_millis(1));
        assert_eq!(started.apply(selfie, late), Err(Refused::TooLate));
        assert_eq!(pending.apply(SessionCommand::Start, late), Err(Refused::TooLate));
        assert_eq!(started.apply(SessionCommand::Expire, end), Err(Refused::NotNow));
        let expired = started.apply(SessionCommand::Expire, late).unwrap();
        assert_eq!(expired.state, SessionState::Expired);
        assert_eq!(expired.apply(selfie, late), Err(Refused::TooLate));
    }

    #[test]
    fn a_passport_has_no_back() {
        let started = session(SessionPurpose::Document).apply(SessionCommand::Start, at(1)).unwrap();
        let front = |document| started.apply(take(ImageKind::DocumentFront, 1, document), at(2)).unwrap();
        assert_eq!(front(Some(DocumentKind::Passport)).missing(), [ImageKind::Selfie]);
        for document in [Some(DocumentKind::NationalId), None] {
            assert_eq!(front(document).missing(), [ImageKind::DocumentBack, ImageKind::Selfie]);
        }
    }

    #[test]
    fn a_face_needs_no_document() {
        let started = session(SessionPurpose::FaceAuth).apply(SessionCommand::Start, at(1)).unwrap();
        assert_eq!(started.missing(), [ImageKind::Selfie]);
        let full = started.apply(take(ImageKind::Selfie, 1, None), at(2)).unwrap();
        assert_eq!(full.state, SessionState::Processing);
    }

    #[test]
    fn pictures_are_asked_for_again_twice_and_only_in_time() {
        let mut now = full();
        for _ in 0..RETAKES {
            let ask = SessionCommand::AskAgain { judged: now.taken, kinds: &[ImageKind::DocumentBack] };
            let again = now.apply(ask, at(3)).unwrap();
            assert_eq!(
                (again.state, again.missing()),
                (SessionState::Recapture, vec![ImageKind::DocumentBack])
            );
            let late = now.apply(ask, now.deadline.0.plus(Duration::from_millis(1))).unwrap();
            assert_eq!(late.state, SessionState::Expired);
            now = again.apply(take(ImageKind::DocumentBack, 8, None), at(4)).unwrap();
        }
        let ask = SessionCommand::AskAgain { judged: now.taken, kinds: &[ImageKind::DocumentBack] };
        assert_eq!(now.apply(ask, at(5)), Err(Refused::NotNow));
    }

    #[test]
    fn a_judgement_of_other_pictures_concludes_nothing() {
        let full = full();
        let other = Taken { selfie: Some(image(77)), ..full.taken };
        let conclude = SessionCommand::Conclude { judged: other, decision: Decision::Allow };
        assert_eq!(full.apply(conclude, at(3)), Err(Refused::NotNow));
    }

    #[derive(Debug, Clone)]
    enum Message {
        Start,
        Take(u8, u8, bool),
        Conclude(u8),
        AskAgain(u8),
        Expire,
        Fail,
        Wait(i64),
    }

    fn kind(number: u8) -> ImageKind {
        [ImageKind::DocumentFront, ImageKind::DocumentBack, ImageKind::Selfie][usize::from(number % 3)]
    }

    fn message() -> impl Strategy<Value = Message> {
        prop_oneof![
            1 => Just(Message::Start),
            6 => (0..3_u8, any::<u8>(), any::<bool>()).prop_map(|(kind, id, is)| Message::Take(kind, id, is)),
            3 => any::<u8>().prop_map(Message::Conclude),
            1 => (0..3_u8).prop_map(Message::AskAgain),
            1 => Just(Message::Expire),
            1 => Just(Message::Fail),
            1 => (0..900_000_i64).prop_map(Message::Wait),
        ]
    }

    proptest! {
        /// Whatever comes in whatever order: a session that was concluded was started, got every picture that it needs
        /// in time, and it was these that were judged.
        #[test]
        fn no_order_of_messages_concludes_without_the_judged_images(
            messages in proptest::collection::vec(message(), 0..60), is_face: bool,
        ) {
            let purpose = if is_face { SessionPurpose::FaceAuth } else { SessionPurpose::Document };
            let mut now = 0;
            let mut current = session(purpose);
            for message in messages {
                let before = current.clone();
                let honest = before.taken;
                let result = match &message {
                    Message::Start => before.apply(SessionCommand::Start, at(now)),
                    Message::Take(which, id, is_passport) => {
                        let document = is_passport.then_some(DocumentKind::Passport);
                        before.apply(take(kind(*which), *id, document), at(now))
                    }
                    Message::Conclude(twist) => {
                        let judged = match twist % 3 {
                            0 => honest,
                            1 => Taken::default(),
                            _ => Taken { selfie: Some(image(*twist)), ..honest },
                        };
                        before.apply(SessionCommand::Conclude { judged, decision: Decision::Allow }, at(now))
                    }
                    Message::AskAgain(which) => {
                        let kinds = [kind(*which)];
                        before.apply(SessionCommand::AskAgain { judged: honest, kinds: &kinds }, at(now))
                    }
                    Message::Expire => before.apply(SessionCommand::Expire, at(now)),
                    Message::Fail => before.apply(SessionCommand::Fail, at(now)),
                    Message::Wait(ms) => { now += ms; Ok(before.clone()) }
                };
                if let Ok(next) = result {
                    prop_assert!(!before.has_ended() || next == before);
                    if matches!(next.state, SessionState::Concluded(_)) && !before.has_ended() {
                        prop_assert_eq!(before.state, SessionState::Processing);
                        prop_assert!(before.missing().is_empty());
                        prop_assert!(before.submitted_at.is_some_and(|at| !before.deadline.has_passed(at)));
                    }
                    if next.state == SessionState::Processing {
                        prop_assert!(next.missing().is_empty());
                    }
                    current = next;
                }
            }
        }
    }
}
