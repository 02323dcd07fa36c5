//! Identifiers: 128 random bits, written as 32 hexadecimal digits. A dialect puts its own prefix before them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Text that is no identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 32 lowercase hexadecimal digits")]
pub struct BadId;

fn write_hex(bytes: [u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn read_hex(text: &str) -> Result<[u8; 16], BadId> {
    let digits = text.as_bytes();
    if digits.len() != 32 || !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(BadId);
    }
    u128::from_str_radix(text, 16).map(u128::to_be_bytes).map_err(|_| BadId)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From 16 bytes, which must be random where the id is new.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                read_hex(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+ };
}

ids! {
    /// A customer of the server: nothing of one is visible to another.
    TenantId,
    /// One go at a challenge in front of a live camera.
    ScanId,
    /// What a frame says to belong to a step of a challenge. Nobody can guess it before the step starts.
    Nonce,
    /// A person, known or not, of one tenant.
    SubjectId,
    /// A kept reference face.
    EnrollmentId,
    /// One attempt to verify a person.
    VerificationId,
    /// One session in which a document and a face are looked at.
    SessionId,
    /// By what the caller of an API knows a session: chosen by the caller, one of a kind in the tenant.
    TransactionId,
    /// A stored photo.
    ArtifactId,
    /// An API key; the `jti` of its token.
    KeyId,
    /// A person who signs in to a tenant.
    UserId,
    /// A program that signs in to a tenant with a secret.
    ClientId,
    /// A piece of work in the queue.
    JobId,
    /// Something that happened, to be told to others.
    EventId,
    /// Somebody who wants to be told of events.
    HookId,
    /// One event on its way to one hook.
    DeliveryId,
    /// A person of a tenant who signs in themselves.
    IdentityId,
    /// A code that was sent; what it is asked for again by.
    OtpId,
    /// The tokens that follow from one signing in.
    FamilyId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_writes() {
        let id = SubjectId::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(id.to_string(), "000102030405060708090a0b0c0d0eff");
        assert_eq!(id.to_string().parse(), Ok(id));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<SubjectId>(&json).unwrap(), id);
    }

    #[test]
    fn what_is_not_32_lowercase_digits_is_no_id() {
        for text in [
            "",
            "00",
            "+00102030405060708090a0b0c0d0eff",
            "000102030405060708090A0B0C0D0EFF",
            &"0".repeat(33),
        ] {
            assert_eq!(text.parse::<SubjectId>(), Err(BadId));
        }
    }
}
