//! Verifications, with the document of the dialect that opened them.

use std::time::Duration;

use domain::{
    ArtifactId, Attempt, Deadline, Decision, Demand, DocumentJudgement, DocumentKind, DocumentPages,
    EnrollmentId, Fpir, MinimumPrecision, Origin, PageSide, Similarity, SpokenToken, SubjectId, TenantId,
    Timestamp, Verification, VerificationId, VerificationState, WantedDocument,
};
use sqlx::sqlite::SqliteRow;

use crate::enrollments::read_fpir;
use crate::error::{Result, StoreError};
use crate::page::Page;
use crate::row::Columns as _;
use crate::tx::{Tx, one_row};
use crate::words::Word as _;

const EXTRA: &str = "extra of a verification";
const DOCUMENT: &str = "document of a verification";
const TOKEN: &str = "token of a verification";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, subject, enrollment, origin, demanded_similarity, demands_liveness, demanded_fpir, \
             demands_presence, demanded_precision, wanted_document, wanted_issuer, front_image, back_image, state, decision, retry_of, \
             attempts_remaining, retry_ttl_ms, created_at, deadline, submitted_at, ended_at FROM verifications ",
            $rest
        )
    };
}

impl Tx {
    /// Keeps a new verification. `extra` is its dialect's own document. `false` where another attempt already follows
    /// the one that it would follow.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn insert_verification(
        &mut self,
        verification: &Verification,
        extra: &serde_json::Value,
    ) -> Result<bool> {
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        let (state, decision) = state_columns(verification.state);
        let done = sqlx::query(
            "INSERT INTO verifications \
             (id, tenant, subject, enrollment, origin, demanded_similarity, demands_liveness, demanded_fpir, state, \
             decision, retry_of, attempts_remaining, retry_ttl_ms, created_at, deadline, submitted_at, ended_at, \
             sealed_extra, demands_presence, wanted_document, wanted_issuer, demanded_precision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
             $22) \
             ON CONFLICT (retry_of) WHERE retry_of IS NOT NULL DO NOTHING",
        )
        .bind(verification.id.to_string())
        .bind(verification.tenant.to_string())
        .bind(verification.subject.to_string())
        .bind(verification.enrollment.as_ref().map(EnrollmentId::to_string))
        .bind(verification.origin.word())
        .bind(verification.demand.similarity.map(|similarity| f64::from(similarity.get())))
        .bind(i64::from(verification.demand.liveness))
        .bind(verification.demand.blocklist.map(Fpir::get))
        .bind(state)
        .bind(decision)
        .bind(verification.attempt.retry_of.as_ref().map(VerificationId::to_string))
        .bind(i64::from(verification.attempt.remaining))
        .bind(i64::try_from(verification.attempt.retry_ttl.as_millis()).unwrap_or(i64::MAX))
        .bind(verification.created_at.as_millis())
        .bind(verification.deadline.0.as_millis())
        .bind(verification.submitted_at.map(Timestamp::as_millis))
        .bind(verification.ended_at.map(Timestamp::as_millis))
        .bind(seal.seal_json(EXTRA, verification.id.as_bytes(), extra)?)
        .bind(i64::from(verification.demand.presence))
        .bind(verification.pages.as_ref().map(|pages| pages.wanted.kind.word()))
        .bind(verification.pages.as_ref().and_then(|pages| pages.wanted.country.as_deref()))
        .bind(verification.demand.speech.map(MinimumPrecision::word))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps the new state of a verification: what [`Verification::apply`] changes, and its deadline and attempt.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such verification, or the database fails.
    pub async fn save_verification(&mut self, verification: &Verification) -> Result<()> {
        let (state, decision) = state_columns(verification.state);
        let done = sqlx::query(
            "UPDATE verifications SET state = $3, decision = $4, attempts_remaining = $5, retry_ttl_ms = $6, \
             deadline = $7, submitted_at = $8, ended_at = $9, front_image = $10, back_image = $11 \
             WHERE tenant = $1 AND id = $2",
        )
        .bind(verification.tenant.to_string())
        .bind(verification.id.to_string())
        .bind(state)
        .bind(decision)
        .bind(i64::from(verification.attempt.remaining))
        .bind(i64::try_from(verification.attempt.retry_ttl.as_millis()).unwrap_or(i64::MAX))
        .bind(verification.deadline.0.as_millis())
        .bind(verification.submitted_at.map(Timestamp::as_millis))
        .bind(verification.ended_at.map(Timestamp::as_millis))
        .bind(image(verification, PageSide::Front))
        .bind(image(verification, PageSide::Back))
        .execute(self.connection())
        .await?;
        one_row(done.rows_affected(), "the verification")
    }

    /// Keeps what was found on the document that a verification asked for.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such verification, [`StoreError::ErasedSubject`] without the person's
    /// key, or the database fails.
    pub async fn save_document_judgement(
        &mut self,
        verification: &Verification,
        judgement: &DocumentJudgement,
    ) -> Result<()> {
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        let done = sqlx::query("UPDATE verifications SET sealed_document = $3 WHERE tenant = $1 AND id = $2")
            .bind(verification.tenant.to_string())
            .bind(verification.id.to_string())
            .bind(seal.seal_json(DOCUMENT, verification.id.as_bytes(), judgement)?)
            .execute(self.connection())
            .await?;
        one_row(done.rows_affected(), "the verification")
    }

    /// What was found on the document that a verification asked for, once it was judged.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn document_judgement(
        &mut self,
        verification: &Verification,
    ) -> Result<Option<DocumentJudgement>> {
        // Most verifications ask for a face.
        if verification.pages.is_none() {
            return Ok(None);
        }
        let row = sqlx::query(
            "SELECT sealed_document FROM verifications WHERE tenant = $1 AND id = $2 \
             AND sealed_document IS NOT NULL",
        )
        .bind(verification.tenant.to_string())
        .bind(verification.id.to_string())
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        Ok(Some(seal.open_json(DOCUMENT, verification.id.as_bytes(), &row.bytes("sealed_document")?)?))
    }

    /// Keeps the token that is to be said for a verification.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such verification, [`StoreError::ErasedSubject`] without the person's
    /// key, or the database fails.
    pub async fn save_spoken_token(
        &mut self,
        verification: &Verification,
        token: &SpokenToken,
    ) -> Result<()> {
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        let done = sqlx::query("UPDATE verifications SET sealed_token = $3 WHERE tenant = $1 AND id = $2")
            .bind(verification.tenant.to_string())
            .bind(verification.id.to_string())
            .bind(seal.seal_json(TOKEN, verification.id.as_bytes(), token)?)
            .execute(self.connection())
            .await?;
        one_row(done.rows_affected(), "the verification")
    }

    /// The token that is to be said for a verification; `None` where none is.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn spoken_token(&mut self, verification: &Verification) -> Result<Option<SpokenToken>> {
        if verification.demand.speech.is_none() {
            return Ok(None);
        }
        let row = sqlx::query(
            "SELECT sealed_token FROM verifications WHERE tenant = $1 AND id = $2 AND sealed_token IS NOT NULL",
        )
        .bind(verification.tenant.to_string())
        .bind(verification.id.to_string())
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        Ok(Some(seal.open_json(TOKEN, verification.id.as_bytes(), &row.bytes("sealed_token")?)?))
    }

    /// The verification of that id, whoever's it is: for pages that its person opens without a key.
    ///
    /// # Errors
    /// The database fails.
    pub async fn verification_of_any(&mut self, id: VerificationId) -> Result<Option<Verification>> {
        let row = sqlx::query(select!("WHERE id = $1"))
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// How many verifications of a tenant, opened by one dialect, wait for their capture at `now`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn verifications_capturing(
        &mut self,
        tenant: TenantId,
        origin: Origin,
        now: Timestamp,
    ) -> Result<u64> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS open FROM verifications \
             WHERE tenant = $1 AND origin = $2 AND state = 'capturing' AND deadline >= $3",
        )
        .bind(tenant.to_string())
        .bind(origin.word())
        .bind(now.as_millis())
        .fetch_one(self.connection())
        .await?;
        row.number("open")
    }

    /// The verification of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn verification(
        &mut self,
        tenant: TenantId,
        id: VerificationId,
    ) -> Result<Option<Verification>> {
        let row = sqlx::query(select!("WHERE tenant = $1 AND id = $2"))
            .bind(tenant.to_string())
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The verifications of a tenant, or of one of its people, that one dialect opened, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn verifications(
        &mut self,
        tenant: TenantId,
        origin: Origin,
        subject: Option<SubjectId>,
        page: &Page,
    ) -> Result<Vec<Verification>> {
        let (at, id) = page.bounds();
        let query = match subject {
            Some(subject) => sqlx::query(select!(
                "WHERE tenant = $1 AND (created_at, id) < ($2, $3) AND origin = $5 AND subject = $6 \
                 ORDER BY created_at DESC, id DESC LIMIT $4"
            ))
            .bind(tenant.to_string())
            .bind(at)
            .bind(id)
            .bind(i64::from(page.limit))
            .bind(origin.word())
            .bind(subject.to_string()),
            None => sqlx::query(select!(
                "WHERE tenant = $1 AND (created_at, id) < ($2, $3) AND origin = $5 \
                 ORDER BY created_at DESC, id DESC LIMIT $4"
            ))
            .bind(tenant.to_string())
            .bind(at)
            .bind(id)
            .bind(i64::from(page.limit))
            .bind(origin.word()),
        };
        let rows = query.fetch_all(self.connection()).await?;
        rows.iter().map(read).collect()
    }

    /// The document of the dialect that opened the verification.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such verification, [`StoreError::ErasedSubject`] without the person's
    /// key, or the database fails.
    pub async fn extra(&mut self, verification: &Verification) -> Result<serde_json::Value> {
        let row = sqlx::query("SELECT sealed_extra FROM verifications WHERE tenant = $1 AND id = $2")
            .bind(verification.tenant.to_string())
            .bind(verification.id.to_string())
            .fetch_optional(self.connection())
            .await?
            .ok_or(StoreError::Missing { what: "the verification" })?;
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        seal.open_json(EXTRA, verification.id.as_bytes(), &row.bytes("sealed_extra")?)
    }

    /// Keeps the new document of the dialect that opened the verification.
    ///
    /// # Errors
    /// As for [`Tx::extra`].
    pub async fn save_extra(&mut self, verification: &Verification, extra: &serde_json::Value) -> Result<()> {
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        let done = sqlx::query("UPDATE verifications SET sealed_extra = $3 WHERE tenant = $1 AND id = $2")
            .bind(verification.tenant.to_string())
            .bind(verification.id.to_string())
            .bind(seal.seal_json(EXTRA, verification.id.as_bytes(), extra)?)
            .execute(self.connection())
            .await?;
        one_row(done.rows_affected(), "the verification")
    }

    /// The attempt that followed the verification `id`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn retry_of(&mut self, id: VerificationId) -> Result<Option<VerificationId>> {
        let row = sqlx::query("SELECT id FROM verifications WHERE retry_of = $1")
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.map(|row| row.id("id")).transpose()
    }
}

const CAPTURING: &str = "capturing";
const PROCESSING: &str = "processing";
/// Also in a constraint of the table.
const CONCLUDED: &str = "concluded";
const EXPIRED: &str = "expired";
const FAILED: &str = "failed";

/// The columns `state` and `decision`.
fn state_columns(state: VerificationState) -> (&'static str, Option<&'static str>) {
    match state {
        VerificationState::Capturing => (CAPTURING, None),
        VerificationState::Processing => (PROCESSING, None),
        VerificationState::Concluded(decision) => (CONCLUDED, decision.map(Decision::word)),
        VerificationState::Expired => (EXPIRED, None),
        VerificationState::Failed => (FAILED, None),
    }
}

fn read_state(state: &str, decision: Option<Decision>) -> Result<VerificationState> {
    match (state, decision) {
        (CAPTURING, None) => Ok(VerificationState::Capturing),
        (PROCESSING, None) => Ok(VerificationState::Processing),
        (CONCLUDED, decision) => Ok(VerificationState::Concluded(decision)),
        (EXPIRED, None) => Ok(VerificationState::Expired),
        (FAILED, None) => Ok(VerificationState::Failed),
        _ => Err(StoreError::Corrupt { what: "state of a verification" }),
    }
}

fn read_similarity(stored: f64) -> Result<Similarity> {
    // Written from an f32, so nothing is lost on the way back.
    Similarity::new(stored as f32).ok_or(StoreError::Corrupt { what: "demanded_similarity" })
}

/// The column of a side's picture.
fn image(verification: &Verification, side: PageSide) -> Option<String> {
    let pages = verification.pages.as_ref()?;
    pages.get(side).as_ref().map(ArtifactId::to_string)
}

fn read_pages(row: &SqliteRow) -> Result<Option<DocumentPages>> {
    let Some(kind) = row.optional_word::<DocumentKind>("wanted_document")? else { return Ok(None) };
    Ok(Some(DocumentPages {
        wanted: WantedDocument { kind, country: row.optional_text("wanted_issuer")? },
        front: row.optional_id("front_image")?,
        back: row.optional_id("back_image")?,
    }))
}

fn read(row: &SqliteRow) -> Result<Verification> {
    Ok(Verification {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        subject: row.id("subject")?,
        enrollment: row.optional_id("enrollment")?,
        origin: row.word("origin")?,
        demand: Demand {
            similarity: row.optional_real("demanded_similarity")?.map(read_similarity).transpose()?,
            liveness: row.integer("demands_liveness")? != 0,
            blocklist: row.optional_real("demanded_fpir")?.map(read_fpir).transpose()?,
            presence: row.integer("demands_presence")? != 0,
            speech: row.optional_word("demanded_precision")?,
        },
        pages: read_pages(row)?,
        state: read_state(&row.text("state")?, row.optional_word("decision")?)?,
        attempt: Attempt {
            retry_of: row.optional_id("retry_of")?,
            remaining: row.number("attempts_remaining")?,
            retry_ttl: Duration::from_millis(row.number("retry_ttl_ms")?),
        },
        created_at: row.time("created_at")?,
        deadline: Deadline(row.time("deadline")?),
        submitted_at: row.optional_time("submitted_at")?,
        ended_at: row.optional_time("ended_at")?,
    })
}
