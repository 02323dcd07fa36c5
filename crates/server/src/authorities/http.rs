//! An authority, or whoever passes questions on to it, over HTTP: a signed request for each question (Standard Webhooks).

use app::{AskError, AuthorityQuestion, HookKeys};
use domain::WebUrl;
use domain::egypt::{AuthoritySays, Objection};
use serde::{Deserialize, Serialize};

use crate::config::{AuthorityConnector, ConfigError};
use crate::outgoing::Client;

/// Longest word of an authority for a reason.
const MOST_KEY: usize = 64;

/// Longest sentence of an authority for a reason, in characters.
const MOST_MESSAGE: usize = 256;

/// Asks over HTTP.
pub(super) struct Http {
    client: Client,
    url: WebUrl,
    keys: HookKeys,
}

#[derive(Serialize)]
struct Question<'a> {
    authority: &'static str,
    tenant: &'a str,
    /// Western digits.
    id_number: String,
    /// As in RFC 3339.
    birth_date: String,
    /// As it stands on the card; null where it could not be read.
    name: Option<&'a str>,
    /// As in E.164; null for somebody who is not signed in.
    phone_number: Option<&'a str>,
}

#[derive(Deserialize)]
struct Answer {
    is_valid: bool,
    #[serde(default)]
    error_code: Option<u16>,
    #[serde(default)]
    error_key: Option<String>,
    #[serde(default)]
    error_message: Option<String>,
}

impl Http {
    pub(super) fn new(settings: &AuthorityConnector, client: Client) -> Result<Self, ConfigError> {
        let url = settings.url.as_ref().ok_or(ConfigError::Authority)?;
        let url = WebUrl::parse(url.as_str()).map_err(ConfigError::AuthorityUrl)?;
        let keys = HookKeys::agreed(settings.secret()?.as_str()).map_err(|_| ConfigError::AuthoritySecret)?;
        Ok(Self { client, url, keys })
    }

    pub(super) async fn ask(&self, question: &AuthorityQuestion) -> Result<AuthoritySays, AskError> {
        let citizen = &question.citizen;
        let body = serde_json::to_string(&Question {
            authority: question.authority.word(),
            tenant: &question.tenant,
            id_number: citizen.number.to_string(),
            birth_date: citizen.number.born().to_string(),
            name: citizen.name.as_deref(),
            phone_number: citizen.phone.as_ref().map(domain::PhoneNumber::as_str),
        });
        let body = body.map_err(|_| AskError("the question cannot be written as JSON".to_owned()))?;
        // One id however often it is asked; the time is that of this attempt.
        let (id, timestamp) = (question.id.clone(), question.now.as_secs());
        let signature = self.keys.standard_signature(&id, timestamp, &body);
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json".to_owned()),
            ("webhook-id", id),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signature.map_err(|error| AskError(error.to_string()))?),
        ];
        let answered = self.client.post_and_read(&self.url, &headers, body).await;
        let (status, body) = answered.map_err(|error| AskError(error.to_string()))?;
        if !status.is_success() {
            return Err(AskError(format!("it answered {}", status.as_u16())));
        }
        // The reason is not told: it may quote what the answer says of the person.
        let answer: Answer = serde_json::from_slice(&body)
            .map_err(|_| AskError("its answer is no JSON with a member is_valid".to_owned()))?;
        Ok(answer.says())
    }
}

impl Answer {
    fn says(self) -> AuthoritySays {
        if self.is_valid {
            return AuthoritySays::Valid;
        }
        let short = |text: String, most: usize| text.chars().take(most).collect();
        AuthoritySays::Invalid(Objection::Own {
            code: self.error_code,
            key: self.error_key.map(|key| short(key, MOST_KEY)),
            message: self.error_message.map(|message| short(message, MOST_MESSAGE)),
        })
    }
}
