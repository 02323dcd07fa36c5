//! One test a line of the contract.

mod authorities;
pub(super) mod cards;
mod conventions;
mod documents;
mod faces;
mod isolation;
mod ocr;
mod people;
mod pictures;
mod sign_in;
mod staff;
mod verify;
mod with_clients;
