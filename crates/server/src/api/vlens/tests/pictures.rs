//! Pictures for the tenant's staff.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::cards::{Client, FACES, HOLDER, photo};
use crate::api::vlens::testing::{Bench, PASSWORD, PHONE};

const ONE: &str = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";
const NAMES: &str = "/api/DigitalIdentity/GetUserDigitalIdentityImages";
const SHOW: &str = "/api/DigitalIdentity/GetStepImage";

async fn staff(bench: &Bench, name: &str) -> String {
    let body = json!({"tenancyName": "one", "userNameOrEmailAddress": name, "password": PASSWORD});
    let tokens = bench.post("/api/credentials/Login", &body).await.data();
    tokens["accessToken"].as_str().unwrap().to_owned()
}

fn encoded(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes()).collect()
}

#[tokio::test]
async fn the_staff_finds_and_sees_the_pictures_of_a_person_and_it_is_noted() {
    let client = Client::person().await;
    let bench = &client.bench;
    bench.add_user("ada", PASSWORD).await;
    let token = staff(bench, "ada").await;
    let of = |whom: &str| format!("{NAMES}?emailOrPhoneNumber={}", encoded(whom));
    let none = bench.get_as(&bench.key, &token, &of(PHONE)).await.data();
    assert!(none.as_object().unwrap().values().all(Value::is_null), "{none}");
    client.card(ONE).await;
    client.faces(ONE, FACES).await.data();
    let names = bench.get_as(&bench.key, &token, &of(PHONE)).await.data();
    for (key, name) in [
        ("idFrontImage", "user1_id_front_20270115.jpg"),
        ("idBackImage", "user1_id_back_20270115.jpg"),
        ("livenessImage", "user1_liveness_face_01_20270115.jpg"),
        ("livenessFace01Image", "user1_liveness_face_01_20270115.jpg"),
        ("livenessFace02Image", "user1_liveness_face_02_20270115.jpg"),
        ("livenessFace03Image", "user1_liveness_face_03_20270115.jpg"),
        ("transactionId", ONE),
    ] {
        assert_eq!(names[key], name, "{key}");
    }
    for (key, id) in [("idFrontImage", HOLDER), ("livenessFace02Image", FACES[1])] {
        let name = names[key].as_str().unwrap();
        let path = format!("{SHOW}?TransactionId={ONE}&FileName={name}&LogId=x");
        let shown = bench.get_as(&bench.key, &token, &path).await.data();
        assert_eq!(BASE64.decode(shown["image"].as_str().unwrap()), BASE64.decode(photo(id)));
    }
    let filter = app::AuditFilter { limit: 100, ..app::AuditFilter::default() };
    let log = bench.service.admin().audit(&filter).await.unwrap();
    assert_eq!(log.iter().filter(|(_, entry)| entry.action == "photo.show").count(), 2);
}

#[tokio::test]
async fn no_name_leads_anywhere_but_to_a_picture_of_the_transaction() {
    let client = Client::person().await;
    let bench = &client.bench;
    bench.add_user("ada", PASSWORD).await;
    let token = staff(bench, "ada").await;
    client.card(ONE).await;
    for name in [
        "../../keyring.db",
        "/etc/passwd",
        "user1_id_front_20270114.jpg",
        "user1_liveness_face_01_20270115.jpg",
    ] {
        let path = format!("{SHOW}?TransactionId={ONE}&FileName={}", encoded(name));
        bench.get_as(&bench.key, &token, &path).await.refused(200, 5004);
    }
    let good = "user1_id_front_20270115.jpg";
    let other = "1f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";
    bench
        .get_as(&bench.key, &token, &format!("{SHOW}?TransactionId={other}&FileName={good}"))
        .await
        .refused(200, 5004);
    for path in [
        format!("{SHOW}?TransactionId={ONE}"),
        format!("{SHOW}?FileName={good}"),
        format!("{SHOW}?TransactionId=x&FileName={good}"),
        NAMES.to_owned(),
        format!("{NAMES}?emailOrPhoneNumber=x"),
    ] {
        bench.get_as(&bench.key, &token, &path).await.refused(400, 400);
    }
    let path = format!("{SHOW}?TransactionId={ONE}&FileName={good}&ImpersonatedTenantId=2");
    bench.get_as(&bench.key, &token, &path).await.refused(403, 403);
}

#[tokio::test]
async fn only_a_user_with_the_permission_sees_pictures() {
    let client = Client::person().await;
    let bench = &client.bench;
    bench.service.admin().create_user(bench.tenant.id, "bob", PASSWORD, vec![]).await.unwrap();
    let bob = staff(bench, "bob").await;
    for token in [client.token.as_str(), bob.as_str(), ""] {
        for path in [
            format!("{NAMES}?emailOrPhoneNumber={}", encoded(PHONE)),
            format!("{SHOW}?TransactionId={ONE}&FileName=x"),
        ] {
            bench.get_as(&bench.key, token, &path).await.refused(403, 403);
        }
    }
}
