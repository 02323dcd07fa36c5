//! Setting another password with a code, for whoever forgot theirs.

use std::time::Duration;

use domain::{Contact, Identity, OtpPurpose, OtpUse};

use super::codes::NewCode;
use super::{Asker, IdentityError, SentCode, ShownCode};
use crate::Caller;
use crate::service::Service;
use crate::service::password::NewPassword;

impl Service {
    /// Sends a code to the number of an account, or to the address that its person showed to be theirs. What is answered
    /// is the same where there is none.
    ///
    /// # Errors
    /// [`IdentityError::TooMany`].
    pub async fn send_reset_code(
        &self,
        caller: &Caller,
        asker: Asker,
        to: &Contact,
    ) -> Result<SentCode, IdentityError> {
        let mut tx = self.store().look().await?;
        let identity = match to {
            Contact::Phone(phone) => tx.identity_by_phone(caller.tenant.id, phone).await?,
            Contact::Email(email) => tx.identity_by_email(caller.tenant.id, email).await?,
        };
        drop(tx);
        let new = NewCode {
            purpose: OtpPurpose::ResetPassword,
            to,
            holder: identity.as_ref(),
            is_for_nobody: identity.is_none(),
        };
        self.send_code(caller, asker, new).await
    }

    /// Takes note that a code is right; it is to be shown once more with the new password. How long it counts.
    ///
    /// # Errors
    /// [`IdentityError::BadCode`].
    pub async fn confirm_reset_code(
        &self,
        caller: &Caller,
        to: &Contact,
        shown: &ShownCode,
    ) -> Result<Duration, IdentityError> {
        self.confirm_code(caller, (OtpPurpose::ResetPassword, to), shown).await
    }

    /// Sets another password, and signs the person out everywhere.
    ///
    /// # Errors
    /// [`IdentityError::BadCode`].
    pub async fn reset_password(
        &self,
        caller: &Caller,
        to: &Contact,
        shown: &ShownCode,
        password: &NewPassword,
    ) -> Result<(), IdentityError> {
        let (tenant, now) = (caller.tenant.id, self.now());
        let password_hash = self.inner.passwords.hash(password).await?;
        let mut tx = self.store().begin().await?;
        let about = (OtpPurpose::ResetPassword, to);
        let otp = self.present_code(&mut tx, tenant, about, shown, OtpUse::Spend).await?;
        let identity = match otp.and_then(|otp| otp.holder) {
            Some((identity, _)) => tx.identity(tenant, identity).await?,
            None => None,
        };
        let Some(identity) = identity else {
            tx.commit().await?;
            return Err(IdentityError::BadCode);
        };
        let next = Identity { password_hash: Some(password_hash), updated_at: now, ..identity };
        tx.save_identity(&next).await?;
        tx.revoke_families_of(tenant, next.id, now).await?;
        tx.append_audit(&self.audit_entry(caller, "identity.password", &next.id.to_string())).await?;
        Ok(tx.commit().await?)
    }
}
