//! From a configuration to a running server, and to its end.

mod http;
mod listener;
mod lock;
mod sockets;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, timeout_at};

pub use lock::{LockError, ServeLock};
pub use sockets::Sockets;
pub use tls::TlsError;

use crate::authorities::Authorities;
use crate::config::{ConfigError, Place, PublicUrl};
use crate::delivery::Delivery;
use crate::router::{MountError, Settings, assemble};
use crate::webhooks::Post;
use crate::{Backend, Config, Dialect, Mount, ServerState, api, outgoing};

/// Where the server can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// Where callers find it: as configured, else the address it listens on.
    pub url: PublicUrl,
    /// What it listens on.
    pub listen: SocketAddr,
    /// Where its metrics are.
    pub metrics: Option<SocketAddr>,
}

/// Why there is no server, or no longer one.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address that cannot be listened on.
    #[error("{address} cannot be listened on: choose another with {setting}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The flag that sets it.
        setting: &'static str,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// Certificate and key.
    #[error("TLS cannot be spoken")]
    Tls(#[from] TlsError),
    /// Places of dialects that do not fit.
    #[error(transparent)]
    Mount(#[from] MountError),
    /// A setting that cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Others cannot be called.
    #[error("the client for calls to others cannot be set up")]
    Client(#[from] reqwest::Error),
    /// Signals or sockets that the system refused.
    #[error("the server was stopped by its system")]
    Io(#[from] io::Error),
    /// A part that does jobs ended, without which nothing is judged, or nobody told.
    #[error("a worker ended unexpectedly; its reason is in the log")]
    WorkerEnded,
}

/// Serves until SIGTERM or SIGINT, and then until running requests and jobs are done or the grace is over.
///
/// `lock` is held that long. `ready` is called once the sockets are bound.
///
/// # Errors
/// [`ServeError`] where it cannot begin, or where a part of it ended.
pub async fn serve(
    config: &Config,
    service: app::Service,
    lock: ServeLock,
    ready: impl FnOnce(&Addresses),
) -> Result<(), ServeError> {
    let sockets = Sockets::bind(config).await?;
    let stop = stop_signal()?;
    let mounts = mounts(config, &service, &sockets.addresses().url)?;
    let client = outgoing::Client::new(&config.outgoing)?;
    let delivery = Delivery::new(&config.delivery, client.clone())?;
    let authorities = Authorities::new(&config.authorities, &client)?;
    let post = Post::new(client, dialects(config));
    let retries = config.webhooks.schedule()?;
    let backend: Arc<dyn Backend> = Arc::new(service.clone());
    let settings = Settings {
        public_url: sockets.addresses().url.to_string(),
        trusted_proxies: config.trusted_proxies.clone(),
        tls: config.tls.is_some(),
    };
    let router = assemble(mounts, Arc::clone(&backend), &settings)?;
    ready(sockets.addresses());

    let (stop_workers, stopped) = watch::channel(());
    let until_stopped = || {
        let mut stopped = stopped.clone();
        // Nothing is ever sent: the sender goes away.
        async move { while stopped.changed().await.is_ok() {} }
    };
    let (worker, teller, sender, asker) =
        (service.clone(), service.clone(), service.clone(), service.clone());
    let (stop_worker, stop_teller, stop_sender) = (until_stopped(), until_stopped(), until_stopped());
    let stop_asker = until_stopped();
    let mut jobs = tokio::spawn(async move { worker.run_jobs(stop_worker).await });
    let mut deliveries = tokio::spawn(async move { teller.run_deliveries(post, retries, stop_teller).await });
    let mut messages = tokio::spawn(async move { sender.run_messages(delivery, stop_sender).await });
    let mut questions = tokio::spawn(async move { asker.run_authorities(authorities, stop_asker).await });
    // Models take a second or so: they are opened while the first requests arrive.
    let opening = tokio::spawn(async move {
        if let Err(error) = service.warm_up().await {
            tracing::error!(error = &error as &dyn std::error::Error, "the models cannot be opened");
        }
    });

    let (deadline_is, deadline) = oneshot::channel();
    let grace = config.limits.shutdown_grace;
    let stop = async move {
        stop.await;
        // Nobody listens any more only where the server has ended by itself.
        let _ = deadline_is.send(Instant::now() + grace);
    };
    tokio::select! {
        result = sockets.run(router, backend, stop) => result?,
        _ = &mut jobs => return Err(ServeError::WorkerEnded),
        _ = &mut deliveries => return Err(ServeError::WorkerEnded),
        _ = &mut messages => return Err(ServeError::WorkerEnded),
        _ = &mut questions => return Err(ServeError::WorkerEnded),
    }
    // Requests wait for jobs, so that jobs go on until the last request was answered.
    drop(stop_workers);
    let deadline = deadline.await.unwrap_or_else(|_| Instant::now());
    // A process that ends while a model is being opened may end in a fault of the runtime's.
    let all = async { tokio::try_join!(jobs, deliveries, messages, questions, opening) };
    match timeout_at(deadline, all).await {
        Ok(Ok(_)) => tracing::info!("stopped"),
        Ok(Err(_)) => return Err(ServeError::WorkerEnded),
        Err(_) => tracing::warn!("stopped with jobs under way: they begin again with the next start"),
    }
    drop(lock);
    Ok(())
}

/// Resolves with the first SIGTERM or SIGINT from now on.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
        tracing::info!("stopping: running requests and jobs are finished first");
    })
}

/// All dialects, and where they answer. One that is not enabled may still have something to tell.
fn dialects(config: &Config) -> [(&Place, Dialect); 4] {
    [
        (&config.dialects.truora, api::truora::dialect()),
        (&config.dialects.truelens, api::truelens::dialect()),
        (&config.dialects.mosaic, api::mosaic::dialect()),
        (&config.dialects.vlens, api::vlens::dialect()),
    ]
}

/// The dialects that are enabled, at their places.
fn mounts(config: &Config, service: &app::Service, url: &PublicUrl) -> Result<Vec<Mount>, MountError> {
    dialects(config)
        .into_iter()
        .filter(|(place, _)| place.enabled)
        .map(|(place, dialect)| {
            place.check_links(dialect.name, url)?;
            place.check_event_types(&dialect)?;
            let state = ServerState::new(service.clone(), config, url, place);
            let base = state.url("");
            Ok(dialect.mount(state, &place.hosts, &place.prefix, &base, &config.limits))
        })
        .collect()
}

impl crate::config::Place {
    /// Links begin with the public URL, which must therefore lead to the dialect.
    fn check_links(&self, dialect: &'static str, url: &PublicUrl) -> Result<(), MountError> {
        let host = url.host();
        let only_hosts = !self.hosts.is_empty() && self.prefix.is_empty();
        if only_hosts && !self.hosts.iter().any(|own| own.eq_ignore_ascii_case(&host)) {
            return Err(MountError::LinksLeadNowhere { dialect, public_host: host });
        }
        Ok(())
    }

    /// Event types can only be given another name where there are such.
    fn check_event_types(&self, dialect: &Dialect) -> Result<(), MountError> {
        let known = dialect.webhooks.map_or(&[][..], |webhooks| webhooks.event_types);
        let unknown = self.event_types.keys().find(|name| !known.contains(&name.as_str()));
        match unknown {
            Some(name) => {
                let (name, known) = (name.clone(), known.join(", "));
                Err(MountError::UnknownEventType { dialect: dialect.name, name, known })
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Place;

    #[test]
    fn links_must_lead_to_the_dialect_that_hands_them_out() {
        let url = "https://id.example.com".parse().unwrap();
        let place = |hosts: &[&str], prefix: &str| Place {
            enabled: true,
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            prefix: prefix.parse().unwrap(),
            ..Place::default()
        };
        assert!(place(&[], "").check_links("test", &url).is_ok());
        assert!(place(&["ID.example.com"], "").check_links("test", &url).is_ok());
        assert!(place(&["other.example.com"], "/test").check_links("test", &url).is_ok());
        assert!(place(&["other.example.com"], "").check_links("test", &url).is_err());
    }

    #[test]
    fn only_event_types_that_there_are_get_another_name() {
        let place = |name: &str| Place {
            event_types: [(name.to_owned(), "other".to_owned())].into(),
            ..Place::default()
        };
        let dialect = crate::api::truora::dialect();
        assert!(place("face_recognition.validation").check_event_types(&dialect).is_ok());
        let error = place("face_recogniton.validation").check_event_types(&dialect).unwrap_err().to_string();
        assert!(error.contains("dialects.truora.event_types names face_recogniton.validation"), "{error}");
    }
}
