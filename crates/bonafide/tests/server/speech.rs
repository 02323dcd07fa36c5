//! Spoken tokens of validations: drawn or chosen, heard in the video of the selfie.

use serde_json::{Value, json};

use crate::clips::{Moved, four_seven_two_nine, saying, selfie};
use crate::harness::{Server, Truora, photo, selfie_link, text, wait_for};

const SPOKEN: [(&str, &str); 2] = [("subvalidations", "speech_match"), ("minimum_precision", "medium")];

fn details(document: &Value) -> &Value {
    &document["details"]["face_recognition_validations"]
}

/// The validation with what a backend sees of it while nothing has come.
fn with_details(client: &Truora, validation: &Value) -> Value {
    client
        .get(&format!("/v1/validations/{}?show_details=true", text(validation, "validation_id")))
        .expect(200)
}

fn enrolled(client: &Truora, account: &str) {
    let enrollment = client.enroll(account, &[("confirmation", "none")]);
    client.upload(text(&enrollment, "file_upload_link"), photo("photo-person-b-1")).expect(200);
}

/// The person of `photo-person-b-1`, who says "four, seven, two, nine".
fn speaking(codec: &str, ending: &str) -> Vec<u8> {
    saying(&selfie("photo-person-b-2", Moved::Within, ending), &four_seven_two_nine(), codec, ending)
}

#[test]
fn a_token_is_heard_beside_the_face_and_whether_it_is_live() {
    let server = Server::start();
    let client = server.client();
    client.post("/v1/accounts", &[("account_id", "ana"), ("country", "US")]).expect(201);
    enrolled(&client, "ana");
    let all =
        [("subvalidations", "similarity"), ("subvalidations", "passive_liveness"), ("speech_token", "47 29")];
    for (codec, ending) in [("aac", "mp4"), ("libopus", "webm")] {
        let validation = client.validate("ana", &[&SPOKEN[..], &all[..]].concat());
        assert_eq!(validation["instructions"]["speech_token"], "4729");
        assert_eq!(validation["instructions"]["speech_language"], "en", "by the account's country");
        let pending = with_details(&client, &validation);
        assert_eq!(details(&pending)["speech_match_status"], "pending");
        client.upload(selfie_link(&validation), speaking(codec, ending)).expect(200);
        let ended = client.ended(&validation);
        assert_eq!(ended["validation_status"], "success", "{ended}");
        let found = details(&ended);
        assert_eq!(
            (&found["speech_match_status"], &found["speech_token"]),
            (&json!("success"), &json!("4729"))
        );
        assert_eq!(
            (&found["speech_language"], &found["passive_liveness_status"]),
            (&json!("en"), &json!("success"))
        );
        assert!(found["transcription_confidence"].as_f64().unwrap() > 0.5, "{found}");
        assert!(found["speech_match_signals"]["voiced_ms"].as_u64().unwrap() > 500, "{found}");
    }
}

#[test]
fn another_token_silence_and_a_recording_without_sound_are_declined() {
    let server = Server::start();
    let client = server.client();
    enrolled(&client, "ana");
    let english = [("speech_token", "4719"), ("speech_language", "en")];
    let mute = selfie("photo-person-b-2", Moved::Within, "mp4");
    let silent = saying(&mute, &vec![128; 24_000], "aac", "mp4");
    for (clip, reason, score) in [
        (speaking("aac", "mp4"), "speech_other_token", true),
        (silent, "speech_silence", false),
        (mute, "speech_silence", false),
    ] {
        let validation = client.validate("ana", &[&SPOKEN[..], &english[..]].concat());
        client.upload(selfie_link(&validation), clip).expect(200);
        let ended = client.ended(&validation);
        assert_eq!(ended["declined_reason"], "speech_match_not_passed", "{ended}");
        let found = details(&ended);
        assert_eq!(
            (&found["speech_match_status"], &found["speech_match_reasons"]),
            (&json!("failure"), &json!([reason]))
        );
        assert_eq!(
            found["transcription_confidence"].as_f64().is_some_and(|sure| sure < 0.5),
            score,
            "{found}"
        );
        assert_eq!(found["similarity_status"], "not_performed", "it was not asked for");
    }
}

#[test]
fn sound_that_cannot_be_read_is_no_other_token() {
    let server = Server::start();
    let client = server.client();
    enrolled(&client, "ana");
    let english = [("speech_token", "4729"), ("speech_language", "en")];
    let validation = client.validate("ana", &[&SPOKEN[..], &english[..]].concat());
    // The pictures are as before; AC-3 is not among the codings that are read.
    client.upload(selfie_link(&validation), speaking("ac3", "mp4")).expect(200);
    let ended = client.ended(&validation);
    assert_eq!(ended["declined_reason"], "invalid_video_file", "{ended}");
    let found = details(&ended);
    assert_eq!(
        (&found["speech_match_status"], &found["speech_match_reasons"]),
        (&json!("failure"), &json!(["selfie_video_unreadable"]))
    );
    assert_eq!(found.get("transcription_confidence"), None, "nothing was heard");
}

#[test]
fn a_token_is_drawn_where_none_is_chosen_and_a_device_chooses_none() {
    let server = Server::start();
    let client = server.client();
    client.enroll_photo("ana", photo("photo-person-b-1"));
    let drawn: Vec<Value> = (0..4).map(|_| client.validate("ana", &SPOKEN)["instructions"].clone()).collect();
    for instructions in &drawn {
        let token = text(instructions, "speech_token");
        assert!(token.len() == 4 && token.bytes().all(|byte| byte.is_ascii_digit()), "{token}");
        assert_eq!(instructions["speech_language"], "es", "nothing tells another");
    }
    assert!(drawn.iter().any(|other| other["speech_token"] != drawn[0]["speech_token"]), "{drawn:?}");
    let made = client.post("/v1/api-keys", &[("key_type", "sdk"), ("account_id", "ana")]).expect(200);
    let device = Truora { key: text(&made, "api_key").to_owned(), ..client };
    let shown = device.validate("ana", &SPOKEN);
    assert_eq!(text(&shown["instructions"], "speech_token").len(), 4);
    assert_eq!(with_details(&device, &shown).get("details"), None);
    let chosen = [("type", "face-recognition"), ("user_authorized", "true"), ("speech_token", "4729")];
    let refused = device.post("/v1/validations", &[&SPOKEN[..], &chosen[..]].concat()).expect_error(400);
    assert!(refused.starts_with("speech_token is chosen by the backend alone"), "{refused}");
}

#[test]
fn a_photo_says_nothing_and_a_video_may_follow() {
    let server = Server::start();
    let client = server.client();
    enrolled(&client, "ana");
    let chosen = [("speech_token", "4729"), ("speech_language", "en")];
    let validation = client.validate("ana", &[&SPOKEN[..], &chosen[..]].concat());
    let refused = client.upload(selfie_link(&validation), photo("photo-person-b-2")).expect_error(400);
    assert!(refused.contains("a spoken token is heard in a video"), "{refused}");
    assert_eq!(client.validation(&validation)["validation_status"], "pending");
    client.upload(selfie_link(&validation), speaking("aac", "mp4")).expect(200);
    assert_eq!(client.ended(&validation)["validation_status"], "success");
}

#[test]
fn a_token_outlives_a_kill_and_is_nowhere_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = Server::start_in(&data, &[]);
    let client = server.client();
    enrolled(&client, "ana");
    let chosen = [("speech_token", "zebra quartz"), ("speech_language", "en")];
    let words = client.validate("ana", &[&SPOKEN[..], &chosen[..]].concat());
    let digits = client
        .validate("ana", &[&SPOKEN[..], &[("speech_token", "4729"), ("speech_language", "en")]].concat());
    let (link, http) = (selfie_link(&digits).to_owned(), client.http.clone());
    let sent = std::thread::spawn(move || drop(http.put(link).body(speaking("aac", "mp4")).send()));
    wait_for(|| client.validation(&digits)["processing_start_date"].is_string().then_some(()));
    server.kill();
    sent.join().unwrap();
    let server = Server::start_in(&data, &[]);
    let client = server.client();
    assert_eq!(client.ended(&digits)["validation_status"], "success");
    assert_eq!(details(&with_details(&client, &words))["speech_token"], "zebra quartz");
    for file in
        std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
    {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(12).any(|part| part == b"zebra quartz"), "{}", file.display());
    }
}
