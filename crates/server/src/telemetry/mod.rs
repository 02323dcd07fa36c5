//! What can be seen from outside of what goes on inside: one log line a request, and metrics. Neither holds an address,
//! a query, a body, a key or anything else of a person.

mod log;
mod metrics;
mod request;

pub use log::{LogError, install, writing_to};
pub(crate) use metrics::{Metrics, recorder};
pub use request::RequestId;
pub(crate) use request::{Label, label_own, request};
