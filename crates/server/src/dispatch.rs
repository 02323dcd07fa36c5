//! From a request to the dialect that answers it: by host, then by prefix.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Extensions;
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;

use crate::Mount;
use crate::peer::Peer;
use crate::router::{MountError, not_found};

/// The dialects at their places. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Dispatch(Arc<[Placed]>);

struct Placed {
    mount: Mount,
    /// Answers below the prefix; the mount's own router answers at a root.
    nested: Option<Router>,
}

impl Dispatch {
    /// # Errors
    /// [`MountError`] where two dialects claim one place.
    pub(crate) fn new(mounts: Vec<Mount>) -> Result<Self, MountError> {
        for (index, mount) in mounts.iter().enumerate() {
            for other in &mounts[..index] {
                if !overlap(mount, other) {
                    continue;
                }
                if let Some(host) = mount.hosts.iter().find(|host| other.hosts.contains(host)) {
                    return Err(MountError::SameHost { host: host.clone() });
                }
                if elsewhere(mount) && elsewhere(other) && mount.prefix == other.prefix {
                    return Err(MountError::SamePrefix { prefix: mount.prefix.to_string() });
                }
            }
        }
        let placed = mounts.into_iter().map(|mount| {
            let nested = (!mount.prefix.is_empty())
                .then(|| Router::new().nest(mount.prefix.as_str(), mount.router.clone()));
            Placed { mount, nested }
        });
        let mut placed: Vec<_> = placed.collect();
        // The longest prefix first, so that a root dialect does not answer for the others.
        placed.sort_by_key(|placed| std::cmp::Reverse(placed.mount.prefix.as_str().len()));
        Ok(Self(placed.into()))
    }

    /// The dialect, what answers for it there, and the path below its place.
    fn find<'a>(&self, host: Option<&str>, path: &'a str) -> Option<(&Mount, &Router, &'a str)> {
        let is_asked_host =
            |placed: &&Placed| host.is_some_and(|host| placed.mount.hosts.iter().any(|own| own == host));
        if let Some(placed) = meant(self.0.iter().filter(is_asked_host), "", path) {
            return Some((&placed.mount, &placed.mount.router, path));
        }
        let holds = |placed: &&Placed| elsewhere(&placed.mount) && placed.mount.prefix.holds(path);
        // Sorted by length: the first one has the longest prefix, and others at the same place follow it.
        let prefix = self.0.iter().find(holds)?.mount.prefix.clone();
        let placed = meant(
            self.0.iter().filter(holds).filter(|placed| placed.mount.prefix == prefix),
            prefix.as_str(),
            path,
        )?;
        let router = placed.nested.as_ref().unwrap_or(&placed.mount.router);
        Some((&placed.mount, router, path.strip_prefix(prefix.as_str()).unwrap_or(path)))
    }

    /// Lets the dialect count a request that was charged to nobody.
    pub(crate) fn count_rest(&self, host: Option<&str>, path: &str, request: &Extensions) {
        if let Some((mount, _, below)) = self.find(host, path)
            && let Some(count_rest) = &mount.count_rest
        {
            count_rest(below, request);
        }
    }
}

/// Of those at one place the one that has the path, or the longest beginning of it; else the first.
fn meant<'a>(
    mut placed: impl Iterator<Item = &'a Placed> + Clone,
    prefix: &str,
    path: &str,
) -> Option<&'a Placed> {
    let rest = path.strip_prefix(prefix).unwrap_or(path);
    let longest =
        |placed: &Placed| placed.mount.paths.iter().filter(|own| below(rest, own)).map(|own| own.len()).max();
    let has = placed.clone().filter_map(|placed| Some((longest(placed)?, placed)));
    has.max_by_key(|(length, _)| *length).map(|(_, placed)| placed).or_else(|| placed.next())
}

/// Whether `path` is `first` or lies below it.
fn below(path: &str, first: &str) -> bool {
    path.strip_prefix(first).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether it could not be told which of the two is meant. Where one has a path below one of the other, the longer counts.
fn overlap(mount: &Mount, other: &Mount) -> bool {
    let (these, others) = (mount.paths, other.paths);
    these.is_empty() || others.is_empty() || these.iter().any(|path| others.contains(path))
}

/// Whether the dialect answers on hosts other than its own.
fn elsewhere(mount: &Mount) -> bool {
    !mount.prefix.is_empty() || mount.hosts.is_empty()
}

/// Hands the request to its dialect.
pub(crate) async fn answer(State(dispatch): State<Dispatch>, request: Request) -> Response {
    let host = request.extensions().get::<Peer>().and_then(|peer| peer.host.clone());
    let Some((_, router, _)) = dispatch.find(host.as_deref(), request.uri().path()) else {
        return not_found().await.into_response();
    };
    let answer: Result<Response, Infallible> = router.clone().oneshot(request).await;
    answer.into_response()
}
