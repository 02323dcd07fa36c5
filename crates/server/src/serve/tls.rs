//! TLS from two PEM files, read again on SIGHUP.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use tokio::signal::unix::Signal;
use tokio::sync::watch;

use crate::config::Tls;

/// Why the files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that is missing or no PEM.
    #[error("{} cannot be read as PEM", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: pem::Error,
    },
    /// Files that do not fit each other.
    #[error("the certificate and the key cannot be used together")]
    Pair(#[from] rustls::Error),
}

/// What is in use for the next connection.
#[derive(Debug, Clone)]
pub(crate) struct Live(watch::Sender<Arc<ServerConfig>>);

impl Live {
    pub(crate) fn new(config: Arc<ServerConfig>) -> Self {
        Self(watch::Sender::new(config))
    }

    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.borrow())
    }
}

/// Reads both files.
pub(crate) fn load(files: &Tls) -> Result<Arc<ServerConfig>, TlsError> {
    let broken = |path: &PathBuf| {
        let path = path.clone();
        move |source| TlsError::Pem { path, source }
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(broken(&files.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(broken(&files.key))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Reads the files again with each of `hangups`; what cannot be used leaves the old ones in place.
pub(crate) async fn reload(files: Tls, live: Live, mut hangups: Signal) {
    while hangups.recv().await.is_some() {
        match load(&files) {
            Ok(config) => {
                live.0.send_replace(config);
                tracing::info!("certificate and key were read again");
            }
            Err(error) => {
                let error: &dyn Error = &error;
                tracing::error!(error, "the old certificate stays in use");
            }
        }
    }
}
