//! Questions to services in the process of the tests, and to a file.

use std::time::Duration;

use domain::Timestamp;
use domain::egypt::{Citizen, Objection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;
use crate::Config;
use crate::config::{AuthorityConnector, Outgoing};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NUMBER: &str = "29507240112344";

fn question(authority: Authority) -> AuthorityQuestion {
    let citizen = Citizen {
        number: NUMBER.parse().unwrap(),
        name: Some("منى حسين".to_owned()),
        phone: Some("+201234567890".parse().unwrap()),
    };
    let now = Timestamp::from_millis(1_795_000_000_000);
    AuthorityQuestion { id: "q-1".to_owned(), tenant: "one".to_owned(), authority, citizen, now }
}

fn asker(connector: &serde_json::Value) -> Result<Authorities, ConfigError> {
    let connector: AuthorityConnector = serde_json::from_value(connector.clone()).unwrap();
    let settings = Settings { cso: Some(connector), ntra: None };
    let allow = vec!["127.0.0.1/32".parse().unwrap()];
    let client = Client::new(&Outgoing { allow, timeout: Duration::from_secs(2) }).unwrap();
    Authorities::new(&[("one".to_owned(), settings)].into(), &client)
}

/// Answers one request with `status` and `body`; what came.
async fn service(status: u16, body: String) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/ask", listener.local_addr().unwrap());
    let came = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut text = String::new();
        let mut bytes = [0; 4096];
        while !text.ends_with('}') {
            let length = socket.read(&mut bytes).await.unwrap();
            text.push_str(&String::from_utf8_lossy(&bytes[..length]));
        }
        let answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        socket.write_all(answer.as_bytes()).await.unwrap();
        text
    });
    (url, came)
}

async fn ask(status: u16, body: &str) -> Result<AuthoritySays, AskError> {
    let (url, _came) = service(status, body.to_owned()).await;
    let asker = asker(&serde_json::json!({"url": url, "secret": SECRET})).unwrap();
    app::Authorities::ask(&asker, &question(Authority::Cso)).await
}

#[tokio::test]
async fn a_question_is_a_signed_request_that_says_whom_it_is_about() {
    let (url, came) = service(200, r#"{"is_valid": true}"#.to_owned()).await;
    let asker = asker(&serde_json::json!({"url": url, "secret": SECRET})).unwrap();
    let says = app::Authorities::ask(&asker, &question(Authority::Cso)).await;
    assert_eq!(says, Ok(AuthoritySays::Valid));
    let came = came.await.unwrap();
    let (head, body) = came.split_once("\r\n\r\n").unwrap();
    let keys = app::HookKeys::agreed(SECRET).unwrap();
    let signature = keys.standard_signature("q-1", 1_795_000_000, body).unwrap();
    for line in
        [&format!("webhook-signature: {signature}"), "webhook-id: q-1", "content-type: application/json"]
    {
        assert!(head.contains(line), "{line} in {head}");
    }
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let expected = serde_json::json!({
        "authority": "cso", "tenant": "one", "id_number": NUMBER, "birth_date": "1995-07-24",
        "name": "منى حسين", "phone_number": "+201234567890",
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_no_comes_in_the_authoritys_own_words_as_far_as_they_are_short() {
    let long = "x".repeat(1_000);
    let body =
        serde_json::json!({"is_valid": false, "error_code": 12, "error_key": long, "error_message": long});
    let Ok(AuthoritySays::Invalid(Objection::Own { code, key, message })) = ask(200, &body.to_string()).await
    else {
        panic!("no no");
    };
    assert_eq!((code, key.unwrap().len(), message.unwrap().len()), (Some(12), 64, 256));
    let bare = AuthoritySays::Invalid(Objection::Own { code: None, key: None, message: None });
    assert_eq!(ask(200, r#"{"is_valid": false}"#).await, Ok(bare));
}

#[tokio::test]
async fn what_is_no_answer_is_asked_again_and_tells_nothing_of_the_person() {
    let endless = format!(r#"{{"is_valid": true, "more": "{}"}}"#, "x".repeat(70_000));
    for (status, body) in [
        (503, ""),
        (404, r#"{"is_valid": true}"#),
        (302, r#"{"is_valid": true}"#),
        (200, ""),
        (200, "29507240112344"),
        (200, r#"{"is_valid": "29507240112344"}"#),
        (200, endless.as_str()),
    ] {
        let error = ask(status, body).await.unwrap_err().to_string();
        assert!(!error.contains("2950") && !error.contains("127.0.0.1"), "{status}: {error}");
    }
    let closed = serde_json::json!({"url": "http://127.0.0.1:1/ask", "secret": SECRET});
    assert!(app::Authorities::ask(&asker(&closed).unwrap(), &question(Authority::Cso)).await.is_err());
    let not_set_up = app::Authorities::ask(&asker(&closed).unwrap(), &question(Authority::Ntra)).await;
    assert!(not_set_up.is_err());
}

#[tokio::test]
async fn a_register_answers_by_its_rows_and_a_bad_row_is_named_without_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("register.csv");
    let register = serde_json::json!({"register": path});
    std::fs::write(&path, format!("id_number,name,phone_number\n{NUMBER},منى حسين,\n")).unwrap();
    let says = app::Authorities::ask(&asker(&register).unwrap(), &question(Authority::Cso)).await;
    assert_eq!(says, Ok(AuthoritySays::Valid));
    for (row, what) in [("123,Mona,", "id_number"), (&format!("{NUMBER},Mona,0123"), "phone_number")] {
        std::fs::write(&path, format!("id_number,name,phone_number\n{NUMBER},Mona,\n{row}\n")).unwrap();
        let error = asker(&register).err().unwrap().to_string();
        assert!(error.contains(&format!("row 2 has no usable {what}")), "{error}");
        assert!(!error.contains("Mona") && !error.contains("123"), "{error}");
    }
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(asker(&register), Err(ConfigError::Register { .. })));
}

#[test]
fn an_authority_is_asked_in_one_way_and_never_in_the_open() {
    let load = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bonafide.toml");
        std::fs::write(&path, format!("[authorities.one.cso]\n{text}")).unwrap();
        Config::load(Some(&path), &crate::config::Flags::default())
    };
    let secret = format!("secret = \"{SECRET}\"\n");
    assert!(load("register = \"people.csv\"").is_ok());
    let config = load(&format!("{secret}url = \"https://cso.example.org/ask\"")).unwrap();
    assert_eq!(config.usage_limits().authorities["one"], [Authority::Cso].into());
    assert!(!format!("{config:?}").contains("cso.example.org"));
    for text in [
        String::new(),
        "url = \"https://cso.example.org/ask\"".to_owned(),
        format!("{secret}register = \"people.csv\""),
        format!("{secret}url = \"http://cso.example.org/ask\""),
        format!("{secret}secret_file = \"key\"\nurl = \"https://cso.example.org/ask\""),
        format!("{secret}url = \"cso.example.org\""),
        "registry = \"people.csv\"".to_owned(),
    ] {
        assert!(load(&text).is_err(), "{text}");
    }
}
