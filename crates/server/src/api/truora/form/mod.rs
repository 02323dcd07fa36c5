//! Bodies and queries as the vendor takes them: forms with repeated keys, and JSON.
//!
//! Both become one list of fields, from which serde reads the request type of an endpoint. Whatever is wrong is told
//! with the name of the field and what it may be; a value is never repeated, since it may be a person's.

mod fields;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use serde::de::DeserializeOwned;

use super::error::TruoraError;
pub(crate) use fields::FieldError;
use fields::Fields;

/// The fields of a body. Those of a DELETE may stand in the query instead: some proxies drop its body.
pub(crate) struct VendorForm<T>(pub(crate) T);

/// The fields of a query.
pub(crate) struct VendorQuery<T>(pub(crate) T);

/// Why there are no fields.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FormError {
    #[error("send the fields as application/x-www-form-urlencoded or application/json")]
    UnsupportedType,
    #[error("the body is too large: send only the fields of this route")]
    TooLarge,
    #[error("the body could not be read to its end: send it again")]
    CutOff,
    #[error(
        "the fields are no form: send key=value pairs, percent-encoded, in UTF-8, those of this route only"
    )]
    NotAForm,
    #[error("the body is no JSON object: send one with a field for each value")]
    NotAnObject,
    #[error(transparent)]
    Field(#[from] FieldError),
}

impl From<FormError> for TruoraError {
    fn from(error: FormError) -> Self {
        let status = match error {
            FormError::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            FormError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            FormError::CutOff | FormError::NotAForm | FormError::NotAnObject | FormError::Field(_) => {
                StatusCode::BAD_REQUEST
            }
        };
        TruoraError::new(status, error.to_string())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Form,
    Json,
    Other,
    Unsaid,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(header::CONTENT_TYPE) else { return Self::Unsaid };
        let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => Self::Form,
            "application/json" => Self::Json,
            _ => Self::Other,
        }
    }

    fn read(self, body: &[u8]) -> Result<Fields, FormError> {
        match self {
            Self::Form => Fields::from_form(body).ok_or(FormError::NotAForm),
            // A request without a body often keeps the content type of its client's default.
            _ if body.is_empty() => Ok(Fields::default()),
            Self::Json => Fields::from_json(body).ok_or(FormError::NotAnObject),
            Self::Other | Self::Unsaid => Err(FormError::UnsupportedType),
        }
    }
}

impl From<BytesRejection> for FormError {
    fn from(rejection: BytesRejection) -> Self {
        match rejection {
            BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => Self::TooLarge,
            _ => Self::CutOff,
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for VendorForm<T> {
    type Rejection = TruoraError;

    async fn from_request(request: Request, state: &S) -> Result<Self, TruoraError> {
        let encoding = Encoding::of(request.headers());
        let query = match request.uri().query() {
            Some(query) if request.method() == Method::DELETE => {
                Fields::from_form(query.as_bytes()).ok_or(FormError::NotAForm)?
            }
            _ => Fields::default(),
        };
        let body = Bytes::from_request(request, state).await.map_err(FormError::from)?;
        let fields = query.and(encoding.read(&body)?);
        Ok(Self(fields.parse().map_err(FormError::from)?))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for VendorQuery<T> {
    type Rejection = TruoraError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, TruoraError> {
        let query = parts.uri.query().unwrap_or_default();
        let fields = Fields::from_form(query.as_bytes()).ok_or(FormError::NotAForm)?;
        Ok(Self(fields.parse().map_err(FormError::from)?))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Pet {
        name: String,
        #[serde(default)]
        toys: Vec<String>,
    }

    async fn read(method: &str, uri: &str, content_type: Option<&str>, body: &str) -> Result<Pet, u16> {
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let form = VendorForm::<Pet>::from_request(request, &()).await;
        form.map(|VendorForm(pet)| pet).map_err(|error| error.status().as_u16())
    }

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

    #[tokio::test]
    async fn forms_and_json_say_the_same() {
        let pet = Pet { name: "Rex & Co".to_owned(), toys: vec!["ball".to_owned(), "bone".to_owned()] };
        assert_eq!(read("POST", "/", FORM, "name=Rex+%26+Co&toys=ball&toys=bone").await, Ok(pet));
        let json = r#"{"name": "Rex & Co", "toys": ["ball", "bone"]}"#;
        let pet = read("POST", "/", Some("Application/JSON; charset=utf-8"), json).await.unwrap();
        assert_eq!(pet.toys, ["ball", "bone"]);
    }

    #[tokio::test]
    async fn what_is_neither_is_refused() {
        assert_eq!(read("POST", "/", Some("text/plain"), "name=Rex").await, Err(415));
        assert_eq!(read("POST", "/", Some("multipart/form-data; boundary=x"), "--x").await, Err(415));
        assert_eq!(read("POST", "/", None, "name=Rex").await, Err(415));
        assert_eq!(read("POST", "/", Some("application/json"), "[1]").await, Err(400));
        assert_eq!(read("POST", "/", Some("application/json"), "{").await, Err(400));
        assert_eq!(read("POST", "/", FORM, "name=%ff").await, Err(400));
        assert_eq!(read("POST", "/", None, "").await, Err(400), "the name is missing");
    }

    #[tokio::test]
    async fn a_body_beyond_the_limit_is_refused() {
        let long = format!("name={}", "x".repeat(3 * 1024 * 1024));
        assert_eq!(read("POST", "/", FORM, &long).await, Err(413));
    }

    #[tokio::test]
    async fn only_a_delete_may_say_it_in_the_query() {
        assert_eq!(read("DELETE", "/?name=Rex", None, "").await.unwrap().name, "Rex");
        assert_eq!(read("DELETE", "/?name=Rex", FORM, "toys=ball").await.unwrap().toys, ["ball"]);
        assert_eq!(read("POST", "/?name=Rex", FORM, "").await, Err(400));
    }
}
