//! Codes on their way, to receivers in the process of the tests.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::{Language, OtpId, OtpPurpose, Timestamp};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;
use crate::config::{Outgoing, Smtp, SmtpTls};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn message(to: Contact, language: Language) -> CodeMessage {
    let now = Timestamp::from_millis(1_795_000_000_000);
    CodeMessage {
        id: OtpId::from_bytes([7; 16]),
        to,
        code: "012345".to_owned(),
        language,
        purpose: OtpPurpose::SignIn,
        tenant_name: "Bank\r\nBcc: all".to_owned(),
        now,
        expires_at: now.plus(domain::OTP_TIME),
    }
}

fn phone() -> Contact {
    Contact::Phone("+201234567890".parse().unwrap())
}

fn email() -> Contact {
    Contact::Email("ada@example.org".parse().unwrap())
}

fn client() -> Client {
    let allow = vec!["127.0.0.1/32".parse().unwrap()];
    Client::new(&Outgoing { allow, timeout: Duration::from_secs(5) }).unwrap()
}

/// Answers one request with `status`; what came.
async fn service(status: u16) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    let came = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut text = String::new();
        let mut bytes = [0; 4096];
        while !text.ends_with("}}") {
            let length = socket.read(&mut bytes).await.unwrap();
            text.push_str(&String::from_utf8_lossy(&bytes[..length]));
        }
        let answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: 0\r\n\r\n");
        socket.write_all(answer.as_bytes()).await.unwrap();
        text
    });
    (url, came)
}

fn settings(url: &str) -> Settings {
    let json = serde_json::json!({"sms": {"url": url, "secret": SECRET}});
    serde_json::from_value(json).unwrap()
}

#[tokio::test]
async fn a_text_message_is_a_signed_request_with_its_text_and_its_code() {
    let (url, came) = service(202).await;
    let delivery = Delivery::new(&settings(&url), client()).unwrap();
    delivery.send(&message(phone(), Language::English)).await.unwrap();
    let came = came.await.unwrap();
    let (head, body) = came.split_once("\r\n\r\n").unwrap();
    let signature = app::HookKeys::agreed(SECRET)
        .unwrap()
        .standard_signature(&"07".repeat(16), 1_795_000_000, body)
        .unwrap();
    for line in [&format!("webhook-signature: {signature}"), "webhook-timestamp: 1795000000"] {
        assert!(head.contains(line), "{line} in {head}");
    }
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let data = &body["data"];
    assert_eq!((&body["type"], &data["to"]), (&"one_time_password".into(), &"+201234567890".into()));
    assert_eq!((&data["code"], &data["purpose"]), (&"012345".into(), &"sign_in".into()));
    assert!(data["text"].as_str().unwrap().starts_with("012345 is your code to sign in at Bank"), "{data}");
}

#[tokio::test]
async fn what_a_service_will_never_take_is_not_sent_again() {
    for (status, is_final) in
        [(400, true), (410, true), (302, true), (429, false), (408, false), (503, false)]
    {
        let (url, _came) = service(status).await;
        let delivery = Delivery::new(&settings(&url), client()).unwrap();
        let error = delivery.send(&message(phone(), Language::Arabic)).await.unwrap_err();
        assert_eq!(matches!(error, SendError::Never(_)), is_final, "{status} {error}");
        assert!(!error.to_string().contains("+20"), "{error}");
    }
}

#[test]
fn a_secret_that_cannot_sign_is_refused_at_the_start() {
    for bad in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
        let json = serde_json::json!({"sms": {"url": "https://sms.example.org", "secret": bad}});
        let settings: Settings = serde_json::from_value(json).unwrap();
        assert!(matches!(Delivery::new(&settings, client()), Err(ConfigError::SmsSecret)), "{bad}");
    }
}

/// A relay that takes one message, or refuses its recipient; what came.
async fn relay(recipient: &'static str) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let came = tokio::spawn(async move {
        let (socket, _): (TcpStream, _) = listener.accept().await.unwrap();
        let mut socket = BufReader::new(socket);
        socket.write_all(b"220 relay\r\n").await.unwrap();
        let (mut came, mut is_data) = (String::new(), false);
        loop {
            let mut line = String::new();
            if socket.read_line(&mut line).await.unwrap_or(0) == 0 {
                return came;
            }
            came.push_str(&line);
            let answer = match line.trim_end() {
                "." => {
                    is_data = false;
                    "250 taken"
                }
                _ if is_data => continue,
                "DATA" => {
                    is_data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                line if line.starts_with("RCPT") => recipient,
                _ => "250 yes",
            };
            socket.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
    });
    (port, came)
}

fn by_mail(port: u16) -> Delivery {
    let smtp = Smtp {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        tls: SmtpTls::None,
        user: None,
        password: None,
        password_file: None,
        from: "id@bank.example".parse().unwrap(),
    };
    Delivery::new(&Settings { smtp: Some(smtp), ..Settings::default() }, client()).unwrap()
}

#[tokio::test]
async fn an_email_has_its_text_in_the_language_of_the_person_and_no_code_in_its_subject() {
    let (port, came) = relay("250 yes").await;
    by_mail(port).send(&message(email(), Language::Arabic)).await.unwrap();
    let came = came.await.unwrap();
    assert!(
        came.contains("EHLO bank.example\r\n") && came.contains("RCPT TO:<ada@example.org>\r\n"),
        "{came}"
    );
    let (_, mail) = came.split_once("DATA\r\n").unwrap();
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    for line in [
        "From: <id@bank.example>",
        "To: <ada@example.org>",
        "Date: Wed, 18 Nov 2026 11:06:40 +0000",
        "Message-ID: <07070707070707070707070707070707@bank.example>",
    ] {
        assert!(head.lines().any(|found| found == line), "{line} in {head}");
    }
    assert!(mail.lines().all(|line| line.len() <= 78) && !head.contains("Bcc"), "{mail}");
    let (encoded, _) = body.split_once("\r\n.\r\n").unwrap();
    let text = String::from_utf8(BASE64.decode(encoded.replace("\r\n", "")).unwrap()).unwrap();
    assert!(text.starts_with("012345 هو رمزك لتسجيل الدخول لدى Bank"), "{text}");
}

#[tokio::test]
async fn a_recipient_that_is_refused_for_good_is_not_tried_again_and_not_named() {
    for (answer, is_final) in [("550 no ada@example.org here", true), ("450 later, ada@example.org", false)] {
        let (port, _came) = relay(answer).await;
        let error = by_mail(port).send(&message(email(), Language::English)).await.unwrap_err();
        assert_eq!(matches!(error, SendError::Never(_)), is_final, "{error}");
        assert!(!error.to_string().contains("ada"), "{error}");
    }
}

#[tokio::test]
async fn tls_that_is_asked_for_is_not_done_without() {
    let (port, came) = relay("250 yes").await;
    let smtp = Smtp {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        tls: SmtpTls::Starttls,
        user: None,
        password: None,
        password_file: None,
        from: "id@bank.example".parse().unwrap(),
    };
    let delivery = Delivery::new(&Settings { smtp: Some(smtp), ..Settings::default() }, client()).unwrap();
    assert!(delivery.send(&message(email(), Language::English)).await.is_err());
    drop(delivery);
    assert!(!came.await.unwrap().contains("MAIL"));
}

#[tokio::test]
async fn what_is_not_set_up_is_not_sent() {
    let delivery = Delivery::new(&Settings::default(), client()).unwrap();
    for to in [phone(), email()] {
        let error = delivery.send(&message(to, Language::English)).await.unwrap_err();
        assert!(matches!(error, SendError::Never(_)));
    }
}
