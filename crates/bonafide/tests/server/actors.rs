//! Who plays before the camera: people and attackers that are rendered from the test photos, see `lab::presence`.

use std::path::Path;
use std::sync::LazyLock;

use app::App;
use assets::{Fetch, Store};
use lab::presence::{Half, Player, PresenceOptions, Species, player};

use crate::harness::photo;

/// A process opens the runtime once.
static APP: LazyLock<App> =
    LazyLock::new(|| App::open(&Store::open(None, Fetch::Offline).unwrap(), 1).unwrap());

/// A folder of the test photos, a folder a person.
fn people(folder: &Path) {
    for id in ["photo-person-b-1", "photo-person-a-1", "photo-obama", "photo-biden", "photo-impostor-2"] {
        let person = folder.join(id);
        std::fs::create_dir(&person).unwrap();
        std::fs::write(person.join("photo.jpg"), photo(id)).unwrap();
    }
}

/// Who plays `session` of `species`.
pub(crate) fn somebody(species: Species, path: domain::Path, session: usize) -> Box<dyn Player> {
    let folder = tempfile::tempdir().unwrap();
    people(folder.path());
    play(folder.path(), species, path, session)
}

/// The person of the test photo `id`, alive.
pub(crate) fn person_of(id: &str, path: domain::Path) -> Box<dyn Player> {
    let folder = tempfile::tempdir().unwrap();
    // One is drawn from two at least: here the same one twice.
    let names = (0..).map(|number| format!("person-{number}"));
    for name in names.filter(|name| Half::of(name) == Half::Development).take(2) {
        let person = folder.path().join(name);
        std::fs::create_dir(&person).unwrap();
        std::fs::write(person.join("photo.jpg"), photo(id)).unwrap();
    }
    play(folder.path(), Species::BonaFide, path, 0)
}

fn play(people: &Path, species: Species, path: domain::Path, session: usize) -> Box<dyn Player> {
    let options = PresenceOptions {
        people: people.to_owned(),
        half: Half::Development,
        path,
        species: vec![species],
        sessions: 1,
        seed: 7,
    };
    player(&APP, &options, species, session).unwrap()
}
