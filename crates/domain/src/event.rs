//! What happened, what was refused, and until when.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{EnrollmentId, EventId, SessionId, SubjectId, TenantId, Timestamp, VerificationId};

/// The dialect that opened something, and in whose words it is told to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Truora's API.
    Truora,
    /// The API of `TrueLens`.
    #[serde(rename = "truelens")]
    TrueLens,
    /// The API of Mosaic, by Transmit Security.
    Mosaic,
    /// The API of Vlens.
    Vlens,
}

impl Origin {
    /// Whether its dialect tells hooks of what happens.
    pub const fn tells_hooks(self) -> bool {
        match self {
            Self::Truora => true,
            Self::TrueLens | Self::Mosaic | Self::Vlens => false,
        }
    }
}

/// A point in time after which it is too late. The point itself is still in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub Timestamp);

impl Deadline {
    /// Whether `now` is too late.
    pub fn has_passed(self, now: Timestamp) -> bool {
        now > self.0
    }
}

/// Why a command was not carried out. Nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It had ended before.
    #[error("it has ended")]
    Closed,
    /// Its deadline had passed.
    #[error("its deadline has passed")]
    TooLate,
    /// The command does not fit its state.
    #[error("it is not the time for that")]
    NotNow,
}

/// Something to tell others, saved in the transaction of the change itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Whose customer the person is.
    pub tenant: TenantId,
    /// The person; events of one person are told in their order.
    pub subject: SubjectId,
    /// The dialect in whose words it is told.
    pub origin: Origin,
    /// What happened.
    pub kind: EventKind,
    /// To what.
    pub about: About,
    /// When.
    pub at: Timestamp,
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// An enrollment.
    Enrollment(EnrollmentId),
    /// A verification.
    Verification(VerificationId),
    /// A session in which a document and a face are looked at.
    Session(SessionId),
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// An enrollment was opened.
    EnrollmentCreated,
    /// A reference face counts now.
    EnrollmentSucceeded,
    /// An enrollment failed.
    EnrollmentFailed,
    /// An enrollment was deleted.
    EnrollmentDeleted,
    /// A verification was opened.
    VerificationCreated,
    /// A verification ended with an acceptance.
    VerificationSucceeded,
    /// A verification ended without one.
    VerificationFailed,
    /// A face was announced for the blocklist.
    BlockCreated,
    /// A face is on the blocklist now.
    BlockSucceeded,
    /// A face did not get on the blocklist.
    BlockFailed,
    /// A face was taken off the blocklist, or is not expected any more.
    BlockDeleted,
    /// A verification that asks for nothing but the blocklist was opened.
    SearchCreated,
    /// Such a one ended without a hit.
    SearchSucceeded,
    /// Such a one ended otherwise.
    SearchFailed,
    /// A verification that asks for a document was opened.
    DocumentCreated,
    /// Such a one ended with an acceptance.
    DocumentSucceeded,
    /// Such a one ended otherwise.
    DocumentFailed,
}

/// What kind of thing an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Enrollments.
    Enrollment,
    /// Verifications.
    Verification,
    /// Faces for the blocklist.
    Block,
    /// Verifications that ask for nothing but the blocklist.
    Search,
    /// Verifications that ask for a document.
    Document,
}

/// What happened to the thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It was opened.
    Created,
    /// It ended well.
    Succeeded,
    /// It ended otherwise.
    Failed,
    /// It was deleted.
    Deleted,
}

impl EventKind {
    /// What it is about.
    pub const fn topic(self) -> Topic {
        match self {
            Self::EnrollmentCreated
            | Self::EnrollmentSucceeded
            | Self::EnrollmentFailed
            | Self::EnrollmentDeleted => Topic::Enrollment,
            Self::VerificationCreated | Self::VerificationSucceeded | Self::VerificationFailed => {
                Topic::Verification
            }
            Self::BlockCreated | Self::BlockSucceeded | Self::BlockFailed | Self::BlockDeleted => {
                Topic::Block
            }
            Self::SearchCreated | Self::SearchSucceeded | Self::SearchFailed => Topic::Search,
            Self::DocumentCreated | Self::DocumentSucceeded | Self::DocumentFailed => Topic::Document,
        }
    }

    /// What happened to it.
    pub const fn action(self) -> Action {
        match self {
            Self::EnrollmentCreated
            | Self::VerificationCreated
            | Self::BlockCreated
            | Self::SearchCreated
            | Self::DocumentCreated => Action::Created,
            Self::EnrollmentSucceeded
            | Self::VerificationSucceeded
            | Self::BlockSucceeded
            | Self::SearchSucceeded
            | Self::DocumentSucceeded => Action::Succeeded,
            Self::EnrollmentFailed
            | Self::VerificationFailed
            | Self::BlockFailed
            | Self::SearchFailed
            | Self::DocumentFailed => Action::Failed,
            Self::EnrollmentDeleted | Self::BlockDeleted => Action::Deleted,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Truora => "truora",
            Origin::TrueLens => "truelens",
            Origin::Mosaic => "mosaic",
            Origin::Vlens => "vlens",
        })
    }
}
