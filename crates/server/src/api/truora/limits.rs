//! What becomes of requests beyond a plan or a throttle.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use domain::{Check, CheckName, Outcome, Reason, Role};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::testing::{Bench, CONSENT};
use crate::Config;
use crate::config::{Plan, Throttle};

/// The plan of the bench's tenants.
const PLAN: &str = "standard";

fn with_plan(plan: Plan) -> Config {
    Config { plans: BTreeMap::from([(PLAN.to_owned(), plan)]), ..Config::default() }
}

fn with_throttle(throttle: Throttle) -> Config {
    Config { throttle, ..Config::default() }
}

fn rate(per_minute: u32, burst: u32) -> Config {
    with_plan(Plan {
        requests_per_minute: NonZeroU32::new(per_minute),
        burst: NonZeroU32::new(burst),
        verifications_per_month: None,
    })
}

/// Status, the three headers of the limit, and the body.
async fn send(bench: &Bench, method: &str, path: &str, key: &str) -> (u16, Option<[String; 3]>, Value) {
    let request = Request::builder().method(method).uri(path).header("truora-api-key", key);
    let response = bench.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let names = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
    let headers =
        names.map(|name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()));
    let headers = match headers {
        [Some(limit), Some(remaining), Some(reset)] => Some([limit, remaining, reset]),
        [None, None, None] => None,
        some => panic!("{some:?}"),
    };
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
    (status, headers, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn a_key_that_asks_too_often_is_told_when_to_come_back() {
    // The bench itself asks once with the first key.
    let bench = Bench::with(rate(1, 4)).await;
    for (method, path, status, remaining) in [
        ("GET", "/v1/accounts", 200, "2"),
        ("GET", "/v1/accounts/nobody", 404, "1"),
        ("POST", "/v1/enrollments", 400, "0"),
    ] {
        let (found, headers, _) = send(&bench, method, path, &bench.backend).await;
        let headers = headers.unwrap();
        assert_eq!((found, headers[0].as_str(), headers[1].as_str()), (status, "4", remaining), "{path}");
    }
    let refused = bench.get("/v1/accounts", &bench.backend).await;
    assert_eq!(
        (refused.status, &refused.body["code"], &refused.body["http_code"]),
        (429, &json!(10429), &json!(429))
    );
    assert_eq!(refused.message(), "too many requests with this key: at most 1 a minute, and 4 at once");
    let wait: u64 = refused.retry_after.unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let (_, headers, _) = send(&bench, "GET", "/v1/config", &bench.backend).await;
    let [_, remaining, reset] = headers.unwrap();
    let reset: u64 = reset.parse().unwrap();
    assert!(remaining == "0" && (180..=240).contains(&reset), "{remaining} {reset}");
    // Each key for itself, of whatever tenant.
    assert_eq!(bench.get("/v1/accounts", &bench.trusted).await.status, 200);
    assert_eq!(bench.get("/v1/accounts", &bench.other).await.status, 200);
}

#[tokio::test]
async fn every_route_that_takes_a_key_is_limited() {
    let bench = Bench::with(rate(1, 1)).await;
    assert_eq!(bench.get("/v1/accounts", &bench.trusted).await.status, 200);
    let document: Value = serde_json::from_str(&bench.mount.openapi).unwrap();
    let mut limited = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let needs_no_key = operation["security"] == json!([{}]);
            let path = path.replace(['{', '}'], "");
            let (status, headers, _) = send(&bench, &method.to_uppercase(), &path, &bench.trusted).await;
            assert_eq!((status == 429, headers.is_some()), (!needs_no_key, !needs_no_key), "{method} {path}");
            let is_documented = operation["responses"].get("429").is_some();
            assert!(needs_no_key || is_documented, "{method} {path}");
            limited += u32::from(!needs_no_key);
        }
    }
    assert!(limited >= 17, "{limited}");
}

#[tokio::test]
async fn without_a_valid_key_or_a_limit_nothing_is_said() {
    let bench = Bench::with(rate(1, 1)).await;
    let (status, headers, _) = send(&bench, "GET", "/v1/accounts", "not a key").await;
    assert_eq!((status, headers), (401, None));
    let bench = Bench::new().await;
    let (status, headers, _) = send(&bench, "GET", "/v1/accounts", &bench.backend).await;
    assert_eq!((status, headers), (200, None));
}

fn quota(verifications_per_month: u64) -> Config {
    with_plan(Plan { verifications_per_month: Some(verifications_per_month), ..Plan::default() })
}

#[tokio::test]
async fn a_month_has_the_verifications_of_its_plan() {
    let bench = Bench::with(quota(2)).await;
    bench.enrolled("ana-1").await;
    bench.enrolled("eva-2").await;
    assert_eq!(bench.validation("ana-1", "").await.status, 201);
    // What is refused for another reason is not counted.
    assert_eq!(bench.validation("nobody", "").await.status, 400);
    assert_eq!(bench.validation("ana-1", "&threshold=0.01").await.status, 400);
    assert_eq!(bench.validation("eva-2", "").await.status, 201);
    let refused = bench.validation("eva-2", "").await;
    assert_eq!((refused.status, &refused.body["code"]), (429, &json!(10429)));
    assert!(
        refused.message().starts_with("the plan's 2 verifications of this month are used up"),
        "{refused:?}"
    );
    // The clock of the bench stands at 2027-01-15T08:00:00Z.
    assert_eq!(refused.retry_after.as_deref(), Some("1440000"));
    assert!(refused.message().contains("month"));
    let enrolled = bench.post("/v1/enrollments", &bench.backend, &format!("{CONSENT}&account_id=new")).await;
    assert_eq!(enrolled.status, 201, "enrollments do not count");
    bench.clock.advance(Duration::from_hours(400));
    assert_eq!(bench.validation("eva-2", "").await.status, 201);
}

#[tokio::test]
async fn two_hundred_at_once_never_pass_the_quota() {
    let config =
        Config { throttle: Throttle { declined_per_account: 0, ..Throttle::default() }, ..quota(50) };
    let bench = Bench::with(config).await;
    bench.enrolled("ana-1").await;
    let all = (0..200).map(|_| bench.validation("ana-1", ""));
    let answers = futures_util::future::join_all(all).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(201), count(429)), (50, 150));
    let listed = bench.get("/v1/validations?limit=100", &bench.backend).await;
    assert_eq!(listed.body["validations"].as_array().unwrap().len(), 50);
}

fn check(name: CheckName, outcome: Outcome, reason: Reason) -> Vec<Check> {
    vec![Check { name, outcome, reasons: vec![reason] }]
}

fn another_face() -> Vec<Check> {
    check(CheckName::Similarity, Outcome::Failed, Reason::FacesDiffer)
}

#[tokio::test]
async fn whoever_is_declined_too_often_has_to_wait() {
    let config = with_throttle(Throttle { declined_per_account: 3, ..Throttle::default() });
    let bench = Bench::with(config).await;
    bench.enrolled("ana-1").await;
    bench.enrolled("eva-2").await;
    for _ in 0..3 {
        // A photo that cannot be judged costs nothing.
        let honest = bench.validation("ana-1", "").await;
        let blurred = check(CheckName::SelfieUsable, Outcome::CouldNotTell, Reason::Blurred(Role::Selfie));
        bench.judged(&honest.body, &blurred).await;
        let guess = bench.validation("ana-1", "").await;
        assert_eq!(guess.status, 201);
        bench.judged(&guess.body, &another_face()).await;
        bench.clock.advance(Duration::from_mins(1));
    }
    let refused = bench.validation("ana-1", "").await;
    assert_eq!((refused.status, &refused.body["code"]), (429, &json!(10429)));
    assert_eq!(refused.retry_after.as_deref(), Some("3420"), "57 minutes, until the first is an hour old");
    assert_eq!(
        refused.message(),
        "too many attempts of this account, device or address were declined: try again later"
    );
    assert_eq!(bench.validation("eva-2", "").await.status, 201, "another person");
    bench.clock.advance(Duration::from_secs(3419));
    assert_eq!(bench.validation("ana-1", "").await.retry_after.as_deref(), Some("1"));
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(bench.validation("ana-1", "").await.status, 201);
}

#[tokio::test]
async fn many_open_validations_are_no_way_around() {
    let config = with_throttle(Throttle { declined_per_account: 3, ..Throttle::default() });
    let bench = Bench::with(config).await;
    bench.enrolled("ana-1").await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(bench.validation("ana-1", "&timeout=60").await);
    }
    let refused = bench.validation("ana-1", "").await;
    assert_eq!((refused.status, refused.retry_after.as_deref()), (429, Some("60")));
    // One that ends well makes room for another.
    bench.judged(&open[0].body, &[]).await;
    assert_eq!(bench.validation("ana-1", "").await.status, 201);
}

#[tokio::test]
async fn a_device_is_throttled_and_so_is_its_address_but_no_backends() {
    let throttle = Throttle {
        declined_per_account: 0,
        declined_per_device: 1,
        declined_per_address: 2,
        ..Throttle::default()
    };
    let bench = Bench::with(with_throttle(throttle)).await;
    let people = ["ana-1", "eva-2", "ida-3"];
    let mut devices = Vec::new();
    for person in people {
        bench.enrolled(person).await;
        devices.push(bench.key(&format!("key_type=sdk&account_id={person}")).await);
    }
    for device in &devices[..2] {
        let guess = bench.post("/v1/validations", device, CONSENT).await;
        assert_eq!(guess.status, 201);
        bench.judged(&guess.body, &another_face()).await;
        assert_eq!(bench.post("/v1/validations", device, CONSENT).await.status, 429, "the device");
    }
    assert_eq!(bench.post("/v1/validations", &devices[2], CONSENT).await.status, 429, "the address");
    for _ in 0..4 {
        let asked = bench.validation("ana-1", "").await;
        assert_eq!(asked.status, 201, "a backend asks for all its people");
        bench.judged(&asked.body, &another_face()).await;
    }
}
