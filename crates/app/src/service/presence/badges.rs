//! Badges: read by everyone, signed so that a copy proves itself.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use domain::{Timestamp, VerificationId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::{Badge, BadgeKey, Store};
use uuid::Uuid;

use super::Service;
use crate::ServiceError;

/// How a badge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BadgeStatus {
    /// It counts.
    Valid,
    /// Its time is over.
    Expired,
    /// It was taken back, or its person or tenant is gone.
    Revoked,
}

/// A badge, as everyone may see it. Nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeView {
    /// Its id, that of its verification.
    pub id: VerificationId,
    /// How it stands.
    pub status: BadgeStatus,
    /// For whom it was made.
    pub tenant_name: String,
    /// Whether it comes from a demonstration.
    pub is_demo: bool,
    /// When the person was there.
    pub issued_at: Timestamp,
    /// Until when it counts.
    pub expires_at: Timestamp,
    /// Since when it does not.
    pub revoked_at: Option<Timestamp>,
    /// The token that proves it; `None` where it does not count.
    pub token: Option<String>,
}

/// The claims of a badge's token (RFC 7519).
#[derive(Debug, Serialize)]
struct Claims<'a> {
    iss: &'a str,
    jti: String,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    /// What is proved, and no more.
    scope: &'static str,
    /// For whom the person was verified.
    tenant: &'a str,
    demo: bool,
}

/// What a token proves: a live person passed. Not that its bearer is that person.
const SCOPE: &str = "liveness";

impl Service {
    /// The badge of a verification, for everyone; `issuer` is where the server is found.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn badge(&self, id: VerificationId, issuer: &str) -> Result<Option<BadgeView>, ServiceError> {
        let mut tx = self.store().read().await?;
        let Some(badge) = tx.badge(id).await? else { return Ok(None) };
        let Some(tenant) = tx.tenant(badge.tenant).await? else { return Ok(None) };
        let revoked_at = badge.revoked_at.or(tenant.revoked_at);
        let status = if revoked_at.is_some() {
            BadgeStatus::Revoked
        } else if self.now() >= badge.expires_at {
            BadgeStatus::Expired
        } else {
            BadgeStatus::Valid
        };
        let subject = match tx.verification(badge.tenant, id).await? {
            Some(verification) => Self::terms(&mut tx, &verification).await?.subject,
            None => None,
        };
        drop(tx);
        let token = match status {
            BadgeStatus::Valid => {
                Some(self.badge_token(&badge, &tenant.name, subject.as_deref(), issuer).await?)
            }
            BadgeStatus::Expired | BadgeStatus::Revoked => None,
        };
        Ok(Some(BadgeView {
            id,
            status,
            tenant_name: tenant.name,
            is_demo: badge.is_demo,
            issued_at: badge.issued_at,
            expires_at: badge.expires_at,
            revoked_at,
            token,
        }))
    }

    async fn badge_token(
        &self,
        badge: &Badge,
        tenant: &str,
        subject: Option<&str>,
        issuer: &str,
    ) -> Result<String, ServiceError> {
        let key = current_key(self.store(), self.now()).await?;
        let claims = Claims {
            iss: issuer,
            // As the session and the badge are called everywhere else.
            jti: Uuid::from_bytes(*badge.verification.as_bytes()).to_string(),
            iat: badge.issued_at.as_secs(),
            exp: badge.expires_at.as_secs(),
            sub: subject,
            scope: SCOPE,
            tenant,
            demo: badge.is_demo,
        };
        let pair = key_pair(self.store(), key.number).await?;
        let der = pair.to_pkcs8v1().map_err(|_| ServiceError::BadgeKey)?;
        let header = Header { kid: Some(key.kid), ..Header::new(Algorithm::EdDSA) };
        let key = EncodingKey::from_ed_der(der.as_ref());
        jsonwebtoken::encode(&header, &claims, &key).map_err(ServiceError::Token)
    }

    /// The public keys of badges as a JWK set (RFC 7517, RFC 8037): all that ever signed.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn badge_keys(&self) -> Result<serde_json::Value, ServiceError> {
        current_key(self.store(), self.now()).await?;
        let keys = self.store().read().await?.badge_keys().await?;
        let keys: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({
                    "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key.kid,
                    "x": key.public_key,
                })
            })
            .collect();
        Ok(json!({"keys": keys}))
    }
}

/// The key that signs, made where there is none.
async fn current_key(store: &Store, now: Timestamp) -> Result<BadgeKey, ServiceError> {
    match store.look().await?.badge_keys().await?.into_iter().next() {
        Some(key) => Ok(key),
        None => make_key(store, 1, now).await,
    }
}

pub(crate) async fn make_key(store: &Store, number: i64, now: Timestamp) -> Result<BadgeKey, ServiceError> {
    let pair = key_pair(store, number).await?;
    let public_key = BASE64URL.encode(pair.public_key());
    // The thumbprint of RFC 7638: members in the order of the alphabet.
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public_key}"}}"#);
    let kid = BASE64URL.encode(Sha256::digest(members));
    let key = BadgeKey { number, kid, public_key, created_at: now };
    let mut tx = store.begin().await?;
    // Where another process was faster, it made the same key: its secret has the same name.
    tx.insert_badge_key(&key).await?;
    tx.commit().await?;
    Ok(key)
}

async fn key_pair(store: &Store, number: i64) -> Result<Ed25519KeyPair, ServiceError> {
    let seed = store.secret(&format!("badge-key-{number}")).await?;
    Ed25519KeyPair::from_seed_unchecked(seed.as_bytes()).map_err(|_| ServiceError::BadgeKey)
}
