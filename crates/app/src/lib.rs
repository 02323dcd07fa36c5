//! The use cases, shared by every interface, so that the command line's verdict is the server's.

mod error;
mod open;
mod verify;

pub use error::AppError;
pub use open::App;
pub use verify::Verification;
