//! Validations: what may be asked, what is answered, what remains.

use serde_json::Value;

use crate::harness::{Answer, Server, Truora, bonafide, photo, photo_path, selfie_link, text};

const LIVE: [(&str, &str); 2] = [("subvalidations", "similarity"), ("subvalidations", "passive_liveness")];

fn details(document: &Value) -> &Value {
    &document["details"]["face_recognition_validations"]
}

/// Enrolls `reference`, validates `selfie`, and gives the end.
fn judged(client: &Truora, account: &str, reference: &str, selfie: &str, more: &[(&str, &str)]) -> Value {
    let enrollment = client.enroll(account, &[("confirmation", "none")]);
    client.upload(text(&enrollment, "file_upload_link"), photo(reference)).expect(200);
    let validation = client.validate(account, more);
    client.upload(selfie_link(&validation), photo(selfie)).expect(200);
    client.ended(&validation)
}

#[test]
fn the_same_live_person_is_accepted_with_the_scores_of_the_command_line() {
    let server = Server::start();
    let client = server.client();
    let pairs = [
        ("photo-person-b-1", "photo-person-b-2"),
        ("photo-person-a-1", "photo-person-a-2"),
        ("photo-person-a-1", "photo-impostor-2"),
        ("photo-person-b-1", "photo-no-face"),
        ("photo-person-b-1", "photo-person-b-1"),
        ("photo-obama", "photo-obama2"),
    ];
    for (index, (reference, selfie)) in pairs.into_iter().enumerate() {
        let ended = judged(&client, &format!("account-{index}"), reference, selfie, &LIVE);
        let [reference, selfie] = [reference, selfie].map(photo_path);
        let output = bonafide(&["verify", "--json", "--reference"])
            .arg(reference)
            .arg("--selfie")
            .arg(selfie)
            .output();
        let verdict: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
        let expected = if verdict["decision"] == "allow" { "success" } else { "failure" };
        assert_eq!(ended["validation_status"], expected, "{ended}\n{verdict}");
        let score = details(&ended)["confidence_score"].as_f64();
        assert_eq!(score.map(|score| score as f32), verdict["similarity"].as_f64().map(|score| score as f32));
    }
}

#[test]
fn an_accepted_validation_tells_what_was_done() {
    let server = Server::start();
    let client = server.client();
    let ended = judged(&client, "ana", "photo-person-b-1", "photo-person-b-2", &LIVE);
    assert_eq!(ended["validation_status"], "success");
    assert_eq!(ended["type"], "face-recognition");
    assert_eq!(ended["account_id"], "ana");
    assert!((ended["threshold"].as_f64().unwrap() - 0.65).abs() < 1e-6);
    assert_eq!(details(&ended)["similarity_status"], "success");
    assert_eq!(details(&ended)["passive_liveness_status"], "success");
    assert!(text(details(&ended), "enrollment_id").starts_with("ENR"));
    assert!(details(&ended).get("age_range").is_none(), "nobody measured an age");
    assert!(ended.get("declined_reason").is_none_or(Value::is_null));
    for moment in ["creation_date", "processing_start_date", "processing_finish_date"] {
        assert!(text(&ended, moment).ends_with('Z'));
    }
    assert_eq!(ended["ip_address"], "127.0.0.1");
}

#[test]
fn only_what_is_asked_is_judged() {
    let server = Server::start();
    let client = server.client();
    let ended = judged(&client, "ana", "photo-person-b-1", "photo-person-b-1", &[]);
    assert_eq!(ended["validation_status"], "success", "the reference itself is like itself: {ended}");
    assert_eq!(details(&ended)["passive_liveness_status"], "not_performed");
    let live = client.validate("ana", &LIVE);
    client.upload(selfie_link(&live), photo("photo-person-b-1")).expect(200);
    let ended = client.ended(&live);
    assert_eq!(
        ended["declined_reason"], "passive_liveness_verification_not_passed",
        "a copy is no selfie: {ended}"
    );
}

#[test]
fn a_selfie_without_a_face_is_declined() {
    let server = Server::start();
    let client = server.client();
    for (account, selfie) in [("nobody", "photo-no-face"), ("everybody", "photo-group-4")] {
        let ended = judged(&client, account, "photo-person-b-1", selfie, &[]);
        assert_eq!(ended["failure_status"], "declined", "{ended}");
        assert_eq!(ended["declined_reason"], "no_face_detected");
        assert_eq!(details(&ended)["similarity_status"], "failure");
    }
}

#[test]
fn details_open_the_photos_for_those_who_hold_the_link() {
    let server = Server::start();
    let client = server.client();
    let ended = judged(&client, "ana", "photo-person-b-1", "photo-person-b-2", &[]);
    assert!(ended.get("user_response").is_none_or(Value::is_null));
    let path = format!("/v1/validations/{}?show_details=true", text(&ended, "validation_id"));
    let shown = client.get(&path).expect(200);
    for (link, id) in [
        (&shown["validation_inputs"]["validation_input_files"][0], "photo-person-b-1"),
        (&shown["user_response"]["input_files"][0], "photo-person-b-2"),
    ] {
        let answer = client.http.get(link.as_str().unwrap()).send().unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "image/jpeg");
        assert!(answer.headers()["cache-control"].to_str().unwrap().contains("no-store"));
        assert_eq!(answer.bytes().unwrap(), photo(id));
    }
    let forged = format!("{}/v1/files/nonsense", server.url);
    Answer::of(client.http.get(forged).send().unwrap()).expect_error(403);
}

#[test]
fn bad_requests_name_the_field() {
    let server = Server::start();
    let client = server.client();
    client.enroll_photo("ana", photo("photo-person-b-1"));
    let (kind, consent, account) =
        (("type", "face-recognition"), ("user_authorized", "true"), ("account_id", "ana"));
    let refused = |more: &[(&str, &str)]| {
        client.post("/v1/validations", &[&[kind, consent, account], more].concat()).expect_error(400)
    };
    assert!(client.post("/v1/validations", &[]).expect_error(400).contains("type"));
    assert!(client.post("/v1/validations", &[kind, account]).expect_error(400).contains("user_authorized"));
    assert!(client.post("/v1/validations", &[kind, consent]).expect_error(400).contains("account_id"));
    for threshold in ["1.1", "-0.1", "NaN", "high", "0.49", "0"] {
        assert!(refused(&[("threshold", threshold)]).contains("threshold"), "{threshold}");
    }
    for timeout in ["0", "21601", "soon"] {
        assert!(refused(&[("timeout", timeout)]).contains("timeout"), "{timeout}");
    }
    assert!(refused(&[("subvalidations", "speech_match")]).contains("speech_match"));
    assert!(refused(&[("subvalidations", "smell")]).contains("subvalidations"));
    assert!(refused(&[("liveness", "active")]).contains("liveness"));
    let nobody = [kind, consent, ("account_id", "nobody")];
    assert!(client.post("/v1/validations", &nobody).expect_error(400).contains("enrollment"));
    client.validate("ana", &[("threshold", "0.5"), ("timeout", "21600")]);
}

#[test]
fn retries_are_counted_and_the_last_refusal_fails_the_enrollment() {
    let server = Server::start();
    let client = server.client();
    client.put_form("/v1/config", &[("validator", "face-recognition"), ("allowed_retries", "1")]).expect(200);
    let enrollment = client.enroll_photo("ana", photo("photo-person-a-1"));
    let refused = |more: &[(&str, &str)]| {
        let validation = client.validate("ana", &[&LIVE, more].concat());
        client.upload(selfie_link(&validation), photo("photo-impostor-2")).expect(200);
        client.ended(&validation)
    };
    let first = refused(&[]);
    assert_eq!(first["remaining_retries"], 1, "{first}");
    assert_eq!(client.enrollment(&enrollment)["reason"], "waiting_face_validation");
    let first_id = text(&first, "validation_id");
    let second = refused(&[("retry_of_id", first_id)]);
    assert_eq!(second["remaining_retries"], 0, "{second}");
    assert_eq!(client.enrollment(&enrollment)["reason"], "face_validation_failed");
    let again = [("type", "face-recognition"), ("user_authorized", "true"), ("account_id", "ana")];
    client
        .post("/v1/validations", &[&again[..], &LIVE, &[("retry_of_id", first_id)]].concat())
        .expect_error(400);
}

#[test]
fn an_attempt_that_nobody_uses_fails_the_enrollment_in_the_end() {
    let server = Server::start();
    let client = server.client();
    let config = [("validator", "face-recognition"), ("allowed_retries", "2"), ("retry_ttl", "1")];
    client.put_form("/v1/config", &config).expect(200);
    let enrollment = client.enroll_photo("ana", photo("photo-person-a-1"));
    let validation = client.validate("ana", &LIVE);
    client.upload(selfie_link(&validation), photo("photo-impostor-2")).expect(200);
    client.ended(&validation);
    crate::harness::wait_for(|| {
        (client.enrollment(&enrollment)["reason"] == "face_validation_failed").then_some(())
    });
}

#[test]
fn the_configuration_is_the_tenants_own() {
    let server = Server::start();
    let client = server.client();
    let face = |answer: Answer| answer.expect(200)["face-recognition"].clone();
    let before = face(client.get("/v1/config"));
    assert_eq!(
        (&before["timeout"], &before["allowed_retries"], &before["retry_ttl"]),
        (&300.into(), &0.into(), &300.into())
    );
    let changed = face(client.put_form(
        "/v1/config",
        &[("validator", "face-recognition"), ("timeout", "60"), ("threshold", "0.8")],
    ));
    assert_eq!(changed["timeout"], 60);
    assert!((changed["threshold"].as_f64().unwrap() - 0.8).abs() < 1e-6);
    assert_eq!(face(server.other_tenant("other").get("/v1/config"))["timeout"], 300);
    for bad in [
        ("timeout", "0"),
        ("allowed_retries", "3"),
        ("retry_ttl", "301"),
        ("threshold", "0.4"),
        ("include_face_search", "perhaps"),
        ("fpir", "0.01"),
    ] {
        client.put_form("/v1/config", &[("validator", "face-recognition"), bad]).expect_error(400);
    }
    client.put_form("/v1/config", &[("timeout", "60")]).expect_error(400);
    assert_eq!(
        face(client.delete("/v1/config?validator=face-recognition&parameter=timeout"))["timeout"],
        300
    );
    let reset = face(client.delete("/v1/config?validator=face-recognition"));
    assert_eq!(reset, before);
}

#[test]
fn lists_are_read_page_by_page_newest_first() {
    let server = Server::start();
    let client = server.client();
    for index in 0..5 {
        client.enroll(&format!("account-{index}"), &[]);
    }
    let mut seen = Vec::new();
    let mut path = Some("/v1/enrollments?limit=2".to_owned());
    while let Some(next) = path {
        let page = client.get(&next).expect(200);
        assert!(page["self"].as_str().unwrap().starts_with(&server.url));
        let items = page["enrollments"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| text(item, "account_id").to_owned()));
        path = page["next"].as_str().map(|next| next.strip_prefix(&server.url).unwrap().to_owned());
    }
    assert_eq!(seen, ["account-4", "account-3", "account-2", "account-1", "account-0"]);
    client.get("/v1/enrollments?start_key=nonsense").expect_error(400);
    assert!(client.get("/v1/validations").expect(200)["validations"].as_array().unwrap().is_empty());
    assert_eq!(client.get("/v1/accounts").expect(200)["accounts"].as_array().unwrap().len(), 5);
    assert_eq!(
        client.get("/v1/accounts/account-3/enrollments").expect(200)["enrollments"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn a_key_on_a_device_is_for_one_person_and_sees_no_scores() {
    let server = Server::start();
    let client = server.client();
    client.enroll_photo("ana", photo("photo-person-b-1"));
    client.enroll_photo("eva", photo("photo-person-a-1"));
    let form = [("key_type", "sdk"), ("grant", "validations"), ("account_id", "ana"), ("key_name", "phone")];
    let made = client.post("/v1/api-keys", &form);
    assert!(matches!(made.status, 200 | 201), "{}", made.body);
    let device = Truora::new(&server.url, text(&made.body, "api_key"));
    let validation = device.validate("ana", &[]);
    device.upload(selfie_link(&validation), photo("photo-person-b-2")).expect(200);
    let seen = device.ended(&validation);
    assert_eq!(seen["validation_status"], "success");
    assert!(details(&seen).get("confidence_score").is_none_or(Value::is_null), "{seen}");
    let theirs = client.ended(&validation);
    assert!(details(&theirs)["confidence_score"].is_f64());
    let path = format!("/v1/validations/{}?show_details=true", text(&validation, "validation_id"));
    assert!(device.get(&path).body.get("user_response").is_none());
    for list in ["/v1/validations", "/v1/enrollments", "/v1/accounts"] {
        device.get(list).expect_error(403);
    }
    let eva = [("type", "face-recognition"), ("user_authorized", "true"), ("account_id", "eva")];
    device.post("/v1/validations", &eva).expect_error(403);
    device.post("/v1/api-keys", &form).expect_error(403);
}
