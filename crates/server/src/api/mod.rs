//! The APIs that are spoken here: one folder each.

mod countries;
pub mod mosaic;
pub mod truelens;
pub mod truora;
pub mod vlens;
