//! Live captures as the operator sees them: what was decided and why, and the pictures that are kept.

use domain::{ScanState, TenantId, Timestamp, VerificationId};
use serde_json::Value;
use store::Artifact;

use super::{Admin, AdminError};
use crate::PresenceState;
use crate::service::presence::evidence::FORMAT as EVIDENCE;

/// What is kept of a live capture, but for its pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct CaptureReport {
    /// How far it is.
    pub state: PresenceState,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The receipt of what its person agreed to; `None` where nobody did.
    pub consent: Option<Value>,
    /// Its goes, in their order.
    pub attempts: Vec<CaptureAttempt>,
}

/// One go.
#[derive(Debug, Clone, PartialEq)]
pub struct CaptureAttempt {
    /// From 1.
    pub number: u8,
    /// What became of it.
    pub state: ScanState,
    /// When its challenge began.
    pub started_at: Timestamp,
    /// What was asked, what came, what was measured and what follows from it.
    pub record: Value,
}

impl Admin {
    /// What was decided in a live capture of a tenant, and why. The audit log has that it was shown.
    ///
    /// # Errors
    /// [`AdminError::NotFound`].
    pub async fn capture(&self, tenant: TenantId, id: VerificationId) -> Result<CaptureReport, AdminError> {
        let mut tx = self.store.begin().await?;
        let found = tx.verification(tenant, id).await?.filter(|found| found.demand.presence);
        let found =
            found.ok_or_else(|| AdminError::NotFound { what: "live capture", name: id.to_string() })?;
        let consent = tx.capture(&found).await?.and_then(|capture| capture.consent);
        let scans = tx.scans(id).await?;
        let mut attempts = Vec::with_capacity(scans.len());
        for scan in &scans {
            attempts.push(CaptureAttempt {
                number: scan.number,
                state: scan.state,
                started_at: scan.started_at,
                record: tx.scan_record(&found, scan.id).await?.unwrap_or_default(),
            });
        }
        tx.append_audit(&self.entry(Some(tenant), "capture.show", &id.to_string())).await?;
        tx.commit().await?;
        let state = PresenceState::with(&found, &scans, self.clock.now());
        Ok(CaptureReport { state, opened_at: found.created_at, consent, attempts })
    }

    /// The captures that are kept of a tenant, oldest first, to be taken out: the audit log has each.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn kept_captures(&self, tenant: TenantId) -> Result<Vec<Artifact>, AdminError> {
        let mut tx = self.store.begin().await?;
        let kept = tx.artifacts_of_format(tenant, EVIDENCE).await?;
        for artifact in &kept {
            tx.append_audit(&self.entry(Some(tenant), "evidence.export", &artifact.id.to_string())).await?;
        }
        tx.commit().await?;
        Ok(kept)
    }

    /// The file of a capture that is kept, see [`crate::KeptCapture::read`]; `None` where it became due in between.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn kept_capture(&self, artifact: &Artifact) -> Result<Option<Vec<u8>>, AdminError> {
        Ok(self.store.blob(artifact).await?)
    }
}
