//! The server is killed again and again, at random points of uploads and decisions. What it had accepted is there
//! afterwards, every job ends once, every event is kept once.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use domain::{About, EnrollmentId, Event, EventKind, VerificationId};
use reqwest::blocking::Client;
use serde_json::Value;
use store::Store;

use crate::harness::{Server, Truora, photo, text, wait_for};

const KILLS: usize = 100;
const CLIENTS: usize = 4;

/// What the server said yes to.
#[derive(Default)]
struct Accepted {
    enrollments: Vec<String>,
    enrollment_photos: Vec<String>,
    validations: Vec<String>,
    selfies: Vec<String>,
}

/// A small, seeded generator: the same seed kills at the same points, as far as the machine allows.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[test]
fn a_hundred_kills_lose_nothing_and_do_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let accepted = Mutex::new(Accepted::default());
    let mut random = Random(u64::from(std::process::id()) << 20 | 0x5eed);
    println!("seed {}", random.0);
    // How long one person takes on this machine, from the start of the server on: kills come before and after that.
    let begun = Instant::now();
    let server = Server::start_in(&data, &[]);
    one_person(&server.client(), "first", &accepted).unwrap();
    let one_takes_ms = u64::try_from(begun.elapsed().as_millis()).unwrap();
    drop(server);
    for round in 0..KILLS {
        let mut server = Server::start_in(&data, &[]);
        let client = server.client();
        let pause = Duration::from_millis(random.below(2 * one_takes_ms));
        let stop = AtomicBool::new(false);
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        let account = format!("account-{round}-{}", next.fetch_add(1, Ordering::Relaxed));
                        if one_person(&client, &account, &accepted).is_none() {
                            break;
                        }
                    }
                });
            }
            thread::sleep(pause);
            server.kill();
            stop.store(true, Ordering::Relaxed);
        });
    }
    let accepted = accepted.into_inner().unwrap();
    assert!(accepted.selfies.len() >= KILLS, "only {} selfies in {KILLS} rounds", accepted.selfies.len());
    let server = Server::start_in(&data, &[]);
    check_answers(&server, &accepted);
    drop(server);
    check_store(&data, &accepted);
}

/// Enrolls and validates one person; `None` once the server is gone. Writes down what was accepted as soon as it was.
fn one_person(client: &Truora, account: &str, accepted: &Mutex<Accepted>) -> Option<()> {
    let form = [("type", "face-recognition"), ("user_authorized", "true"), ("account_id", account)];
    let vouched = [&form[..], &[("confirmation", "none")]].concat();
    let enrollment = post(client, "/v1/enrollments", &vouched)?;
    let enrollment_id = text(&enrollment, "enrollment_id").to_owned();
    accepted.lock().unwrap().enrollments.push(enrollment_id.clone());
    upload(&client.http, text(&enrollment, "file_upload_link"), "photo-person-b-1")?;
    accepted.lock().unwrap().enrollment_photos.push(enrollment_id);

    let live =
        [&form[..], &[("subvalidations", "similarity"), ("subvalidations", "passive_liveness")]].concat();
    let validation = post(client, "/v1/validations", &live)?;
    let validation_id = text(&validation, "validation_id").to_owned();
    accepted.lock().unwrap().validations.push(validation_id.clone());
    upload(&client.http, text(&validation["instructions"], "file_upload_link"), "photo-person-b-2")?;
    accepted.lock().unwrap().selfies.push(validation_id);
    Some(())
}

fn post(client: &Truora, path: &str, form: &[(&str, &str)]) -> Option<Value> {
    let request = client.http.post(format!("{}{path}", client.url)).form(form);
    let answer = request.header("Truora-API-Key", &client.key).send().ok()?;
    assert_eq!(answer.status(), 201);
    answer.json().ok()
}

fn upload(http: &Client, link: &str, id: &str) -> Option<()> {
    let answer = http.put(link).body(photo(id)).send().ok()?;
    assert_eq!(answer.status(), 200);
    Some(())
}

/// What every client that was told yes finds now.
fn check_answers(server: &Server, accepted: &Accepted) {
    let client = server.client();
    for id in &accepted.enrollment_photos {
        assert_eq!(client.get(&format!("/v1/enrollments/{id}")).expect(200)["status"], "success");
    }
    for id in &accepted.selfies {
        let ended = wait_for(|| {
            let now = client.get(&format!("/v1/validations/{id}?show_details=true")).expect(200);
            (now["validation_status"] != "pending").then_some(now)
        });
        assert_eq!(ended["validation_status"], "success", "{ended}");
        let link = ended["user_response"]["input_files"][0].as_str().unwrap();
        assert_eq!(client.http.get(link).send().unwrap().bytes().unwrap(), photo("photo-person-b-2"));
    }
    for id in &accepted.enrollments {
        client.get(&format!("/v1/enrollments/{id}")).expect(200);
    }
    for id in &accepted.validations {
        client.get(&format!("/v1/validations/{id}")).expect(200);
    }
}

/// What lies in the store itself: the events and the jobs.
fn check_store(data: &std::path::Path, accepted: &Accepted) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(Store::open_existing(data)).unwrap();
    let mut events: BTreeMap<String, Vec<EventKind>> = BTreeMap::new();
    let mut after = 0;
    loop {
        let page =
            runtime.block_on(async { store.read().await.unwrap().events_after(after, 500).await.unwrap() });
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (_, Event { kind, about, .. }) in page {
            let about = match about {
                About::Enrollment(id) => format!("ENR{id}"),
                About::Verification(id) => format!("VLD{id}"),
                About::Session(id) => id.to_string(),
            };
            events.entry(about).or_default().push(kind);
        }
    }
    let of = |id: &String| events.get(id).map_or(&[][..], Vec::as_slice);
    for id in &accepted.enrollments {
        id["ENR".len()..].parse::<EnrollmentId>().unwrap();
        assert_eq!(of(id).iter().filter(|kind| **kind == EventKind::EnrollmentCreated).count(), 1);
    }
    for id in &accepted.enrollment_photos {
        assert_eq!(of(id), [EventKind::EnrollmentCreated, EventKind::EnrollmentSucceeded]);
    }
    for id in &accepted.selfies {
        id["VLD".len()..].parse::<VerificationId>().unwrap();
        assert_eq!(of(id), [EventKind::VerificationCreated, EventKind::VerificationSucceeded]);
    }
    // Also for what was never answered: no end is told twice.
    for (id, kinds) in &events {
        let ends = kinds
            .iter()
            .filter(|kind| !matches!(kind, EventKind::EnrollmentCreated | EventKind::VerificationCreated));
        assert!(ends.count() <= 1, "{id}: {kinds:?}");
    }
    let dead = runtime.block_on(store.dead_jobs()).unwrap();
    assert!(dead.is_empty(), "{dead:?}");
}
