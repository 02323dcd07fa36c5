//! Codes: made, counted, and recognised again.

use std::time::Duration;

use domain::{
    Contact, Identity, OTP_DIGITS, OTP_TIME, OneTimePassword, OtpId, OtpPurpose, OtpState, OtpUse, TenantId,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use store::{OtpMessage, OtpsTo, Secret, Tx};

use super::messages::Letter;
use super::{Asker, IdentityError, SentCode, ShownCode};
use crate::service::{Service, limits};
use crate::{Caller, ServiceError};

/// Name of the secret in the key ring that codes are hashed with.
const SECRET: &str = "one-time-passwords";

/// A code to be sent.
pub(super) struct NewCode<'a> {
    pub purpose: OtpPurpose,
    pub to: &'a Contact,
    /// Whose account it opens, where there is one.
    pub holder: Option<&'a Identity>,
    /// Whether nothing is sent: all is done as if, and no code is ever right.
    pub is_for_nobody: bool,
}

impl Service {
    /// Makes a code and has it sent, where its number or address, the asker's network and the tenant may have one more.
    pub(super) async fn send_code(
        &self,
        caller: &Caller,
        asker: Asker,
        new: NewCode<'_>,
    ) -> Result<SentCode, IdentityError> {
        let (tenant, now) = (caller.tenant.id, self.now());
        let network = asker.from.map(limits::network);
        let code = digits(self.id()?);
        let otp = OneTimePassword {
            id: OtpId::from_bytes(self.id()?),
            tenant,
            purpose: new.purpose,
            holder: new.holder.map(|identity| (identity.id, identity.subject)),
            state: OtpState::Sent,
            failures: 0,
            created_at: now,
            expires_at: now.plus(OTP_TIME),
        };
        // What nobody is sent matches nothing: bytes instead of a hash.
        let made = mac(&self.store().secret(SECRET).await?, otp.id, &code)?.finalize().into_bytes();
        let random = [self.id()?, self.id()?].concat();
        let hash = if new.is_for_nobody { random } else { made.to_vec() };
        let letter = Letter {
            to: new.to.clone(),
            code,
            language: asker.language,
            purpose: new.purpose,
            tenant_name: caller.tenant.name.clone(),
        };
        let message = OtpMessage {
            otp: otp.id,
            tenant,
            message: serde_json::to_value(&letter).map_err(ServiceError::Letter)?,
            is_for_nobody: new.is_for_nobody,
            attempts: 0,
            expires_at: otp.expires_at,
        };
        let mut tx = self.store().begin().await?;
        self.check_codes(&mut tx, tenant, new.to, network.as_deref()).await?;
        tx.insert_otp(&otp, new.to, network.as_deref(), &hash).await?;
        tx.insert_otp_message(&message, now).await?;
        tx.commit().await?;
        self.inner.post.notify_one();
        Ok(SentCode { request: otp.id, expires_in: OTP_TIME })
    }

    /// Looks at a code that somebody shows, and keeps in `tx` what follows: to be committed in any case. The code's state,
    /// where it counts.
    pub(super) async fn present_code(
        &self,
        tx: &mut Tx,
        tenant: TenantId,
        (purpose, to): (OtpPurpose, &Contact),
        shown: &ShownCode,
        what: OtpUse,
    ) -> Result<Option<OneTimePassword>, ServiceError> {
        let Some(kept) = tx.otp(tenant, shown.request, purpose, to).await? else { return Ok(None) };
        let mac = mac(&self.store().secret(SECRET).await?, shown.request, &shown.code)?;
        // Takes the same time wherever the two differ.
        let is_code = mac.verify_slice(&kept.code_hash).is_ok() && kept.is_for_contact;
        let (next, counts) = kept.otp.present(what, is_code, self.now());
        if next != kept.otp {
            tx.save_otp(&next).await?;
        }
        Ok(counts.then_some(next))
    }

    /// As [`Service::present_code`], in a transaction of its own.
    pub(super) async fn confirm_code(
        &self,
        caller: &Caller,
        about: (OtpPurpose, &Contact),
        shown: &ShownCode,
    ) -> Result<Duration, IdentityError> {
        let mut tx = self.store().begin().await?;
        let otp = self.present_code(&mut tx, caller.tenant.id, about, shown, OtpUse::Confirm).await?;
        tx.commit().await?;
        otp.map(|otp| otp.expires_at.since(self.now())).ok_or(IdentityError::BadCode)
    }

    async fn check_codes(
        &self,
        tx: &mut Tx,
        tenant: TenantId,
        to: &Contact,
        network: Option<&str>,
    ) -> Result<(), IdentityError> {
        let (most, now) = (self.limits().codes, self.now());
        let counted = [
            (most.per_contact, Some(OtpsTo::Contact(to))),
            (most.per_address, network.map(OtpsTo::Network)),
            (most.per_tenant, Some(OtpsTo::Everybody)),
        ];
        let mut until = None;
        for (limit, whose) in counted {
            if let Some(whose) = whose.filter(|_| limit > 0) {
                until = until.max(tx.otps_full_until(tenant, whose, limit, most.window, now).await?);
            }
        }
        match until {
            None => Ok(()),
            Some(until) => {
                Err(IdentityError::TooMany { retry_after: until.since(now).max(limits::SHORTEST) })
            }
        }
    }
}

/// Six digits out of random bytes: of 2^128 values each code has the same share but for one in 10^32.
fn digits(random: [u8; 16]) -> String {
    let all = 10_u128.pow(OTP_DIGITS as u32);
    format!("{:0width$}", u128::from_be_bytes(random) % all, width = OTP_DIGITS)
}

/// With the request: the same code of another one has another hash.
fn mac(secret: &Secret, request: OtpId, code: &str) -> Result<Hmac<Sha256>, ServiceError> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| ServiceError::Entropy)?;
    Ok(mac.chain_update(request.as_bytes()).chain_update(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits_with_zeros_at_its_beginning() {
        assert_eq!(digits([0; 16]), "000000");
        assert_eq!(digits(1_000_007_u128.to_be_bytes()), "000007");
        assert_eq!(digits(u128::MAX.to_be_bytes()).len(), 6);
    }
}
