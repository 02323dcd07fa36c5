//! The command line as a user meets it. Photos and models are those that `cargo xtask test` fetches.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assets::{Fetch, Store};

fn photo(id: &str) -> PathBuf {
    let store = Store::open(None, Fetch::Offline).unwrap();
    store.path(id).expect("run `cargo xtask test`, which fetches models and photos")
}

fn bonafide(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bonafide")).arg("--offline").args(args).output().unwrap()
}

fn verify(reference: &Path, selfie: &Path) -> Output {
    let [reference, selfie] = [reference, selfie].map(|path| path.to_str().unwrap());
    bonafide(&["verify", "--json", "--reference", reference, "--selfie", selfie])
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_same_live_person_is_allowed_with_exit_code_0() {
    let output = verify(&photo("photo-person-b-1"), &photo("photo-person-b-2"));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let answer = json(&output);
    assert_eq!(answer["decision"], "allow");
    assert_eq!(answer["reasons"], serde_json::json!([]));
    assert!(answer["similarity"].as_f64().unwrap() >= 0.65);
    assert_eq!(answer["fmr_at_threshold"], 1e-4);
    assert_eq!(answer["evidence"]["liveness"]["state"], "scored");
    assert!(answer["evidence"]["selfie"]["quality"]["sharpness"].is_u64());
}

#[test]
fn another_person_is_denied_with_exit_code_1() {
    let output = verify(&photo("photo-person-b-1"), &photo("photo-impostor-2"));
    assert_eq!(output.status.code(), Some(1));
    let answer = json(&output);
    assert_eq!(
        (&answer["decision"], &answer["reasons"][0]["code"]),
        (&"deny".into(), &"faces_differ".into())
    );
}

#[test]
fn a_photo_without_a_face_ends_with_exit_code_2_and_no_decision() {
    let output = verify(&photo("photo-no-face"), &photo("photo-person-b-2"));
    assert_eq!(output.status.code(), Some(2));
    let answer = json(&output);
    assert!(answer["decision"].is_null() && answer["similarity"].is_null());
    assert_eq!(answer["reasons"][0]["code"], "reference_no_face");
}

#[test]
fn files_that_are_no_photos_end_with_exit_code_2_and_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let whole = std::fs::read(photo("photo-obama")).unwrap();
    let cases = [
        write("empty.jpg", b""),
        write("text.png", b"this is no picture"),
        write("cut.jpg", &whole[..whole.len() / 2]),
        write("huge.jpg", &vec![0; 10_000_001]),
        dir.path().join("missing.jpg"),
        dir.path().to_owned(),
    ];
    for case in cases {
        let output = verify(&case, &photo("photo-obama"));
        assert_eq!(output.status.code(), Some(2), "{}", case.display());
        assert!(json(&output)["error"].as_str().unwrap().contains(case.to_str().unwrap()));
        assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
    }
}

#[test]
fn the_demo_runs_and_missing_arguments_are_explained() {
    let output = bonafide(&["verify", "--demo"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("\nallow\n") && text.contains("\ndeny\n") && text.contains("could not tell"),
        "{text}"
    );
    assert_eq!(bonafide(&["verify", "--selfie", "a.jpg"]).status.code(), Some(2));
}

#[test]
fn offline_without_models_names_what_is_missing_and_where_it_goes() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bonafide"))
        .args(["--offline", "verify", "--reference", "a.jpg", "--selfie", "b.jpg"])
        .env("BONAFIDE_ASSETS_DIR", dir.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output);
    for part in ["onnxruntime", "1.31.1", "libonnxruntime.so", dir.path().to_str().unwrap()] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(message.split(|c: char| !c.is_ascii_hexdigit()).any(|word| word.len() == 64), "{message}");
}

#[test]
fn assets_are_listed_and_verified() {
    let listed = json(&bonafide(&["assets", "list", "--json"]));
    assert!(
        listed.as_array().unwrap().iter().any(|entry| entry["id"] == "sface" && entry["state"] == "present")
    );
    assert_eq!(bonafide(&["assets", "verify"]).status.code(), Some(0));
    assert_eq!(bonafide(&["assets", "pull", "--group", "face,test"]).status.code(), Some(0));
    assert_eq!(bonafide(&["assets", "pull", "--group", "nonsense"]).status.code(), Some(2));
}

#[test]
fn faces_are_detected_and_compared() {
    let photo_of = |id: &str| photo(id).to_str().unwrap().to_owned();
    let detected = json(&bonafide(&["face", "detect", "--json", &photo_of("photo-obama")]));
    let face = &detected["faces"][0];
    assert!(face["score"].as_f64().unwrap() > 0.8 && face["box"]["width"].as_f64().unwrap() > 50.0);
    assert!(face["landmarks"]["right_eye"]["x"].as_f64() < face["landmarks"]["left_eye"]["x"].as_f64());
    assert_eq!(bonafide(&["face", "detect", &photo_of("photo-no-face")]).status.code(), Some(1));
    let compared =
        json(&bonafide(&["face", "compare", "--json", &photo_of("photo-obama"), &photo_of("photo-obama2")]));
    assert!(compared["similarity"].as_f64().unwrap() > 0.65);
}

#[test]
fn the_benches_measure_what_the_manifest_says() {
    let dir = tempfile::tempdir().unwrap();
    let copy = |id: &str, to: &str| {
        let to = dir.path().join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(photo(id), to).unwrap();
    };
    copy("photo-person-a-1", "a/1.jpg");
    copy("photo-person-a-2", "a/2.jpg");
    copy("photo-person-b-1", "b/1.jpg");
    copy("photo-person-b-2", "b/2.jpg");
    copy("photo-no-face", "none/1.jpg");
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let root = dir.path().to_str().unwrap();
    let pairs = write(
        "pairs.csv",
        "path1,path2,same\na/1.jpg,a/2.jpg,1\nb/1.jpg,b/2.jpg,1\na/1.jpg,b/1.jpg,0\na/2.jpg,none/1.jpg,0\n",
    );
    let strip_times = |mut report: serde_json::Value| {
        for time in ["median_ms", "photos_per_second", "stages_ms", "threads"] {
            report.as_object_mut().unwrap().remove(time).expect(time);
        }
        report
    };
    let measure = |threads: &str| {
        json(&bonafide(&["bench", "face", &pairs, "--root", root, "--threads", threads, "--json"]))
    };
    let report = strip_times(measure("1"));
    assert_eq!((&report["pairs"], &report["photos"]), (&4.into(), &5.into()));
    assert_eq!((&report["failed_to_acquire"], &report["accuracy"]), (&1.into(), &1.0.into()));
    assert_eq!((&report["genuine_pairs"], &report["impostor_pairs"]), (&2.into(), &4.into()));
    assert!(report["fnmr_at_fmr"]["1e-4"].is_null());
    assert_eq!(report, strip_times(measure("3")), "the rates do not depend on the number of threads");

    let manifest = write(
        "liveness.csv",
        "path,label,attack_type,set\nb/2.jpg,live,none,press\nnone/1.jpg,attack,landscape,press\n",
    );
    let report = json(&bonafide(&["bench", "liveness", &manifest, "--root", root, "--json"]));
    let set = &report["sets"]["press"];
    assert_eq!((&set["bona_fide"], &set["attacks"], &set["not_decided"]), (&1.into(), &1.into(), &1.into()));
    assert_eq!((&set["bpcer"], &set["apcer"]["landscape"]), (&0.0.into(), &serde_json::Value::Null));

    let missing = write("missing.csv", "path1,path2,same\na/1.jpg,a/9.jpg,1\n");
    let output = bonafide(&["bench", "face", &missing, "--root", root]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("9.jpg"));
}
