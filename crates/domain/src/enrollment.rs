//! A reference face on its way into the gallery of one person.

use std::time::Duration;

use crate::{Deadline, EnrollmentId, EventKind, Origin, Refused, SubjectId, TenantId, Timestamp};

/// How long an enrollment waits for its photo.
pub const REFERENCE_DEADLINE: Duration = Duration::from_hours(24);

/// One enrollment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrollment {
    /// Its id.
    pub id: EnrollmentId,
    /// Whose customer the person is.
    pub tenant: TenantId,
    /// The person.
    pub subject: SubjectId,
    /// The dialect that opened it, and that will tell of it.
    pub origin: Origin,
    /// What makes it count.
    pub confirmation: Confirmation,
    /// How far it is.
    pub state: EnrollmentState,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What makes a reference face count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// A verification of the same person against it.
    Verification,
    /// Nothing: the tenant vouches for it.
    None,
}

/// How far an enrollment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrollmentState {
    /// Waits for its photo.
    AwaitingReference,
    /// Has a face, and waits for a verification to confirm it.
    AwaitingVerification,
    /// Counts.
    Enrolled,
    /// Never will.
    Failed(EnrollmentFailure),
}

/// Why an enrollment failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrollmentFailure {
    /// No face in the photo, or several.
    NoFace,
    /// The photo cannot be read.
    FormatNotSupported,
    /// The face is on the blocklist.
    FaceBlocked,
    /// The person of the verification was another one.
    VerificationFailed,
    /// No photo came in time.
    NoReference,
    /// Something broke here.
    System,
}

/// What is done to an enrollment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrollmentCommand {
    /// A photo with one usable face came.
    Refer,
    /// What came, or did not come, makes a face impossible.
    Fail(EnrollmentFailure),
    /// A verification found the same person.
    Confirm,
    /// A verification without another attempt found another person.
    Refute,
    /// Its deadline passed.
    Expire,
}

impl Enrollment {
    /// Until when its photo may come.
    pub fn deadline(&self) -> Deadline {
        Deadline(self.created_at.plus(REFERENCE_DEADLINE))
    }

    /// Whether another enrollment of the same person has to wait for the end of this one.
    pub fn blocks_another(&self) -> bool {
        !matches!(self.state, EnrollmentState::Failed(_))
    }

    /// Whether a verification can compare with it.
    pub fn is_usable(&self) -> bool {
        matches!(self.state, EnrollmentState::AwaitingVerification | EnrollmentState::Enrolled)
    }

    /// Applies `command` at `now`: the new enrollment and what there is to tell. Changes nothing itself.
    ///
    /// [`EnrollmentCommand::Confirm`] and [`EnrollmentCommand::Refute`] leave an enrollment that already counts as it
    /// is: one bad selfie later does not undo it.
    ///
    /// # Errors
    /// [`Refused::Closed`] after the photo has come or the enrollment failed, [`Refused::TooLate`] for a photo after
    /// the deadline, [`Refused::NotNow`] for what does not fit the state.
    pub fn apply(
        &self,
        command: EnrollmentCommand,
        now: Timestamp,
    ) -> Result<(Enrollment, Option<EventKind>), Refused> {
        use EnrollmentCommand as Command;
        use EnrollmentState as State;
        let (state, event) = match (self.state, command) {
            (State::AwaitingReference, Command::Expire) if self.deadline().has_passed(now) => {
                (State::Failed(EnrollmentFailure::NoReference), Some(EventKind::EnrollmentFailed))
            }
            (State::AwaitingReference, Command::Refer | Command::Fail(_))
                if self.deadline().has_passed(now) =>
            {
                return Err(Refused::TooLate);
            }
            (State::AwaitingReference, Command::Refer) => match self.confirmation {
                Confirmation::None => (State::Enrolled, Some(EventKind::EnrollmentSucceeded)),
                Confirmation::Verification => (State::AwaitingVerification, None),
            },
            (State::AwaitingReference, Command::Fail(why)) => {
                (State::Failed(why), Some(EventKind::EnrollmentFailed))
            }
            (State::AwaitingVerification, Command::Confirm) => {
                (State::Enrolled, Some(EventKind::EnrollmentSucceeded))
            }
            (State::AwaitingVerification, Command::Refute) => {
                (State::Failed(EnrollmentFailure::VerificationFailed), Some(EventKind::EnrollmentFailed))
            }
            (State::Enrolled, Command::Confirm | Command::Refute) => return Ok((self.clone(), None)),
            (State::AwaitingReference, Command::Confirm | Command::Refute | Command::Expire) => {
                return Err(Refused::NotNow);
            }
            (State::AwaitingVerification | State::Enrolled | State::Failed(_), _) => {
                return Err(Refused::Closed);
            }
        };
        Ok((Enrollment { state, updated_at: now, ..self.clone() }, event))
    }
}
