//! What may come through an upload link, and what may not.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::{Server, Truora, photo, selfie_link, text, wait_for};

/// What is no photo that can be read, with a name for it.
fn unreadable() -> Vec<(&'static str, Vec<u8>)> {
    let jpeg = photo("photo-person-b-1");
    vec![
        ("empty", vec![]),
        ("truncated JPEG", jpeg[..jpeg.len() / 2].to_vec()),
        ("GIF", b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;".to_vec()),
        ("MP4", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom".to_vec()),
        ("WebM", b"\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1f".to_vec()),
        ("text", b"<script>alert(1)</script>".to_vec()),
        ("PNG header alone", b"\x89PNG\r\n\x1a\n".to_vec()),
    ]
}

#[test]
fn an_unreadable_photo_fails_an_enrollment() {
    let server = Server::start();
    let client = server.client();
    for (index, (name, bytes)) in unreadable().into_iter().enumerate() {
        let enrollment = client.enroll(&format!("account-{index}"), &[]);
        client.upload(text(&enrollment, "file_upload_link"), bytes).expect_error(400);
        let now = client.enrollment(&enrollment);
        assert_eq!(
            (text(&now, "status"), text(&now, "reason")),
            ("failure", "file_format_not_supported"),
            "{name}"
        );
        assert!(now.get("file_upload_link").is_none_or(serde_json::Value::is_null));
    }
}

#[test]
fn an_unreadable_selfie_may_be_sent_again() {
    let server = Server::start();
    let client = server.client();
    client.enroll_photo("ana", photo("photo-person-b-1"));
    let validation = client.validate("ana", &[]);
    for (name, bytes) in unreadable() {
        client.upload(selfie_link(&validation), bytes).expect_error(400);
        assert_eq!(client.validation(&validation)["validation_status"], "pending", "{name}");
    }
    client.upload(selfie_link(&validation), photo("photo-person-b-2")).expect(200);
    assert_eq!(client.ended(&validation)["validation_status"], "success");
    client.upload(selfie_link(&validation), photo("photo-person-b-2")).expect(200);
    client.upload(selfie_link(&validation), photo("photo-person-b-1")).expect_error(403);
}

#[test]
fn of_two_uploads_at_once_one_is_taken_and_the_same_photo_is_told_yes_twice() {
    let server = Server::start();
    let client = server.client();
    client.enroll_photo("ana", photo("photo-person-b-1"));
    let at_once = |photos: [&str; 2]| {
        let validation = client.validate("ana", &[]);
        let statuses = std::thread::scope(|scope| {
            let uploads =
                photos.map(|id| scope.spawn(|| client.upload(selfie_link(&validation), photo(id)).status));
            uploads.map(|upload| upload.join().unwrap())
        });
        client.ended(&validation);
        statuses
    };
    for _ in 0..5 {
        assert_eq!(at_once(["photo-person-b-2", "photo-person-b-2"]), [200, 200]);
        let mut statuses = at_once(["photo-person-b-2", "photo-person-b-1"]);
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403]);
    }
}

#[test]
fn more_than_10_mb_is_refused_and_changes_nothing() {
    let server = Server::start();
    let client = server.client();
    let enrollment = client.enroll("ana", &[]);
    let link = text(&enrollment, "file_upload_link");
    let mut large = photo("photo-person-b-1");
    large.resize(11_000_000, 0);
    let sized = large.clone();
    client.upload(link, sized).expect_error(413);
    // Without a length said before.
    let body = reqwest::blocking::Body::new(std::io::Cursor::new(large));
    if let Ok(answer) = client.http.put(link).body(body).send() {
        assert_eq!(answer.status(), 413);
    }
    assert_eq!(client.enrollment(&enrollment)["reason"], "waiting_file_upload");
    client.upload(link, photo("photo-person-b-1")).expect(200);
}

#[test]
fn whoever_sends_a_large_photo_in_vain_is_told_why() {
    let server = Server::start();
    let client = server.client();
    let mut large = photo("photo-person-b-1");
    large.resize(9_000_000, 0);
    for _ in 0..5 {
        client.upload(&format!("{}/v1/uploads/nonsense", server.url), large.clone()).expect_error(403);
    }
}

#[test]
fn an_upload_that_is_cut_off_changes_nothing() {
    let server = Server::start();
    let client = server.client();
    let enrollment = client.enroll("ana", &[]);
    let link = text(&enrollment, "file_upload_link");
    let bytes = photo("photo-person-b-1");
    let (host, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "PUT /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n", bytes.len())
        .unwrap();
    stream.write_all(&bytes[..bytes.len() / 3]).unwrap();
    stream.shutdown(std::net::Shutdown::Both).unwrap();
    drop(stream);
    assert_eq!(client.enrollment(&enrollment)["reason"], "waiting_file_upload");
    client.upload(link, bytes).expect(200);
}

#[test]
fn a_forged_or_expired_link_opens_nothing() {
    let server = Server::start();
    let client = server.client();
    client.enroll_photo("ana", photo("photo-person-b-1"));
    let validation = client.validate("ana", &[("timeout", "1")]);
    let link = selfie_link(&validation).to_owned();
    let (head, signature) = link.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    client.upload(&forged, photo("photo-person-b-2")).expect_error(403);
    client
        .upload(&format!("{}/v1/uploads/nonsense", server.url), photo("photo-person-b-2"))
        .expect_error(403);
    let ended = client.ended(&validation);
    assert_eq!((text(&ended, "validation_status"), text(&ended, "failure_status")), ("failure", "expired"));
    assert_eq!(ended["expired_reason"], "input_file_not_uploaded");
    client.upload(&link, photo("photo-person-b-2")).expect_error(403);
}

#[test]
fn a_full_queue_sends_uploads_away_while_health_answers() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bonafide.toml");
    std::fs::write(&config, "[limits]\nqueue = 1\n").unwrap();
    let data = folder.path().join("data");
    let server = Server::start_in(&data, &["--config", config.to_str().unwrap()]);
    let client = server.client();
    let enrollment = client.enroll("ana", &[]);
    let link = text(&enrollment, "file_upload_link");
    // Admitted, and slow: holds the only place.
    let (host, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut slow = TcpStream::connect(host).unwrap();
    write!(slow, "PUT /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\nx").unwrap();
    let other = client.enroll("eva", &[]);
    let other = text(&other, "file_upload_link");
    let refused = wait_for(|| {
        let answer = client.http.put(other).body(vec![0; 10]).send().unwrap();
        (answer.status() == 503).then_some(answer)
    });
    assert!(refused.headers().contains_key("retry-after"));
    let health = client.http.get(format!("{}/healthz", server.url)).timeout(Duration::from_secs(5));
    assert_eq!(health.send().unwrap().status(), 200);
    drop(slow);
}

#[test]
fn a_photo_at_rest_is_not_readable() {
    let server = Server::start();
    let client: Truora = server.client();
    client.enroll_photo("reference-of-ana", photo("photo-person-b-1"));
    let jpeg = photo("photo-person-b-1");
    let needles: [&[u8]; 3] = [&jpeg[..64], &jpeg[jpeg.len() / 2..jpeg.len() / 2 + 64], b"reference-of-ana"];
    let mut files = 0;
    let mut folders = vec![server.data().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let mut content = Vec::new();
            std::fs::File::open(&path).unwrap().read_to_end(&mut content).unwrap();
            for needle in needles {
                assert!(!content.windows(needle.len()).any(|window| window == needle), "{}", path.display());
            }
        }
    }
    assert!(files >= 4, "database, keys and photo");
}
