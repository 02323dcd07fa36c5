//! Whether a live person is in front of a camera now: a verification that is opened for a tenant, captured on a hosted
//! page, judged by its challenge, and told by a badge.

pub(crate) mod badges;
pub(crate) mod evidence;
pub(crate) mod live;
pub(crate) mod open;
pub(crate) mod page;

use domain::{KeyId, SessionId, Timestamp, Verification, VerificationState};
use serde::{Deserialize, Serialize};
use store::{ScanRow, Tx};

use super::Service;
use crate::ServiceError;

/// Goes at the challenge in one verification.
pub const ATTEMPTS: u8 = 3;

/// What was agreed on when a verification was opened. Kept encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    /// The key that opened it, which alone sees it; `None` for one that belongs to a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyId>,
    /// The session of which it makes the selfie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// Whether it is a demonstration.
    pub is_demo: bool,
    /// Where the person goes afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// The tenant's own word for the person, for the badge's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// How far a verification is, for whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresenceState {
    /// The person has not passed yet.
    Open,
    /// They have.
    Passed,
    /// They have not, and no go is left.
    Failed,
    /// The time is over.
    Expired,
}

impl PresenceState {
    /// Its name, as pages and operators are told it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    pub(crate) fn of(verification: &Verification, now: Timestamp) -> Self {
        match verification.state {
            _ if verification.is_allowed() => Self::Passed,
            VerificationState::Capturing if !verification.deadline.has_passed(now) => Self::Open,
            VerificationState::Capturing | VerificationState::Expired => Self::Expired,
            VerificationState::Processing | VerificationState::Concluded(_) | VerificationState::Failed => {
                Self::Failed
            }
        }
    }

    /// As [`Self::of`], where `scans` are the verification's goes: failed too where the last one was lost with its
    /// process, since nothing more can come.
    pub(crate) fn with(verification: &Verification, scans: &[ScanRow], now: Timestamp) -> Self {
        let is_used_up = scans.len() >= usize::from(ATTEMPTS) && page::running(scans, now).is_none();
        match Self::of(verification, now) {
            Self::Open if is_used_up => Self::Failed,
            state => state,
        }
    }
}

impl Service {
    async fn terms(tx: &mut Tx, verification: &Verification) -> Result<Terms, ServiceError> {
        let extra = tx.extra(verification).await?;
        serde_json::from_value(extra).map_err(ServiceError::Terms)
    }
}
