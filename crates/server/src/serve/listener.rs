//! Sockets, at most so many at once: the next one is accepted only when one closes, so that those who wait wait in the
//! kernel and cost nothing here.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long to wait where the system has no socket left to give.
const BREATHER: Duration = Duration::from_millis(50);

/// A listener with a bound on its open connections.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    free: Arc<Semaphore>,
}

/// A socket, who is at its other end, and the room it takes until it is dropped.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) stream: TcpStream,
    pub(crate) from: SocketAddr,
    pub(crate) room: OwnedSemaphorePermit,
}

impl Listener {
    pub(crate) async fn bind(address: SocketAddr, max_connections: usize) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        Ok(Self { socket, free: Arc::new(Semaphore::new(max_connections)) })
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The next connection, once there is room for it.
    pub(crate) async fn accept(&self) -> io::Result<Accepted> {
        let room = Arc::clone(&self.free).acquire_owned().await.map_err(io::Error::other)?;
        loop {
            match self.socket.accept().await {
                Ok((stream, from)) => {
                    // Answers are small: waiting for more to send would only delay them. Of a socket that is gone by
                    // now the connection finds out.
                    let _ = stream.set_nodelay(true);
                    return Ok(Accepted { stream, from, room });
                }
                // The connection was closed before it was accepted, or there are too many: neither ends the server.
                Err(_) => tokio::time::sleep(BREATHER).await,
            }
        }
    }
}
