//! Tokens that this server signs and reads itself: API keys and links.
//!
//! HS256, since maker and reader are one; the secret is in the key ring. For API keys the vendor's contract asks for it.

use domain::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Secret;

use crate::ServiceError;

/// Name of the signing secret in the key ring.
pub(crate) const SECRET: &str = "token-signing";

/// Signs `claims`.
pub(crate) fn sign(secret: &Secret, claims: &impl Serialize) -> Result<String, ServiceError> {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).map_err(ServiceError::Token)
}

/// The claims of a token that `sign` made for `audience`; `None` for every other text, and for a token with another
/// audience. Says nothing about expiry: the library would ask the system's clock, so callers compare `exp` with theirs.
pub(crate) fn read<C: DeserializeOwned>(secret: &Secret, audience: Option<&str>, token: &str) -> Option<C> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    if let Some(audience) = audience {
        validation.set_required_spec_claims(&["aud"]);
        validation.set_audience(&[audience]);
    }
    let key = DecodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::decode(token, &key, &validation).ok().map(|data| data.claims)
}

/// Whether a token whose claim `exp` is `exp` has expired at `now`.
pub(crate) fn has_expired(exp: i64, now: Timestamp) -> bool {
    now.as_secs() >= exp
}
