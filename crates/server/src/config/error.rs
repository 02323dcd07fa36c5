//! What can be wrong with a configuration, each said so that the operator knows what to do.

use std::path::PathBuf;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that cannot be read, a key nobody knows, a value of the wrong kind.
    #[error("the configuration cannot be used: {0}")]
    Source(#[source] Box<figment::Error>),
    /// A file that was named and is not there.
    #[error("there is no configuration file {}", .0.display())]
    NoFile(PathBuf),
    /// A value outside its range.
    #[error("{key} is {value}; it must lie between {low} and {high}")]
    Range {
        /// The setting.
        key: &'static str,
        /// What was set.
        value: String,
        /// The least that is allowed.
        low: String,
        /// The most that is allowed.
        high: String,
    },
    /// A burst of nothing.
    #[error("a plan has a burst and no requests_per_minute: set both, or neither")]
    BurstAlone,
    /// A schedule that is too long.
    #[error("webhooks.retries has more than 20 waits, or one that is longer than seven days")]
    Retries,
    /// Codes in the log of a server that others can reach.
    #[error(
        "delivery.log writes one-time passwords to the log: it is for development, where listen and public_url are \
         loopback addresses"
    )]
    LogOfCodes,
    /// E-mail without TLS.
    #[error(
        "delivery.smtp.tls is none, and delivery.smtp.host no loopback address: codes would travel in the open"
    )]
    PlainSmtp,
    /// Text messages without TLS.
    #[error(
        "delivery.sms.url is http, and no loopback address: codes would travel in the open, so use https"
    )]
    PlainSms,
    /// A secret that is missing, or set twice.
    #[error("{key} is missing or set twice: set it, or {key}_file, and a password only with a user")]
    Secret {
        /// The setting.
        key: &'static str,
    },
    /// A secret that cannot be read.
    #[error("the file {} with a secret cannot be read", path.display())]
    SecretFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No address of a service.
    #[error("delivery.sms.url is not {0}")]
    SmsUrl(#[source] domain::BadWebUrl),
    /// No key of a service.
    #[error("delivery.sms.secret is no key of Standard Webhooks: whsec_ and 24 to 64 bytes in base64")]
    SmsSecret,
    /// An authority that is asked in no way, or in two.
    #[error("an authority under [authorities] needs url with secret or secret_file, or register alone")]
    Authority,
    /// Questions without TLS.
    #[error(
        "a url under [authorities] is http, and no loopback address: questions would travel in the open, so use https"
    )]
    PlainAuthority,
    /// No address of an authority.
    #[error("a url under [authorities] is not {0}")]
    AuthorityUrl(#[source] domain::BadWebUrl),
    /// No key of an authority.
    #[error(
        "a secret under [authorities] is no key of Standard Webhooks: whsec_ and 24 to 64 bytes in base64"
    )]
    AuthoritySecret,
    /// A register that cannot be read. Tells nothing of what stands in it.
    #[error("the register {} cannot be used: {reason}", path.display())]
    Register {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// E-mail cannot be set up.
    #[error("e-mail cannot be set up with what delivery.smtp says")]
    Smtp(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No dialect is enabled.
    #[error(
        "no dialect is enabled, so that the server would have nothing to answer: enable one under [dialects]"
    )]
    Mute,
}
