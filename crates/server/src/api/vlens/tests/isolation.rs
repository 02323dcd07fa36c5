//! Nothing of one tenant is seen, used or changed with the key of another.

use serde_json::json;

use super::cards::{HOLDER, Shown, photo, refused};
use super::conventions::routes;
use crate::api::vlens::testing::{Bench, DEVICE, EMAIL, PASSWORD, PHONE};

#[tokio::test]
async fn no_route_knows_a_person_code_or_token_of_another_tenant() {
    let bench = Bench::with_cards().await;
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
    let staff = staff_tokens["accessToken"].as_str().unwrap();
    let pictures = try_pictures(&bench, token, staff).await;
    let tried: Vec<&str> = cases.iter().map(|case| case.0).chain([path, send]).collect();
    let tried = [tried, pictures].concat();
    for (_, route) in routes() {
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

/// Tries the routes of cards and pictures with the key of the second tenant: the tokens are the first one's. The paths.
async fn try_pictures(bench: &Bench, token: &str, staff: &str) -> Vec<&'static str> {
    // A token opens nothing for the key of another tenant, whatever transaction it names.
    let transaction = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";
    let side = json!({"image": Shown::Back.picture(), "transaction_id": transaction});
    let faces = json!({"face_1": "AAEC", "face_2": "AAEC", "face_3": "AAEC", "transaction_id": transaction});
    let of_people = [
        ("/api/DigitalIdentity/verify/id/front", &side),
        ("/api/DigitalIdentity/verify/id/back", &side),
        ("/api/DigitalIdentity/verify/liveness/multi", &faces),
        ("/api/DigitalIdentity/LinkUserWithExistingTransaction", &json!({"transactionId": transaction})),
    ];
    for (path, body) in of_people {
        bench.post_as(&bench.other, token, path, body).await.refused(403, 403);
    }
    let of_staff = ["/api/DigitalIdentity/GetUserDigitalIdentityImages", "/api/DigitalIdentity/GetStepImage"];
    for path in of_staff {
        bench.get_as(&bench.other, staff, path).await.refused(403, 403);
    }
    // The id of one tenant's transaction is another one for the other tenant.
    let ocr = ["/v1/ocr/id/back", "/v1/ocr/id/front", "/v1/ocr/liveness/multi"];
    bench.post_as(&bench.key, "", ocr[0], &side).await.data();
    let front = json!({"image": photo(HOLDER), "transaction_id": transaction});
    bench.post_as(&bench.other, "", ocr[1], &front).await.data();
    refused(&bench.post_as(&bench.other, "", ocr[2], &faces).await, 5004);
    // These say nothing of anybody who came before, but for the card of one's own transaction.
    let image = photo(HOLDER);
    let alone = [
        ("/v1/ocr/face/match", json!({"transaction_id": "no uuid", "image": image}), 400),
        ("/v1/ocr/face/compare", json!({"face_image1": image}), 400),
        ("/v1/ocr/aml/validate", json!({}), 400),
        ("/v1/ocr/passport", json!({"transaction_id": transaction}), 400),
        ("/v1/ocr/classify/document", json!({"transaction_id": transaction}), 400),
    ];
    for (path, body, code) in &alone {
        bench.post_as(&bench.other, "", path, body).await.refused(*code, *code);
    }
    let alone = alone.map(|(path, _, _)| path);
    [&of_people.map(|(path, _)| path)[..], &of_staff, &ocr, &alone].concat()
}
