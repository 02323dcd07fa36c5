//! The hosted page: which browser has it, what its person agreed to, and how far it is.

use std::net::IpAddr;
use std::time::Duration;

use domain::{KeyId, ScanState, TenantId, Timestamp, Verification, VerificationId};
use serde_json::{Value, json};
use store::{Capture, Digest, ScanRow, Tenant, Tx};

use super::super::limits::network;
use super::{ATTEMPTS, PresenceState, Service, Terms};
use crate::{OpenError, ServiceError};

/// A scan of which nothing was heard for so long is lost: none lasts longer.
pub(super) const LONGEST_SCAN: Duration = Duration::from_secs(75);

/// Of a consent's receipt: for how many days the person was told that pictures are kept.
pub(crate) const KEPT_DAYS: &str = "kept_days";

/// What a page shows.
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
    /// Another browser has the page.
    #[error("other_browser")]
    OtherBrowser,
    /// The person has not agreed.
    #[error("no_consent")]
    NoConsent,
    /// The person has agreed to another text.
    #[error("other_text")]
    OtherText,
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
    /// Whether it is not over yet.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        PresenceState::of(&self.verification, now) == PresenceState::Open
    }

    /// Goes that are left: none where it is over, however few there were.
    pub(super) fn attempts_left(&self, now: Timestamp) -> u8 {
        if !self.is_open(now) {
            return 0;
        }
        ATTEMPTS.saturating_sub(u8::try_from(self.scans.len()).unwrap_or(ATTEMPTS))
    }

    /// Whether another browser has the page than that of `digest`.
    fn is_of_another(&self, digest: Digest) -> bool {
        self.capture.as_ref().is_some_and(|capture| capture.browser != digest)
    }

    /// What the person agreed to.
    fn receipt(&self) -> Option<&Value> {
        self.capture.as_ref().and_then(|capture| capture.consent.as_ref())
    }

    /// For how many days the person agreed that the pictures of an attempt are kept.
    pub(super) fn agreed_days(&self) -> u32 {
        let days = self.receipt().and_then(|receipt| receipt[KEPT_DAYS].as_u64());
        days.and_then(|days| u32::try_from(days).ok()).unwrap_or(0)
    }

    /// The scan that goes on.
    pub(super) fn running(&self, now: Timestamp) -> Option<&ScanRow> {
        running(&self.scans, now)
    }

    fn page(self, now: Timestamp) -> CapturePage {
        CapturePage {
            id: self.verification.id,
            state: PresenceState::with(&self.verification, &self.scans, now),
            attempts_left: self.attempts_left(now),
            has_consent: self.receipt().is_some(),
            tenant_name: self.tenant.name,
            frame_ancestors: self.tenant.allowed_origins,
            return_url: self.terms.return_url,
            is_demo: self.terms.is_demo,
            kept_days: self.tenant.evidence_days,
        }
    }
}

impl Service {
    /// The page of a verification and how far it is: for every browser until one of them agrees, and from then on for that
    /// one. Looking at it keeps nothing: programs look at links before people do.
    ///
    /// # Errors
    /// [`PageError::Unknown`] or [`PageError::OtherBrowser`].
    pub async fn capture_page(
        &self,
        id: VerificationId,
        browser: Browser<'_>,
    ) -> Result<CapturePage, PageError> {
        let found = self.find_page(&mut self.store().read().await?, id).await?;
        let digest = self.browser_digest(found.verification.tenant, browser).await?;
        if found.is_of_another(digest) {
            return Err(PageError::OtherBrowser);
        }
        Ok(found.page(self.now()))
    }

    /// Keeps that the person agreed to the text of version `text`, shown in `language`, which said that pictures are
    /// kept for `kept_days`. They are kept no longer than that, nor than the tenant has them kept now. From here on the
    /// page is this browser's; the first receipt stands.
    ///
    /// # Errors
    /// [`PageError`]: [`PageError::OtherText`] where the first receipt says what this text does not.
    pub async fn give_consent(
        &self,
        id: VerificationId,
        browser: Browser<'_>,
        language: &str,
        text: &str,
        kept_days: u32,
    ) -> Result<(), PageError> {
        // One writer at a time: of two browsers that agree at once the second sees the first.
        let mut tx = self.store().begin().await?;
        let mut found = self.find_page(&mut tx, id).await?;
        let digest = self.browser_digest(found.verification.tenant, browser).await?;
        if found.is_of_another(digest) {
            return Err(PageError::OtherBrowser);
        }
        let now = self.now();
        if !found.is_open(now) {
            return Err(PageError::Over);
        }
        if let Some(receipt) = found.receipt() {
            // The answer to the first time was lost, or it is open in two tabs.
            let is_covered = receipt["text"] == text && found.agreed_days() <= kept_days;
            return if is_covered { Ok(()) } else { Err(PageError::OtherText) };
        }
        if found.capture.is_none() {
            if !tx.insert_capture(&found.verification, digest, now).await? {
                return Err(PageError::OtherBrowser);
            }
            let network = browser.address.map(network);
            tx.insert_attempt(&found.verification, Some(device(&digest)), network.as_deref()).await?;
            found.capture = tx.capture(&found.verification).await?;
        }
        // Told here, and not by a scan that does not open.
        self.check_page(&mut tx, &found, browser.address).await?;
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
            Some(_) if found.is_of_another(digest) => Err(PageError::OtherBrowser),
            Some(_) => Ok(found),
            None if !found.is_open(self.now()) => Err(PageError::Over),
            None => Err(PageError::NoConsent),
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
        let Verification { id, tenant, subject, .. } = found.verification;
        Ok(self.check_attempts(tx, (tenant, subject), device, network.as_deref(), Some(id)).await?)
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
