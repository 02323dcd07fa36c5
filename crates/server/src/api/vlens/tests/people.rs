//! People who register, and the codes that they are sent.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::vlens::testing::{Bench, EMAIL, PASSWORD, PHONE, config};

pub(super) const OTHER_PHONE: &str = "+201234567891";

pub(super) fn with_password() -> Value {
    json!({ "password": PASSWORD })
}

pub(super) async fn exists(bench: &Bench, body: Value) -> Value {
    bench.identity("CheckExistenceOfEmailOrPhone", &body).await.data()["exists"].clone()
}

/// A code other than `code`.
fn wrong(code: &str) -> String {
    code.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect()
}

#[tokio::test]
async fn a_person_shows_that_a_number_is_theirs_and_registers() {
    let bench = Bench::new().await;
    let body = json!({"phoneNumber": PHONE, "smsProviders": 0});
    let sent = bench.identity("Register/StepVerifyPhone", &body).await.data();
    assert_eq!((&sent["phoneNumberOtp"], &sent["expireInSeconds"]), (&Value::Null, &json!(300)));
    assert_eq!((&sent["isPhoneNumberConfirmed"], &sent["accessToken"]), (&json!(false), &Value::Null));
    assert_eq!(sent["isPhoneNumberConfirmationRequired"], true);
    let request = sent["phoneNumberOtpRequestId"].clone();
    let letter = bench.letter(&request).await;
    assert_eq!((letter.to.as_str(), letter.code.len(), letter.tenant_name.as_str()), (PHONE, 6, "one"));
    let mut shown =
        json!({"phoneNumber": PHONE, "phoneNumberOtpRequestId": request, "phoneNumberOtp": letter.code});
    let confirmed = bench.identity("Register/StepVerifyPhone", &shown).await.data();
    assert_eq!(
        (&confirmed["isPhoneNumberConfirmed"], &confirmed["expireInSeconds"]),
        (&json!(true), &json!(1800))
    );
    shown["password"] = json!(PASSWORD);
    shown["email"] = json!(EMAIL);
    let made = bench.identity("Register", &shown).await.data();
    assert_eq!(
        (&made["isDigitalIdentityVerified"], &made["expireInSeconds"]),
        (&json!(false), &json!(86_400))
    );
    assert_eq!(made["user"], json!({"id": 1, "emailAddress": EMAIL, "phoneNumber": PHONE}));
    assert!(made["accessToken"].as_str().unwrap().starts_with("eyJ"));
    assert_eq!(exists(&bench, json!({"phoneNumber": PHONE})).await, true);
    // Nobody has shown that the address is theirs.
    assert_eq!(exists(&bench, json!({"email": EMAIL})).await, false);
    assert_eq!(bench.registered(OTHER_PHONE, json!({})).await["user"]["id"], 2);
}

#[tokio::test]
async fn an_address_that_was_shown_to_be_theirs_is_confirmed_and_taken() {
    let bench = Bench::new().await;
    let sent = bench.identity("Register/StepVerifyEmail", &json!({ "email": EMAIL })).await.data();
    let request = sent["emailOtpRequestId"].clone();
    let letter = bench.letter(&request).await;
    assert_eq!(letter.to.as_str(), EMAIL);
    let shown = json!({"email": EMAIL, "emailOtpRequestId": request, "emailOtp": letter.code});
    let confirmed = bench.identity("Register/StepVerifyEmail", &shown).await.data();
    assert_eq!(
        (&confirmed["isEmailConfirmed"], &confirmed["isPhoneNumberConfirmed"]),
        (&json!(true), &json!(false))
    );
    bench.registered(PHONE, shown).await;
    assert_eq!(exists(&bench, json!({"email": "ADA@example.org"})).await, true);
    // Another person, who can read the same box.
    let sent = bench.identity("Register/StepVerifyEmail", &json!({ "email": EMAIL })).await.data();
    let request = sent["emailOtpRequestId"].clone();
    let (phone, code) = bench.phone_code(OTHER_PHONE).await;
    let body = json!({
        "phoneNumber": OTHER_PHONE, "phoneNumberOtpRequestId": phone, "phoneNumberOtp": code,
        "email": EMAIL, "emailOtpRequestId": request, "emailOtp": bench.letter(&request).await.code,
    });
    bench.identity("Register", &body).await.refused(200, 6003);
}

#[tokio::test]
async fn a_known_number_is_told_so_only_to_whoever_shows_that_it_is_theirs() {
    let bench = Bench::new().await;
    bench.registered(PHONE, with_password()).await;
    let known = bench.identity("Register/StepVerifyPhone", &json!({"phoneNumber": PHONE})).await.data();
    let unknown =
        bench.identity("Register/StepVerifyPhone", &json!({"phoneNumber": OTHER_PHONE})).await.data();
    let mut same = known.clone();
    same["phoneNumberOtpRequestId"] = unknown["phoneNumberOtpRequestId"].clone();
    assert_eq!(same, unknown);
    let request = &known["phoneNumberOtpRequestId"];
    let code = bench.letter(request).await.code;
    let body = |code: &str| json!({"phoneNumber": PHONE, "phoneNumberOtpRequestId": request, "phoneNumberOtp": code});
    bench.identity("Register", &body(&wrong(&code))).await.refused(200, 6001);
    bench.identity("Register", &body(&code)).await.refused(200, 6002);
    bench.identity("Register", &body(&code)).await.refused(200, 6001);
}

#[tokio::test]
async fn a_registration_is_refused_by_what_is_wrong_with_it() {
    let bench = Bench::new().await;
    let (request, code) = bench.phone_code(PHONE).await;
    let body = json!({"phoneNumber": PHONE, "phoneNumberOtpRequestId": request, "phoneNumberOtp": code});
    for (member, value, status, refused) in [
        ("phoneNumber", json!(OTHER_PHONE), 200, 6001),
        ("phoneNumber", json!("01234567890"), 400, 400),
        ("phoneNumberOtp", json!(null), 200, 6005),
        ("phoneNumberOtpRequestId", json!("4711"), 400, 400),
        ("phoneNumberOtpRequestId", json!(null), 400, 400),
        ("phoneNumberOtpRequestId", json!("0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"), 200, 6001),
        ("password", json!("short"), 200, 6004),
        ("password", json!("a".repeat(129)), 200, 6004),
        ("email", json!("no address"), 400, 400),
        ("oAuthTokenVerificationRequestId", json!("1"), 200, 6006),
    ] {
        let mut body = body.clone();
        body[member] = value;
        bench.identity("Register", &body).await.refused(status, refused);
    }
    bench.identity("Register", &body).await.data();
}

#[tokio::test]
async fn a_code_is_listened_to_five_times_and_for_five_minutes() {
    let bench = Bench::new().await;
    let (request, code) = bench.phone_code(PHONE).await;
    let shown = |code: &str| json!({"phoneNumber": PHONE, "phoneNumberOtpRequestId": request, "phoneNumberOtp": code});
    for _ in 0..5 {
        bench.identity("Register/StepVerifyPhone", &shown(&wrong(&code))).await.refused(200, 6001);
    }
    bench.identity("Register/StepVerifyPhone", &shown(&code)).await.refused(200, 6001);
    let (request, code) = bench.phone_code(PHONE).await;
    bench.clock.advance(Duration::from_mins(5));
    let shown = json!({"phoneNumber": PHONE, "phoneNumberOtpRequestId": request, "phoneNumberOtp": code});
    bench.identity("Register/StepVerifyPhone", &shown).await.refused(200, 6001);
}

#[tokio::test]
async fn of_many_at_once_a_code_is_used_once() {
    let bench = Bench::new().await;
    for route in ["Register/StepVerifyPhone", "Register"] {
        let (request, code) = bench.phone_code(PHONE).await;
        let body = json!({"phoneNumber": PHONE, "phoneNumberOtpRequestId": request, "phoneNumberOtp": code});
        let answers = futures_util::future::join_all((0..30).map(|_| bench.identity(route, &body))).await;
        let taken = answers.iter().filter(|answer| answer.body["error_code"].is_null()).count();
        let refused = answers.iter().filter(|answer| answer.body["error_code"] == 6001).count();
        assert_eq!((taken, refused), (1, 29), "{route}");
    }
}

#[tokio::test]
async fn of_many_guesses_at_once_five_are_listened_to() {
    let bench = Bench::new().await;
    let (request, code) = bench.phone_code(PHONE).await;
    let body = |code: &str| json!({"phoneNumber": PHONE, "phoneNumberOtpRequestId": request, "phoneNumberOtp": code});
    let bodies: Vec<Value> = (0..50).map(|_| body(&wrong(&code))).collect();
    futures_util::future::join_all(
        bodies.iter().map(|body| bench.identity("Register/StepVerifyPhone", body)),
    )
    .await;
    bench.identity("Register/StepVerifyPhone", &body(&code)).await.refused(200, 6001);
}

#[tokio::test]
async fn a_number_gets_five_codes_in_a_quarter_of_an_hour_known_or_not() {
    let bench = Bench::new().await;
    let ask =
        async |phone: &str| bench.identity("Register/StepVerifyPhone", &json!({"phoneNumber": phone})).await;
    for _ in 0..5 {
        ask(PHONE).await.data();
    }
    let refused = ask(PHONE).await;
    refused.refused(429, 4003);
    assert_eq!(refused.headers["retry-after"], "900");
    ask(OTHER_PHONE).await.data();
    bench.clock.advance(Duration::from_mins(15));
    ask(PHONE).await.data();
    // Those that nobody gets count like others.
    let reset = json!({"emailOrPhoneNumber": "nobody@example.org"});
    for _ in 0..5 {
        bench.identity("ForgetPassword/SendEmailOtp", &reset).await.data();
    }
    bench.identity("ForgetPassword/SendEmailOtp", &reset).await.refused(429, 4003);
}

#[tokio::test]
async fn a_tenant_gets_so_many_codes_in_all() {
    let mut config = config();
    config.delivery.per_tenant = 2;
    let bench = Bench::with(config).await;
    let ask = async |key: &str, phone: &str| {
        let path = "/api/DigitalIdentity/Register/StepVerifyPhone";
        bench.post_as(key, "", path, &json!({"phoneNumber": phone})).await
    };
    ask(&bench.key, PHONE).await.data();
    ask(&bench.key, OTHER_PHONE).await.data();
    ask(&bench.key, "+201234567892").await.refused(429, 4003);
    ask(&bench.other, "+201234567892").await.data();
}

#[tokio::test]
async fn messages_are_in_the_language_that_was_asked_for() {
    let bench = Bench::new().await;
    for (language, expected) in [("ar", domain::Language::Arabic), ("en", domain::Language::English)] {
        let request = axum::http::Request::post("/api/DigitalIdentity/Register/StepVerifyPhone")
            .header("ApiKey", &bench.key)
            .header("Content-Type", "application/json")
            .header("Accept_Language", language)
            .body(json!({"phoneNumber": PHONE}).to_string().into());
        let sent = bench.send(request.unwrap()).await.data();
        assert_eq!(bench.letter(&sent["phoneNumberOtpRequestId"]).await.language, expected);
    }
}
