//! Rate limits, quotas and throttles, over restarts and behind a proxy.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Answer, Server, Truora, photo, selfie_link, text};

/// A data folder and the options of a server with `settings`.
struct Folder {
    folder: tempfile::TempDir,
    config: PathBuf,
}

impl Folder {
    fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("bonafide.toml");
        std::fs::write(&config, settings).unwrap();
        Self { folder, config }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn start(&self) -> Server {
        Server::start_in(&self.data(), &["--config", self.config.to_str().unwrap()])
    }
}

fn form(account: &str) -> [(&str, &str); 3] {
    [("type", "face-recognition"), ("user_authorized", "true"), ("account_id", account)]
}

/// A validation of `account` by the key `key`, from `address` as a trusted proxy tells it.
fn validate_from(client: &Truora, key: &str, account: &str, address: &str) -> Answer {
    let request = client.http.post(format!("{}/v1/validations", client.url)).form(&form(account));
    Answer::of(request.header("Truora-API-Key", key).header("X-Forwarded-For", address).send().unwrap())
}

fn device_key(client: &Truora, account: &str) -> String {
    let made = client.post("/v1/api-keys", &[("key_type", "sdk"), ("account_id", account)]).expect(200);
    text(&made, "api_key").to_owned()
}

/// Enrolls somebody, whose face will not match the selfies of another.
fn enroll(client: &Truora, account: &str) {
    let enrollment = client.enroll(account, &[("confirmation", "none")]);
    client.upload(text(&enrollment, "file_upload_link"), photo("photo-person-a-1")).expect(200);
}

fn decline(client: &Truora, validation: &Value) {
    client.upload(selfie_link(validation), photo(SOMEBODY_ELSE)).expect(200);
    assert_eq!(client.ended(validation)["failure_status"], "declined");
}

const SOMEBODY_ELSE: &str = "photo-impostor-2";

#[test]
fn a_key_that_asks_too_often_is_refused_in_the_shape_of_the_dialect() {
    let folder = Folder::new("[plans.standard]\nrequests_per_minute = 1\nburst = 3\n");
    let server = folder.start();
    let client = server.client();
    for remaining in ["2", "1", "0"] {
        let request = client.http.get(format!("{}/v1/accounts", client.url));
        let answer = request.header("Truora-API-Key", &client.key).send().unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["x-ratelimit-remaining"].to_str().unwrap()),
            (200, remaining)
        );
        assert_eq!(answer.headers()["x-ratelimit-limit"], "3");
    }
    let request = client.http.get(format!("{}/v1/accounts", client.url));
    let answer = request.header("Truora-API-Key", &client.key).send().unwrap();
    let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert!(Answer::of(answer).expect_error(429).starts_with("too many requests"));
    // Tenants of other plans, and routes without a key.
    server.admin(&["tenant", "create", "--name", "shop", "--plan", "gold"]);
    let made = server.admin(&["key", "create", "--tenant", "shop", "--name", "test"]);
    let other = Truora::new(&server.url, text(&made, "key"));
    for _ in 0..8 {
        other.get("/v1/accounts").expect(200);
        client.upload(&format!("{}/v1/uploads/x", client.url), vec![1]).expect_error(403);
    }
}

#[test]
fn a_quota_holds_for_two_hundred_at_once_and_after_a_restart() {
    const THREADS: usize = 20;
    let folder =
        Folder::new("[plans.standard]\nverifications_per_month = 40\n[throttle]\ndeclined_per_account = 0\n");
    let server = folder.start();
    let client = server.client();
    enroll(&client, "ana");
    let opened: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    let answers = (0..200 / THREADS).map(|_| client.post("/v1/validations", &form("ana")));
                    let opened = answers.filter(|answer| match answer.status {
                        201 => true,
                        429 => false,
                        _ => panic!("{answer:?}"),
                    });
                    opened.count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(opened, 40);
    let mut server = server;
    server.kill();
    let server = folder.start();
    let refused = server.client().post("/v1/validations", &form("ana")).expect_error(429);
    assert!(refused.contains("40 verifications of this month are used up"), "{refused}");
    enroll(&server.client(), "eva");
}

#[test]
fn guessing_is_throttled_by_account_and_address_and_a_restart_forgets_nothing() {
    let folder = Folder::new(
        "trusted_proxies = [\"127.0.0.0/8\"]\n[throttle]\nwindow = \"1h\"\ndeclined_per_account = 2\n\
         declined_per_address = 3\n",
    );
    let server = folder.start();
    let client = server.client();
    let people = ["ana", "eva", "ida"];
    for account in people {
        enroll(&client, account);
    }
    let attempt = |client: &Truora, account: &str, address: &str| {
        validate_from(client, &device_key(client, account), account, address)
    };
    let waiting = attempt(&client, "ida", "2001:db8:1:2::9").expect(201);
    for account in ["ana", "ana", "eva"] {
        // One network, whatever address in it.
        let address = if account == "ana" { "2001:db8:1:2::1" } else { "2001:db8:1:2:3:4:5:6" };
        decline(&client, &attempt(&client, account, address).expect(201));
    }
    let throttled = |client: &Truora| {
        let account = attempt(client, "ana", "192.0.2.1").expect_error(429);
        assert!(account.contains("try again later"), "{account}");
        attempt(client, "ida", "2001:db8:1:2::7").expect_error(429);
        attempt(client, "ida", "2001:db8:1:3::7").expect(201);
    };
    throttled(&client);
    // What was opened before is still judged.
    decline(&client, &waiting);
    let mut server = server;
    server.kill();
    let server = folder.start();
    let client = server.client();
    client.post("/v1/validations", &form("ana")).expect_error(429);
    attempt(&client, "eva", "192.0.2.2").expect(201);
    assert!(!holds_text(&folder.data(), "2001:db8"), "no address lies readable on the disk");
    // Erased, and known again: nothing is held against somebody new.
    server.admin(&["erase", "--subject", "ana"]);
    enroll(&client, "ana");
    client.post("/v1/validations", &form("ana")).expect(201);
}

fn holds_text(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds_text(&path, text);
        }
        std::fs::read(path).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
    })
}
