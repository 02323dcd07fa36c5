//! What the dialect's routes share: ids, times, durations, bodies and files in them.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use domain::{SessionId, Timestamp};
use serde_json::{Map, Value};

use super::error::MosaicError;
use crate::ServerState;

/// Longest text of a member, in characters.
pub(super) const MOST_TEXT: usize = 2048;

/// The session of an address.
pub(super) fn session_id(text: &str) -> Result<SessionId, MosaicError> {
    text.parse().map_err(|_| MosaicError::not_found())
}

/// ISO 8601 with milliseconds and `Z`.
pub(super) fn time(at: Timestamp) -> String {
    // Times of this program lie within the calendar.
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    format!("{at:.3}")
}

/// A duration as the vendor writes it: `90d`, `1h`, `1m30s`, `15s`. `None` for any other text.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        let unit = match rest.as_bytes().get(digits)? {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    (!text.is_empty()).then(|| Duration::from_secs(total))
}

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes of a file in base64; a `data:` URL, as browsers make it, and lines are taken too. `None` for any other text.
pub(super) fn file(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let text = match text.strip_prefix("data:") {
        Some(url) => url.split_once(',').filter(|(head, _)| head.ends_with(";base64"))?.1,
        None => text,
    };
    if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        return BASE64.decode(packed).ok();
    }
    BASE64.decode(text).ok()
}

/// The bytes of a file, as they are shown in JSON and texts.
pub(super) fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// The members of a body that is a JSON object, whatever its declared type; an empty body is an empty object.
pub(super) struct Body(Map<String, Value>);

impl FromRequest<ServerState> for Body {
    type Rejection = MosaicError;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, MosaicError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let status = rejection.status();
            let text = if status == StatusCode::PAYLOAD_TOO_LARGE {
                "The body is too large"
            } else {
                "The body could not be read"
            };
            MosaicError::new(status, text)
        })?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) | Err(_) => Err(MosaicError::bad_request("The body must be a JSON object")),
        }
    }
}

impl Body {
    /// Its members.
    pub(super) fn members(&self) -> Members<'_> {
        Members { members: &self.0, path: String::new() }
    }
}

/// The members of an object within a body, and where it stands.
pub(super) struct Members<'a> {
    members: &'a Map<String, Value>,
    path: String,
}

impl<'a> Members<'a> {
    /// The member, where it is neither missing nor null.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// That something is wrong with a member.
    pub(super) fn wrong(&self, name: &str, must: &str) -> MosaicError {
        MosaicError::bad_request(format!("{}{name} must be {must}", self.path))
    }

    /// A truth value; `None` where it is missing.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, MosaicError> {
        self.get(name)
            .map(|value| value.as_bool().ok_or_else(|| self.wrong(name, "true or false")))
            .transpose()
    }

    /// A text of any length; `None` where it is missing.
    pub(super) fn long_text(&self, name: &str) -> Result<Option<&'a str>, MosaicError> {
        self.get(name).map(|value| value.as_str().ok_or_else(|| self.wrong(name, "a text"))).transpose()
    }

    /// A text of at most `most` characters; `None` where it is missing or empty.
    pub(super) fn text(&self, name: &str, most: usize) -> Result<Option<String>, MosaicError> {
        match self.long_text(name)? {
            Some(text) if text.chars().count() > most => {
                Err(self.wrong(name, &format!("a text of at most {most} characters")))
            }
            text => Ok(text.filter(|text| !text.is_empty()).map(str::to_owned)),
        }
    }

    /// One of the words of `all`; `None` where it is missing.
    pub(super) fn word<T: Copy>(
        &self,
        name: &str,
        all: &[T],
        word: fn(T) -> &'static str,
    ) -> Result<Option<T>, MosaicError> {
        let Some(text) = self.long_text(name)? else { return Ok(None) };
        let found = all.iter().copied().find(|one| word(*one) == text);
        let words = || all.iter().map(|one| word(*one)).collect::<Vec<_>>().join(", ");
        found.map(Some).ok_or_else(|| self.wrong(name, &format!("one of {}", words())))
    }

    /// A number of pixels.
    pub(super) fn pixels(&self, name: &str) -> Result<u32, MosaicError> {
        let number = self.get(name).and_then(Value::as_f64);
        let number = number.filter(|number| (0.0..=100_000.0).contains(number));
        number.map(|number| number.round() as u32).ok_or_else(|| self.wrong(name, "a number of pixels"))
    }

    /// An object; `None` where it is missing.
    pub(super) fn object(&self, name: &str) -> Result<Option<Members<'a>>, MosaicError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let members = value.as_object().ok_or_else(|| self.wrong(name, "an object"))?;
        Ok(Some(Members { members, path: format!("{}{name}.", self.path) }))
    }

    /// A value whose form `T` knows; `None` where it is missing.
    pub(super) fn typed<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Option<T>, MosaicError> {
        let read = |value: &Value| {
            serde_json::from_value(value.clone())
                .map_err(|error| MosaicError::bad_request(format!("{}{name}: {error}", self.path)))
        };
        self.get(name).map(read).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_the_vendor_writes_them() {
        for (text, seconds) in
            [("15s", 15), ("1m30s", 90), ("1h", 3_600), ("90d", 7_776_000), ("2w", 1_209_600), ("0s", 0)]
        {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "s", "15", "15x", "-1s", "1.5h", "1 h", "99999999999999999999d", "9999999999999999d"]
        {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_file_comes_in_base64_or_as_a_data_url() {
        for text in ["AQID", "data:image/jpeg;base64,AQID", " AQ\r\nID\n"] {
            assert_eq!(file(text).as_deref(), Some(&[1, 2, 3][..]), "{text}");
        }
        for text in ["AQIDBA", "AQIDBA=="] {
            assert_eq!(file(text).as_deref(), Some(&[1, 2, 3, 4][..]), "{text}");
        }
        for text in ["AQI!", "data:image/jpeg,AQID", "data:AQID", "A"] {
            assert_eq!(file(text), None, "{text}");
        }
        assert_eq!(file(""), Some(vec![]));
    }
}
