//! The use cases, shared by every interface, so that the command line's verdict is the server's.
//!
//! [`App`] judges photos. [`Service`] keeps what was judged: subjects, enrollments, verifications, for many tenants.
//! [`Admin`] is for the operator.

mod admin;
mod clip;
mod document;
mod error;
mod judge;
mod open;
mod service;
mod verify;
mod voice;
mod watchlist;

pub use admin::{Admin, AdminError, CaptureAttempt, CaptureReport, NewKey, NewTenant, SIMILARITY_FLOOR_FMR};
pub use clip::ClipVerdict;
pub use document::{EnginePages, JudgedPages, PageReader};
pub use engine::document::{PageReading, Stage};
pub use engine::presence::CameraClaims;
pub use error::AppError;
pub use open::App;
pub use service::access::{AuthError, Caller, KeyRequest, MintError};
pub use service::client_token::{ACCESS_TOKEN_TTL, AccessToken, ClientCaller, TokenError};
pub use service::deliveries::{Carried, Courier, EnrollmentThen, Occurrence, Parcel, Thing};
pub use service::enroll::{DeleteError, EnrollError, EnrollmentView, NewEnrollment};
pub use service::error::ServiceError;
pub use service::faces::{Admission, Busy};
pub use service::hook_keys::{HookKeys, Signature};
pub use service::hooks::{HookError, HookView, NewHook};
pub use service::identities::{
    Asker, CodeMessage, IdentityError, Messenger, REFRESH_TOKEN_TTL, Registration, SIGN_IN_TTL, SendError,
    SentCode, ShownCode, SignIn, SignedIn, SignedInAs, TokenPair,
};
pub use service::limits::{CodeLimits, Throttle, UsageLimits};
pub use service::link::{LinkError, UploadLink};
pub use service::pages::PageLinks;
pub use service::password::{LONGEST_PASSWORD, NewPassword, SHORTEST_PASSWORD};
pub use service::presence::badges::{BadgeStatus, BadgeView};
pub use service::presence::evidence::{KeptCapture, KeptFrame, KeptStep};
pub use service::presence::live::{FrameAnswer, LiveError, LiveScan, Loss, MAX_FRAME_BYTES, ScanResult};
pub use service::presence::open::{CAPTURE_TIME, NewPresence, OpenPresenceError, PresenceView};
pub use service::presence::page::{Browser, CapturePage, PageError};
pub use service::presence::{ATTEMPTS, PresenceState};
pub use service::readiness::NotReady;
pub use service::requests::RequestRate;
pub use service::restore::RestoreError;
pub use service::screening::{NotScreened, Screening, ScreeningHit};
pub use service::sessions::evaluate::EvaluateError;
pub use service::sessions::images::{BadPicture, ImageError, ImageReceipt, Margins, NewImage};
pub use service::sessions::open::{NewFaceAuth, NewSession, OpenSessionError, OpenedSession};
pub use service::sessions::page::{HostedPlace, HostedSession};
pub use service::sessions::transactions::authorities::{AskError, Authorities, AuthorityQuestion};
pub use service::sessions::transactions::compare::{CompareError, ComparedFaces};
pub use service::sessions::transactions::faces::{NewFaces, SHOTS};
pub use service::sessions::transactions::link::LINK_TIME;
pub use service::sessions::transactions::pictures::PictureNames;
pub use service::sessions::transactions::view::TransactionView;
pub use service::sessions::transactions::{NameToCheck, Step, StepFault, TransactionError};
pub use service::sessions::view::{ImageView, SessionView};
pub use service::sessions::{Consent, Mock};
pub use service::subjects::{NewSubject, SubjectError};
pub use service::upload::{MAX_UPLOAD_BYTES, OpenUpload, Receipt, UploadError};
pub use service::verification::{
    File, FileLinks, NewVerification, OpenError, RetryRefusal, TokenWish, VerificationView,
};
pub use service::{Entropy, Service, ServiceOptions};
pub use store::{
    Artifact, AuditEntry, AuditFilter, BackupReport, Badge, BadgeKey, Client, Erased, LoadedList, Page,
    Rekeyed, Replay, RestoreReport, Store, StoreError, Subject, Tenant, User, restore,
};
pub use verify::Verdict;
pub use voice::SpeechMatch;
pub use watchlist::{
    BadRow, MAX_LIST_BYTES, MAX_LIST_ENTRIES, Watchlist, WatchlistError, Watchlists, read_watchlists,
};
