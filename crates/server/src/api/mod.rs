//! The APIs that are spoken here: one folder each.

pub mod truora;
