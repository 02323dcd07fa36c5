//! Access tokens of clients (RFC 6749 section 4.4, RFC 9068): signed here, read here, good for an hour.

use std::time::Duration;

use aws_lc_rs::signature::Ed25519KeyPair;
use domain::{ClientId, Key, KeyId, KeyKind, TenantId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use store::{AuditEntry, Client, Store};

use super::access::FULL_GRANT;
use super::jwt::{self, Ends};
use super::{Service, token};
use crate::{AuthError, Caller, ServiceError};

/// How long an access token opens what it is for.
pub const ACCESS_TOKEN_TTL: Duration = Duration::from_hours(1);

/// Name of the signing key in the key ring. Another than that of badges: no signature can pass for one of the other kind.
const KEY: &str = "access-token-key-1";

/// The media type of access tokens in JWTs (RFC 9068 section 2.1).
const TYPE: &str = "at+jwt";

/// A token, as it is handed out.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The token itself.
    pub token: String,
    /// How long it counts.
    pub expires_in: Duration,
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// A client that calls with an access token.
#[derive(Debug, Clone)]
pub struct ClientCaller {
    /// The client as the use cases know callers: a backend of its tenant, by its own id.
    pub caller: Caller,
    /// Whether it may open what only acts as if.
    pub is_sandbox: bool,
}

/// Why no token was handed out.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// No such client, another secret, or its access has ended.
    #[error("the client is not known, or its secret is another one")]
    BadClient,
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: ClientId,
    client_id: ClientId,
    tenant: TenantId,
    iat: i64,
    exp: i64,
    jti: String,
}

impl Service {
    /// A token for the client of that id and secret, to be shown to `audience` below `issuer`.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn issue_token(
        &self,
        client: &str,
        secret: &str,
        issuer: &str,
        audience: &str,
    ) -> Result<AccessToken, TokenError> {
        let found = match client.parse::<ClientId>() {
            Ok(id) => self.store().look().await?.client(id).await?,
            Err(_) => None,
        };
        let client = found.filter(|client| client.revoked_at.is_none()).ok_or(TokenError::BadClient)?;
        if !is_secret_of(self.store(), &client, secret).await? {
            return Err(TokenError::BadClient);
        }
        let tenant = self.store().look().await?.tenant(client.tenant).await?;
        tenant.filter(|tenant| tenant.revoked_at.is_none()).ok_or(TokenError::BadClient)?;
        let now = self.now();
        let claims = Claims {
            iss: issuer.to_owned(),
            aud: audience.to_owned(),
            sub: client.id,
            client_id: client.id,
            tenant: client.tenant,
            iat: now.as_secs(),
            exp: now.plus(ACCESS_TOKEN_TTL).as_secs(),
            jti: hex::encode(self.id()?),
        };
        let mut tx = self.store().begin().await?;
        tx.append_audit(&AuditEntry {
            tenant: Some(client.tenant),
            actor: client.id.to_string(),
            action: "token.create".to_owned(),
            about: client.id.to_string(),
            at: now,
        })
        .await?;
        tx.commit().await?;
        let token = jwt::sign(&jwt::key_pair(self.store(), KEY).await?, TYPE, &claims)?;
        Ok(AccessToken { token, expires_in: ACCESS_TOKEN_TTL })
    }

    /// Finds out which client calls with `token`, which must have been made for `audience` below `issuer`.
    ///
    /// # Errors
    /// [`AuthError::Invalid`] for every token that was not, has expired, or whose client or tenant has ended.
    pub async fn authenticate_token(
        &self,
        token: &str,
        issuer: &str,
        audience: &str,
    ) -> Result<ClientCaller, AuthError> {
        let pair = jwt::key_pair(self.store(), KEY).await?;
        let claims = read(&pair, issuer, audience, token).ok_or(AuthError::Invalid)?;
        if token::has_expired(claims.exp, self.now()) {
            return Err(AuthError::Invalid);
        }
        let mut tx = self.store().look().await?;
        let client = tx.client(claims.client_id).await?;
        let client = client.filter(|client| client.revoked_at.is_none() && client.tenant == claims.tenant);
        let client = client.ok_or(AuthError::Invalid)?;
        let tenant = tx.tenant(client.tenant).await?.filter(|tenant| tenant.revoked_at.is_none());
        let tenant = tenant.ok_or(AuthError::Invalid)?;
        let key = Key {
            id: KeyId::from_bytes(*client.id.as_bytes()),
            tenant: client.tenant,
            name: client.name,
            kind: KeyKind::Backend,
            permissions: [].into(),
            subject: None,
            created_at: client.created_at,
            expires_at: None,
            revoked_at: None,
        };
        let caller = Caller { key, tenant, grant: FULL_GRANT.to_owned() };
        Ok(ClientCaller { caller, is_sandbox: client.is_sandbox })
    }
}

/// The claims of a token that was made for `audience` below `issuer`.
fn read(pair: &Ed25519KeyPair, issuer: &str, audience: &str, token: &str) -> Option<Claims> {
    let claims: Claims = jwt::read(pair, TYPE, Ends { issuer, audience }, token)?;
    Some(claims).filter(|claims| claims.sub == claims.client_id)
}

/// What is kept of a secret that is random already: a hash that only this server can make.
pub(crate) async fn secret_hash(store: &Store, secret: &str) -> Result<String, ServiceError> {
    Ok(hex::encode(mac(store, secret).await?.finalize().into_bytes()))
}

async fn is_secret_of(store: &Store, client: &Client, secret: &str) -> Result<bool, ServiceError> {
    let Ok(known) = hex::decode(&client.secret_hash) else { return Ok(false) };
    // Takes the same time wherever the two differ.
    Ok(mac(store, secret).await?.verify_slice(&known).is_ok())
}

async fn mac(store: &Store, secret: &str) -> Result<Hmac<Sha256>, ServiceError> {
    let key = store.secret("client-secrets").await?;
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| ServiceError::Entropy)?;
    Ok(mac.chain_update(secret))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::KeyPair as _;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
    use jsonwebtoken::{Algorithm, EncodingKey, Header};

    use super::*;

    const ISSUER: &str = "https://id.example.com";
    const AUDIENCE: &str = "https://verify.identity.security";

    fn pair(byte: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[byte; 32]).unwrap()
    }

    fn sign(pair: &Ed25519KeyPair, claims: &Claims) -> Result<String, ServiceError> {
        jwt::sign(pair, TYPE, claims)
    }

    fn claims() -> Claims {
        Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: ClientId::from_bytes([1; 16]),
            client_id: ClientId::from_bytes([1; 16]),
            tenant: TenantId::from_bytes([2; 16]),
            iat: 0,
            exp: 3_600,
            jti: "00".to_owned(),
        }
    }

    fn is_read(token: &str) -> bool {
        read(&pair(7), ISSUER, AUDIENCE, token).is_some()
    }

    #[test]
    fn a_token_is_read_by_whoever_made_it_for_that_audience() {
        let token = sign(&pair(7), &claims()).unwrap();
        assert!(is_read(&token));
        assert!(read(&pair(8), ISSUER, AUDIENCE, &token).is_none());
        assert!(read(&pair(7), "https://other.example", AUDIENCE, &token).is_none());
        assert!(read(&pair(7), ISSUER, "https://other.example", &token).is_none());
        assert!(!is_read(&format!("{token}x")) && !is_read("") && !is_read("a.b.c"));
    }

    #[test]
    fn a_token_for_another_audience_issuer_or_person_is_not_read() {
        for other in [
            Claims { aud: "https://risk.identity.security".to_owned(), ..claims() },
            Claims { iss: "https://evil.example".to_owned(), ..claims() },
            Claims { sub: ClientId::from_bytes([9; 16]), ..claims() },
        ] {
            assert!(!is_read(&sign(&pair(7), &other).unwrap()));
        }
    }

    #[test]
    fn only_the_one_algorithm_and_type_is_read() {
        let token = sign(&pair(7), &claims()).unwrap();
        let (head, rest) = token.split_once('.').unwrap();
        let (body, signature) = rest.split_once('.').unwrap();
        for header in [
            r#"{"alg":"none","typ":"at+jwt"}"#,
            r#"{"alg":"None","typ":"at+jwt"}"#,
            r#"{"alg":"HS256","typ":"at+jwt"}"#,
            r#"{"alg":"ES256","typ":"at+jwt"}"#,
            r#"{"typ":"at+jwt"}"#,
        ] {
            let header = BASE64URL.encode(header);
            assert!(!is_read(&format!("{header}.{body}.{signature}")));
            assert!(!is_read(&format!("{header}.{body}.")));
        }
        assert!(is_read(&format!("{head}.{body}.{signature}")));
        // The public half is no secret to sign with.
        let public = EncodingKey::from_secret(pair(7).public_key().as_ref());
        let forged = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims(), &public).unwrap();
        assert!(!is_read(&forged));
        let der = pair(7).to_pkcs8v1().unwrap();
        let badge = EncodingKey::from_ed_der(der.as_ref());
        let other = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims(), &badge).unwrap();
        assert!(!is_read(&other), "a JWT of another type");
    }
}
