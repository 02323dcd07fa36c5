//! `cargo xtask load`: the server under load, beside the engine alone.

use assets::{Fetch, Group, Store};

use crate::test::Lines;
use crate::{Outcome, cargo, exit_code};

pub(crate) fn run(options: &[String]) -> Outcome {
    Store::open(None, Fetch::Allowed)?.pull(&[Group::Face, Group::Test], &Lines)?;
    exit_code(cargo(&["bench", "--package", "bonafide", "--bench", "load", "--locked", "--"])?.args(options))
}
