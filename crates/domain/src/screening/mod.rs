//! Screening of names against lists: how alike two names are however they are written, and an index in which a name is
//! looked up without comparing it with every name of a list.
//!
//! Pure: lists come in as [`ListEntry`] values and hits go out as [`Hit`] values.

mod alignment;
mod distance;
mod entry;
mod index;
mod name;
mod score;
mod sound;
mod words;

#[cfg(test)]
mod tests;

pub use alignment::How;
pub use entry::{BirthSpan, ListEntry};
pub use index::{Hit, Query, Reason, ScreeningIndex};
pub use name::ScreenedName;
pub use score::{Comparison, Part, SCREENING_THRESHOLD, compare};
