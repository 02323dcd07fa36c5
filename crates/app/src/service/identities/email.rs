//! Showing, while signed in, that an address is one's own.

use domain::{Contact, EmailAddress, Identity, OtpPurpose, OtpUse};

use super::codes::NewCode;
use super::{Asker, IdentityError, SentCode, ShownCode};
use crate::Caller;
use crate::service::Service;

impl Service {
    /// Sends a code to an address that `identity` says to be its own.
    ///
    /// # Errors
    /// [`IdentityError::TooMany`].
    pub async fn send_email_code(
        &self,
        caller: &Caller,
        asker: Asker,
        identity: &Identity,
        email: &EmailAddress,
    ) -> Result<SentCode, IdentityError> {
        let to = Contact::Email(email.clone());
        let new = NewCode {
            purpose: OtpPurpose::ConfirmEmail,
            to: &to,
            holder: Some(identity),
            is_for_nobody: false,
        };
        self.send_code(caller, asker, new).await
    }

    /// Makes `email` the confirmed address of `identity`, whose code this is.
    ///
    /// # Errors
    /// [`IdentityError::BadCode`], [`IdentityError::EmailTaken`].
    pub async fn confirm_email(
        &self,
        caller: &Caller,
        identity: &Identity,
        email: &EmailAddress,
        shown: &ShownCode,
    ) -> Result<(), IdentityError> {
        let tenant = caller.tenant.id;
        let to = Contact::Email(email.clone());
        let mut tx = self.store().begin().await?;
        let about = (OtpPurpose::ConfirmEmail, &to);
        let otp = self.present_code(&mut tx, tenant, about, shown, OtpUse::Spend).await?;
        let is_theirs = otp.and_then(|otp| otp.holder).is_some_and(|(holder, _)| holder == identity.id);
        let current = if is_theirs { tx.identity(tenant, identity.id).await? } else { None };
        let Some(current) = current else {
            tx.commit().await?;
            return Err(IdentityError::BadCode);
        };
        let other = tx.identity_by_email(tenant, email).await?;
        if other.is_some_and(|other| other.id != current.id) {
            tx.commit().await?;
            return Err(IdentityError::EmailTaken);
        }
        let next = Identity {
            email: Some(email.clone()),
            is_email_confirmed: true,
            updated_at: self.now(),
            ..current
        };
        tx.save_identity(&next).await?;
        tx.append_audit(&self.audit_entry(caller, "identity.email", &next.id.to_string())).await?;
        Ok(tx.commit().await?)
    }
}
