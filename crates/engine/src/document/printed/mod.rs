//! Fields that are printed for people, found by their labels and by where values stand beside them.

mod label;
mod layout;
mod template;

pub(crate) use layout::{Print, fields};
pub use template::{Template, TemplateError, Templates};
