//! Egyptian identity cards that do not exist: drawn in imitation, in a layout of our own, marked as specimens, for people
//! who do not exist; and how exactly they are read.

mod card;
mod person;
mod reading;
mod typeface;

pub use card::{EgyptianCard, egyptian_card};
pub use person::LastDigit;
pub use reading::{
    CardReport, Count, Listed, SetReport, Threshold, measure_cards, measure_listed, read_listed,
};
pub use typeface::Typeface;
