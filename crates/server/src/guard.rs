//! What stands around the handlers of a dialect: time, size, panics; answered in the dialect's own shape.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use tower_http::catch_panic::CatchPanicLayer;

use crate::cors;
use crate::dialect::ErrorAnswer;
use crate::telemetry::Label;

/// Limits of a group of routes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guard {
    pub(crate) error: ErrorAnswer,
    pub(crate) max_bytes: usize,
    pub(crate) timeout: Duration,
}

impl Guard {
    /// Every route of `router`, and its fallback, within these limits.
    pub(crate) fn around<S: Clone + Send + Sync + 'static>(self, router: Router<S>) -> Router<S> {
        let error = self.error;
        router
            .method_not_allowed_fallback(move || async move {
                error(StatusCode::METHOD_NOT_ALLOWED, "this route does not answer that method")
            })
            .layer(DefaultBodyLimit::max(self.max_bytes))
            .layer(middleware::from_fn(move |request: Request, next: Next| self.limit(request, next)))
            .layer(CatchPanicLayer::custom(move |_| {
                error(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
            }))
    }

    async fn limit(self, request: Request, next: Next) -> Response {
        // Whoever asked first whether to send the body is told no by the answer alone.
        let is_asked_first = request.headers().contains_key(header::EXPECT);
        if announced_length(&request).is_some_and(|length| length > self.max_bytes as u64) {
            if !is_asked_first {
                self.discard(request.into_body()).await;
            }
            return (self.error)(
                StatusCode::PAYLOAD_TOO_LARGE,
                &format!("the body may have {} bytes at most", self.max_bytes),
            );
        }
        let whole = Arc::new(AtomicBool::new(request.body().is_end_stream()));
        let rest = Rest::default();
        let request = request
            .map(|inner| Body::new(Watched { inner, whole: Arc::clone(&whole), rest: Arc::clone(&rest) }));
        match tokio::time::timeout(self.timeout, next.run(request)).await {
            Ok(response) => {
                let rest = rest.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(rest) = rest.filter(|_| !is_asked_first) {
                    self.discard(rest).await;
                }
                response
            }
            Err(_) if whole.load(Ordering::Relaxed) => {
                (self.error)(StatusCode::GATEWAY_TIMEOUT, "there was no answer in time")
            }
            Err(_) => (self.error)(StatusCode::REQUEST_TIMEOUT, "the request was not received in time"),
        }
    }
}

impl Guard {
    /// Reads what a client is still sending and keeps none of it. A client that is cut off while it sends sees a broken
    /// connection and never the answer.
    async fn discard(self, mut body: Body) {
        let most = self.max_bytes.saturating_mul(2);
        let reading = async {
            let mut bytes = 0;
            while let Some(Ok(frame)) = body.frame().await {
                bytes += frame.data_ref().map_or(0, Bytes::len);
                if bytes > most {
                    break;
                }
            }
        };
        // Whether it ended in time makes no difference to the answer.
        let _ = tokio::time::timeout(PATIENCE, reading).await;
    }
}

/// How long the rest of a refused body is listened to.
const PATIENCE: Duration = Duration::from_secs(5);

/// What nobody read of a body.
type Rest = Arc<Mutex<Option<Body>>>;

fn announced_length(request: &Request) -> Option<u64> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Notes on every answer which dialect and which route gave it, for logs and metrics.
pub(crate) fn labelled<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    dialect: &'static str,
) -> Router<S> {
    router.layer(middleware::from_fn(move |request: Request, next: Next| async move {
        // The fallback of a nested router is a route with a template of its own, which means nothing to a reader.
        let route = request.extensions().get::<MatchedPath>().cloned();
        let route = route.filter(|route| !route.as_str().contains("__private"));
        let mut response = next.run(request).await;
        response.extensions_mut().insert(Label { dialect, route });
        response
    }))
}

/// Lets every origin that some tenant lists read the answers.
pub(crate) fn open_to_pages<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(middleware::from_fn(|request: Request, next: Next| async move {
        cors::allow_every_tenants_origins(request.extensions());
        next.run(request).await
    }))
}

/// A body that notes when all of it was read, so that a late request can be told from a late answer, and that leaves
/// behind what was not.
struct Watched {
    inner: Body,
    whole: Arc<AtomicBool>,
    rest: Rest,
}

impl Drop for Watched {
    fn drop(&mut self) {
        if !self.whole.load(Ordering::Relaxed) {
            let rest = std::mem::take(&mut self.inner);
            *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = Some(rest);
        }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.inner).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.inner.is_end_stream() {
            self.whole.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
