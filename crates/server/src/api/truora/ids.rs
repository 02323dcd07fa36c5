//! Ids as the vendor writes them, and paths that hold them.

use std::fmt::{self, Display};
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::{EnrollmentId, EventId, HookId, VerificationId};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::TruoraError;
use super::words::AccountId;

/// An id of this server that the vendor's API prefixes.
pub(crate) trait Prefixed: FromStr + Display {
    /// What stands before the 32 hexadecimal digits.
    const PREFIX: &'static str;
    /// What a refusal calls the thing.
    const NAME: &'static str;
}

impl Prefixed for EnrollmentId {
    const PREFIX: &'static str = "ENR";
    const NAME: &'static str = "enrollment";
}

impl Prefixed for VerificationId {
    const PREFIX: &'static str = "VLD";
    const NAME: &'static str = "validation";
}

impl Prefixed for HookId {
    const PREFIX: &'static str = "HOK";
    const NAME: &'static str = "hook";
}

impl Prefixed for EventId {
    const PREFIX: &'static str = "HKE";
    const NAME: &'static str = "event";
}

/// An id with its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WireId<T>(pub(crate) T);

/// Text that is no such id.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {0} and 32 lowercase hexadecimal digits")]
pub(crate) struct BadWireId(&'static str);

impl<T: Prefixed> Display for WireId<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", T::PREFIX, self.0)
    }
}

impl<T: Prefixed> FromStr for WireId<T> {
    type Err = BadWireId;

    fn from_str(text: &str) -> Result<Self, BadWireId> {
        let digits = text.strip_prefix(T::PREFIX);
        digits.and_then(|digits| digits.parse().ok()).map(Self).ok_or(BadWireId(T::PREFIX))
    }
}

impl<T: Prefixed> Serialize for WireId<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: Prefixed> Deserialize<'de> for WireId<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// What a path leads to.
pub(crate) trait Named {
    /// What a refusal calls it.
    const NAME: &'static str;
}

impl<T: Prefixed> Named for WireId<T> {
    const NAME: &'static str = T::NAME;
}

impl Named for AccountId {
    const NAME: &'static str = "account";
}

/// The token of a link that opens one thing without a key.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct LinkToken(pub(crate) String);

impl Named for LinkToken {
    const NAME: &'static str = "link";
}

/// The variable parts of a path. Parts that can name nothing are answered like parts that name nothing.
pub(crate) struct VendorPath<T>(pub(crate) T);

impl<T, S> FromRequestParts<S> for VendorPath<T>
where
    T: Named + DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = TruoraError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, TruoraError> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(found)) => Ok(Self(found)),
            Err(_) => Err(TruoraError::not_found(T::NAME)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_writes() {
        let id = WireId(EnrollmentId::from_bytes([0xab; 16]));
        assert_eq!(id.to_string(), format!("ENR{}", "ab".repeat(16)));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(serde_json::to_value(id).unwrap(), serde_json::json!(id.to_string()));
    }

    #[test]
    fn prefix_and_digits_are_read_strictly() {
        let digits = "ab".repeat(16);
        for text in [
            String::new(),
            digits.clone(),
            format!("VLD{digits}"),
            format!("enr{digits}"),
            format!("ENR{}", digits.to_uppercase()),
            format!("ENR{digits}0"),
            format!("ENRENR{digits}"),
            format!(" ENR{digits}"),
        ] {
            assert_eq!(text.parse::<WireId<EnrollmentId>>(), Err(BadWireId("ENR")), "{text}");
        }
    }
}
