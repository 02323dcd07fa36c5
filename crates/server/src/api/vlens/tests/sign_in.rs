//! People who sign in, confirm an address and forget their passwords.

use std::time::Duration;

use serde_json::{Value, json};

use super::people::{OTHER_PHONE, exists, with_password};
use crate::api::vlens::testing::{Answer, Bench, DEVICE, EMAIL, PASSWORD, PHONE, config};

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
