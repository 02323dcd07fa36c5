//! Nothing of one tenant is seen, used or changed with the key of another.

use serde_json::json;

use super::conventions::routes;
use crate::api::vlens::testing::{Bench, DEVICE, EMAIL, PASSWORD, PHONE};

#[tokio::test]
async fn no_route_knows_a_person_code_or_token_of_another_tenant() {
    let bench = Bench::new().await;
    bench.add_user("ada", PASSWORD).await;
    let made = bench.registered(PHONE, json!({"password": PASSWORD, "email": EMAIL})).await;
    let token = made["accessToken"].as_str().unwrap();
    let staff = json!({"tenancyName": "one", "userNameOrEmailAddress": "ada", "password": PASSWORD});
    let staff_tokens = bench.post("/api/credentials/Login", &staff).await.data();
    let (phone_request, phone_code) = bench.phone_code("+201234567891").await;
    let email = bench.identity("Register/StepVerifyEmail", &json!({"email": "new@example.org"})).await.data();
    let email_request = &email["emailOtpRequestId"];
    let email_code = bench.letter(email_request).await.code;
    let reset =
        bench.identity("ForgetPassword/SendEmailOtp", &json!({"emailOrPhoneNumber": PHONE})).await.data();
    let reset_request = &reset["emailOtpRequestId"];
    let reset_code = bench.letter(reset_request).await.code;
    let phone_shown = json!({
        "phoneNumber": "+201234567891", "phoneNumberOtpRequestId": phone_request, "phoneNumberOtp": phone_code,
    });
    let cases = [
        ("/api/credentials/Login", staff.clone(), "", (200, 401)),
        (
            "/api/credentials/RefreshToken",
            json!({"refreshToken": staff_tokens["refreshToken"]}),
            "",
            (200, 403),
        ),
        ("/api/DigitalIdentity/Register/StepVerifyPhone", phone_shown.clone(), "", (200, 6001)),
        ("/api/DigitalIdentity/Register", phone_shown, "", (200, 6001)),
        (
            "/api/DigitalIdentity/Register/StepVerifyEmail",
            json!({"email": "new@example.org", "emailOtpRequestId": email_request, "emailOtp": email_code}),
            "",
            (200, 6001),
        ),
        (
            "/api/DigitalIdentity/Login",
            json!({"phoneNumber": PHONE, "password": PASSWORD, "imei": DEVICE}),
            "",
            (200, 401),
        ),
        ("/api/DigitalIdentity/VerifyEmail", json!({"email": EMAIL}), token, (403, 403)),
        (
            "/api/DigitalIdentity/ForgetPassword/ValidatePhoneOtp",
            json!({
                "emailOrPhoneNumber": PHONE, "phoneNumberOtpRequestId": reset_request, "phoneNumberOtp": reset_code,
                "newPassword": "of the other tenant",
            }),
            "",
            (200, 6001),
        ),
        (
            "/api/DigitalIdentity/ForgetPassword/ValidateEmailOtp",
            json!({"emailOrPhoneNumber": EMAIL, "emailOtpRequestId": reset_request, "emailOtp": reset_code}),
            "",
            (200, 6001),
        ),
    ];
    let sent = bench.letters().await;
    for (path, body, token, (status, code)) in &cases {
        bench.post_as(&bench.other, token, path, body).await.refused(*status, *code);
    }
    // These answer the same for everybody: nobody is known, and nothing is sent.
    let path = "/api/DigitalIdentity/CheckExistenceOfEmailOrPhone";
    let known = bench.post_as(&bench.other, "", path, &json!({"phoneNumber": PHONE})).await.data();
    assert_eq!(known["exists"], false);
    let send = "/api/DigitalIdentity/ForgetPassword/SendEmailOtp";
    bench.post_as(&bench.other, "", send, &json!({"emailOrPhoneNumber": PHONE})).await.data();
    assert_eq!(bench.letters().await, sent);
    let tried: Vec<&str> = cases.iter().map(|case| case.0).chain([path, send]).collect();
    for route in routes() {
        assert!(tried.contains(&route.as_str()), "{route} was not tried");
    }
    // What the first tenant has still counts.
    bench
        .post("/api/credentials/RefreshToken", &json!({"refreshToken": staff_tokens["refreshToken"]}))
        .await
        .data();
    bench
        .post_as(&bench.key, token, "/api/DigitalIdentity/VerifyEmail", &json!({"email": EMAIL}))
        .await
        .data();
    // The same number is another person for the other tenant.
    let step = "/api/DigitalIdentity/Register/StepVerifyPhone";
    let sent = bench.post_as(&bench.other, "", step, &json!({"phoneNumber": PHONE})).await.data();
    let request = sent["phoneNumberOtpRequestId"].clone();
    let code = bench.letter(&request).await.code;
    let body = json!({"phoneNumber": PHONE, "phoneNumberOtpRequestId": request, "phoneNumberOtp": code});
    let made = bench.post_as(&bench.other, "", "/api/DigitalIdentity/Register", &body).await.data();
    assert_eq!(made["user"]["id"], 1);
}
