//! Authorities that are asked about the holder of a card.

use std::sync::Arc;
use std::time::Duration;

use domain::egypt::{Authority, AuthoritySays, Objection};
use serde_json::{Value, json};

use super::cards::{Client, FACES, NUMBER, errors};
use crate::api::vlens::testing::{Answer, Bench, PHONE};
use crate::config::{Authorities, AuthorityConnector};

const ONE: &str = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";

/// Settings with these authorities; how they are asked does not matter here.
async fn bench(asked: &[Authority]) -> Arc<Bench> {
    let connector = |authority| asked.contains(&authority).then(AuthorityConnector::default);
    let settings = Authorities { cso: connector(Authority::Cso), ntra: connector(Authority::Ntra) };
    Arc::new(Bench::with_authorities(settings).await)
}

fn flags(answer: &Answer) -> [bool; 2] {
    ["isVerificationProcessCompleted", "isDigitalIdentityVerified"]
        .map(|key| answer.body["data"][key].as_bool().unwrap())
}

fn source(answer: &Answer) -> Value {
    answer.body["services"]["SRC"].clone()
}

/// Whether signing in says that the person is verified.
async fn is_known_as_verified(bench: &Bench) -> bool {
    let body = json!({"phoneNumber": PHONE, "imei": "another"});
    let asked = bench.identity("Login", &body).await.data();
    let request = &asked["phoneNumberOtpRequestId"];
    let code = bench.letter(request).await.code;
    let body = json!({
        "phoneNumber": PHONE, "imei": "another", "phoneNumberOtpRequestId": request, "phoneNumberOtp": code,
    });
    bench.identity("Login", &body).await.data()["isDigitalIdentityVerified"] == true
}

#[tokio::test]
async fn a_person_whom_every_authority_confirms_is_verified() {
    let bench = bench(&[Authority::Cso, Authority::Ntra]).await;
    bench.counter.answer(Authority::Cso, AuthoritySays::Valid);
    bench.counter.answer(Authority::Ntra, AuthoritySays::Valid);
    let client = Client::another(&bench, PHONE).await;
    client.card(ONE).await;
    assert!(bench.counter.asked().is_empty(), "nobody is asked before the face fits");
    let answer = client.faces(ONE, FACES).await;
    assert_eq!(errors(&answer), []);
    let all_is_well = json!({"isValid": true, "errorCode": null, "errorKey": null, "errorMessage": null});
    assert_eq!((source(&answer), flags(&answer)), (all_is_well, [true, true]));
    let asked = bench.counter.asked();
    assert_eq!(asked.len(), 2);
    for question in &asked {
        assert_eq!(question.citizen.number.to_string(), NUMBER);
        assert_eq!(question.citizen.phone.as_ref().unwrap().as_str(), PHONE);
        assert_eq!(question.citizen.name.as_deref(), Some("منى عبد الرحمن حسين السيد"));
        assert_eq!(question.tenant, "one");
    }
    assert_eq!(client.faces(ONE, FACES).await.data()["isDigitalIdentityVerified"], true);
    assert_eq!(bench.counter.asked().len(), 2, "an answer stands");
}

#[tokio::test]
async fn whom_an_authority_does_not_confirm_is_not_verified_and_is_told_why() {
    let own = Objection::Own {
        code: Some(7),
        key: Some("deceased".to_owned()),
        message: Some("No longer registered.".to_owned()),
    };
    for (objection, code, source_code, key) in [
        (Objection::NumberUnknown, 4112, 4112, "number_unknown"),
        (Objection::OtherName, 4113, 4113, "name_of_another"),
        (own, 4115, 7, "deceased"),
    ] {
        let bench = bench(&[Authority::Cso]).await;
        bench.counter.answer(Authority::Cso, AuthoritySays::Invalid(objection));
        let client = Client::another(&bench, PHONE).await;
        client.card(ONE).await;
        let answer = client.faces(ONE, FACES).await;
        assert_eq!(flags(&answer), [true, false]);
        assert_eq!(errors(&answer), [("CSO".to_owned(), code)]);
        let source = source(&answer);
        assert_eq!(
            (&source["isValid"], &source["errorCode"], &source["errorKey"]),
            (&json!(false), &json!(source_code), &json!(key))
        );
        assert!(!is_known_as_verified(&bench).await);
    }
}

#[tokio::test]
async fn an_authority_that_is_down_leaves_the_person_unverified_until_the_same_pictures_come_again() {
    let bench = bench(&[Authority::Cso]).await;
    let client = Client::another(&bench, PHONE).await;
    client.card(ONE).await;
    let answer = client.faces(ONE, FACES).await;
    assert_eq!((errors(&answer), flags(&answer)), (vec![("CSO".to_owned(), 4110)], [true, false]));
    assert_eq!(source(&answer)["errorKey"], "authority_unavailable");
    bench.counter.answer(Authority::Cso, AuthoritySays::Valid);
    bench.clock.advance(Duration::from_secs(1));
    let answer = client.faces(ONE, FACES).await;
    assert_eq!((errors(&answer), flags(&answer)), (vec![], [true, true]));
    assert!(is_known_as_verified(&bench).await);
}

#[tokio::test]
async fn an_authority_that_comes_back_is_asked_without_anybodys_doing() {
    let bench = bench(&[Authority::Cso]).await;
    let client = Client::another(&bench, PHONE).await;
    client.card(ONE).await;
    assert_eq!(flags(&client.faces(ONE, FACES).await), [true, false]);
    assert!(!is_known_as_verified(&bench).await);
    let id = bench.counter.asked()[0].id.clone();
    bench.counter.answer(Authority::Cso, AuthoritySays::Valid);
    bench.clock.advance(Duration::from_secs(3));
    for _ in 0..200 {
        let mut tx = bench.store.look().await.unwrap();
        let person = tx.identity_by_phone(bench.tenant.id, &PHONE.parse().unwrap()).await.unwrap();
        if person.unwrap().verified_at.is_some() {
            break;
        }
        drop(tx);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(is_known_as_verified(&bench).await);
    assert!(bench.counter.asked().iter().all(|question| question.id == id), "one question, one id");
}

#[tokio::test]
async fn a_phone_is_asked_about_once_somebody_signed_in_owns_the_transaction() {
    let bench = bench(&[Authority::Ntra]).await;
    bench.counter.answer(Authority::Ntra, AuthoritySays::Valid);
    let key = Client::key(&bench);
    key.card(ONE).await;
    let answer = key.faces(ONE, FACES).await;
    assert_eq!((errors(&answer), flags(&answer)), (vec![("NTRA".to_owned(), 4111)], [true, false]));
    assert!(bench.counter.asked().is_empty());
    let person = Client::another(&bench, PHONE).await;
    bench.clock.advance(Duration::from_secs(1));
    let path = "/api/DigitalIdentity/LinkUserWithExistingTransaction";
    let linked = bench.post_as(&bench.key, &person.token, path, &json!({"transactionId": ONE})).await;
    assert_eq!((errors(&linked), flags(&linked)), (vec![], [true, true]));
    assert!(is_known_as_verified(&bench).await);
}

#[tokio::test]
async fn authorities_of_one_tenant_are_not_asked_for_another() {
    let bench = bench(&[Authority::Cso]).await;
    let other = Client { bench: Arc::clone(&bench), token: String::new() };
    let [front, back] = [super::cards::photo(super::cards::HOLDER), super::cards::Shown::Back.picture()];
    let send = async |step: &str, body: Value| {
        other.bench.post_as(&bench.other, "", &format!("/v1/ocr/{step}"), &body).await
    };
    send("id/front", json!({"image": front, "transaction_id": ONE})).await.data();
    send("id/back", json!({"image": back, "transaction_id": ONE})).await.data();
    let [one, two, three] = FACES.map(super::cards::photo);
    let faces = json!({"transaction_id": ONE, "face_1": one, "face_2": two, "face_3": three});
    let answer = send("liveness/multi", faces).await;
    assert_eq!((source(&answer), flags(&answer)), (Value::Null, [true, true]));
    assert!(bench.counter.asked().is_empty());
}
