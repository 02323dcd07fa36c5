//! Badges in all their forms, and the keys that sign them.

use std::time::Duration;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};

use super::super::testing::{Bench, PUBLIC_URL};

const A_DAY: Duration = Duration::from_hours(24);

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64URL.decode(part).unwrap()).unwrap()
}

impl Bench {
    async fn badge(&self, id: &str) -> Value {
        self.get(&format!("/badge/{id}/json")).await.expect(200)
    }

    async fn token(&self, id: &str) -> String {
        self.badge(id).await["token"].as_str().unwrap().to_owned()
    }

    async fn keys(&self) -> Vec<Value> {
        let keys = self.get("/.well-known/jwks.json").await.expect(200);
        keys["keys"].as_array().unwrap().clone()
    }

    /// The claims of a token, whose signature is that of the published key of its `kid`.
    async fn verify(&self, token: &str) -> Value {
        let header = part(token, 0);
        assert_eq!(header["alg"], "EdDSA");
        let keys = self.keys().await;
        let key = keys.iter().find(|key| key["kid"] == header["kid"]).expect("its key is published");
        let public = BASE64URL.decode(key["x"].as_str().unwrap()).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = BASE64URL.decode(signature).unwrap();
        UnparsedPublicKey::new(&ED25519, public).verify(signed.as_bytes(), &signature).unwrap();
        part(token, 1)
    }

    /// That a badge does not count, in each of its forms.
    async fn expect_over(&self, id: &str, status: &str) {
        let badge = self.badge(id).await;
        assert_eq!((&badge["status"], &badge["token"]), (&json!(status), &json!(null)));
        assert_eq!(badge["revoked_at"].is_string(), status == "revoked");
        self.get(&format!("/badge/{id}/jws")).await.expect_error(404, "Badge not found");
        let page = self.get(&format!("/badge/{id}")).await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains(&format!("/badge/{id}/jws")) && page.text.contains("data-sign=\"note\""));
        let picture = self.get(&format!("/badge/{id}/svg")).await;
        assert_eq!(picture.status, 200);
        assert!(!picture.text.contains("#0b5c55"), "the colour of one that counts");
    }
}

#[tokio::test]
async fn a_badge_is_a_page_a_picture_json_and_a_token() {
    let bench = Bench::new().await;
    let id = bench.passed(&json!({"subject": "customer-4711"})).await;
    let badge = bench.badge(&id).await;
    assert_eq!(
        (&badge["status"], &badge["is_demo"], &badge["verified_for"], &badge["revoked_at"]),
        (&json!("valid"), &json!(false), &json!("shop"), &json!(null))
    );
    let token = bench.token(&id).await;
    let claims = bench.verify(&token).await;
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["demo"], &claims["scope"]),
        (&json!(PUBLIC_URL), &json!("customer-4711"), &json!(false), &json!("liveness"))
    );
    assert_eq!(&claims["jti"], &json!(id));
    assert!(claims["exp"].as_i64() > claims["iat"].as_i64());
    let jws = bench.get(&format!("/badge/{id}/jws")).await;
    assert_eq!((jws.status, jws.header("content-type"), &jws.text), (200, "application/jose", &token));
    let page = bench.get(&format!("/badge/{id}")).await;
    assert!(page.status == 200 && page.header("content-type").starts_with("text/html"));
    assert!(page.text.contains("shop") && page.text.contains("data-sign=\"yes\""));
    assert!(!page.text.contains("customer-4711") && !page.text.contains("DEMO"));
    let picture = bench.get(&format!("/badge/{id}/svg")).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/svg+xml"));
    assert!(picture.text.starts_with("<svg") && picture.text.contains("shop"));
    assert!(picture.text.contains("#0b5c55") && !picture.text.contains("DEMO"));
}

#[tokio::test]
async fn a_badge_of_a_demonstration_says_so_everywhere() {
    let bench = Bench::new().await;
    let id = bench.passed(&json!({"demo": true})).await;
    assert_eq!(bench.badge(&id).await["is_demo"], true);
    let claims = bench.verify(&bench.token(&id).await).await;
    assert_eq!((&claims["demo"], claims.get("sub")), (&json!(true), None));
    for form in ["", "/svg"] {
        let shown = bench.get(&format!("/badge/{id}{form}?lang=en")).await;
        assert!(shown.status == 200 && shown.text.contains("DEMO"), "{form}");
        assert!(!shown.text.contains("#0b5c55") && !shown.text.contains("data-sign=\"yes\""), "{form}");
    }
}

#[tokio::test]
async fn a_badge_counts_until_twelve_months_are_over() {
    let bench = Bench::new().await;
    let id = bench.passed(&json!({})).await;
    bench.clock.advance(A_DAY * 364 + Duration::from_secs(24 * 60 * 60 - 1));
    assert_eq!(bench.badge(&id).await["status"], "valid");
    bench.clock.advance(Duration::from_secs(1));
    bench.expect_over(&id, "expired").await;
}

#[tokio::test]
async fn a_badge_is_revoked_once_or_with_its_tenant() {
    let bench = Bench::new().await;
    let [one, other] = [bench.passed(&json!({})).await, bench.passed(&json!({})).await];
    let id = super::super::read_id(&one).unwrap();
    assert!(bench.service.admin().revoke_badge(id).await.unwrap());
    assert!(!bench.service.admin().revoke_badge(id).await.unwrap(), "it does not count any more");
    bench.expect_over(&one, "revoked").await;
    assert_eq!(bench.badge(&other).await["status"], "valid");
    assert!(bench.service.admin().revoke_tenant(bench.tenant.id).await.unwrap());
    bench.expect_over(&other, "revoked").await;
}

#[tokio::test]
async fn a_badge_that_nobody_has_is_not_found() {
    let bench = Bench::new().await;
    // A session that was not passed has none either.
    let pending = bench.init(&json!({})).await;
    for id in ["a1b2c3d4-e5f6-4711-8899-aabbccddeeff", "unknown", &pending] {
        for form in ["json", "jws", "svg"] {
            bench.get(&format!("/badge/{id}/{form}")).await.expect_error(404, "Badge not found");
        }
        let page = bench.get(&format!("/badge/{id}?lang=ar")).await;
        assert!(page.status == 404 && page.header("content-type").starts_with("text/html"));
        assert!(page.text.contains("dir=\"rtl\""));
    }
}

#[tokio::test]
async fn a_new_key_signs_at_once_and_what_an_old_one_signed_still_verifies() {
    let bench = Bench::new().await;
    let id = bench.passed(&json!({})).await;
    let old = bench.token(&id).await;
    let rotated = bench.service.admin().rotate_badge_key().await.unwrap();
    let new = bench.token(&id).await;
    assert_eq!(part(&new, 0)["kid"], rotated.kid);
    assert_ne!(part(&old, 0)["kid"], part(&new, 0)["kid"]);
    assert_eq!(bench.verify(&old).await, bench.verify(&new).await);
    let kids: Vec<Value> = bench.keys().await.iter().map(|key| key["kid"].clone()).collect();
    assert_eq!(kids, [part(&new, 0)["kid"].clone(), part(&old, 0)["kid"].clone()]);
}

#[tokio::test]
async fn every_page_may_read_badges_and_keys_and_caches_keep_the_keys_for_a_while() {
    let bench = Bench::new().await;
    let id = bench.passed(&json!({})).await;
    for (path, status, kept) in [
        ("/.well-known/jwks.json".to_owned(), 200, "public, max-age=300"),
        // A revocation is seen at once.
        (format!("/badge/{id}/json"), 200, "no-store"),
        (format!("/badge/{id}/jws"), 200, "no-store"),
        ("/badge/unknown/json".to_owned(), 404, "no-store"),
    ] {
        for origin in ["https://anyone.example", "https://shop.example"] {
            let request = Request::get(&path).header("Origin", origin).body(Body::empty()).unwrap();
            let answer = bench.send(request).await;
            assert_eq!((answer.status, answer.header("cache-control")), (status, kept), "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
            assert_eq!(answer.header("access-control-allow-credentials"), "");
        }
        assert_eq!(bench.get(&path).await.header("access-control-allow-origin"), "*", "kept by a cache");
    }
    let page = Request::get(format!("/badge/{id}")).header("Origin", "https://anyone.example");
    let page = bench.send(page.body(Body::empty()).unwrap()).await;
    assert_eq!(page.header("access-control-allow-origin"), "", "a page is for people");
}
