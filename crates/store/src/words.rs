//! Enums as the words they are stored by. A stored word is never changed, only added.

use domain::{
    Action, CheckName, Confirmation, Decision, DeliveryState, DisabledWhy, DocumentKind, EnrollmentFailure,
    EventKind, HookStyle, ImageKind, KeyKind, MinimumPrecision, Origin, OtpPurpose, OtpState, Outcome,
    Permission, Purpose, Role, ScanState, SessionPurpose, Topic,
};

use crate::error::{Result, StoreError};

/// An enum without data that is stored as a word.
pub(crate) trait Word: Sized {
    /// The word it is stored by.
    fn word(self) -> &'static str;

    /// What a stored word means.
    fn from_word(word: &str) -> Result<Self>;
}

macro_rules! words {
    ($($name:ident, $what:literal { $($variant:ident = $word:literal),+ $(,)? })+) => { $(
        impl Word for $name {
            fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            fn from_word(word: &str) -> Result<Self> {
                match word {
                    $($word => Ok($name::$variant),)+
                    _ => Err(StoreError::Corrupt { what: $what }),
                }
            }
        }
    )+ };
}

/// What a job is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Judge what was uploaded.
    Judge,
    /// End a verification whose selfie did not come.
    ExpireVerification,
    /// End an enrollment whose photo did not come.
    ExpireEnrollment,
    /// End the time in which another attempt may follow.
    CloseRetryWindow,
    /// Judge the pictures of a session.
    JudgeSession,
    /// End a session whose pictures did not come.
    ExpireSession,
    /// Ask the authorities about the person of a session.
    AskAuthorities,
}

words! {
    OtpPurpose, "purpose of a one-time password" {
        RegisterPhone = "register-phone",
        RegisterEmail = "register-email",
        SignIn = "sign-in",
        ConfirmEmail = "confirm-email",
        ResetPassword = "reset-password",
    }
    OtpState, "state of a one-time password" {
        Sent = "sent",
        Confirmed = "confirmed",
        Spent = "spent",
    }
    JobKind, "kind of a job" {
        Judge = "judge",
        ExpireVerification = "expire-verification",
        ExpireEnrollment = "expire-enrollment",
        CloseRetryWindow = "close-retry-window",
        JudgeSession = "judge-session",
        ExpireSession = "expire-session",
        AskAuthorities = "ask-authorities",
    }
    MinimumPrecision, "precision of a spoken token" {
        Low = "low",
        Medium = "medium",
        High = "high",
        VeryHigh = "very-high",
    }
    Origin, "origin" { Truora = "truora", TrueLens = "truelens", Mosaic = "mosaic", Vlens = "vlens" }
    Purpose, "purpose of an enrollment" { Reference = "reference", Blocklist = "blocklist" }
    Confirmation, "confirmation of an enrollment" { Verification = "verification", None = "none" }
    EnrollmentFailure, "failure of an enrollment" {
        NoFace = "no-face",
        FormatNotSupported = "format-not-supported",
        FaceBlocked = "face-blocked",
        VerificationFailed = "verification-failed",
        NoReference = "no-reference",
        System = "system",
    }
    ScanState, "state of a scan" {
        Running = "running",
        Passed = "passed",
        Retry = "retry",
        Failed = "failed",
        Lost = "lost",
    }
    Decision, "decision" { Allow = "allow", Challenge = "challenge", Deny = "deny" }
    CheckName, "name of a check" {
        ReferenceUsable = "reference-usable",
        SelfieUsable = "selfie-usable",
        Blocklist = "blocklist",
        Similarity = "similarity",
        SelfieIsNew = "selfie-is-new",
        Liveness = "liveness",
        SpeechMatch = "speech-match",
        Presentation = "presentation",
        ColourResponse = "colour-response",
        HeadMovement = "head-movement",
        Continuity = "continuity",
        Freshness = "freshness",
    }
    Outcome, "outcome of a check" {
        Passed = "passed",
        Borderline = "borderline",
        Failed = "failed",
        CouldNotTell = "could-not-tell",
    }
    EventKind, "kind of an event" {
        EnrollmentCreated = "enrollment-created",
        EnrollmentSucceeded = "enrollment-succeeded",
        EnrollmentFailed = "enrollment-failed",
        EnrollmentDeleted = "enrollment-deleted",
        VerificationCreated = "verification-created",
        VerificationSucceeded = "verification-succeeded",
        VerificationFailed = "verification-failed",
        BlockCreated = "block-created",
        BlockSucceeded = "block-succeeded",
        BlockFailed = "block-failed",
        BlockDeleted = "block-deleted",
        SearchCreated = "search-created",
        SearchSucceeded = "search-succeeded",
        SearchFailed = "search-failed",
        DocumentCreated = "document-created",
        DocumentSucceeded = "document-succeeded",
        DocumentFailed = "document-failed",
    }
    Topic, "topic of a hook" {
        Enrollment = "enrollment",
        Verification = "verification",
        Block = "block",
        Search = "search",
        Document = "document",
    }
    Action, "action of a hook" {
        Created = "created",
        Succeeded = "succeeded",
        Failed = "failed",
        Deleted = "deleted",
    }
    DisabledWhy, "reason why a hook is disabled" { Owner = "owner", Operator = "operator", Gone = "gone" }
    DeliveryState, "state of a delivery" {
        Pending = "pending",
        Delivered = "delivered",
        Dead = "dead",
        Cancelled = "cancelled",
    }
    KeyKind, "kind of a key" { Backend = "backend", Web = "web", Sdk = "sdk", Generator = "generator" }
    Permission, "permission of a key" {
        EnrollmentWithoutValidation = "enrollment-without-validation",
        EnrollmentDelete = "enrollment-delete",
    }
    SessionPurpose, "purpose of a session" {
        Document = "document",
        FaceAuth = "face-auth",
        EgyptianCard = "egyptian-card",
    }
    ImageKind, "kind of a picture" {
        DocumentFront = "document-front",
        DocumentBack = "document-back",
        Selfie = "selfie",
    }
    DocumentKind, "kind of a document" {
        NationalId = "national-id",
        DriversLicense = "drivers-license",
        Passport = "passport",
        ResidencePermit = "residence-permit",
        Visa = "visa",
        Other = "other",
    }
    Role, "role of a photo" { Reference = "reference", Selfie = "selfie" }
}

/// No dialect may be called `standard`.
const STANDARD: &str = "standard";

impl Word for HookStyle {
    fn word(self) -> &'static str {
        match self {
            HookStyle::Standard => STANDARD,
            HookStyle::Vendor(origin) => origin.word(),
        }
    }

    fn from_word(word: &str) -> Result<Self> {
        match word {
            STANDARD => Ok(HookStyle::Standard),
            vendor => Origin::from_word(vendor).map(HookStyle::Vendor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_reads_back_as_what_it_was_written_for() {
        assert_eq!(JobKind::from_word(JobKind::Judge.word()).unwrap(), JobKind::Judge);
        assert_eq!(Decision::from_word("challenge").unwrap(), Decision::Challenge);
        assert!(matches!(Outcome::from_word("perhaps"), Err(StoreError::Corrupt { .. })));
    }
}
