//! The HTTP server: what every API spoken here has in common, and one folder for each of them.
//!
//! An API of a vendor is a [`Dialect`]: its routes and the shape of its errors. Everything else is here, once: the
//! configuration, how a request finds its dialect, time-outs and limits, CORS, logs, metrics, health, TLS, and a stop
//! that loses no request.

pub mod api;
mod authorities;
mod backend;
pub mod config;
pub mod cors;
mod delivery;
mod dialect;
mod dispatch;
mod docs;
mod guard;
mod headers;
mod hosted;
mod ops;
pub mod outgoing;
mod peer;
mod rate;
mod router;
mod serve;
mod state;
pub mod telemetry;
pub mod webhooks;

pub use backend::Backend;
pub use config::Config;
pub use dialect::{CountRest, Dialect, ErrorAnswer, Localise, Mount};
pub use peer::{ClientIp, Peer};
pub use rate::{Charge, RateReset, Rates, TooMany};
pub use router::{MountError, Settings, assemble};
pub use serve::{Addresses, LockError, ServeError, ServeLock, Sockets, TlsError, serve};
pub use state::ServerState;
