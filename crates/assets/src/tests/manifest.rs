//! What must hold for the embedded manifest.

use std::collections::HashSet;

use crate::{Arch, Group, Manager, Manifest};

#[test]
fn the_embedded_manifest_is_valid() {
    assert!(Manifest::embedded().packages().count() > 0);
}

#[test]
fn names_and_places_are_unique_on_each_architecture() {
    for arch in [Arch::X86_64, Arch::Aarch64] {
        let (mut ids, mut places) = (HashSet::new(), HashSet::new());
        let here = |taken: Arch| taken == arch || taken == Arch::Any;
        for (package, file) in Manifest::embedded().files().filter(|(package, _)| here(package.arch)) {
            assert!(ids.insert(&file.id), "{} twice", file.id);
            assert!(places.insert((package.folder(), file.file_name())), "{} twice", file.path);
        }
    }
}

#[test]
fn both_architectures_have_the_same_assets() {
    let of = |arch| {
        let files = Manifest::embedded().files().filter(move |(package, _)| package.arch == arch);
        files.map(|(_, file)| &file.id).collect::<HashSet<_>>()
    };
    assert_eq!(of(Arch::X86_64), of(Arch::Aarch64));
}

#[test]
fn only_the_test_group_uses_source_packages() {
    let sources = Manifest::embedded().packages().filter(|package| package.manager == Manager::PypiSdist);
    for file in sources.flat_map(|package| &package.files) {
        assert_eq!(file.groups, [Group::Test], "{}", file.id);
    }
}

#[test]
fn every_file_has_a_group_a_licence_and_a_sentence() {
    for (_, file) in Manifest::embedded().files() {
        assert!(!file.groups.is_empty() && !file.licence.is_empty(), "{}", file.id);
        assert!(file.purpose.ends_with('.'), "{}", file.id);
        assert!(file.size > 0, "{}", file.id);
    }
}

#[test]
fn what_a_model_is_made_of_is_fetched_with_it() {
    for (_, file) in Manifest::embedded().files() {
        for id in file.transform.iter().flat_map(|output| &output.made_of) {
            let parts: Vec<_> = Manifest::embedded().files().filter(|(_, part)| part.id == *id).collect();
            let [(package, part)] = parts[..] else { panic!("{id}") };
            assert_eq!((package.arch, &part.groups), (Arch::Any, &file.groups), "{id}");
        }
    }
}

#[test]
fn file_names_are_plain() {
    for (package, file) in Manifest::embedded().files() {
        for name in [file.file_name(), &file.output_name(), &package.folder(), &package.archive] {
            assert!(!name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\']), "{name}");
        }
    }
}

#[test]
fn a_hash_of_another_length_does_not_parse() {
    let text = include_str!("../../manifest.toml").replacen("sha256 = \"", "sha256 = \"00", 1);
    assert!(Manifest::parse(&text).is_err());
}

#[test]
fn groups_are_read_as_they_are_printed() {
    for group in Group::ALL {
        assert_eq!(group.to_string().parse(), Ok(group));
    }
    let unknown = "faces".parse::<Group>().unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "there is no group of assets named \"faces\": the groups are face, document, test, video, voice"
    );
}
