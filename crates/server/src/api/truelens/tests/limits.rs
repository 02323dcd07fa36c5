//! How often a key may ask, what every answer says about it, and what a refusal leaves behind.

use std::num::NonZeroU32;
use std::time::Instant;

use app::{CAPTURE_TIME, Page};
use axum::body::Body;
use axum::http::Request;
use futures_util::future::join_all;
use serde_json::json;

use super::super::testing::{Bench, config};
use crate::config::{Config, Plan, TrueLens};

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn every_answer_below_the_api_says_what_is_left() {
    let bench = Bench::new().await;
    let long = bench.config.limits.max_form_bytes + 1;
    let announced = long.to_string();
    let long = || vec![b' '; long];
    let asks = [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST")];
    for (status, request) in [
        (404, request("GET", "/api/verify/nothing", &[], vec![])),
        (404, request("GET", "/api/sandbox/nothing/at/all", &[], vec![])),
        (404, request("GET", "/api/verify/", &[], vec![])),
        (404, request("POST", "/api/sandbox/", &[], vec![])),
        (405, request("GET", "/api/verify/init", &[("X-API-Key", &bench.key)], vec![])),
        (405, request("DELETE", "/api/verify/status/7", &[], vec![])),
        (405, request("PUT", "/api/sandbox/verify/complete", &[], vec![])),
        (413, request("POST", "/api/verify/init", &[("Content-Length", &announced)], long())),
        (413, request("POST", "/api/sandbox/init", &[("Content-Length", &announced)], long())),
        // Nothing announces it: its handler finds out.
        (413, request("POST", "/api/sandbox/init", &[], long())),
        (401, request("POST", "/api/verify/init", &[], vec![])),
        (204, request("OPTIONS", "/api/verify/init", &asks, vec![])),
        (204, request("OPTIONS", "/api/sandbox/verify/init", &asks, vec![])),
    ] {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = bench.send(request).await;
        assert_eq!(answer.status, status, "{what}");
        let (limit, remaining) = answer.left().unwrap_or_else(|| panic!("{what} {status} says nothing"));
        assert!(limit == 600 && remaining < limit, "{what} {status}: {remaining} of {limit}");
        if status >= 400 {
            assert!(answer.expect(status)["error"].is_string(), "{what}");
        }
    }
    // Elsewhere nothing is counted.
    for path in ["/badge/unknown/json", "/verify", "/.well-known/jwks.json", "/healthz", "/api/verified"] {
        assert_eq!(bench.get(path).await.left(), None, "{path}");
    }
}

#[tokio::test]
async fn requests_that_no_handler_sees_are_counted_with_the_others_of_their_address() {
    let bench = Bench::new().await;
    let start = Instant::now();
    for _ in 0..700 {
        // Where nothing is left they are what they were.
        assert_eq!(bench.send(request("GET", "/api/sandbox/init", &[], vec![])).await.status, 405);
    }
    let last = bench.send(request("POST", "/api/sandbox/complete", &[], vec![])).await;
    let (_, remaining) = last.left().unwrap();
    // Ten come back every second.
    let come_back = 10 * (start.elapsed().as_secs() as u32 + 1);
    assert!(remaining <= come_back, "{remaining} of 600");
}

#[tokio::test]
async fn without_other_settings_the_limits_are_those_of_the_vendor() {
    let bench = Bench::with(Config::default()).await;
    let start = Instant::now();
    let mut passed = 0;
    let refused = loop {
        let answer = bench.post("/api/verify/complete", &json!({})).await;
        // The limit is that of a minute; what is left may be sent at once.
        let (limit, remaining) = answer.left().unwrap();
        assert!(limit == 60 && remaining <= 14, "{remaining} of {limit}");
        if answer.status == 429 {
            break answer;
        }
        answer.expect_error(400, "Missing verification_id");
        passed += 1;
    };
    refused.expect_error(429, "Rate limit exceeded");
    assert_eq!((refused.left().unwrap().1, refused.header("retry-after")), (0, "1"));
    let come_back = start.elapsed().as_secs() + 1;
    assert!((15..=15 + come_back).contains(&passed), "{passed} in {come_back} s");
    let polled = bench.get("/api/verify/status/unknown").await;
    assert_eq!((polled.status, polled.left()), (404, Some((600, 599))));
}

#[tokio::test]
async fn a_hundred_sessions_may_be_open_until_some_expire() {
    let truelens = TrueLens { open_sessions: TrueLens::default().open_sessions, ..config().truelens };
    let bench = Bench::with(Config { truelens, ..config() }).await;
    for _ in 0..100 {
        bench.init(&json!({})).await;
    }
    let over = bench.post("/api/verify/init", &json!({})).await;
    over.expect_error(429, "Too many concurrent sessions");
    assert_eq!(over.header("retry-after"), "600");
    bench.clock.advance(CAPTURE_TIME * 2);
    bench.init(&json!({})).await;
}

#[tokio::test]
async fn a_refused_session_leaves_nobody_behind() {
    let plan = Plan { verifications_per_month: Some(1), ..Plan::default() };
    let truelens = TrueLens { open_sessions: NonZeroU32::new(2).unwrap(), ..config().truelens };
    let bench =
        Bench::with(Config { truelens, plans: [("standard".to_owned(), plan)].into(), ..config() }).await;
    let people = async || {
        let people = bench.service.subjects(&bench.caller, &Page::first(100)).await.unwrap();
        people.into_iter().map(|person| person.reference).collect::<Vec<_>>()
    };
    bench.init(&json!({"subject": "ana"})).await;
    for body in [json!({}), json!({"subject": "ben"}), json!({"subject": "ana"})] {
        bench.post("/api/verify/init", &body).await.expect_error(429, "Monthly quota exceeded");
    }
    assert_eq!((people().await, bench.people_with_keys().await), (vec!["ana".to_owned()], 1));
    bench.init(&json!({"subject": "ana", "demo": true})).await;
    for body in [json!({"demo": true}), json!({"subject": "ben", "demo": true})] {
        bench.post("/api/verify/init", &body).await.expect_error(429, "Too many concurrent sessions");
    }
    assert_eq!((people().await, bench.people_with_keys().await), (vec!["ana".to_owned()], 1));
    // Nor does it stand in the way of whoever comes later.
    bench.clock.advance(CAPTURE_TIME * 2);
    bench.init(&json!({"subject": "ben", "demo": true})).await;
    assert_eq!(people().await, ["ben", "ana"]);
    // Of those who come at once some are refused only when they have a key, or find that they are known by then.
    for body in [json!({"demo": true}), json!({"subject": "eve", "demo": true})] {
        bench.clock.advance(CAPTURE_TIME * 2);
        let answers = join_all((0..20).map(|_| bench.post("/api/verify/init", &body))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 2);
        assert_eq!(bench.people_with_keys().await, people().await.len());
    }
    assert_eq!(people().await.len(), 5);
}
