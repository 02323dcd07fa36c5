//! Starting, stopping, watching, erasing, backing up.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Answer, Server, Truora, bonafide, photo, selfie_link, text, wait_for};

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_first_start_makes_what_is_needed_and_shows_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start_in(&data, &[]);
    assert_eq!(mode(&data.join("first-api-key")), 0o600);
    assert_eq!(mode(&data.join("master.key")), 0o600);
    assert_eq!(mode(&data), 0o700);
    server.client().get("/v1/accounts").expect(200);
    let second = bonafide(&["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data).output().unwrap();
    assert!(!second.status.success(), "two servers never share a folder");
    drop(server);
    let again = Server::start_in(&data, &[]);
    again.client().get("/v1/accounts").expect(200);
}

#[test]
fn health_readiness_and_metrics_answer() {
    let server = Server::start();
    let http = reqwest::blocking::Client::new();
    let get = |url: &str| http.get(url).timeout(Duration::from_secs(20)).send().unwrap();
    assert_eq!(get(&format!("{}/healthz", server.url)).status(), 200);
    wait_for(|| (get(&format!("{}/readyz", server.url)).status() == 200).then_some(()));
    server.client().get("/v1/accounts").expect(200);
    let metrics_url = server.metrics_url.clone().expect("metrics have a listener of their own");
    assert_ne!(metrics_url, server.url);
    let metrics = get(&metrics_url).text().unwrap();
    assert!(metrics.contains("http_requests_total"), "{metrics}");
    assert!(metrics.contains("/v1/accounts"), "by route template");
    assert_eq!(get(&format!("{}/metrics", server.url)).status().as_u16() / 100, 4, "not for everybody");
}

#[test]
fn unknown_routes_answer_in_the_shape_of_the_dialect() {
    let server = Server::start();
    let client = server.client();
    for (method, path) in [("GET", "/v1/nothing"), ("POST", "/v1/config"), ("PATCH", "/v1/accounts")] {
        let request = client.http.request(method.parse().unwrap(), format!("{}{path}", server.url));
        let answer = client.send(request);
        assert_eq!(
            (answer.status, &answer.body["message"]),
            (403, &"Missing Authentication Token".into()),
            "{path}"
        );
    }
}

#[test]
fn a_stop_ends_cleanly() {
    let mut server = Server::start();
    server.client().enroll("ana", &[]);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn logs_name_no_person_and_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let log = folder.path().join("log");
    let mut command =
        bonafide(&["serve", "--json", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]);
    command
        .arg("--data")
        .arg(&data)
        .stdout(std::process::Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap());
    let mut child = command.spawn().unwrap();
    let said: Value = {
        use std::io::BufRead as _;
        let mut line = String::new();
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    };
    let key = std::fs::read_to_string(data.join("first-api-key")).unwrap();
    let client = Truora::new(said["url"].as_str().unwrap(), key.trim());
    let enrollment = client.enroll("ana-garcia", &[]);
    let link = text(&enrollment, "file_upload_link").to_owned();
    client.upload(&link, photo("photo-person-b-1")).expect(200);
    client.get("/v1/accounts/ana-garcia?email=ana@example.org").expect(200);
    client.get("/v1/accounts/nobody-garcia").expect_error(404);
    let token = link.rsplit('/').next().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("/v1/accounts/{account_id}"), "routes are logged by template: {log}");
    for secret in ["garcia", "example.org", token, key.trim(), "127.0.0.1:5", text(&enrollment, "account_id")]
    {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn an_erased_person_is_gone_also_from_a_restored_backup() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut server = Server::start_in(&at("data"), &[]);
    let client = server.client();
    let mut enrollments = Vec::new();
    for account in ["ana", "eva"] {
        enrollments.push(client.enroll_photo(account, photo("photo-person-b-1")));
        let validation = client.validate(account, &[]);
        client.upload(selfie_link(&validation), photo("photo-person-b-2")).expect(200);
        client.ended(&validation);
    }
    let backup = at("backup");
    server.admin(&["backup", "--to", backup.to_str().unwrap(), "--keys-to", at("keys").to_str().unwrap()]);
    let erased = server.admin(&["erase", "--tenant", "default", "--subject", "ana"]);
    assert!(erased["rows"].as_u64().unwrap() > 0 && erased["photos"] == 2, "{erased}");
    let gone = |client: &Truora| {
        client.get("/v1/accounts/ana").expect_error(404);
        client.get(&format!("/v1/enrollments/{}", text(&enrollments[0], "enrollment_id"))).expect_error(404);
        client.get(&format!("/v1/enrollments/{}", text(&enrollments[1], "enrollment_id"))).expect(200);
    };
    gone(&client);
    assert!(client.enroll("ana", &[])["status"] == "pending", "the account id is free again");

    let restore = || {
        bonafide(&[
            "restore",
            "--json",
            "--from",
            backup.to_str().unwrap(),
            "--data",
            at("data").to_str().unwrap(),
        ])
        .output()
        .unwrap()
    };
    assert!(!restore().status.success(), "a running server is not overwritten");
    server.terminate();
    for file in ["bonafide.db", "bonafide.db-wal", "bonafide.db-shm"] {
        let _ = std::fs::rename(at("data").join(file), at(file));
    }
    std::fs::rename(at("data").join("blobs"), at("old-blobs")).unwrap();
    let output = restore();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let server = Server::start_in(&at("data"), &[]);
    gone(&server.client());
    let path = format!("/v1/enrollments/{}", text(&enrollments[1], "enrollment_id"));
    assert_eq!(server.client().get(&path).expect(200)["status"], "success");
}

#[test]
fn a_person_is_erased_by_a_verification_of_their_tenant() {
    let server = Server::start();
    let client = server.client();
    server.admin(&["tenant", "create", "--name", "shop"]);
    let init = |body: &Value| {
        let request = client.http.post(format!("{}/api/verify/init", server.url)).json(body);
        let made = Answer::of(request.header("X-API-Key", &client.key).send().unwrap()).expect(200);
        text(&made, "verification_id").to_owned()
    };
    let status = |id: &str| {
        let request = client.http.get(format!("{}/api/verify/status/{id}", server.url));
        request.header("X-API-Key", &client.key).send().unwrap().status().as_u16()
    };
    let erase = |tenant: &str, id: &str| {
        let mut command = bonafide(&["erase", "--json", "--tenant", tenant, "--verification", id]);
        command.arg("--data").arg(server.data()).output().unwrap().status.code()
    };
    // Nobody was told what this person is called.
    let id = init(&json!({}));
    assert_eq!((erase("shop", &id), status(&id)), (Some(1), 200), "of another tenant");
    assert_eq!((erase("default", &id), status(&id)), (Some(0), 404));
    assert_eq!(erase("default", &id), Some(1));

    let enrollment = client.enroll("ana", &[]);
    let ids = [(); 2].map(|()| init(&json!({"subject": "ana"})));
    assert_eq!(erase("default", &ids[0].replace('-', "")), Some(0));
    assert_eq!(ids.map(|id| status(&id)), [404, 404]);
    client.get("/v1/accounts/ana").expect_error(404);
    client.get(&format!("/v1/enrollments/{}", text(&enrollment, "enrollment_id"))).expect_error(404);
}

#[test]
fn pages_call_only_from_origins_of_the_tenant() {
    let server = Server::start();
    server.admin(&["tenant", "create", "--name", "web", "--allow-origin", "https://shop.example"]);
    let made = server.admin(&["key", "create", "--tenant", "web", "--name", "page"]);
    let web = Truora::new(&server.url, made["key"].as_str().unwrap());
    let preflight = |origin: &str| {
        let request = web.http.request(reqwest::Method::OPTIONS, format!("{}/v1/enrollments", server.url));
        let request = request.header("Origin", origin).header("Access-Control-Request-Method", "POST");
        let answer = request.header("Access-Control-Request-Headers", "truora-api-key").send().unwrap();
        answer.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(preflight("https://shop.example").as_deref(), Some("https://shop.example"));
    assert_eq!(preflight("https://evil.example"), None);
    let allowed = |client: &Truora| {
        let request =
            client.http.get(format!("{}/v1/config", server.url)).header("Origin", "https://shop.example");
        let answer = request.header("Truora-API-Key", &client.key).send().unwrap();
        answer.headers().contains_key("access-control-allow-origin")
    };
    assert!(allowed(&web));
    assert!(!allowed(&server.client()), "another tenant's key");
}

#[test]
fn a_prefix_moves_the_whole_dialect() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bonafide.toml");
    std::fs::write(&config, "[dialects.truora]\nprefix = \"/truora\"\n").unwrap();
    let server = Server::start_in(&folder.path().join("data"), &["--config", config.to_str().unwrap()]);
    let mut client = server.client();
    assert_eq!(
        Answer::of(client.http.get(format!("{}/v1/accounts", server.url)).send().unwrap()).status,
        404
    );
    client.url = format!("{}/truora", server.url);
    client.enroll_photo("ana", photo("photo-person-b-1"));
    let page = client.get("/v1/accounts").expect(200);
    assert!(text(&page, "self").starts_with(&client.url));
}
