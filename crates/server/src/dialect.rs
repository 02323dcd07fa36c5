//! How an API plugs in.
//!
//! A dialect owns its routes, its wire types, its error shape and its status words, and nothing else. It hands over a
//! [`Dialect`]; the server puts it at its hosts and its prefix, guards it, and answers in its shape for what goes wrong
//! outside its handlers. Its handlers take [`ServerState`], may take [`crate::ClientIp`], and its authentication tells
//! [`crate::cors`] which origins the caller's tenant lists, and asks [`crate::Rates`] whether the key may make one more
//! request.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use utoipa::openapi::{Info, OpenApi, Server};
use utoipa_axum::router::OpenApiRouter;

use crate::ServerState;
use crate::config::{Limits, PathPrefix};
use crate::guard;
use crate::webhooks::Webhooks;

/// Answers for what went wrong outside a handler: the status, and one plain sentence that may be shown to the caller.
pub type ErrorAnswer = fn(StatusCode, &str) -> Response;

/// Counts a request that was charged to nobody, by its path below the dialect's place and what [`crate::Rates::take`]
/// and [`Peer`](crate::Peer) need of its extensions.
pub type CountRest<S> = fn(&S, &str, &Extensions);

/// Writes an answer in the language that the request's headers ask for.
pub type Localise = fn(&HeaderMap, Response) -> Response;

/// One API, before it has a place.
///
/// `S` is what its handlers share; tests use `()`.
#[derive(Clone)]
pub struct Dialect<S = ServerState> {
    /// What it is called in logs, in metrics and in `/openapi/<name>.json`.
    pub name: &'static str,
    /// The first segments of its paths, as `/v1`: by these it is told from others at the same place.
    pub paths: &'static [&'static str],
    /// Routes with small bodies: at most `limits.max_form_bytes`, done within `limits.request_timeout`. The limit on
    /// the body is axum's `DefaultBodyLimit`, which `Bytes`, `Form` and `Json` keep to; a length that is announced and
    /// too large is refused before the handler runs.
    pub router: OpenApiRouter<S>,
    /// Routes that take a photo: at most `max_upload_bytes`, done within `limits.body_timeout`. Who calls them needs
    /// no key, so that their answers may be read by any origin that some tenant lists.
    pub uploads: OpenApiRouter<S>,
    /// Longest body of a route in `uploads`, in bytes.
    pub max_upload_bytes: usize,
    /// Answers for a path that no route has.
    pub unknown_route: fn() -> Response,
    /// Answers for 405 (method), 408 (the body came too slowly), 413 (body too large), 500 (panic) and 504 (no answer
    /// in time). What its extractors refuse, and a queue that is full, it answers itself.
    pub error: ErrorAnswer,
    /// Counts what no handler has charged to anybody, as preflights, refused methods and panics, so that these answers
    /// say what is left, too; `None` where they say nothing.
    pub count_rest: Option<CountRest<S>>,
    /// Has the last word on every answer, refusals and panics among them: for texts in the language that the headers of
    /// the request ask for. `None` where there is one language.
    pub localise: Option<Localise>,
    /// Title and version of the API, for `/openapi/<name>.json`.
    pub info: Info,
    /// Headers that a page of another origin may send, besides `content-type` and `authorization`.
    pub request_headers: &'static [&'static str],
    /// How hooks are told of what it opened; `None` where nothing is told.
    pub webhooks: Option<Webhooks>,
}

/// Where a dialect answers.
///
/// On its hosts it sits at the root. Elsewhere it sits below its prefix; an empty prefix is the root, unless there are
/// hosts: then it is found on these only. Where several sit at one place, the path tells which one is meant; the first
/// of them answers for paths that none has.
#[derive(Clone)]
pub struct Mount {
    pub(crate) name: &'static str,
    pub(crate) paths: &'static [&'static str],
    pub(crate) hosts: Vec<String>,
    pub(crate) prefix: PathPrefix,
    pub(crate) router: Router,
    pub(crate) openapi: Arc<str>,
    pub(crate) request_headers: &'static [&'static str],
    pub(crate) count_rest: Option<BoundCountRest>,
}

/// A [`CountRest`] that has its state.
type BoundCountRest = Arc<dyn Fn(&str, &Extensions) + Send + Sync>;

impl<S: Clone + Send + Sync + 'static> Dialect<S> {
    /// Puts the dialect at `hosts` and `prefix`, with its time-outs and limits.
    ///
    /// `public_url` is where callers find it, with the prefix and without a slash at the end.
    pub fn mount(
        self,
        state: S,
        hosts: &[String],
        prefix: &PathPrefix,
        public_url: &str,
        limits: &Limits,
    ) -> Mount {
        let (router, mut openapi) = self.router.split_for_parts();
        let (uploads, of_uploads) = self.uploads.split_for_parts();
        openapi.merge(of_uploads);
        let unknown_route = self.unknown_route;
        // Routers that are merged may have one fallback between them.
        let router = router.fallback(move || async move { unknown_route() });
        let small = guard::Guard {
            error: self.error,
            max_bytes: limits.max_form_bytes,
            timeout: limits.request_timeout,
        };
        let large = guard::Guard {
            error: self.error,
            max_bytes: self.max_upload_bytes,
            timeout: limits.body_timeout,
        };
        let router = small.around(router).merge(guard::open_to_pages(large.around(uploads)));
        let router = match self.localise {
            None => router,
            Some(localise) => {
                router.layer(middleware::from_fn(move |request: Request, next: Next| async move {
                    let headers = request.headers().clone();
                    localise(&headers, next.run(request).await)
                }))
            }
        };
        let count_rest = self.count_rest.map(|count_rest| -> BoundCountRest {
            let state = state.clone();
            Arc::new(move |path: &str, request: &Extensions| count_rest(&state, path, request))
        });
        Mount {
            name: self.name,
            paths: self.paths,
            hosts: hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            prefix: prefix.clone(),
            router: guard::labelled(router, self.name).with_state(state),
            openapi: document(openapi, self.info, public_url).into(),
            request_headers: self.request_headers,
            count_rest,
        }
    }
}

fn document(mut openapi: OpenApi, info: Info, public_url: &str) -> String {
    openapi.info = info;
    openapi.servers = Some(vec![Server::new(public_url)]);
    // A document made of strings and maps with string keys always serialises.
    openapi.to_pretty_json().unwrap_or_default()
}
