//! The configuration: defaults, then a TOML file, then `BONAFIDE_*` variables, then flags. An unknown key is an error.

mod authorities;
mod delivery;
mod error;
mod values;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use domain::Retries;
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use ipnet::IpNet;
use jiff::fmt::serde::unsigned_duration::friendly::compact::required as duration;
use serde::{Deserialize, Serialize};

pub use authorities::{Authorities, AuthorityConnector};
pub use delivery::{Channels, Delivery, Secret, Sms, Smtp, SmtpTls};
pub use error::ConfigError;
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
    /// What tenants may use, by the name of their plan. A plan that is not named has no bounds.
    pub plans: BTreeMap<String, Plan>,
    /// How often somebody may be refused.
    pub throttle: Throttle,
    /// What the server may call.
    pub outgoing: Outgoing,
    /// How hooks are told of events.
    pub webhooks: Webhooks,
    /// The APIs that are spoken.
    pub dialects: Dialects,
    /// How much of `TrueLens`' API a key may use.
    pub truelens: TrueLens,
    /// How much of Vlens' API a tenant may use.
    pub vlens: Vlens,
    /// How one-time passwords reach people.
    pub delivery: Delivery,
    /// Which authorities are asked about the people of a tenant, by its name.
    pub authorities: BTreeMap<String, Authorities>,
}

/// How much of Vlens' API a tenant may use, all its keys together. Each 1 to 1000000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Vlens {
    /// Requests in a second.
    pub requests_per_second: NonZeroU32,
    /// Requests in a minute.
    pub requests_per_minute: NonZeroU32,
    /// Questions in a minute whether somebody is known.
    pub existence_requests_per_minute: NonZeroU32,
    /// Requests in a second below `/v1/ocr/`, which are counted by themselves.
    pub ocr_requests_per_second: NonZeroU32,
    /// Requests in a minute below `/v1/ocr/`.
    pub ocr_requests_per_minute: NonZeroU32,
    /// Requests in a minute without a valid key, from one address.
    pub requests_without_key_per_minute: NonZeroU32,
}

/// How much of `TrueLens`' API a key may use, and a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrueLens {
    /// Requests of a key in a minute, in the long run, 1 to 1000000.
    pub requests_per_minute: NonZeroU32,
    /// Requests of a key at once after a rest, 1 to 1000000.
    pub burst: NonZeroU32,
    /// Requests of a key for the status in a minute, 1 to 1000000: people who wait are polled for.
    pub status_requests_per_minute: NonZeroU32,
    /// Sessions of a tenant that may be open at the same time, 1 to 1000000.
    pub open_sessions: NonZeroU32,
}

/// What a tenant may use. What is not set has no bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// Requests that one API key may make in a minute, in the long run, 1 to 1000000.
    pub requests_per_minute: Option<NonZeroU32>,
    /// Requests that a key may make at once after a rest, 1 to 1000000. Where nothing is set: those of a minute.
    pub burst: Option<NonZeroU32>,
    /// Verifications of the tenant in a calendar month (UTC), retries included, up to 10^12.
    pub verifications_per_month: Option<u64>,
}

/// How many attempts may be declined before no more are opened. Zero sets no bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Throttle {
    /// How long a declined attempt counts, 1 s to 24 h.
    #[serde(with = "duration")]
    pub window: Duration,
    /// Of one account, 0 to 1000000.
    pub declined_per_account: u32,
    /// Of one device, known by its key, 0 to 1000000.
    pub declined_per_device: u32,
    /// From one network address of devices, 0 to 1000000.
    pub declined_per_address: u32,
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

/// What the server may call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outgoing {
    /// Networks that may be called though they are not public. None where nothing is set.
    pub allow: Vec<IpNet>,
    /// How long a call may take, from looking up the name to the answer, 1 s to 1 min.
    #[serde(with = "duration")]
    pub timeout: Duration,
}

/// How hooks are told of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Webhooks {
    /// How long is waited after each failed attempt before the next, each up to seven days; at most 20 of them. After
    /// the last one the delivery is dead.
    pub retries: Vec<Wait>,
}

/// One wait of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wait(#[serde(with = "duration")] pub Duration);

/// The APIs that are spoken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dialects {
    /// Truora's validators.
    pub truora: Place,
    /// `TrueLens`' liveness check.
    pub truelens: Place,
    /// Mosaic's document verification.
    pub mosaic: Place,
    /// Vlens' digital identities.
    pub vlens: Place,
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
    /// Names under which event types are told to hooks, by this server's own names for them. What is not named here
    /// keeps its own.
    pub event_types: BTreeMap<String, String>,
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
            plans: vendor_plans(),
            throttle: Throttle::default(),
            outgoing: Outgoing::default(),
            webhooks: Webhooks::default(),
            dialects: Dialects::default(),
            truelens: TrueLens::default(),
            vlens: Vlens::default(),
            delivery: Delivery::default(),
            authorities: BTreeMap::new(),
        }
    }
}

/// The plans that `TrueLens` sells. More can be added, and these changed.
fn vendor_plans() -> BTreeMap<String, Plan> {
    let plan = |name: &str, sessions| {
        (name.to_owned(), Plan { verifications_per_month: Some(sessions), ..Plan::default() })
    };
    BTreeMap::from([plan("starter", 500), plan("pro", 5_000)])
}

impl Default for TrueLens {
    fn default() -> Self {
        let number = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
        Self {
            requests_per_minute: number(60),
            burst: number(15),
            status_requests_per_minute: number(600),
            open_sessions: number(100),
        }
    }
}

impl Default for Vlens {
    fn default() -> Self {
        let number = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
        Self {
            requests_per_second: number(10),
            requests_per_minute: number(60),
            existence_requests_per_minute: number(20),
            ocr_requests_per_second: number(15),
            ocr_requests_per_minute: number(120),
            requests_without_key_per_minute: number(60),
        }
    }
}

impl Default for Outgoing {
    fn default() -> Self {
        Self { allow: Vec::new(), timeout: Duration::from_secs(15) }
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { retries: Retries::default().waits().iter().copied().map(Wait).collect() }
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

impl Default for Throttle {
    fn default() -> Self {
        let app::Throttle { window, per_account, per_device, per_address } = app::Throttle::default();
        Self {
            window,
            declined_per_account: per_account,
            declined_per_device: per_device,
            declined_per_address: per_address,
        }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self { enabled: true, hosts: Vec::new(), prefix: PathPrefix::default(), event_types: BTreeMap::new() }
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
        lasts("limits.request_timeout", limits.request_timeout, (1, TEN_MINUTES))?;
        lasts("limits.header_timeout", limits.header_timeout, (1, TEN_MINUTES))?;
        lasts("limits.body_timeout", limits.body_timeout, (1, TEN_MINUTES))?;
        lasts("limits.shutdown_grace", limits.shutdown_grace, (0, TEN_MINUTES))?;
        for plan in self.plans.values() {
            plan.check()?;
        }
        let throttle = &self.throttle;
        lasts("throttle.window", throttle.window, (1, Duration::from_hours(24)))?;
        for (key, value) in [
            ("throttle.declined_per_account", throttle.declined_per_account),
            ("throttle.declined_per_device", throttle.declined_per_device),
            ("throttle.declined_per_address", throttle.declined_per_address),
        ] {
            within(key, value as usize, 0, 1_000_000)?;
        }
        lasts("outgoing.timeout", self.outgoing.timeout, (1, Duration::from_mins(1)))?;
        self.webhooks.schedule()?;
        for (key, value) in [
            ("truelens.requests_per_minute", self.truelens.requests_per_minute),
            ("truelens.burst", self.truelens.burst),
            ("truelens.status_requests_per_minute", self.truelens.status_requests_per_minute),
            ("truelens.open_sessions", self.truelens.open_sessions),
        ] {
            within(key, value.get() as usize, 1, 1_000_000)?;
        }
        for (key, value) in [
            ("vlens.requests_per_second", self.vlens.requests_per_second),
            ("vlens.requests_per_minute", self.vlens.requests_per_minute),
            ("vlens.existence_requests_per_minute", self.vlens.existence_requests_per_minute),
            ("vlens.ocr_requests_per_second", self.vlens.ocr_requests_per_second),
            ("vlens.ocr_requests_per_minute", self.vlens.ocr_requests_per_minute),
            ("vlens.requests_without_key_per_minute", self.vlens.requests_without_key_per_minute),
        ] {
            within(key, value.get() as usize, 1, 1_000_000)?;
        }
        self.delivery.check(self.listen.ip(), self.public_url.as_ref())?;
        self.authorities.values().try_for_each(Authorities::check)?;
        let Dialects { truora, truelens, mosaic, vlens } = &self.dialects;
        let is_mute = [truora, truelens, mosaic, vlens].iter().all(|place| !place.enabled);
        if is_mute { Err(ConfigError::Mute) } else { Ok(()) }
    }
}

impl Config {
    /// What the use cases are told of the plans and the throttle.
    pub fn usage_limits(&self) -> app::UsageLimits {
        let quota = |(name, plan): (&String, &Plan)| Some((name.clone(), plan.verifications_per_month?));
        let throttle = &self.throttle;
        let asked = |authorities: &Authorities| authorities.each().map(|(authority, _)| authority).collect();
        app::UsageLimits {
            verifications_per_month: self.plans.iter().filter_map(quota).collect(),
            throttle: app::Throttle {
                window: throttle.window,
                per_account: throttle.declined_per_account,
                per_device: throttle.declined_per_device,
                per_address: throttle.declined_per_address,
            },
            codes: self.delivery.limits(),
            authorities: self
                .authorities
                .iter()
                .map(|(tenant, authorities)| (tenant.clone(), asked(authorities)))
                .collect(),
        }
    }
}

impl Webhooks {
    /// The schedule of attempts.
    ///
    /// # Errors
    /// [`ConfigError::Retries`].
    pub fn schedule(&self) -> Result<Retries, ConfigError> {
        Retries::new(self.retries.iter().map(|Wait(wait)| *wait).collect()).ok_or(ConfigError::Retries)
    }
}

impl Plan {
    fn check(&self) -> Result<(), ConfigError> {
        const MOST: usize = 1_000_000;
        let bound = |value: Option<NonZeroU32>| value.map_or(1, |value| value.get() as usize);
        within("plans.*.requests_per_minute", bound(self.requests_per_minute), 1, MOST)?;
        within("plans.*.burst", bound(self.burst), 1, MOST)?;
        if self.burst.is_some() && self.requests_per_minute.is_none() {
            return Err(ConfigError::BurstAlone);
        }
        let quota = self.verifications_per_month.unwrap_or_default();
        within(
            "plans.*.verifications_per_month",
            usize::try_from(quota).unwrap_or(usize::MAX),
            0,
            10_usize.pow(12),
        )
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

const TEN_MINUTES: Duration = Duration::from_mins(10);

fn lasts(
    key: &'static str,
    value: Duration,
    (low_seconds, high): (u64, Duration),
) -> Result<(), ConfigError> {
    if (Duration::from_secs(low_seconds)..=high).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::Range {
        key,
        value: format!("{value:?}"),
        low: format!("{low_seconds}s"),
        high: format!("{}m", high.as_secs() / 60),
    })
}

#[cfg(test)]
mod tests;
