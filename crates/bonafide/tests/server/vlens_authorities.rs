//! Authorities that are asked about the holder of a card: one over HTTP, in the process of the test, and one for which a
//! file stands.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::harness::wait_for;
use crate::receiver::{Receiver, Reply};
use crate::vlens::{App, Folder, PHONE, data, message, register, signed};
use crate::vlens_cards::{Card, errors, flags};

const ONE: &str = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";
const TWO: &str = "1f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0";
const OTHER_PHONE: &str = "+201234567891";

/// The civil office at `office`, and a register that knows the card under `PHONE`.
fn settings(folder: &Path, office: &Receiver, card: &Card) -> String {
    let register = folder.join("citizens.csv");
    std::fs::write(&register, format!("id_number,phone_number\n{},{PHONE}\n", card.number)).unwrap();
    format!(
        "[authorities.default.cso]\nurl = '{}'\nsecret_file = '{}'\n[authorities.default.ntra]\nregister = '{}'\n",
        office.url(),
        folder.join("sms-secret").display(),
        register.display()
    )
}

/// Front and back, which are taken, and the face: what the last answers.
fn send_all(card: &Card, app: &App, token: &str, transaction: &str) -> Value {
    for step in ["id/front", "id/back"] {
        let answer = card.send(app, token, step, transaction);
        assert_eq!((errors(&answer), flags(&answer)), (vec![], [false, false]), "{answer}");
        assert_eq!(answer["services"]["SRC"], Value::Null, "nobody is asked before the face fits");
    }
    card.send(app, token, "liveness/multi", transaction)
}

/// Whether signing in says that the person is verified: with a code, where the device is new.
fn is_known_as_verified(app: &App, messages: &Receiver, phone: &str) -> bool {
    let mut login = json!({"phoneNumber": phone, "password": "correct horse battery", "imei": "another"});
    let asked = data(app.identity("Login", &login));
    if asked["accessToken"].is_string() {
        return asked["isDigitalIdentityVerified"].as_bool().unwrap();
    }
    let request = asked["phoneNumberOtpRequestId"].clone();
    login["phoneNumberOtp"] = message(messages, &request)["code"].clone();
    login["phoneNumberOtpRequestId"] = request;
    data(app.identity("Login", &login))["isDigitalIdentityVerified"].as_bool().unwrap()
}

#[test]
fn whom_the_authorities_confirm_is_verified_once_they_can_be_asked() {
    let card = Card::draw();
    let is_up = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&is_up);
    let office = Receiver::start(move |_| {
        if asked.load(Ordering::Relaxed) { Reply::Json(r#"{"is_valid": true}"#) } else { Reply::Status(503) }
    });
    let messages = Receiver::willing();
    let folder = Folder::with(&messages, |folder| settings(folder, &office, &card));
    let server = folder.start();
    let app = App::of(&server);

    let token = register(&app, &messages, PHONE);
    let answer = send_all(&card, &app, &token, ONE);
    assert_eq!((errors(&answer), flags(&answer)), (vec![("CSO", 4110)], [true, false]), "{answer}");
    let source = &answer["services"]["SRC"];
    assert_eq!(
        (&source["isValid"], &source["errorCode"], &source["errorKey"]),
        (&json!(false), &json!(4110), &json!("authority_unavailable"))
    );
    assert!(!is_known_as_verified(&app, &messages, PHONE));

    is_up.store(true, Ordering::Relaxed);
    let answer = card.send(&app, &token, "liveness/multi", ONE);
    assert_eq!((errors(&answer), flags(&answer)), (vec![], [true, true]), "{answer}");
    let all_is_well = json!({"isValid": true, "errorCode": null, "errorKey": null, "errorMessage": null});
    assert_eq!(answer["services"]["SRC"], all_is_well);
    assert!(is_known_as_verified(&app, &messages, PHONE));
    for question in office.requests() {
        let mut question = signed(&question);
        let name = question.as_object_mut().unwrap().remove("name").unwrap();
        assert!(name.is_null() || name.as_str().is_some_and(|name| !name.is_empty()));
        let birth = question.as_object_mut().unwrap().remove("birth_date").unwrap();
        assert!(birth.as_str().unwrap()[2..].replace('-', "").starts_with(&card.number[1..7]), "{birth}");
        let expected = json!({
            "authority": "cso", "tenant": "default", "id_number": card.number, "phone_number": PHONE,
        });
        assert_eq!(question, expected);
    }

    // The same card with a phone that the register does not know with it.
    let token = register(&app, &messages, OTHER_PHONE);
    let answer = send_all(&card, &app, &token, TWO);
    assert_eq!((errors(&answer), flags(&answer)), (vec![("NTRA", 4114)], [true, false]), "{answer}");
    assert_eq!(answer["services"]["SRC"]["errorKey"], "phone_number_of_another");
    assert!(!is_known_as_verified(&app, &messages, OTHER_PHONE));
}

#[test]
fn an_authority_that_comes_back_is_asked_again_by_itself_with_the_same_id() {
    let card = Card::draw();
    let is_up = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&is_up);
    let office = Receiver::start(move |_| {
        if asked.load(Ordering::Relaxed) { Reply::Json(r#"{"is_valid": true}"#) } else { Reply::Nothing }
    });
    let messages = Receiver::willing();
    let folder = Folder::with(&messages, |folder| settings(folder, &office, &card));
    let mut server = folder.start();
    let app = App::of(&server);
    let token = register(&app, &messages, PHONE);
    let answer = send_all(&card, &app, &token, ONE);
    assert_eq!((errors(&answer), flags(&answer)), (vec![("CSO", 4110)], [true, false]), "{answer}");
    // What is still to be asked outlasts a kill.
    server.kill();
    is_up.store(true, Ordering::Relaxed);
    drop(server);
    let server = folder.start();
    let app = App::of(&server);
    wait_for(|| is_known_as_verified(&app, &messages, PHONE).then_some(()));
    let ids: Vec<String> =
        office.requests().iter().map(|question| question.headers["webhook-id"].clone()).collect();
    assert!(ids.len() >= 2 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}
