//! What holds for all routes.

use std::num::NonZeroU32;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use axum::routing::get;
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;

use crate::api::vlens::testing::{Answer, Bench, PHONE, config};

const CHECK: &str = "/api/DigitalIdentity/CheckExistenceOfEmailOrPhone";

fn document() -> OpenApi {
    let dialect = crate::api::vlens::dialect();
    let (_, mut document) = dialect.router.split_for_parts();
    document.merge(dialect.uploads.split_for_parts().1);
    document.info = dialect.info;
    // A release alone changes nothing that was agreed.
    document.info.version = "0".to_owned();
    document
}

/// Every route of the document.
pub(super) fn routes() -> Vec<(Method, String)> {
    let document = serde_json::to_value(document()).unwrap();
    let of_path = |(path, item): (&String, &Value)| -> Vec<(Method, String)> {
        let methods = item.as_object().unwrap().keys();
        methods.map(|method| (method.to_uppercase().parse().unwrap(), path.clone())).collect()
    };
    document["paths"].as_object().unwrap().iter().flat_map(of_path).collect()
}

#[test]
fn the_document_is_as_it_was_agreed() {
    insta::assert_snapshot!("openapi", document().to_pretty_json().unwrap());
}

#[test]
fn every_route_of_the_document_says_how_it_fails() {
    let document = serde_json::to_value(document()).unwrap();
    let text = document.to_string();
    for name in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is nowhere");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            // What has no body has none of a wrong type.
            let of_body = operation.get("requestBody").map(|_| "415");
            for status in ["400", "401", "429", "500"].into_iter().chain(of_body) {
                let schema = &operation["responses"][status]["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/ApiError", "{method} {path} {status}");
            }
        }
    }
}

fn request(method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

async fn check(bench: &Bench, headers: &[(&str, &str)], body: &str) -> Answer {
    let own = [("ApiKey", bench.key.as_str())];
    bench.send(request(Method::POST, CHECK, &[&own, headers].concat(), body)).await
}

#[tokio::test]
async fn a_body_is_taken_as_any_of_the_json_types_and_as_nothing_else() {
    let bench = Bench::new().await;
    let body = json!({ "phoneNumber": PHONE }).to_string();
    for kind in
        ["application/json", "application/json-patch+json", "text/json; charset=utf-8", "application/x+json"]
    {
        assert_eq!(check(&bench, &[("content-type", kind)], &body).await.data(), json!({"exists": false}));
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "image/jpeg"] {
        check(&bench, &[("content-type", kind)], &body).await.refused(415, 415);
    }
    check(&bench, &[], &body).await.refused(415, 415);
}

#[tokio::test]
async fn what_cannot_be_read_is_a_400() {
    let bench = Bench::new().await;
    for body in
        ["", "{", "[]", "\"text\"", "null", "{}", r#"{"phoneNumber": 20}"#, r#"{"phoneNumber": "0123"}"#]
    {
        check(&bench, &[("content-type", "application/json")], body).await.refused(400, 400);
    }
}

#[tokio::test]
async fn without_a_valid_key_nothing_opens() {
    let bench = Bench::new().await;
    let (head, _) = bench.key.rsplit_once('.').unwrap();
    for (method, path) in routes() {
        for key in [None, Some(String::new()), Some("nonsense".to_owned()), Some(format!("{head}."))] {
            let mut headers = vec![("content-type", "application/json")];
            headers.extend(key.as_deref().map(|key| ("ApiKey", key)));
            let answer = bench.send(request(method.clone(), &path, &headers, "{}")).await;
            // Sixty of these a minute come from one address.
            if answer.status != 429 {
                answer.refused(401, 401);
            }
        }
    }
}

#[tokio::test]
async fn a_bearer_without_a_token_is_as_good_as_none_and_any_is_ignored_where_the_key_suffices() {
    let bench = Bench::new().await;
    for bearer in ["Bearer ", "Bearer", "bearer nonsense", "Basic eDp5"] {
        let headers = [("content-type", "application/json"), ("Authorization", bearer)];
        let body = json!({ "phoneNumber": PHONE }).to_string();
        assert_eq!(check(&bench, &headers, &body).await.data()["exists"], false, "{bearer}");
        let own = [("ApiKey", bench.key.as_str())];
        let path = "/api/DigitalIdentity/VerifyEmail";
        let all = [&own[..], &headers].concat();
        bench.send(request(Method::POST, path, &all, r#"{"email": "a@b.org"}"#)).await.refused(403, 403);
    }
}

#[tokio::test]
async fn texts_are_in_the_language_that_is_asked_for() {
    let bench = Bench::new().await;
    let arabic = "تأكد من إدخال جميع المعلومات المطلوبة.";
    let english = "Make sure all the required parameters are included.";
    for (header, value, expected) in [
        ("Accept_Language", "ar", arabic),
        ("Accept-Language", "ar-EG,ar;q=0.9,en;q=0.8", arabic),
        ("Accept_Language", "en", english),
        ("Accept-Language", "fr", english),
    ] {
        let headers = [("content-type", "application/json"), (header, value)];
        let answer = check(&bench, &headers, "{}").await;
        assert_eq!(
            (answer.status, &answer.body["error_message"]),
            (400, &json!(expected)),
            "{header}: {value}"
        );
        assert_eq!(answer.body["error_code"], 400);
        let length: usize = answer.headers["content-length"].to_str().unwrap().parse().unwrap();
        assert_eq!(length, answer.body.to_string().len());
    }
}

#[tokio::test]
async fn what_goes_wrong_outside_the_handlers_has_the_envelope_in_both_languages() {
    let bench = Bench::new().await;
    for path in [
        "/api/DigitalIdentity/VerifyOAuthToken",
        "/api/DigitalIdentity/Register/StepVerifyOAuthToken",
        "/api/IdentityUserSession/CreateAuthSession",
        "/api/BusinessRequest/CurrentListIds",
        "/v1/ocr/car/license/front",
        "/api/DigitalIdentity/CancelVerifiedDigitalIdentity",
        "/api/credentials/Nothing",
    ] {
        bench.send(request(Method::POST, path, &[], "{}")).await.refused(404, 404);
        let arabic = bench.send(request(Method::POST, path, &[("Accept_Language", "ar")], "{}")).await;
        assert_eq!(
            (arabic.status, arabic.body["error_message"].as_str()),
            (404, Some("هذه الخدمة غير موجودة."))
        );
    }
    bench.send(request(Method::GET, CHECK, &[], "")).await.refused(405, 405);
    let large = "x".repeat(70 * 1024);
    let headers = [("ApiKey", bench.key.as_str()), ("content-type", "application/json")];
    bench.send(request(Method::POST, CHECK, &headers, &large)).await.refused(413, 413);
}

#[tokio::test]
async fn a_panic_is_answered_in_the_envelope_and_the_language() {
    let dialect = crate::api::vlens::dialect();
    let router: Router<()> = Router::new().route("/boom", get(async || -> String { panic!("of a test") }));
    let dialect = crate::Dialect::<()> {
        name: "vlens",
        paths: dialect.paths,
        router: router.into(),
        uploads: utoipa_axum::router::OpenApiRouter::new(),
        max_upload_bytes: 1,
        unknown_route: dialect.unknown_route,
        error: dialect.error,
        count_rest: None,
        localise: dialect.localise,
        info: dialect.info,
        request_headers: &[],
        webhooks: None,
    };
    let mount =
        dialect.mount((), &[], &crate::config::PathPrefix::default(), "", &crate::config::Limits::default());
    let mut bench = Bench::new().await;
    bench.router =
        crate::assemble(vec![mount], std::sync::Arc::new(bench.service.clone()), &crate::Settings::default())
            .unwrap();
    bench.send(request(Method::GET, "/boom", &[], "")).await.refused(500, 500);
    let arabic = bench.send(request(Method::GET, "/boom", &[("accept-language", "ar")], "")).await;
    assert!(arabic.body["error_message"].as_str().unwrap().starts_with("استُلم"), "{}", arabic.body);
}

fn number(value: u32) -> NonZeroU32 {
    NonZeroU32::new(value).unwrap()
}

#[tokio::test]
async fn a_tenant_has_so_many_requests_a_second_and_a_minute_with_all_its_keys() {
    let mut config = config();
    config.vlens.requests_per_second = number(3);
    config.vlens.requests_per_minute = number(60);
    let bench = Bench::with(config).await;
    let second = app::NewKey {
        tenant: bench.tenant.id,
        name: "second".to_owned(),
        kind: domain::KeyKind::Backend,
        permissions: [].into(),
        expires_in: None,
    };
    let second = bench.service.admin().create_key(second).await.unwrap().1;
    let body = json!({ "phoneNumber": PHONE });
    let mut answers = Vec::new();
    for key in [&bench.key, &second, &bench.key, &second] {
        answers.push(bench.post_as(key, "", CHECK, &body).await);
    }
    let refused = answers.pop().unwrap();
    refused.refused(429, 429);
    assert_eq!(refused.headers["retry-after"], "1");
    for answer in answers {
        answer.data();
    }
    bench.post_as(&bench.other, "", CHECK, &body).await.data();
}

#[tokio::test]
async fn every_route_is_counted() {
    let mut config = config();
    config.vlens.requests_per_minute = number(1);
    config.vlens.ocr_requests_per_minute = number(1);
    let bench = Bench::with(config).await;
    bench.post(CHECK, &json!({ "phoneNumber": PHONE })).await.data();
    bench.post("/v1/ocr/id/front", &json!({})).await.refused(400, 400);
    for (method, path) in routes() {
        let headers = [("ApiKey", bench.key.as_str()), ("content-type", "application/json")];
        let answer = bench.send(request(method, &path, &headers, "{}")).await;
        answer.refused(429, 429);
        let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{path}: {wait}");
    }
}

#[tokio::test]
async fn routes_of_a_key_alone_are_counted_by_themselves() {
    let mut config = config();
    (config.vlens.requests_per_minute, config.vlens.requests_per_second) = (number(1), number(1));
    config.vlens.ocr_requests_per_second = number(2);
    let bench = Bench::with(config).await;
    bench.post(CHECK, &json!({ "phoneNumber": PHONE })).await.data();
    for path in ["/v1/ocr/id/front", "/v1/ocr/id/back"] {
        bench.post(path, &json!({})).await.refused(400, 400);
    }
    let answer = bench.post("/v1/ocr/liveness/multi", &json!({})).await;
    answer.refused(429, 429);
    assert_eq!(answer.headers["retry-after"], "1");
}

#[test]
fn the_vendors_rates_are_the_ones_that_are_set() {
    let vlens = crate::config::Vlens::default();
    let numbers = [
        vlens.requests_per_second,
        vlens.requests_per_minute,
        vlens.ocr_requests_per_second,
        vlens.ocr_requests_per_minute,
    ];
    assert_eq!(numbers.map(NonZeroU32::get), [10, 60, 15, 120]);
}

#[tokio::test]
async fn whether_somebody_is_known_may_be_asked_less_often() {
    let mut config = config();
    config.vlens.existence_requests_per_minute = number(2);
    let bench = Bench::with(config).await;
    bench.post(CHECK, &json!({"phoneNumber": PHONE, "email": "a@b.org"})).await.data();
    bench.post(CHECK, &json!({"phoneNumber": PHONE})).await.refused(429, 429);
    bench.identity("Register/StepVerifyPhone", &json!({"phoneNumber": PHONE})).await.data();
}

#[tokio::test]
async fn a_suspended_tenant_is_told_so_and_a_revoked_one_is_unknown() {
    let bench = Bench::new().await;
    bench.service.admin().suspend_tenant(bench.tenant.id, true).await.unwrap();
    for (method, path) in routes() {
        let headers = [("ApiKey", bench.key.as_str()), ("content-type", "application/json")];
        bench.send(request(method, &path, &headers, "null")).await.refused(200, 4007);
    }
    bench.service.admin().revoke_tenant(bench.tenant.id).await.unwrap();
    bench.post(CHECK, &json!({"phoneNumber": PHONE})).await.refused(401, 401);
}

#[tokio::test]
async fn a_message_that_nothing_is_set_up_to_send_is_refused_by_its_code() {
    let mut config = config();
    config.delivery.log = false;
    let bench = Bench::with(config).await;
    for (route, body) in [
        ("Register/StepVerifyPhone", json!({"phoneNumber": PHONE})),
        ("Register/StepVerifyEmail", json!({"email": "a@b.org"})),
        ("Login", json!({"phoneNumber": PHONE, "imei": "1"})),
        ("ForgetPassword/SendEmailOtp", json!({"emailOrPhoneNumber": PHONE})),
        ("ForgetPassword/SendEmailOtp", json!({"emailOrPhoneNumber": "a@b.org"})),
    ] {
        bench.identity(route, &body).await.refused(200, 4004);
    }
}
