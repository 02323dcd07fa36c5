//! Filmed selfies through the upload link of a validation.

use std::time::Duration;

use serde_json::Value;

use crate::clips::{H264, Moved, recoded, selfie};
use crate::harness::{Server, Truora, photo, selfie_link, text, wait_for};

const LIVE: [(&str, &str); 2] = [("subvalidations", "similarity"), ("subvalidations", "passive_liveness")];

fn details(document: &Value) -> &Value {
    &document["details"]["face_recognition_validations"]
}

/// Validates the clip `bytes` against the person of `photo-person-b-1`.
fn judged(client: &Truora, account: &str, bytes: Vec<u8>) -> Value {
    let enrollment = client.enroll(account, &[("confirmation", "none")]);
    client.upload(text(&enrollment, "file_upload_link"), photo("photo-person-b-1")).expect(200);
    let validation = client.validate(account, &LIVE);
    client.upload(selfie_link(&validation), bytes).expect(200);
    client.ended(&validation)
}

#[test]
fn each_container_is_judged_for_liveness_and_its_best_frame_for_similarity() {
    let server = Server::start();
    let client = server.client();
    for (ending, media_type) in
        [("mp4", "video/mp4"), ("webm", "video/webm"), ("avi", "video/x-msvideo"), ("mov", "video/quicktime")]
    {
        let clip = selfie("photo-person-b-2", Moved::Within, ending);
        let ended = judged(&client, ending, clip.clone());
        assert_eq!(ended["validation_status"], "success", "{ending} {ended}");
        assert_eq!(details(&ended)["similarity_status"], "success");
        assert_eq!(details(&ended)["passive_liveness_status"], "success");
        let path = format!("/v1/validations/{}?show_details=true", text(&ended, "validation_id"));
        let shown = client.get(&path).expect(200);
        let link = shown["user_response"]["input_files"][0].as_str().unwrap();
        let file = client.http.get(link).send().unwrap();
        assert_eq!(file.headers()["content-type"], media_type);
        assert_eq!(file.bytes().unwrap(), clip, "kept as it came");
    }
}

#[test]
fn a_photo_moved_by_hand_and_another_person_are_declined() {
    let server = Server::start();
    let client = server.client();
    let held = judged(&client, "held", selfie("photo-person-b-2", Moved::ByHand, "mp4"));
    assert_eq!(held["declined_reason"], "passive_liveness_verification_not_passed", "{held}");
    assert_eq!(details(&held)["similarity_status"], "success", "its best frame is compared all the same");
    assert_eq!(details(&held)["passive_liveness_status"], "failure");
    assert_eq!(details(&held)["passive_liveness_reasons"][0], "face_is_flat");
    assert!(details(&held)["passive_liveness_signals"]["movement"]["within"].is_f64(), "{held}");
    let other = judged(&client, "other", selfie("photo-impostor-2", Moved::Within, "mp4"));
    assert_eq!(other["declined_reason"], "similarity_threshold_not_passed", "{other}");
}

#[test]
fn a_clip_that_is_damaged_or_not_asked_for_is_refused_and_a_photo_may_follow() {
    let server = Server::start();
    let client = server.client();
    client.enroll_photo("ana", photo("photo-person-b-1"));
    let clip = selfie("photo-person-b-2", Moved::Within, "mp4");
    let asked = client.validate("ana", &LIVE);
    client.upload(selfie_link(&asked), clip[..clip.len() / 2].to_vec()).expect_error(400);
    let plain = client.validate("ana", &[]);
    let said = client.upload(selfie_link(&plain), clip.clone()).expect_error(400);
    assert!(said.contains("passive liveness and spoken tokens only"), "{said}");
    for validation in [&asked, &plain] {
        assert_eq!(client.validation(validation)["validation_status"], "pending");
        client.upload(selfie_link(validation), photo("photo-person-b-2")).expect(200);
        assert_eq!(client.ended(validation)["validation_status"], "success");
    }
    let enrollment = client.enroll("ben", &[]);
    client.upload(text(&enrollment, "file_upload_link"), clip).expect_error(400);
    assert_eq!(client.enrollment(&enrollment)["reason"], "file_format_not_supported");
}

#[test]
fn a_clip_that_breaks_off_within_is_an_invalid_file() {
    let server = Server::start();
    let client = server.client();
    let mut clip = selfie("photo-person-b-2", Moved::Within, "mp4");
    let data = clip.windows(4).position(|bytes| bytes == b"mdat").unwrap();
    let headers = clip.windows(4).position(|bytes| bytes == b"moov").unwrap();
    clip[data + (headers - data) / 2..headers - 4].fill(0xFF);
    let ended = judged(&client, "ana", clip);
    assert_eq!(ended["declined_reason"], "invalid_video_file", "{ended}");
}

#[test]
fn an_accepted_clip_is_judged_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = Server::start_in(&data, &[]);
    let client = server.client();
    let enrollment = client.enroll("ana", &[("confirmation", "none")]);
    client.upload(text(&enrollment, "file_upload_link"), photo("photo-person-b-1")).expect(200);
    let clip = selfie("photo-person-b-2", Moved::Within, "mp4");
    let validation = client.validate("ana", &LIVE);
    let (link, http) = (selfie_link(&validation).to_owned(), client.http.clone());
    // Whether the answer comes before the kill does not matter: what counts is that the clip was accepted.
    let sent = std::thread::spawn(move || drop(http.put(link).body(clip).send()));
    wait_for(|| {
        let started = client.validation(&validation);
        started["processing_start_date"].is_string().then_some(())
    });
    server.kill();
    sent.join().unwrap();
    let server = Server::start_in(&data, &[]);
    let ended = wait_for(|| {
        let now = server.client().validation(&validation);
        (now["validation_status"] != "pending").then_some(now)
    });
    assert_eq!(ended["validation_status"], "success", "{ended}");
}

/// Two at once, as on two cores, while two more are let in: one that came later may end before these three, and no other.
#[test]
fn ten_clips_at_once_are_all_judged_in_the_order_in_which_they_came() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(&folder.path().join("data"), &[], |command| {
        command.env("BONAFIDE_LIMITS__INFERENCE_THREADS", "2");
    });
    let client = server.client();
    client.enroll_photo("ana", photo("photo-person-b-1"));
    let clip = selfie("photo-person-b-2", Moved::Within, "mp4");
    let validations: Vec<Value> = (0..10).map(|_| client.validate("ana", &LIVE)).collect();
    std::thread::scope(|scope| {
        for validation in &validations {
            scope.spawn(|| client.upload(selfie_link(validation), clip.clone()).expect(200));
        }
    });
    let mut times: Vec<[String; 2]> = validations
        .iter()
        .map(|validation| {
            let ended = client.ended(validation);
            assert_eq!(ended["validation_status"], "success");
            ["processing_start_date", "processing_finish_date"].map(|date| text(&ended, date).to_owned())
        })
        .collect();
    times.sort();
    for (place, [_, finished]) in times.iter().enumerate() {
        let earlier = times[..place].iter().filter(|[_, other]| other > finished).count();
        assert!(earlier <= 3, "{times:?}");
    }
}

/// The bound of 300 MB for three seconds of 720p, decoding included, above what the server holds with its models loaded.
#[test]
fn a_clip_takes_little_memory() {
    let server = Server::start();
    let client = server.client();
    client.enroll_photo("ana", photo("photo-person-b-1"));
    let warm = client.validate("ana", &LIVE);
    client.upload(selfie_link(&warm), photo("photo-person-b-2")).expect(200);
    client.ended(&warm);
    let idle = server.memory_mb();
    let large =
        ["-vf", "scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:(ow-iw)/2:(oh-ih)/2"];
    let coded = [&large[..], H264].concat();
    let clip = recoded(&selfie("photo-person-b-2", Moved::Within, "mp4"), &coded, "mp4");
    let validation = client.validate("ana", &LIVE);
    let most = std::thread::scope(|scope| {
        let sent = scope.spawn(|| client.upload(selfie_link(&validation), clip).expect(200));
        let mut most = idle;
        while !sent.is_finished() {
            most = most.max(server.memory_mb());
            std::thread::sleep(Duration::from_millis(5));
        }
        most
    });
    assert_eq!(client.ended(&validation)["validation_status"], "success");
    println!("{idle} MB idle, {most} MB at the most");
    assert!(most > idle + 20, "{idle} MB idle, {most} MB: its decoder was not seen");
    assert!(most < idle + 300, "{idle} MB idle, {most} MB at the most");
}
