//! The worker that has codes sent. Codes and messages are kept in one transaction: a kill loses none, and who asked for
//! one does not wait for whoever sends it.

use std::future::Future;
use std::time::Duration;

use domain::{Contact, Language, OtpId, OtpPurpose, Timestamp};
use serde::{Deserialize, Serialize};
use store::OtpMessage;
use tokio::task::JoinSet;
use tokio::time;

use crate::ServiceError;
use crate::service::Service;
use crate::service::jobs::chain;

/// Messages that are sent at the same time.
const AT_ONCE: usize = 16;

/// After which an attempt has failed, whatever the messenger does.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(90);

/// For how long an attempt is this process's alone: longer than it can last.
const LEASE: Duration = Duration::from_mins(3);

/// How often is looked when nothing rings.
const IDLE: Duration = Duration::from_secs(2);

/// The longest wait after a failed attempt: a code lives for minutes.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A code on its way to a person.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeMessage {
    /// The request that it answers: the same in every attempt.
    pub id: OtpId,
    /// To whom.
    pub to: Contact,
    /// The code.
    pub code: String,
    /// In which language.
    pub language: Language,
    /// What it is for.
    pub purpose: OtpPurpose,
    /// Whose customer the person is.
    pub tenant_name: String,
    /// When this attempt began.
    pub now: Timestamp,
    /// From when on it is of no use.
    pub expires_at: Timestamp,
}

/// Without the person and the code: this may end in a log.
impl std::fmt::Debug for CodeMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeMessage").field("id", &self.id).field("to", &self.to).finish_non_exhaustive()
    }
}

/// Why a message was not sent. Names no person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Trying again may help.
    #[error("{0}")]
    Later(String),
    /// Trying again cannot help.
    #[error("{0}")]
    Never(String),
}

/// Takes messages to people.
pub trait Messenger: Send + Sync + 'static {
    /// Sends a message; it may come twice, with the same id.
    fn send(&self, message: &CodeMessage) -> impl Future<Output = Result<(), SendError>> + Send;
}

/// What is kept of a message.
#[derive(Serialize, Deserialize)]
pub(super) struct Letter {
    pub to: Contact,
    pub code: String,
    pub language: Language,
    pub purpose: OtpPurpose,
    pub tenant_name: String,
}

impl Service {
    /// Has codes sent until `stop`, then waits for attempts that run. To be called once, by the only server over the store.
    pub async fn run_messages(&self, messenger: impl Messenger, stop: impl Future<Output = ()> + Send) {
        // Whoever sent before is gone: the caller sees to it that there is one server over a store.
        if let Err(error) = self.store().release_otp_messages().await {
            tracing::error!(error = %chain(&error), "codes of the last run have to wait for their leases to lapse");
        }
        let messenger = std::sync::Arc::new(messenger);
        let mut stop = std::pin::pin!(stop);
        let mut running = JoinSet::new();
        loop {
            while running.len() < AT_ONCE {
                match self.store().claim_otp_message(self.now(), LEASE).await {
                    Ok(Some(kept)) => {
                        let (service, messenger) = (self.clone(), std::sync::Arc::clone(&messenger));
                        running.spawn(async move { service.send_message(&*messenger, kept).await });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(error = %chain(&error), "codes cannot be read");
                        break;
                    }
                }
            }
            let pause = match self.store().next_otp_message().await {
                Ok(Some(due)) => due.since(self.now()).clamp(Duration::from_millis(5), IDLE),
                Ok(None) | Err(_) => IDLE,
            };
            tokio::select! {
                () = &mut stop => break,
                Some(_) = running.join_next() => {}
                () = self.inner.post.notified() => {}
                () = time::sleep(pause) => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn send_message(&self, messenger: &impl Messenger, kept: OtpMessage) {
        let (otp, attempts, expires_at) = (kept.otp, kept.attempts, kept.expires_at);
        let again = match self.try_message(messenger, kept).await {
            Ok(()) => None,
            Err(error) => {
                tracing::warn!(request = %otp, attempt = attempts, %error, "a code was not sent");
                let due = self.now().plus(wait(attempts));
                (matches!(error, SendError::Later(_)) && due < expires_at).then_some(due)
            }
        };
        let settled = async {
            let mut tx = self.store().begin().await?;
            match again {
                Some(due) => tx.retry_otp_message(otp, due).await?,
                None => tx.delete_otp_message(otp).await?,
            }
            Ok::<_, ServiceError>(tx.commit().await?)
        };
        // Where that fails the lease lapses, and the code is sent once more.
        if let Err(error) = settled.await {
            tracing::error!(request = %otp, error = %chain(&error), "that a code was sent could not be kept");
        }
    }

    async fn try_message(&self, messenger: &impl Messenger, kept: OtpMessage) -> Result<(), SendError> {
        if kept.is_for_nobody {
            return Ok(());
        }
        let now = self.now();
        if now >= kept.expires_at {
            return Err(SendError::Never("it has expired".to_owned()));
        }
        let letter: Letter = serde_json::from_value(kept.message)
            .map_err(|_| SendError::Never("what was kept of it cannot be read".to_owned()))?;
        let message = CodeMessage {
            id: kept.otp,
            to: letter.to,
            code: letter.code,
            language: letter.language,
            purpose: letter.purpose,
            tenant_name: letter.tenant_name,
            now,
            expires_at: kept.expires_at,
        };
        let sent = time::timeout(LONGEST_ATTEMPT, messenger.send(&message)).await;
        sent.unwrap_or_else(|_| Err(SendError::Later("there was no answer in time".to_owned())))
    }
}

/// 1 s, 2 s, 4 s and so on after the first, second and third attempt.
fn wait(attempts: u32) -> Duration {
    Duration::from_secs(2_u64.saturating_pow(attempts.saturating_sub(1).min(10))).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_spaced_ever_wider_up_to_half_a_minute() {
        assert_eq!([1, 2, 3, 6, 40].map(wait).map(|wait| wait.as_secs()), [1, 2, 4, 30, 30]);
    }
}
