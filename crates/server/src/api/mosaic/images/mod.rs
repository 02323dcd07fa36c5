//! The images of a session: added, listed, shown.

pub(super) mod add;
pub(super) mod get;
pub(super) mod list;

use app::{ImageView, SessionView};

/// The id of an image, as it is told: the caller's own, where it is one of a kind in the session, else the server's.
pub(super) fn name(view: &SessionView, image: &ImageView) -> String {
    let is_single =
        |name: &str| view.images.iter().filter(|other| other.name.as_deref() == Some(name)).count() == 1;
    match image.name.as_deref().filter(|name| is_single(name)) {
        Some(name) => name.to_owned(),
        None => image.id.to_string(),
    }
}
