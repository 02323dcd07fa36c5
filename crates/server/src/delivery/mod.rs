//! How one-time passwords reach people: by e-mail, by somebody who sends text messages, or, for development, by the log.

mod mail;
mod sms;
mod text;

use app::{CodeMessage, Messenger, SendError};
use domain::Contact;

use crate::config::{ConfigError, Delivery as Settings};
use crate::outgoing::Client;
use mail::Mail;
use sms::Sms;

/// Takes codes to people.
pub(crate) struct Delivery {
    mail: Option<Mail>,
    sms: Option<Sms>,
    log: bool,
}

impl Delivery {
    /// # Errors
    /// [`ConfigError`] for a secret that cannot be read or used.
    pub(crate) fn new(settings: &Settings, client: Client) -> Result<Self, ConfigError> {
        if settings.log {
            tracing::warn!("one-time passwords are written to the log: for development only");
        }
        Ok(Self {
            mail: settings.smtp.as_ref().map(Mail::new).transpose()?,
            sms: settings.sms.as_ref().map(|sms| Sms::new(sms, client)).transpose()?,
            log: settings.log,
        })
    }

    async fn carry(&self, message: &CodeMessage) -> Result<(), SendError> {
        match (&message.to, &self.mail, &self.sms) {
            (Contact::Email(email), Some(mail), _) => mail.send(email, message).await,
            (Contact::Phone(phone), _, Some(sms)) => sms.send(phone, message).await,
            _ if self.log => {
                // The code and nothing of the person.
                tracing::warn!(request = %message.id, to = ?message.to, code = message.code, "a one-time password");
                Ok(())
            }
            _ => Err(SendError::Never("nothing is set up that could send it".to_owned())),
        }
    }
}

impl Messenger for Delivery {
    async fn send(&self, message: &CodeMessage) -> Result<(), SendError> {
        let sent = self.carry(message).await;
        let channel = match message.to {
            Contact::Phone(_) => "sms",
            Contact::Email(_) => "email",
        };
        let outcome = if sent.is_ok() { "sent" } else { "failed" };
        metrics::counter!("bonafide_codes_total", "channel" => channel, "outcome" => outcome).increment(1);
        sent
    }
}

#[cfg(test)]
mod tests;
