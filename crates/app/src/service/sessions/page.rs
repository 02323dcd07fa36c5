//! The hosted page of a session: which browser has it, what its person agreed to, and what has yet to come.
//!
//! The token of a session shows its page to whoever opens it, and nothing is kept of that: programs look at links before
//! people do. The first browser whose person agrees, or hands the session over, keeps the page. From there the session can
//! go on once in another browser, as that of a phone, as long as nobody has agreed to anything. What comes afterwards is
//! taken from the browser alone that has it then.

use std::time::Duration;

use domain::{
    Attempt, Demand, DocumentSession, ImageKind, Refused, SessionCommand, SessionState, Timestamp,
    Verification, VerificationId, VerificationState,
};
use serde_json::{Value, json};
use store::{Digest, SessionPage, StoreError, Tenant, Tx};

use super::images::ImageError;
use super::{Consent, Service, Terms};
use crate::service::limits::network;
use crate::service::presence::open::uuid_bytes;
use crate::service::presence::page::{Browser, KEPT_DAYS, PageError, device, running};
use crate::service::presence::{ATTEMPTS, PresenceState, Terms as PresenceTerms};
use crate::{OpenError, ServiceError};

/// What the page of a session shows.
#[derive(Debug, Clone, PartialEq)]
pub struct HostedSession {
    /// The session. Its state says that it has expired as soon as it has.
    pub session: DocumentSession,
    /// Who asks, where the dialect knows no other name.
    pub tenant_name: String,
    /// What only the dialect reads.
    pub extra: Value,
    /// After so many days at most everything is erased.
    pub kept_days: u32,
    /// Goes at the live capture that are left.
    pub attempts_left: u8,
    /// Whether no live capture follows, and there is no selfie: the session cannot be finished.
    pub is_stuck: bool,
    /// Which of its pages this is.
    pub place: HostedPlace,
}

/// Which page of a session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostedPlace {
    /// That of its start token. It can be handed over until somebody agreed.
    First,
    /// That of its start token, after it was handed over.
    Left,
    /// The one to which it was handed over.
    Second,
}

/// A session whose page was asked for.
struct Found {
    page: SessionPage,
    session: DocumentSession,
    tenant: Tenant,
    terms: Terms,
    place: HostedPlace,
}

impl Found {
    /// The page, where the session has not gone on to another one.
    fn here(self) -> Result<Self, PageError> {
        if self.place == HostedPlace::Left { Err(PageError::OtherBrowser) } else { Ok(self) }
    }

    fn is_open(&self, now: Timestamp) -> bool {
        self.session.state == SessionState::Pending && !self.session.deadline.has_passed(now)
    }
}

const A_DAY: Duration = Duration::from_hours(24);

impl Service {
    /// Shows the page of a session to a browser: to every one until one of them has it. Keeps nothing.
    ///
    /// # Errors
    /// [`PageError::Unknown`], [`PageError::OtherBrowser`] or [`PageError::Throttled`].
    pub async fn show_hosted_session(
        &self,
        token: &str,
        browser: Browser<'_>,
    ) -> Result<HostedSession, PageError> {
        // One state: somebody else may take the page in between.
        let mut tx = self.store().read().await?;
        let found = self.shown_hosted(&mut tx, token, browser).await?;
        if found.page.browser.is_none() && found.is_open(self.now()) {
            let own = self.browser_digest(found.page.tenant, browser).await?;
            self.check_browser(&mut tx, &found.session, own, browser).await?;
        }
        self.hosted(&mut tx, found).await
    }

    /// How far a session is, for a browser that may see one of its pages.
    ///
    /// # Errors
    /// [`PageError::Unknown`] or [`PageError::OtherBrowser`].
    pub async fn hosted_session(
        &self,
        token: &str,
        browser: Browser<'_>,
    ) -> Result<HostedSession, PageError> {
        // One state: somebody else may take the page in between.
        let mut tx = self.store().read().await?;
        let found = self.shown_hosted(&mut tx, token, browser).await?;
        self.hosted(&mut tx, found).await
    }

    /// Starts the session of a page: its person agreed to the text of version `text`, shown in `language`. The page is this
    /// browser's from here on.
    ///
    /// # Errors
    /// [`PageError`].
    pub async fn start_hosted_session(
        &self,
        token: &str,
        browser: Browser<'_>,
        language: &str,
        text: &str,
    ) -> Result<(), PageError> {
        let mut tx = self.store().begin().await?;
        let found = self.take_hosted(&mut tx, token, browser).await?.here()?;
        let now = self.now();
        let next = match found.session.apply(SessionCommand::Start, now) {
            Ok(next) => next,
            // The answer to the first time was lost.
            Err(Refused::NotNow) if found.session.may_take(now).is_ok() => return Ok(()),
            Err(Refused::Closed | Refused::TooLate | Refused::NotNow) => return Err(PageError::Over),
        };
        let consent = Consent { document: format!("hosted page {text}, {language}"), at: now };
        let terms = Terms { consent: Some(consent), ..found.terms };
        let terms = serde_json::to_value(&terms).map_err(ServiceError::Terms)?;
        tx.save_session(&next).await?;
        tx.save_session_terms(&next, &terms).await?;
        Ok(tx.commit().await?)
    }

    /// Makes the token of a page on which another browser may go on with a session that nobody has started. An earlier
    /// one that was not used opens nothing any more. The page from which it is handed over is this browser's from here on.
    ///
    /// # Errors
    /// [`PageError::Over`] where it cannot be handed over from this page, or cannot any more.
    pub async fn hand_over(&self, token: &str, browser: Browser<'_>) -> Result<String, PageError> {
        let next = hex::encode(self.id()?);
        let digest = self.start_digest(&next).await?;
        let mut tx = self.store().begin().await?;
        let found = self.take_hosted(&mut tx, token, browser).await?.here()?;
        let is_allowed = found.place == HostedPlace::First && found.is_open(self.now());
        if !is_allowed || !tx.insert_session_page(&found.session, digest, true, None).await? {
            return Err(PageError::Over);
        }
        tx.commit().await?;
        Ok(next)
    }

    /// The session for which a page may send a picture of `kind` now: to be asked before the body is read.
    ///
    /// # Errors
    /// [`PageError::Over`] for a picture that is not asked for: a selfie is a frame of the live capture.
    pub async fn check_hosted_picture(
        &self,
        token: &str,
        browser: Browser<'_>,
        kind: ImageKind,
    ) -> Result<DocumentSession, PageError> {
        let mut tx = self.store().look().await?;
        let found = self.own_hosted(&mut tx, token, browser).await?.here()?;
        match self.has_room(&mut tx, &found.session).await {
            Ok(()) => (),
            Err(ImageError::NotStarted) => return Err(PageError::NoConsent),
            Err(ImageError::Service(error)) => return Err(error.into()),
            Err(_) => return Err(PageError::Over),
        }
        if kind == ImageKind::Selfie || !found.session.missing().contains(&kind) {
            return Err(PageError::Over);
        }
        Ok(found.session)
    }

    /// The live capture of which a frame is to be the session's selfie. The first is opened here, and another where the
    /// selfie was asked for again.
    ///
    /// # Errors
    /// [`PageError`].
    pub async fn hosted_capture(
        &self,
        token: &str,
        browser: Browser<'_>,
    ) -> Result<VerificationId, PageError> {
        let mut tx = self.store().begin().await?;
        let found = self.own_hosted(&mut tx, token, browser).await?.here()?;
        let now = self.now();
        match found.session.may_take(now) {
            Ok(()) if found.session.taken.selfie.is_none() => (),
            Err(Refused::NotNow) => return Err(PageError::NoConsent),
            Ok(()) | Err(Refused::Closed | Refused::TooLate) => return Err(PageError::Over),
        }
        if let Some(id) = found.page.presence {
            return Ok(id);
        }
        let (session, own) = (&found.session, found.page.browser.ok_or(PageError::OtherBrowser)?);
        let verification = Verification {
            id: VerificationId::from_bytes(uuid_bytes(self.id()?)),
            tenant: session.tenant,
            subject: session.subject,
            enrollment: None,
            origin: session.origin,
            demand: Demand { presence: true, ..Demand::NOTHING },
            pages: None,
            state: VerificationState::Capturing,
            attempt: Attempt { retry_of: None, remaining: 0, retry_ttl: Duration::ZERO },
            created_at: now,
            deadline: session.deadline,
            submitted_at: None,
            ended_at: None,
        };
        let terms = PresenceTerms {
            key: None,
            session: Some(session.id),
            is_demo: session.is_mock,
            return_url: None,
            subject: None,
        };
        let terms = serde_json::to_value(&terms).map_err(ServiceError::Terms)?;
        tx.insert_verification(&verification, &terms).await?;
        tx.insert_capture(&verification, own, now).await?;
        // No frame is kept but the selfie, which is the session's.
        let receipt = json!({"consent": found.terms.consent, KEPT_DAYS: 0});
        tx.save_consent(&verification, &receipt).await?;
        let network = browser.address.map(network);
        tx.insert_attempt(&verification, Some(device(&own)), network.as_deref()).await?;
        tx.save_session_presence(session.id, Some(verification.id)).await?;
        tx.commit().await?;
        Ok(verification.id)
    }

    /// The page, for the browser that has it.
    async fn own_hosted(&self, tx: &mut Tx, token: &str, browser: Browser<'_>) -> Result<Found, PageError> {
        let found = self.shown_hosted(tx, token, browser).await?;
        match found.page.browser {
            Some(_) => Ok(found),
            None if found.is_open(self.now()) => Err(PageError::NoConsent),
            None => Err(PageError::Over),
        }
    }

    /// The page, for the browser that has it or that may yet have it.
    async fn shown_hosted(&self, tx: &mut Tx, token: &str, browser: Browser<'_>) -> Result<Found, PageError> {
        let found = self.any_hosted(tx, token).await?;
        let own = self.browser_digest(found.page.tenant, browser).await?;
        match found.page.browser {
            Some(known) if known == own => Ok(found),
            Some(_) => Err(PageError::OtherBrowser),
            None => match self.now_of(&found.session).state {
                SessionState::Pending | SessionState::Expired => Ok(found),
                // It went on from its other page.
                _ => Err(PageError::OtherBrowser),
            },
        }
    }

    /// The page, for the browser that has it. One that nobody has becomes this browser's, in the writing transaction `tx`:
    /// of two that come at once the second sees the first.
    async fn take_hosted(&self, tx: &mut Tx, token: &str, browser: Browser<'_>) -> Result<Found, PageError> {
        let found = self.shown_hosted(tx, token, browser).await?;
        if found.page.browser.is_some() {
            return Ok(found);
        }
        if !found.is_open(self.now()) {
            return Err(PageError::Over);
        }
        let own = self.browser_digest(found.page.tenant, browser).await?;
        self.check_browser(tx, &found.session, own, browser).await?;
        let token = found.page.token;
        let is_taken = if found.page.is_hand_over {
            tx.take_session_page(token, own).await?
        } else {
            tx.take_start_token(token).await?.is_some()
                && tx.insert_session_page(&found.session, token, false, Some(own)).await?
        };
        if !is_taken {
            return Err(PageError::OtherBrowser);
        }
        Ok(Found { page: SessionPage { browser: Some(own), ..found.page }, ..found })
    }

    /// The page of a token, whoever has it.
    async fn any_hosted(&self, tx: &mut Tx, token: &str) -> Result<Found, PageError> {
        let token = self.start_digest(token).await?;
        if let Some(page) = tx.session_page(token).await? {
            return self.find_hosted(tx, page).await;
        }
        let session = tx.session_of_start_token(token).await?.ok_or(PageError::Unknown)?;
        let (session, tenant) = (session.id, session.tenant);
        let page = SessionPage { token, session, tenant, is_hand_over: false, browser: None, presence: None };
        self.find_hosted(tx, page).await
    }

    async fn find_hosted(&self, tx: &mut Tx, page: SessionPage) -> Result<Found, PageError> {
        let tenant = tx.tenant(page.tenant).await?.ok_or(PageError::Unknown)?;
        if tenant.revoked_at.is_some() || tenant.suspended_at.is_some() {
            return Err(PageError::Unknown);
        }
        let session = tx.session(page.tenant, page.session).await?.ok_or(PageError::Unknown)?;
        let terms = match Self::session_terms(tx, &session).await {
            // It is being erased.
            Err(ServiceError::Store(StoreError::ErasedSubject)) => return Err(PageError::Unknown),
            terms => terms?,
        };
        let place = if page.is_hand_over {
            HostedPlace::Second
        } else if tx.is_handed_over(session.id).await? {
            HostedPlace::Left
        } else {
            HostedPlace::First
        };
        Ok(Found { page, session, tenant, terms, place })
    }

    async fn hosted(&self, tx: &mut Tx, found: Found) -> Result<HostedSession, PageError> {
        let Found { page, session, tenant, terms, place } = found;
        let now = self.now();
        let end = tx.subject_erased_after(session.tenant, session.subject).await?.unwrap_or(now);
        let kept = end.since(session.created_at).as_secs().div_ceil(A_DAY.as_secs());
        let mut attempts_left = ATTEMPTS;
        let mut is_stuck = false;
        if let Some(id) = page.presence {
            let scans = tx.scans(id).await?;
            attempts_left = ATTEMPTS.saturating_sub(u8::try_from(scans.len()).unwrap_or(ATTEMPTS));
            let capture = tx.verification(session.tenant, id).await?;
            let has_ended = capture.is_none_or(|one| PresenceState::of(&one, now) != PresenceState::Open);
            // The last go was lost with its process.
            let is_lost = attempts_left == 0 && running(&scans, now).is_none();
            is_stuck = (has_ended || is_lost) && session.taken.selfie.is_none();
        }
        Ok(HostedSession {
            tenant_name: tenant.name,
            extra: terms.extra,
            kept_days: u32::try_from(kept).unwrap_or(u32::MAX),
            attempts_left,
            is_stuck,
            place,
            session: self.now_of(&session),
        })
    }

    /// Refuses a browser or an address that was refused too often.
    async fn check_browser(
        &self,
        tx: &mut Tx,
        session: &DocumentSession,
        own: Digest,
        browser: Browser<'_>,
    ) -> Result<(), OpenError> {
        let network = browser.address.map(network);
        let whose = (session.tenant, session.subject);
        self.check_attempts(tx, whose, Some(device(&own)), network.as_deref(), None).await
    }
}
