//! The hosted page: which browser has it, what its person agreed to, and how far it is.

use std::net::IpAddr;
use std::time::Duration;

use domain::{KeyId, ScanState, TenantId, Timestamp, Verification, VerificationId};
use serde_json::json;
use store::{Capture, Digest, ScanRow, Tenant, Tx};

use super::super::limits::network;
use super::{ATTEMPTS, PresenceState, Service, Terms};
use crate::{OpenError, ServiceError};

/// A scan of which nothing was heard for so long is lost: none lasts longer.
pub(super) const LONGEST_SCAN: Duration = Duration::from_secs(75);

/// Of a consent's receipt: for how many days the person was told that pictures are kept.
pub(crate) const KEPT_DAYS: &str = "kept_days";

/// What a page shows at its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturePage {
    /// The verification.
    pub id: VerificationId,
    /// How far it is.
    pub state: PresenceState,
    /// Goes that are left.
    pub attempts_left: u8,
    /// Who asks.
    pub tenant_name: String,
    /// Origins whose pages may show this page in a frame.
    pub frame_ancestors: Vec<String>,
    /// Where the person goes afterwards.
    pub return_url: Option<String>,
    /// Whether it is a demonstration.
    pub is_demo: bool,
    /// Days for which the pictures of an attempt are kept; 0 keeps none.
    pub kept_days: u32,
    /// Whether the person has agreed.
    pub has_consent: bool,
}

/// Why a page does not go on.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// There is no such verification.
    #[error("unknown")]
    Unknown,
    /// Another browser has opened the page.
    #[error("other_browser")]
    OtherBrowser,
    /// The person has not agreed.
    #[error("no_consent")]
    NoConsent,
    /// A scan goes on in another tab.
    #[error("busy")]
    Busy,
    /// It was judged, has expired, or no go is left.
    #[error("over")]
    Over,
    /// Too many people were refused in this browser or at this address.
    #[error("throttled")]
    Throttled {
        /// When another may try.
        retry_after: Duration,
    },
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<store::StoreError> for PageError {
    fn from(error: store::StoreError) -> Self {
        Self::Service(error.into())
    }
}

/// Who has a page open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Browser<'a> {
    /// The secret of its cookie.
    pub secret: &'a str,
    /// Its network address.
    pub address: Option<IpAddr>,
}

/// A verification whose page was asked for.
pub(super) struct Found {
    pub verification: Verification,
    pub tenant: Tenant,
    pub terms: Terms,
    pub capture: Option<Capture>,
    pub scans: Vec<ScanRow>,
}

impl Found {
    pub(super) fn attempts_left(&self) -> u8 {
        ATTEMPTS.saturating_sub(u8::try_from(self.scans.len()).unwrap_or(ATTEMPTS))
    }

    /// For how many days the person agreed that the pictures of an attempt are kept.
    pub(super) fn agreed_days(&self) -> u32 {
        let receipt = self.capture.as_ref().and_then(|capture| capture.consent.as_ref());
        let days = receipt.and_then(|receipt| receipt[KEPT_DAYS].as_u64());
        days.and_then(|days| u32::try_from(days).ok()).unwrap_or(0)
    }

    /// The scan that goes on.
    pub(super) fn running(&self, now: Timestamp) -> Option<&ScanRow> {
        running(&self.scans, now)
    }

    fn page(self, now: Timestamp) -> CapturePage {
        let state = match PresenceState::of(&self.verification, now) {
            // The last go was lost: nothing more can come.
            PresenceState::Open if self.attempts_left() == 0 && self.running(now).is_none() => {
                PresenceState::Failed
            }
            state => state,
        };
        CapturePage {
            id: self.verification.id,
            state,
            attempts_left: self.attempts_left(),
            tenant_name: self.tenant.name,
            frame_ancestors: self.tenant.allowed_origins,
            return_url: self.terms.return_url,
            is_demo: self.terms.is_demo,
            kept_days: self.tenant.evidence_days,
            has_consent: self.capture.is_some_and(|capture| capture.consent.is_some()),
        }
    }
}

impl Service {
    /// Opens the page of a verification in a browser, which keeps it: the first one that asks.
    ///
    /// # Errors
    /// [`PageError::Unknown`] or [`PageError::OtherBrowser`].
    pub async fn open_page(
        &self,
        id: VerificationId,
        browser: Browser<'_>,
    ) -> Result<CapturePage, PageError> {
        let found = self.find_page(&mut self.store().read().await?, id).await?;
        let digest = self.browser_digest(found.verification.tenant, browser).await?;
        match &found.capture {
            Some(capture) if capture.browser == digest => return Ok(found.page(self.now())),
            Some(_) => return Err(PageError::OtherBrowser),
            None => (),
        }
        let now = self.now();
        if PresenceState::of(&found.verification, now) != PresenceState::Open {
            // Nothing is bound any more.
            return Ok(found.page(now));
        }
        let mut tx = self.store().begin().await?;
        if !tx.insert_capture(&found.verification, digest, now).await? {
            // Somebody was faster.
            return Err(PageError::OtherBrowser);
        }
        let network = browser.address.map(network);
        tx.insert_attempt(&found.verification, Some(device(&digest)), network.as_deref()).await?;
        tx.commit().await?;
        Ok(found.page(now))
    }

    /// How far a verification is, for the browser that has its page.
    ///
    /// # Errors
    /// [`PageError::Unknown`] or [`PageError::OtherBrowser`].
    pub async fn page_state(
        &self,
        id: VerificationId,
        browser: Browser<'_>,
    ) -> Result<CapturePage, PageError> {
        let found = self.own_page(&mut self.store().read().await?, id, browser).await?;
        Ok(found.page(self.now()))
    }

    /// Keeps that the person agreed to the text of version `text`, shown in `language`, which said that pictures are
    /// kept for `kept_days`. They are kept no longer than that, nor than the tenant has them kept now.
    ///
    /// # Errors
    /// [`PageError`].
    pub async fn give_consent(
        &self,
        id: VerificationId,
        browser: Browser<'_>,
        language: &str,
        text: &str,
        kept_days: u32,
    ) -> Result<(), PageError> {
        let mut tx = self.store().begin().await?;
        let found = self.own_page(&mut tx, id, browser).await?;
        let now = self.now();
        if PresenceState::of(&found.verification, now) != PresenceState::Open {
            return Err(PageError::Over);
        }
        let receipt = json!({
            "language": language, "text": text, "at": now, "tenant": found.tenant.name,
            KEPT_DAYS: kept_days.min(found.tenant.evidence_days),
        });
        tx.save_consent(&found.verification, &receipt).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The page, for the browser that has it.
    pub(super) async fn own_page(
        &self,
        tx: &mut Tx,
        id: VerificationId,
        browser: Browser<'_>,
    ) -> Result<Found, PageError> {
        let found = self.find_page(tx, id).await?;
        let digest = self.browser_digest(found.verification.tenant, browser).await?;
        match &found.capture {
            Some(capture) if capture.browser == digest => Ok(found),
            _ => Err(PageError::OtherBrowser),
        }
    }

    async fn find_page(&self, tx: &mut Tx, id: VerificationId) -> Result<Found, PageError> {
        let verification = tx.verification_of_any(id).await?.filter(|found| found.demand.presence);
        let verification = verification.ok_or(PageError::Unknown)?;
        let tenant = tx.tenant(verification.tenant).await?.ok_or(PageError::Unknown)?;
        if tenant.revoked_at.is_some() || tenant.suspended_at.is_some() {
            return Err(PageError::Unknown);
        }
        let terms = Self::terms(tx, &verification).await?;
        let capture = tx.capture(&verification).await?;
        let scans = tx.scans(id).await?;
        Ok(Found { verification, tenant, terms, capture, scans })
    }

    /// By what a browser is known to a tenant.
    pub(crate) async fn browser_digest(
        &self,
        tenant: TenantId,
        browser: Browser<'_>,
    ) -> Result<Digest, ServiceError> {
        Ok(self.store().digest(tenant, browser.secret.as_bytes()).await?)
    }

    /// Refuses a browser, an address or a person that has been refused too often.
    pub(super) async fn check_page(
        &self,
        tx: &mut Tx,
        found: &Found,
        address: Option<IpAddr>,
    ) -> Result<(), PageError> {
        let device = found.capture.as_ref().map(|capture| device(&capture.browser));
        let network = address.map(network);
        let verification = &found.verification;
        Ok(self
            .check_attempts(tx, verification.tenant, verification.subject, device, network.as_deref())
            .await?)
    }
}

impl From<OpenError> for PageError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Throttled { retry_after } => Self::Throttled { retry_after },
            OpenError::Service(error) => Self::Service(error),
            // Nothing else comes out of counting attempts.
            _ => Self::Over,
        }
    }
}

/// The one of `scans` that goes on.
pub(crate) fn running(scans: &[ScanRow], now: Timestamp) -> Option<&ScanRow> {
    let is_alive = |scan: &&ScanRow| now <= scan.started_at.plus(LONGEST_SCAN);
    scans.iter().filter(|scan| scan.state == ScanState::Running).find(is_alive)
}

/// A browser among the devices that are counted: by the digest of its cookie.
pub(crate) fn device(digest: &Digest) -> KeyId {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    KeyId::from_bytes(bytes)
}
