//! The master key is rotated while the server works, and rotations are killed at any moment.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use crate::harness::{Server, Truora, bonafide, photo, selfie_link, text};

fn master_key(data: &Path) -> Vec<u8> {
    std::fs::read(data.join("master.key")).unwrap()
}

/// Enrolls and validates one person.
fn one_person(client: &Truora, account: &str) {
    let enrollment = client.enroll(account, &[("confirmation", "none")]);
    client.upload(text(&enrollment, "file_upload_link"), photo("photo-person-b-1")).expect(200);
    let validation = client.validate(account, &[]);
    client.upload(selfie_link(&validation), photo("photo-person-b-2")).expect(200);
    assert_eq!(client.ended(&validation)["validation_status"], "success");
}

/// What was kept of a person is read: a photo, the profile, the decision.
fn assert_readable(client: &Truora, account: &str) {
    let listed = client.get(&format!("/v1/accounts/{account}/validations")).expect(200);
    let id = text(&listed["validations"][0], "validation_id");
    let shown = client.get(&format!("/v1/validations/{id}?show_details=true")).expect(200);
    assert_eq!(shown["validation_status"], "success");
    let link = shown["user_response"]["input_files"][0].as_str().unwrap();
    assert_eq!(client.http.get(link).send().unwrap().bytes().unwrap(), photo("photo-person-b-2"));
}

#[test]
fn uploads_go_on_while_the_master_key_is_rotated() {
    const PEOPLE: usize = 6;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start_in(&data, &[]);
    let client = server.client();
    one_person(&client, "before");
    let mut keys = BTreeSet::from([master_key(&data)]);
    let is_done = AtomicBool::new(false);
    let rotations = thread::scope(|scope| {
        let people = scope.spawn(|| {
            for number in 0..PEOPLE {
                one_person(&client, &format!("during-{number}"));
            }
            is_done.store(true, Ordering::Relaxed);
        });
        let mut rotations = 0;
        while !is_done.load(Ordering::Relaxed) && !people.is_finished() {
            server.admin(&["rekey"]);
            assert!(keys.insert(master_key(&data)), "each time another key");
            // A tenant that is made after the rotation, and used by the server that began before it.
            one_person(&server.other_tenant(&format!("tenant-{rotations}")), "of-another");
            rotations += 1;
        }
        people.join().unwrap();
        rotations
    });
    assert!(rotations > 0);
    let noted = server.admin(&["audit", "--action", "master-key.rotate"]);
    assert_eq!(noted.as_array().unwrap().len(), rotations);
    let readable = |client: &Truora| {
        assert_readable(client, "before");
        for number in 0..PEOPLE {
            assert_readable(client, &format!("during-{number}"));
        }
    };
    readable(&client);
    drop(server);
    readable(&Server::start_in(&data, &[]).client());
}

#[test]
fn a_rotation_that_is_killed_at_any_moment_leaves_everything_readable() {
    const KILLS: u32 = 30;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start_in(&data, &[]);
    let client = server.client();
    one_person(&client, "before");
    // Many keys make the one transaction long.
    for number in 0..20 {
        server.admin(&["tenant", "create", "--name", &format!("tenant-{number}")]);
    }
    let begun = Instant::now();
    server.admin(&["rekey"]);
    let one_takes = begun.elapsed();
    for kill in 0..KILLS {
        let mut command = bonafide(&["rekey", "--data"]);
        let mut child = command.arg(&data).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // From the start of the program to somewhat after its end.
        thread::sleep(one_takes * kill * 12 / (KILLS * 10));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_readable(&client, "before");
        if kill % 10 == 0 {
            one_person(&client, &format!("after-{kill}"));
        }
    }
    drop(server);
    let server = Server::start_in(&data, &[]);
    assert!(!data.join("master.key.new").exists());
    assert_readable(&server.client(), "before");
    assert_readable(&server.client(), "after-20");
    // Each rotation that counts is noted once.
    let noted = server.admin(&["audit", "--action", "master-key.rotate"]);
    let noted: Vec<_> =
        noted.as_array().unwrap().iter().map(|entry| text(entry, "about").to_owned()).collect();
    assert_eq!(noted.iter().collect::<BTreeSet<_>>().len(), noted.len());
    assert!(!noted.is_empty());
}
