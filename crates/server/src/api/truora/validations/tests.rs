use std::collections::BTreeMap;
use std::time::Duration;

use app::{Subject, Tenant};
use domain::{
    Attempt, Check, CheckName, ComparisonSignal, Deadline, Decision, Demand, EnrollmentId, Evidence,
    Judgement, Key, KeyId, KeyKind, Origin, Outcome, PhotoEvidence, Reason, Similarity, SubjectId,
    TemplateIds, TenantId, Verification,
};
use serde_json::{Value, json};

use super::*;
use crate::api::truora::testing::Bench;

/// What is kept of a decision that rests on `checks`.
pub(super) fn judgement(checks: Vec<Check>, similarity: Option<f32>) -> Judgement {
    let photo = PhotoEvidence { faces: 1, quality: None };
    let comparison = similarity.map(|similarity| ComparisonSignal {
        similarity: Similarity::clamped(similarity),
        cosine: 0.5,
        fmr_at_threshold: None,
    });
    Judgement {
        policy: "test".to_owned(),
        decision: None,
        checks,
        evidence: Evidence {
            reference: photo.clone(),
            selfie: photo,
            comparison,
            liveness: None,
            clip: None,
            search: None,
            speech: None,
        },
        templates: TemplateIds {
            model: String::new(),
            preprocessing: String::new(),
            calibration: String::new(),
        },
        models: BTreeMap::new(),
        at: Timestamp::from_millis(2_000),
    }
}

fn passed(name: CheckName) -> Check {
    Check { name, outcome: Outcome::Passed, reasons: vec![] }
}

fn view(state: VerificationState, judgement: Option<Judgement>) -> VerificationView {
    let tenant = TenantId::from_bytes([1; 16]);
    let subject = SubjectId::from_bytes([2; 16]);
    let at = Timestamp::from_millis;
    let is_pending = matches!(state, VerificationState::Capturing | VerificationState::Processing);
    let has_selfie = !matches!(state, VerificationState::Capturing | VerificationState::Expired);
    VerificationView {
        verification: Verification {
            id: VerificationId::from_bytes([0xab; 16]),
            tenant,
            subject,
            enrollment: Some(EnrollmentId::from_bytes([0xcd; 16])),
            origin: Origin::Truora,
            demand: Demand { similarity: Some(Similarity::clamped(0.65)), ..Demand::NOTHING },
            pages: None,
            state,
            attempt: Attempt { retry_of: None, remaining: 1, retry_ttl: Duration::from_secs(10) },
            created_at: at(0),
            deadline: Deadline(at(300_000)),
            submitted_at: has_selfie.then_some(at(1_000)),
            ended_at: (!is_pending).then_some(at(2_000)),
        },
        subject: Subject {
            id: subject,
            tenant,
            reference: "ana-1".to_owned(),
            profile: Value::Null,
            created_at: at(0),
            updated_at: at(0),
        },
        judgement,
        document: None,
        token: None,
        extra: json!({"version": 1, "ip_address": "192.0.2.1"}),
        is_retried: false,
        upload_link: None,
        page_links: app::PageLinks::default(),
    }
}

fn caller(kind: KeyKind) -> Caller {
    let tenant = TenantId::from_bytes([1; 16]);
    let at = Timestamp::from_millis(0);
    Caller {
        key: Key {
            id: KeyId::from_bytes([3; 16]),
            tenant,
            name: String::new(),
            kind,
            permissions: [].into(),
            subject: None,
            created_at: at,
            expires_at: None,
            revoked_at: None,
        },
        tenant: Tenant {
            id: tenant,
            name: String::new(),
            plan: String::new(),
            allowed_origins: vec![],
            similarity_floor_fmr: 1e-2,
            evidence_days: 0,
            created_at: at,
            suspended_at: None,
            revoked_at: None,
        },
        grant: "validations".to_owned(),
    }
}

fn rendered(view: &VerificationView, kind: KeyKind, now_ms: i64) -> Value {
    let validation = Validation::render(view, &caller(kind), Timestamp::from_millis(now_ms));
    // Through text, as it is sent: a value of its own would widen the scores.
    serde_json::from_str(&serde_json::to_string(&validation).unwrap()).unwrap()
}

fn declined() -> VerificationView {
    let differ =
        Check { name: CheckName::Similarity, outcome: Outcome::Failed, reasons: vec![Reason::FacesDiffer] };
    let judgement = judgement(vec![passed(CheckName::SelfieUsable), differ], Some(0.31));
    view(VerificationState::Concluded(Some(Decision::Deny)), Some(judgement))
}

#[test]
fn a_backend_sees_what_was_found() {
    assert_eq!(
        rendered(&declined(), KeyKind::Backend, 3_000),
        json!({
            "validation_id": format!("VLD{}", "ab".repeat(16)),
            "account_id": "ana-1",
            "type": "face-recognition",
            "validation_status": "failure",
            "failure_status": "declined",
            "declined_reason": "similarity_threshold_not_passed",
            "remaining_retries": 1,
            "threshold": 0.65,
            "creation_date": "1970-01-01T00:00:00.000Z",
            "processing_start_date": "1970-01-01T00:00:01.000Z",
            "processing_finish_date": "1970-01-01T00:00:02.000Z",
            "ip_address": "192.0.2.1",
            "details": {"face_recognition_validations": {
                "enrollment_id": format!("ENR{}", "cd".repeat(16)),
                "similarity_status": "failure",
                "confidence_score": 0.31,
                "passive_liveness_status": "not_performed",
                "speech_match_status": "not_performed",
                "face_search": {"status": "not_performed"},
            }},
        })
    );
}

#[test]
fn a_device_sees_the_outcome_and_no_score() {
    for kind in [KeyKind::Web, KeyKind::Sdk] {
        let seen = rendered(&declined(), kind, 3_000);
        assert_eq!(seen["declined_reason"], "similarity_threshold_not_passed");
        for hidden in ["threshold", "details", "validation_inputs", "user_response"] {
            assert_eq!(seen.get(hidden), None, "{hidden}");
        }
        assert!(!seen.to_string().contains("score"));
    }
}

#[test]
fn hooks_are_told_what_a_device_may_see() {
    let at = Timestamp::from_millis(2_000);
    let view = declined();
    let event = domain::Event {
        id: domain::EventId::from_bytes([9; 16]),
        tenant: view.verification.tenant,
        subject: view.subject.id,
        origin: Origin::Truora,
        kind: domain::EventKind::VerificationFailed,
        about: domain::About::Verification(view.verification.id),
        at,
    };
    let told = serde_json::to_value(ToldValidation::render(&view, &event)).unwrap();
    let mut shown = rendered(&view, KeyKind::Sdk, at.as_millis());
    shown["update_date"] = json!("1970-01-01T00:00:02.000Z");
    assert_eq!(told, shown);
    assert_eq!((&told["failure_status"], &told["type"]), (&json!("declined"), &json!("face-recognition")));
}

#[test]
fn each_end_has_its_reason() {
    let allowed = judgement(vec![passed(CheckName::Similarity)], Some(0.9));
    for (state, judged, failure, declined, expired) in [
        (VerificationState::Capturing, None, None, None, None),
        (VerificationState::Concluded(Some(Decision::Allow)), Some(allowed), None, None, None),
        (VerificationState::Concluded(None), None, Some("declined"), Some("face_validation_failed"), None),
        (VerificationState::Expired, None, Some("expired"), None, Some("input_file_not_uploaded")),
        (VerificationState::Failed, None, Some("system_error"), None, None),
    ] {
        let seen = rendered(&view(state, judged), KeyKind::Backend, 3_000);
        let word = |name: &str| seen.get(name).and_then(Value::as_str);
        assert_eq!(word("failure_status"), failure, "{state:?}");
        assert_eq!(word("declined_reason"), declined, "{state:?}");
        assert_eq!(word("expired_reason"), expired, "{state:?}");
        assert_eq!(seen.get("details").is_some(), state != VerificationState::Capturing, "{state:?}");
    }
}

#[test]
fn an_expired_validation_was_never_processed() {
    let seen = rendered(&view(VerificationState::Expired, None), KeyKind::Backend, 3_000);
    assert_eq!((seen.get("processing_start_date"), seen.get("processing_finish_date")), (None, None));
}

#[test]
fn attempts_remain_until_their_time_is_over() {
    let remaining = |view: &VerificationView, now_ms| {
        rendered(view, KeyKind::Backend, now_ms)["remaining_retries"].clone()
    };
    assert_eq!(remaining(&declined(), 12_000), 1);
    assert_eq!(remaining(&declined(), 12_001), 0);
    assert_eq!(remaining(&VerificationView { is_retried: true, ..declined() }, 12_000), 0);
    assert_eq!(remaining(&view(VerificationState::Capturing, None), 1_000), 1);
    assert_eq!(remaining(&view(VerificationState::Concluded(Some(Decision::Allow)), None), 3_000), 0);
    assert_eq!(remaining(&view(VerificationState::Expired, None), 12_000), 1, "it can be restored");
    assert_eq!(remaining(&view(VerificationState::Expired, None), 12_001), 0);
    assert_eq!(remaining(&view(VerificationState::Failed, None), 3_000), 0);
}

#[test]
fn each_question_has_its_answer() {
    let similar = passed(CheckName::Similarity);
    let copy = Check {
        name: CheckName::SelfieIsNew,
        outcome: Outcome::Borderline,
        reasons: vec![Reason::SelfieCopiesReference],
    };
    let live = passed(CheckName::Liveness);
    let new = passed(CheckName::SelfieIsNew);
    let asks = |similarity: bool, liveness| Demand {
        similarity: similarity.then(|| Similarity::clamped(0.65)),
        liveness,
        ..Demand::NOTHING
    };
    let ended = VerificationState::Concluded(Some(Decision::Challenge));
    for (state, demand, checks, similarity, liveness) in [
        (VerificationState::Processing, asks(true, true), vec![], "pending", "pending"),
        (VerificationState::Processing, asks(true, false), vec![], "pending", "not_performed"),
        (ended, asks(true, true), vec![similar.clone(), new, live.clone()], "success", "success"),
        (ended, asks(true, true), vec![similar, copy, live.clone()], "success", "failure"),
        (ended, asks(true, true), vec![live.clone()], "failure", "failure"),
        (ended, asks(false, true), vec![live], "not_performed", "failure"),
        (VerificationState::Failed, asks(true, false), vec![], "failure", "not_performed"),
    ] {
        let mut view = view(state, Some(judgement(checks, Some(0.9))));
        view.verification.demand = demand;
        let details = serde_json::to_value(Details::of(&view)).unwrap();
        let face = &details["face_recognition_validations"];
        assert_eq!(
            (&face["similarity_status"], &face["passive_liveness_status"]),
            (&json!(similarity), &json!(liveness))
        );
        assert_eq!(face.get("confidence_score").is_some(), demand.similarity.is_some());
    }
}

#[test]
fn a_look_into_the_blocklist_states_its_threshold() {
    let search = domain::SearchSignal {
        members: 200,
        left_out: 3,
        nearest: Some(Similarity::clamped(0.75)),
        threshold: Similarity::clamped(0.5),
        threshold_cosine: 0.3,
        fpir: domain::Fpir::STANDARD,
        is_measured: false,
        matched: Some(EnrollmentId::from_bytes([9; 16])),
    };
    let hit = Check {
        name: CheckName::Blocklist,
        outcome: Outcome::Failed,
        reasons: vec![Reason::FaceInBlocklist],
    };
    let mut judged = judgement(vec![passed(CheckName::SelfieUsable), hit], None);
    judged.evidence.search = Some(search);
    let mut view = view(VerificationState::Concluded(Some(Decision::Deny)), Some(judged));
    view.verification.demand.blocklist = Some(domain::Fpir::STANDARD);
    let wanted = json!({
        "status": "failure", "confidence_score": 0.75, "threshold": 0.5, "threshold_basis": "extrapolated",
        "fpir": 0.001, "gallery_size": 200, "gallery_left_out": 3,
    });
    let seen = rendered(&view, KeyKind::Backend, 3_000);
    assert_eq!(seen["declined_reason"], "face_in_blocklist");
    assert_eq!(seen["details"]["face_recognition_validations"]["face_search"], wanted);
    assert!(!seen.to_string().contains("0909"), "the other person is named to nobody");

    view.verification.demand.similarity = None;
    view.verification.enrollment = None;
    let seen = rendered(&view, KeyKind::Backend, 3_000);
    assert_eq!((&seen["type"], &seen["details"]), (&json!("face-search"), &json!({"face_search": wanted})));
    assert_eq!(rendered(&view, KeyKind::Web, 3_000).get("details"), None);
}

#[tokio::test]
async fn a_validation_waits_for_its_selfie() {
    let bench = Bench::new().await;
    let enrollment = bench.enrolled("ana-1").await;
    let created = bench.validation("ana-1", "&threshold=0.7&liveness=passive&timeout=60").await;
    assert_eq!(created.status, 201);
    let body = &created.body;
    assert_eq!((&body["validation_status"], &body["threshold"]), (&json!("pending"), &json!(0.7)));
    let link = body["instructions"]["file_upload_link"].as_str().unwrap();
    assert!(link.starts_with(&Bench::url("/v1/uploads/")));
    let path = format!("/v1/validations/{}", body["validation_id"].as_str().unwrap());
    let shown = bench.get(&path, &bench.backend).await.body;
    assert_eq!((shown.get("details"), shown.get("instructions")), (None, None));
    let detailed = bench.get(&format!("{path}?show_details=true"), &bench.backend).await.body;
    let face = &detailed["details"]["face_recognition_validations"];
    assert_eq!(face["enrollment_id"], enrollment);
    assert_eq!(
        (&face["similarity_status"], &face["passive_liveness_status"]),
        (&json!("pending"), &json!("pending"))
    );
    let of_account = bench.get(&format!("/v1/accounts/ana-1{}", &path[3..]), &bench.backend).await;
    assert_eq!(of_account.body, shown);
    for list in ["/v1/validations", "/v1/accounts/ana-1/validations"] {
        assert_eq!(bench.get(list, &bench.backend).await.body["validations"], json!([shown]));
    }
}

#[tokio::test]
async fn a_device_validates_its_own_person_and_sees_no_score() {
    let bench = Bench::new().await;
    bench.enrolled("ana-1").await;
    bench.enrolled("eva-2").await;
    let own = format!("{}&threshold=0.8", crate::api::truora::testing::CONSENT);
    let created = bench.post("/v1/validations", &bench.device, &own).await;
    assert_eq!((created.status, created.body["account_id"].as_str()), (201, Some("ana-1")));
    let path =
        format!("/v1/validations/{}?show_details=true", created.body["validation_id"].as_str().unwrap());
    let shown = bench.get(&path, &bench.device).await;
    assert_eq!(shown.status, 200);
    for hidden in ["threshold", "details", "validation_inputs"] {
        assert_eq!((created.body.get(hidden), shown.body.get(hidden)), (None, None), "{hidden}");
    }
    let other = bench.post("/v1/validations", &bench.device, &format!("{own}&account_id=eva-2")).await;
    assert_eq!((other.status, other.message()), (403, "Insufficient permissions"));
    let others = bench.validation("eva-2", "").await.body["validation_id"].as_str().unwrap().to_owned();
    assert_eq!(bench.get(&format!("/v1/validations/{others}"), &bench.device).await.status, 404);
}

#[tokio::test]
async fn only_a_declined_validation_is_tried_again() {
    let bench = Bench::new().await;
    bench.enrolled("ana-1").await;
    bench.put("/v1/config", &bench.backend, "validator=face-recognition&allowed_retries=1").await;
    let first = bench.validation("ana-1", "&liveness=passive").await.body;
    assert_eq!(first["remaining_retries"], 1);
    let id = first["validation_id"].as_str().unwrap();
    let again = format!("&liveness=passive&retry_of_id={id}");
    let refused = bench.validation("ana-1", &again).await;
    let message = "the validation cannot be retried: it has not been declined";
    assert_eq!((refused.status, refused.message()), (400, message));
    let mut tx = bench.store.begin().await.unwrap();
    let bare = id.strip_prefix("VLD").unwrap().parse().unwrap();
    let verification = tx.verification(bench.tenant.id, bare).await.unwrap().unwrap();
    let state = VerificationState::Concluded(Some(Decision::Deny));
    let ended_at = Some(bench.service.now());
    tx.save_verification(&Verification { state, ended_at, ..verification }).await.unwrap();
    tx.commit().await.unwrap();
    let second = bench.validation("ana-1", &again).await;
    assert_eq!((second.status, &second.body["remaining_retries"]), (201, &json!(0)));
    let third = bench.validation("ana-1", &again).await;
    assert_eq!(
        (third.status, third.message()),
        (400, "the validation cannot be retried: it has been retried already")
    );
}
