//! Enrollments, from the first request to the last state.

use serde_json::Value;

use crate::harness::{Server, photo, selfie_link, text};

fn state(document: &Value) -> (&str, Option<&str>) {
    (text(document, "status"), document["reason"].as_str())
}

#[test]
fn an_enrollment_goes_from_its_photo_over_a_validation_to_success() {
    let server = Server::start();
    let client = server.client();
    let enrollment = client.enroll("ana.1", &[]);
    assert!(text(&enrollment, "enrollment_id").starts_with("ENR"));
    assert_eq!(enrollment["account_id"], "ana.1");
    assert_eq!(enrollment["validation_type"], "face-recognition");
    assert_eq!(state(&enrollment), ("pending", Some("waiting_file_upload")));
    let link = text(&enrollment, "file_upload_link");

    client.upload(link, photo("photo-person-b-1")).expect(200);
    assert_eq!(state(&client.enrollment(&enrollment)), ("pending", Some("waiting_face_validation")));
    client.upload(link, photo("photo-person-b-1")).expect(200);
    assert_eq!(
        client.upload(link, photo("photo-person-a-1")).expect_error(403),
        "the link has been used or has expired"
    );

    let validation =
        client.validate("ana.1", &[("subvalidations", "similarity"), ("subvalidations", "passive_liveness")]);
    client.upload(selfie_link(&validation), photo("photo-person-b-2")).expect(200);
    let ended = client.ended(&validation);
    assert_eq!(ended["validation_status"], "success", "{ended}");
    assert_eq!(state(&client.enrollment(&enrollment)), ("success", None));
}

#[test]
fn a_vouched_face_needs_no_validation_and_can_be_deleted() {
    let server = Server::start();
    let client = server.client();
    let enrollment = client.enroll("ana", &[("confirmation", "none")]);
    client.upload(text(&enrollment, "file_upload_link"), photo("photo-person-b-1")).expect(200);
    assert_eq!(state(&client.enrollment(&enrollment)), ("success", None));
    let path = format!("/v1/enrollments/{}", text(&enrollment, "enrollment_id"));
    assert!(client.delete(&path).expect(200)["message"].is_string());
    client.get(&path).expect_error(404);
    client.delete(&path).expect_error(404);
    assert_eq!(client.enroll("ana", &[])["status"], "pending");
}

#[test]
fn only_a_permitted_key_vouches_or_deletes() {
    let server = Server::start();
    let made = server.admin(&["key", "create", "--name", "plain"]);
    let plain = crate::harness::Truora::new(&server.url, made["key"].as_str().unwrap());
    let enrollment = plain.enroll("ana", &[]);
    let path = format!("/v1/enrollments/{}", text(&enrollment, "enrollment_id"));
    assert_eq!(plain.delete(&path).expect_error(403), "Insufficient permissions");
    let vouched = [
        ("type", "face-recognition"),
        ("user_authorized", "true"),
        ("account_id", "eva"),
        ("confirmation", "none"),
    ];
    assert_eq!(plain.post("/v1/enrollments", &vouched).expect_error(403), "Insufficient permissions");
}

#[test]
fn a_second_enrollment_is_refused_until_the_first_has_failed() {
    let server = Server::start();
    let client = server.client();
    let form = [("type", "face-recognition"), ("user_authorized", "true"), ("account_id", "ana")];
    let first = client.enroll("ana", &[]);
    client.post("/v1/enrollments", &form).expect_error(409);
    client.upload(text(&first, "file_upload_link"), photo("photo-no-face")).expect_error(400);
    assert_eq!(state(&client.enrollment(&first)), ("failure", Some("no_face_detected")));
    client.post("/v1/enrollments", &form).expect(201);
    client.post("/v1/enrollments", &form).expect_error(409);
}

#[test]
fn a_photo_without_one_clear_face_fails_the_enrollment() {
    let server = Server::start();
    let client = server.client();
    for (account, bytes) in [("nobody", photo("photo-no-face")), ("everybody", photo("photo-group-4"))] {
        let enrollment = client.enroll(account, &[]);
        let link = text(&enrollment, "file_upload_link");
        let refusal = client.upload(link, bytes.clone()).expect_error(400);
        assert_eq!(
            state(&client.enrollment(&enrollment)),
            ("failure", Some("no_face_detected")),
            "{account}"
        );
        assert_eq!(
            client.upload(link, bytes).expect_error(400),
            refusal,
            "the same bytes get the same answer"
        );
        client.upload(link, photo("photo-person-b-1")).expect_error(403);
    }
}

#[test]
fn a_stranger_fails_the_pending_enrollment() {
    let server = Server::start();
    let client = server.client();
    let enrollment = client.enroll_photo("ana", photo("photo-person-a-1"));
    let validation = client.validate("ana", &[]);
    client.upload(selfie_link(&validation), photo("photo-impostor-2")).expect(200);
    let ended = client.ended(&validation);
    assert_eq!(ended["failure_status"], "declined", "{ended}");
    assert_eq!(ended["declined_reason"], "similarity_threshold_not_passed");
    assert_eq!(state(&client.enrollment(&enrollment)), ("failure", Some("face_validation_failed")));
}

#[test]
fn a_stranger_does_not_undo_a_face_that_counts() {
    let server = Server::start();
    let client = server.client();
    let enrollment = client.enroll("ana", &[("confirmation", "none")]);
    client.upload(text(&enrollment, "file_upload_link"), photo("photo-person-a-1")).expect(200);
    let validation = client.validate("ana", &[]);
    client.upload(selfie_link(&validation), photo("photo-impostor-2")).expect(200);
    assert_eq!(client.ended(&validation)["validation_status"], "failure");
    assert_eq!(state(&client.enrollment(&enrollment)), ("success", None));
}

#[test]
fn bad_requests_name_the_field() {
    let server = Server::start();
    let client = server.client();
    let refused = |form: &[(&str, &str)]| client.post("/v1/enrollments", form).expect_error(400);
    let (kind, consent) = (("type", "face-recognition"), ("user_authorized", "true"));
    assert!(refused(&[]).contains("type"));
    assert!(refused(&[consent, ("type", "iris")]).contains("type"));
    assert!(refused(&[kind]).contains("user_authorized"));
    assert!(refused(&[kind, ("user_authorized", "false")]).contains("user_authorized"));
    assert!(refused(&[kind, ("user_authorized", "maybe")]).contains("user_authorized"));
    assert!(refused(&[kind, consent, ("account_id", "ana maria")]).contains("account_id"));
    assert!(refused(&[kind, consent, ("confirmation", "some")]).contains("confirmation"));
    client.post("/v1/enrollments", &[kind, consent, ("unknown", "key")]).expect(201);
    let json = client.http.post(format!("{}/v1/enrollments", server.url));
    let json = json.json(
        &serde_json::json!({"type": "face-recognition", "user_authorized": true, "account_id": "json"}),
    );
    assert_eq!(client.send(json).expect(201)["account_id"], "json");
    for id in
        ["ENR00", "VLD00000000000000000000000000000000", "ENR00000000000000000000000000000000", "ENR%00"]
    {
        client.get(&format!("/v1/enrollments/{id}")).expect_error(404);
    }
}
