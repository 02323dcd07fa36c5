//! How one-time passwords reach people, and how many are sent.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::http::Uri;
use domain::{EmailAddress, WebUrl};
use jiff::fmt::serde::unsigned_duration::friendly::compact::required as duration;
use serde::{Deserialize, Serialize};

use super::{ConfigError, PublicUrl, lasts, within};

/// How one-time passwords reach people, and how many are sent. What is not set up is not sent: whoever needs a code of
/// that kind is told so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    /// Writes codes to the log instead, for development. Only where the server listens on a loopback address and
    /// `public_url` is one.
    pub log: bool,
    /// The relay for e-mail.
    pub smtp: Option<Smtp>,
    /// Who sends text messages.
    pub sms: Option<Sms>,
    /// How long a code that was sent counts, 1 s to 24 h.
    #[serde(with = "duration")]
    pub window: Duration,
    /// Codes to one number or address within the window, 0 to 1000000; 0 sets no bound.
    pub per_contact: u32,
    /// Codes that are asked for from one network address, 0 to 1000000.
    pub per_address: u32,
    /// Codes of one tenant, 0 to 1000000.
    pub per_tenant: u32,
}

/// A relay for e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Its name, which its certificate must have.
    pub host: String,
    /// Its port. Where nothing is set: 465, 587 or 25, as `tls` is.
    pub port: Option<u16>,
    /// How it speaks TLS.
    #[serde(default)]
    pub tls: SmtpTls,
    /// Whom the server signs in as; with a password.
    pub user: Option<String>,
    /// The password.
    #[serde(skip_serializing)]
    pub password: Option<Secret>,
    /// File with the password, instead.
    pub password_file: Option<PathBuf>,
    /// Who the messages are from.
    pub from: EmailAddress,
}

/// How a relay speaks TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpTls {
    /// From the first byte (RFC 8314).
    #[default]
    Implicit,
    /// After `STARTTLS`, without which nothing is sent.
    Starttls,
    /// Not at all: only to a loopback address.
    None,
}

/// Who sends text messages: an HTTP service that takes a signed request for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// Where it takes them: `https`, or `http` at a loopback address.
    #[serde(skip_serializing)]
    pub url: Secret,
    /// The key that requests are signed with, as of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64.
    #[serde(skip_serializing)]
    pub secret: Option<Secret>,
    /// File with the key, instead.
    pub secret_file: Option<PathBuf>,
}

/// A text that does not print.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What codes can be sent by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Channels {
    /// Text messages.
    pub sms: bool,
    /// E-mail.
    pub email: bool,
}

impl Default for Delivery {
    fn default() -> Self {
        let app::CodeLimits { window, per_contact, per_address, per_tenant } = app::CodeLimits::default();
        Self { log: false, smtp: None, sms: None, window, per_contact, per_address, per_tenant }
    }
}

impl Delivery {
    /// What codes can be sent by.
    pub fn channels(&self) -> Channels {
        Channels { sms: self.log || self.sms.is_some(), email: self.log || self.smtp.is_some() }
    }

    pub(super) fn limits(&self) -> app::CodeLimits {
        app::CodeLimits {
            window: self.window,
            per_contact: self.per_contact,
            per_address: self.per_address,
            per_tenant: self.per_tenant,
        }
    }

    pub(super) fn check(&self, listen: IpAddr, public_url: Option<&PublicUrl>) -> Result<(), ConfigError> {
        lasts("delivery.window", self.window, (1, Duration::from_hours(24)))?;
        for (key, value) in [
            ("delivery.per_contact", self.per_contact),
            ("delivery.per_address", self.per_address),
            ("delivery.per_tenant", self.per_tenant),
        ] {
            within(key, value as usize, 0, 1_000_000)?;
        }
        let is_public = public_url.is_some_and(|url| !is_loopback(&url.host()));
        if self.log && (!listen.is_loopback() || is_public) {
            return Err(ConfigError::LogOfCodes);
        }
        if let Some(smtp) = &self.smtp {
            if smtp.tls == SmtpTls::None && !is_loopback(&smtp.host) {
                return Err(ConfigError::PlainSmtp);
            }
            let has_password = smtp.password.is_some() || smtp.password_file.is_some();
            if smtp.user.is_some() != has_password {
                return Err(ConfigError::Secret { key: "delivery.smtp.password" });
            }
            one_of(smtp.password.as_ref(), smtp.password_file.as_ref(), "delivery.smtp.password")?;
        }
        if let Some(sms) = &self.sms {
            let url = WebUrl::parse(sms.url.as_str()).map_err(ConfigError::SmsUrl)?;
            let host = sms.url.as_str().parse::<Uri>().ok().and_then(|uri| uri.host().map(is_loopback));
            if url.as_str().starts_with("http:") && host != Some(true) {
                return Err(ConfigError::PlainSms);
            }
            if sms.secret.is_none() && sms.secret_file.is_none() {
                return Err(ConfigError::Secret { key: "delivery.sms.secret" });
            }
            one_of(sms.secret.as_ref(), sms.secret_file.as_ref(), "delivery.sms.secret")?;
        }
        Ok(())
    }
}

impl Smtp {
    /// The password, where there is one.
    ///
    /// # Errors
    /// [`ConfigError::SecretFile`].
    pub fn password(&self) -> Result<Option<Secret>, ConfigError> {
        read(self.password.as_ref(), self.password_file.as_deref())
    }
}

impl Sms {
    /// The key that requests are signed with.
    ///
    /// # Errors
    /// [`ConfigError::SecretFile`].
    pub fn secret(&self) -> Result<Secret, ConfigError> {
        let key = "delivery.sms.secret";
        read(self.secret.as_ref(), self.secret_file.as_deref())?.ok_or(ConfigError::Secret { key })
    }
}

pub(super) fn one_of(
    value: Option<&Secret>,
    file: Option<&PathBuf>,
    key: &'static str,
) -> Result<(), ConfigError> {
    if value.is_some() && file.is_some() { Err(ConfigError::Secret { key }) } else { Ok(()) }
}

pub(super) fn read(value: Option<&Secret>, file: Option<&Path>) -> Result<Option<Secret>, ConfigError> {
    let Some(path) = file else { return Ok(value.cloned()) };
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::SecretFile { path: path.to_owned(), source })?;
    Ok(Some(Secret(text.trim_end_matches(['\r', '\n']).to_owned())))
}

pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}
