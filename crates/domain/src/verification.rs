//! One attempt to verify a person, from its creation to its decision.

use std::time::Duration;

use crate::{
    ArtifactId, Assessment, Check, CheckName, Deadline, Decision, DocumentPages, EnrollmentId, EventKind,
    Fpir, MinimumPrecision, Origin, PageSide, Refused, Similarity, SubjectId, TenantId, Timestamp,
    VerificationId,
};

/// One verification.
#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    /// Its id.
    pub id: VerificationId,
    /// Whose customer the person is.
    pub tenant: TenantId,
    /// The person.
    pub subject: SubjectId,
    /// The reference that the selfie is compared with; `None` where only the blocklist is asked.
    pub enrollment: Option<EnrollmentId>,
    /// The dialect that opened it, and that will tell of it.
    pub origin: Origin,
    /// What is asked of the selfie.
    pub demand: Demand,
    /// The document that is asked for instead of a selfie, and what came of it.
    pub pages: Option<DocumentPages>,
    /// How far it is.
    pub state: VerificationState,
    /// The chain of attempts that it belongs to.
    pub attempt: Attempt,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Until when its selfie may come.
    pub deadline: Deadline,
    /// When its selfie was accepted.
    pub submitted_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What a verification asks. The selfie is always judged for being usable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// Is it the person of the reference? With the lowest similarity that passes.
    pub similarity: Option<Similarity>,
    /// Is it a bona fide presentation?
    pub liveness: bool,
    /// Is the face on none of the tenant's blocklist? With the rate of false alarms of the whole search.
    pub blocklist: Option<Fpir>,
    /// Is a live person in front of the camera now? Asked by a challenge instead of a selfie, and of nothing else.
    pub presence: bool,
    /// Was the token said? With how sure one has to be.
    pub speech: Option<MinimumPrecision>,
}

/// What may be sent as a selfie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfieForm {
    /// A photo.
    Photo,
    /// A photo or a clip.
    PhotoOrClip,
    /// A clip, which has sound.
    Clip,
}

impl Demand {
    /// Nothing is asked of a selfie.
    pub const NOTHING: Self =
        Self { similarity: None, liveness: false, blocklist: None, presence: false, speech: None };

    /// Whether nothing but the blocklist is asked, so that there is no reference to compare with.
    pub fn is_search_only(&self) -> bool {
        self.blocklist.is_some() && self.similarity.is_none() && !self.liveness && self.speech.is_none()
    }

    /// That a verification which asks this was opened.
    pub fn created(&self) -> EventKind {
        if self.is_search_only() { EventKind::SearchCreated } else { EventKind::VerificationCreated }
    }

    /// What may be sent as a selfie: over time it is judged for liveness, and heard for a token.
    pub fn selfie_form(&self) -> SelfieForm {
        match (self.speech, self.liveness) {
            (Some(_), _) => SelfieForm::Clip,
            (None, true) => SelfieForm::PhotoOrClip,
            (None, false) => SelfieForm::Photo,
        }
    }

    fn ended(&self, is_allowed: bool) -> EventKind {
        match (self.is_search_only(), is_allowed) {
            (false, true) => EventKind::VerificationSucceeded,
            (false, false) => EventKind::VerificationFailed,
            (true, true) => EventKind::SearchSucceeded,
            (true, false) => EventKind::SearchFailed,
        }
    }

    /// The questions that must be answered, in the order in which they are asked.
    pub fn questions(&self) -> Vec<CheckName> {
        let similarity = self.similarity.is_some();
        [
            (similarity, CheckName::ReferenceUsable),
            (!self.presence, CheckName::SelfieUsable),
            (self.blocklist.is_some(), CheckName::Blocklist),
            (similarity, CheckName::Similarity),
            (self.liveness, CheckName::SelfieIsNew),
            (self.liveness, CheckName::Liveness),
            (self.speech.is_some(), CheckName::SpeechMatch),
            (self.presence, CheckName::Presentation),
            (self.presence, CheckName::HeadMovement),
            (self.presence, CheckName::Continuity),
            (self.presence, CheckName::Freshness),
        ]
        .into_iter()
        .filter_map(|(is_asked, name)| is_asked.then_some(name))
        .collect()
    }
}

/// Where a verification stands among the attempts of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The attempt before it.
    pub retry_of: Option<VerificationId>,
    /// Attempts that may follow it.
    pub remaining: u8,
    /// How long after its end the next one may be opened.
    pub retry_ttl: Duration,
}

/// How far a verification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationState {
    /// Waits for its selfie.
    Capturing,
    /// Has its selfie, and waits for the checks.
    Processing,
    /// Has its decision; `None` where the evidence did not allow one.
    Concluded(Option<Decision>),
    /// No selfie came in time.
    Expired,
    /// Something broke here.
    Failed,
}

/// What is done to a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationCommand<'a> {
    /// A selfie that can be read came.
    Submit,
    /// A picture of a side of the document came that can be read.
    TakePage {
        /// Which side.
        side: PageSide,
        /// Which picture.
        image: ArtifactId,
    },
    /// The pages of the document were judged.
    Decide(Decision),
    /// It expired, and is to wait once more, until the deadline.
    Restore(Deadline),
    /// The checks were made.
    Conclude(&'a [Check]),
    /// Its deadline passed.
    Expire,
    /// The checks cannot be made.
    Fail,
}

impl Verification {
    /// Whether the person was accepted.
    pub fn is_allowed(&self) -> bool {
        self.state == VerificationState::Concluded(Some(Decision::Allow))
    }

    /// Whether it has ended with a refusal of the evidence: the end that another attempt may follow.
    pub fn is_declined(&self) -> bool {
        matches!(self.state, VerificationState::Concluded(decision) if decision != Some(Decision::Allow))
    }

    /// Until when another attempt may follow; `None` where none may.
    pub fn retry_deadline(&self) -> Option<Deadline> {
        let ended_at = self.ended_at.filter(|_| self.is_declined() && self.attempt.remaining > 0)?;
        Some(Deadline(ended_at.plus(self.attempt.retry_ttl)))
    }

    /// Until when it may be restored; `None` where it may not. A restoration is one of the attempts that may follow.
    pub fn restore_deadline(&self) -> Option<Deadline> {
        let is_expired = self.state == VerificationState::Expired && self.attempt.remaining > 0;
        let ended_at = self.ended_at.filter(|_| is_expired)?;
        Some(Deadline(ended_at.plus(self.attempt.retry_ttl)))
    }

    /// That it was opened, or restored.
    pub fn created(&self) -> EventKind {
        if self.pages.is_some() { EventKind::DocumentCreated } else { self.demand.created() }
    }

    /// Applies `command` at `now`: the new verification and what there is to tell. Changes nothing itself.
    ///
    /// The decision follows from the checks and from what was asked: a question without a check counts as not answered.
    ///
    /// # Errors
    /// [`Refused::Closed`] after the end, [`Refused::TooLate`] for a selfie after the deadline, [`Refused::NotNow`]
    /// for what does not fit the state.
    pub fn apply(
        &self,
        command: VerificationCommand<'_>,
        now: Timestamp,
    ) -> Result<(Verification, Option<EventKind>), Refused> {
        use VerificationCommand as Command;
        use VerificationState as State;
        match (self.state, command) {
            (State::Capturing, Command::Submit) if self.deadline.has_passed(now) => Err(Refused::TooLate),
            (State::Capturing, Command::TakePage { .. }) if self.deadline.has_passed(now) => {
                Err(Refused::TooLate)
            }
            (State::Capturing, Command::TakePage { side, image }) => self.with_page(side, image, now),
            (State::Expired, Command::Restore(deadline)) => self.restored(deadline, now),
            (State::Processing, Command::Decide(decision)) if self.pages.is_some() => {
                Ok(self.ended(State::Concluded(Some(decision)), now))
            }
            (State::Capturing, Command::Submit) if !self.demand.presence && self.pages.is_none() => {
                let next = Verification { state: State::Processing, submitted_at: Some(now), ..self.clone() };
                Ok((next, None))
            }
            (State::Capturing, Command::Expire) if self.deadline.has_passed(now) => {
                Ok(self.ended(State::Expired, now))
            }
            // A challenge is judged as it is played: nothing is submitted before.
            (State::Capturing, Command::Conclude(_))
                if self.demand.presence && self.deadline.has_passed(now) =>
            {
                Err(Refused::TooLate)
            }
            (State::Capturing, Command::Conclude(checks)) if self.demand.presence => {
                Ok(self.ended(State::Concluded(self.decide(checks)), now))
            }
            (State::Processing, Command::Conclude(checks)) if self.pages.is_none() => {
                Ok(self.ended(State::Concluded(self.decide(checks)), now))
            }
            (State::Processing, Command::Fail) => Ok(self.ended(State::Failed, now)),
            (State::Capturing | State::Processing, _) => Err(Refused::NotNow),
            (State::Concluded(_) | State::Expired | State::Failed, _) => Err(Refused::Closed),
        }
    }

    /// With one more picture; it is judged once all are there.
    fn with_page(
        &self,
        side: PageSide,
        image: ArtifactId,
        now: Timestamp,
    ) -> Result<(Verification, Option<EventKind>), Refused> {
        let pages = self.pages.as_ref().and_then(|pages| pages.with(side, image)).ok_or(Refused::NotNow)?;
        let is_complete = pages.is_complete();
        let next = Verification {
            state: if is_complete { VerificationState::Processing } else { self.state },
            submitted_at: is_complete.then_some(now),
            pages: Some(pages),
            ..self.clone()
        };
        Ok((next, None))
    }

    fn restored(
        &self,
        deadline: Deadline,
        now: Timestamp,
    ) -> Result<(Verification, Option<EventKind>), Refused> {
        let last = self.restore_deadline().ok_or(Refused::Closed)?;
        if last.has_passed(now) {
            return Err(Refused::TooLate);
        }
        let remaining = self.attempt.remaining.saturating_sub(1);
        let next = Verification {
            state: VerificationState::Capturing,
            attempt: Attempt { remaining, ..self.attempt },
            deadline,
            ended_at: None,
            ..self.clone()
        };
        let event = self.origin.tells_hooks().then(|| self.created());
        Ok((next, event))
    }

    fn decide(&self, checks: &[Check]) -> Option<Decision> {
        let answered = |name: &CheckName| checks.iter().filter(|check| check.name == *name).count() == 1;
        let decision = Assessment::decide(checks);
        // A refusal stands without the rest of the answers; everything else needs all of them.
        decision
            .filter(|decision| *decision == Decision::Deny || self.demand.questions().iter().all(answered))
    }

    fn ended(&self, state: VerificationState, now: Timestamp) -> (Verification, Option<EventKind>) {
        let next = Verification { state, ended_at: Some(now), ..self.clone() };
        let is_allowed = next.is_allowed();
        let kind = match (&self.pages, is_allowed) {
            (None, _) => self.demand.ended(is_allowed),
            (Some(_), true) => EventKind::DocumentSucceeded,
            (Some(_), false) => EventKind::DocumentFailed,
        };
        (next, self.origin.tells_hooks().then_some(kind))
    }
}
