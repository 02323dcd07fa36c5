//! The live capture of a session over the real protocol: what it decides, and that one of its frames is the selfie.

use engine::presence::CameraClaims;
use lab::presence::{AttemptEnd, Conditions, Page, Player, Species};
use serde_json::json;

use crate::actors::{person_of, somebody};
use crate::backend::{Backend, passport};
use crate::harness::Server;
use crate::mosaic_page::{Browser, pending};

/// A camera that is told like any other.
fn conditions(path: domain::Path) -> Conditions {
    let camera = CameraClaims {
        label: "HD Webcam".to_owned(),
        automation: false,
        width: 640,
        height: 480,
        frame_rate: 30.0,
    };
    Conditions { path, camera, frame_rate: 14.0, delay_ms: (2.0, 1.0), seed: 1 }
}

/// Up to three attempts of `player` at the live capture of a page: whether one passed.
fn capture(server: &Server, browser: &Browser, player: &mut dyn Player, path: domain::Path) -> bool {
    let own = browser.url.strip_prefix(&server.url).unwrap();
    let page = Page::of_session(&server.url, own, browser.cookie.as_deref().unwrap());
    let ends = (0..3).map(|_| page.attempt(&conditions(path), player).unwrap());
    let mut outcomes = ends.map(|end| match end {
        AttemptEnd::Judged { outcome, .. } => outcome,
        end => panic!("{end:?}"),
    });
    outcomes.find(|outcome| outcome != "retry").is_some_and(|outcome| outcome == "passed")
}

/// A session that waits for its selfie, and the browser that has its page.
fn with_passport(server: &Server, backend: &Backend) -> (String, Browser, String) {
    let (id, token) = pending(backend, &json!({"callback_url": "https://shop.example/done", "state": "s"}));
    let mut browser = Browser::new(server, &format!("/verify/app/{token}"));
    browser.open("");
    browser.agree().expect(204);
    let (front, number) = passport("photo-person-b-2");
    let taken = browser.show("document_front", front).expect(200);
    assert_eq!(taken, json!({"feedback": "ok", "missing": ["selfie"]}));
    (id, browser, number)
}

#[test]
fn a_frame_of_the_live_capture_is_the_selfie_and_the_capture_answers_for_it() {
    let server = Server::start();
    let backend = Backend::of(&server);
    let (id, mut browser, number) = with_passport(&server, &backend);
    let mut person = person_of("photo-person-b-1", domain::Path::Flashes);
    let passed = capture(&server, &browser, &mut *person, domain::Path::Flashes);
    let result = backend.judged(&id);
    assert_eq!((&result["status"], &result["document"]["number"]), (&json!("complete"), &json!(number)));
    let liveness = &result["checks"]["biometric_liveness"];
    // An honest person may be unlucky three times, as it is measured. Then somebody looks.
    assert_eq!(liveness["recommendation"] == "ALLOW", passed, "{result}");
    assert_ne!(result["checks"]["biometric_matching"]["recommendation"], "DENY", "{result}");
    let kinds: Vec<_> =
        result["verification_images"].as_array().unwrap().iter().map(|one| &one["type"]).collect();
    assert!(kinds.contains(&&json!("selfie")), "{kinds:?}");
    let state = browser.state().expect(200);
    let callback = format!("https://shop.example/done?sessionId={id}&state=s");
    assert_eq!((&state["state"], &state["return_url"]), (&json!("done"), &json!(callback)));
    // Nothing of it is a badge, and its page is over.
    assert_eq!(server.admin(&["audit", "--action", "badge.issue"]), json!([]));
    let (status, html) = browser.open("?lang=en");
    assert!(status == 410 && html.contains("shop.example"), "{html}");
}

#[test]
fn a_photo_before_the_camera_leads_to_no_live_person() {
    let server = Server::start();
    let backend = Backend::of(&server);
    let (id, browser, _) = with_passport(&server, &backend);
    let mut photo = somebody(Species::StillPhoto, domain::Path::Fades, 0);
    assert!(!capture(&server, &browser, &mut *photo, domain::Path::Fades));
    let result = backend.judged(&id);
    assert_eq!(result["status"], "complete", "{result}");
    assert_ne!(result["recommendation"], "ALLOW", "{result}");
    assert_ne!(result["checks"]["biometric_liveness"]["recommendation"], "ALLOW", "{result}");
}
