//! Reading long lists in parts.

use domain::Timestamp;

/// A part of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The last entry of the part before: when it was made, and its id as 32 hexadecimal digits. `None` for the start.
    pub after: Option<(Timestamp, String)>,
    /// At most so many entries.
    pub limit: u32,
}

impl Page {
    /// The first `limit` entries.
    pub const fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }

    /// Where the part starts, as a time and an id that lie after the newest entry for the start of the list.
    pub(crate) fn bounds(&self) -> (i64, &str) {
        self.after.as_ref().map_or((i64::MAX, ""), |(at, id)| (at.as_millis(), id.as_str()))
    }
}
