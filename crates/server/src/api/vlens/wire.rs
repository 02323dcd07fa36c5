//! What the dialect's routes share: languages, ids, and bodies.

use std::str::FromStr;

use app::{NewPassword, ShownCode};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use domain::{Contact, EmailAddress, Language, OtpId, PhoneNumber};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::error::{VlensError, WEAK_PASSWORD};
use crate::ServerState;

/// The header of the vendor's apps, which write it with an underscore.
pub(super) const APPS_LANGUAGE: HeaderName = HeaderName::from_static("accept_language");

/// The language that a request asks for: the first that there is, by the vendor's header or the ordinary one, else English.
pub(super) fn language(request: &HeaderMap) -> Language {
    let lines = [APPS_LANGUAGE, header::ACCEPT_LANGUAGE].map(|name| request.get(name));
    let wishes =
        lines.iter().flatten().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    let known = wishes.filter_map(|wish| {
        let tag = wish.split(';').next().unwrap_or_default().trim();
        match tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "ar" => Some(Language::Arabic),
            "en" => Some(Language::English),
            _ => None,
        }
    });
    known.into_iter().next().unwrap_or_default()
}

/// The id as a UUID in lower case.
pub(super) fn uuid(id: OtpId) -> String {
    Uuid::from_bytes(*id.as_bytes()).to_string()
}

/// The members of a body that is a JSON object, in one of the types that the vendor takes.
pub(super) struct Body(Map<String, Value>);

impl FromRequest<ServerState> for Body {
    type Rejection = VlensError;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, VlensError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(is_json) {
            return Err(VlensError::transport(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let status = rejection.status();
            let is_large = status == StatusCode::PAYLOAD_TOO_LARGE;
            VlensError::transport(if is_large { status } else { StatusCode::BAD_REQUEST })
        })?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) | Err(_) => Err(VlensError::bad_request()),
        }
    }
}

/// `application/json`, `application/json-patch+json`, `text/json` or `application/*+json`, with any parameters.
fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let suffixed = kind.strip_prefix("application/").and_then(|rest| rest.strip_suffix("+json"));
    matches!(kind.as_str(), "application/json" | "text/json") || suffixed.is_some_and(|name| !name.is_empty())
}

impl Body {
    /// A text of at most `most` characters; `None` where it is missing, null or empty.
    pub(super) fn text(&self, name: &str, most: usize) -> Result<Option<&str>, VlensError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.chars().count() <= most => {
                Ok(Some(text.as_str()).filter(|text| !text.is_empty()))
            }
            Some(_) => Err(VlensError::bad_request()),
        }
    }

    /// Takes a text of any length out; `None` where it is missing, null or empty.
    pub(super) fn take_text(&mut self, name: &str) -> Result<Option<String>, VlensError> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(_) => Err(VlensError::bad_request()),
        }
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &str, most: usize) -> Result<&str, VlensError> {
        self.text(name, most)?.ok_or_else(VlensError::bad_request)
    }

    /// A truth value; `false` where it is missing or null.
    pub(super) fn flag(&self, name: &str) -> Result<bool, VlensError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(VlensError::bad_request()),
        }
    }

    /// A value that is written as text; `None` where it is missing, null or empty.
    pub(super) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, VlensError> {
        let text = self.text(name, MOST_TEXT)?;
        text.map(|text| text.parse().map_err(|_| VlensError::bad_request())).transpose()
    }

    /// The member `phoneNumber`, which must be there.
    pub(super) fn phone(&self) -> Result<PhoneNumber, VlensError> {
        self.parsed("phoneNumber")?.ok_or_else(VlensError::bad_request)
    }

    /// The member `email`.
    pub(super) fn email(&self) -> Result<Option<EmailAddress>, VlensError> {
        self.parsed("email")
    }

    /// The member `emailOrPhoneNumber`, which must be there.
    pub(super) fn contact(&self) -> Result<Contact, VlensError> {
        let text = self.required("emailOrPhoneNumber", MOST_TEXT)?;
        let phone = || text.parse().map(Contact::Phone).ok();
        let email = || text.parse().map(Contact::Email).ok();
        phone().or_else(email).ok_or_else(VlensError::bad_request)
    }

    /// A new password, in the member `name`.
    pub(super) fn new_password(&self, name: &str) -> Result<Option<NewPassword>, VlensError> {
        // Longer than any password that is taken, so that it is this that is said of it.
        let text = self.text(name, 4 * app::LONGEST_PASSWORD)?;
        text.map(|text| NewPassword::parse(text).ok_or_else(|| VlensError::business(WEAK_PASSWORD)))
            .transpose()
    }

    /// A code with the request that it was sent for, in the members `code` and `request`. `None` without a code.
    pub(super) fn code(&self, code: &str, request: &str) -> Result<Option<ShownCode>, VlensError> {
        let digits = self.text(code, MOST_CODE)?;
        let id = self.text(request, MOST_TEXT)?;
        match (digits, id) {
            // Also with a request: a form that is sent before the person has typed anything asks for a code.
            (None, _) => Ok(None),
            (Some(_), None) => Err(VlensError::bad_request()),
            (Some(digits), Some(id)) => {
                let id = Uuid::try_parse(id).map_err(|_| VlensError::bad_request())?;
                Ok(Some(ShownCode { request: OtpId::from_bytes(id.into_bytes()), code: digits.to_owned() }))
            }
        }
    }

    /// Whether a member is there and not null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }
}

/// Most characters of an ordinary text.
pub(super) const MOST_TEXT: usize = 256;

/// Most characters of a code: more than any has.
const MOST_CODE: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_json_by_any_of_the_vendors_names() {
        for good in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/json-patch+json",
            "text/json",
            "application/problem+json",
        ] {
            assert!(is_json(good), "{good}");
        }
        for bad in
            ["", "text/plain", "application/x-www-form-urlencoded", "application/+json", "json", "a/b+json"]
        {
            assert!(!is_json(bad), "{bad}");
        }
    }

    #[test]
    fn the_language_is_the_first_known_one_and_the_apps_header_comes_first() {
        for (apps, ordinary, expected) in [
            (None, None, Language::English),
            (Some("ar"), None, Language::Arabic),
            (Some("ar"), Some("en"), Language::Arabic),
            (Some("en"), Some("ar"), Language::English),
            (None, Some("fr-FR, ar-EG;q=0.8, en;q=0.5"), Language::Arabic),
            (Some("de"), Some("ar"), Language::Arabic),
            (Some("ar_EG"), None, Language::Arabic),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [(APPS_LANGUAGE, apps), (header::ACCEPT_LANGUAGE, ordinary)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(language(&headers), expected, "{apps:?} {ordinary:?}");
        }
    }
}
