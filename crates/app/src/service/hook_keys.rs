//! The keys of hooks, and what is signed with them.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};

use super::Entropy;
use crate::ServiceError;

const SHARED_PREFIX: &str = "whsec_";
const PRIVATE_PREFIX: &str = "whsk_";
const PUBLIC_PREFIX: &str = "whpk_";
/// Of an ed25519 seed, and of a public key.
const KEY_BYTES: usize = 32;

/// A way to sign, of Standard Webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// HMAC-SHA256, `v1`: the receiver has the key that signs.
    Hmac,
    /// ed25519, `v1a`: the receiver has a public key.
    Ed25519,
}

/// The keys of one hook.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookKeys {
    #[serde(skip_serializing_if = "Option::is_none")]
    shared: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<String>,
}

/// Without the keys: this may end in a log.
impl std::fmt::Debug for HookKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HookKeys(..)")
    }
}

impl HookKeys {
    /// For a vendor's form: 32 random bytes, written as hexadecimal digits.
    pub(crate) fn vendor(entropy: &dyn Entropy) -> Result<Self, ServiceError> {
        Ok(Self { shared: Some(hex::encode(random(entropy)?)), private: None })
    }

    /// For Standard Webhooks, to sign in each of the given ways.
    pub(crate) fn standard(entropy: &dyn Entropy, ways: &[Signature]) -> Result<Self, ServiceError> {
        let mut keys = Self { shared: None, private: None };
        if ways.contains(&Signature::Hmac) {
            keys.shared = Some(format!("{SHARED_PREFIX}{}", BASE64.encode(random(entropy)?)));
        }
        if ways.contains(&Signature::Ed25519) {
            let seed = random(entropy)?;
            let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| ServiceError::HookKeys)?;
            // Both halves in one, as other servers of the standard write it.
            let both = [&seed, pair.public_key().as_ref()].concat();
            keys.private = Some(format!("{PRIVATE_PREFIX}{}", BASE64.encode(both)));
        }
        Ok(keys)
    }

    /// Of a key that was agreed on elsewhere, as Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in base64.
    ///
    /// # Errors
    /// [`ServiceError::HookKeys`] for any other text.
    pub fn agreed(shared: &str) -> Result<Self, ServiceError> {
        let key = shared.strip_prefix(SHARED_PREFIX).and_then(|key| BASE64.decode(key).ok());
        key.filter(|key| (24..=64).contains(&key.len())).ok_or(ServiceError::HookKeys)?;
        Ok(Self { shared: Some(shared.to_owned()), private: None })
    }

    /// The key that the receiver shares: `whsec_...` for Standard Webhooks, hexadecimal digits for a vendor's form.
    pub fn shared(&self) -> Option<&str> {
        self.shared.as_deref()
    }

    /// The public key that the receiver checks signatures with: `whpk_...`.
    ///
    /// # Errors
    /// [`ServiceError::HookKeys`] where the private key is none.
    pub fn public(&self) -> Result<Option<String>, ServiceError> {
        let Some(private) = &self.private else { return Ok(None) };
        let pair = key_pair(private)?;
        Ok(Some(format!("{PUBLIC_PREFIX}{}", BASE64.encode(pair.public_key()))))
    }

    /// The header `webhook-signature` of Standard Webhooks, for the message `id` that is sent at `timestamp`, in seconds.
    ///
    /// # Errors
    /// [`ServiceError::HookKeys`] where there are no keys for it.
    pub fn standard_signature(&self, id: &str, timestamp: i64, body: &str) -> Result<String, ServiceError> {
        let signed = format!("{id}.{timestamp}.{body}");
        let mut signatures = Vec::new();
        if let Some(shared) = &self.shared {
            let key = shared.strip_prefix(SHARED_PREFIX).and_then(|key| BASE64.decode(key).ok());
            let key = hmac::Key::new(hmac::HMAC_SHA256, &key.ok_or(ServiceError::HookKeys)?);
            signatures.push(format!("v1,{}", BASE64.encode(hmac::sign(&key, signed.as_bytes()))));
        }
        if let Some(private) = &self.private {
            let signature = key_pair(private)?.sign(signed.as_bytes());
            signatures.push(format!("v1a,{}", BASE64.encode(signature)));
        }
        if signatures.is_empty() { Err(ServiceError::HookKeys) } else { Ok(signatures.join(" ")) }
    }

    /// `claims` as a JWT, HS256 over the text of the shared key.
    ///
    /// # Errors
    /// [`ServiceError::HookKeys`] where there is no shared key, [`ServiceError::Token`] where it cannot be signed.
    pub fn jwt(&self, claims: &impl Serialize) -> Result<String, ServiceError> {
        let shared = self.shared.as_ref().ok_or(ServiceError::HookKeys)?;
        let key = EncodingKey::from_secret(shared.as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).map_err(ServiceError::Token)
    }
}

fn key_pair(private: &str) -> Result<Ed25519KeyPair, ServiceError> {
    let bytes = private.strip_prefix(PRIVATE_PREFIX).and_then(|key| BASE64.decode(key).ok());
    let bytes = bytes.filter(|bytes| bytes.len() == 2 * KEY_BYTES).ok_or(ServiceError::HookKeys)?;
    let (seed, public) = bytes.split_at(KEY_BYTES);
    Ed25519KeyPair::from_seed_and_public_key(seed, public).map_err(|_| ServiceError::HookKeys)
}

fn random(entropy: &dyn Entropy) -> Result<[u8; KEY_BYTES], ServiceError> {
    let mut bytes = [0; KEY_BYTES];
    let (first, second) = bytes.split_at_mut(KEY_BYTES / 2);
    first.copy_from_slice(&entropy.bytes()?);
    second.copy_from_slice(&entropy.bytes()?);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

    use super::super::OsEntropy;
    use super::*;

    /// Of the project Standard Webhooks, in the tests of its libraries.
    #[test]
    fn a_shared_key_signs_as_the_standards_own_libraries_do() {
        let shared = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".to_owned();
        let keys = HookKeys { shared: Some(shared), private: None };
        let body = r#"{"email":"test@example.com","username":"test_user"}"#;
        let signature =
            keys.standard_signature("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body).unwrap();
        assert_eq!(signature, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }

    /// Of the server Svix, in its test of asymmetric signatures; the standard's text shows the same signature.
    #[test]
    fn a_private_key_signs_as_others_of_the_standard_do() {
        let both = "6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
        let keys = HookKeys { shared: None, private: Some(format!("whsk_{both}")) };
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signature = keys.standard_signature(id, 1_614_265_330, r#"{"test": 2432232314}"#).unwrap();
        let wanted =
            "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
        assert_eq!(signature, wanted);
        let public = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
        assert_eq!(keys.public().unwrap().as_deref(), Some(public));
    }

    #[test]
    fn new_keys_sign_in_both_ways_and_their_signatures_hold() {
        let keys = HookKeys::standard(&OsEntropy, &[Signature::Hmac, Signature::Ed25519]).unwrap();
        let header = keys.standard_signature("id", 7, "{}").unwrap();
        let (shared, private) = header.split_once(' ').unwrap();
        let decode = |text: &str, prefix: &str| BASE64.decode(text.strip_prefix(prefix).unwrap()).unwrap();
        let public = decode(&keys.public().unwrap().unwrap(), PUBLIC_PREFIX);
        let public = UnparsedPublicKey::new(&ED25519, public);
        assert!(public.verify(b"id.7.{}", &decode(private, "v1a,")).is_ok());
        assert!(public.verify(b"id.8.{}", &decode(private, "v1a,")).is_err());
        let key = hmac::Key::new(hmac::HMAC_SHA256, &decode(keys.shared().unwrap(), SHARED_PREFIX));
        assert!(hmac::verify(&key, b"id.7.{}", &decode(shared, "v1,")).is_ok());
        let kept: HookKeys = serde_json::from_str(&serde_json::to_string(&keys).unwrap()).unwrap();
        assert!(kept == keys && format!("{keys:?}") == "HookKeys(..)");
    }

    #[test]
    fn a_vendors_key_is_hexadecimal_and_signs_a_jwt() {
        let keys = HookKeys::vendor(&OsEntropy).unwrap();
        let shared = keys.shared().unwrap();
        assert!(shared.len() == 64 && hex::decode(shared).is_ok());
        let token = keys.jwt(&serde_json::json!({"iss": "someone"})).unwrap();
        let key = jsonwebtoken::DecodingKey::from_secret(shared.as_bytes());
        let mut rules = jsonwebtoken::Validation::new(Algorithm::HS256);
        rules.required_spec_claims.clear();
        let read = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &rules).unwrap();
        assert_eq!(read.claims["iss"], "someone");
    }

    #[test]
    fn keys_that_are_none_are_an_error() {
        for (shared, private) in
            [(None, None), (Some("whsec_%"), None), (None, Some("whsk_AAAA")), (Some("ab"), None)]
        {
            let keys = HookKeys { shared: shared.map(str::to_owned), private: private.map(str::to_owned) };
            assert!(matches!(keys.standard_signature("id", 7, "{}"), Err(ServiceError::HookKeys)));
        }
    }
}
