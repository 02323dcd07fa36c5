//! A file that is kept ready to be sent.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// What a page may do: run and show what comes from here, send to here, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a page needs of the device: nothing.
const FEATURES: &str = "camera=(), microphone=(), geolocation=()";

/// Media type, content, and the name of this version of it.
pub(super) struct File {
    kind: &'static str,
    content: Bytes,
    tag: String,
}

impl File {
    pub(super) fn new(kind: &'static str, content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        Self { kind, content, tag: format!("\"{:016x}\"", hasher.finish()) }
    }

    /// The whole of it, or 304 for a caller who has it.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        // Kept by whoever likes to, and asked for again each time: an upgrade shows at once.
        let mut response = if self.is_known(headers) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, self.kind)], self.content.clone()).into_response()
        };
        let features = HeaderName::from_static("permissions-policy");
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(features, HeaderValue::from_static(FEATURES));
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            headers.insert(header::ETAG, tag);
        }
        response
    }

    fn is_known(&self, headers: &HeaderMap) -> bool {
        let mut values =
            headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        values.any(|value| {
            value.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == self.tag)
        })
    }
}
