//! The little that the server itself, apart from its dialects, asks of the service.

use futures_util::future::BoxFuture;

/// What health, CORS and metrics ask. The dialects have the whole service; tests of the server need no more than this.
pub trait Backend: Send + Sync + 'static {
    /// Whether a verification would work now: a real inference and a real write. The error is a reason in one word or
    /// a short sentence, without any data.
    fn ready(&self) -> BoxFuture<'_, Result<(), String>>;

    /// Whether any tenant lists `origin`.
    fn is_allowed_origin<'a>(&'a self, origin: &'a str) -> BoxFuture<'a, bool>;

    /// Uploads that are worked on or wait.
    fn queue_depth(&self) -> usize;

    /// Jobs that wait or run; `None` where that cannot be read.
    fn jobs_waiting(&self) -> BoxFuture<'_, Option<u64>>;
}

impl Backend for app::Service {
    fn ready(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async {
            app::Service::ready(self).await.map_err(|reason| {
                // The caller is told the sentence; the cause, which may name files, is for the operator.
                tracing::warn!(error = &reason as &dyn std::error::Error, "not ready");
                reason.to_string()
            })
        })
    }

    fn is_allowed_origin<'a>(&'a self, origin: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async {
            app::Service::is_allowed_origin(self, origin).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "allowed origins could not be read");
                false
            })
        })
    }

    fn queue_depth(&self) -> usize {
        app::Service::queue_depth(self)
    }

    fn jobs_waiting(&self) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async { app::Service::jobs_waiting(self).await.ok() })
    }
}
