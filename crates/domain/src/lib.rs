//! The words and the rules: signals from the engine become checks by a versioned [`Policy`], and checks become a
//! [`Decision`].
//!
//! The words are those of ISO/IEC 30107 (presentation attacks) and ISO/IEC 19795 (error rates): a *bona fide*
//! presentation is a genuine person in front of the camera; a *probe* (here the selfie) is compared with a
//! *reference*; the result is a *comparison score*; FMR is the share of impostors that a threshold lets through.

mod access;
pub mod arabic;
mod assessment;
mod challenge;
mod clip;
mod contact;
mod document;
pub mod egypt;
mod enrollment;
mod event;
mod hook;
mod id;
mod identity;
mod otp;
mod policy;
mod presence;
mod reason;
mod scan;
pub mod screening;
mod signal;
mod speech;
mod time;
mod value;
mod verification;
mod web_url;

pub use access::{Key, KeyKind, Permission};
pub use assessment::{Assessment, Check, CheckName, Decision, Judgement, Outcome};
pub use challenge::{Challenge, Colour, Movement, Path, Seed, Step};
pub use clip::{
    ClipEvidence, ClipLimits, ClipPolicy, CourseSignal, EyesSignal, FaceMovementSignal, ScreenSignal,
};
pub use contact::{BadEmailAddress, BadPhoneNumber, Contact, EmailAddress, Language, PhoneNumber};
pub use document::{
    BarcodeSignal, CaptureVerdict, CheckDigit, Day, DocumentAssessment, DocumentCheck, DocumentCheckName,
    DocumentEvidence, DocumentFacts, DocumentJudgement, DocumentKind, DocumentPages, DocumentPolicy,
    DocumentReason, DocumentSession, Edges, FacePair, FaceShot, FacesEvidence, FacesFault, Field, FieldName,
    FieldSource, ForgerySignal, HistorySignal, ImageFault, ImageKind, MrzFormat, MrzSignal, PageEvidence,
    PageFault, PageQuality, PageSide, PageView, PagesAssessment, PagesFault, PassportFault, PictureAdvice,
    PortraitSignal, Quad, RETAKES, SESSION_TIME, SelfieEvidence, SelfieFault, SessionCommand, SessionPurpose,
    SessionState, Taken, WantedDocument, aamva, mrz, passport_faults, printed,
};
pub use enrollment::{
    Confirmation, Enrollment, EnrollmentCommand, EnrollmentFailure, EnrollmentState, Purpose,
    REFERENCE_DEADLINE,
};
pub use event::{About, Action, Deadline, Event, EventKind, Origin, Refused, Topic};
pub use hook::{Delivery, DeliveryState, Disabled, DisabledWhy, Hook, HookFilter, HookStyle, Retries};
pub use id::{
    ArtifactId, BadId, ClientId, DeliveryId, EnrollmentId, EventId, FamilyId, HookId, IdentityId, JobId,
    KeyId, Nonce, OtpId, ScanId, SessionId, SubjectId, TenantId, TransactionId, UserId, VerificationId,
};
pub use identity::{Holder, Identity, TokenFamily};
pub use otp::{
    CONFIRMED_OTP_TIME, OTP_DIGITS, OTP_TIME, OTP_TRIES, OneTimePassword, OtpPurpose, OtpState, OtpUse,
};
pub use policy::{Band, Policy, QualityLimits};
pub use presence::{
    CaptureFault, ColourLimits, ColourSignal, ContinuityLimits, ContinuitySignal, FreshnessLimits,
    FreshnessSignal, Guidance, MotionLimits, MotionSignal, MovementSignal, PresenceEvidence, PresencePolicy,
    PresentationSignal,
};
pub use reason::Reason;
pub use scan::{FrameHeader, Reveal, Scan, ScanProgress, ScanRefusal, ScanState, Slot};
pub use signal::{
    Blind, ClipSignal, ComparisonSignal, Evidence, LivenessSignal, PhotoEvidence, QualitySignal, SearchSignal,
};
pub use speech::{
    BadToken, MAX_DIGITS, MAX_WORDS, MinimumPrecision, SpeechFault, SpeechOutcome, SpeechPolicy, SpeechScore,
    SpeechSignal, SpeechVerdict, SpokenLanguage, SpokenToken,
};
pub use time::{Clock, Timestamp};
pub use value::{Fmr, Fpir, Role, Similarity, TemplateIds};
pub use verification::{Attempt, Demand, SelfieForm, Verification, VerificationCommand, VerificationState};
pub use web_url::{BadWebUrl, WebUrl};
