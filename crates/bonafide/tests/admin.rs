//! The operator's commands against a data folder of their own.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bonafide"));
        command.args(args).env("BONAFIDE_DATA", self.path("data")).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs `args --json` and expects the exit code.
    fn json(&self, args: &[&str], code: i32) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    fn with_tenant() -> Self {
        let folder = Self::new();
        folder.json(&["tenant", "create", "--name", "default"], 0);
        folder
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn tenants_are_made_listed_and_revoked() {
    let folder = Folder::new();
    let made = folder.json(
        &[
            "tenant",
            "create",
            "--name",
            "shop",
            "--allow-origin",
            "https://a.example",
            "--similarity-floor-fmr",
            "1e-4",
        ],
        0,
    );
    assert_eq!(made["allowed_origins"], serde_json::json!(["https://a.example"]));
    assert_eq!(made["similarity_floor_fmr"], 1e-4);
    assert!(folder.json(&["tenant", "create", "--name", "shop"], 1)["error"].is_string());
    let listed = folder.json(&["tenant", "list"], 0);
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]), (1, &made));
    let id = text(&made["id"]);
    assert_eq!(folder.json(&["tenant", "revoke", id], 0)["revoked"], true);
    assert_eq!(folder.json(&["tenant", "revoke", id], 1)["revoked"], false);
    assert!(folder.json(&["tenant", "list"], 0)[0]["revoked_at"].is_string());
    assert_eq!(folder.run(&["tenant", "revoke", "shop"]).status.code(), Some(2), "no id");
    assert_eq!(
        folder.run(&["tenant", "create", "--name", "b", "--allow-origin", "*"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_key_is_shown_once_and_never_listed() {
    let folder = Folder::with_tenant();
    let args = ["key", "create", "--name", "phones", "--kind", "generator", "--expires-in", "90d"];
    let made = folder.json(&args, 0);
    assert_eq!(text(&made["key"]).split('.').count(), 3, "a signed token");
    assert_eq!((&made["kind"], &made["name"]), (&"generator".into(), &"phones".into()));
    let [created, expires] = ["created_at", "expires_at"]
        .map(|time| text(&made[time]).parse::<jiff::Timestamp>().unwrap().as_millisecond());
    assert_eq!(expires - created, 90 * 24 * 3_600_000);

    let bare = folder.run(&["key", "create", "--name", "b", "--permission", "enrollment_delete"]);
    let bare = String::from_utf8(bare.stdout).unwrap();
    assert_eq!((bare.lines().count(), bare.trim().split('.').count()), (1, 3));

    let listed = folder.run(&["key", "list", "--json"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(!listed.contains(text(&made["key"])) && !listed.contains(bare.trim()));
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(listed.as_array().unwrap().iter().any(|key| key["permissions"][0] == "enrollment_delete"));

    let id = text(&made["id"]);
    folder.json(&["key", "revoke", id], 0);
    folder.json(&["key", "revoke", id], 1);
    folder.json(&["key", "list", "--tenant", "nobody"], 1);
    assert_eq!(folder.run(&["key", "create", "--name", "c", "--kind", "master"]).status.code(), Some(2));
}

#[test]
fn a_password_comes_from_standard_input_or_a_file() {
    let folder = Folder::with_tenant();
    let mut child = folder
        .command(&["user", "create", "--name", "ada", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"correct horse\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();

    let file = folder.path("password");
    std::fs::write(&file, "battery staple\n").unwrap();
    folder.json(&["user", "create", "--name", "bob", "--password-file", &file, "--permission", "review"], 0);
    folder.json(&["user", "create", "--name", "bob", "--password-file", &file], 1);
    assert!(folder.json(&["user", "create", "--name", "eve"], 2)["error"].is_string(), "nothing to read");

    let listed = String::from_utf8(folder.run(&["user", "list", "--json"]).stdout).unwrap();
    assert!(listed.contains("ada") && listed.contains("review") && !listed.contains("argon2"), "{listed}");
    folder.json(&["user", "revoke", text(&made["id"])], 0);
}

#[test]
fn a_client_has_a_secret_that_is_shown_once() {
    let folder = Folder::with_tenant();
    let made = folder.json(&["client", "create", "--name", "billing"], 0);
    let secret = text(&made["secret"]);
    assert!(secret.len() >= 32);
    let listed = String::from_utf8(folder.run(&["client", "list", "--json"]).stdout).unwrap();
    assert!(listed.contains("billing") && !listed.contains(secret) && !listed.contains("secret"), "{listed}");
    folder.json(&["client", "revoke", text(&made["id"])], 0);
    folder.json(&["client", "revoke", text(&made["id"])], 1);
}

#[test]
fn a_backup_is_restored_elsewhere_with_its_keys() {
    let folder = Folder::with_tenant();
    let key = folder.json(&["key", "create", "--name", "kept"], 0);
    let (to, keys) = (folder.path("backup"), folder.path("keys"));
    let saved = folder.json(&["backup", "--to", &to, "--keys-to", &keys], 0);
    assert_eq!(saved["with_keys"], true);
    folder.json(&["backup", "--to", &to], 1);
    folder.json(&["restore", "--from", &to, "--keys-from", &keys], 1);
    let elsewhere = folder.path("elsewhere");
    folder.json(&["restore", "--from", &to, "--data", &elsewhere], 1);
    let restored = folder.json(&["restore", "--from", &to, "--keys-from", &keys, "--data", &elsewhere], 0);
    assert_eq!((&restored["photos"], &restored["erased_again"]), (&0.into(), &0.into()));
    let listed = folder.json(&["key", "list", "--data", &elsewhere], 0);
    assert_eq!(listed[0]["id"], key["id"]);
}

#[test]
fn a_rotated_master_key_opens_everything() {
    let folder = Folder::with_tenant();
    let key = folder.json(&["key", "create", "--name", "kept"], 0);
    let old = std::fs::read(folder.path("data/master.key")).unwrap();
    let made = folder.json(&["rekey"], 0);
    assert_ne!(std::fs::read(folder.path("data/master.key")).unwrap(), old);
    assert_eq!(folder.json(&["key", "list"], 0)[0]["id"], key["id"]);
    folder.json(&["user", "list"], 0);
    let noted = folder.json(&["audit", "--action", "master-key.rotate"], 0);
    assert_eq!((&noted[0]["about"], &noted[0]["tenant"]), (&made["key_id"], &Value::Null));
    let text = folder.run(&["rekey"]);
    assert!(String::from_utf8_lossy(&text.stdout).starts_with("the master key is "), "{}", stderr(&text));
}

#[test]
fn the_audit_log_is_shown_in_pages() {
    let folder = Folder::with_tenant();
    folder.json(&["tenant", "create", "--name", "shop"], 0);
    let key = folder.json(&["key", "create", "--tenant", "shop", "--name", "a"], 0);
    folder.json(&["key", "revoke", "--tenant", "shop", text(&key["id"])], 0);
    folder.json(&["key", "revoke", "--tenant", "shop", text(&key["id"])], 1);
    folder.json(&["backup", "--to", &folder.path("backup")], 0);
    let actions = |args: &[&str]| {
        let found = folder.json(&[&["audit"], args].concat(), 0);
        let found = found.as_array().unwrap().iter();
        found.map(|entry| text(&entry["action"]).to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(actions(&[]), "backup.create key.revoke key.create tenant.create tenant.create");
    assert_eq!(actions(&["--tenant", "shop"]), "key.revoke key.create tenant.create");
    assert_eq!(actions(&["--tenant", "shop", "--action", "key.create"]), "key.create");
    assert_eq!(actions(&["--since", "2999-01-01"]), "");
    let first = folder.json(&["audit", "--limit", "2"], 0);
    assert_eq!((&first[1]["about"], &first[1]["actor"]), (&key["id"], &"command line".into()));
    let before = first[1]["sequence"].to_string();
    assert_eq!(actions(&["--limit", "2", "--before", &before]), "key.create tenant.create");
    let shown = folder.run(&["audit", "--limit", "2"]);
    assert_eq!(String::from_utf8_lossy(&shown.stdout).lines().count(), 2);
    assert!(stderr(&shown).contains(&format!("--before {before}")), "{}", stderr(&shown));
    folder.json(&["audit", "--tenant", "nobody"], 1);
    assert_eq!(folder.run(&["audit", "--since", "yesterday"]).status.code(), Some(2));
    assert_eq!(folder.run(&["audit", "--limit", "0"]).status.code(), Some(2));
}

#[test]
fn what_is_not_there_is_said_and_not_made() {
    let folder = Folder::new();
    for args in
        [&["tenant", "list"][..], &["key", "list"], &["erase", "--subject", "x"], &["rekey"], &["audit"]]
    {
        let answer = folder.json(args, 2);
        assert!(text(&answer["error"]).contains("has no store"), "{answer}");
    }
    assert!(!Path::new(&folder.path("data")).exists());
    let folder = Folder::with_tenant();
    assert!(text(&folder.json(&["erase", "--subject", "nobody"], 1)["error"]).contains("nobody"));
    for id in ["a1b2c3d4-e5f6-4711-8899-aabbccddeeff", "a1b2c3d4e5f647118899aabbccddeeff"] {
        let error = folder.json(&["erase", "--verification", id], 1);
        assert_eq!(text(&error["error"]), "there is no verification `a1b2c3d4e5f647118899aabbccddeeff`");
        let both = folder.run(&["erase", "--subject", "nobody", "--verification", id]);
        assert_eq!(both.status.code(), Some(2), "one or the other");
    }
    assert_eq!(folder.run(&["erase"]).status.code(), Some(2), "neither");
    assert_eq!(folder.run(&["erase", "--verification", "nobody"]).status.code(), Some(2), "no id");
}

#[test]
fn lists_are_loaded_looked_through_and_forgotten() {
    let folder = Folder::with_tenant();
    let tarek = ["aml", "screen", "default", "--name", "Tarik Mansoor", "--born", "1971-03-02"];
    let unasked = folder.json(&tarek, 2);
    assert_eq!(unasked, serde_json::json!({"screened": false, "why": "no list is loaded"}));

    let list = folder.path("own.csv");
    let rows = "name,case_no,case_year,id_number,date_of_birth\n\
                Tarek Mansour,7/2019,2019,29507240112345,1971-03-02\n\
                Somebody,8/2019,2019,,no day\n\
                Leila Haddad,9/2019,2019,,\n";
    std::fs::write(&list, rows).unwrap();
    let loaded = folder.json(&["aml", "load", &list], 1);
    assert_eq!(loaded["lists"], serde_json::json!([["own", 2]]));
    let bad = loaded["bad_rows"].as_array().unwrap();
    assert!(bad.len() == 1 && text(&bad[0]).contains("own.csv, line 3: "), "{loaded}");
    let lists = folder.json(&["aml", "list"], 0);
    assert_eq!((&lists[0]["source"], &lists[0]["entries"]), (&"own".into(), &2.into()));

    let found = folder.json(&tarek, 1);
    let hit = &found["hits"][0];
    assert_eq!(
        (&hit["entry"]["source"], &hit["entry"]["case_no"], &hit["entry"]["names"][0]),
        (&"own".into(), &"7/2019".into(), &"Tarek Mansour".into())
    );
    assert!((0.8..1.0).contains(&hit["score"].as_f64().unwrap()), "{hit}");
    assert!(text(&hit["explanation"][0]).contains("tarik = tarek"), "{hit}");
    assert_eq!(folder.json(&[&tarek[..], &["--threshold", "1"]].concat(), 0)["hits"], serde_json::json!([]));
    let nobody = folder.json(&["aml", "screen", "default", "--name", "Nora Fischer"], 0);
    assert_eq!(nobody, serde_json::json!({"screened": true, "hits": [], "cleared": []}));
    let by_number = folder.json(&["aml", "screen", "default", "--number", "29507240112345"], 1);
    assert_eq!(by_number["hits"][0]["score"], 1.0);

    folder.json(&[&["aml", "clear", "default", "own", "7/2019"], &tarek[3..]].concat(), 0);
    let cleared = folder.json(&tarek, 0);
    assert_eq!((&cleared["hits"], &cleared["cleared"][0]), (&serde_json::json!([]), hit));
    folder.json(&[&["aml", "uncleared", "default", "own", "7/2019"], &tarek[3..]].concat(), 0);
    assert_eq!(folder.json(&tarek, 1), found);

    let broken = folder.path("empty.csv");
    std::fs::write(&broken, "name\n").unwrap();
    let refused = folder.run(&["aml", "load", &broken]);
    assert!(!refused.status.success() && stderr(&refused).contains("has no entries"), "{}", stderr(&refused));
    folder.json(&["aml", "remove", "own"], 0);
    folder.json(&["aml", "remove", "own"], 1);
    folder.json(&tarek, 2);
}
