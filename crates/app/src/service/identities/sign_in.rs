//! Signing in: with a password on a device that is known, else with a code too.

use domain::{Contact, Holder, Identity, OtpPurpose, OtpUse, PhoneNumber};

use super::codes::NewCode;
use super::tokens::TokenPair;
use super::{Asker, IdentityError, SentCode, ShownCode};
use crate::Caller;
use crate::service::Service;

/// A person who wants to sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Their number.
    pub phone: PhoneNumber,
    /// Their password.
    pub password: Option<String>,
    /// What their device calls itself.
    pub device: String,
    /// The code that they were sent.
    pub code: Option<ShownCode>,
    /// Whether they want to be asked for a code in any case.
    pub asks_for_code: bool,
    /// Whether codes can be sent to numbers.
    pub can_send: bool,
}

/// Without number, password and device: this may end in a log.
impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("asks_for_code", &self.asks_for_code).finish_non_exhaustive()
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedIn {
    /// They are signed in.
    Yes(Box<Identity>, TokenPair),
    /// A code was sent, or seems to have been.
    WithCode(SentCode),
}

impl Service {
    /// Signs a person in. A code is asked for on a device that is not known, where the person has no password, or where
    /// they ask for one. Who has a password and does not give it is sent none, and not told so.
    ///
    /// # Errors
    /// [`IdentityError::BadCredentials`], [`IdentityError::BadCode`], [`IdentityError::TooMany`],
    /// [`IdentityError::CannotSend`].
    pub async fn sign_in(
        &self,
        caller: &Caller,
        asker: Asker,
        wish: SignIn,
        issuer: &str,
    ) -> Result<SignedIn, IdentityError> {
        let tenant = caller.tenant.id;
        let account = format!("identity {}", wish.phone.as_str());
        let attempt = self.begin_sign_in(caller, &account, asker.from).await?;
        let identity = self.store().look().await?.identity_by_phone(tenant, &wish.phone).await?;
        let known = identity.as_ref().and_then(|identity| identity.password_hash.as_deref());
        let is_trusted = match &wish.password {
            Some(password) => {
                if !self.inner.passwords.is_right(known, password).await? {
                    return Err(IdentityError::BadCredentials);
                }
                true
            }
            // A code that opens an account with a password is only ever sent after the password was right.
            None => identity.is_some() && (known.is_none() || wish.code.is_some()),
        };
        let phone = Contact::Phone(wish.phone);
        let mut tx = self.store().begin().await?;
        if let Some(shown) = &wish.code {
            let about = (OtpPurpose::SignIn, &phone);
            let otp = self.present_code(&mut tx, tenant, about, shown, OtpUse::Spend).await?;
            let holder = otp.and_then(|otp| otp.holder).map(|(identity, _)| identity);
            let opened = identity.filter(|identity| is_trusted && holder == Some(identity.id));
            let Some(identity) = opened else {
                tx.commit().await?;
                return Err(IdentityError::BadCode);
            };
            tx.remember_device(&identity, &wish.device, self.now()).await?;
            return self.finish_sign_in(tx, caller, identity, attempt, issuer).await;
        }
        // Nothing was wrong so far.
        tx.forget_sign_in(attempt).await?;
        if let Some(identity) = identity.as_ref().filter(|_| wish.password.is_some() && !wish.asks_for_code)
            && tx.knows_device(identity, &wish.device).await?
        {
            tx.remember_device(identity, &wish.device, self.now()).await?;
            return self.finish_sign_in(tx, caller, identity.clone(), attempt, issuer).await;
        }
        tx.commit().await?;
        if !wish.can_send {
            return Err(IdentityError::CannotSend);
        }
        let holder = identity.as_ref().filter(|_| is_trusted);
        let new =
            NewCode { purpose: OtpPurpose::SignIn, to: &phone, holder, is_for_nobody: holder.is_none() };
        Ok(SignedIn::WithCode(self.send_code(caller, asker, new).await?))
    }

    async fn finish_sign_in(
        &self,
        mut tx: store::Tx,
        caller: &Caller,
        identity: Identity,
        attempt: i64,
        issuer: &str,
    ) -> Result<SignedIn, IdentityError> {
        tx.forget_sign_in(attempt).await?;
        let holder = Holder::Identity(identity.id, identity.subject);
        let tokens = self.begin_family(&mut tx, caller.tenant.id, holder, issuer).await?;
        tx.append_audit(&self.audit_entry(caller, "identity.sign-in", &identity.id.to_string())).await?;
        tx.commit().await?;
        Ok(SignedIn::Yes(Box::new(identity), tokens))
    }
}
