use std::collections::BTreeMap;

use app::{EnrollmentThen, Occurrence, Parcel, Thing};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{
    About, EnrollmentFailure, EnrollmentId, EnrollmentState, Event, EventId, EventKind, SubjectId, Timestamp,
};
use serde_json::{Value, json};

use super::*;
use crate::api::truora::testing::{Answer, Bench};

const FORM: &str = "event_type=all&subscriber_type=web&subscriber_url=https://hooks.example.com/in?key=1";

async fn made(bench: &Bench, more: &str) -> Value {
    let answer = bench.post("/v1/hooks", &bench.backend, &format!("{FORM}{more}")).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body
}

fn path(hook: &Value) -> String {
    format!("/v1/hooks/{}", hook["hook_id"].as_str().unwrap())
}

#[tokio::test]
async fn a_hook_is_made_shown_listed_changed_and_deleted() {
    let bench = Bench::new().await;
    let more = "&subscriber_name=billing&subscriber_language=es&actions=created&actions=finished";
    let hook = made(&bench, more).await;
    let key = hook["signing_key"].as_str().unwrap();
    assert!(key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert!(hook["hook_id"].as_str().unwrap().starts_with("HOK"));
    assert_eq!(
        hook,
        json!({
            "hook_id": hook["hook_id"], "event_type": "all", "subscriber_type": "web",
            "subscriber_url": "https://hooks.example.com/in?key=1", "subscriber_name": "billing",
            "subscriber_language": "es", "status": "enabled", "actions": ["created", "finished"],
            "signing_key": key, "creation_date": "2027-01-15T08:00:00.000Z",
            "update_date": "2027-01-15T08:00:00.000Z",
        })
    );
    assert_eq!(bench.get(&path(&hook), &bench.backend).await.body, hook);
    let list = bench.get("/v1/hooks?limit=1", &bench.backend).await.body;
    assert_eq!((&list["hooks"], list.get("next")), (&json!([hook]), None));
    assert_eq!(list["self"], Bench::url("/v1/hooks?limit=1"));

    let change = "event_type=face_recognition.validation&status=disabled&actions=failed";
    let changed = bench.put(&path(&hook), &bench.backend, change).await;
    assert_eq!(changed.status, 200);
    let mut wanted = hook.clone();
    for (field, value) in [
        ("event_type", json!("face_recognition.validation")),
        ("status", json!("disabled")),
        ("disabled_reason", json!("owner")),
        ("actions", json!(["failed"])),
    ] {
        wanted[field] = value;
    }
    assert_eq!(changed.body, wanted);
    let url = "https://other.example.com/";
    let json = format!(r#"{{"status": "enabled", "subscriber_url": "{url}"}}"#);
    let changed = bench.put_json(&path(&hook), &bench.backend, &json).await.body;
    assert_eq!((&changed["status"], changed.get("disabled_reason")), (&json!("enabled"), None));
    assert_eq!((&changed["subscriber_url"], &changed["actions"]), (&json!(url), &json!(["failed"])));
    assert_eq!(changed["signing_key"], key);

    let deleted = bench.delete(&path(&hook), &bench.backend).await;
    assert_eq!((deleted.status, deleted.message()), (200, "Hook deleted successfully"));
    for answer in [
        bench.get(&path(&hook), &bench.backend).await,
        bench.delete(&path(&hook), &bench.backend).await,
        bench.put(&path(&hook), &bench.backend, "status=enabled").await,
    ] {
        assert_eq!((answer.status, answer.message()), (404, "The hook was not found"));
    }
}

#[tokio::test]
async fn another_tenants_hook_does_not_exist() {
    let bench = Bench::new().await;
    let hook = made(&bench, "").await;
    assert_eq!(bench.get("/v1/hooks", &bench.other).await.body["hooks"], json!([]));
    for answer in [
        bench.get(&path(&hook), &bench.other).await,
        bench.put(&path(&hook), &bench.other, "status=disabled").await,
        bench.delete(&path(&hook), &bench.other).await,
    ] {
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!(10404)));
    }
    assert_eq!(bench.get(&path(&hook), &bench.backend).await.body, hook);
}

#[tokio::test]
async fn only_a_whole_backend_has_hooks() {
    let bench = Bench::new().await;
    let hook = made(&bench, "").await;
    for form in [
        "key_type=web&account_id=ana-1",
        "key_type=sdk&account_id=ana-1",
        "key_type=generator",
        "key_type=backend&key_name=one&account_id=ana-1",
    ] {
        let key = bench.key(form).await;
        let answers: [Answer; 5] = [
            bench.post("/v1/hooks", &key, FORM).await,
            bench.get("/v1/hooks", &key).await,
            bench.get(&path(&hook), &key).await,
            bench.put(&path(&hook), &key, "status=disabled").await,
            bench.delete(&path(&hook), &key).await,
        ];
        for answer in answers {
            assert_eq!((answer.status, answer.message()), (403, "Insufficient permissions"), "{form}");
        }
    }
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    let bench = Bench::new().await;
    let hook = made(&bench, "").await;
    let to = |url: &str| format!("event_type=all&subscriber_type=web&subscriber_url={url}");
    let inside = "subscriber_url must not name an address that is not public: the operator can allow one";
    let cases: Vec<(String, &str)> = vec![
        (String::new(), "event_type is required"),
        ("event_type=all".to_owned(), "subscriber_type is required"),
        ("event_type=all&subscriber_type=web".to_owned(), "subscriber_url is required"),
        (FORM.replace("=all", "=check"), "event_type must be one of all, face_recognition.enrollment"),
        (FORM.replace("=web", "=email"), "subscriber_type is not available on this server: only web is"),
        (FORM.replace("=web", "=pigeon"), "subscriber_type must be one of web, email"),
        (format!("{FORM}&status=asleep"), "status must be one of enabled, disabled"),
        (format!("{FORM}&actions=created&actions=eaten"), "actions must be one of created, started"),
        (format!("{FORM}&actions=started"), "actions must name more than started"),
        (to("ftp://hooks.example.com"), "subscriber_url must be an absolute http or https URL"),
        (to("hooks.example.com/in"), "subscriber_url must be an absolute http or https URL"),
        (to("https://me:secret@hooks.example.com"), "subscriber_url must be a URL without user and password"),
        (to("http://127.0.0.1/"), inside),
        (to("http://2130706433/"), inside),
        (to("http://[::1]:9000/"), inside),
        (to("http://[::ffff:10.0.0.1]/"), inside),
        (to("http://169.254.169.254/latest/meta-data"), inside),
    ];
    for (form, message) in cases {
        let refused = bench.post("/v1/hooks", &bench.backend, &form).await;
        assert_eq!(refused.status, 400, "{form}");
        assert!(refused.message().starts_with(message), "{form}: {}", refused.message());
        assert!(!refused.message().contains("secret"));
        if form.contains("subscriber_url=") {
            assert_eq!(bench.put(&path(&hook), &bench.backend, &form).await.status, 400, "{form}");
        }
    }
    assert_eq!(bench.get(&path(&hook), &bench.backend).await.body, hook);
}

#[tokio::test]
async fn a_tenant_has_a_bounded_number_of_hooks() {
    let bench = Bench::new().await;
    for _ in 0..20 {
        made(&bench, "").await;
    }
    let refused = bench.post("/v1/hooks", &bench.backend, FORM).await;
    assert_eq!(refused.status, 409);
    assert!(refused.message().starts_with("there are 20 hooks already"), "{}", refused.message());
    assert_eq!(bench.post("/v1/hooks", &bench.other, FORM).await.status, 201);
}

fn occurrence(kind: EventKind, state: Option<EnrollmentState>) -> Occurrence {
    let id = EnrollmentId::from_bytes([0xcd; 16]);
    let subject = app::Subject {
        id: SubjectId::from_bytes([2; 16]),
        tenant: domain::TenantId::from_bytes([1; 16]),
        reference: "ana-1".to_owned(),
        profile: json!({"first_name": "Ana"}),
        created_at: Timestamp::from_millis(0),
        updated_at: Timestamp::from_millis(0),
    };
    let event = Event {
        id: EventId::from_bytes([0xab; 16]),
        tenant: subject.tenant,
        subject: subject.id,
        origin: Origin::Truora,
        kind,
        about: About::Enrollment(id),
        at: Timestamp::from_millis(3_000),
    };
    let then = EnrollmentThen { id, subject, state, created_at: Timestamp::from_millis(1_000) };
    Occurrence { event, thing: Thing::Enrollment(then) }
}

#[tokio::test]
async fn the_body_is_a_jwt_with_the_vendors_envelope() {
    let bench = Bench::new().await;
    let hook = made(&bench, "").await;
    let id = hook["hook_id"].as_str().unwrap().strip_prefix("HOK").unwrap().parse().unwrap();
    let caller = bench.service.authenticate(&bench.backend).await.unwrap();
    let view = bench.service.hook(&caller, STYLE, id).await.unwrap().unwrap();
    let failed = Some(EnrollmentState::Failed(EnrollmentFailure::NoFace));
    let occurrence = occurrence(EventKind::EnrollmentFailed, failed);
    let now = Timestamp::from_millis(9_999);
    let parcel = Parcel { hook: view.hook, keys: view.keys, occurrence, now };
    let chosen = BTreeMap::from([("face_recognition.enrollment".to_owned(), "enrollment".to_owned())]);
    for (names, event_type) in
        [(EventNames::default(), "face_recognition.enrollment"), (EventNames::new(&chosen), "enrollment")]
    {
        let letter = (tell::WEBHOOKS.write)(&parcel, &names).unwrap();
        assert_eq!(letter.headers, [("content-type", "text/plain; charset=utf-8".to_owned())]);
        let parts: Vec<&str> = letter.body.split('.').collect();
        let [header, claims, signature] = parts[..] else { panic!("{}", letter.body) };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
        let header: Value = serde_json::from_slice(&decode(header)).unwrap();
        assert_eq!(header, json!({"typ": "JWT", "alg": "HS256"}));
        let claims: Value = serde_json::from_slice(&decode(claims)).unwrap();
        assert_eq!(
            claims,
            json!({
                "events": [{
                    "event_action": "failed", "event_type": event_type, "id": format!("HKE{}", "ab".repeat(16)),
                    "object": {
                        "enrollment_id": format!("ENR{}", "cd".repeat(16)), "account_id": "ana-1",
                        "type": "face-recognition", "validation_type": "face-recognition",
                        "status": "failure", "reason": "no_face_detected",
                        "creation_date": "1970-01-01T00:00:01.000Z", "update_date": "1970-01-01T00:00:03.000Z",
                    },
                    "timestamp": "1970-01-01T00:00:03.000Z", "version": "1.0",
                }],
                "iat": 9, "iss": "Truora",
            })
        );
        let key = aws_lc_rs::hmac::Key::new(
            aws_lc_rs::hmac::HMAC_SHA256,
            hook["signing_key"].as_str().unwrap().as_bytes(),
        );
        let (signed, _) = letter.body.rsplit_once('.').unwrap();
        assert!(aws_lc_rs::hmac::verify(&key, signed.as_bytes(), &decode(signature)).is_ok());
    }
}

#[test]
fn an_enrollment_is_told_of_as_it_was() {
    for (kind, state, action, status, reason) in [
        (
            EventKind::EnrollmentCreated,
            Some(EnrollmentState::AwaitingReference),
            "created",
            json!("pending"),
            json!("waiting_file_upload"),
        ),
        (
            EventKind::EnrollmentSucceeded,
            Some(EnrollmentState::Enrolled),
            "succeeded",
            json!("success"),
            Value::Null,
        ),
        (EventKind::EnrollmentFailed, None, "failed", json!("failure"), Value::Null),
        (EventKind::EnrollmentDeleted, None, "enrollment_deleted", Value::Null, Value::Null),
    ] {
        let told = (tell::WEBHOOKS.tell)(&occurrence(kind, state), &EventNames::default()).unwrap();
        assert_eq!(told.kind, format!("face_recognition.enrollment.{action}"));
        assert_eq!((&told.data["status"], &told.data["reason"]), (&status, &reason), "{action}");
        assert!(!told.data.to_string().contains("Ana"), "a profile is told to nobody");
    }
}
