//! Sessions in which a document and its holder are looked at.

use domain::{
    ArtifactId, Deadline, Decision, DocumentJudgement, DocumentSession, IdentityId, SessionId, SessionState,
    SubjectId, Taken, TenantId, Timestamp, TransactionId,
};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;

use crate::digest::Digest;
use crate::error::{Result, StoreError};
use crate::row::Columns as _;
use crate::tx::{Tx, one_row};
use crate::words::Word as _;

const TERMS: &str = "terms of a session";
const JUDGEMENT: &str = "judgement of a session";
const IDENTITY: &str = "identity of a document";
const PERSON: &str = "person of a session";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, subject, origin, purpose, is_mock, state, decision, front_image, back_image, \
             selfie_image, front_kind, retakes_left, created_at, deadline, submitted_at, ended_at \
             FROM document_sessions ",
            $rest
        )
    };
}

/// What is kept of a new session beside its state.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// What was agreed on, as its owner wrote it. Kept encrypted.
    pub terms: &'a Value,
    /// The tenant's own word for the person, to find their other sessions; only a keyed hash is kept.
    pub person: Option<&'a str>,
    /// Keyed digest of the token that starts it; `None` where it is started.
    pub start_token: Option<Digest>,
    /// By what its caller knows it, where that is another id, and which identity and subject own it.
    pub transaction: Option<(TransactionId, Option<(IdentityId, SubjectId)>)>,
}

/// What other sessions of a tenant say about a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SameDocument {
    /// Sessions of people who are known to be others.
    pub of_others: u64,
    /// Sessions that were denied.
    pub denied: u64,
}

impl Tx {
    /// Keeps a new session. Its person was made before.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn insert_session(&mut self, session: &DocumentSession, new: NewSession<'_>) -> Result<()> {
        let person = match new.person {
            Some(person) => Some(self.tenant_seal(session.tenant).await?.blind_index(PERSON, person)),
            None => None,
        };
        let seal = self.subject_seal(session.tenant, session.subject).await?;
        let (state, decision) = state_columns(session.state);
        sqlx::query(
            "INSERT INTO document_sessions \
             (id, tenant, subject, origin, purpose, is_mock, state, decision, retakes_left, created_at, deadline, \
             start_token, person_index, sealed_terms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(session.id.to_string())
        .bind(session.tenant.to_string())
        .bind(session.subject.to_string())
        .bind(session.origin.word())
        .bind(session.purpose.word())
        .bind(i64::from(session.is_mock))
        .bind(state)
        .bind(decision)
        .bind(i64::from(session.retakes_left))
        .bind(session.created_at.as_millis())
        .bind(session.deadline.0.as_millis())
        .bind(new.start_token.as_ref().map(Digest::to_string))
        .bind(person)
        .bind(seal.seal_json(TERMS, session.id.as_bytes(), new.terms)?)
        .execute(self.connection())
        .await?;
        match new.transaction {
            Some((id, owner)) => self.insert_transaction(id, session, owner).await,
            None => Ok(()),
        }
    }

    /// Keeps the new state of a session: what [`DocumentSession::apply`] changes.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such session, or the database fails.
    pub async fn save_session(&mut self, session: &DocumentSession) -> Result<()> {
        let (state, decision) = state_columns(session.state);
        let done = sqlx::query(
            "UPDATE document_sessions SET state = $3, decision = $4, front_image = $5, back_image = $6, \
             selfie_image = $7, front_kind = $8, retakes_left = $9, submitted_at = $10, ended_at = $11 \
             WHERE tenant = $1 AND id = $2",
        )
        .bind(session.tenant.to_string())
        .bind(session.id.to_string())
        .bind(state)
        .bind(decision)
        .bind(session.taken.front.as_ref().map(ArtifactId::to_string))
        .bind(session.taken.back.as_ref().map(ArtifactId::to_string))
        .bind(session.taken.selfie.as_ref().map(ArtifactId::to_string))
        .bind(session.front.map(domain::DocumentKind::word))
        .bind(i64::from(session.retakes_left))
        .bind(session.submitted_at.map(Timestamp::as_millis))
        .bind(session.ended_at.map(Timestamp::as_millis))
        .execute(self.connection())
        .await?;
        one_row(done.rows_affected(), "the session")
    }

    /// The session of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn session(&mut self, tenant: TenantId, id: SessionId) -> Result<Option<DocumentSession>> {
        let row = sqlx::query(select!("WHERE tenant = $1 AND id = $2"))
            .bind(tenant.to_string())
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The session that a token starts, whoever's it is. The token is gone afterwards: nobody else gets the session.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_start_token(&mut self, token: Digest) -> Result<Option<DocumentSession>> {
        let row = sqlx::query(
            "UPDATE document_sessions SET start_token = NULL WHERE start_token = $1 \
             RETURNING id, tenant, subject, origin, purpose, is_mock, state, decision, front_image, back_image, \
             selfie_image, front_kind, retakes_left, created_at, deadline, submitted_at, ended_at",
        )
        .bind(token.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// The session that a token would start, whoever's it is.
    ///
    /// # Errors
    /// The database fails.
    pub async fn session_of_start_token(&mut self, token: Digest) -> Result<Option<DocumentSession>> {
        let row = sqlx::query(select!("WHERE start_token = $1"))
            .bind(token.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// When a person is erased by itself; `None` for somebody who stays.
    ///
    /// # Errors
    /// The database fails.
    pub async fn subject_erased_after(
        &mut self,
        tenant: TenantId,
        subject: SubjectId,
    ) -> Result<Option<Timestamp>> {
        let row = sqlx::query("SELECT erase_after FROM subjects WHERE tenant = $1 AND id = $2")
            .bind(tenant.to_string())
            .bind(subject.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map_or(Ok(None), |row| row.optional_time("erase_after"))
    }

    /// What was agreed on when a session was opened or started.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such session, [`StoreError::ErasedSubject`] without the person's key,
    /// or the database fails.
    pub async fn session_terms(&mut self, session: &DocumentSession) -> Result<Value> {
        let row = sqlx::query("SELECT sealed_terms FROM document_sessions WHERE tenant = $1 AND id = $2")
            .bind(session.tenant.to_string())
            .bind(session.id.to_string())
            .fetch_optional(self.connection())
            .await?
            .ok_or(StoreError::Missing { what: "the session" })?;
        let seal = self.subject_seal(session.tenant, session.subject).await?;
        seal.open_json(TERMS, session.id.as_bytes(), &row.bytes("sealed_terms")?)
    }

    /// Keeps what was agreed on anew.
    ///
    /// # Errors
    /// As for [`Tx::session_terms`].
    pub async fn save_session_terms(&mut self, session: &DocumentSession, terms: &Value) -> Result<()> {
        let seal = self.subject_seal(session.tenant, session.subject).await?;
        let done =
            sqlx::query("UPDATE document_sessions SET sealed_terms = $3 WHERE tenant = $1 AND id = $2")
                .bind(session.tenant.to_string())
                .bind(session.id.to_string())
                .bind(seal.seal_json(TERMS, session.id.as_bytes(), terms)?)
                .execute(self.connection())
                .await?;
        one_row(done.rows_affected(), "the session")
    }

    /// Keeps the judgement of a session; `identity` tells its document from every other one, and only a keyed hash of it
    /// is kept.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such session, [`StoreError::ErasedSubject`] without the person's key,
    /// or the database fails.
    pub async fn save_session_judgement(
        &mut self,
        session: &DocumentSession,
        judgement: &DocumentJudgement,
        identity: Option<&str>,
    ) -> Result<()> {
        let index = match identity {
            Some(identity) => Some(self.document_index(session.tenant, identity).await?),
            None => None,
        };
        let seal = self.subject_seal(session.tenant, session.subject).await?;
        let done = sqlx::query(
            "UPDATE document_sessions SET sealed_judgement = $3, identity_index = $4 \
             WHERE tenant = $1 AND id = $2",
        )
        .bind(session.tenant.to_string())
        .bind(session.id.to_string())
        .bind(seal.seal_json(JUDGEMENT, session.id.as_bytes(), judgement)?)
        .bind(index)
        .execute(self.connection())
        .await?;
        one_row(done.rows_affected(), "the session")
    }

    /// The judgement of a session, once there is one.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn session_judgement(
        &mut self,
        session: &DocumentSession,
    ) -> Result<Option<DocumentJudgement>> {
        let row = sqlx::query(
            "SELECT sealed_judgement FROM document_sessions WHERE tenant = $1 AND id = $2 \
             AND sealed_judgement IS NOT NULL",
        )
        .bind(session.tenant.to_string())
        .bind(session.id.to_string())
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let seal = self.subject_seal(session.tenant, session.subject).await?;
        Ok(Some(seal.open_json(JUDGEMENT, session.id.as_bytes(), &row.bytes("sealed_judgement")?)?))
    }

    /// By what a document is found again among those of the tenant.
    pub(crate) async fn document_index(&mut self, tenant: TenantId, identity: &str) -> Result<String> {
        Ok(self.tenant_seal(tenant).await?.blind_index(IDENTITY, identity))
    }

    /// What other sessions of the tenant say about the document `identity`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn same_document(&mut self, session: &DocumentSession, identity: &str) -> Result<SameDocument> {
        let index = self.document_index(session.tenant, identity).await?;
        let row = sqlx::query(
            "SELECT COUNT(CASE WHEN other.person_index <> own.person_index THEN 1 END) AS of_others, \
             COUNT(CASE WHEN other.decision = 'deny' THEN 1 END) AS denied \
             FROM document_sessions own JOIN document_sessions other \
             ON other.tenant = own.tenant AND other.id <> own.id AND other.is_mock = 0 \
             AND other.identity_index = $3 WHERE own.tenant = $1 AND own.id = $2",
        )
        .bind(session.tenant.to_string())
        .bind(session.id.to_string())
        .bind(index)
        .fetch_one(self.connection())
        .await?;
        Ok(SameDocument { of_others: row.number("of_others")?, denied: row.number("denied")? })
    }

    /// Has a person erased after `end`, by whoever asks for `subjects_to_erase`.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such person, or the database fails.
    pub async fn erase_subject_after(
        &mut self,
        tenant: TenantId,
        subject: SubjectId,
        end: Timestamp,
    ) -> Result<()> {
        let done = sqlx::query("UPDATE subjects SET erase_after = $3 WHERE tenant = $1 AND id = $2")
            .bind(tenant.to_string())
            .bind(subject.to_string())
            .bind(end.as_millis())
            .execute(self.connection())
            .await?;
        one_row(done.rows_affected(), "the subject")
    }

    /// At most `limit` people who were to be erased before or at `now`, longest overdue first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn subjects_to_erase(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, SubjectId)>> {
        let rows = sqlx::query(
            "SELECT tenant, id FROM subjects WHERE erase_after <= $1 ORDER BY erase_after, id LIMIT $2",
        )
        .bind(now.as_millis())
        .bind(i64::from(limit))
        .fetch_all(self.connection())
        .await?;
        rows.iter().map(|row| Ok((row.id("tenant")?, row.id("id")?))).collect()
    }
}

const PENDING: &str = "pending";
const CAPTURING: &str = "capturing";
const PROCESSING: &str = "processing";
const RECAPTURE: &str = "recapture";
/// Also in a constraint of the table.
const CONCLUDED: &str = "concluded";
const EXPIRED: &str = "expired";
const FAILED: &str = "failed";

fn state_columns(state: SessionState) -> (&'static str, Option<&'static str>) {
    match state {
        SessionState::Pending => (PENDING, None),
        SessionState::Capturing => (CAPTURING, None),
        SessionState::Processing => (PROCESSING, None),
        SessionState::Recapture => (RECAPTURE, None),
        SessionState::Concluded(decision) => (CONCLUDED, Some(decision.word())),
        SessionState::Expired => (EXPIRED, None),
        SessionState::Failed => (FAILED, None),
    }
}

fn read_state(state: &str, decision: Option<Decision>) -> Result<SessionState> {
    match (state, decision) {
        (PENDING, None) => Ok(SessionState::Pending),
        (CAPTURING, None) => Ok(SessionState::Capturing),
        (PROCESSING, None) => Ok(SessionState::Processing),
        (RECAPTURE, None) => Ok(SessionState::Recapture),
        (CONCLUDED, Some(decision)) => Ok(SessionState::Concluded(decision)),
        (EXPIRED, None) => Ok(SessionState::Expired),
        (FAILED, None) => Ok(SessionState::Failed),
        _ => Err(StoreError::Corrupt { what: "state of a session" }),
    }
}

fn read(row: &SqliteRow) -> Result<DocumentSession> {
    Ok(DocumentSession {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        subject: row.id("subject")?,
        origin: row.word("origin")?,
        purpose: row.word("purpose")?,
        is_mock: row.integer("is_mock")? != 0,
        state: read_state(&row.text("state")?, row.optional_word("decision")?)?,
        taken: Taken {
            front: row.optional_id("front_image")?,
            back: row.optional_id("back_image")?,
            selfie: row.optional_id("selfie_image")?,
        },
        front: row.optional_word("front_kind")?,
        retakes_left: row.number("retakes_left")?,
        created_at: row.time("created_at")?,
        deadline: Deadline(row.time("deadline")?),
        submitted_at: row.optional_time("submitted_at")?,
        ended_at: row.optional_time("ended_at")?,
    })
}
