//! What can go wrong in every use case of the service.

use store::StoreError;

use crate::AppError;

/// Something broke here: not the caller's fault, and nothing that the caller can mend.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine failed.
    #[error(transparent)]
    App(#[from] AppError),
    /// What was kept of a reference face cannot be read.
    #[error("a kept reference face cannot be read: enroll this person again")]
    Reference(#[source] serde_json::Error),
    /// A token could not be signed.
    #[error("a token could not be signed")]
    Token(#[source] jsonwebtoken::errors::Error),
    /// The keys of a hook cannot be used.
    #[error("the keys of a hook cannot be used: make the hook anew")]
    HookKeys,
    /// What was agreed on when a verification was opened cannot be read or written.
    #[error("the terms of a verification cannot be read")]
    Terms(#[source] serde_json::Error),
    /// What is kept of a capture cannot be written or read.
    #[error("what is kept of a capture cannot be written or read")]
    Evidence(#[source] std::io::Error),
    /// A password cannot be hashed.
    #[error("a password cannot be hashed")]
    Password(#[source] argon2::password_hash::Error),
    /// A message with a code cannot be written.
    #[error("a message with a code cannot be written")]
    Letter(#[source] serde_json::Error),
    /// The key of badges cannot be used.
    #[error("the key that signs badges cannot be used")]
    BadgeKey,
    /// The key of access tokens cannot be used.
    #[error("the key that signs access tokens cannot be used")]
    AccessKey,
    /// A picture that was cut out could not be written.
    #[error("a picture that was cut out could not be written")]
    Encode(#[source] media::DecodeError),
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Entropy,
    /// The operating system gave no threads.
    #[error("the operating system gave no threads: allow more, or set fewer inference threads")]
    Threads(#[source] rayon::ThreadPoolBuildError),
    /// Work on photos stopped in the middle.
    #[error("the work on a photo stopped in the middle")]
    Interrupted,
}

/// Lets `?` take a failure of the store to the error of a use case.
macro_rules! from_store {
    ($($error:ident),+) => { $(
        impl From<StoreError> for crate::$error {
            fn from(error: StoreError) -> Self {
                crate::$error::Service(error.into())
            }
        }
    )+ };
}

from_store!(
    AuthError,
    DeleteError,
    EnrollError,
    HookError,
    IdentityError,
    MintError,
    OpenError,
    SubjectError,
    TokenError,
    UploadError
);
