//! What holds for all routes.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::testing::{Bench, CONSENT};

/// Every route that wants a key, with an enrollment and a validation in place of ids.
fn routes(enrollment: &str, validation: &str) -> Vec<(&'static str, String)> {
    vec![
        ("GET", "/v1/accounts".to_owned()),
        ("POST", "/v1/accounts".to_owned()),
        ("GET", "/v1/accounts/ana-1".to_owned()),
        ("GET", "/v1/accounts/ana-1/enrollments".to_owned()),
        ("GET", "/v1/accounts/ana-1/validations".to_owned()),
        ("GET", format!("/v1/accounts/ana-1/validations/{validation}")),
        ("POST", "/v1/api-keys".to_owned()),
        ("GET", "/v1/config".to_owned()),
        ("PUT", "/v1/config".to_owned()),
        ("DELETE", "/v1/config".to_owned()),
        ("GET", "/v1/config/document-selection".to_owned()),
        ("GET", "/v1/document-infographic".to_owned()),
        ("POST", "/v1/evaluate-image".to_owned()),
        ("GET", "/v1/enrollments".to_owned()),
        ("POST", "/v1/enrollments".to_owned()),
        ("GET", format!("/v1/enrollments/{enrollment}")),
        ("DELETE", format!("/v1/enrollments/{enrollment}")),
        ("GET", "/v1/hooks".to_owned()),
        ("POST", "/v1/hooks".to_owned()),
        ("GET", "/v1/validations".to_owned()),
        ("POST", "/v1/validations".to_owned()),
        ("GET", format!("/v1/validations/{validation}")),
        ("POST", format!("/v1/validations/{validation}/restore")),
    ]
}

async fn filled(bench: &Bench) -> (String, String) {
    let enrollment = bench.enrolled("ana-1").await;
    let validation = bench.validation("ana-1", "").await.body["validation_id"].as_str().unwrap().to_owned();
    (enrollment, validation)
}

#[test]
fn the_document_is_as_it_was_agreed() {
    let dialect = super::dialect();
    let (_, mut document) = dialect.router.split_for_parts();
    document.merge(dialect.uploads.split_for_parts().1);
    document.info = dialect.info;
    // A release alone changes nothing that was agreed.
    document.info.version = "0".to_owned();
    insta::assert_snapshot!("openapi", document.to_pretty_json().unwrap());
}

#[test]
fn every_route_of_the_document_says_how_it_fails() {
    let dialect = super::dialect();
    let (_, mut document) = dialect.router.split_for_parts();
    document.merge(dialect.uploads.split_for_parts().1);
    let document = serde_json::to_value(&document).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let text = document.to_string();
    for name in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is nowhere");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let schema = &response["content"]["application/json"]["schema"]["$ref"];
                if !status.starts_with('2') {
                    assert_eq!(schema, "#/components/schemas/ApiError", "{method} {path} {status}");
                }
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_told_without_a_valid_key() {
    let bench = Bench::new().await;
    let (enrollment, validation) = filled(&bench).await;
    for (method, path) in routes(&enrollment, &validation) {
        let send = |key| bench.send(method, &path, key, "", Body::empty());
        let refused = send("").await;
        let message = "the header Truora-API-Key is missing";
        let wanted = json!({"code": 10401, "http_code": 401, "message": message});
        assert_eq!((refused.status, refused.body), (401, wanted), "{method} {path}");
        assert_eq!(send("eyJ.eyJ.x").await.status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn a_revoked_key_opens_nothing() {
    let bench = Bench::new().await;
    let admin = bench.service.admin();
    for key in admin.keys(bench.tenant.id).await.unwrap() {
        admin.revoke_key(bench.tenant.id, key.id).await.unwrap();
    }
    assert_eq!(bench.get("/v1/enrollments", &bench.backend).await.status, 401);
    assert_eq!(bench.get("/v1/enrollments", &bench.other).await.status, 200);
}

#[tokio::test]
async fn a_devices_key_lives_two_hours() {
    let bench = Bench::new().await;
    let path = format!("/v1/enrollments/{}", bench.enrollment("ana-1").await);
    bench.clock.advance(Duration::from_hours(2) - Duration::from_secs(1));
    assert_eq!(bench.get(&path, &bench.device).await.status, 200);
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(bench.get(&path, &bench.device).await.status, 401);
    assert_eq!(bench.get(&path, &bench.backend).await.status, 200);
}

#[tokio::test]
async fn what_belongs_to_another_tenant_does_not_exist() {
    let bench = Bench::new().await;
    let (enrollment, validation) = filled(&bench).await;
    let has_id = |path: &str| path.matches('/').count() > 2 && path != "/v1/config/document-selection";
    for (method, path) in routes(&enrollment, &validation).into_iter().filter(|(_, path)| has_id(path)) {
        let found = bench.send(method, &path, &bench.other, "", Body::empty()).await;
        assert_eq!((found.status, &found.body["code"]), (404, &json!(10404)), "{method} {path}");
    }
    for list in ["enrollments", "validations", "accounts"] {
        let found = bench.get(&format!("/v1/{list}"), &bench.other).await;
        assert_eq!(found.body[list], json!([]));
    }
    assert_eq!(bench.get(&format!("/v1/enrollments/{enrollment}"), &bench.backend).await.status, 200);
}

#[tokio::test]
async fn an_id_that_names_nothing_is_not_found() {
    let bench = Bench::new().await;
    let (enrollment, validation) = filled(&bench).await;
    let unknown = "0".repeat(32);
    for path in [
        format!("/v1/enrollments/ENR{unknown}"),
        format!("/v1/enrollments/{validation}"),
        format!("/v1/enrollments/{}", &enrollment[3..]),
        format!("/v1/validations/VLD{unknown}"),
        format!("/v1/validations/{enrollment}"),
        "/v1/validations/%ff".to_owned(),
        "/v1/accounts/nobody".to_owned(),
        "/v1/accounts/a%20b".to_owned(),
        "/v1/accounts/nobody/enrollments".to_owned(),
        "/v1/accounts/nobody/validations".to_owned(),
        format!("/v1/accounts/nobody/validations/{validation}"),
        "/v1/accounts/ana-1/validations/x".to_owned(),
    ] {
        let found = bench.get(&path, &bench.backend).await;
        assert_eq!((found.status, &found.body["code"]), (404, &json!(10404)), "{path}");
        assert!(found.message().ends_with("was not found"), "{path}");
    }
}

#[tokio::test]
async fn a_device_neither_lists_nor_deletes_nor_configures() {
    let bench = Bench::new().await;
    let (enrollment, validation) = filled(&bench).await;
    let own = [
        "/v1/config/document-selection".to_owned(),
        format!("/v1/accounts/ana-1/validations/{validation}"),
        format!("/v1/enrollments/{enrollment}"),
        format!("/v1/validations/{validation}"),
    ];
    for (method, path) in routes(&enrollment, &validation) {
        let answer = bench.send(method, &path, &bench.device, "", Body::empty()).await;
        if method == "GET" && own.contains(&path) {
            assert_eq!(answer.status, 200, "{path}");
        } else if method == "POST"
            && ["/v1/enrollments", "/v1/validations", "/v1/api-keys", "/v1/evaluate-image"]
                .contains(&path.as_str())
        {
            assert_eq!(answer.status, 400, "{path} wants fields");
        } else if path.ends_with("/restore") {
            assert_eq!(answer.status, 400, "{path} has not ended");
        } else if path == "/v1/document-infographic" {
            assert_eq!(answer.status, 404, "{path}");
        } else {
            assert_eq!(
                (answer.status, answer.message()),
                (403, "Insufficient permissions"),
                "{method} {path}"
            );
        }
    }
    let minted = bench.post("/v1/api-keys", &bench.device, "key_type=sdk").await;
    assert_eq!((minted.status, minted.message()), (403, "Insufficient permissions"));
    let twice = bench.post("/v1/enrollments", &bench.device, CONSENT).await;
    assert_eq!(twice.status, 409, "its own person is enrolled");
}

#[tokio::test]
async fn a_backends_key_for_one_person_does_not_reach_the_others() {
    let bench = Bench::new().await;
    let (enrollment, _) = filled(&bench).await;
    let bound = bench.key("key_type=backend&key_name=eva&account_id=eva-2").await;
    assert_eq!(bench.get(&format!("/v1/enrollments/{enrollment}"), &bound).await.status, 404);
    for list in ["/v1/enrollments", "/v1/validations", "/v1/accounts", "/v1/config"] {
        assert_eq!(bench.get(list, &bound).await.status, 403, "{list}");
    }
}

#[tokio::test]
async fn an_unknown_route_or_method_is_the_gateways_answer() {
    let bench = Bench::new().await;
    for (method, path) in
        [("GET", "/v1/unknown"), ("GET", "/"), ("PATCH", "/v1/enrollments"), ("POST", "/v1/uploads/x")]
    {
        let answer = bench.send(method, path, &bench.backend, "", Body::empty()).await;
        assert_eq!(answer.status, 403, "{method} {path}");
        assert_eq!(answer.body, json!({"message": "Missing Authentication Token"}), "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_may_be_json_and_has_its_limits() {
    let bench = Bench::new().await;
    let json = r#"{"type": "face-recognition", "user_authorized": "true", "account_id": "ana-1"}"#;
    let send = |kind: &'static str, body: String| {
        bench.send("POST", "/v1/enrollments", &bench.backend, kind, body.into())
    };
    assert_eq!(send("application/json", json.to_owned()).await.status, 201);
    assert_eq!(send("text/plain", json.to_owned()).await.body["code"], 10415);
    assert_eq!(send("application/json", "x".repeat(64 * 1024 + 1)).await.body["code"], 10413);
    assert_eq!(send("application/json", "[]".to_owned()).await.body["code"], 10400);
}

#[tokio::test]
async fn the_document_says_where_it_is_served() {
    let bench = Bench::new().await;
    let document: Value = serde_json::from_str(&bench.mount.openapi).unwrap();
    assert_eq!(document["servers"][0]["url"], Bench::url(""));
}

#[tokio::test]
async fn only_pages_of_the_callers_tenant_read_an_answer() {
    let bench = Bench::new().await;
    let send = async |method: &str, key: &str, origin: &str| {
        let request = Request::builder().method(method).uri("/v1/enrollments").header("origin", origin);
        let request = request.header("truora-api-key", key).header("access-control-request-method", "POST");
        let answer = bench.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let headers = answer.headers();
        let allowed =
            headers.get("access-control-allow-headers").map(|value| value.to_str().unwrap().to_owned());
        (headers.contains_key("access-control-allow-origin"), allowed.unwrap_or_default())
    };
    let (own, others, strangers) =
        ("https://one.example.com", "https://two.example.com", "https://evil.example");
    assert!(send("GET", &bench.backend, own).await.0);
    assert!(!send("GET", &bench.backend, others).await.0);
    assert!(send("GET", "not a key", others).await.0, "that a key is not valid is no secret");
    assert!(!send("GET", "not a key", strangers).await.0);
    let (is_open, headers) = send("OPTIONS", "", own).await;
    assert!(is_open && headers.contains("truora-api-key"), "{headers}");
}
