//! Sealing values under keys: XChaCha20-Poly1305, bound to the place where the value lies.

use std::ops::Deref;

use chacha20poly1305::aead::{Aead as _, AeadInOut as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use domain::TenantId;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use crate::error::{Result, StoreError};

/// First byte of every sealed value: says how the rest is to be read.
const VERSION: u8 = 1;
/// Random, so that no counter has to be kept: 192 bits do not collide.
const NONCE_BYTES: usize = 24;
const PREFIX_BYTES: usize = 1 + NONCE_BYTES;
const TAG_BYTES: usize = 16;

/// Where a sealed value lies. A value that is moved elsewhere does not open.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// What the value is; without a zero byte.
    pub(crate) purpose: &'static str,
    /// Whose it is; `None` for the server's own.
    pub(crate) tenant: Option<TenantId>,
    /// The row or file that holds it.
    pub(crate) row: &'a [u8],
}

impl Place<'_> {
    /// Purpose up to a zero byte, a tenant of fixed width, then the row: no two places read the same.
    fn associated_data(&self) -> Vec<u8> {
        let tenant = self.tenant.map_or([0; 16], |tenant| *tenant.as_bytes());
        [&[VERSION], self.purpose.as_bytes(), &[0], &tenant, self.row].concat()
    }
}

/// 32 secret bytes, wiped when dropped, never printed.
#[derive(ZeroizeOnDrop)]
pub(crate) struct SecretKey([u8; 32]);

impl SecretKey {
    pub(crate) fn generate() -> Result<Self> {
        let mut key = Self([0; 32]);
        getrandom::fill(&mut key.0)?;
        Ok(key)
    }

    /// `None` for any other length than 32 bytes.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Another key for another purpose: what one of them does says nothing about the others.
    fn derive(&self, purpose: &str) -> Self {
        Self(mac(self, &[b"bonafide/1/", purpose.as_bytes()]))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.derive("seal").as_bytes().into())
    }

    /// Version, nonce, then what only this key opens, and only at `place`.
    pub(crate) fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        // In place: a photo is large enough for each copy of it to count.
        let mut sealed = Vec::with_capacity(PREFIX_BYTES + plain.len() + TAG_BYTES);
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let tag = self
            .cipher()
            .encrypt_inout_detached(
                &XNonce::from(nonce),
                &place.associated_data(),
                sealed[PREFIX_BYTES..].as_mut().into(),
            )
            .map_err(|_| StoreError::Sealed { what: place.purpose })?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// What was sealed at `place`.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let refused = || StoreError::Sealed { what: place.purpose };
        let (version, rest) = sealed.split_first().ok_or_else(refused)?;
        if *version != VERSION {
            return Err(refused());
        }
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(refused)?;
        let payload = Payload { msg: ciphertext, aad: &place.associated_data() };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| refused())
    }

    /// HMAC-SHA256 of `parts` under a key that is derived for `purpose`.
    pub(crate) fn keyed_hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.derive(purpose), parts)
    }
}

fn mac(key: &SecretKey, parts: &[&[u8]]) -> [u8; 32] {
    // HMAC fills a shorter key up with zeros; done here, the call has a fixed size and cannot fail.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key.as_bytes());
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// A key together with the tenant whose values it seals.
pub(crate) struct TenantSeal {
    tenant: TenantId,
    key: SecretKey,
}

impl TenantSeal {
    pub(crate) fn new(tenant: TenantId, key: SecretKey) -> Self {
        Self { tenant, key }
    }

    pub(crate) fn tenant(&self) -> TenantId {
        self.tenant
    }

    pub(crate) fn key(&self) -> &SecretKey {
        &self.key
    }

    fn place<'a>(&self, purpose: &'static str, row: &'a [u8]) -> Place<'a> {
        Place { purpose, tenant: Some(self.tenant), row }
    }

    pub(crate) fn seal(&self, purpose: &'static str, row: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        self.key.seal(self.place(purpose, row), plain)
    }

    pub(crate) fn open(
        &self,
        purpose: &'static str,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.key.open(self.place(purpose, row), sealed)
    }

    pub(crate) fn seal_json(
        &self,
        purpose: &'static str,
        row: &[u8],
        value: &impl serde::Serialize,
    ) -> Result<Vec<u8>> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(StoreError::Json)?);
        self.seal(purpose, row, &plain)
    }

    pub(crate) fn open_json<T: serde::de::DeserializeOwned>(
        &self,
        purpose: &'static str,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<T> {
        let plain = self.open(purpose, row, sealed)?;
        serde_json::from_slice(&plain).map_err(|_| StoreError::Corrupt { what: purpose })
    }

    pub(crate) fn open_text(&self, purpose: &'static str, row: &[u8], sealed: &[u8]) -> Result<String> {
        let plain = self.open(purpose, row, sealed)?;
        std::str::from_utf8(&plain).map(str::to_owned).map_err(|_| StoreError::Corrupt { what: purpose })
    }

    /// Finds an encrypted text again without saying what it is: the same for the same text of one tenant and column.
    pub(crate) fn blind_index(&self, column: &'static str, text: &str) -> String {
        hex::encode(self.key.keyed_hash("blind-index", &[column.as_bytes(), &[0], text.as_bytes()]))
    }
}

/// A named secret of this server: 32 bytes, wiped when dropped, never printed.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    pub(crate) fn from_key(key: &SecretKey) -> Self {
        Self(*key.as_bytes())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Deref for Secret {
    type Target = [u8; 32];

    fn deref(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(byte: u8) -> TenantId {
        TenantId::from_bytes([byte; 16])
    }

    #[test]
    fn a_sealed_value_opens_at_its_place_and_nowhere_else() {
        let key = SecretKey::generate().unwrap();
        let place = Place { purpose: "profile", tenant: Some(tenant(1)), row: b"row" };
        let sealed = key.seal(place, b"Ada").unwrap();
        assert_eq!(key.open(place, &sealed).unwrap().as_slice(), b"Ada");
        for other in [
            Place { purpose: "evidence", ..place },
            Place { tenant: Some(tenant(2)), ..place },
            Place { tenant: None, ..place },
            Place { row: b"wor", ..place },
        ] {
            assert!(matches!(key.open(other, &sealed), Err(StoreError::Sealed { .. })));
        }
        assert!(SecretKey::generate().unwrap().open(place, &sealed).is_err());
    }

    #[test]
    fn a_sealed_value_that_was_changed_or_cut_does_not_open() {
        let key = SecretKey::generate().unwrap();
        let place = Place { purpose: "profile", tenant: None, row: b"" };
        let sealed = key.seal(place, b"Ada").unwrap();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(key.open(place, &changed).is_err());
            assert!(key.open(place, &sealed[..index]).is_err());
        }
    }

    #[test]
    fn the_same_value_is_sealed_differently_each_time() {
        let key = SecretKey::generate().unwrap();
        let place = Place { purpose: "profile", tenant: None, row: b"" };
        assert_ne!(key.seal(place, b"Ada").unwrap(), key.seal(place, b"Ada").unwrap());
    }

    #[test]
    fn a_blind_index_is_the_same_for_one_tenant_and_column_only() {
        let key = || SecretKey::from_slice(&[7; 32]).unwrap();
        let one = TenantSeal::new(tenant(1), key());
        assert_eq!(one.blind_index("name", "ada"), one.blind_index("name", "ada"));
        assert_ne!(one.blind_index("name", "ada"), one.blind_index("reference", "ada"));
        let other = TenantSeal::new(tenant(1), SecretKey::generate().unwrap());
        assert_ne!(one.blind_index("name", "ada"), other.blind_index("name", "ada"));
    }
}
