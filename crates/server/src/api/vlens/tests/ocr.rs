//! Services that need a key alone and no card.

use std::sync::Arc;

use app::Watchlist;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::screening::ListEntry;
use serde_json::{Value, json};

use super::cards::{Client, FACES, HOLDER, NUMBER, Shown, blank, photo};
use crate::api::vlens::testing::Bench;

const ONE: &str = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";
const COMPARE: &str = "/v1/ocr/face/compare";
const MATCH: &str = "/v1/ocr/face/match";
const AML: &str = "/v1/ocr/aml/validate";

#[tokio::test]
async fn two_faces_are_compared() {
    let bench = Bench::with_cards().await;
    let compare = async |one: &str, other: &str| {
        let body = json!({
            "face_image1": photo(one), "face_image2": photo(other), "client_transaction_id": "mine", "request_id": "r",
        });
        bench.post(COMPARE, &body).await
    };
    let same = compare(FACES[0], FACES[1]).await.data();
    assert_eq!((&same["isMatched"], &same["client_transaction_id"]), (&json!(true), &json!("mine")));
    assert_eq!(same["request_id"], "r");
    let unlike: f32 = same["dissimilarityScore"].as_str().unwrap().parse().unwrap();
    assert!((0.0..0.35).contains(&unlike), "{unlike}");
    assert_eq!(compare(FACES[0], "photo-biden").await.data()["isMatched"], false);
    compare(FACES[0], "photo-no-face").await.refused(200, 4208);
    compare("photo-group-1", FACES[0]).await.refused(200, 4206);
    let image = photo(FACES[0]);
    for (body, status, code) in [
        (json!({"face_image1": image}), 400, 400),
        (json!({"face_image1": image, "face_image2": "no base64!"}), 400, 400),
        (json!({"face_image1": image, "face_image2": "AAEC"}), 415, 415),
        (
            json!({"face_image1": image, "face_image2": BASE64.encode(vec![0; 5 * 1024 * 1024 + 1])}),
            200,
            5002,
        ),
        (json!({"face_image1": image, "face_image2": BASE64.encode(blank(5001, 5000))}), 200, 5003),
    ] {
        bench.post(COMPARE, &body).await.refused(status, code);
    }
}

#[tokio::test]
async fn a_face_is_matched_with_the_portrait_of_a_card_that_came_before() {
    let bench = Arc::new(Bench::with_cards().await);
    let key = Client::key(&bench);
    let body = |face: &str| json!({"transaction_id": ONE, "image": photo(face)});
    bench.post(MATCH, &body(FACES[0])).await.refused(200, 5004);
    let back = json!({"image": Shown::Back.picture(), "transaction_id": ONE});
    key.step("id/back", &back).await.data();
    bench.post(MATCH, &body(FACES[0])).await.refused(200, 5004);
    key.step("id/front", &json!({"image": photo(HOLDER), "transaction_id": ONE})).await.data();
    let same = bench.post(MATCH, &body(FACES[0])).await.data();
    assert_eq!((&same["isMatched"], &same["transaction_id"]), (&json!(true), &json!(ONE)));
    assert_eq!(bench.post(MATCH, &body("photo-biden")).await.data()["isMatched"], false);
    bench.post(MATCH, &body("photo-no-face")).await.refused(200, 4208);
    bench.post(MATCH, &json!({"transaction_id": ONE})).await.refused(400, 400);
    bench.post(MATCH, &json!({"image": photo(FACES[0])})).await.refused(400, 400);
    bench.post_as(&bench.other, "", MATCH, &body(FACES[0])).await.refused(200, 5004);
    // The transaction is as it was.
    assert_eq!(key.faces(ONE, FACES).await.data()["isVerificationProcessCompleted"], true);
}

#[tokio::test]
async fn somebody_is_looked_up_in_the_lists_that_are_loaded() {
    let bench = Bench::new().await;
    let asked = json!({"idNumber": NUMBER, "name": "Mona Abdelrahman"});
    let none = bench.post(AML, &asked).await;
    assert_eq!(none.body["services"]["AML"], Value::Null, "no list is no all-clear");
    let entry = ListEntry {
        source: "own".to_owned(),
        case_no: "17".to_owned(),
        case_year: None,
        record_date: Some("2020-02-03".to_owned()),
        names: vec!["Mona Abdelrahman Hussein El Sayed".to_owned()],
        id_numbers: vec![NUMBER.to_owned()],
        born: vec!["1995".parse().unwrap()],
    };
    let list = Watchlist { source: "own".to_owned(), entries: vec![entry] };
    bench.service.admin().load_watchlists(&[list]).await.unwrap();
    let hit = bench.post(AML, &asked).await;
    let aml = &hit.body["services"]["AML"];
    assert_eq!((&hit.body["error_code"], &aml["AML_matched"]), (&Value::Null, &json!(true)));
    assert_eq!(aml["data"][0]["recordDate"], "2020-02-03");
    assert_eq!(aml["data"][0]["dateOfBirth"], "1995");
    let clear = bench.post(AML, &json!({"name": "Grace Hopper"})).await;
    assert_eq!(clear.body["services"]["AML"], json!({"AML_matched": false, "data": []}));
    bench.post(AML, &json!({})).await.refused(400, 400);
    bench.post(AML, &json!({"name": "-"})).await.refused(400, 400);
}
