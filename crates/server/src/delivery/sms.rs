//! Text messages, through an HTTP service that takes a signed request for each (Standard Webhooks).

use app::{CodeMessage, HookKeys, SendError};
use domain::{Language, PhoneNumber, Timestamp, WebUrl};
use serde::Serialize;

use super::text;
use crate::config::{ConfigError, Sms as Settings};
use crate::outgoing::Client;

/// Sends text messages.
pub(super) struct Sms {
    client: Client,
    url: WebUrl,
    keys: HookKeys,
}

#[derive(Serialize)]
struct Payload<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    /// As in E.164.
    to: &'a str,
    /// The message, in the person's language.
    text: String,
    /// The code alone, for services with texts of their own.
    code: &'a str,
    language: &'static str,
    purpose: domain::OtpPurpose,
    tenant: &'a str,
    expires_at: String,
}

impl Sms {
    pub(super) fn new(settings: &Settings, client: Client) -> Result<Self, ConfigError> {
        let url = WebUrl::parse(settings.url.as_str()).map_err(ConfigError::SmsUrl)?;
        let secret = settings.secret()?;
        let keys = HookKeys::agreed(secret.as_str()).map_err(|_| ConfigError::SmsSecret)?;
        Ok(Self { client, url, keys })
    }

    pub(super) async fn send(&self, to: &PhoneNumber, message: &CodeMessage) -> Result<(), SendError> {
        let payload = Payload {
            kind: "one_time_password",
            timestamp: rfc3339(message.now),
            data: Data {
                to: to.as_str(),
                text: text::body(message),
                code: &message.code,
                language: match message.language {
                    Language::English => "en",
                    Language::Arabic => "ar",
                },
                purpose: message.purpose,
                tenant: &message.tenant_name,
                expires_at: rfc3339(message.expires_at),
            },
        };
        let unwritable = |_| SendError::Never("the message cannot be written as JSON".to_owned());
        let body = serde_json::to_string(&payload).map_err(unwritable)?;
        // One id however often it is sent; the time is that of this attempt.
        let (id, timestamp) = (message.id.to_string(), message.now.as_secs());
        let signature = self
            .keys
            .standard_signature(&id, timestamp, &body)
            .map_err(|error| SendError::Never(error.to_string()))?;
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("webhook-id", id),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signature),
        ];
        match self.client.post(&self.url, &headers, body).await {
            Err(error) => Err(SendError::Later(error.to_string())),
            Ok(status) if status.is_success() => Ok(()),
            Ok(status) => {
                let text = format!("the service for text messages answered {}", status.as_u16());
                // The others will not be taken however often they come.
                let is_final = status.is_redirection()
                    || (status.is_client_error() && !matches!(status.as_u16(), 408 | 425 | 429));
                Err(if is_final { SendError::Never(text) } else { SendError::Later(text) })
            }
        }
    }
}

fn rfc3339(time: Timestamp) -> String {
    // Beyond the calendar, which no clock here reaches, stands its end.
    let time = jiff::Timestamp::from_millisecond(time.as_millis()).unwrap_or(jiff::Timestamp::MAX);
    format!("{time:.3}")
}
