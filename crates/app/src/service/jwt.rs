//! Tokens that are signed with a key pair of this server (ed25519) and read here again: each kind with a key and a media
//! type of its own, so that none passes for another.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Store;

use crate::ServiceError;

/// Whom a token is from and for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends<'a> {
    pub issuer: &'a str,
    pub audience: &'a str,
}

/// The key pair of that name.
pub(crate) async fn key_pair(store: &Store, name: &str) -> Result<Ed25519KeyPair, ServiceError> {
    let seed = store.secret(name).await?;
    Ed25519KeyPair::from_seed_unchecked(seed.as_bytes()).map_err(|_| ServiceError::AccessKey)
}

/// Signs `claims` as a token of the media type `kind`.
pub(crate) fn sign(
    pair: &Ed25519KeyPair,
    kind: &str,
    claims: &impl Serialize,
) -> Result<String, ServiceError> {
    let der = pair.to_pkcs8v1().map_err(|_| ServiceError::AccessKey)?;
    let header = Header { typ: Some(kind.to_owned()), ..Header::new(Algorithm::EdDSA) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(der.as_ref()))
        .map_err(ServiceError::Token)
}

/// The claims of a token that [`sign`] made of that kind and between these ends. Says nothing about expiry: the library
/// would ask the system's clock.
pub(crate) fn read<C: DeserializeOwned>(
    pair: &Ed25519KeyPair,
    kind: &str,
    ends: Ends<'_>,
    token: &str,
) -> Option<C> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["iss", "aud", "sub"]);
    validation.set_issuer(&[ends.issuer]);
    validation.set_audience(&[ends.audience]);
    let key = DecodingKey::from_ed_components(&BASE64URL.encode(pair.public_key())).ok()?;
    let data = jsonwebtoken::decode::<C>(token, &key, &validation).ok()?;
    let is_of_kind = data.header.typ.as_deref().is_some_and(|typ| typ.eq_ignore_ascii_case(kind));
    is_of_kind.then_some(data.claims)
}
