//! Connections: HTTP/1.1 only, one request at a time, so that the bound on connections is one on requests, and the
//! time-out of the head holds from the first byte. A connection may become a WebSocket.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::listener::{Accepted, Listener};
use super::tls::Live;
use crate::peer::Socket;

/// How connections of a listener are served.
#[derive(Clone)]
pub(crate) struct Http {
    pub(crate) router: Router,
    /// Of the listener that speaks TLS.
    pub(crate) tls: Option<Live>,
    pub(crate) header_timeout: Duration,
}

impl Http {
    /// Serves the connections of `listener` until `stop`, then finishes running requests within `grace`.
    ///
    /// # Errors
    /// What the system says of the socket.
    pub(crate) async fn serve(
        self,
        listener: Listener,
        stop: impl Future<Output = ()>,
        grace: Duration,
    ) -> io::Result<()> {
        let mut stop = pin!(stop);
        let (stopping, stopped) = watch::channel(());
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                () = &mut stop => break,
                // A connection that has ended leaves nothing but its room, which is free by now.
                Some(_) = open.join_next() => (),
                accepted = listener.accept() => {
                    open.spawn(self.clone().connection(accepted?, stopped.clone()));
                }
            }
        }
        drop(listener);
        drop(stopping);
        // What has not ended by then ends with the set.
        let _ = timeout(grace, async { while open.join_next().await.is_some() {} }).await;
        Ok(())
    }

    async fn connection(self, accepted: Accepted, stopped: watch::Receiver<()>) {
        let Accepted { stream, from, room } = accepted;
        match &self.tls {
            None => self.requests(stream, from, stopped).await,
            Some(live) => {
                let handshake = TlsAcceptor::from(live.current()).accept(stream);
                // Who cannot speak TLS, or takes too long, is told nothing.
                if let Ok(Ok(stream)) = timeout(self.header_timeout, handshake).await {
                    self.requests(stream, from, stopped).await;
                }
            }
        }
        drop(room);
    }

    async fn requests(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        from: SocketAddr,
        mut stopped: watch::Receiver<()>,
    ) {
        let router = self.router;
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(Socket(from)));
            router.clone().oneshot(request)
        });
        let mut builder = Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.header_timeout);
        let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let mut connection = pin!(connection);
        // How a connection breaks is its caller's business.
        tokio::select! {
            _ = &mut connection => (),
            _ = stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
}
