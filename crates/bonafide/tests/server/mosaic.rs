//! Mosaic's API, as an integrator's backend meets it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64URL};
use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::backend::{Backend, client, image, passport, token};
use crate::harness::{Answer, Server, photo, text, wait_for};

const NOT_FOUND: &str = "Session not found";
const UNAUTHORIZED: &str = "Access token is malformed, missing data, or expired";

trait Refusal {
    fn refused(self, status: u16) -> String;
}

impl Refusal for Answer {
    /// The text of an answer that is an error in the dialect's own shape.
    fn refused(self, status: u16) -> String {
        let body = self.expect(status);
        assert_eq!(body["error_code"], status, "{body}");
        assert_eq!(body["message"].as_array().unwrap().len(), 1, "{body}");
        body["message"][0].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_token_is_handed_out_to_a_client_and_to_nobody_else() {
    let server = Server::start();
    let (id, secret) = client(&server, "default", &[]);
    let grant = ("grant_type", "client_credentials");
    let own = [grant, ("client_id", &*id), ("client_secret", &*secret)];
    let resource = ("resource", "https://verify.identity.security");
    token(&server, &[&own[..], &[resource, ("scope", "anything")]].concat()).expect(200);
    let other = ("resource", "https://risk.identity.security");
    let nobody = "0".repeat(32);
    for (form, status, error) in [
        (vec![], 400, "invalid_request"),
        (vec![own[1], own[2]], 400, "invalid_request"),
        (vec![("grant_type", "password"), own[1], own[2]], 400, "unsupported_grant_type"),
        (vec![grant, own[1], own[2], own[1]], 400, "invalid_request"),
        (vec![grant, own[1], own[2], other], 400, "invalid_target"),
        (vec![grant], 401, "invalid_client"),
        (vec![grant, own[1]], 401, "invalid_client"),
        (vec![grant, own[1], ("client_secret", "wrong")], 401, "invalid_client"),
        (vec![grant, ("client_id", "unknown"), own[2]], 401, "invalid_client"),
        (vec![grant, ("client_id", &*nobody), own[2]], 401, "invalid_client"),
    ] {
        let refused = token(&server, &form).expect(status);
        assert_eq!(refused["error"], error, "{form:?}");
        assert!(refused["error_description"].is_string());
    }
    let http = Client::new();
    let url = format!("{}/oidc/token", server.url);
    let basic = |id: &str, secret: &str| http.post(&url).basic_auth(id, Some(secret));
    let answer = basic(&id, &secret).form(&[grant]).send().unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["cache-control"]),
        (200, &"no-store".parse().unwrap())
    );
    let wrong = basic(&id, "wrong").form(&[grant]).send().unwrap();
    assert!(
        wrong.status() == 401 && wrong.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic")
    );
    let both = Answer::of(basic(&id, &secret).form(&own).send().unwrap());
    assert_eq!(both.expect(400)["error"], "invalid_request");
    server.admin(&["client", "revoke", &id]);
    assert_eq!(token(&server, &own).expect(401)["error"], "invalid_client");
}

#[test]
fn a_token_ends_with_its_client_and_nothing_else_opens() {
    let server = Server::start();
    let (id, secret) = client(&server, "default", &[]);
    let backend = Backend::with(&server, (id.clone(), secret));
    backend.post("/verification", &json!({})).expect(200);
    let (head, signature) = backend.token.rsplit_once('.').unwrap();
    let (_, claims) = head.split_once('.').unwrap();
    let none = BASE64URL.encode(r#"{"alg":"none","typ":"at+jwt"}"#);
    let mut changed: Value = serde_json::from_slice(&BASE64URL.decode(claims).unwrap()).unwrap();
    assert_eq!(changed["client_id"], id.as_str());
    changed["exp"] = json!(9_999_999_999_i64);
    let header = backend.token.split('.').next().unwrap();
    let changed = format!("{header}.{}.{signature}", BASE64URL.encode(changed.to_string()));
    let key = server.client().key;
    for bad in ["", "nonsense", &format!("{head}."), &format!("{none}.{claims}."), &changed, &key] {
        let other = Backend { token: bad.to_owned(), http: Client::new(), url: backend.url.clone() };
        assert_eq!(other.post("/verification", &json!({})).refused(401), UNAUTHORIZED, "{bad}");
    }
    let plain = backend.http.post(format!("{}/verification", backend.url)).send().unwrap();
    assert!(plain.status() == 401 && plain.headers()["www-authenticate"] == "Bearer");
    server.admin(&["client", "revoke", &id]);
    assert_eq!(backend.post("/verification", &json!({})).refused(401), UNAUTHORIZED);
}

#[test]
fn a_session_opens_with_any_body_that_makes_sense() {
    let server = Server::start();
    let backend = Backend::of(&server);
    for base in ["", "/verify"] {
        let url = format!("{}{base}/api/v1/verification", server.url);
        let post = || backend.http.post(&url);
        let form = ("content-type", "application/x-www-form-urlencoded");
        for request in [
            post(),
            post().header(form.0, form.1),
            post().json(&json!({})),
            post().header(form.0, form.1).body(r#"{"time_to_live": "1h", "use_case": "unknown"}"#),
            post().json(&json!({"callback_url": "myapp://done", "state": "x", "mock_behavior": null})),
        ] {
            let made = backend.send(request).expect(200);
            assert_eq!(made["missing_images"], json!(["document_front", "document_back", "selfie"]));
            assert_eq!(text(&made, "start_token").len(), 32);
            assert!(text(&made, "expiration").ends_with('Z'));
            let id = text(&made, "session_id");
            assert_eq!(backend.result(id), json!({"session_id": id, "status": "pending"}));
            let refused = backend.image(id, "selfie", b"x").refused(400);
            assert!(refused.contains("not been started"), "{refused}");
        }
    }
    for (body, names) in [
        (json!([]), "JSON object"),
        (json!({"start": true}), "start"),
        (json!({"start": {"consent": {"granted": false, "document_id": "x"}}}), "start.consent.granted"),
        (json!({"start": {"consent": {"document_id": "x"}}}), "start.consent.granted"),
        (json!({"start": {"consent": {"granted": true}}}), "start.consent.document_id"),
        (json!({"time_to_live": "soon"}), "time_to_live"),
        (json!({"time_to_live": "0s"}), "time_to_live"),
        (json!({"time_to_live": 90}), "time_to_live"),
        (json!({"callback_url": "javascript://alert(1)"}), "callback_url"),
        (json!({"callback_url": "nonsense"}), "callback_url"),
        (json!({"state": "x".repeat(3_000)}), "state"),
        (json!({"customer_information": {"external_user_id": 7}}), "customer_information.external_user_id"),
        (json!({"mock_behavior": {}}), "sandbox"),
    ] {
        let refused = backend.post("/verification", &body).refused(400);
        assert!(refused.contains(names), "{body}: {refused}");
    }
    let broken = backend.http.post(format!("{}/verification", backend.url)).body("{");
    assert!(backend.send(broken).refused(400).contains("JSON object"));
    let auto = backend.post("/verification", &json!({"auto_start": true})).expect(200);
    assert_eq!(backend.result(text(&auto, "session_id"))["status"], "capturing");
    let consent = backend.get(&format!("/verification/{}/consent", text(&auto, "session_id"))).expect(200);
    assert_eq!(consent, json!({"consent_granted": false}));
    let id = backend.open(&json!({}));
    let consent = backend.get(&format!("/verification/{id}/consent")).expect(200);
    assert!(consent["consent_granted"] == true && text(&consent, "consent_date").ends_with('Z'));
}

/// A JPEG with an EXIF block that claims more than there is.
fn with_bad_exif(jpeg: &[u8]) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\xff\xff".to_vec();
    exif.extend([0xff; 200]);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

#[test]
fn a_bad_image_is_refused_and_not_kept() {
    let server = Server::start();
    let backend = Backend::of(&server);
    let id = backend.open(&json!({}));
    let good = photo("photo-person-b-2");
    let mut bomb = good.clone();
    // The size in the frame header, 65,535 pixels on each side.
    let frame = bomb.windows(2).position(|marker| marker == [0xff, 0xc0] || marker == [0xff, 0xc2]).unwrap();
    bomb[frame + 5..frame + 9].fill(0xff);
    for (bytes, says) in [
        (&b""[..], "empty"),
        (&b"%PDF-1.7"[..], "jpg"),
        (&photo("photo-32bit-png"), "jpg"),
        (&photo("photo-person-a-1"), "640 x 480"),
        (&good[..good.len() / 2], "damaged"),
        (&bomb, "pixels"),
    ] {
        let refused = backend.image(&id, "selfie", bytes).refused(400);
        assert!(refused.contains(says), "{says}: {refused}");
    }
    let with = |member: &str, value: Value| {
        let mut body = image("selfie", &good);
        body["image"][member] = value;
        backend.post(&format!("/verification/{id}/images"), &body)
    };
    for (member, value, says) in [
        ("content", json!("not base64!"), "image.content"),
        ("content", json!(7), "image.content"),
        ("content", Value::Null, "image.content"),
        ("format", json!("png"), "image.format"),
        ("image_type", json!("passport"), "image.image_type"),
        ("image_id", json!("a b"), "image.image_id"),
        ("capture_margins", json!({"top": 1}), "image.capture_margins.right"),
        ("capture_margins", json!({"top": 900, "right": 0, "bottom": 0, "left": 0}), "capture_margins"),
        ("capture_margins", json!({"top": -1, "right": 0, "bottom": 0, "left": 0}), "capture_margins.top"),
    ] {
        let refused = with(member, value).refused(400);
        assert!(refused.contains(says), "{member}: {refused}");
    }
    assert!(backend.post(&format!("/verification/{id}/images"), &json!({})).refused(400).contains("image"));
    let large = format!(r#"{{"image": "{}"}}"#, "A".repeat(15_000_000));
    let sent = backend.http.post(format!("{}/verification/{id}/images", backend.url)).body(large);
    backend.send(sent).refused(413);
    let images = || backend.get(&format!("/verification/{id}/images")).expect(200)["session_images"].clone();
    assert_eq!(images(), json!([]));
    // What can be looked at and not be used is kept, and does not count.
    let refused = backend.image(&id, "selfie", &photo("photo-no-face")).expect(200);
    let all = json!(["document_front", "document_back", "selfie"]);
    assert_eq!(refused, json!({"feedback": "face_not_found", "complete": false, "missing_images": all}));
    let taken =
        with("content", json!(format!("data:image/jpeg;base64,{}", BASE64.encode(with_bad_exif(&good)))));
    assert_eq!(taken.expect(200)["missing_images"], json!(["document_front", "document_back"]));
    let margins = json!({"top": 10, "right": 0.4, "bottom": 0, "left": 10});
    let cut = with("capture_margins", margins).expect(200);
    assert_eq!(cut["feedback"], "ok");
    let named = with("image_id", json!("selfie-7")).expect(200);
    assert_eq!(named["feedback"], "ok");
    let images = images();
    let told: Vec<_> =
        images.as_array().unwrap().iter().map(|image| (&image["rejected"], &image["original"])).collect();
    let (yes, no) = (&json!(true), &json!(false));
    assert_eq!(told, [(yes, yes), (no, yes), (no, yes), (no, no), (no, yes)]);
    assert_eq!(images[3]["original_id"], images[2]["id"]);
    assert_eq!(images[4]["id"], "selfie-7");
    let show = |format: &str| {
        let path = format!("{}/verification/{id}/images/selfie-7{format}", backend.url);
        backend.http.get(path).bearer_auth(&backend.token).send().unwrap()
    };
    let raw = show("");
    assert_eq!(raw.headers()["content-type"], "image/jpg");
    assert_eq!(raw.bytes().unwrap(), good);
    assert_eq!(BASE64.decode(show("?format=base64").text().unwrap()).unwrap(), good);
    assert_eq!(show("?format=png").status(), 400);
    assert_eq!(backend.get(&format!("/verification/{id}/images/unknown")).refused(404), "Image not found");
}

#[test]
fn a_passport_is_read_and_its_holder_told_from_others() {
    let server = Server::start();
    let backend = Backend::of(&server);
    let (front, number) = passport("photo-person-b-1");
    for (selfie, matching) in [("photo-person-b-2", "ALLOW"), ("photo-impostor-1", "DENY")] {
        let id = backend.open(&json!({}));
        let refused = backend.image(&id, "document_front", &photo("photo-no-face")).expect(200);
        assert_ne!(refused["feedback"], "ok");
        assert_eq!(refused["missing_images"], json!(["document_front", "document_back", "selfie"]));
        let taken = backend.image(&id, "document_front", &front).expect(200);
        assert_eq!(taken, json!({"feedback": "ok", "complete": false, "missing_images": ["selfie"]}));
        let taken = backend.image(&id, "selfie", &photo(selfie)).expect(200);
        assert_eq!(taken, json!({"feedback": "ok", "complete": true, "missing_images": []}));
        let result = backend.judged(&id);
        assert_eq!(result["status"], "complete", "{result}");
        assert_eq!(
            (&result["document"]["type"], &result["document"]["number"]),
            (&json!("passport"), &json!(number))
        );
        let checks = &result["checks"];
        assert_eq!(checks["biometric_matching"]["recommendation"], matching, "{result}");
        assert_eq!(result["recommendation"] == "DENY", matching == "DENY", "{result}");
        // Its dates may have passed by the time this runs; what it says twice agrees all the same.
        let reasons = checks["document_validation"]["reasons"].as_array().cloned().unwrap_or_default();
        assert!(reasons.iter().all(|reason| reason == "data_validation_failed"), "{result}");
    }
}

/// Sends the three images of a mock session.
fn fill(backend: &Backend, id: &str) {
    let kinds = ["document_front", "document_back", "selfie"];
    for (index, kind) in kinds.iter().enumerate() {
        let taken = backend.image(id, kind, &photo("photo-no-face")).expect(200);
        let rest: Vec<_> = kinds[index + 1..].to_vec();
        let expected = json!({"feedback": "ok", "complete": rest.is_empty(), "missing_images": rest});
        assert_eq!(taken, expected);
    }
}

const CHECKS: [&str; 7] = [
    "document_validation",
    "document_authentication",
    "document_liveness",
    "biometric_matching",
    "biometric_liveness",
    "flagged_identity",
    "risk_recommendation",
];

#[test]
fn a_mock_session_goes_all_the_way_in_both_forms() {
    let server = Server::start();
    let backend = Backend::sandbox(&server);
    let info = json!({
        "person_details": {"given_name": "Marie", "surname": "Curie", "gender": "F", "age": 36,
            "date_of_birth": "1867-11-07T00:00:00.000Z", "address": {"country": "POL", "city": "Warsaw"}},
        "document_details": {"type": "health_card", "country": "POL", "id_value": "123ABC"},
    });
    for recommendation in ["ALLOW", "CHALLENGE", "DENY"] {
        let id = backend.open(&json!({"mock_behavior": {"recommendation": recommendation, "info": info}}));
        assert_eq!(backend.result(&id)["status"], "capturing");
        fill(&backend, &id);
        let again = backend.image(&id, "selfie", &photo("photo-no-face")).refused(409);
        assert_eq!(again, "All required images were successfully submitted");
        let result = backend.judged(&id);
        assert_eq!(
            (&result["status"], &result["recommendation"]),
            (&json!("complete"), &json!(recommendation))
        );
        assert_eq!(result["person"]["gender"], "female");
        assert_eq!(result["document"], json!({"type": "health_card", "country": "PL", "number": "123ABC"}));
        assert_eq!(result["additional_info"]["address"], json!({"country": "POL", "city": "Warsaw"}));
        let said: BTreeSet<_> = CHECKS[..6]
            .iter()
            .map(|name| result["checks"][name]["recommendation"].as_str().unwrap())
            .collect();
        assert_eq!(said, BTreeSet::from(["ALLOW", recommendation]));
        assert_eq!(result["checks"]["risk_recommendation"], json!({"recommendation": "N/A"}));
        assert_eq!(result["verification_images"].as_array().unwrap().len(), 3);
        let detailed = backend.get(&format!("/verification/{id}/result?detailed=true")).expect(200);
        assert_eq!(detailed, result);
        let old = backend.get(&format!("/verification/{id}/result?detailed=false")).expect(200);
        let (named, other) = match recommendation {
            "ALLOW" => ("verified_info", "extracted_info"),
            _ => ("extracted_info", "verified_info"),
        };
        assert_eq!(old[named]["person"], info["person_details"]);
        assert_eq!(old[named]["document"], info["document_details"]);
        assert!(old.get(other).is_none() && old.get("checks").is_none());
        assert_eq!(old.get("rejection_description").is_none(), recommendation == "ALLOW");
        backend.get(&format!("/verification/{id}/result?detailed=yes")).refused(400);
    }
    let log = server.admin(&["audit", "--action", "session.conclude.mock"]);
    assert_eq!(log.as_array().unwrap().len(), 3);
}

#[test]
fn a_mock_session_processes_for_its_time_and_asks_again() {
    let server = Server::start();
    let backend = Backend::sandbox(&server);
    let mock = json!({"mock_recommendation": "DENY", "processing_time": "2s", "force_retry": true});
    let id = backend.open(&json!({ "mock_behavior": mock }));
    fill(&backend, &id);
    assert_eq!(backend.result(&id), json!({"session_id": id, "status": "processing"}));
    let old = backend.get(&format!("/verification/{id}/result?detailed=false")).expect(200);
    assert_eq!(old, json!({"session_id": id, "status": "processing"}));
    assert_eq!(backend.judged(&id), json!({"session_id": id, "status": "recapture"}));
    let taken = backend.image(&id, "document_front", &photo("photo-no-face")).expect(200);
    assert_eq!(taken["complete"], true);
    assert_eq!(backend.judged(&id)["recommendation"], "DENY");
    for bad in [
        json!({"recommendation": "PERHAPS"}),
        json!({"processing_time": "2h"}),
        json!({"force_retry": "yes"}),
        json!({"info": {"document_details": {"type": "library_card"}}}),
        json!({"info": {"person_details": {"full_name": "x".repeat(9_000)}}}),
    ] {
        let refused = backend.post("/verification", &json!({ "mock_behavior": bad })).refused(400);
        assert!(refused.contains("mock_behavior."), "{refused}");
    }
    // A passport has no back.
    let info = json!({"document_details": {"type": "passport"}});
    let id = backend.open(&json!({"mock_behavior": {"info": info}}));
    let taken = backend.image(&id, "document_front", &photo("photo-no-face")).expect(200);
    assert_eq!(taken["missing_images"], json!(["selfie"]));
}

#[test]
fn a_face_is_compared_with_a_photo_that_is_given() {
    let server = Server::start();
    let backend = Backend::of(&server);
    let reference = |id: &str| {
        let content = format!("data:image/jpeg;base64,{}", BASE64.encode(photo(id)));
        json!({"reference": {"type": "raw", "content": content, "format": "string"}, "use_case": "step-up"})
    };
    for (selfie, recommendation) in [("photo-person-b-2", "ALLOW"), ("photo-impostor-1", "DENY")] {
        let made = backend.post("/face-auth", &reference("photo-person-b-1")).expect(200);
        let ids = [text(&made, "session_id"), text(&made, "device_session_id")];
        for id in ids {
            assert_eq!(
                backend.get(&format!("/face-auth/{id}/result")).expect(200),
                json!({"status": "pending"})
            );
        }
        let path = format!("/face-auth/{}/images", ids[1]);
        backend.post(&path, &image("document_front", &photo(selfie))).refused(400);
        let taken = backend.post(&path, &image("selfie", &photo(selfie))).expect(200);
        assert_eq!(taken, json!({"feedback": "ok", "complete": true, "missing_images": []}));
        let judged = wait_for(|| {
            let now = backend.get(&format!("/face-auth/{}/result", ids[0])).expect(200);
            Some(now).filter(|now| now["status"] != "processing")
        });
        assert_eq!(judged, json!({"status": "complete", "recommendation": recommendation}));
        backend.get(&format!("/verification/{}/result", ids[0])).refused(404);
        backend.delete(&format!("/verification/{}", ids[0])).expect(200);
        backend.get(&format!("/face-auth/{}/result", ids[0])).refused(404);
    }
    for bad in [
        json!({}),
        json!({"reference": {"type": "url", "content": ""}}),
        json!({"reference": {"type": "raw", "content": "!"}}),
        json!({"reference": {"type": "raw", "content": ""}}),
        reference("photo-no-face"),
        json!({"reference": reference("photo-person-b-1")["reference"], "use_case": "fun"}),
    ] {
        backend.post("/face-auth", &bad).refused(400);
    }
}

#[test]
fn a_deleted_session_is_gone() {
    let server = Server::start();
    let backend = Backend::sandbox(&server);
    let id = backend.open(&json!({"mock_behavior": {}}));
    fill(&backend, &id);
    backend.judged(&id);
    backend.delete(&format!("/verification/{id}")).expect(200);
    for path in ["result", "images", "consent", "images/x"] {
        assert_eq!(backend.get(&format!("/verification/{id}/{path}")).refused(404), NOT_FOUND);
    }
    assert_eq!(backend.image(&id, "selfie", b"x").refused(404), NOT_FOUND);
    assert_eq!(backend.delete(&format!("/verification/{id}")).refused(404), NOT_FOUND);
    let blobs = server.data().join("blobs");
    let left = std::fs::read_dir(blobs)
        .unwrap()
        .flat_map(|tenant| std::fs::read_dir(tenant.unwrap().path()).unwrap());
    assert_eq!(left.count(), 0);
}

#[test]
fn no_route_shows_another_tenants_session_or_opens_without_a_token() {
    let server = Server::start();
    let owner = Backend::sandbox(&server);
    let tenant = text(&server.admin(&["tenant", "create", "--name", "other"]), "id").to_owned();
    let other = Backend::with(&server, client(&server, "other", &["--sandbox"]));
    let id = owner.open(&json!({"mock_behavior": {}, "state": "secret-state"}));
    fill(&owner, &id);
    owner.judged(&id);
    let images = owner.get(&format!("/verification/{id}/images")).expect(200);
    let shown = text(&images["session_images"][0], "id").to_owned();
    let document: Value =
        owner.http.get(format!("{}/openapi/mosaic.json", server.url)).send().unwrap().json().unwrap();
    let mut routes = 0;
    for (template, item) in document["paths"].as_object().unwrap() {
        if template == "/oidc/token" {
            continue;
        }
        for method in item.as_object().unwrap().keys() {
            routes += 1;
            let method: Method = method.to_uppercase().parse().unwrap();
            let path = template.replace("{sid}", &id).replace("{id}", &shown);
            assert!(!path.contains('{'), "a parameter that this test does not know: {template}");
            for base in ["", "/verify"] {
                let request = || owner.http.request(method.clone(), format!("{}{base}{path}", server.url));
                let nobody = Answer::of(request().send().unwrap());
                assert_eq!(nobody.refused(401), UNAUTHORIZED, "{method} {template}");
                let key = request().header("Truora-API-Key", server.client().key);
                assert_eq!(Answer::of(key.send().unwrap()).refused(401), UNAUTHORIZED, "{method} {template}");
                let theirs = other.send(request());
                assert!(!theirs.body.to_string().contains(&id), "{method} {template}: {}", theirs.body);
                if template.contains('{') {
                    assert_eq!(theirs.refused(404), NOT_FOUND, "{method} {template}");
                }
            }
        }
    }
    assert!(routes >= 10, "every route is described");
    // All of it is still there, and no other dialect shows it.
    assert_eq!(owner.result(&id)["status"], "complete");
    server.client().get(&format!("/v1/validations/VLD{id}")).expect_error(404);
    // A tenant that is revoked is out at once, one that is suspended is told so.
    server.admin(&["tenant", "suspend", &tenant]);
    assert_eq!(other.get(&format!("/verification/{id}/result")).refused(403), "Subscription inactive");
    server.admin(&["tenant", "revoke", &tenant]);
    assert_eq!(other.get(&format!("/verification/{id}/result")).refused(401), UNAUTHORIZED);
}
