//! Who is told how a pull comes along.

/// Told how a pull comes along. `()` listens silently.
pub trait Progress: Sync {
    /// A package (its name and version) is now being fetched; its archive has `total_bytes`.
    fn begin(&self, what: &str, total_bytes: u64);
    /// So many bytes of that archive are here: an estimate that never exceeds its length, and may stand still.
    fn advance(&self, bytes_so_far: u64);
    /// That package is dealt with, well or badly.
    fn end(&self);
    /// Another process is pulling into the same folder; this one waits until it is done.
    fn waiting(&self);
}

impl Progress for () {
    fn begin(&self, _what: &str, _total_bytes: u64) {}
    fn advance(&self, _bytes_so_far: u64) {}
    fn end(&self) {}
    fn waiting(&self) {}
}
