//! `POST /v1/api-keys`: makes an API key for somebody else, with no more rights than the maker's own.

use std::collections::BTreeMap;

use app::{Caller, KeyRequest, MintError};
use axum::Json;
use axum::extract::State;
use domain::KeyKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::auth::KeyHolder;
use super::error::{FieldErrors, KeyErrors, TruoraError};
use super::form::{FieldError, FormError, VendorForm};
use super::words::{AccountId, Country, Text};
use crate::ServerState;

/// Longest JSON of the data in a key: it travels in a header, of which common servers take 8 KiB.
const MAX_DATA_BYTES: usize = 2048;

/// A key to be made. What is said beyond these fields is ignored, except for `start_variables.metadata.<name>`.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"key_type": "sdk", "account_id": "ana"}))]
pub(crate) struct CreateKey {
    key_type: KeyType,
    /// What the key is called. Required for a backend's.
    #[schema(value_type = Option<String>, max_length = 128)]
    key_name: Option<Text<128>>,
    /// The product it is for; the maker's own where it is missing.
    grant: Option<Grant>,
    /// Read and without effect: keys of this server have one version.
    #[serde(rename = "api_key_version")]
    _api_key_version: Option<u8>,
    /// The only person the key will be for. A key for a page or an app always has one; without a name, a new one.
    #[schema(value_type = Option<String>, pattern = "^[a-zA-Z0-9_.-]+$", max_length = 128)]
    account_id: Option<AccountId>,
    /// ISO 3166-1 alpha-2, or `ALL`. For a page: goes into the key's data.
    #[schema(value_type = Option<String>, pattern = "^([A-Za-z]{2}|ALL)$")]
    country: Option<Country>,
    /// For a page: goes into the key's data.
    #[schema(value_type = Option<String>, max_length = 1024)]
    redirect_url: Option<Text<1024>>,
    /// For a page: goes into the key's data.
    #[schema(value_type = Option<String>, max_length = 128)]
    flow_id: Option<Text<128>>,
    /// For a page: goes into the key's data.
    #[schema(value_type = Option<String>, max_length = 64)]
    phone: Option<Text<64>>,
    /// For a page: go into the key's data.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    emails: Vec<Text<254>>,
    #[serde(flatten)]
    #[schema(ignore)]
    rest: BTreeMap<String, Value>,
}

/// Who will hold a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum KeyType {
    /// The tenant's own servers.
    Backend,
    /// A page in a browser, for one person and two hours.
    Web,
    /// A phone app, for one person and two hours.
    Sdk,
    /// A phone app that may only exchange it for an `sdk` key.
    Generator,
}

/// The product a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Grant {
    /// All of them.
    DigitalIdentity,
    /// This API.
    Validations,
    /// Background checks.
    Checks,
    /// Risk signals.
    Signals,
}

/// A new key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedKey {
    /// The key: shown now and never again.
    api_key: String,
    #[schema(example = "API key created successfully")]
    message: &'static str,
}

impl From<MintError> for TruoraError {
    fn from(error: MintError) -> Self {
        match error {
            MintError::NotPermitted => TruoraError::forbidden(),
            MintError::Service(error) => error.into(),
        }
    }
}

impl KeyType {
    fn kind(self) -> KeyKind {
        match self {
            Self::Backend => KeyKind::Backend,
            Self::Web => KeyKind::Web,
            Self::Sdk => KeyKind::Sdk,
            Self::Generator => KeyKind::Generator,
        }
    }

    /// What a key is called where nobody says: the vendor's app calls its own `sdk_usage`.
    fn default_name(self) -> Option<&'static str> {
        match self {
            Self::Backend => None,
            Self::Web => Some("web_usage"),
            Self::Sdk => Some("sdk_usage"),
            Self::Generator => Some("generator_usage"),
        }
    }
}

impl Grant {
    fn word(self) -> &'static str {
        match self {
            Self::DigitalIdentity => "digital-identity",
            Self::Validations => "validations",
            Self::Checks => "checks",
            Self::Signals => "signals",
        }
    }
}

impl CreateKey {
    fn into_command(self, caller: &Caller) -> Result<KeyRequest, FieldError> {
        let name = self.key_name.clone().map(String::from);
        let name = name.or_else(|| self.key_type.default_name().map(str::to_owned));
        let name = name.ok_or_else(|| FieldError::new("key_name", "is required for a backend key"))?;
        let additional_data =
            if self.key_type == KeyType::Web { Value::Object(self.data()) } else { Value::Null };
        if additional_data.to_string().len() > MAX_DATA_BYTES {
            let problem =
                format!("and the other data of the key are too long: {MAX_DATA_BYTES} bytes at most");
            return Err(FieldError::new("start_variables", problem));
        }
        Ok(KeyRequest {
            kind: self.key_type.kind(),
            name,
            grant: self.grant.map_or_else(|| caller.grant.clone(), |grant| grant.word().to_owned()),
            subject: self.account_id.map(String::from),
            additional_data,
        })
    }

    /// What a page's key says to the page.
    fn data(&self) -> serde_json::Map<String, Value> {
        let text = |text: Option<String>| text.map(Value::String);
        let emails = self.emails.iter().cloned().map(|email| Value::String(email.into())).collect();
        let named = [
            ("account_id", text(self.account_id.clone().map(String::from))),
            ("country", text(self.country.clone().map(String::from))),
            ("redirect_url", text(self.redirect_url.clone().map(String::from))),
            ("flow_id", text(self.flow_id.clone().map(String::from))),
            ("phone", text(self.phone.clone().map(String::from))),
            ("emails", (!self.emails.is_empty()).then_some(Value::Array(emails))),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let is_variable =
            |name: &str| name == "start_variables" || name.starts_with("start_variables.metadata.");
        let variables = self.rest.iter().filter(|(name, _)| is_variable(name));
        named.chain(variables.map(|(name, value)| (name.clone(), value.clone()))).collect()
    }
}

/// Makes an API key.
#[utoipa::path(
    post,
    path = "/v1/api-keys",
    operation_id = "createApiKey",
    tag = "api-keys",
    request_body(content(
        (CreateKey = "application/x-www-form-urlencoded"),
        (CreateKey = "application/json"),
    )),
    responses((status = 200, description = "The key", body = CreatedKey), KeyErrors, FieldErrors),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    KeyHolder(caller): KeyHolder,
    VendorForm(body): VendorForm<CreateKey>,
) -> Result<Json<CreatedKey>, TruoraError> {
    let request = body.into_command(&caller).map_err(FormError::from)?;
    let (_, api_key) = state.service.mint_key(&caller, request).await?;
    Ok(Json(CreatedKey { api_key, message: "API key created successfully" }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::truora::testing::{Bench, CONSENT};

    #[tokio::test]
    async fn a_backend_makes_keys_of_every_kind() {
        let bench = Bench::new().await;
        for form in [
            "key_type=backend&key_name=second&grant=digital-identity",
            "key_type=web&grant=validations&api_key_version=1&country=ALL&account_id=ana-1",
            "key_type=sdk&grant=validations&api_key_version=1&key_name=sdk_usage",
            "key_type=generator",
        ] {
            let made = bench.post("/v1/api-keys", &bench.backend, form).await;
            assert_eq!((made.status, made.message()), (200, "API key created successfully"), "{form}");
            assert!(made.body["api_key"].as_str().unwrap().starts_with("eyJ"));
        }
    }

    #[tokio::test]
    async fn a_generator_is_exchanged_for_an_apps_key_and_does_nothing_else() {
        let bench = Bench::new().await;
        let generator = bench.key("key_type=generator").await;
        let app = bench.post("/v1/api-keys", &generator, "key_type=sdk&grant=validations").await;
        let app = app.body["api_key"].as_str().unwrap().to_owned();
        assert_eq!(bench.post("/v1/enrollments", &app, CONSENT).await.status, 201);
        let wider = bench.post("/v1/api-keys", &generator, "key_type=backend&key_name=x").await;
        assert_eq!((wider.status, wider.message()), (403, "Insufficient permissions"));
        assert_eq!(bench.post("/v1/enrollments", &generator, CONSENT).await.status, 403);
        assert_eq!(bench.get("/v1/validations", &generator).await.status, 403);
    }

    #[tokio::test]
    async fn a_key_for_another_product_opens_nothing_here() {
        let bench = Bench::new().await;
        let key = bench.key("key_type=backend&key_name=checks&grant=checks").await;
        for path in ["/v1/accounts", "/v1/validations", "/v1/config"] {
            assert_eq!(bench.get(path, &key).await.status, 403);
        }
        assert_eq!(bench.post("/v1/api-keys", &key, "key_type=sdk&grant=checks").await.status, 403);
    }

    #[tokio::test]
    async fn a_wrong_field_is_named() {
        let bench = Bench::new().await;
        let long = format!("key_type=web&start_variables.metadata.x={}", "x".repeat(MAX_DATA_BYTES));
        for (form, message) in [
            ("", "key_type is required"),
            ("key_type=root", "key_type must be one of backend, web, sdk, generator"),
            ("key_type=backend", "key_name is required for a backend key"),
            ("key_type=sdk&grant=everything", "grant must be one of digital-identity"),
            ("key_type=web&country=Peru", "country must be a country of two letters"),
            (&long, "start_variables and the other data of the key are too long"),
        ] {
            let refused = bench.post("/v1/api-keys", &bench.backend, form).await;
            assert_eq!(refused.status, 400, "{form}");
            assert!(refused.message().starts_with(message), "{}", refused.message());
        }
    }

    #[test]
    fn a_pages_key_carries_what_the_page_needs() {
        let key: CreateKey = serde_json::from_value(serde_json::json!({
            "key_type": "web", "account_id": "ana-1", "flow_id": "IPF1", "emails": ["a@b.co"],
            "start_variables.metadata.order": "7", "other": "x",
        }))
        .unwrap();
        assert_eq!(
            Value::Object(key.data()),
            serde_json::json!({
                "account_id": "ana-1", "flow_id": "IPF1", "emails": ["a@b.co"], "start_variables.metadata.order": "7",
            })
        );
    }
}
