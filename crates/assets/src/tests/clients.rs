//! What the clients are asked, and how their failures are told.

use std::fs;
use std::sync::Mutex;

use super::{Machine, PHOTO, TARBALL, WHEEL, WORDS};
use crate::platform::Platform;
use crate::{AssetError, Fetch, Group, Progress, Sha256, Unsupported};

#[test]
fn a_pull_brings_verified_files_and_rewrites_them() {
    let machine = Machine::new();
    let store = machine.store(Fetch::Allowed);
    let report = store.pull(&Group::ALL, &()).unwrap();
    assert_eq!(report.fetched_packages, ["alpha 1.0", "@scope/beta 2.0"]);
    assert_eq!((report.already_there, report.rewritten), (0, 1));
    assert_eq!(store.path("model").unwrap(), machine.kept("alpha-1.0/model.yunet-dynamic.onnx"));
    assert_eq!(store.path("photo").unwrap(), machine.kept("scope-beta-2.0/photo.jpg"));
    assert_eq!(fs::read(machine.kept("scope-beta-2.0/photo.jpg")).unwrap(), PHOTO);
}

#[test]
fn clients_are_asked_for_one_version_and_run_nothing_of_it() {
    let machine = Machine::new();
    machine.store(Fetch::Allowed).pull(&Group::ALL, &()).unwrap();
    let calls = machine.calls();
    assert_eq!(calls.len(), 2);
    for word in
        ["python3 -m pip download", "--no-deps", "--only-binary=:all:", "--platform any", "alpha==1.0"]
    {
        assert!(calls[0].contains(word), "{word} in {}", calls[0]);
    }
    for word in ["npm pack @scope/beta@2.0", "--ignore-scripts", "--cache"] {
        assert!(calls[1].contains(word), "{word} in {}", calls[1]);
    }
}

#[test]
fn clients_run_in_an_empty_folder_with_the_user_s_settings() {
    let machine = Machine::new();
    let seen = machine.at("seen");
    machine.pip(&format!(
        "{{ pwd; echo \"$TMPDIR\"; echo \"$PIP_REQUIRE_VIRTUALENV\"; echo \"$PATH\"; }} > '{}'; cp \"$registry\"/*.whl \"$dest\"",
        seen.display()
    ));
    machine.store(Fetch::Allowed).pull(&[Group::Face], &()).unwrap();
    let seen = fs::read_to_string(seen).unwrap();
    let lines: Vec<_> = seen.lines().collect();
    let staging = machine.kept(".staging");
    assert!(lines[0].contains(".staging"), "{seen}");
    assert!(lines[1].starts_with(staging.to_str().unwrap()), "{seen}");
    assert_eq!(lines[2], "0");
    assert_eq!(lines[3], std::env::var("PATH").unwrap());
    assert_eq!(fs::read_dir(staging).unwrap().count(), 0, "nothing is left");
}

#[test]
fn a_second_pull_runs_no_client() {
    let machine = Machine::new();
    let store = machine.store(Fetch::Allowed);
    store.pull(&Group::ALL, &()).unwrap();
    let report = store.pull(&Group::ALL, &()).unwrap();
    assert_eq!((report.fetched_packages.len(), report.already_there), (0, 3));
    assert_eq!(machine.calls().len(), 2);
}

#[test]
fn one_fetch_unpacks_the_files_of_all_groups() {
    let machine = Machine::new();
    let store = machine.store(Fetch::Allowed);
    store.pull(&[Group::Face], &()).unwrap();
    assert_eq!(fs::read(store.path("words").unwrap()).unwrap(), WORDS);
    assert_eq!(machine.calls().len(), 1);
}

#[test]
fn member_names_of_an_archive_are_never_used_as_paths() {
    let machine = Machine::new();
    machine.store(Fetch::Allowed).pull(&Group::ALL, &()).unwrap();
    let mut kept: Vec<_> = crate::folder::find(
        machine.root.path(),
        &["evil.txt", "bonafide-evil.txt"].map(str::to_owned).into_iter().collect(),
    )
    .into_iter()
    .collect();
    assert_eq!(kept.pop(), None);
    assert!(!std::path::Path::new("/tmp/bonafide-evil.txt").exists());
}

#[test]
fn without_pip_the_error_names_the_file_its_hash_and_its_place() {
    let machine = Machine::without_clients();
    let error = machine.store(Fetch::Allowed).pull(&[Group::Test], &()).unwrap_err();
    assert!(matches!(error, AssetError::NoClient { client: "pip", .. }));
    let told = error.to_string();
    let folder = machine.kept("alpha-1.0");
    for word in ["words.txt", &Sha256::of(WORDS).to_string(), "alpha 1.0", "no pip", folder.to_str().unwrap()]
    {
        assert!(told.contains(word), "{word} in {told}");
    }
}

#[test]
fn without_npm_the_error_says_npm() {
    let machine = Machine::without_clients();
    machine.pip("cp \"$registry\"/*.whl \"$dest\"");
    let error = machine.store(Fetch::Allowed).pull(&[Group::Test], &()).unwrap_err();
    assert!(matches!(error, AssetError::NoClient { client: "npm", .. }));
}

#[test]
fn a_python_without_pip_is_passed_over() {
    let machine = Machine::without_clients();
    machine.write_program("python3", "#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n");
    machine.program("pip", "cp \"$registry\"/*.whl \"$dest\"");
    machine.store(Fetch::Allowed).pull(&[Group::Face], &()).unwrap();
    assert!(machine.calls()[0].starts_with("pip download"));
}

#[test]
fn a_client_without_a_network_is_quoted() {
    let machine = Machine::new();
    machine.pip(
        "echo \"WARNING: Retrying after connection broken by 'Name or service not known'\" >&2\n\
         echo 'ERROR: No matching distribution found' >&2\nexit 1",
    );
    let error = machine.store(Fetch::Allowed).pull(&[Group::Face], &()).unwrap_err();
    assert!(matches!(error, AssetError::ClientFailed { .. }));
    assert!(error.to_string().contains("Name or service not known"), "{error}");
}

#[test]
fn a_client_that_saves_nothing_has_failed() {
    let machine = Machine::new();
    machine.pip("echo all is well");
    let error = machine.store(Fetch::Allowed).pull(&[Group::Face], &()).unwrap_err();
    assert!(matches!(error, AssetError::ClientFailed { said, .. } if said == "all is well"));
}

#[test]
fn an_archive_with_another_hash_is_refused_unopened() {
    let machine = Machine::new();
    fs::write(machine.at("registry").join(WHEEL), b"another archive").unwrap();
    let error = machine.store(Fetch::Allowed).pull(&[Group::Face], &()).unwrap_err();
    match error {
        AssetError::WrongArchive { archive, found, .. } => {
            assert_eq!(archive, WHEEL);
            assert_eq!(*found, Sha256::of(b"another archive"));
        }
        other => panic!("{other}"),
    }
    assert!(!machine.kept("alpha-1.0").exists());
}

#[test]
fn what_was_brought_before_a_failure_stays() {
    let machine = Machine::new();
    fs::write(machine.at("registry").join(TARBALL), b"another archive").unwrap();
    let store = machine.store(Fetch::Allowed);
    store.pull(&[Group::Test], &()).unwrap_err();
    assert_eq!(fs::read(store.path("words").unwrap()).unwrap(), WORDS);
}

#[test]
fn progress_is_told_from_beginning_to_end() {
    #[derive(Default)]
    struct Diary(Mutex<Vec<String>>);
    impl Progress for Diary {
        fn begin(&self, what: &str, total_bytes: u64) {
            self.0.lock().unwrap().push(format!("begin {what} {total_bytes}"));
        }
        fn advance(&self, bytes_so_far: u64) {
            self.0.lock().unwrap().push(format!("advance {bytes_so_far}"));
        }
        fn end(&self) {
            self.0.lock().unwrap().push("end".to_owned());
        }
        fn waiting(&self) {}
    }
    let machine = Machine::new();
    let diary = Diary::default();
    machine.store(Fetch::Allowed).pull(&[Group::Face], &diary).unwrap();
    let size = fs::metadata(machine.at("registry").join(WHEEL)).unwrap().len();
    let lines = diary.0.into_inner().unwrap();
    assert_eq!(lines[0], format!("begin alpha 1.0 {size}"));
    assert_eq!(lines[lines.len() - 2..], [format!("advance {size}"), "end".to_owned()]);
}

#[test]
fn an_old_glibc_is_told_before_the_runtime_is_fetched() {
    let mut machine = Machine::new();
    let text = super::manifest_for(&machine.at("registry"));
    let for_one_machine = text.replacen("version = \"1.0\"", "version = \"1.0\"\narch = \"x86_64\"", 1);
    machine.manifest = Box::leak(Box::new(crate::Manifest::parse(&for_one_machine).unwrap()));
    machine.write_program("getconf", "#!/bin/sh\necho glibc 2.17\n");
    let error = machine.store(Fetch::Allowed).pull(&[Group::Face], &()).unwrap_err();
    assert!(matches!(
        &error,
        AssetError::UnsupportedPlatform { why: Unsupported::Glibc { found }, .. } if found == "2.17"
    ));
    assert!(machine.calls().is_empty());

    let mut store = machine.store(Fetch::Allowed);
    store.platform = Platform { os: "linux", arch: "riscv64", musl: false };
    for error in [store.pull(&[Group::Face], &()).unwrap_err(), store.path("model").unwrap_err()] {
        assert!(matches!(
            error,
            AssetError::UnsupportedPlatform { why: Unsupported::Architecture("riscv64"), .. }
        ));
    }
}
