//! Front and back of the card.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::cards::{Client, FACES, HOLDER, NUMBER, Shown, blank, errors, photo, refused};
use crate::api::vlens::testing::{Bench, PHONE};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

const ONE: &str = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";

#[tokio::test]
async fn the_holder_of_a_sound_card_is_verified_and_is_told_so_when_signing_in() {
    let client = Client::person().await;
    let body = json!({
        "image": photo(HOLDER), "transaction_id": ONE, "client_transaction_id": "mine", "request_id": "r-1",
        "getExtractedData": true, "country": "eg", "name_check_value": "Mona Abdelrahman Hussein El Sayed",
    });
    let answer = client.step("id/front", &body).await;
    assert_eq!(errors(&answer), []);
    assert_eq!(answer.body["services"]["spoofing"], json!({"fake": false}));
    assert_eq!(answer.body["services"]["classification"], json!({"doc_type": "national_id"}));
    for off in ["liveness", "AML", "SRC"] {
        assert_eq!(answer.body["services"][off], Value::Null, "{off}");
    }
    let data = answer.data();
    assert_eq!(data["isVerificationProcessCompleted"], false);
    assert_eq!(data["isDigitalIdentityVerified"], false);
    assert_eq!(data["user"]["id"], 1);
    assert_eq!(data["user"]["idNumber"], NUMBER);
    let front = &data["idFrontData"];
    for (key, value) in [
        ("name", "منى عبد الرحمن حسين السيد"),
        ("first_name", "منى"),
        ("govern", "الجيزة"),
        ("govern_english", "Giza"),
        ("idKey", "HM3218902"),
        ("idNumber", NUMBER),
        ("dateOfBirth", "1995-07-24T00:00:00Z"),
        ("gender", "أنثى"),
        ("client_transaction_id", "mine"),
        ("request_id", "r-1"),
        ("transaction_id", ONE),
        ("transactionId", ONE),
    ] {
        assert_eq!(front[key], value, "{key}");
    }
    assert!(front["name_english"].as_str().unwrap().is_ascii());
    let all: Vec<&Value> = front.as_object().unwrap().values().collect();
    assert!(all.iter().all(|value| value.is_string() || value.is_null()), "apps read strings: {front}");
    let body = json!({"image": Shown::Back.picture(), "transaction_id": ONE, "getExtractedData": true});
    let back = client.step("id/back", &body).await.data()["idBackData"].clone();
    for (key, value) in [
        ("maritalStatus", "متزوجة"),
        ("marital_status_english", "Married"),
        ("religion_english", "Muslim"),
        ("releaseDate", "2022-05"),
        ("idExpiry", "2029-05-14T00:00:00Z"),
        ("gender_english", "Female"),
        ("idNumber", NUMBER),
    ] {
        assert_eq!(back[key], value, "{key}");
    }
    let answer = client.faces(ONE, FACES).await;
    assert_eq!(errors(&answer), []);
    assert_eq!(answer.body["services"]["liveness"], true);
    assert_eq!(answer.body["services"]["spoofing"], json!({"fake": false}));
    let data = answer.data();
    assert_eq!(data["isVerificationProcessCompleted"], true);
    assert_eq!(data["isDigitalIdentityVerified"], true);
    assert_eq!(data["isMatched"], true);
    let next = client.step("id/front", &json!({"image": photo(HOLDER), "transaction_id": ONE})).await;
    refused(&next, 5004);
    let sign_in = json!({"phoneNumber": PHONE, "imei": "another"});
    let asked = client.bench.identity("Login", &sign_in).await.data();
    let request = &asked["phoneNumberOtpRequestId"];
    let code = client.bench.letter(request).await.code;
    let body = json!({
        "phoneNumber": PHONE, "imei": "another", "phoneNumberOtpRequestId": request, "phoneNumberOtp": code,
    });
    assert_eq!(client.bench.identity("Login", &body).await.data()["isDigitalIdentityVerified"], true);
}

#[tokio::test]
async fn front_and_back_come_in_either_order_and_a_missing_id_is_made_up() {
    let client = Client::person().await;
    let back = client.step("id/back", &json!({"image": Shown::Back.picture()})).await.data();
    let id = back["idFrontData"]["transaction_id"].as_str().unwrap().to_owned();
    assert_eq!(back["idBackData"]["transactionId"], id.as_str());
    assert_eq!(id.len(), 36);
    let body = json!({"image": photo(HOLDER), "transaction_id": id});
    assert_eq!(client.step("id/front", &body).await.data()["idFrontData"]["transaction_id"], id.as_str());
    assert_eq!(client.faces(&id, FACES).await.data()["isDigitalIdentityVerified"], true);
    let other =
        client.step("id/back", &json!({"image": Shown::Back.picture(), "transaction_id": null})).await;
    assert_ne!(other.data()["idFrontData"]["transaction_id"], id.as_str());
}

#[tokio::test]
async fn every_fault_of_a_card_has_its_code_in_both_languages() {
    let client = Client::person().await;
    for (step, shown, code) in [
        ("id/front", Shown::Nothing, 3011),
        ("id/front", Shown::Back, 7001),
        ("id/front", Shown::Passport, 5007),
        ("id/front", Shown::Licence, 5001),
        ("id/front", Shown::Blurred, 5006),
        ("id/front", Shown::Screen, 5005),
        ("id/front", Shown::FrontWithoutFace, 3014),
        ("id/front", Shown::FrontWithoutNumber, 3001),
        ("id/front", Shown::FrontWithoutFactoryNumber, 3004),
        ("id/front", Shown::OtherBirth, 3002),
        ("id/front", Shown::OtherGovernorate, 3003),
        ("id/front", Shown::OtherFactoryNumber, 3004),
        ("id/front", Shown::BirthUnreadable, 3007),
        ("id/back", Shown::OtherGovernorate, 7002),
        ("id/back", Shown::BackOfMan, 3005),
        ("id/back", Shown::BackOfFuture, 3006),
        ("id/back", Shown::ReleaseUnreadable, 3008),
        ("id/back", Shown::ExpiryUnreadable, 3009),
        ("id/back", Shown::Expired, 3010),
    ] {
        let body = json!({"image": shown.picture()});
        let answer = client.step(step, &body).await;
        refused(&answer, code);
        assert!(errors(&answer).iter().any(|(_, found)| *found == u64::from(code)), "{}", answer.body);
        let request = axum::http::Request::post(format!("/api/DigitalIdentity/verify/{step}"))
            .header("ApiKey", &client.bench.key)
            .header("Authorization", format!("Bearer {}", client.token))
            .header("Content-Type", "application/json")
            .header("Accept_Language", "ar");
        let request = request.body(axum::body::Body::from(body.to_string())).unwrap();
        let arabic = client.bench.send(request).await;
        let text = super::super::texts::text(code, domain::Language::Arabic);
        assert_eq!((&arabic.body["error_code"], &arabic.body["error_message"]), (&json!(code), &json!(text)));
        let message = &arabic.body["services"]["validations"]["validation_errors"][0]["errors"][0]["message"];
        assert_eq!(message, text, "{shown:?}");
    }
}

#[tokio::test]
async fn sides_of_two_cards_do_not_come_together_and_the_right_one_still_may() {
    let client = Client::person().await;
    client.step("id/front", &json!({"image": photo(HOLDER), "transaction_id": ONE})).await.data();
    let body = json!({"image": Shown::BackOfAnother.picture(), "transaction_id": ONE});
    let answer = client.step("id/back", &body).await;
    refused(&answer, 3101);
    refused(&client.faces(ONE, FACES).await, 5004);
    client.card(ONE).await;
    assert_eq!(client.faces(ONE, FACES).await.data()["isVerificationProcessCompleted"], true);
}

#[tokio::test]
async fn a_name_that_is_not_the_one_on_the_card_is_an_error_of_the_field() {
    let client = Client::person().await;
    let wrong = json!({"image": photo(HOLDER), "transaction_id": ONE, "name_check_value": "Ahmed Farouk"});
    let answer = client.step("id/front", &wrong).await;
    assert_eq!(errors(&answer), [("name".to_owned(), 3103)]);
    let error = &answer.body["services"]["validations"]["validation_errors"][0];
    assert_eq!(error["value"], "Ahmed Farouk");
    assert_eq!(answer.data()["isVerificationProcessCompleted"], false);
    // What was given with the back counts for the front.
    let other = "1f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";
    let back =
        json!({"image": Shown::Back.picture(), "transaction_id": other, "name_check_value": "Ahmed Farouk"});
    client.step("id/back", &back).await.data();
    let front = client.step("id/front", &json!({"image": photo(HOLDER), "transaction_id": other})).await;
    assert_eq!(errors(&front), [("name".to_owned(), 3103)]);
    // A card whose name cannot be read does not pass for one with that name.
    let unread = json!({"image": Shown::Nameless.picture(), "name_check_value": "Mona Abdelrahman"});
    assert_eq!(errors(&client.step("id/front", &unread).await), [("name".to_owned(), 1050)]);
    // It stands until another one is given.
    let front = client.step("id/front", &json!({"image": photo(HOLDER), "transaction_id": ONE})).await;
    assert_eq!(errors(&front), [("name".to_owned(), 3103)]);
    let right =
        json!({"image": photo(HOLDER), "transaction_id": ONE, "name_check_value": "Mona Abdelrahman"});
    assert_eq!(errors(&client.step("id/front", &right).await), []);
    // With the face it is asked of the card that was taken, and costs no try.
    client.card(ONE).await;
    let mut body = json!({"transaction_id": ONE, "name_check_value": "Ahmed Farouk"});
    for (key, id) in ["face_1", "face_2", "face_3"].iter().zip(FACES) {
        body[key] = photo(id).into();
    }
    assert_eq!(errors(&client.step("liveness/multi", &body).await), [("name".to_owned(), 3103)]);
    body["name_check_value"] = "Mona Abdelrahman".into();
    assert_eq!(client.step("liveness/multi", &body).await.data()["isDigitalIdentityVerified"], true);
}

#[tokio::test]
async fn without_being_asked_nothing_that_was_read_is_told_and_some_is_not_kept() {
    let client = Client::person().await;
    client.card(ONE).await;
    let answer = client.faces(ONE, FACES).await.data();
    let told = |half: &str| -> Vec<String> {
        let half = answer[half].as_object().unwrap();
        half.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| key.clone()).collect()
    };
    assert_eq!(told("idFrontData"), ["transactionId", "transaction_id"]);
    assert_eq!(told("idBackData"), ["transactionId", "transaction_id"]);
    assert_eq!(answer["user"]["idNumber"], Value::Null);
    let mut again = json!({"transaction_id": ONE, "getExtractedData": true});
    for (key, id) in ["face_1", "face_2", "face_3"].iter().zip(FACES) {
        again[key] = photo(id).into();
    }
    let kept = client.step("liveness/multi", &again).await.data();
    assert_eq!(kept["idFrontData"]["idNumber"], NUMBER);
    assert_eq!(kept["idBackData"]["job_english"], "Engineer");
    assert_eq!(
        (&kept["idBackData"]["religion"], &kept["idBackData"]["maritalStatus"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_transaction_is_its_owners_alone() {
    let client = Client::person().await;
    let other = Client::another(&client.bench, "+201234567891").await;
    let key = Client::key(&client.bench);
    client.card(ONE).await;
    for stranger in [&other, &key] {
        let body = json!({"image": Shown::Back.picture(), "transaction_id": ONE});
        refused(&stranger.step("id/back", &body).await, 5004);
        refused(&stranger.faces(ONE, FACES).await, 5004);
    }
    let two = "2f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";
    key.card(two).await;
    refused(&client.faces(two, FACES).await, 5004);
    let upper = client.faces(&ONE.to_uppercase(), FACES).await.data();
    assert_eq!(upper["idFrontData"]["transaction_id"], ONE, "lower case");
}

#[tokio::test]
async fn a_transaction_has_its_time() {
    let client = Client::person().await;
    client.card(ONE).await;
    client.bench.clock.advance(Duration::from_hours(1) + Duration::from_millis(1));
    refused(&client.faces(ONE, FACES).await, 5004);
}

#[tokio::test]
async fn images_that_cannot_be_read_are_refused_by_their_code() {
    let client = Client::person().await;
    for step in ["id/front", "id/back"] {
        for body in [json!({}), json!({"image": null}), json!({"image": "no base64!"}), json!({"image": 5})] {
            client.step(step, &body).await.refused(400, 400);
        }
        client.step(step, &json!({"image": BASE64.encode("no image at all")})).await.refused(415, 415);
        refused(
            &client.step(step, &json!({"image": BASE64.encode(vec![0; 5 * 1024 * 1024 + 1])})).await,
            5002,
        );
        refused(&client.step(step, &json!({"image": BASE64.encode(blank(5001, 5000))})).await, 5003);
        let body = json!({"image": Shown::Back.picture(), "country": "FR"});
        refused(&client.step(step, &body).await, 5001);
        let body = json!({"image": Shown::Back.picture(), "transaction_id": "no uuid"});
        client.step(step, &body).await.refused(400, 400);
    }
    let body = json!({"face_1": photo(FACES[0]), "face_2": photo(FACES[1])});
    client.step("liveness/multi", &body).await.refused(400, 400);
}

#[tokio::test]
async fn a_body_of_five_images_is_read_and_a_larger_one_is_not() {
    let client = Client::person().await;
    client.card(ONE).await;
    let large = BASE64.encode(vec![0; 5 * 1024 * 1024]);
    let mut body = json!({"transaction_id": ONE});
    for key in ["face_1", "face_2", "face_3", "image", "id_front_image"] {
        body[key] = large.clone().into();
    }
    client.step("liveness/multi", &body).await.refused(415, 415);
    body["more"] = large.into();
    client.step("liveness/multi", &body).await.refused(413, 413);
}

#[tokio::test]
async fn without_the_models_nothing_is_read_and_nothing_acts_as_if() {
    let bench = Bench::new().await;
    let client = Client { token: String::new(), bench: Arc::new(bench) };
    let answer = client.step("id/front", &json!({"image": Shown::Back.picture()})).await;
    assert!(matches!(answer.status, 500 | 503), "{}", answer.body);
    assert_eq!(answer.body["data"], Value::Null);
}

#[tokio::test]
async fn a_plan_that_is_used_up_takes_no_further_person_until_the_next_month() {
    let bench = Arc::new(Bench::with_plan(1).await);
    let (person, key) = (Client::another(&bench, PHONE).await, Client::key(&bench));
    person.card(ONE).await;
    let other = "1f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";
    let front = json!({"image": photo(HOLDER), "transaction_id": other});
    refused(&person.step("id/front", &front).await, 4002);
    refused(&key.step("id/front", &front).await, 4002);
    // Who has begun comes to an end.
    assert_eq!(person.faces(ONE, FACES).await.data()["isDigitalIdentityVerified"], true);
    bench.clock.advance(Duration::from_hours(32 * 24));
    key.step("id/front", &front).await.data();
}
