//! Passwords: hashed slowly, away from the threads that serve others, and no more of them at once than there are cores.

use std::sync::{Arc, OnceLock};

use argon2::Argon2;
use argon2::password_hash::{self, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use crate::ServiceError;

/// Fewest characters of a password that people choose (NIST SP 800-63B).
pub const SHORTEST_PASSWORD: usize = 8;

/// Most characters of it.
pub const LONGEST_PASSWORD: usize = 128;

/// A password that a person chose. Never prints.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// `None` where it has fewer than [`SHORTEST_PASSWORD`] or more than [`LONGEST_PASSWORD`] characters.
    pub fn parse(text: &str) -> Option<Self> {
        let is_long_enough = (SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&text.chars().count());
        is_long_enough.then(|| Self(text.to_owned()))
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(..)")
    }
}

/// A slow hash of `password`, as text.
///
/// # Errors
/// Those of the hash: there are no random bytes.
pub(crate) fn hash(password: &str) -> Result<String, password_hash::Error> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
}

/// Hashes and compares passwords. Clones share their room.
#[derive(Debug, Clone)]
pub(crate) struct Passwords(Arc<Semaphore>);

impl Passwords {
    pub(crate) fn new(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once.max(1))))
    }

    pub(crate) async fn hash(&self, password: &NewPassword) -> Result<String, ServiceError> {
        let password = password.clone();
        self.work(move || hash(&password.0).map_err(ServiceError::Password)).await?
    }

    /// Whether `password` is the one of `known`. Takes the same time where there is none.
    pub(crate) async fn is_right(&self, known: Option<&str>, password: &str) -> Result<bool, ServiceError> {
        let (known, password) = (known.map(str::to_owned), password.to_owned());
        self.work(move || {
            let hash = match &known {
                Some(hash) => hash.as_str(),
                None => nobodys()?,
            };
            let is_right = Argon2::default().verify_password(password.as_bytes(), hash).is_ok();
            Ok(is_right && known.is_some())
        })
        .await?
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ServiceError> {
        // Never closed. Held by the work itself: whoever goes away does not make room before it ends.
        let permit = Arc::clone(&self.0).acquire_owned().await.map_err(|_| ServiceError::Interrupted)?;
        let working = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        working.await.map_err(|_| ServiceError::Interrupted)
    }
}

/// The hash of a password that nobody has.
fn nobodys() -> Result<&'static str, ServiceError> {
    static HASH: OnceLock<String> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(hash);
    }
    let made = hash("of nobody").map_err(ServiceError::Password)?;
    Ok(HASH.get_or_init(|| made))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_right_where_it_is_the_one_and_never_where_there_is_none() {
        let passwords = Passwords::new(1);
        let known = passwords.hash(&NewPassword::parse("correct horse").unwrap()).await.unwrap();
        assert!(passwords.is_right(Some(&known), "correct horse").await.unwrap());
        assert!(!passwords.is_right(Some(&known), "correct horsf").await.unwrap());
        assert!(!passwords.is_right(None, "of nobody").await.unwrap());
        assert!(!passwords.is_right(Some("no hash"), "correct horse").await.unwrap());
    }

    #[test]
    fn a_password_has_8_to_128_characters() {
        for (length, is_good) in [(0, false), (7, false), (8, true), (128, true), (129, false)] {
            assert_eq!(NewPassword::parse(&"ص".repeat(length)).is_some(), is_good, "{length}");
        }
    }
}
