//! Arabic as it stands on documents: one spelling for comparing, and Latin letters for reading.

mod fold;
mod latin;
mod lexicon;
mod spelling;

pub use fold::{digit, fold, is_arabic};
pub use latin::{is_common_name, name_english};
pub(crate) use lexicon::Lexicon;
pub use spelling::name_spellings;
