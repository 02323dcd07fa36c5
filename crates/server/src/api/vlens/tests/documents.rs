//! Documents that are looked at outside the steps.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::cards::{HOLDER, Shown, blank, errors, photo, refused};
use crate::api::vlens::testing::{Answer, Bench};

const PASSPORT: &str = "/v1/ocr/passport";
const CLASSIFY: &str = "/v1/ocr/classify/document";
const ONE: &str = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";

async fn look(bench: &Bench, path: &str, shown: Shown) -> Answer {
    bench.post(path, &json!({"image": shown.picture()})).await
}

#[tokio::test]
async fn a_passport_is_read() {
    let bench = Bench::with_cards().await;
    let body = json!({
        "image": Shown::Passport.picture(), "name_check_value": "Anna Maria Eriksson", "transaction_id": ONE,
        "client_transaction_id": "mine", "request_id": "r",
    });
    let answer = bench.post(PASSPORT, &body).await;
    assert_eq!(errors(&answer), []);
    assert_eq!(answer.body["services"]["classification"], json!({"doc_type": "passport"}));
    assert_eq!(answer.body["services"]["spoofing"], json!({"fake": false}));
    let expected = json!({
        "name": "ANNA MARIA ERIKSSON", "first_name": "ANNA MARIA", "last_names": "ERIKSSON",
        "passportNumber": "L898902C3", "nationality": "UTO", "issuingCountry": "UTO",
        "dateOfBirth": "1974-08-12", "placeOfBirth": null, "gender": "F", "releaseDate": null,
        "idExpiry": "2030-05-14", "idNumber": null,
        "mrz": "P<UTOERIKSSON<<ANNA<MARIA\nL898902C36UTO",
        "transaction_id": ONE, "client_transaction_id": "mine", "request_id": "r",
    });
    assert_eq!(answer.data(), expected);
    let body = json!({"image": Shown::Passport.picture(), "name_check_value": "John Smith"});
    let other = bench.post(PASSPORT, &body).await;
    assert_eq!(errors(&other), [("name".to_owned(), 3103)]);
    assert_eq!(other.body["data"]["last_names"], "ERIKSSON", "told beside what was read");
}

#[tokio::test]
async fn what_is_no_sound_passport_is_refused_for_what_it_is() {
    let bench = Bench::with_cards().await;
    for (shown, code) in [
        (Shown::Nothing, 3011),
        (Shown::Back, 5007),
        (Shown::Licence, 5001),
        (Shown::Unknown, 5001),
        (Shown::Blurred, 5006),
        (Shown::PassportWithoutFace, 3014),
        (Shown::PassportWithWrongDigit, 3013),
        (Shown::PassportExpired, 3010),
    ] {
        let answer = look(&bench, PASSPORT, shown).await;
        refused(&answer, code);
        assert!(errors(&answer).iter().any(|(_, found)| *found == u64::from(code)), "{shown:?}");
    }
}

#[tokio::test]
async fn documents_are_told_from_each_other() {
    let bench = Bench::with_cards().await;
    for (image, kind, side) in [
        (photo(HOLDER), "national_id", json!("front")),
        (Shown::Back.picture(), "national_id", json!("back")),
        (Shown::Passport.picture(), "passport", Value::Null),
        (Shown::Licence.picture(), "driving_license", Value::Null),
    ] {
        let answer = bench.post(CLASSIFY, &json!({"image": image, "request_id": "r"})).await;
        assert_eq!(answer.body["services"]["classification"], json!({"doc_type": kind}));
        let data = answer.data();
        assert_eq!(
            (&data["doc_type"], &data["side"], &data["request_id"]),
            (&json!(kind), &side, &json!("r"))
        );
    }
    for (shown, code) in [(Shown::Nothing, 3011), (Shown::Unknown, 5001), (Shown::Blurred, 5006)] {
        refused(&look(&bench, CLASSIFY, shown).await, code);
    }
}

#[tokio::test]
async fn bad_images_and_bodies_are_refused() {
    let bench = Bench::with_cards().await;
    for path in [PASSPORT, CLASSIFY] {
        for (body, status, code) in [
            (json!({}), 400, 400),
            (json!({"image": "no base64!"}), 400, 400),
            (json!({"image": Shown::Back.picture(), "transaction_id": "mine"}), 400, 400),
            (json!({"image": "AAEC"}), 415, 415),
        ] {
            bench.post(path, &body).await.refused(status, code);
        }
        for (bytes, code) in [(vec![0; 5 * 1024 * 1024 + 1], 5002), (blank(5001, 5000), 5003)] {
            refused(&bench.post(path, &json!({"image": BASE64.encode(bytes)})).await, code);
        }
    }
}
