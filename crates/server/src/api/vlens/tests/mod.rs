//! One test a line of the contract.

mod conventions;
mod isolation;
mod people;
mod sign_in;
mod staff;
