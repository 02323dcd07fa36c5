//! Hosted pages: which browser has one, and what its person agreed to.

use domain::{SubjectId, TenantId, Timestamp, Verification, VerificationId};
use serde_json::Value;

use crate::digest::Digest;
use crate::error::Result;
use crate::row::Columns as _;
use crate::tx::{Tx, one_row};

const CONSENT: &str = "consent of a capture";

/// The hosted page of one verification.
#[derive(Debug, Clone, PartialEq)]
pub struct Capture {
    /// The verification.
    pub verification: VerificationId,
    /// Whose customer the person is.
    pub tenant: TenantId,
    /// The person.
    pub subject: SubjectId,
    /// Keyed digest of the cookie of the browser that has it.
    pub browser: Digest,
    /// The receipt of what the person agreed to, as the page's owner wrote it; `None` before they did.
    pub consent: Option<Value>,
}

impl Tx {
    /// Keeps that a browser has the page. `false`, and nothing kept, where one has it already.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_capture(
        &mut self,
        verification: &Verification,
        browser: Digest,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO captures (verification, tenant, subject, browser, opened_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (verification) DO NOTHING",
        )
        .bind(verification.id.to_string())
        .bind(verification.tenant.to_string())
        .bind(verification.subject.to_string())
        .bind(browser.to_string())
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps the receipt of a consent, once.
    ///
    /// # Errors
    /// [`crate::StoreError::Missing`] where no browser has the page, or there is a receipt; or the database fails.
    pub async fn save_consent(&mut self, verification: &Verification, receipt: &Value) -> Result<()> {
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        let done = sqlx::query(
            "UPDATE captures SET sealed_consent = $2 WHERE verification = $1 AND sealed_consent IS NULL",
        )
        .bind(verification.id.to_string())
        .bind(seal.seal_json(CONSENT, verification.id.as_bytes(), receipt)?)
        .execute(self.connection())
        .await?;
        one_row(done.rows_affected(), "a capture without a consent")
    }

    /// The page of a verification; `None` where no browser has it.
    ///
    /// # Errors
    /// The database fails, or the receipt does not open.
    pub async fn capture(&mut self, verification: &Verification) -> Result<Option<Capture>> {
        let row = sqlx::query("SELECT browser, sealed_consent FROM captures WHERE verification = $1")
            .bind(verification.id.to_string())
            .fetch_optional(self.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let consent = match row.optional_bytes("sealed_consent")? {
            None => None,
            Some(sealed) => {
                let seal = self.subject_seal(verification.tenant, verification.subject).await?;
                Some(seal.open_json(CONSENT, verification.id.as_bytes(), &sealed)?)
            }
        };
        Ok(Some(Capture {
            verification: verification.id,
            tenant: verification.tenant,
            subject: verification.subject,
            browser: Digest::from_hex(&row.text("browser")?)?,
            consent,
        }))
    }
}
