//! How far a validation is, in the vendor's words.

use domain::{Check, CheckName, Decision, DocumentPages, Judgement, Outcome, VerificationState};
use serde::Serialize;
use utoipa::ToSchema;

/// How far a validation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ValidationStatus)]
pub(super) enum Status {
    Pending,
    Success,
    Failure,
}

/// In which way a validation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FailureStatus {
    /// The evidence was refused.
    Declined,
    /// No selfie came in time.
    Expired,
    /// Something broke here.
    SystemError,
}

/// What did not happen in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ExpiredReason {
    /// No selfie came, or not every picture of the document.
    InputFileNotUploaded,
    /// No picture of the document came.
    DocumentValidationNotStarted,
}

/// The answer to one question of a validation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SubStatus {
    /// It is asked and not answered yet.
    Pending,
    /// Yes.
    Success,
    /// Not a yes.
    Failure,
    /// It was not asked.
    NotPerformed,
}

impl Status {
    pub(super) fn of(state: VerificationState) -> Self {
        use VerificationState as State;
        match state {
            State::Capturing | State::Processing => Self::Pending,
            State::Concluded(Some(Decision::Allow)) => Self::Success,
            State::Concluded(_) | State::Expired | State::Failed => Self::Failure,
        }
    }
}

impl FailureStatus {
    pub(super) fn of(state: VerificationState) -> Option<Self> {
        use VerificationState as State;
        match state {
            State::Capturing | State::Processing | State::Concluded(Some(Decision::Allow)) => None,
            State::Concluded(_) => Some(Self::Declined),
            State::Expired => Some(Self::Expired),
            State::Failed => Some(Self::SystemError),
        }
    }
}

impl ExpiredReason {
    /// Of a validation that asks for `pages`.
    pub(super) fn of_document(state: VerificationState, pages: &DocumentPages) -> Option<Self> {
        let has_begun = pages.front.is_some() || pages.back.is_some();
        let reason = if has_begun { Self::InputFileNotUploaded } else { Self::DocumentValidationNotStarted };
        (state == VerificationState::Expired).then_some(reason)
    }

    pub(super) fn of(state: VerificationState) -> Option<Self> {
        (state == VerificationState::Expired).then_some(Self::InputFileNotUploaded)
    }
}

impl SubStatus {
    /// The answer to the question that `names` make up, where it was asked.
    pub(super) fn of(
        names: &[CheckName],
        is_asked: bool,
        state: VerificationState,
        judgement: Option<&Judgement>,
    ) -> Self {
        if !is_asked {
            return Self::NotPerformed;
        }
        if Status::of(state) == Status::Pending {
            return Self::Pending;
        }
        let checks: &[Check] = judgement.map_or(&[], |judgement| &judgement.checks);
        let passed = |name: &CheckName| {
            checks.iter().any(|check| check.name == *name && check.outcome == Outcome::Passed)
        };
        if names.iter().all(passed) { Self::Success } else { Self::Failure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_its_words() {
        use VerificationState as State;
        for (state, status, failure) in [
            (State::Capturing, Status::Pending, None),
            (State::Processing, Status::Pending, None),
            (State::Concluded(Some(Decision::Allow)), Status::Success, None),
            (State::Concluded(Some(Decision::Challenge)), Status::Failure, Some(FailureStatus::Declined)),
            (State::Concluded(Some(Decision::Deny)), Status::Failure, Some(FailureStatus::Declined)),
            (State::Concluded(None), Status::Failure, Some(FailureStatus::Declined)),
            (State::Expired, Status::Failure, Some(FailureStatus::Expired)),
            (State::Failed, Status::Failure, Some(FailureStatus::SystemError)),
        ] {
            assert_eq!((Status::of(state), FailureStatus::of(state)), (status, failure), "{state:?}");
            let expired = (state == State::Expired).then_some(ExpiredReason::InputFileNotUploaded);
            assert_eq!(ExpiredReason::of(state), expired);
        }
    }
}
