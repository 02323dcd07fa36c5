//! People of a tenant who sign in themselves: with a number that they showed to be theirs, a password if they like, and
//! codes that they are sent.
//!
//! What is answered, and the work that is done for it, is the same whether a number is known or not, until somebody has
//! shown that it is theirs. [`Service::has_identity`] alone says it.

mod codes;
mod email;
mod messages;
mod register;
mod reset;
mod sign_in;
mod tokens;

use std::net::IpAddr;
use std::time::Duration;

use domain::{Contact, Language, OtpId};
use store::SignInBy;

pub use messages::{CodeMessage, Messenger, SendError};
pub use register::Registration;
pub use sign_in::{SignIn, SignedIn};
pub use tokens::{REFRESH_TOKEN_TTL, SIGN_IN_TTL, SignedInAs, TokenPair};

use super::{Service, limits};
use crate::{Caller, ServiceError};

/// Why nobody was signed in, registered, or sent a code.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// No such account, or another password.
    #[error("the account is not known, or its password is another one")]
    BadCredentials,
    /// Another code, one that was used or has expired, or too many wrong ones before.
    #[error("the code is another one, was used, or has expired")]
    BadCode,
    /// A token that was used, has expired, or was never made here.
    #[error("the token is not valid")]
    BadToken,
    /// Somebody of the tenant has that number.
    #[error("there is an account with that phone number")]
    PhoneTaken,
    /// Somebody of the tenant showed that address to be theirs.
    #[error("there is an account with that e-mail address")]
    EmailTaken,
    /// Too many wrong passwords or codes, or too many codes that were asked for.
    #[error("too many attempts: try again later")]
    TooMany {
        /// When trying again can help, at least 1 s.
        retry_after: Duration,
    },
    /// A code is needed and nothing is set up to send it.
    #[error("nothing is set up that could send the code")]
    CannotSend,
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// A code that somebody shows.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownCode {
    /// The request that it was sent for.
    pub request: OtpId,
    /// Its digits.
    pub code: String,
}

/// Without the code: this may end in a log.
impl std::fmt::Debug for ShownCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShownCode").field("request", &self.request).finish_non_exhaustive()
    }
}

/// Who asks for a code: in which language they want it, and from where they ask.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    /// The language of the message.
    pub language: Language,
    /// The network address.
    pub from: Option<IpAddr>,
}

/// Without the address: this may end in a log.
impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asker").field("language", &self.language).finish_non_exhaustive()
    }
}

/// A code that is on its way, or seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentCode {
    /// The request: to be shown together with the code.
    pub request: OtpId,
    /// How long the code counts.
    pub expires_in: Duration,
}

impl Service {
    /// Whether somebody of the caller's tenant has that number, or showed that address to be theirs. The one use case that
    /// says so: its callers are to be counted.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn has_identity(&self, caller: &Caller, contact: &Contact) -> Result<bool, ServiceError> {
        let mut tx = self.store().look().await?;
        let found = match contact {
            Contact::Phone(phone) => tx.identity_by_phone(caller.tenant.id, phone).await?,
            Contact::Email(email) => tx.identity_by_email(caller.tenant.id, email).await?,
        };
        Ok(found.is_some())
    }

    /// Counts an attempt to sign in to `account` before it is decided, and refuses it where too many failed. Its number.
    async fn begin_sign_in(
        &self,
        caller: &Caller,
        account: &str,
        from: Option<IpAddr>,
    ) -> Result<i64, IdentityError> {
        let (throttle, now, tenant) = (self.limits().throttle, self.now(), caller.tenant.id);
        let network = from.map(limits::network);
        let counted = [
            (throttle.per_account, Some(SignInBy::Account(account))),
            (throttle.per_address, network.as_deref().map(SignInBy::Network)),
        ];
        let mut tx = self.store().begin().await?;
        let mut until = None;
        for (limit, whose) in counted {
            if let Some(whose) = whose.filter(|_| limit > 0) {
                until = until.max(tx.sign_ins_full_until(tenant, whose, limit, throttle.window, now).await?);
            }
        }
        if let Some(until) = until {
            return Err(IdentityError::TooMany { retry_after: until.since(now).max(limits::SHORTEST) });
        }
        let attempt = tx.insert_sign_in(tenant, account, network.as_deref(), now).await?;
        tx.commit().await?;
        Ok(attempt)
    }
}
