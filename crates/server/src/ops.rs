//! Health: is the process there, and would a verification work.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::Backend;

/// How long an answer of the probe is given again. It judges a photo: asked without a bound it would be a burden.
const KEPT: Duration = Duration::from_secs(5);

/// How long a caller waits for a probe under way, as while the models are opened.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers at once, without the store and the engine: a process that answers is not restarted for what is slow in it.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether a verification would work, asked at most every five seconds and never twice at the same time.
#[derive(Clone)]
pub(crate) struct Readiness {
    backend: Arc<dyn Backend>,
    /// Locked while a probe runs: who comes meanwhile waits for its answer.
    last: Arc<Mutex<Option<Probed>>>,
}

struct Probed {
    at: Instant,
    answer: Result<(), String>,
}

/// The answer of `/readyz`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Readiness {
    pub(crate) fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, last: Arc::default() }
    }

    async fn ask(self) -> Result<(), String> {
        let mut last = self.last.lock().await;
        if let Some(Probed { at, answer }) = &*last
            && at.elapsed() < KEPT
        {
            return answer.clone();
        }
        let answer = self.backend.ready().await;
        *last = Some(Probed { at: Instant::now(), answer: answer.clone() });
        answer
    }
}

/// 200, or 503 with a reason.
pub(crate) async fn readyz(State(readiness): State<Readiness>) -> (StatusCode, Json<Report>) {
    // A task of its own: a caller that goes away must not leave half a probe behind and let the next one begin.
    let probe = tokio::spawn(readiness.ask());
    let answer = match timeout(PATIENCE, probe).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err("the check failed".to_owned()),
        Err(_) => Err("the check is not done yet".to_owned()),
    };
    let status = if answer.is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Report { ready: answer.is_ok(), reason: answer.err() }))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::{BoxFuture, join_all};

    use super::*;

    /// Takes a while, and counts how often it was asked and how many asked at once.
    #[derive(Default)]
    struct Slow {
        asked: AtomicUsize,
        running: AtomicUsize,
        takes: Duration,
    }

    impl Backend for Slow {
        fn ready(&self) -> BoxFuture<'_, Result<(), String>> {
            Box::pin(async {
                self.asked.fetch_add(1, Ordering::SeqCst);
                assert_eq!(self.running.fetch_add(1, Ordering::SeqCst), 0, "two at once");
                tokio::time::sleep(self.takes).await;
                self.running.fetch_sub(1, Ordering::SeqCst);
                Err("the models do not run".to_owned())
            })
        }

        fn is_allowed_origin<'a>(&'a self, _: &'a str) -> BoxFuture<'a, bool> {
            Box::pin(async { false })
        }

        fn queue_depth(&self) -> usize {
            0
        }

        fn jobs_waiting(&self) -> BoxFuture<'_, Option<u64>> {
            Box::pin(async { None })
        }
    }

    fn slow(takes: Duration) -> (Arc<Slow>, Readiness) {
        let backend = Arc::new(Slow { takes, ..Slow::default() });
        (Arc::clone(&backend), Readiness::new(backend))
    }

    #[tokio::test(start_paused = true)]
    async fn many_callers_share_one_probe_and_its_answer_for_five_seconds() {
        let (backend, readiness) = slow(Duration::from_secs(1));
        let answers = join_all((0..20).map(|_| readyz(State(readiness.clone())))).await;
        assert!(answers.iter().all(|(status, _)| *status == StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(answers[0].1.reason.as_deref(), Some("the models do not run"));
        tokio::time::advance(Duration::from_secs(4)).await;
        let _ = readyz(State(readiness.clone())).await;
        assert_eq!(backend.asked.load(Ordering::SeqCst), 1);
        tokio::time::advance(Duration::from_secs(2)).await;
        let _ = readyz(State(readiness)).await;
        assert_eq!(backend.asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn callers_that_go_away_or_lose_patience_do_not_start_a_second_probe() {
        let (backend, readiness) = slow(Duration::from_secs(8));
        let gone = tokio::spawn(readyz(State(readiness.clone())));
        tokio::time::sleep(Duration::from_millis(1)).await;
        gone.abort();
        let (status, report) = readyz(State(readiness.clone())).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(report.reason.as_deref(), Some("the check is not done yet"));
        tokio::time::sleep(Duration::from_secs(4)).await;
        let _ = readyz(State(readiness)).await;
        assert_eq!(backend.asked.load(Ordering::SeqCst), 1);
    }
}
