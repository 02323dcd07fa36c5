//! Sessions: their ends, and what reads as none.

use std::time::Duration;

use app::CAPTURE_TIME;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::super::testing::{Bench, NOT_FOUND};

const A_MOMENT: Duration = Duration::from_millis(1);

#[tokio::test]
async fn a_session_expires_where_nobody_passed_in_time() {
    let bench = Bench::new().await;
    let id = bench.init(&json!({})).await;
    bench.clock.advance(CAPTURE_TIME);
    assert_eq!(bench.status(&id).await["status"], "pending", "the deadline itself is in time");
    bench.clock.advance(A_MOMENT);
    let expired = bench.status(&id).await;
    assert_eq!((&expired["status"], &expired["expires_at"]), (&json!("expired"), &json!(null)));
    assert!(expired.get("badge_url").is_none());
    let complete = bench.post("/api/verify/complete", &json!({"verification_id": id})).await;
    complete.expect_error(404, NOT_FOUND);
    assert_eq!(bench.get(&format!("/verify?id={id}")).await.status, 410);
}

#[tokio::test]
async fn a_session_that_was_passed_stays_so_and_is_completed_once() {
    let bench = Bench::new().await;
    let id = bench.passed(&json!({})).await;
    bench.clock.advance(CAPTURE_TIME + A_MOMENT);
    let body = json!({"verification_id": id});
    let url = format!("https://id.example.com/badge/{id}");
    let done = bench.post("/api/verify/complete", &body).await.expect(200);
    assert_eq!((&done["success"], &done["badge_url"]), (&json!(true), &json!(url)));
    bench.post("/api/verify/complete", &body).await.expect_error(404, NOT_FOUND);
    let status = bench.status(&id).await;
    assert_eq!((&status["status"], &status["badge_url"]), (&json!("completed"), &json!(url)));
    assert_eq!(status["expires_at"], done["expires_at"]);
}

#[tokio::test]
async fn a_session_whose_last_attempt_was_lost_with_its_process_is_over() {
    let bench = Bench::new().await;
    let id = bench.init(&json!({})).await;
    for number in 1..=3 {
        bench.begin_scan(&id, number).await;
        assert_eq!(bench.status(&id).await["status"], "pending", "attempt {number} goes on");
        bench.clock.advance(Duration::from_mins(2));
        let expected = if number == 3 { "expired" } else { "pending" };
        assert_eq!(bench.status(&id).await["status"], expected, "attempt {number} was lost");
    }
    let complete = bench.post("/api/verify/complete", &json!({"verification_id": id})).await;
    complete.expect_error(404, NOT_FOUND);
}

#[tokio::test]
async fn what_is_not_even_text_is_an_unknown_id() {
    let bench = Bench::new().await;
    for path in ["/api/verify/status/%FF", "/api/sandbox/verify/status/%FF", "/api/sandbox/status/%FF"] {
        bench.get(path).await.expect_error(404, NOT_FOUND);
    }
    for path in ["/badge/%FF/json", "/badge/%FF/jws", "/badge/%FF/svg"] {
        bench.get(path).await.expect_error(404, "Badge not found");
    }
    let page = bench.get("/badge/%FF").await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").starts_with("text/html"));
}

#[tokio::test]
async fn a_query_that_says_one_thing_twice_is_refused_in_the_vendors_form() {
    let bench = Bench::new().await;
    let id = bench.passed(&json!({})).await;
    let text = "The query could not be read: give each of its members once";
    for path in [format!("/badge/{id}"), format!("/badge/{id}/svg"), "/verify".to_owned()] {
        bench.get(&format!("{path}?lang=en&lang=ar")).await.expect_error(400, text);
    }
    bench.get(&format!("/verify?id={id}&id={id}")).await.expect_error(400, text);
    assert_eq!(bench.get(&format!("/badge/{id}?lang=ar&unknown=1")).await.status, 200);
}

#[tokio::test]
async fn a_session_of_the_sandbox_stays_completed_and_expires_otherwise() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = bench.send(Request::post("/api/sandbox/init").body(Body::empty()).unwrap()).await;
        ids.push(made.expect(200)["verification_id"].as_str().unwrap().to_owned());
    }
    let status = async |id: &str| bench.get(&format!("/api/sandbox/status/{id}")).await.expect(200);
    assert_eq!(status(&ids[0]).await["status"], "pending");
    bench.clock.advance(Duration::from_secs(3));
    bench.post("/api/sandbox/complete", &json!({"verification_id": ids[0]})).await.expect(200);
    let completed = status(&ids[0]).await;
    assert_eq!(completed["status"], "completed");
    bench.clock.advance(CAPTURE_TIME);
    assert_eq!(status(&ids[0]).await, completed);
    assert_eq!(status(&ids[1]).await["status"], "expired");
}
