//! E-mail, through one relay (SMTP).

use std::str::FromStr as _;
use std::time::Duration;

use app::{CodeMessage, SendError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::EmailAddress;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::text;
use crate::config::{ConfigError, Smtp, SmtpTls};

/// How long a step of the conversation may take.
const STEP: Duration = Duration::from_secs(15);

/// Sends e-mail.
pub(super) struct Mail {
    relay: AsyncSmtpTransport<Tokio1Executor>,
    from: EmailAddress,
}

impl Mail {
    pub(super) fn new(settings: &Smtp) -> Result<Self, ConfigError> {
        let tls = || TlsParameters::new_rustls(settings.host.clone()).map_err(unusable);
        let (tls, port) = match settings.tls {
            SmtpTls::Implicit => (Tls::Wrapper(tls()?), 465),
            SmtpTls::Starttls => (Tls::Required(tls()?), 587),
            SmtpTls::None => (Tls::None, 25),
        };
        let (_, domain) = settings.from.as_str().rsplit_once('@').unwrap_or_default();
        let mut relay = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.clone())
            .port(settings.port.unwrap_or(port))
            .tls(tls)
            .hello_name(ClientId::Domain(domain.to_owned()))
            .timeout(Some(STEP));
        if let Some((user, password)) = settings.user.clone().zip(settings.password()?) {
            relay = relay.credentials(Credentials::new(user, password.as_str().to_owned()));
        }
        Ok(Self { relay: relay.build(), from: settings.from.clone() })
    }

    pub(super) async fn send(&self, to: &EmailAddress, message: &CodeMessage) -> Result<(), SendError> {
        let address = |email: &EmailAddress| {
            Address::from_str(email.as_str())
                .map_err(|_| SendError::Never("an address is none for e-mail".to_owned()))
        };
        let envelope = Envelope::new(Some(address(&self.from)?), vec![address(to)?])
            .map_err(|_| SendError::Never("the envelope cannot be written".to_owned()))?;
        let text = self.write(to, message);
        self.relay.send_raw(&envelope, text.as_bytes()).await.map(drop).map_err(|error| reason(&error))
    }

    /// The message (RFC 5322), its text in base64. What stands in the headers is of a form that holds no line break.
    fn write(&self, to: &EmailAddress, message: &CodeMessage) -> String {
        let (_, domain) = self.from.as_str().rsplit_once('@').unwrap_or_default();
        let now = jiff::Timestamp::from_millisecond(message.now.as_millis()).unwrap_or_default();
        let lines = [
            format!("From: <{}>", self.from.as_str()),
            format!("To: <{}>", to.as_str()),
            format!("Subject: =?UTF-8?B?{}?=", BASE64.encode(text::subject(message.language))),
            format!("Date: {}", now.strftime("%a, %d %b %Y %H:%M:%S +0000")),
            format!("Message-ID: <{}@{domain}>", message.id),
            "Auto-Submitted: auto-generated".to_owned(),
            "MIME-Version: 1.0".to_owned(),
            "Content-Type: text/plain; charset=utf-8".to_owned(),
            "Content-Transfer-Encoding: base64".to_owned(),
            String::new(),
        ];
        let encoded = BASE64.encode(text::body(message));
        // At most 76 characters in a line (RFC 2045); base64 has one byte for each.
        let body = encoded.as_bytes().chunks(76).map(String::from_utf8_lossy);
        let lines = lines.into_iter().map(Into::into).chain(body);
        lines.fold(String::new(), |text, line: std::borrow::Cow<'_, str>| text + &line + "\r\n")
    }
}

fn unusable(error: Error) -> ConfigError {
    ConfigError::Smtp(Box::new(error))
}

/// Without the relay's own words, which may name the person.
fn reason(error: &Error) -> SendError {
    if error.is_permanent() {
        let code = error.status().map_or_else(String::new, |code| format!(" with {code}"));
        return SendError::Never(format!("the relay for e-mail refused it{code}"));
    }
    let text = if error.is_timeout() {
        "the relay for e-mail did not answer in time"
    } else if error.is_tls() {
        "TLS with the relay for e-mail failed, most often for its certificate"
    } else if error.is_client() {
        "the relay for e-mail does not offer what is needed: signing in or TLS"
    } else {
        "the relay for e-mail could not be reached or put it off"
    };
    SendError::Later(text.to_owned())
}
