//! The configuration: defaults, then a TOML file, then `BONAFIDE_*` variables, then flags. An unknown key is an error.

mod values;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use ipnet::IpNet;
use jiff::fmt::serde::unsigned_duration::friendly::compact::required as duration;
use serde::{Deserialize, Serialize};

pub use values::{BadValue, MetricsListen, PathPrefix, PublicUrl};

/// Variables that begin like settings and are none: they are options of every command.
const OTHER_VARIABLES: [&str; 2] = ["assets_dir", "config"];

/// Everything that can be set. In a variable's name two underscores step into a section:
/// `BONAFIDE_LIMITS__QUEUE=32`. Durations are written like `30s` or `2m`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folder of everything that is kept. Made if missing, readable by its owner only.
    pub data: PathBuf,
    /// Address and port to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Address and port of `/metrics`, or `off`. Where nothing is set: 127.0.0.1:9464, or none if that is taken.
    pub metrics_listen: MetricsListen,
    /// Where callers find this server: `http` or `https`, without a query and a slash at the end. The links that are
    /// handed out begin with it; a path in it is one that a proxy takes away again. Where nothing is set: the address
    /// it listens on.
    pub public_url: Option<PublicUrl>,
    /// Networks of proxies whose `X-Forwarded-*` headers are believed. None where nothing is set.
    pub trusted_proxies: Vec<IpNet>,
    /// Certificate and key, to speak TLS without a proxy.
    pub tls: Option<Tls>,
    /// Time-outs and limits.
    pub limits: Limits,
    /// The APIs that are spoken.
    pub dialects: Dialects,
}

/// Files of the server's own TLS. Read again on SIGHUP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain, PEM, the server's own first.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

/// Time-outs and limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Photos judged side by side, 1 to 1024. Where nothing is set: one for each core.
    pub inference_threads: NonZeroUsize,
    /// Uploads admitted and not yet judged, 1 to 65536. Where nothing is set: 16 for each inference thread.
    pub queue: Option<NonZeroUsize>,
    /// How long a request without a photo may take, body and answer, 1 s to 10 min.
    #[serde(with = "duration")]
    pub request_timeout: Duration,
    /// How long the head of a request may take, and how long an open connection may be idle, 1 s to 10 min.
    #[serde(with = "duration")]
    pub header_timeout: Duration,
    /// How long a request with a photo may take, body and answer, 1 s to 10 min.
    #[serde(with = "duration")]
    pub body_timeout: Duration,
    /// Longest body of a request without a photo, 1 KiB to 1 MiB, in bytes.
    pub max_form_bytes: usize,
    /// Open connections, 1 to 65536. More wait until one closes.
    pub max_connections: usize,
    /// How long running requests and jobs may take after a stop was asked for, up to 10 min.
    #[serde(with = "duration")]
    pub shutdown_grace: Duration,
}

/// The APIs that are spoken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dialects {
    /// Truora's validators.
    pub truora: Place,
}

/// Where a dialect answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Place {
    /// Whether it answers at all.
    pub enabled: bool,
    /// Host names at whose root it answers, without a port.
    pub hosts: Vec<String>,
    /// Path below which it answers on every other host, as `/truora`. Empty: at the root, or, where there are
    /// `hosts`, on these only.
    pub prefix: PathPrefix,
}

/// What the command line sets. `None` leaves it to the other sources.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Flags {
    /// See [`Config::data`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// See [`Config::listen`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// See [`Config::metrics_listen`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_listen: Option<MetricsListen>,
    /// See [`Config::public_url`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<PublicUrl>,
}

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
    /// No dialect is enabled.
    #[error(
        "no dialect is enabled, so that the server would have nothing to answer: enable one under [dialects]"
    )]
    Mute,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("bonafide-data"),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            metrics_listen: MetricsListen::IfFree,
            public_url: None,
            trusted_proxies: Vec::new(),
            tls: None,
            limits: Limits::default(),
            dialects: Dialects::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inference_threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            queue: None,
            request_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_mins(1),
            max_form_bytes: 64 * 1024,
            max_connections: 1024,
            // Below the 30 s after which container runtimes kill.
            shutdown_grace: Duration::from_secs(25),
        }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self { enabled: true, hosts: Vec::new(), prefix: PathPrefix::default() }
    }
}

impl Config {
    /// Reads all sources.
    ///
    /// # Errors
    /// [`ConfigError`] in one sentence that names the setting.
    pub fn load(file: Option<&Path>, flags: &Flags) -> Result<Self, ConfigError> {
        let mut sources = Figment::from(Serialized::defaults(Config::default()));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError::NoFile(file.to_owned()));
            }
            sources = sources.merge(Toml::file_exact(file));
        }
        let config: Config = sources
            .merge(Env::prefixed("BONAFIDE_").ignore(&OTHER_VARIABLES).split("__"))
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(|error| ConfigError::Source(Box::new(error)))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let limits = &self.limits;
        within("limits.inference_threads", limits.inference_threads.get(), 1, 1024)?;
        within("limits.queue", limits.queue().get(), 1, 65_536)?;
        within("limits.max_form_bytes", limits.max_form_bytes, 1024, 1024 * 1024)?;
        within("limits.max_connections", limits.max_connections, 1, 65_536)?;
        lasts("limits.request_timeout", limits.request_timeout, 1)?;
        lasts("limits.header_timeout", limits.header_timeout, 1)?;
        lasts("limits.body_timeout", limits.body_timeout, 1)?;
        lasts("limits.shutdown_grace", limits.shutdown_grace, 0)?;
        if self.dialects.truora.enabled { Ok(()) } else { Err(ConfigError::Mute) }
    }
}

impl Limits {
    /// Uploads admitted and not yet judged.
    pub fn queue(&self) -> NonZeroUsize {
        /// Enough to keep every thread busy through a burst, few enough that the last in line is judged before its
        /// caller gives up: 16 photos take one thread a few seconds.
        const PER_THREAD: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);
        self.queue.unwrap_or_else(|| self.inference_threads.saturating_mul(PER_THREAD))
    }
}

fn within(key: &'static str, value: usize, low: usize, high: usize) -> Result<(), ConfigError> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::Range { key, value: value.to_string(), low: low.to_string(), high: high.to_string() })
}

fn lasts(key: &'static str, value: Duration, low_seconds: u64) -> Result<(), ConfigError> {
    const HIGH: Duration = Duration::from_mins(10);
    if (Duration::from_secs(low_seconds)..=HIGH).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::Range {
        key,
        value: format!("{value:?}"),
        low: format!("{low_seconds}s"),
        high: "10m".to_owned(),
    })
}

#[cfg(test)]
mod tests;
