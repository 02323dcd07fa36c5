//! From a request to the dialect that answers it: by host, then by prefix.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
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

    fn find(&self, host: Option<&str>, path: &str) -> Option<&Router> {
        let at_host = host
            .and_then(|host| self.0.iter().find(|placed| placed.mount.hosts.iter().any(|own| own == host)));
        if let Some(placed) = at_host {
            return Some(&placed.mount.router);
        }
        let placed =
            self.0.iter().find(|placed| elsewhere(&placed.mount) && placed.mount.prefix.holds(path))?;
        Some(placed.nested.as_ref().unwrap_or(&placed.mount.router))
    }
}

/// Whether the dialect answers on hosts other than its own.
fn elsewhere(mount: &Mount) -> bool {
    !mount.prefix.is_empty() || mount.hosts.is_empty()
}

/// Hands the request to its dialect.
pub(crate) async fn answer(State(dispatch): State<Dispatch>, request: Request) -> Response {
    let host = request.extensions().get::<Peer>().and_then(|peer| peer.host.clone());
    let Some(router) = dispatch.find(host.as_deref(), request.uri().path()) else {
        return not_found().await.into_response();
    };
    let answer: Result<Response, Infallible> = router.clone().oneshot(request).await;
    answer.into_response()
}
