//! Values that can only be made of text that is right.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use axum::http::Uri;
use serde::{Deserialize, Serialize};

/// Text that is no such value: the sentence says what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadValue(&'static str);

/// The URL under which callers find the server, as `https://id.example.com`: without a query, and without a slash at
/// its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The URL of `address` itself.
    pub fn of(address: SocketAddr, tls: bool) -> Self {
        Self(format!("{}://{address}", if tls { "https" } else { "http" }))
    }

    /// The host, without a port, in lower case.
    pub fn host(&self) -> String {
        self.0.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_ascii_lowercase)).unwrap_or_default()
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        const WANTED: BadValue = BadValue(
            "a public URL is http:// or https://, a host and perhaps a path, without a user, a query, a fragment or a \
             slash at the end",
        );
        let uri: Uri = text.parse().map_err(|_| WANTED)?;
        let http = matches!(uri.scheme_str(), Some("http" | "https"));
        let user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        if !http || user || uri.query().is_some() || text.contains('#') || text.ends_with('/') {
            return Err(WANTED);
        }
        Ok(Self(text.to_owned()))
    }
}

/// A path below which a dialect answers: empty, or as `/truora`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathPrefix(String);

impl PathPrefix {
    /// Empty, or with a slash at its beginning and none at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `path` is this prefix or lies below it.
    pub fn holds(&self, path: &str) -> bool {
        path.strip_prefix(self.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl FromStr for PathPrefix {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let segment = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
                && !matches!(part, "." | "..")
        };
        let is_path = text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(segment));
        if !text.is_empty() && !is_path {
            return Err(BadValue(
                "a prefix is empty or like /truora: letters, digits, - _ . and no slash at the end",
            ));
        }
        let prefix = Self(text.to_owned());
        let own = ["/healthz", "/readyz", "/openapi", "/docs", "/llms.txt", "/llms-full.txt"];
        if own.iter().any(|own| Self((*own).to_owned()).holds(text)) {
            return Err(BadValue(
                "/healthz, /readyz, /openapi, /docs and /llms.txt are the server's own: choose another prefix",
            ));
        }
        Ok(prefix)
    }
}

/// Where metrics are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum MetricsListen {
    /// At [`MetricsListen::DEFAULT`]; nowhere, with a warning, if that is taken.
    #[default]
    IfFree,
    /// Nowhere.
    Off,
    /// Here; that it is taken is an error.
    At(SocketAddr),
}

impl MetricsListen {
    /// Where nothing is set: the port that OpenTelemetry's exporters chose for Prometheus.
    pub const DEFAULT: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9464);
}

impl FromStr for MetricsListen {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        match text {
            "if-free" => Ok(Self::IfFree),
            "off" => Ok(Self::Off),
            address => address.parse().map(Self::At).map_err(|_| {
                BadValue("metrics are answered at an address and port like 127.0.0.1:9464, or off")
            }),
        }
    }
}

impl fmt::Display for MetricsListen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IfFree => f.write_str("if-free"),
            Self::Off => f.write_str("off"),
            Self::At(address) => address.fmt(f),
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PathPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! as_text {
    ($($name:ident),+) => { $(
        impl TryFrom<String> for $name {
            type Error = BadValue;

            fn try_from(text: String) -> Result<Self, BadValue> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.to_string()
            }
        }
    )+ };
}

as_text!(PublicUrl, PathPrefix, MetricsListen);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_http_and_ends_without_a_slash() {
        for good in ["http://127.0.0.1:8080", "https://id.example.com", "https://example.com/id"] {
            assert_eq!(good.parse::<PublicUrl>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "id.example.com",
            "ftp://example.com",
            "https://example.com/",
            "https://example.com/?a=b",
            "https://example.com/a#b",
            "https://me@example.com",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
        assert_eq!("https://ID.example.com:8443/a".parse::<PublicUrl>().unwrap().host(), "id.example.com");
    }

    #[test]
    fn a_prefix_is_whole_segments_and_leaves_the_servers_own_paths_alone() {
        let prefix: PathPrefix = "/truora".parse().unwrap();
        assert!(prefix.holds("/truora") && prefix.holds("/truora/v1") && !prefix.holds("/truorax"));
        assert!(PathPrefix::default().holds("/anything"));
        for bad in ["/", "truora", "/truora/", "/a//b", "/a/../b", "/{id}", "/healthz", "/openapi/x", "/docs"]
        {
            assert!(bad.parse::<PathPrefix>().is_err(), "{bad}");
        }
    }
}
