//! What the store hands out, and what it says of its files.

use std::fs;

use super::{Machine, PHOTO, WORDS, model, rewritten_model};
use crate::{AssetError, Fetch, Group, Manifest, Sha256, State, Store};

fn state(store: &Store, id: &str) -> (State, State) {
    let of = |entries: Vec<crate::Entry>| entries.into_iter().find(|entry| entry.id == id).unwrap().state;
    (of(store.list()), of(store.verify()))
}

#[test]
fn an_unknown_asset_is_refused() {
    let error = Machine::new().store(Fetch::Allowed).path("nothing").unwrap_err();
    assert!(matches!(error, AssetError::UnknownAsset { id } if id == "nothing"));
}

#[test]
fn a_path_fetches_nothing() {
    let machine = Machine::new();
    let error = machine.store(Fetch::Allowed).path("words").unwrap_err();
    assert!(matches!(error, AssetError::Missing { .. }));
    assert!(machine.calls().is_empty());
    assert!(!machine.at("store").exists(), "asking leaves no trace");
}

#[test]
fn a_file_put_by_hand_is_found() {
    let machine = Machine::without_clients();
    machine.put("alpha-1.0/words.txt", WORDS);
    let store = machine.store(Fetch::Allowed);
    assert_eq!(store.path("words").unwrap(), machine.kept("alpha-1.0/words.txt"));
    assert_eq!(state(&store, "words"), (State::Present, State::Present));
}

#[test]
fn a_model_put_by_hand_is_rewritten_without_a_fetch() {
    let by_path = Machine::without_clients();
    by_path.put("alpha-1.0/model.onnx", &model());
    let path = by_path.store(Fetch::Offline).path("model").unwrap();
    assert_eq!(fs::read(path).unwrap(), rewritten_model());

    let by_pull = Machine::without_clients();
    by_pull.put("alpha-1.0/model.onnx", &model());
    let report = by_pull.store(Fetch::Offline).pull(&[Group::Face], &()).unwrap();
    assert_eq!((report.fetched_packages.len(), report.rewritten), (0, 1));
}

#[test]
fn a_rewritten_model_is_enough() {
    let machine = Machine::without_clients();
    machine.put("alpha-1.0/model.yunet-dynamic.onnx", &rewritten_model());
    let store = machine.store(Fetch::Offline);
    store.path("model").unwrap();
    assert_eq!(store.pull(&[Group::Face], &()).unwrap().already_there, 1);
}

#[test]
fn a_damaged_rewritten_model_is_made_anew() {
    let machine = Machine::without_clients();
    machine.put("alpha-1.0/model.onnx", &model());
    machine.put("alpha-1.0/model.yunet-dynamic.onnx", b"damaged");
    let store = machine.store(Fetch::Offline);
    assert_eq!(fs::read(store.path("model").unwrap()).unwrap(), rewritten_model());
}

#[test]
fn a_damaged_file_is_never_handed_out() {
    let machine = Machine::new();
    machine.put("scope-beta-2.0/photo.jpg", b"b photo");
    let store = machine.store(Fetch::Offline);
    assert!(matches!(store.path("photo"), Err(AssetError::WrongFile { .. })));
    assert!(matches!(store.pull(&[Group::Test], &()), Err(AssetError::Offline { .. })), "words come first");
    assert_eq!(state(&store, "photo"), (State::Present, State::Damaged), "of the same length");

    let store = machine.store(Fetch::Allowed);
    store.pull(&[Group::Test], &()).unwrap();
    assert_eq!(fs::read(store.path("photo").unwrap()).unwrap(), PHOTO);
}

#[test]
fn offline_names_what_is_missing_and_runs_no_client() {
    let machine = Machine::new();
    let error = machine.store(Fetch::Offline).pull(&[Group::Test, Group::Face], &()).unwrap_err();
    assert!(matches!(error, AssetError::Offline { .. }));
    let told = error.to_string();
    assert!(told.contains("model.onnx") && told.contains("one more of its files"), "{told}");
    assert!(told.contains(&Sha256::of(&model()).to_string()), "{told}");
    assert!(machine.calls().is_empty());
}

#[test]
fn the_list_tells_states_of_missing_and_damaged_files() {
    let machine = Machine::new();
    let store = machine.store(Fetch::Offline);
    assert_eq!(state(&store, "words"), (State::Missing, State::Missing));
    machine.put("alpha-1.0/words.txt", b"cut");
    assert_eq!(state(&store, "words"), (State::Damaged, State::Damaged));
    machine.put("alpha-1.0/model.onnx", &model());
    assert_eq!(state(&store, "model"), (State::Present, State::Present), "it is rewritten on first use");
}

#[test]
fn the_folder_given_wins_and_becomes_absolute() {
    let store = Store::open(Some("some/folder".into()), Fetch::Offline).unwrap();
    assert!(store.dir().is_absolute());
    assert!(store.dir().ends_with("some/folder"));
    assert_eq!(
        store.list().len(),
        Manifest::embedded().files().count() - 2,
        "one runtime and one decoder of two"
    );
}
