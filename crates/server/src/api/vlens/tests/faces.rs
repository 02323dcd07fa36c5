//! Three pictures of the face.

use std::sync::Arc;
use std::time::Duration;

use app::Watchlist;
use domain::screening::{ListEntry, Query};
use serde_json::{Value, json};

use super::cards::{Client, FACES, HOLDER, NUMBER, Shown, errors, photo, refused};
use crate::api::vlens::testing::{Answer, Bench, PHONE};

const ONE: &str = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";

async fn with_card() -> Client {
    let client = Client::person().await;
    client.card(ONE).await;
    client
}

/// That the face did not pass, and what is told as wrong.
#[track_caller]
fn failed(answer: Answer) -> Vec<(String, u64)> {
    assert_eq!(answer.body["services"]["liveness"], false);
    let found = errors(&answer);
    let data = answer.data();
    assert_eq!(data["isVerificationProcessCompleted"], false);
    assert_eq!(data["isDigitalIdentityVerified"], false);
    found
}

fn one(field: &str, code: u64) -> (String, u64) {
    (field.to_owned(), code)
}

#[tokio::test]
async fn both_sides_come_before_the_face() {
    let client = Client::person().await;
    refused(&client.faces(ONE, FACES).await, 5004);
    client.step("id/front", &json!({"image": photo(HOLDER), "transaction_id": ONE})).await.data();
    refused(&client.faces(ONE, FACES).await, 5004);
}

#[tokio::test]
async fn a_front_that_comes_with_the_face_is_the_front() {
    let client = Client::person().await;
    let back = json!({"image": Shown::Back.picture(), "transaction_id": ONE});
    client.step("id/back", &back).await.data();
    let mut body = json!({"transaction_id": ONE, "id_front_image": Shown::Expired.picture()});
    for (key, id) in ["face_1", "face_2", "face_3"].iter().zip(FACES) {
        body[key] = photo(id).into();
    }
    refused(&client.step("liveness/multi", &body).await, 7001);
    body["id_front_image"] = photo(HOLDER).into();
    assert_eq!(client.step("liveness/multi", &body).await.data()["isDigitalIdentityVerified"], true);
}

#[tokio::test]
async fn one_picture_sent_twice_is_no_live_person() {
    let client = with_card().await;
    let answer = client.faces(ONE, [FACES[0], FACES[0], FACES[1]]).await;
    assert_eq!(failed(answer), [one("face_2", 4102)]);
    assert_eq!(client.faces(ONE, FACES).await.data()["isDigitalIdentityVerified"], true, "another try");
}

#[tokio::test]
async fn pictures_of_several_people_are_told_apart() {
    let client = with_card().await;
    let answer = client.faces(ONE, [FACES[0], "photo-biden", FACES[1]]).await;
    assert_eq!(answer.body["data"]["isMatched"], false);
    assert_eq!(failed(answer), [one("face_2", 4103)]);
}

#[tokio::test]
async fn somebody_else_is_not_the_holder() {
    let client = with_card().await;
    let answer = client.faces(ONE, ["photo-person-b-1", "photo-person-b-2", "photo-biden"]).await;
    assert!(failed(answer).contains(&one("liveness", 4104)));
}

#[tokio::test]
async fn the_portrait_of_the_card_is_no_live_person() {
    let client = with_card().await;
    let answer = client.faces(ONE, [FACES[0], HOLDER, FACES[1]]).await;
    assert_eq!(answer.body["services"]["spoofing"], json!({"fake": true}));
    assert_eq!(failed(answer), [one("face_2", 4101)]);
}

#[tokio::test]
async fn pictures_without_a_face_or_with_several_are_named_and_tries_come_to_an_end() {
    let client = with_card().await;
    let answer = client.faces(ONE, [FACES[0], FACES[1], "photo-no-face"]).await;
    assert_eq!(failed(answer), [one("face_3", 4207)]);
    let answer = client.faces(ONE, [FACES[0], "photo-group-1", FACES[1]]).await;
    assert_eq!(failed(answer), [one("face_2", 4206)]);
    let answer = client.faces(ONE, [FACES[0], FACES[1], "photo-no-face"]).await;
    assert_eq!(failed(answer), [one("face_3", 4207)]);
    // Whoever sends the last ones again is told the same, and no others are looked at.
    assert_eq!(failed(client.faces(ONE, [FACES[0], FACES[1], "photo-no-face"]).await), [one("face_3", 4207)]);
    refused(&client.faces(ONE, FACES).await, 4003);
    let front = json!({"image": photo(HOLDER), "transaction_id": ONE});
    refused(&client.step("id/front", &front).await, 4003);
}

#[tokio::test]
async fn somebody_of_whom_too_many_faces_were_refused_has_to_wait() {
    too_many_faces(&Client::person().await).await;
}

#[tokio::test]
async fn a_card_beside_which_too_many_faces_were_refused_has_to_wait_whoever_sends_it() {
    let bench = Arc::new(Bench::with_cards().await);
    too_many_faces(&Client::key(&bench)).await;
    let person = Client::another(&bench, PHONE).await;
    let own = "8f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";
    person.card(own).await;
    person.faces(own, FACES).await.refused(429, 4003);
    bench.clock.advance(Duration::from_secs(3_601));
    let later = "9f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";
    person.card(later).await;
    assert_eq!(person.faces(later, FACES).await.data()["isDigitalIdentityVerified"], true);
}

/// Sends faces that are refused until no more are taken, at the tenth in an hour.
async fn too_many_faces(client: &Client) {
    for transaction in 0..4 {
        let id = format!("{transaction}f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0");
        client.card(&id).await;
        for _ in 0..3 {
            let answer = client.faces(&id, [FACES[0], FACES[1], "photo-no-face"]).await;
            if answer.status == 429 {
                answer.refused(429, 4003);
                assert_eq!(transaction, 3, "ten refusals in an hour");
                return;
            }
            failed(answer);
        }
    }
    panic!("nobody had to wait");
}

#[tokio::test]
async fn two_calls_at_once_get_one_verdict() {
    let client = with_card().await;
    let (first, second) = tokio::join!(client.faces(ONE, FACES), client.faces(ONE, FACES));
    for answer in [&first, &second] {
        if answer.body["error_code"].is_null() {
            assert_eq!(answer.body["data"]["isDigitalIdentityVerified"], true, "{}", answer.body);
        } else {
            refused(answer, 5004);
        }
    }
    assert!([first, second].iter().any(|answer| answer.body["error_code"].is_null()));
    // The same pictures once more are answered and not judged.
    assert_eq!(client.faces(ONE, FACES).await.data()["isDigitalIdentityVerified"], true);
    refused(&client.faces(ONE, [FACES[1], FACES[0], FACES[2]]).await, 5004);
}

#[tokio::test]
async fn with_a_key_alone_it_is_judged_in_the_same_way_and_linked_once() {
    let bench = Arc::new(Bench::with_cards().await);
    let key = Client::key(&bench);
    key.card(ONE).await;
    let data = key.faces(ONE, FACES).await.data();
    assert_eq!((&data["isMatched"], &data["user"]), (&json!(true), &Value::Null));
    assert_eq!(data["isDigitalIdentityVerified"], true);
    let person = Client::another(&bench, "+201234567891").await;
    let path = "/api/DigitalIdentity/LinkUserWithExistingTransaction";
    let body = json!({"transactionId": ONE, "getExtractedData": true});
    bench.post_as(&bench.key, "", path, &body).await.refused(403, 403);
    bench.post_as(&bench.key, &person.token, path, &json!({})).await.refused(400, 400);
    let unknown = json!({"transactionId": "9f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"});
    refused(&bench.post_as(&bench.key, &person.token, path, &unknown).await, 5004);
    let linked = bench.post_as(&bench.key, &person.token, path, &body).await.data();
    assert_eq!(linked["isDigitalIdentityVerified"], true);
    assert_eq!(linked["idFrontData"]["idNumber"], NUMBER);
    let other = Client::another(&bench, "+201234567892").await;
    for token in [&person.token, &other.token] {
        refused(&bench.post_as(&bench.key, token, path, &body).await, 5004);
    }
    let two = "2f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";
    key.card(two).await;
    bench.clock.advance(app::LINK_TIME + std::time::Duration::from_millis(1));
    let other = Client::another(&bench, "+201234567893").await;
    let late = json!({"transactionId": two});
    refused(&bench.post_as(&bench.key, &other.token, path, &late).await, 5004);
}

#[tokio::test]
async fn somebody_on_a_list_is_not_verified_until_cleared() {
    let client = Client::person().await;
    let entry = ListEntry {
        source: "own".to_owned(),
        case_no: "17".to_owned(),
        case_year: Some(2020),
        record_date: None,
        names: vec!["Mona Abdelrahman Hussein El Sayed".to_owned()],
        id_numbers: vec![NUMBER.to_owned()],
        born: vec![],
    };
    let list = Watchlist { source: "own".to_owned(), entries: vec![entry] };
    client.bench.service.admin().load_watchlists(&[list]).await.unwrap();
    client.card(ONE).await;
    let answer = client.faces(ONE, FACES).await;
    let aml = &answer.body["services"]["AML"];
    assert_eq!(aml["AML_matched"], true);
    assert_eq!((&aml["data"][0]["caseNo"], &aml["data"][0]["caseYear"]), (&json!("17"), &json!(2020)));
    assert!(aml["data"][0]["score"].is_string());
    let data = answer.data();
    assert_eq!(data["isVerificationProcessCompleted"], true);
    assert_eq!(data["isDigitalIdentityVerified"], false);
    let query = Query { id_number: Some(NUMBER.to_owned()), ..Query::default() };
    client.bench.service.admin().clear_hit(client.bench.tenant.id, &query, "own", "17").await.unwrap();
    let answer = client.faces(ONE, FACES).await;
    assert_eq!(answer.body["services"]["AML"], json!({"AML_matched": false, "data": []}));
    assert_eq!(answer.data()["isDigitalIdentityVerified"], true);
}
