//! A face on its way into a gallery: that of one person, or the blocklist of a tenant.

use std::time::Duration;

use crate::{Deadline, EnrollmentId, EventKind, Fpir, Origin, Refused, SubjectId, TenantId, Timestamp};

/// How long an enrollment waits for its photo.
pub const REFERENCE_DEADLINE: Duration = Duration::from_hours(24);

/// One enrollment.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrollment {
    /// Its id.
    pub id: EnrollmentId,
    /// Whose customer the person is.
    pub tenant: TenantId,
    /// The person.
    pub subject: SubjectId,
    /// The dialect that opened it, and that will tell of it.
    pub origin: Origin,
    /// What its face is for.
    pub purpose: Purpose,
    /// What makes it count. Nothing has to confirm a face of the blocklist.
    pub confirmation: Confirmation,
    /// Whether its face is looked up in the blocklist when it comes, and at which rate of false alarms.
    pub blocklist: Option<Fpir>,
    /// How far it is.
    pub state: EnrollmentState,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a face is enrolled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To compare one person's selfies with.
    Reference,
    /// To be found again, whoever the person says to be: the tenant's blocklist.
    Blocklist,
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

impl Purpose {
    /// That an enrollment for it was opened.
    pub const fn created(self) -> EventKind {
        match self {
            Self::Reference => EventKind::EnrollmentCreated,
            Self::Blocklist => EventKind::BlockCreated,
        }
    }

    /// That an enrollment for it was deleted.
    pub const fn deleted(self) -> EventKind {
        match self {
            Self::Reference => EventKind::EnrollmentDeleted,
            Self::Blocklist => EventKind::BlockDeleted,
        }
    }

    const fn succeeded(self) -> EventKind {
        match self {
            Self::Reference => EventKind::EnrollmentSucceeded,
            Self::Blocklist => EventKind::BlockSucceeded,
        }
    }

    const fn failed(self) -> EventKind {
        match self {
            Self::Reference => EventKind::EnrollmentFailed,
            Self::Blocklist => EventKind::BlockFailed,
        }
    }
}

impl Enrollment {
    /// Until when its photo may come.
    pub fn deadline(&self) -> Deadline {
        Deadline(self.created_at.plus(REFERENCE_DEADLINE))
    }

    /// Whether another enrollment of the same person for the same purpose has to wait for the end of this one.
    pub fn blocks_another(&self) -> bool {
        !matches!(self.state, EnrollmentState::Failed(_))
    }

    /// Whether a verification can compare with it.
    pub fn is_usable(&self) -> bool {
        self.purpose == Purpose::Reference
            && matches!(self.state, EnrollmentState::AwaitingVerification | EnrollmentState::Enrolled)
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
                (State::Failed(EnrollmentFailure::NoReference), Some(self.purpose.failed()))
            }
            (State::AwaitingReference, Command::Refer | Command::Fail(_))
                if self.deadline().has_passed(now) =>
            {
                return Err(Refused::TooLate);
            }
            (State::AwaitingReference, Command::Refer) => match (self.purpose, self.confirmation) {
                (Purpose::Blocklist, _) | (Purpose::Reference, Confirmation::None) => {
                    (State::Enrolled, Some(self.purpose.succeeded()))
                }
                (Purpose::Reference, Confirmation::Verification) => (State::AwaitingVerification, None),
            },
            (State::AwaitingReference, Command::Fail(why)) => {
                (State::Failed(why), Some(self.purpose.failed()))
            }
            (State::AwaitingVerification, Command::Confirm) => {
                (State::Enrolled, Some(self.purpose.succeeded()))
            }
            (State::AwaitingVerification, Command::Refute) => {
                (State::Failed(EnrollmentFailure::VerificationFailed), Some(self.purpose.failed()))
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
