//! People who register, sign in, confirm an address and forget their passwords.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::vlens::testing::{Answer, Bench, DEVICE, EMAIL, PASSWORD, PHONE, config};

const OTHER_PHONE: &str = "+201234567891";

fn with_password() -> Value {
    json!({ "password": PASSWORD })
}

async fn exists(bench: &Bench, body: Value) -> Value {
    bench.identity("CheckExistenceOfEmailOrPhone", &body).await.data()["exists"].clone()
}

async fn sign_in(bench: &Bench, more: Value) -> Answer {
    let mut body = json!({
        "phoneNumber": PHONE, "imei": DEVICE, "imsi": null, "smsProviders": 0,
        "geoLocation": {"latitude": "30.04", "longitude": "31.24"},
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.identity("Login", &body).await
}

/// Signs in with the code that `asked` was answered with.
async fn with_code(bench: &Bench, asked: &Value, more: Value) -> Answer {
    let request = &asked["phoneNumberOtpRequestId"];
    let mut body =
        json!({"phoneNumberOtpRequestId": request, "phoneNumberOtp": bench.letter(request).await.code});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    sign_in(bench, body).await
}

async fn confirm_email(bench: &Bench, token: &str, email: &str) -> Answer {
    let path = "/api/DigitalIdentity/VerifyEmail";
    let sent = bench.post_as(&bench.key, token, path, &json!({ "email": email })).await.data();
    let request = &sent["emailOtpRequestId"];
    let body = json!({
        "email": email, "emailOtpRequestId": request, "emailOtp": bench.letter(request).await.code,
        "transactionId": "t-1", "returnUrl": "https://shop.example",
    });
    bench.post_as(&bench.key, token, path, &body).await
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
async fn a_network_address_gets_so_many_codes_and_wrong_passwords_whoever_they_are_for() {
    let mut config = config();
    config.delivery.per_address = 3;
    config.throttle.declined_per_address = 3;
    let bench = Bench::with(config).await;
    let caller = bench.service.authenticate(&bench.key).await.unwrap();
    let asker = |ip: [u8; 4]| app::Asker { language: domain::Language::English, from: Some(ip.into()) };
    let (here, elsewhere) = (asker([192, 0, 2, 7]), asker([192, 0, 2, 8]));
    let phone = |number: u32| format!("+20123456789{number}").parse::<domain::PhoneNumber>().unwrap();
    let ask = async |asker, number| {
        let to = domain::Contact::Phone(phone(number));
        bench.service.send_registration_code(&caller, asker, &to).await.is_ok()
    };
    assert!(ask(here, 0).await && ask(here, 1).await && ask(here, 2).await && !ask(here, 3).await);
    assert!(ask(elsewhere, 3).await);
    let guess = async |asker, number| {
        let wish = app::SignIn {
            phone: phone(number),
            password: Some("a guess".to_owned()),
            device: DEVICE.to_owned(),
            code: None,
            asks_for_code: false,
            can_send: true,
        };
        bench.service.sign_in(&caller, asker, wish, "issuer").await.unwrap_err()
    };
    for number in 0..3 {
        assert!(matches!(guess(here, number).await, app::IdentityError::BadCredentials));
    }
    assert!(matches!(guess(here, 3).await, app::IdentityError::TooMany { .. }));
    assert!(matches!(guess(elsewhere, 3).await, app::IdentityError::BadCredentials));
}

#[tokio::test]
async fn a_new_device_needs_a_code_and_a_known_one_does_not() {
    let bench = Bench::new().await;
    bench.registered(PHONE, with_password()).await;
    let asked = sign_in(&bench, with_password()).await.data();
    assert_eq!((&asked["accessToken"], &asked["user"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&asked["isPhoneNumberConfirmationRequired"], &asked["phoneNumberOtp"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(asked["phoneOtpExpireInSeconds"], 300);
    let data = with_code(&bench, &asked, with_password()).await.data();
    assert!(data["accessToken"].is_string() && data["refreshToken"].is_string());
    assert_eq!((&data["user"]["id"], &data["user"]["phoneNumber"]), (&json!(1), &json!(PHONE)));
    assert_eq!(
        (&data["isPhoneNumberConfirmed"], &data["phoneNumberOtpRequestId"]),
        (&json!(true), &Value::Null)
    );
    let again = sign_in(&bench, with_password()).await.data();
    assert!(again["accessToken"].is_string());
    let refreshed =
        bench.post("/api/credentials/RefreshToken", &json!({"refreshToken": again["refreshToken"]})).await;
    refreshed.data();
    // The person may ask for a code, and another device always needs one.
    for more in [
        json!({"isPhone2FAEnabled": true}),
        json!({"imei": "another"}),
        json!({"isPhone2FAEnabled": false, "imei": "b"}),
    ] {
        let mut body = with_password();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert!(sign_in(&bench, body).await.data()["accessToken"].is_null(), "{more}");
    }
}

#[tokio::test]
async fn a_code_without_the_password_suffices_once_the_password_was_right() {
    let bench = Bench::new().await;
    bench.registered(PHONE, with_password()).await;
    let asked = sign_in(&bench, with_password()).await.data();
    assert!(with_code(&bench, &asked, json!({})).await.data()["accessToken"].is_string());
    let asked = sign_in(&bench, json!({"imei": "another", "password": PASSWORD})).await.data();
    with_code(&bench, &asked, json!({"password": "another one"})).await.refused(200, 401);
    with_code(&bench, &asked, json!({"phoneNumber": OTHER_PHONE})).await.refused(200, 6001);
}

#[tokio::test]
async fn whether_a_number_is_known_does_not_show_when_signing_in() {
    let bench = Bench::new().await;
    bench.registered(PHONE, with_password()).await;
    bench.registered(OTHER_PHONE, json!({})).await;
    let sent = bench.letters().await;
    // With a password that is not right, whoever it is.
    for phone in [PHONE, OTHER_PHONE, "+201234567899"] {
        sign_in(&bench, json!({"phoneNumber": phone, "password": "another one"})).await.refused(200, 401);
    }
    // Without one: all are told that a code was sent, and only the one without a password is sent one.
    let mut answers = Vec::new();
    for phone in [PHONE, "+201234567899", OTHER_PHONE] {
        let mut data = sign_in(&bench, json!({"phoneNumber": phone})).await.data();
        answers.push((data["phoneNumberOtpRequestId"].take(), data));
    }
    assert!(answers.windows(2).all(|pair| pair[0].1 == pair[1].1), "{answers:?}");
    assert_eq!(bench.letters().await, sent + 1);
    let code = bench.letter(&answers[2].0).await.code;
    for (phone, index) in [(PHONE, 0), ("+201234567899", 1)] {
        for digits in [code.as_str(), "000000"] {
            let shown = json!({
                "phoneNumber": phone, "phoneNumberOtpRequestId": answers[index].0, "phoneNumberOtp": digits,
            });
            sign_in(&bench, shown).await.refused(200, 6001);
        }
    }
    let shown =
        json!({"phoneNumber": OTHER_PHONE, "phoneNumberOtpRequestId": answers[2].0, "phoneNumberOtp": code});
    assert!(sign_in(&bench, shown).await.data()["accessToken"].is_string());
}

#[tokio::test]
async fn whoever_guesses_passwords_or_codes_has_to_wait() {
    let bench = Bench::new().await;
    bench.registered(PHONE, with_password()).await;
    for _ in 0..10 {
        sign_in(&bench, json!({"password": "another one"})).await.refused(200, 401);
    }
    sign_in(&bench, with_password()).await.refused(429, 4003);
    bench.clock.advance(Duration::from_hours(1));
    sign_in(&bench, with_password()).await.data();
}

#[tokio::test]
async fn a_login_needs_a_number_and_a_device() {
    let bench = Bench::new().await;
    for (member, value) in [
        ("phoneNumber", json!(null)),
        ("phoneNumber", json!("12")),
        ("imei", json!(null)),
        ("imei", json!(4711)),
        ("isPhone2FAEnabled", json!("yes")),
    ] {
        sign_in(&bench, json!({ member: value })).await.refused(400, 400);
    }
}

#[tokio::test]
async fn an_address_is_confirmed_while_signed_in() {
    let bench = Bench::new().await;
    let token = bench.registered(PHONE, json!({})).await["accessToken"].as_str().unwrap().to_owned();
    let data = confirm_email(&bench, &token, EMAIL).await.data();
    assert_eq!((&data["isEmailConfirmed"], &data["transactionId"]), (&json!(true), &json!("t-1")));
    assert_eq!(data["emailOtpExpireInSeconds"], 0);
    assert_eq!(exists(&bench, json!({"email": EMAIL})).await, true);
    let other = bench.registered(OTHER_PHONE, json!({"email": EMAIL})).await["accessToken"]
        .as_str()
        .unwrap()
        .to_owned();
    confirm_email(&bench, &other, EMAIL).await.refused(200, 6003);
    // The code of one person is none of another.
    let path = "/api/DigitalIdentity/VerifyEmail";
    let sent = bench.post_as(&bench.key, &token, path, &json!({"email": "new@example.org"})).await.data();
    let request = &sent["emailOtpRequestId"];
    let code = bench.letter(request).await.code;
    let body = json!({"email": "new@example.org", "emailOtpRequestId": request, "emailOtp": code});
    bench.post_as(&bench.key, &other, path, &body).await.refused(200, 6001);
    bench.post_as(&bench.key, &token, path, &json!({})).await.refused(400, 400);
}

#[tokio::test]
async fn the_token_of_a_person_counts_for_a_day_and_not_after_their_erasure() {
    let bench = Bench::new().await;
    let token = bench.registered(PHONE, json!({})).await["accessToken"].as_str().unwrap().to_owned();
    let ask = async || {
        let path = "/api/DigitalIdentity/VerifyEmail";
        bench.post_as(&bench.key, &token, path, &json!({"email": EMAIL})).await
    };
    ask().await.data();
    bench.clock.advance(Duration::from_hours(24) - Duration::from_secs(1));
    ask().await.data();
    bench.clock.advance(Duration::from_secs(1));
    ask().await.refused(403, 403);
    let token = bench.registered(OTHER_PHONE, json!({})).await["accessToken"].as_str().unwrap().to_owned();
    bench.service.admin().erase(bench.tenant.id, OTHER_PHONE).await.unwrap();
    let path = "/api/DigitalIdentity/VerifyEmail";
    bench.post_as(&bench.key, &token, path, &json!({"email": EMAIL})).await.refused(403, 403);
    assert_eq!(exists(&bench, json!({"phoneNumber": OTHER_PHONE})).await, false);
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_with_a_code_and_ends_what_was_open() {
    let bench = Bench::new().await;
    let made = bench.registered(PHONE, with_password()).await;
    let token = made["accessToken"].as_str().unwrap();
    confirm_email(&bench, token, EMAIL).await.data();
    for (contact, route, code_name, request_name, password) in [
        (EMAIL, "ValidateEmailOtp", "emailOtp", "emailOtpRequestId", "a second password"),
        (PHONE, "ValidatePhoneOtp", "phoneNumberOtp", "phoneNumberOtpRequestId", "a third password"),
    ] {
        let asked = json!({"emailOrPhoneNumber": contact, "idNumber": "29001011234567"});
        let sent = bench.identity("ForgetPassword/SendEmailOtp", &asked).await.data();
        assert_eq!(sent["emailOtpExpireInSeconds"], 300);
        let request = &sent["emailOtpRequestId"];
        let letter = bench.letter(request).await;
        assert_eq!(letter.to.as_str(), contact);
        let route = format!("ForgetPassword/{route}");
        let mut shown = json!({"emailOrPhoneNumber": contact, request_name: request, code_name: letter.code});
        let confirmed = bench.identity(&route, &shown).await.data();
        assert_eq!(confirmed, json!({"emailOtpRequestId": request, "emailOtpExpireInSeconds": 1800}));
        shown["newPassword"] = json!("short");
        bench.identity(&route, &shown).await.refused(200, 6004);
        shown["newPassword"] = json!(password);
        assert_eq!(bench.identity(&route, &shown).await.data()["emailOtpExpireInSeconds"], 0);
        bench.identity(&route, &shown).await.refused(200, 6001);
        sign_in(&bench, json!({ "password": password })).await.data();
    }
    sign_in(&bench, with_password()).await.refused(200, 401);
    let path = "/api/DigitalIdentity/VerifyEmail";
    bench.post_as(&bench.key, token, path, &json!({"email": EMAIL})).await.refused(403, 403);
}

#[tokio::test]
async fn a_reset_says_nothing_of_who_is_known_and_sends_to_nobody_else() {
    let bench = Bench::new().await;
    bench.registered(PHONE, json!({"password": PASSWORD, "email": EMAIL})).await;
    let sent = bench.letters().await;
    let ask = async |contact: &str| {
        let body = json!({"emailOrPhoneNumber": contact});
        bench.identity("ForgetPassword/SendEmailOtp", &body).await.data()
    };
    // Nobody showed that address to be theirs.
    for contact in [EMAIL, OTHER_PHONE, PHONE] {
        let data = ask(contact).await;
        assert_eq!(data["emailOtpExpireInSeconds"], 300);
        assert!(data["emailOtpRequestId"].is_string());
    }
    assert_eq!(bench.letters().await, sent + 1);
    let request = ask(OTHER_PHONE).await["emailOtpRequestId"].clone();
    let body = json!({
        "emailOrPhoneNumber": OTHER_PHONE, "phoneNumberOtpRequestId": request, "phoneNumberOtp": "000000",
        "newPassword": "a second password",
    });
    bench.identity("ForgetPassword/ValidatePhoneOtp", &body).await.refused(200, 6001);
    for (route, body) in [
        ("SendEmailOtp", json!({})),
        ("SendEmailOtp", json!({"emailOrPhoneNumber": "neither"})),
        ("ValidateEmailOtp", json!({"emailOrPhoneNumber": EMAIL})),
        (
            "ValidateEmailOtp",
            json!({"emailOrPhoneNumber": PHONE, "emailOtp": "1", "emailOtpRequestId": request}),
        ),
        (
            "ValidatePhoneOtp",
            json!({"emailOrPhoneNumber": EMAIL, "phoneNumberOtp": "1", "phoneNumberOtpRequestId": request}),
        ),
    ] {
        bench.identity(&format!("ForgetPassword/{route}"), &body).await.refused(400, 400);
    }
}

#[tokio::test]
async fn a_code_for_one_thing_is_none_for_another() {
    let bench = Bench::new().await;
    bench.registered(PHONE, with_password()).await;
    let reset =
        bench.identity("ForgetPassword/SendEmailOtp", &json!({"emailOrPhoneNumber": PHONE})).await.data();
    let request = &reset["emailOtpRequestId"];
    let code = bench.letter(request).await.code;
    let shown = json!({"phoneNumber": PHONE, "phoneNumberOtpRequestId": request, "phoneNumberOtp": code});
    bench.identity("Register/StepVerifyPhone", &shown).await.refused(200, 6001);
    bench.identity("Register", &shown).await.refused(200, 6001);
    sign_in(
        &bench,
        json!({"phoneNumberOtpRequestId": request, "phoneNumberOtp": code, "password": PASSWORD}),
    )
    .await
    .refused(200, 6001);
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
