//! The page of a session: which browser has it, and what it may do.

use std::time::Duration;

use app::{Browser, HostedPlace, Margins, NewImage, NewSession, OpenedSession, PageError};
use domain::{DocumentKind, DocumentSession, ImageKind, SESSION_TIME, SessionState};
use serde_json::Value;

use super::{ANOTHER, BACK, Bench, FRONT, NOBODY, new, photo};

const FIRST: Browser<'_> = Browser { secret: "first", address: None };
const PHONE: Browser<'_> = Browser { secret: "phone", address: None };
const OTHER: Browser<'_> = Browser { secret: "other", address: None };

impl Bench {
    /// A session that waits for its page, and the token in its address.
    async fn pending(&self) -> (DocumentSession, String) {
        let pending = NewSession { is_started: false, consent: None, ..new(None, None) };
        let opened = self.service.open_session(&self.caller, pending).await.unwrap();
        let OpenedSession { session, start_token: Some(token) } = opened else { panic!("no token") };
        (session, token)
    }

    async fn agree(&self, token: &str, browser: Browser<'_>) -> Result<(), PageError> {
        self.service.start_hosted_session(token, browser, "en", "2026-11").await
    }

    /// Sends a picture as the page does: the feedback.
    async fn show(
        &self,
        token: &str,
        browser: Browser<'_>,
        kind: ImageKind,
        id: &str,
    ) -> Result<bool, PageError> {
        let session = self.service.check_hosted_picture(token, browser, kind).await?;
        let image = NewImage {
            kind,
            bytes: photo(id).into(),
            margins: Margins::default(),
            name: None,
            device: Value::Null,
        };
        let receipt = self.service.add_image(self.service.admit().unwrap(), session, image).await;
        Ok(receipt.unwrap().fault.is_none())
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, PageError>) -> &'static str {
    match result.unwrap_err() {
        PageError::Unknown => "unknown",
        PageError::OtherBrowser => "other_browser",
        PageError::NoConsent => "no_consent",
        PageError::Over => "over",
        error => panic!("{error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_token_shows_its_page_to_all_until_somebody_agrees_and_starts_once() {
    let bench = Bench::new().await;
    let (session, token) = bench.pending().await;
    let service = &bench.service;
    assert_eq!(refused(service.show_hosted_session("unknown", FIRST).await), "unknown");
    // Programs look at links before people do: nothing is kept of it.
    for browser in [OTHER, FIRST, OTHER] {
        let page = service.show_hosted_session(&token, browser).await.unwrap();
        assert_eq!((page.session.id, page.session.state), (session.id, SessionState::Pending));
        assert_eq!((page.place, page.kept_days, page.attempts_left), (HostedPlace::First, 1, 3));
        let state = service.hosted_session(&token, browser).await.unwrap();
        assert_eq!(state.session.state, SessionState::Pending);
    }
    assert_eq!(bench.view(&session).await.consent, None);

    bench.wait(Duration::from_secs(7));
    bench.agree(&token, FIRST).await.unwrap();
    let view = bench.view(&session).await;
    assert_eq!(view.session.state, SessionState::Capturing);
    let consent = view.consent.unwrap();
    assert_eq!((consent.document.as_str(), consent.at), ("hosted page 2026-11, en", bench.now()));
    assert_eq!(refused(service.show_hosted_session(&token, OTHER).await), "other_browser");
    assert_eq!(refused(service.hosted_session(&token, OTHER).await), "other_browser");
    assert_eq!(refused(bench.agree(&token, OTHER).await), "other_browser");
    assert!(service.show_hosted_session(&token, FIRST).await.is_ok(), "it may be loaded again");
    // The answer was lost, and the button is pressed once more.
    bench.wait(Duration::from_secs(7));
    bench.agree(&token, FIRST).await.unwrap();
    assert_eq!(bench.view(&session).await.consent, Some(consent));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_browsers_that_agree_at_once_one_has_the_session() {
    let bench = Bench::new().await;
    for _ in 0..10 {
        let (_, token) = bench.pending().await;
        let (one, other) = tokio::join!(bench.agree(&token, FIRST), bench.agree(&token, OTHER));
        let (winner, loser, lost) = if one.is_ok() { (FIRST, OTHER, other) } else { (OTHER, FIRST, one) };
        assert_eq!(refused(lost), "other_browser");
        assert!(bench.service.hosted_session(&token, winner).await.is_ok());
        assert_eq!(refused(bench.service.hosted_session(&token, loser).await), "other_browser");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_handed_over_once_and_only_before_it_is_started() {
    let bench = Bench::new().await;
    let service = &bench.service;
    let (_, token) = bench.pending().await;
    // Who hands it over has the page.
    let unused = service.hand_over(&token, FIRST).await.unwrap();
    assert_eq!(refused(service.hand_over(&token, OTHER).await), "other_browser");
    assert_eq!(refused(service.show_hosted_session(&token, OTHER).await), "other_browser");
    let link = service.hand_over(&token, FIRST).await.unwrap();
    assert_eq!(refused(service.show_hosted_session(&unused, PHONE).await), "unknown");
    for browser in [OTHER, PHONE] {
        let page = service.show_hosted_session(&link, browser).await.unwrap();
        assert_eq!(page.place, HostedPlace::Second);
    }
    assert_eq!(service.hosted_session(&token, FIRST).await.unwrap().place, HostedPlace::First);
    assert_eq!(refused(service.hand_over(&link, PHONE).await), "over");
    bench.agree(&link, PHONE).await.unwrap();
    assert_eq!(refused(service.show_hosted_session(&link, OTHER).await), "other_browser");
    assert_eq!(refused(bench.agree(&link, OTHER).await), "other_browser");
    // The first page looks on, and does nothing more.
    assert_eq!(service.hosted_session(&token, FIRST).await.unwrap().place, HostedPlace::Left);
    assert_eq!(refused(bench.agree(&token, FIRST).await), "other_browser");
    assert_eq!(refused(service.hand_over(&token, FIRST).await), "other_browser");
    assert_eq!(refused(service.hand_over(&link, PHONE).await), "over");
    assert!(bench.show(&link, PHONE, ImageKind::DocumentFront, FRONT).await.unwrap());
    assert_eq!(refused(bench.show(&token, FIRST, ImageKind::DocumentBack, BACK).await), "other_browser");

    // Who went on by themselves has nothing to hand over, and a link from before opens nothing.
    let (_, token) = bench.pending().await;
    let link = service.hand_over(&token, FIRST).await.unwrap();
    bench.agree(&token, FIRST).await.unwrap();
    assert_eq!(refused(service.show_hosted_session(&link, PHONE).await), "other_browser");
    assert_eq!(refused(bench.agree(&link, PHONE).await), "other_browser");
    assert_eq!(refused(service.hand_over(&token, FIRST).await), "over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_sends_the_pictures_that_are_missing_and_no_selfie() {
    let bench = Bench::new().await;
    let (session, token) = bench.pending().await;
    let (front, back) = (ImageKind::DocumentFront, ImageKind::DocumentBack);
    assert_eq!(refused(bench.show(&token, FIRST, front, FRONT).await), "no_consent");
    assert_eq!(refused(bench.service.hosted_capture(&token, FIRST).await), "no_consent");
    bench.agree(&token, FIRST).await.unwrap();
    assert_eq!(refused(bench.show(&token, OTHER, front, FRONT).await), "other_browser");
    assert!(!bench.show(&token, FIRST, front, NOBODY).await.unwrap());
    assert!(bench.show(&token, FIRST, front, FRONT).await.unwrap());
    assert_eq!(refused(bench.show(&token, FIRST, front, FRONT).await), "over");
    assert!(bench.show(&token, FIRST, back, BACK).await.unwrap());
    // A photo is no live capture.
    assert_eq!(refused(bench.show(&token, FIRST, ImageKind::Selfie, ANOTHER).await), "over");
    assert_eq!(bench.view(&session).await.session.missing(), [ImageKind::Selfie]);
    // The same live capture as long as it has brought no selfie, for this browser alone.
    let capture = bench.service.hosted_capture(&token, FIRST).await.unwrap();
    assert_eq!(bench.service.hosted_capture(&token, FIRST).await.unwrap(), capture);
    assert_eq!(refused(bench.service.hosted_capture(&token, OTHER).await), "other_browser");
    assert_eq!(bench.service.may_scan(capture, FIRST).await.unwrap(), 3);
    assert_eq!(refused(bench.service.may_scan(capture, OTHER).await), "other_browser");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_ends_with_its_hour_and_with_its_session() {
    let bench = Bench::reading(DocumentKind::Passport).await;
    let service = &bench.service;
    let (session, token) = bench.pending().await;
    let (_, late) = bench.pending().await;
    let link = service.hand_over(&token, FIRST).await.unwrap();
    bench.wait(SESSION_TIME + Duration::from_millis(1));
    for (token, browser) in [(&token, FIRST), (&late, OTHER), (&link, PHONE)] {
        let page = service.show_hosted_session(token, browser).await.unwrap();
        assert_eq!(page.session.state, SessionState::Expired);
    }
    assert_eq!(refused(bench.agree(&token, FIRST).await), "over");
    assert_eq!(refused(service.hand_over(&token, FIRST).await), "over");
    for browser in [FIRST, OTHER] {
        let page = service.hosted_session(&late, browser).await.unwrap();
        assert_eq!(page.session.state, SessionState::Expired, "nobody has it");
        assert_eq!(refused(bench.agree(&late, browser).await), "over");
    }
    assert!(service.delete_session(&bench.caller, session.origin, session.id).await.unwrap());
    assert_eq!(refused(service.show_hosted_session(&token, FIRST).await), "unknown");
    assert_eq!(refused(service.show_hosted_session(&link, PHONE).await), "unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_refused_too_often_opens_no_page() {
    let bench = Bench::new().await;
    let mut captures = vec![];
    // Ten that were declined, as the judgement notes them.
    for _ in 0..10 {
        let (_, token) = bench.pending().await;
        bench.agree(&token, FIRST).await.unwrap();
        let capture = bench.service.hosted_capture(&token, FIRST).await.unwrap();
        bench.decline(capture).await;
        captures.push(capture);
    }
    let (_, token) = bench.pending().await;
    let opened = bench.service.show_hosted_session(&token, FIRST).await;
    assert!(matches!(opened, Err(PageError::Throttled { .. })), "{opened:?}");
    // Nor does who never looked at it.
    let agreed = bench.agree(&token, FIRST).await;
    assert!(matches!(agreed, Err(PageError::Throttled { .. })), "{agreed:?}");
    let scan = bench.service.may_scan(captures[0], FIRST).await;
    assert!(matches!(scan, Err(PageError::Throttled { .. })), "{scan:?}");
    assert!(bench.service.show_hosted_session(&token, OTHER).await.is_ok());
}
