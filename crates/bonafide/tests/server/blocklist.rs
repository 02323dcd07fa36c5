//! The blocklist: faces are reported, found in other photos, and taken off again.

use serde_json::Value;

use crate::harness::{Server, Truora, photo, selfie_link, text};

/// Reports the face of a photo: the enrollment, which counts.
fn report(client: &Truora, photo_id: &str) -> Value {
    let form = [
        ("type", "face-search"),
        ("user_authorized", "true"),
        ("country", "CO"),
        ("fraud_reason", "manipulated_document"),
    ];
    let reported = client.post("/v1/enrollments", &form).expect(201);
    client.upload(text(&reported, "file_upload_link"), photo(photo_id)).expect(200);
    let now = client.enrollment(&reported);
    assert_eq!(
        (&now["status"], &now["validation_type"]),
        (&"success".into(), &"face-search".into()),
        "{now}"
    );
    assert_eq!((&now["country"], &now["fraud_reason"]), (&"CO".into(), &"manipulated_document".into()));
    now
}

fn unblock(client: &Truora, reported: &Value) {
    client.delete(&format!("/v1/enrollments/{}", text(reported, "enrollment_id"))).expect(200);
}

/// Looks a photo up: the validation, which has ended.
fn search(client: &Truora, photo_id: &str) -> Value {
    let form = [("type", "face-search"), ("user_authorized", "true")];
    let validation = client.post("/v1/validations", &form).expect(201);
    client.upload(selfie_link(&validation), photo(photo_id)).expect(200);
    client.ended(&validation)
}

fn include_search(client: &Truora, is_on: &str) {
    let form = [("validator", "face-recognition"), ("include_face_search", is_on)];
    let config = client.put_form("/v1/config", &form).expect(200);
    assert_eq!(config["face-recognition"]["include_face_search"].to_string(), is_on);
}

fn outcome(validation: &Value) -> (&str, Option<&str>) {
    (text(validation, "validation_status"), validation["declined_reason"].as_str())
}

const HIT: (&str, Option<&str>) = ("failure", Some("face_in_blocklist"));
const CLEAR: (&str, Option<&str>) = ("success", None);

#[test]
fn a_reported_person_is_found_in_another_photo_until_they_are_taken_off() {
    let server = Server::start();
    let client = server.client();
    let empty = search(&client, "photo-person-b-2");
    assert_eq!(outcome(&empty), CLEAR);
    let found = &empty["details"]["face_search"];
    assert_eq!((&found["status"], &found["gallery_size"]), (&"success".into(), &0.into()));
    assert_eq!(found.get("confidence_score"), None, "there is nobody to be like");

    let reported = report(&client, "photo-person-b-1");
    report(&client, "photo-obama");
    let hit = search(&client, "photo-person-b-2");
    assert_eq!(outcome(&hit), HIT, "{hit}");
    assert_eq!(hit["type"], "face-search");
    let found = &hit["details"]["face_search"];
    assert_eq!((&found["status"], &found["gallery_size"]), (&"failure".into(), &2.into()));
    let (score, threshold) =
        (found["confidence_score"].as_f64().unwrap(), found["threshold"].as_f64().unwrap());
    assert!(score >= threshold, "{found}");
    assert_eq!((&found["threshold_basis"], &found["fpir"]), (&"measured".into(), &0.001.into()));

    let stranger = search(&client, "photo-impostor-2");
    assert_eq!(outcome(&stranger), CLEAR, "{stranger}");
    let found = &stranger["details"]["face_search"];
    assert!(found["confidence_score"].as_f64().unwrap() < found["threshold"].as_f64().unwrap(), "{found}");

    unblock(&client, &reported);
    assert_eq!(outcome(&search(&client, "photo-person-b-2")), CLEAR);
    client.get(&format!("/v1/enrollments/{}", text(&reported, "enrollment_id"))).expect_error(404);
}

#[test]
fn a_reported_person_is_neither_validated_nor_enrolled_where_the_tenant_wants_it() {
    let server = Server::start();
    let client = server.client();
    client.enroll_photo("ana", photo("photo-person-b-1"));
    let reported = report(&client, "photo-person-b-1");
    // Nobody asked for it yet.
    let validation = client.validate("ana", &[]);
    client.upload(selfie_link(&validation), photo("photo-person-b-2")).expect(200);
    let ended = client.ended(&validation);
    assert_eq!(outcome(&ended), CLEAR, "{ended}");
    let face = &ended["details"]["face_recognition_validations"];
    assert_eq!(face["face_search"], serde_json::json!({"status": "not_performed"}));

    include_search(&client, "true");
    let validation = client.validate("ana", &[]);
    client.upload(selfie_link(&validation), photo("photo-person-b-2")).expect(200);
    let ended = client.ended(&validation);
    assert_eq!(outcome(&ended), HIT, "{ended}");
    let face = &ended["details"]["face_recognition_validations"];
    assert_eq!(
        (&face["similarity_status"], &face["face_search"]["status"]),
        (&"success".into(), &"failure".into())
    );
    assert!(face["face_search"]["confidence_score"].is_number());

    let refused = client.enroll("eva", &[]);
    let link = text(&refused, "file_upload_link");
    client.upload(link, photo("photo-person-b-2")).expect(200);
    client.upload(link, photo("photo-person-b-2")).expect(200);
    let now = client.enrollment(&refused);
    assert_eq!((&now["status"], &now["reason"]), (&"failure".into(), &"face_in_blocklist".into()));
    client.enroll_photo("zoe", photo("photo-impostor-2"));

    unblock(&client, &reported);
    client.enroll_photo("eva", photo("photo-person-b-2"));
    assert_eq!(
        client.get("/v1/accounts/eva/enrollments").expect(200)["enrollments"][0]["reason"],
        "waiting_face_validation"
    );
    report(&client, "photo-person-b-1");
    include_search(&client, "false");
    let validation = client.validate("eva", &[]);
    client.upload(selfie_link(&validation), photo("photo-person-b-1")).expect(200);
    assert_eq!(outcome(&client.ended(&validation)), CLEAR);
}

#[test]
fn the_lists_of_other_tenants_do_not_matter_and_a_restart_keeps_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = Server::start_in(&data, &[]);
    let (client, other) = (server.client(), server.other_tenant("other"));
    let reported = report(&client, "photo-obama");
    assert_eq!(outcome(&search(&other, "photo-obama2")), CLEAR);
    let path = format!("/v1/enrollments/{}", text(&reported, "enrollment_id"));
    other.get(&path).expect_error(404);
    other.delete(&path).expect_error(404);
    server.terminate();
    let server = Server::start_in(&data, &[]);
    let client = Truora { url: server.url.clone(), ..client };
    assert_eq!(outcome(&search(&client, "photo-obama2")), HIT);
}

#[test]
fn an_erased_person_is_on_no_list() {
    let server = Server::start();
    let client = server.client();
    let reported = report(&client, "photo-obama");
    assert_eq!(outcome(&search(&client, "photo-obama2")), HIT);
    server.admin(&["erase", "--subject", text(&reported, "account_id")]);
    assert_eq!(outcome(&search(&client, "photo-obama2")), CLEAR);
}

#[test]
fn a_photo_without_a_face_that_can_be_looked_for_is_no_pass() {
    let server = Server::start();
    let client = server.client();
    report(&client, "photo-obama");
    let nobody = search(&client, "photo-no-face");
    assert_eq!(outcome(&nobody), ("failure", Some("no_face_detected")), "{nobody}");
    let form = [
        ("type", "face-search"),
        ("user_authorized", "true"),
        ("country", "MX"),
        ("fraud_reason", "non_payment"),
    ];
    let reported = client.post("/v1/enrollments", &form).expect(201);
    client.upload(text(&reported, "file_upload_link"), photo("photo-no-face")).expect_error(400);
    assert_eq!(client.enrollment(&reported)["reason"], "no_face_detected");
}
