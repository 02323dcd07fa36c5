//! The browser that has a page: a secret in a cookie.

use app::Browser;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::state::Refusal;

/// Name of the cookie.
const COOKIE: &str = "bonafide_capture";
/// 32 bytes as hexadecimal digits.
const SECRET_DIGITS: usize = 64;
/// How long a browser is known, in seconds: attempts are counted for an hour, and a session has ten minutes.
const MAX_AGE: u32 = 24 * 60 * 60;

/// The secret that a browser shows; `None` where it shows none that could be one.
pub(super) fn secret(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, secret) = pairs.find(|(name, _)| *name == COOKIE)?;
    let is_secret = secret.len() == SECRET_DIGITS && secret.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_secret.then_some(secret)
}

/// The secret of the browser that asks for what follows the page.
///
/// # Errors
/// `no_cookie`: it keeps none, and so nothing can be kept for it.
pub(super) fn own_secret(headers: &HeaderMap) -> Result<&str, Refusal> {
    secret(headers).ok_or_else(|| Refusal::new(StatusCode::FORBIDDEN, "no_cookie"))
}

/// A new secret.
///
/// # Errors
/// The operating system gives no random bytes.
pub(super) fn new_secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; SECRET_DIGITS / 2];
    getrandom::fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// The header that gives a browser its secret, for all pages below `path`.
///
/// Lax: the person comes by a link from another site. In a frame of another site such a cookie is not kept: where other
/// sites may frame the page it is one that belongs to the site around it too. Browsers take that over https only.
pub(super) fn cookie(secret: &str, path: &str, https: bool, framed: bool) -> Option<HeaderValue> {
    let reach = match (https, framed) {
        (true, true) => "SameSite=None; Secure; Partitioned",
        (true, false) => "SameSite=Lax; Secure",
        (false, _) => "SameSite=Lax",
    };
    let text = format!("{COOKIE}={secret}; Path={path}; Max-Age={MAX_AGE}; HttpOnly; {reach}");
    HeaderValue::try_from(text).ok()
}

/// Who shows `secret`, from where.
pub(super) fn browser(secret: &str, address: Option<std::net::IpAddr>) -> Browser<'_> {
    Browser { secret, address }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_among_other_cookies() {
        let known = "0".repeat(64);
        let headers = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::try_from(value).unwrap());
            headers
        };
        assert_eq!(secret(&headers(&format!("a=b; {COOKIE}={known}; c=d"))), Some(known.as_str()));
        for bad in ["", "bonafide_capture=", "bonafide_capture=short", "xbonafide_capture=1"] {
            assert_eq!(secret(&headers(bad)), None);
        }
        assert_eq!(new_secret().unwrap().len(), 64);
        assert_ne!(new_secret().unwrap(), new_secret().unwrap());
    }

    #[test]
    fn a_cookie_reaches_into_frames_where_the_page_may_be_framed() {
        let reach = |https, framed| {
            let cookie = cookie("s", "/verify", https, framed).unwrap();
            let text = cookie.to_str().unwrap().to_owned();
            let start = "bonafide_capture=s; Path=/verify; Max-Age=86400; HttpOnly; ";
            text.strip_prefix(start).unwrap_or_else(|| panic!("{text}")).to_owned()
        };
        assert_eq!(reach(true, true), "SameSite=None; Secure; Partitioned");
        assert_eq!(reach(true, false), "SameSite=Lax; Secure");
        // Without https no browser would keep the other one.
        assert_eq!(reach(false, true), "SameSite=Lax");
        assert_eq!(reach(false, false), "SameSite=Lax");
    }
}
