//! Addresses that the server is asked to call.

use std::fmt;

use url::{Host, Url};

/// Longest URL: what common servers and proxies take.
const MAX_BYTES: usize = 2048;

/// An absolute `http` or `https` URL without user and password. Its path and query may hold a secret: it never prints.
#[derive(Clone, PartialEq, Eq)]
pub struct WebUrl(Url);

/// Why a text is no such URL. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadWebUrl {
    /// It is longer than 2048 bytes.
    #[error("a URL of at most 2048 bytes")]
    TooLong,
    /// It is no absolute URL with a host, or of another scheme.
    #[error("an absolute http or https URL")]
    NotHttp,
    /// It has a user or a password.
    #[error("a URL without user and password: they would be kept and sent with every call")]
    Credentials,
    /// It has a part after `#`, which is never sent.
    #[error("a URL without a part after #")]
    Fragment,
}

impl WebUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`BadWebUrl`].
    pub fn parse(text: &str) -> Result<Self, BadWebUrl> {
        if text.len() > MAX_BYTES {
            return Err(BadWebUrl::TooLong);
        }
        let url = Url::parse(text).map_err(|_| BadWebUrl::NotHttp)?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(BadWebUrl::NotHttp);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadWebUrl::Credentials);
        }
        if url.fragment().is_some() {
            return Err(BadWebUrl::Fragment);
        }
        // What is kept is the normal form, which escapes and may be longer: it has to be read again.
        if url.as_str().len() > MAX_BYTES {
            return Err(BadWebUrl::TooLong);
        }
        Ok(Self(url))
    }

    /// Its text, in the normal form. Not for logs.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Its scheme, host and port, as a browser writes an origin.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether it is called over TLS.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether it leads to this machine: `localhost`, a name below it, or a loopback address.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }

    /// The address, where the host is one and no name.
    pub fn ip(&self) -> Option<std::net::IpAddr> {
        match self.0.host() {
            Some(Host::Ipv4(ip)) => Some(ip.into()),
            Some(Host::Ipv6(ip)) => Some(ip.into()),
            Some(Host::Domain(_)) | None => None,
        }
    }
}

/// Without the URL: this may end in a log.
impl fmt::Debug for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebUrl(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_http_and_has_a_host() {
        for good in
            ["https://a.example/hook?token=x", "http://127.0.0.1:9000/", "http://[::1]/", "HTTPS://A.example"]
        {
            assert!(WebUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "/hook",
            "ftp://a.example",
            "file:///etc/passwd",
            "http://",
            "https:",
            "gopher://x",
        ] {
            assert_eq!(WebUrl::parse(bad), Err(BadWebUrl::NotHttp), "{bad}");
        }
        assert_eq!(WebUrl::parse("https://me@a.example"), Err(BadWebUrl::Credentials));
        assert_eq!(WebUrl::parse("https://:secret@a.example"), Err(BadWebUrl::Credentials));
        assert_eq!(WebUrl::parse("https://a.example/#part"), Err(BadWebUrl::Fragment));
        let long = format!("https://a.example/{}", "x".repeat(MAX_BYTES));
        assert_eq!(WebUrl::parse(&long), Err(BadWebUrl::TooLong));
        let longer_when_escaped = format!("https://a.example/{}", "é".repeat(MAX_BYTES / 3));
        assert_eq!(WebUrl::parse(&longer_when_escaped), Err(BadWebUrl::TooLong));
    }

    #[test]
    fn a_url_that_is_kept_can_be_read_again() {
        for text in ["https://a.example/é?ü", "https://bücher.example", "HTTP://A.example:80/a/../b"] {
            let url = WebUrl::parse(text).unwrap();
            assert_eq!(WebUrl::parse(url.as_str()), Ok(url.clone()), "{text}");
        }
    }

    #[test]
    fn every_way_to_write_an_address_is_seen_as_one() {
        for text in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
        ] {
            assert_eq!(WebUrl::parse(text).unwrap().ip(), Some([127, 0, 0, 1].into()), "{text}");
        }
        assert_eq!(WebUrl::parse("http://[::ffff:10.0.0.1]/").unwrap().ip(), "::ffff:10.0.0.1".parse().ok());
        assert_eq!(WebUrl::parse("http://localhost/").unwrap().ip(), None);
    }

    #[test]
    fn a_url_does_not_print() {
        let url = WebUrl::parse("https://a.example/secret").unwrap();
        assert_eq!(format!("{url:?}"), "WebUrl(..)");
    }
}
