//! Who is at the other end, with proxies taken into account.
//!
//! Only `X-Forwarded-For`, `-Proto` and `-Host` are read, and only where the socket's other end is a proxy that the
//! configuration names. `Forwarded` (RFC 7239) is not: a proxy that writes the older headers passes on whatever
//! `Forwarded` the client made up.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use ipnet::IpNet;

/// The two ends of a request, as far as they can be trusted. Never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Peer {
    /// The client's address.
    pub ip: IpAddr,
    /// Whether the client spoke TLS, to this server or to a trusted proxy.
    pub https: bool,
    /// The host that the client asked for, in lower case and without a port.
    pub host: Option<String>,
}

/// The other end of a socket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Socket(pub(crate) SocketAddr);

impl Peer {
    /// From the socket's other end, the header, and whether this server spoke TLS itself.
    pub(crate) fn find(
        socket: IpAddr,
        parts: &HeaderMap,
        uri_host: Option<&str>,
        tls: bool,
        proxies: &[IpNet],
    ) -> Self {
        let socket = socket.to_canonical();
        let trusted = |ip: IpAddr| proxies.iter().any(|net| net.contains(&ip));
        let asked = uri_host.or_else(|| last(parts, header::HOST.as_str()));
        if !trusted(socket) {
            return Self { ip: socket, https: tls, host: asked.and_then(host_name) };
        }
        Self {
            ip: client(parts, socket, trusted),
            https: last(parts, "x-forwarded-proto")
                .map_or(tls, |scheme| scheme.eq_ignore_ascii_case("https")),
            host: last(parts, "x-forwarded-host").or(asked).and_then(host_name),
        }
    }
}

/// The rightmost address that is no trusted proxy: what stands further left was written by whom nobody vouches for.
/// Where an entry is no address, the last proxy before it is all that is known.
fn client(headers: &HeaderMap, socket: IpAddr, trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut nearest = socket;
    for entry in values(headers, "x-forwarded-for").rev() {
        let Some(ip) = address(entry) else { break };
        nearest = ip;
        if !trusted(ip) {
            break;
        }
    }
    nearest
}

/// An address, with or without a port, an IPv6 one with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let ip = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))?;
    Some(IpAddr::to_canonical(&ip))
}

fn host_name(text: &str) -> Option<String> {
    let authority: axum::http::uri::Authority = text.parse().ok()?;
    Some(authority.host().to_ascii_lowercase())
}

fn last<'a>(headers: &'a HeaderMap, name: &'a str) -> Option<&'a str> {
    values(headers, name).next_back()
}

/// The values of a list header, over all its lines.
fn values<'a>(headers: &'a HeaderMap, name: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

/// The client's address; `None` in tests without a socket.
pub(crate) fn client_ip(extensions: &axum::http::Extensions) -> Option<IpAddr> {
    extensions.get::<Peer>().map(|peer| peer.ip)
}

/// The client's address: an extractor for handlers that throttle by it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.ip);
        let socket = parts.extensions.get::<ConnectInfo<Socket>>().map(|socket| socket.0.0.ip());
        // Neither is there only where a test calls a handler without the server around it.
        Ok(Self(peer.or(socket).unwrap_or(IpAddr::from([0, 0, 0, 0]))))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Peer>().cloned())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    const PROXY: [u8; 4] = [10, 0, 0, 1];
    const STRANGER: [u8; 4] = [192, 0, 2, 7];

    fn peer(socket: [u8; 4], headers: &[(&'static str, &'static str)]) -> Peer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Peer::find(socket.into(), &map, None, false, &["10.0.0.0/8".parse().unwrap()])
    }

    #[test]
    fn what_a_stranger_says_of_itself_is_not_believed() {
        let peer = peer(
            STRANGER,
            &[
                ("host", "API.example.com:8080"),
                ("x-forwarded-for", "198.51.100.1"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "other.example.com"),
                ("forwarded", "for=198.51.100.1;host=other.example.com"),
            ],
        );
        assert_eq!(peer.ip, IpAddr::from(STRANGER));
        assert!(!peer.https);
        assert_eq!(peer.host.as_deref(), Some("api.example.com"));
    }

    #[test]
    fn behind_a_trusted_proxy_the_rightmost_stranger_is_the_client() {
        let peer = peer(
            PROXY,
            &[
                ("host", "inside:8080"),
                ("x-forwarded-for", "198.51.100.1, 192.0.2.9"),
                ("x-forwarded-for", "10.1.2.3"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "api.example.com"),
            ],
        );
        assert_eq!(peer.ip, IpAddr::from([192, 0, 2, 9]));
        assert!(peer.https);
        assert_eq!(peer.host.as_deref(), Some("api.example.com"));
    }

    #[test]
    fn an_entry_that_is_no_address_ends_the_search() {
        assert_eq!(
            peer(PROXY, &[("x-forwarded-for", "198.51.100.1, unknown, 10.9.9.9")]).ip,
            IpAddr::from([10, 9, 9, 9])
        );
        assert_eq!(peer(PROXY, &[("x-forwarded-for", "nonsense")]).ip, IpAddr::from(PROXY));
        assert_eq!(peer(PROXY, &[]).ip, IpAddr::from(PROXY));
    }

    #[test]
    fn addresses_are_read_with_ports_and_brackets() {
        assert_eq!(address("192.0.2.1:4711"), Some(IpAddr::from([192, 0, 2, 1])));
        assert_eq!(address("[2001:db8::1]:443"), "2001:db8::1".parse().ok());
        assert_eq!(address("[2001:db8::1]"), "2001:db8::1".parse().ok());
        assert_eq!(address("::ffff:192.0.2.1"), Some(IpAddr::from([192, 0, 2, 1])));
        assert_eq!(address("_hidden"), None);
    }
}
