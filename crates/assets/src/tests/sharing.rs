//! Several processes on one store, and what killed ones leave.

use std::fs;
use std::sync::Barrier;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use super::Machine;
use crate::lock::Lock;
use crate::{Fetch, Group, Progress};

#[test]
fn two_pulls_at_once_fetch_once() {
    let machine = Machine::new();
    machine.pip("sleep 0.3; cp \"$registry\"/*.whl \"$dest\"");
    let start = Barrier::new(2);
    let pull = || {
        start.wait();
        machine.store(Fetch::Allowed).pull(&[Group::Face], &()).unwrap()
    };
    let (one, other) = thread::scope(|scope| {
        let one = scope.spawn(pull);
        (pull(), one.join().unwrap())
    });
    assert_eq!(machine.calls().len(), 1);
    assert_eq!(one.fetched_packages.len() + other.fetched_packages.len(), 1);
}

#[test]
fn the_second_process_is_told_that_it_waits() {
    struct Waiter(Sender<()>);
    impl Progress for Waiter {
        fn begin(&self, _: &str, _: u64) {}
        fn advance(&self, _: u64) {}
        fn end(&self) {}
        fn waiting(&self) {
            self.0.send(()).unwrap();
        }
    }
    let machine = Machine::new();
    let lock = Lock::take(&machine.at("store"), || panic!("nobody else is here")).unwrap();
    let (sender, waits) = channel();
    thread::scope(|scope| {
        let waiter = Waiter(sender);
        let store = machine.store(Fetch::Allowed);
        let pull = scope.spawn(move || store.pull(&[Group::Face], &waiter).unwrap());
        waits.recv().unwrap();
        assert!(machine.calls().is_empty());
        drop(lock);
        assert_eq!(pull.join().unwrap().fetched_packages.len(), 1);
    });
}

#[test]
fn the_next_pull_sweeps_what_a_killed_one_left() {
    let machine = Machine::new();
    let left = machine.kept(".staging/left/out");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("half.whl"), b"half").unwrap();
    machine.store(Fetch::Allowed).pull(&[Group::Face], &()).unwrap();
    assert_eq!(fs::read_dir(machine.kept(".staging")).unwrap().count(), 0);
}
