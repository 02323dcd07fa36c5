//! Tokens of those who are signed in, staff and customers alike: an access token for a day, a refresh token for a week that
//! is good once. Whoever shows a used one ends all that came of it.

use std::net::IpAddr;
use std::time::Duration;

use domain::{FamilyId, Holder, Identity, TenantId, TokenFamily};
use serde::{Deserialize, Serialize};
use store::{Tx, User};

use super::IdentityError;
use crate::service::jwt::{self, Ends};
use crate::service::{Service, token};
use crate::{AuthError, Caller, ServiceError};

/// How long an access token opens what it is for.
pub const SIGN_IN_TTL: Duration = Duration::from_hours(24);

/// How long a refresh token can be exchanged for others.
pub const REFRESH_TOKEN_TTL: Duration = Duration::from_hours(7 * 24);

/// Name of the signing key in the key ring. Another than those of badges and of clients' tokens.
const KEY: &str = "sign-in-token-key-1";

const ACCESS: &str = "at+jwt";
const REFRESH: &str = "rt+jwt";

/// What the tokens are for.
const AUDIENCE: &str = "digital-identity";

/// The tokens of somebody who is signed in. Never print.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenPair {
    /// Opens what it is for, for [`SIGN_IN_TTL`].
    pub access: String,
    /// To be exchanged for the next pair, once, within [`REFRESH_TOKEN_TTL`].
    pub refresh: String,
}

impl std::fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenPair(..)")
    }
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedInAs {
    /// Somebody of the tenant's staff.
    User(Box<User>),
    /// A person of the tenant.
    Identity(Box<Identity>),
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The user or the identity.
    sub: String,
    tenant: TenantId,
    family: FamilyId,
    generation: u32,
    iat: i64,
    exp: i64,
    jti: String,
}

impl Service {
    /// Signs somebody of the caller's tenant in by name and password.
    ///
    /// # Errors
    /// [`IdentityError::BadCredentials`], [`IdentityError::TooMany`].
    pub async fn sign_in_user(
        &self,
        caller: &Caller,
        from: Option<IpAddr>,
        (name, password): (&str, &str),
        issuer: &str,
    ) -> Result<TokenPair, IdentityError> {
        let tenant = caller.tenant.id;
        let attempt = self.begin_sign_in(caller, &format!("user {name}"), from).await?;
        let user = self.store().look().await?.user_by_name(tenant, name).await?;
        let user = user.filter(|user| user.revoked_at.is_none());
        let known = user.as_ref().map(|user| user.password_hash.as_str());
        let is_right = self.inner.passwords.is_right(known, password).await?;
        let user = user.filter(|_| is_right).ok_or(IdentityError::BadCredentials)?;
        let mut tx = self.store().begin().await?;
        tx.forget_sign_in(attempt).await?;
        let tokens = self.begin_family(&mut tx, tenant, Holder::User(user.id), issuer).await?;
        tx.append_audit(&self.audit_entry(caller, "user.sign-in", &user.id.to_string())).await?;
        tx.commit().await?;
        Ok(tokens)
    }

    /// Exchanges a refresh token for the next pair. One that was used before ends the whole family: either its owner or a
    /// thief shows it for the second time, and nobody can tell which.
    ///
    /// # Errors
    /// [`IdentityError::BadToken`].
    pub async fn refresh_tokens(
        &self,
        caller: &Caller,
        token: &str,
        issuer: &str,
    ) -> Result<TokenPair, IdentityError> {
        let now = self.now();
        let claims = self.read_token(caller, REFRESH, token, issuer).await?.ok_or(IdentityError::BadToken)?;
        let mut tx = self.store().begin().await?;
        let family = tx.family(claims.tenant, claims.family).await?;
        let family = family.filter(|family| family.is_valid(now)).ok_or(IdentityError::BadToken)?;
        if holder_of(&mut tx, &family).await?.is_none() {
            return Err(IdentityError::BadToken);
        }
        let expires_at = now.plus(REFRESH_TOKEN_TTL);
        if !tx.rotate_family(family.tenant, family.id, claims.generation, expires_at).await? {
            tx.revoke_family(family.tenant, family.id, now).await?;
            tx.append_audit(&self.audit_entry(caller, "token.reuse", &claims.sub)).await?;
            tx.commit().await?;
            return Err(IdentityError::BadToken);
        }
        let next = TokenFamily { generation: claims.generation + 1, expires_at, ..family };
        let tokens = self.tokens_of(&next, issuer).await?;
        tx.commit().await?;
        Ok(tokens)
    }

    /// Finds out who of the caller's tenant is signed in with the access token `token`.
    ///
    /// # Errors
    /// [`AuthError::Invalid`] for every token that was not made here for that tenant, has expired or was ended.
    pub async fn authenticate_holder(
        &self,
        caller: &Caller,
        token: &str,
        issuer: &str,
    ) -> Result<SignedInAs, AuthError> {
        let claims = self.read_token(caller, ACCESS, token, issuer).await?.ok_or(AuthError::Invalid)?;
        let mut tx = self.store().look().await?;
        let family = tx.family(claims.tenant, claims.family).await?;
        let family = family.filter(|family| family.is_valid(self.now())).ok_or(AuthError::Invalid)?;
        holder_of(&mut tx, &family).await?.ok_or(AuthError::Invalid)
    }

    /// Signs `holder` in.
    pub(super) async fn begin_family(
        &self,
        tx: &mut Tx,
        tenant: TenantId,
        holder: Holder,
        issuer: &str,
    ) -> Result<TokenPair, ServiceError> {
        let now = self.now();
        let family = TokenFamily {
            id: FamilyId::from_bytes(self.id()?),
            tenant,
            holder,
            generation: 0,
            created_at: now,
            expires_at: now.plus(REFRESH_TOKEN_TTL),
            revoked_at: None,
        };
        tx.insert_family(&family).await?;
        self.tokens_of(&family, issuer).await
    }

    async fn tokens_of(&self, family: &TokenFamily, issuer: &str) -> Result<TokenPair, ServiceError> {
        let pair = jwt::key_pair(self.store(), KEY).await?;
        let now = self.now();
        let claims = |ttl| {
            Ok::<_, ServiceError>(Claims {
                iss: issuer.to_owned(),
                aud: AUDIENCE.to_owned(),
                sub: match family.holder {
                    Holder::User(id) => id.to_string(),
                    Holder::Identity(id, _) => id.to_string(),
                },
                tenant: family.tenant,
                family: family.id,
                generation: family.generation,
                iat: now.as_secs(),
                exp: now.plus(ttl).as_secs(),
                jti: hex::encode(self.id()?),
            })
        };
        Ok(TokenPair {
            access: jwt::sign(&pair, ACCESS, &claims(SIGN_IN_TTL)?)?,
            refresh: jwt::sign(&pair, REFRESH, &claims(REFRESH_TOKEN_TTL)?)?,
        })
    }

    async fn read_token(
        &self,
        caller: &Caller,
        kind: &str,
        token: &str,
        issuer: &str,
    ) -> Result<Option<Claims>, ServiceError> {
        let pair = jwt::key_pair(self.store(), KEY).await?;
        let claims: Option<Claims> = jwt::read(&pair, kind, Ends { issuer, audience: AUDIENCE }, token);
        let counts = |claims: &Claims| {
            claims.tenant == caller.tenant.id && !token::has_expired(claims.exp, self.now())
        };
        Ok(claims.filter(counts))
    }
}

/// Who a family belongs to, where their access has not ended.
async fn holder_of(tx: &mut Tx, family: &TokenFamily) -> Result<Option<SignedInAs>, ServiceError> {
    Ok(match family.holder {
        Holder::User(id) => {
            let user = tx.user(family.tenant, id).await?;
            user.filter(|user| user.revoked_at.is_none()).map(|user| SignedInAs::User(Box::new(user)))
        }
        Holder::Identity(id, _) => {
            tx.identity(family.tenant, id).await?.map(|identity| SignedInAs::Identity(Box::new(identity)))
        }
    })
}
