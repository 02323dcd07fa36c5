//! Documents without their holders, over HTTP.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::Method;
use serde_json::{Value, json};

use crate::backend::passport;
use crate::harness::{Answer, Server, Truora, photo, text, wait_for};
use crate::receiver::{Receiver, event};

const PORTRAIT: &str = "photo-person-b-1";

/// Asks for a passport of `account`: the document of the validation.
fn ask(client: &Truora, account: &str, more: &[(&str, &str)]) -> Value {
    let form = [
        ("type", "document-validation"),
        ("user_authorized", "true"),
        ("account_id", account),
        ("country", "ALL"),
        ("document_type", "passport"),
    ];
    client.post("/v1/validations", &[&form, more].concat()).expect(201)
}

fn front(validation: &Value) -> &str {
    text(&validation["instructions"], "front_url")
}

fn evaluate(client: &Truora, picture: &[u8], document_type: &str) -> Answer {
    let body = json!({
        "image": BASE64.encode(picture), "country": "ALL", "document_type": document_type,
        "document_side": "front", "evaluation_type": "document",
    });
    client.send(client.http.request(Method::POST, format!("{}/v1/evaluate-image", client.url)).json(&body))
}

#[test]
fn a_passport_is_read_and_told_of_and_goes_with_its_account() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bonafide.toml");
    std::fs::write(&config, "[outgoing]\nallow = ['127.0.0.1/32']\n").unwrap();
    let server = Server::start_in(&folder.path().join("data"), &["--config", config.to_str().unwrap()]);
    let (client, other) = (server.client(), server.other_tenant("other"));
    let receiver = Receiver::willing();
    let hook = [
        ("event_type", "document_validation.validation"),
        ("subscriber_type", "web"),
        ("subscriber_url", &receiver.url()),
    ];
    client.post("/v1/hooks", &hook).expect(201);
    let (picture, number) = passport(PORTRAIT);
    let validation = ask(&client, "ana", &[]);
    assert_eq!(validation["type"], "document-validation");
    assert_eq!(validation["validation_inputs"], json!({"country": "ALL", "document_type": "passport"}));
    let instructions = validation["instructions"].as_object().unwrap();
    assert_eq!(instructions.keys().collect::<Vec<_>>(), ["front_url"], "a passport has one side");
    client.upload(front(&validation), b"no picture".to_vec()).expect_error(400);
    client.upload(front(&validation), vec![0; 10 * 1024 * 1024 + 1]).expect_error(413);
    assert_eq!(client.validation(&validation)["validation_status"], "pending");
    client.upload(front(&validation), picture.clone()).expect(200);
    let ended = client.ended(&validation);
    client.upload(front(&validation), picture.clone()).expect(200);
    client.upload(front(&validation), photo(PORTRAIT)).expect_error(403);
    // Its dates may have passed by the time this runs.
    let is_valid = ended["validation_status"] == "success";
    assert!(is_valid || ended["declined_reason"] == "document_has_expired", "{ended}");
    let id = text(&validation, "validation_id");
    let shown = client.get(&format!("/v1/validations/{id}?show_details=true")).expect(200);
    let details = &shown["details"]["document_details"];
    assert_eq!(
        (&details["document_type"], &details["document_number"]),
        (&json!("passport"), &json!(number))
    );
    assert!(details["name"].is_string() && details["last_name"].is_string(), "{shown}");
    assert_eq!(details.get("country"), None, "UTO is no country");
    let validations = &shown["details"]["document_validations"];
    assert_eq!(validations["image_analysis"][0]["result"], "success", "{shown}");
    let image = text(&shown, "front_image");
    assert_eq!(shown["user_response"]["input_files"], json!([image]));
    let bytes = client.http.get(image).send().unwrap().bytes().unwrap();
    assert_eq!(bytes.as_ref(), picture);
    for path in [format!("/v1/validations/{id}"), format!("/v1/accounts/ana/validations/{id}")] {
        other.get(&path).expect_error(404);
        assert_eq!(client.get(&path).expect(200)["type"], "document-validation");
    }
    let list = client.get("/v1/accounts/ana/validations").expect(200);
    assert_eq!(list["validations"][0]["validation_id"], id);
    let told: Vec<Value> = receiver.wait(2).iter().map(event).collect();
    let words =
        |event: &Value| (text(event, "event_type").to_owned(), text(event, "event_action").to_owned());
    let (kind, end) = ("document_validation.validation", if is_valid { "succeeded" } else { "failed" });
    assert_eq!(words(&told[0]), (kind.to_owned(), "created".to_owned()));
    assert_eq!(words(&told[1]), (kind.to_owned(), end.to_owned()));
    assert_eq!(told[1]["object"].get("details"), None, "hooks are told what a device may see");
    server.admin(&["erase", "--subject", "ana"]);
    client.get(&format!("/v1/validations/{id}")).expect_error(404);
    assert_eq!(client.http.get(image).send().unwrap().status(), 404);
}

#[test]
fn a_device_validates_its_own_persons_document_and_sees_nothing_of_it() {
    let server = Server::start();
    let client = server.client();
    client.post("/v1/accounts", &[("account_id", "ana")]).expect(201);
    let key = [("key_type", "sdk"), ("grant", "validations"), ("account_id", "ana"), ("key_name", "phone")];
    let made = client.post("/v1/api-keys", &key).expect(200);
    let device = Truora::new(&server.url, text(&made, "api_key"));
    let form = [
        ("type", "document-validation"),
        ("user_authorized", "true"),
        ("country", "ALL"),
        ("document_type", "passport"),
    ];
    let validation = device.post("/v1/validations", &form).expect(201);
    assert_eq!(validation["account_id"], "ana");
    let eva = [&form[..], &[("account_id", "eva")]].concat();
    device.post("/v1/validations", &eva).expect_error(403);
    device.upload(front(&validation), photo("photo-no-face")).expect(200);
    let ended = device.ended(&validation);
    assert_eq!(text(&ended, "failure_status"), "declined");
    assert!(ended["declined_reason"].is_string(), "{ended}");
    let id = text(&validation, "validation_id");
    let shown = device.get(&format!("/v1/validations/{id}?show_details=true")).expect(200);
    for hidden in ["details", "front_image", "user_response"] {
        assert_eq!(shown.get(hidden), None, "{hidden}");
    }
}

#[test]
fn what_is_not_read_here_is_refused_in_clear_words() {
    let server = Server::start();
    let client = server.client();
    let consent = [("type", "document-validation"), ("user_authorized", "true")];
    for (more, start) in [
        (vec![], "country is required"),
        (vec![("country", "CO")], "document_type is required"),
        (vec![("country", "DE"), ("document_type", "passport")], "country must be one whose documents"),
        (
            vec![("country", "MX"), ("document_type", "national-id")],
            "document_type is not read of this country",
        ),
        (vec![("country", "CO"), ("document_type", "palm")], "document_type must be one of"),
        (
            vec![("country", "CO"), ("document_type", "passport"), ("threshold", "0.8")],
            "threshold is for face-recognition alone",
        ),
    ] {
        let refused = client.post("/v1/validations", &[&consent[..], &more].concat()).expect_error(400);
        assert!(refused.starts_with(start), "{refused}");
    }
    let anybody = [&consent[..], &[("country", "CO"), ("document_type", "national-id")]].concat();
    let made = client.post("/v1/validations", &anybody).expect(201);
    assert!(text(&made, "account_id").starts_with("ACC"), "an account is made");
    assert!(made["instructions"]["front_url"].is_string() && made["instructions"]["reverse_url"].is_string());
    let times = [("validator", "document-validation"), ("timeout", "1"), ("allowed_retries", "1")];
    client.put_form("/v1/config", &times).expect(200);
    let late = client.post("/v1/validations", &anybody).expect(201);
    let ended = client.ended(&late);
    assert_eq!(text(&ended, "expired_reason"), "document_validation_not_started");
    assert_eq!(ended["remaining_retries"], 1, "it can be restored");
    let path = format!("/v1/validations/{}/restore", text(&late, "validation_id"));
    let restored = client.post(&path, &[]).expect(200);
    assert_eq!(restored["validation_status"], "pending");
    assert_eq!(restored["remaining_retries"], 0);
    assert!(restored["instructions"]["reverse_url"].is_string());
    client.ended(&late);
    client.post(&path, &[]).expect_error(400);
}

#[test]
fn a_picture_is_evaluated_before_it_is_sent() {
    let server = Server::start();
    let client = server.client();
    let (picture, _) = passport(PORTRAIT);
    assert_eq!(evaluate(&client, &picture, "passport").expect(200), json!({"status": "success"}));
    // Another document; and no document, in a picture with a light in it.
    for (picture, document_type, reasons) in [
        (&picture, "national-id", &["DOCUMENT_NOT_FOUND"][..]),
        (&photo("photo-no-face"), "passport", &["DOCUMENT_NOT_FOUND", "IMAGE_WITH_REFLECTION"]),
    ] {
        let told = evaluate(&client, picture, document_type).expect(200);
        assert_eq!(told["status"], "failure");
        assert!(reasons.contains(&text(&told["feedback"], "reason")), "{told}");
        assert_eq!(told["feedback"]["hints"].as_array().unwrap().len(), 1);
    }
    evaluate(&client, b"no picture", "passport").expect_error(400);
}

#[test]
fn a_document_that_was_taken_is_judged_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = Server::start_in(&data, &[]);
    let client = server.client();
    let validation = ask(&client, "ana", &[]);
    client.upload(front(&validation), passport(PORTRAIT).0).expect(200);
    server.kill();
    drop(server);
    let server = Server::start_in(&data, &[]);
    let client = server.client();
    let path = format!("/v1/validations/{}", text(&validation, "validation_id"));
    let ended =
        wait_for(|| Some(client.get(&path).expect(200)).filter(|now| now["validation_status"] != "pending"));
    assert_ne!(ended["failure_status"], "system_error", "{ended}");
}
