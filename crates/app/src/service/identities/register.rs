//! Registering: a number is shown to be one's own, then an account is made with it.

use std::time::Duration;

use domain::{Contact, EmailAddress, Holder, Identity, IdentityId, OtpPurpose, OtpUse, PhoneNumber};
use serde_json::Value;
use store::NewIdentity;

use super::codes::NewCode;
use super::tokens::TokenPair;
use super::{Asker, IdentityError, SentCode, ShownCode};
use crate::Caller;
use crate::service::Service;
use crate::service::password::NewPassword;

/// A person who wants an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Their number.
    pub phone: PhoneNumber,
    /// The code that was sent to it.
    pub phone_code: ShownCode,
    /// An address of theirs.
    pub email: Option<EmailAddress>,
    /// The code that was sent to it; without one the address stays unconfirmed.
    pub email_code: Option<ShownCode>,
    /// Their password; without one they sign in with codes alone.
    pub password: Option<NewPassword>,
}

impl Service {
    /// Sends a code to a number or address that somebody wants to register with, whether it is known or not.
    ///
    /// # Errors
    /// [`IdentityError::TooMany`].
    pub async fn send_registration_code(
        &self,
        caller: &Caller,
        asker: Asker,
        to: &Contact,
    ) -> Result<SentCode, IdentityError> {
        let new = NewCode { purpose: purpose(to), to, holder: None, is_for_nobody: false };
        self.send_code(caller, asker, new).await
    }

    /// Takes note that a code is right; it is to be shown once more with the registration. How long it counts.
    ///
    /// # Errors
    /// [`IdentityError::BadCode`].
    pub async fn confirm_registration_code(
        &self,
        caller: &Caller,
        to: &Contact,
        shown: &ShownCode,
    ) -> Result<Duration, IdentityError> {
        self.confirm_code(caller, (purpose(to), to), shown).await
    }

    /// Makes an account and signs its person in. Its code is used up, also where the number turns out to be taken: only
    /// whoever has shown that it is theirs learns that.
    ///
    /// # Errors
    /// [`IdentityError::BadCode`], [`IdentityError::PhoneTaken`], [`IdentityError::EmailTaken`].
    pub async fn register(
        &self,
        caller: &Caller,
        new: Registration,
        issuer: &str,
    ) -> Result<(Identity, TokenPair), IdentityError> {
        let tenant = caller.tenant.id;
        let password_hash = match &new.password {
            Some(password) => Some(self.inner.passwords.hash(password).await?),
            None => None,
        };
        let phone = Contact::Phone(new.phone.clone());
        let mut tx = self.store().begin().await?;
        let about = (OtpPurpose::RegisterPhone, &phone);
        let is_theirs =
            self.present_code(&mut tx, tenant, about, &new.phone_code, OtpUse::Spend).await?.is_some();
        let is_email_theirs = match new.email.clone().map(Contact::Email).zip(new.email_code.as_ref()) {
            // A number that is not theirs ends it: nothing is said of the other code.
            Some((email, shown)) if is_theirs => {
                let about = (OtpPurpose::RegisterEmail, &email);
                Some(self.present_code(&mut tx, tenant, about, shown, OtpUse::Spend).await?.is_some())
            }
            _ => None,
        };
        let refused = if !is_theirs || is_email_theirs == Some(false) {
            Some(IdentityError::BadCode)
        } else if tx.identity_by_phone(tenant, &new.phone).await?.is_some() {
            Some(IdentityError::PhoneTaken)
        } else {
            match new.email.as_ref().filter(|_| is_email_theirs.is_some()) {
                Some(email) if tx.identity_by_email(tenant, email).await?.is_some() => {
                    Some(IdentityError::EmailTaken)
                }
                _ => None,
            }
        };
        if let Some(refused) = refused {
            tx.commit().await?;
            return Err(refused);
        }
        let subject = self.draft_subject(caller, None, Value::Null).await?;
        tx.insert_subject(&subject).await?;
        let identity = tx
            .insert_identity(NewIdentity {
                id: IdentityId::from_bytes(self.id()?),
                tenant,
                subject: subject.id,
                phone: new.phone,
                email: new.email,
                is_email_confirmed: is_email_theirs.is_some(),
                password_hash,
                created_at: self.now(),
            })
            .await?;
        let holder = Holder::Identity(identity.id, identity.subject);
        let tokens = self.begin_family(&mut tx, tenant, holder, issuer).await?;
        tx.append_audit(&self.audit_entry(caller, "identity.create", &identity.id.to_string())).await?;
        tx.commit().await?;
        Ok((identity, tokens))
    }
}

fn purpose(to: &Contact) -> OtpPurpose {
    match to {
        Contact::Phone(_) => OtpPurpose::RegisterPhone,
        Contact::Email(_) => OtpPurpose::RegisterEmail,
    }
}
