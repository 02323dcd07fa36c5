//! One test a line of the contract.

pub(super) mod cards;
mod conventions;
mod faces;
mod isolation;
mod ocr;
mod people;
mod pictures;
mod sign_in;
mod staff;
mod verify;
