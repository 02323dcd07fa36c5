//! Pages on which people capture a session: which browser has one, and which live capture belongs to it.

use domain::{DocumentSession, SessionId, TenantId, VerificationId};

use crate::digest::Digest;
use crate::error::Result;
use crate::row::Columns as _;
use crate::tx::Tx;

/// A page of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPage {
    /// Keyed digest of the token in its address.
    pub token: Digest,
    /// The session.
    pub session: SessionId,
    /// Whose customer the person is.
    pub tenant: TenantId,
    /// Whether the session was handed over to it from its first page.
    pub is_hand_over: bool,
    /// Keyed digest of the cookie of the browser that has it; `None` until one has.
    pub browser: Option<Digest>,
    /// The live capture of which a frame is to be the selfie; `None` before there is one.
    pub presence: Option<VerificationId>,
}

impl Tx {
    /// Keeps a page. A page of the same kind that no browser has makes room for it; `false`, and nothing kept, where
    /// one has.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_session_page(
        &mut self,
        session: &DocumentSession,
        token: Digest,
        is_hand_over: bool,
        browser: Option<Digest>,
    ) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO session_pages (token, session, tenant, subject, is_hand_over, browser) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (session, is_hand_over) \
             DO UPDATE SET token = excluded.token, browser = excluded.browser \
             WHERE session_pages.browser IS NULL",
        )
        .bind(token.to_string())
        .bind(session.id.to_string())
        .bind(session.tenant.to_string())
        .bind(session.subject.to_string())
        .bind(i64::from(is_hand_over))
        .bind(browser.as_ref().map(Digest::to_string))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Gives a page to a browser. `false` where one has it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_session_page(&mut self, token: Digest, browser: Digest) -> Result<bool> {
        let done = sqlx::query("UPDATE session_pages SET browser = $2 WHERE token = $1 AND browser IS NULL")
            .bind(token.to_string())
            .bind(browser.to_string())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The page of a token, whoever's it is.
    ///
    /// # Errors
    /// The database fails.
    pub async fn session_page(&mut self, token: Digest) -> Result<Option<SessionPage>> {
        let row = sqlx::query(
            "SELECT token, session, tenant, is_hand_over, browser, presence FROM session_pages WHERE token = $1",
        )
        .bind(token.to_string())
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let browser = row.optional_text("browser")?;
        Ok(Some(SessionPage {
            token,
            session: row.id("session")?,
            tenant: row.id("tenant")?,
            is_hand_over: row.integer("is_hand_over")? != 0,
            browser: browser.map(|browser| Digest::from_hex(&browser)).transpose()?,
            presence: row.optional_id("presence")?,
        }))
    }

    /// Whether a browser has the page to which a session was handed over.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_handed_over(&mut self, session: SessionId) -> Result<bool> {
        let row = sqlx::query(
            "SELECT 1 FROM session_pages WHERE session = $1 AND is_hand_over = 1 AND browser IS NOT NULL",
        )
        .bind(session.to_string())
        .fetch_optional(self.connection())
        .await?;
        Ok(row.is_some())
    }

    /// Keeps which live capture belongs to the pages of a session; `None` has the next selfie be that of another one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn save_session_presence(
        &mut self,
        session: SessionId,
        presence: Option<VerificationId>,
    ) -> Result<()> {
        sqlx::query("UPDATE session_pages SET presence = $2 WHERE session = $1")
            .bind(session.to_string())
            .bind(presence.as_ref().map(VerificationId::to_string))
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
