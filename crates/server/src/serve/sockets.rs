//! The sockets: bound first, so that what is told of them is true; then served until a stop.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

use super::http::Http;
use super::listener::Listener;
use super::tls::Live;
use super::{Addresses, ServeError, tls};
use crate::config::{MetricsListen, Tls};
use crate::telemetry::{Metrics, recorder};
use crate::{Backend, Config, config::PublicUrl};

/// Enough for a few scrapers; they are not the ones to wait in line behind callers.
const METRICS_CONNECTIONS: usize = 16;

/// How often histograms are folded where nobody scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

/// Bound sockets that are not served yet.
#[derive(Debug)]
pub struct Sockets {
    addresses: Addresses,
    main: Listener,
    metrics: Option<Listener>,
    tls: Option<(Tls, Live)>,
    header_timeout: Duration,
    grace: Duration,
}

impl Sockets {
    /// Binds the addresses of `config` and reads its certificate.
    ///
    /// # Errors
    /// [`ServeError::Bind`] for an address that is taken, [`ServeError::Tls`] for a certificate that cannot be used.
    pub async fn bind(config: &Config) -> Result<Self, ServeError> {
        let tls = match &config.tls {
            Some(files) => Some((files.clone(), Live::new(tls::load(files)?))),
            None => None,
        };
        let main = Listener::bind(config.listen, config.limits.max_connections)
            .await
            .map_err(|source| ServeError::Bind { address: config.listen, setting: "--listen", source })?;
        let metrics = bind_metrics(config.metrics_listen).await?;
        let listen = main.address()?;
        let addresses = Addresses {
            url: config.public_url.clone().unwrap_or_else(|| PublicUrl::of(listen, tls.is_some())),
            listen,
            metrics: metrics.as_ref().map(Listener::address).transpose()?,
        };
        Ok(Self {
            addresses,
            main,
            metrics,
            tls,
            header_timeout: config.limits.header_timeout,
            grace: config.limits.shutdown_grace,
        })
    }

    /// What was bound.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Serves `router` until `stop`, then finishes running requests within the grace.
    ///
    /// # Errors
    /// What the system says of the sockets.
    pub async fn run(
        self,
        router: Router,
        backend: Arc<dyn Backend>,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        // Ends with this function.
        let mut aside = JoinSet::new();
        let metrics = Metrics::new(backend);
        if let Some(listener) = self.metrics {
            let http =
                Http { router: metrics.clone().router(), tls: None, header_timeout: self.header_timeout };
            aside.spawn(http.serve(listener, std::future::pending(), Duration::ZERO));
        }
        aside.spawn(async move {
            let mut tick = tokio::time::interval(UPKEEP);
            loop {
                tick.tick().await;
                metrics.upkeep();
            }
        });
        let tls = match self.tls {
            None => None,
            Some((files, live)) => {
                // Caught from here on: without that the signal ends the process.
                let hangups = signal(SignalKind::hangup())?;
                let reload = tls::reload(files, live.clone(), hangups);
                aside.spawn(async {
                    reload.await;
                    Ok(())
                });
                Some(live)
            }
        };
        Http { router, tls, header_timeout: self.header_timeout }.serve(self.main, stop, self.grace).await
    }
}

async fn bind_metrics(listen: MetricsListen) -> Result<Option<Listener>, ServeError> {
    // Requests are recorded from the first on, scraped or not.
    recorder();
    let address = match listen {
        MetricsListen::Off => return Ok(None),
        MetricsListen::IfFree => MetricsListen::DEFAULT,
        MetricsListen::At(address) => address,
    };
    match Listener::bind(address, METRICS_CONNECTIONS).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if listen == MetricsListen::IfFree => {
            tracing::warn!(%address, %error, "metrics are not served: the address is not free");
            Ok(None)
        }
        Err(source) => Err(ServeError::Bind { address, setting: "--metrics-listen", source }),
    }
}
