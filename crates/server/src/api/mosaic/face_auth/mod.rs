//! A selfie is compared with a photo that your server has: opened, fed, told.

pub(super) mod create;
pub(super) mod images;
pub(super) mod result;

use domain::SessionId;

/// Before the id of a session, for the device that makes the selfie.
const DEVICE: &str = "device-";

fn device_session_id(id: SessionId) -> String {
    format!("{DEVICE}{id}")
}

/// The session's own id, of either of the two that were given out.
fn session_id(text: &str) -> &str {
    text.strip_prefix(DEVICE).unwrap_or(text)
}
