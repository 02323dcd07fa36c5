//! One-time passwords: digits that are sent to a person, who shows by them that what they were sent to is theirs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{IdentityId, OtpId, SubjectId, TenantId, Timestamp};

/// Digits of a code. One guess in a million is right, and a code allows [`OTP_TRIES`] of them.
pub const OTP_DIGITS: usize = 6;

/// How long a code counts after it was made.
pub const OTP_TIME: Duration = Duration::from_mins(5);

/// How long a confirmed code counts after its confirmation: so long a person may take for the rest of a form.
pub const CONFIRMED_OTP_TIME: Duration = Duration::from_mins(30);

/// How many wrong codes are listened to.
pub const OTP_TRIES: u32 = 5;

/// What a code is for. It is good for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtpPurpose {
    /// Showing that a number is one's own, to register with it.
    RegisterPhone,
    /// Showing that an address is one's own, to register with it.
    RegisterEmail,
    /// Signing in.
    SignIn,
    /// Showing that an address is one's own, while signed in.
    ConfirmEmail,
    /// Setting another password.
    ResetPassword,
}

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OtpState {
    /// Nothing yet.
    Sent,
    /// It was shown once, and is to be shown once more with what it is for.
    Confirmed,
    /// It was used. It opens nothing any more.
    Spent,
}

/// What a code is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OtpUse {
    /// To say that it is right, before it is used.
    Confirm,
    /// To use it.
    Spend,
}

/// A code that was sent, without the code itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneTimePassword {
    /// Names the request that it was sent for.
    pub id: OtpId,
    /// Whose customer it was sent to.
    pub tenant: TenantId,
    /// What it is for.
    pub purpose: OtpPurpose,
    /// Whose account it opens, where there is one.
    pub holder: Option<(IdentityId, SubjectId)>,
    /// What became of it.
    pub state: OtpState,
    /// Wrong codes that were shown for it.
    pub failures: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it does not count any more.
    pub expires_at: Timestamp,
}

impl OneTimePassword {
    /// Somebody shows a code: `is_code` is whether it is the one that was sent. Returns the new state, which must be kept
    /// in any case, and whether the code counts.
    ///
    /// A code is confirmed once at most, and spent once at most. Nothing counts after [`OTP_TRIES`] wrong ones, or once it
    /// has expired.
    #[must_use]
    pub fn present(&self, what: OtpUse, is_code: bool, now: Timestamp) -> (Self, bool) {
        let is_over = self.state == OtpState::Spent || self.failures >= OTP_TRIES || now >= self.expires_at;
        if is_over {
            return (*self, false);
        }
        if !is_code {
            return (Self { failures: self.failures + 1, ..*self }, false);
        }
        match (self.state, what) {
            (OtpState::Sent, OtpUse::Confirm) => {
                let expires_at = now.plus(CONFIRMED_OTP_TIME);
                (Self { state: OtpState::Confirmed, expires_at, ..*self }, true)
            }
            (_, OtpUse::Spend) => (Self { state: OtpState::Spent, ..*self }, true),
            (_, OtpUse::Confirm) => (*self, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent() -> OneTimePassword {
        let created_at = Timestamp::from_millis(1_000);
        OneTimePassword {
            id: OtpId::from_bytes([1; 16]),
            tenant: TenantId::from_bytes([2; 16]),
            purpose: OtpPurpose::SignIn,
            holder: None,
            state: OtpState::Sent,
            failures: 0,
            created_at,
            expires_at: created_at.plus(OTP_TIME),
        }
    }

    #[test]
    fn a_confirmed_code_is_used_half_an_hour_later_and_then_never_again() {
        let confirmed_at = Timestamp::from_millis(sent().expires_at.as_millis() - 1);
        let (confirmed, counts) = sent().present(OtpUse::Confirm, true, confirmed_at);
        assert!(counts);
        assert!(!confirmed.present(OtpUse::Confirm, true, confirmed_at).1, "once");
        let late = confirmed_at.plus(CONFIRMED_OTP_TIME);
        assert!(!confirmed.present(OtpUse::Spend, true, late).1);
        let (spent, counts) =
            confirmed.present(OtpUse::Spend, true, Timestamp::from_millis(late.as_millis() - 1));
        assert!(counts && !spent.present(OtpUse::Spend, true, confirmed_at).1);
    }

    #[test]
    fn the_right_code_does_not_count_after_five_wrong_ones_nor_after_five_minutes() {
        let now = sent().created_at;
        let mut code = sent();
        for _ in 0..OTP_TRIES {
            code = code.present(OtpUse::Spend, false, now).0;
        }
        assert_eq!(code.present(OtpUse::Spend, true, now), (code, false));
        assert!(!sent().present(OtpUse::Spend, true, sent().expires_at).1);
    }

    proptest! {
        #[test]
        fn whatever_is_shown_a_code_is_spent_once_and_guessed_at_five_times(
            shown in prop::collection::vec((any::<bool>(), any::<bool>(), 0_u64..600_000), 0..40)
        ) {
            let (mut code, mut now) = (sent(), sent().created_at);
            let (mut spent, mut confirmed, mut wrong) = (0, 0, 0);
            for (spends, is_code, later) in shown {
                now = now.plus(Duration::from_millis(later / 8));
                let what = if spends { OtpUse::Spend } else { OtpUse::Confirm };
                let (next, counts) = code.present(what, is_code, now);
                prop_assert!(!counts || (is_code && now < code.expires_at && code.failures < OTP_TRIES));
                wrong += u32::from(next.failures > code.failures);
                spent += u32::from(counts && spends);
                confirmed += u32::from(counts && !spends);
                code = next;
            }
            prop_assert!(spent <= 1 && confirmed <= 1 && wrong <= OTP_TRIES);
        }
    }
}
