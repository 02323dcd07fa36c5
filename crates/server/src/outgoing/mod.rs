//! The one guarded client: whatever the server calls, it calls through this.
//!
//! Callers choose the addresses that the server is to call, so that a call must not reach what only the server can: an
//! address is looked up, then checked, then called, and only if it is public or the operator allows it. No redirect is
//! followed, no proxy of the environment asked, no cookie kept, and time, memory and the number of calls are bounded.

mod addresses;

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use domain::WebUrl;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

pub use addresses::Allowed;

use crate::config::Outgoing;

/// Calls at the same time. Others wait for their turn, and their time begins then.
const AT_ONCE: usize = 32;

/// Of an answer's body so much is read, so that the connection can be used again.
const MOST_BODY_BYTES: usize = 64 * 1024;

/// And for so long.
const LONGEST_BODY: Duration = Duration::from_secs(1);

/// Calls. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    allowed: Allowed,
    timeout: Duration,
    room: Arc<Semaphore>,
}

/// Why there is no answer. Names no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The address is not public, and not allowed.
    #[error("its address is not public, and the setting outgoing.allow does not name it")]
    Refused,
    /// The name has no address.
    #[error("its host name has no address")]
    Unknown,
    /// Nothing in time.
    #[error("there was no answer in time")]
    Timeout,
    /// Nobody takes the connection.
    #[error("no connection could be made")]
    Unreachable,
    /// TLS, most often its certificate.
    #[error("its TLS certificate was not accepted, or TLS failed otherwise")]
    Tls,
    /// The connection ended, or what came was no HTTP.
    #[error("the connection broke before there was an answer")]
    Broken,
    /// More than is read.
    #[error("the answer has more than 64 KiB")]
    TooLong,
    /// A header that cannot be sent.
    #[error("what was to be sent cannot be sent over HTTP")]
    Unsendable,
}

impl Client {
    /// A client within the bounds of `config`.
    ///
    /// # Errors
    /// [`reqwest::Error`] where TLS cannot be set up.
    pub fn new(config: &Outgoing) -> Result<Self, reqwest::Error> {
        let allowed = Allowed::new(&config.allow);
        let builder = || {
            reqwest::Client::builder()
                .user_agent(concat!("bonafide/", env!("CARGO_PKG_VERSION")))
                .dns_resolver(Guard(allowed.clone()))
                .redirect(Policy::none())
                .no_proxy()
                .referer(false)
                .pool_idle_timeout(Duration::from_secs(30))
                .pool_max_idle_per_host(4)
        };
        let http = builder().build().or_else(|error| {
            tracing::warn!(
                error = &error as &dyn Error,
                "this machine has no certificates to check others by: calls over https will fail"
            );
            builder().tls_certs_only([]).build()
        })?;
        Ok(Self { http, allowed, timeout: config.timeout, room: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// Posts `body` and returns the status of the answer, whatever it is. The answer's body is thrown away: at most
    /// 64 KiB and one second of it are read.
    ///
    /// # Errors
    /// [`CallError`] where there is no answer within the time-out.
    pub async fn post(
        &self,
        url: &WebUrl,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<StatusCode, CallError> {
        let Answered { mut response, end, room: _room } = self.answered(url, headers, body).await?;
        let status = response.status();
        // What the answer says is no business of ours: how this ends does not matter.
        let _ = timeout_at(end.min(Instant::now() + LONGEST_BODY), read(&mut response)).await;
        Ok(status)
    }

    /// Posts `body` and returns the status of the answer and its body, of at most 64 KiB.
    ///
    /// # Errors
    /// [`CallError`] where there is no whole answer within the time-out.
    pub async fn post_and_read(
        &self,
        url: &WebUrl,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<(StatusCode, Vec<u8>), CallError> {
        let Answered { mut response, end, room: _room } = self.answered(url, headers, body).await?;
        let body = timeout_at(end, read(&mut response)).await.map_err(|_| CallError::Timeout)??;
        Ok((response.status(), body))
    }

    async fn answered(
        &self,
        url: &WebUrl,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<Answered<'_>, CallError> {
        // Only names are looked up: an address in the URL is called as it is.
        if url.ip().is_some_and(|ip| !self.allowed.admits(ip)) {
            return Err(CallError::Refused);
        }
        let mut fields = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).map_err(|_| CallError::Unsendable)?;
            fields.insert(HeaderName::from_static(name), value);
        }
        let request = self.http.post(url.as_str()).headers(fields).body(body);
        // The semaphore is never closed.
        let room = self.room.acquire().await.map_err(|_| CallError::Timeout)?;
        let end = Instant::now() + self.timeout;
        match timeout_at(end, request.send()).await {
            Ok(Ok(response)) => Ok(Answered { response, end, room }),
            Ok(Err(error)) => Err(reason(&error)),
            Err(_) => Err(CallError::Timeout),
        }
    }
}

/// An answer whose body is still to come.
struct Answered<'a> {
    response: Response,
    /// When the time of the call is over.
    end: Instant,
    /// Kept until it is over.
    room: SemaphorePermit<'a>,
}

async fn read(answer: &mut Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| reason(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BODY_BYTES {
            return Err(CallError::TooLong);
        }
    }
    Ok(body)
}

/// Looks names up, and keeps only addresses that may be called.
struct Guard(Allowed);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0.clone();
        Box::pin(async move {
            // The port is put in later.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| CallError::Unknown)?;
            let found: Vec<_> = found.collect();
            if found.is_empty() {
                return Err(CallError::Unknown.into());
            }
            let admitted: Vec<_> = found.into_iter().filter(|address| allowed.admits(address.ip())).collect();
            if admitted.is_empty() {
                return Err(CallError::Refused.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

/// The reason in the chain of causes. The chain's own texts may hold the URL and are left out.
fn reason(error: &reqwest::Error) -> CallError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(found) = cause {
        if let Some(own) = found.downcast_ref::<CallError>() {
            return *own;
        }
        if found.is::<rustls::Error>() {
            return CallError::Tls;
        }
        // The source of such an error is that of the one within.
        if let Some(inner) = found.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            cause = Some(inner);
            continue;
        }
        cause = found.source();
    }
    if error.is_timeout() {
        CallError::Timeout
    } else if error.is_connect() {
        CallError::Unreachable
    } else {
        CallError::Broken
    }
}

#[cfg(test)]
mod tests;
