//! No tenant sees another one, on any route: the routes come from the server's own description.

use serde_json::Value;

use crate::harness::{Server, Truora, photo, selfie_link, text};

/// Opened by the token in them, not by a key.
const BY_TOKEN: [&str; 2] = ["/v1/uploads/{token}", "/v1/files/{token}"];

struct Route {
    method: reqwest::Method,
    template: String,
}

fn routes(server: &Server) -> Vec<Route> {
    let http = reqwest::blocking::Client::new();
    let described: Value =
        http.get(format!("{}/openapi/truora.json", server.url)).send().unwrap().json().unwrap();
    let mut routes = Vec::new();
    for (template, methods) in described["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            if let Ok(method @ ("get" | "post" | "put" | "delete")) = Ok::<_, ()>(method.as_str()) {
                let method = method.to_uppercase().parse().unwrap();
                routes.push(Route { method, template: template.clone() });
            }
        }
    }
    assert!(routes.len() >= 15, "every route is described");
    routes
}

/// What tenant A has.
struct Theirs {
    account: String,
    enrollment: String,
    validation: String,
    hook: String,
    signing_key: String,
}

impl Theirs {
    fn make(client: &Truora) -> Self {
        let enrollment = client.enroll_photo("secret-account", photo("photo-person-b-1"));
        let validation = client.validate("secret-account", &[]);
        client.upload(selfie_link(&validation), photo("photo-person-b-2")).expect(200);
        client.ended(&validation);
        let form = [
            ("event_type", "all"),
            ("subscriber_type", "web"),
            ("subscriber_url", "https://hooks.example/secret-account"),
        ];
        let hook = client.post("/v1/hooks", &form).expect(201);
        Self {
            account: "secret-account".to_owned(),
            enrollment: text(&enrollment, "enrollment_id").to_owned(),
            validation: text(&validation, "validation_id").to_owned(),
            hook: text(&hook, "hook_id").to_owned(),
            signing_key: text(&hook, "signing_key").to_owned(),
        }
    }

    fn path(&self, template: &str) -> String {
        template
            .replace("{account_id}", &self.account)
            .replace("{enrollment_id}", &self.enrollment)
            .replace("{validation_id}", &self.validation)
            .replace("{hook_id}", &self.hook)
    }
}

#[test]
fn no_route_shows_or_changes_what_another_tenant_has() {
    let server = Server::start();
    let (owner, other) = (server.client(), server.other_tenant("other"));
    let theirs = Theirs::make(&owner);
    let routes = routes(&server);
    for Route { method, template } in &routes {
        if BY_TOKEN.contains(&template.as_str()) {
            continue;
        }
        let path = theirs.path(template);
        assert!(!path.contains('{'), "a parameter that this test does not know: {template}");
        let answer = other.send(other.http.request(method.clone(), format!("{}{path}", server.url)));
        let shown = answer.body.to_string();
        for secret in
            [&theirs.account, &theirs.enrollment, &theirs.validation, &theirs.hook, &theirs.signing_key]
        {
            let echoed = path.contains(secret.as_str());
            assert!(echoed || !shown.contains(secret.as_str()), "{method} {template}: {shown}");
        }
        if template.contains('{') {
            assert_eq!(answer.status, 404, "{method} {template}: {shown}");
            assert_eq!(answer.body["code"], 10404, "{method} {template}");
        }
    }
    // All of it is still there, and the same.
    assert_eq!(owner.get(&format!("/v1/enrollments/{}", theirs.enrollment)).expect(200)["status"], "success");
    assert_eq!(
        owner.get(&format!("/v1/validations/{}", theirs.validation)).expect(200)["validation_status"],
        "success"
    );
    let hook = owner.get(&format!("/v1/hooks/{}", theirs.hook)).expect(200);
    assert_eq!((&hook["status"], &hook["signing_key"]), (&"enabled".into(), &(&*theirs.signing_key).into()));
}

#[test]
fn the_same_account_id_is_another_person_for_another_tenant() {
    let server = Server::start();
    let (owner, other) = (server.client(), server.other_tenant("other"));
    let theirs = Theirs::make(&owner);
    let form = [("type", "face-recognition"), ("user_authorized", "true"), ("account_id", &*theirs.account)];
    other.post("/v1/validations", &form).expect_error(400);
    assert_eq!(other.enroll(&theirs.account, &[])["status"], "pending");
    let again =
        [&form[..], &[("retry_of_id", &*theirs.validation), ("subvalidations", "passive_liveness")]].concat();
    other.post("/v1/validations", &again).expect_error(400);
}

#[test]
fn no_route_opens_without_a_valid_key() {
    let server = Server::start();
    let owner = server.client();
    let theirs = Theirs::make(&owner);
    let made = server.admin(&["key", "create", "--name", "revoked"]);
    server.admin(&["key", "revoke", text(&made, "id")]);
    let revoked = made["key"].as_str().unwrap().to_owned();
    let (head, _) = owner.key.rsplit_once('.').unwrap();
    let unsigned = format!("{head}.");
    let keys = [None, Some(""), Some("nonsense"), Some(unsigned.as_str()), Some(revoked.as_str())];
    for Route { method, template } in routes(&server) {
        if BY_TOKEN.contains(&template.as_str()) {
            continue;
        }
        for key in keys {
            let mut request =
                owner.http.request(method.clone(), format!("{}{}", server.url, theirs.path(&template)));
            if let Some(key) = key {
                request = request.header("Truora-API-Key", key);
            }
            let answer = crate::harness::Answer::of(request.send().unwrap());
            assert_eq!(answer.status, 401, "{method} {template} with {key:?}: {}", answer.body);
            assert_eq!(answer.body["code"], 10401);
        }
    }
}

#[test]
fn a_revoked_tenant_is_out_at_once() {
    let server = Server::start();
    let other = server.other_tenant("other");
    other.get("/v1/accounts").expect(200);
    let tenants = server.admin(&["tenant", "list"]);
    let tenants = tenants.as_array().or_else(|| tenants["tenants"].as_array()).unwrap();
    let id = tenants.iter().find(|tenant| tenant["name"] == "other").unwrap()["id"].as_str().unwrap();
    server.admin(&["tenant", "revoke", id]);
    other.get("/v1/accounts").expect_error(401);
    server.client().get("/v1/accounts").expect(200);
}

#[test]
fn a_link_of_one_thing_opens_no_other() {
    let server = Server::start();
    let client = server.client();
    let enrollment = client.enroll("ana", &[]);
    let token = text(&enrollment, "file_upload_link").rsplit('/').next().unwrap().to_owned();
    let as_file = client.http.get(format!("{}/v1/files/{token}", server.url)).send().unwrap();
    assert_eq!(as_file.status(), 403);
    let as_key = Truora::new(&server.url, &token);
    as_key.get("/v1/accounts").expect_error(401);
    let key_as_link = format!("{}/v1/uploads/{}", server.url, client.key);
    client.upload(&key_as_link, photo("photo-person-b-1")).expect_error(403);
}
