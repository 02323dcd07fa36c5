//! Tokens of a tenant's staff.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};

use crate::api::vlens::testing::{Answer, Bench};

const LOGIN: &str = "/api/credentials/Login";
const REFRESH: &str = "/api/credentials/RefreshToken";
const PASSWORD: &str = "of the first admin";

fn credentials(name: &str, password: &str) -> Value {
    json!({"tenancyName": "one", "userNameOrEmailAddress": name, "password": password})
}

async fn with_user() -> Bench {
    let bench = Bench::new().await;
    bench.add_user("ada", PASSWORD).await;
    bench
}

async fn refresh(bench: &Bench, token: &Value) -> Answer {
    bench.post(REFRESH, &json!({ "refreshToken": token })).await
}

fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&BASE64URL.decode(token.split('.').nth(index).unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn a_user_signs_in_and_refreshes_tokens() {
    let bench = with_user().await;
    let data = bench.post(LOGIN, &credentials("ada", PASSWORD)).await.data();
    assert_eq!(
        (&data["expireInSeconds"], &data["refreshTokenExpireInSeconds"]),
        (&json!(86_400), &json!(604_800))
    );
    let access = data["accessToken"].as_str().unwrap();
    assert_eq!(part(access, 0)["alg"], "EdDSA");
    let claims = part(access, 1);
    assert_eq!(
        (&claims["aud"], &claims["iss"]),
        (&json!("digital-identity"), &json!("https://id.example.com"))
    );
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 86_400);
    let next = refresh(&bench, &data["refreshToken"]).await.data();
    assert_eq!((&next["expireInSeconds"], &next["encryptedAccessToken"]), (&json!(86_400), &Value::Null));
    assert_eq!(next["refreshToken"], next["newRefreshToken"]);
    refresh(&bench, &next["newRefreshToken"]).await.data();
}

#[tokio::test]
async fn another_user_password_or_tenant_is_refused_alike() {
    let bench = with_user().await;
    let revoked = bench.add_user("gone", PASSWORD).await;
    bench.service.admin().revoke_user(bench.tenant.id, revoked.id).await.unwrap();
    let mut elsewhere = credentials("ada", PASSWORD);
    elsewhere["tenancyName"] = json!("two");
    for body in [
        credentials("ada", "another"),
        credentials("nobody", PASSWORD),
        credentials("gone", PASSWORD),
        elsewhere,
    ] {
        bench.post(LOGIN, &body).await.refused(200, 401);
    }
    // The key of another tenant, with the first one's names.
    bench.post_as(&bench.other, "", LOGIN, &credentials("ada", PASSWORD)).await.refused(200, 401);
}

#[tokio::test]
async fn all_three_members_and_the_header_are_required_within_their_lengths() {
    let bench = with_user().await;
    for (member, value) in [
        ("tenancyName", json!(null)),
        ("userNameOrEmailAddress", json!("")),
        ("userNameOrEmailAddress", json!("a".repeat(257))),
        ("password", json!(7)),
        ("password", json!("a".repeat(33))),
    ] {
        let mut body = credentials("ada", PASSWORD);
        body[member] = value;
        bench.post(LOGIN, &body).await.refused(400, 400);
    }
    let request = axum::http::Request::post(LOGIN)
        .header("ApiKey", &bench.key)
        .header("Content-Type", "application/json")
        .body(credentials("ada", PASSWORD).to_string().into());
    bench.send(request.unwrap()).await.refused(400, 400);
}

#[tokio::test]
async fn a_used_refresh_token_ends_all_that_came_of_it() {
    let bench = with_user().await;
    let first = bench.post(LOGIN, &credentials("ada", PASSWORD)).await.data();
    let other = bench.post(LOGIN, &credentials("ada", PASSWORD)).await.data();
    let second = refresh(&bench, &first["refreshToken"]).await.data();
    refresh(&bench, &first["refreshToken"]).await.refused(200, 403);
    refresh(&bench, &second["newRefreshToken"]).await.refused(200, 403);
    refresh(&bench, &other["refreshToken"]).await.data();
}

#[tokio::test]
async fn of_many_at_once_one_refresh_token_is_exchanged_once() {
    let bench = with_user().await;
    let data = bench.post(LOGIN, &credentials("ada", PASSWORD)).await.data();
    let all = (0..20).map(|_| refresh(&bench, &data["refreshToken"]));
    let answers = futures_util::future::join_all(all).await;
    assert_eq!(answers.iter().filter(|answer| answer.body["error_code"].is_null()).count(), 1);
}

#[tokio::test]
async fn no_other_token_is_exchanged() {
    let bench = with_user().await;
    let data = bench.post(LOGIN, &credentials("ada", PASSWORD)).await.data();
    let token = data["refreshToken"].as_str().unwrap();
    let (head, rest) = token.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let mut forged =
        vec![data["accessToken"].clone(), json!(null), json!(""), json!("a.b.c"), json!(bench.key)];
    for header in [r#"{"alg":"none","typ":"rt+jwt"}"#, r#"{"alg":"HS256","typ":"rt+jwt"}"#] {
        let header = BASE64URL.encode(header);
        forged.push(json!(format!("{header}.{claims}.")));
        forged.push(json!(format!("{header}.{claims}.{signature}")));
    }
    let mut longer = part(token, 1);
    longer["exp"] = json!(i64::MAX);
    forged.push(json!(format!("{head}.{}.{signature}", BASE64URL.encode(longer.to_string()))));
    for token in forged {
        refresh(&bench, &token).await.refused(200, 403);
    }
    // The same token with the key of another tenant.
    let body = json!({"refreshToken": token});
    bench.post_as(&bench.other, "", REFRESH, &body).await.refused(200, 403);
    refresh(&bench, &json!(token)).await.data();
}

#[tokio::test]
async fn a_refresh_token_counts_for_a_week_and_ends_with_its_user() {
    let bench = with_user().await;
    let data = bench.post(LOGIN, &credentials("ada", PASSWORD)).await.data();
    bench.clock.advance(Duration::from_hours(7 * 24) - Duration::from_secs(1));
    let next = refresh(&bench, &data["refreshToken"]).await.data();
    bench.clock.advance(Duration::from_hours(7 * 24));
    refresh(&bench, &next["refreshToken"]).await.refused(200, 403);
    let eve = bench.add_user("eve", PASSWORD).await;
    let data = bench.post(LOGIN, &credentials("eve", PASSWORD)).await.data();
    bench.service.admin().revoke_user(bench.tenant.id, eve.id).await.unwrap();
    refresh(&bench, &data["refreshToken"]).await.refused(200, 403);
}

#[tokio::test]
async fn whoever_guesses_passwords_has_to_wait_whether_the_user_is_known_or_not() {
    let bench = with_user().await;
    for name in ["ada", "nobody"] {
        for _ in 0..10 {
            bench.post(LOGIN, &credentials(name, "guess")).await.refused(200, 401);
        }
        let refused = bench.post(LOGIN, &credentials(name, PASSWORD)).await;
        refused.refused(429, 4003);
        assert_eq!(refused.headers["retry-after"], "3600");
    }
    bench.clock.advance(Duration::from_hours(1));
    bench.post(LOGIN, &credentials("ada", PASSWORD)).await.data();
}

#[tokio::test]
async fn the_token_of_a_user_is_none_of_a_person() {
    let bench = with_user().await;
    let data = bench.post(LOGIN, &credentials("ada", PASSWORD)).await.data();
    let token = data["accessToken"].as_str().unwrap();
    let body = json!({"email": "a@b.org"});
    let path = "/api/DigitalIdentity/VerifyEmail";
    bench.post_as(&bench.key, token, path, &body).await.refused(403, 403);
}
