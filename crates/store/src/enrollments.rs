//! Enrollments and the faces they hold.

use domain::{
    About, Enrollment, EnrollmentFailure, EnrollmentId, EnrollmentState, Fpir, SubjectId, TenantId,
};
use sqlx::sqlite::SqliteRow;

use crate::error::{Result, StoreError};
use crate::page::Page;
use crate::row::{Columns as _, about_columns};
use crate::tx::{Tx, one_row};
use crate::words::Word as _;

pub(crate) const FACE: &str = "reference face";
const EXTRA: &str = "extra of an enrollment";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, subject, origin, purpose, confirmation, blocklist_fpir, state, failure, created_at, \
             updated_at FROM enrollments ",
            $rest
        )
    };
}

impl Tx {
    /// Keeps a new enrollment. `false` where the person has one for the same purpose that has not failed.
    ///
    /// # Errors
    /// The database fails, also where the person is not there.
    pub async fn insert_enrollment(&mut self, enrollment: &Enrollment) -> Result<bool> {
        let (state, failure) = state_columns(enrollment.state);
        let done = sqlx::query(
            "INSERT INTO enrollments \
             (id, tenant, subject, origin, purpose, confirmation, blocklist_fpir, state, failure, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (tenant, subject, purpose) WHERE state <> 'failed' DO NOTHING",
        )
        .bind(enrollment.id.to_string())
        .bind(enrollment.tenant.to_string())
        .bind(enrollment.subject.to_string())
        .bind(enrollment.origin.word())
        .bind(enrollment.purpose.word())
        .bind(enrollment.confirmation.word())
        .bind(enrollment.blocklist.map(Fpir::get))
        .bind(state)
        .bind(failure)
        .bind(enrollment.created_at.as_millis())
        .bind(enrollment.updated_at.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps the new state of an enrollment.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such enrollment, or the database fails.
    pub async fn save_enrollment(&mut self, enrollment: &Enrollment) -> Result<()> {
        let (state, failure) = state_columns(enrollment.state);
        let done = sqlx::query(
            "UPDATE enrollments SET confirmation = $3, state = $4, failure = $5, updated_at = $6 \
             WHERE tenant = $1 AND id = $2",
        )
        .bind(enrollment.tenant.to_string())
        .bind(enrollment.id.to_string())
        .bind(enrollment.confirmation.word())
        .bind(state)
        .bind(failure)
        .bind(enrollment.updated_at.as_millis())
        .execute(self.connection())
        .await?;
        one_row(done.rows_affected(), "the enrollment")
    }

    /// The enrollment of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn enrollment(&mut self, tenant: TenantId, id: EnrollmentId) -> Result<Option<Enrollment>> {
        let row = sqlx::query(select!("WHERE tenant = $1 AND id = $2"))
            .bind(tenant.to_string())
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The newest enrollment of a person's reference: the one that has not failed, where there is one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn latest_enrollment(
        &mut self,
        tenant: TenantId,
        subject: SubjectId,
    ) -> Result<Option<Enrollment>> {
        let row = sqlx::query(select!(
            "WHERE tenant = $1 AND subject = $2 AND purpose = 'reference' \
             ORDER BY (state = 'failed'), created_at DESC, id DESC LIMIT 1"
        ))
        .bind(tenant.to_string())
        .bind(subject.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// The enrollments of a tenant, or of one of its people, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn enrollments(
        &mut self,
        tenant: TenantId,
        subject: Option<SubjectId>,
        page: &Page,
    ) -> Result<Vec<Enrollment>> {
        let (at, id) = page.bounds();
        let query = match subject {
            Some(subject) => sqlx::query(select!(
                "WHERE tenant = $1 AND (created_at, id) < ($2, $3) AND subject = $5 \
                 ORDER BY created_at DESC, id DESC LIMIT $4"
            ))
            .bind(tenant.to_string())
            .bind(at)
            .bind(id)
            .bind(i64::from(page.limit))
            .bind(subject.to_string()),
            None => sqlx::query(select!(
                "WHERE tenant = $1 AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4"
            ))
            .bind(tenant.to_string())
            .bind(at)
            .bind(id)
            .bind(i64::from(page.limit)),
        };
        let rows = query.fetch_all(self.connection()).await?;
        rows.iter().map(read).collect()
    }

    /// Deletes an enrollment with its reference face, its upload and the rows of its artifacts; read those before, and
    /// delete their blobs after the commit. Events and jobs about it stay. `false` where there is no such enrollment.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_enrollment(&mut self, tenant: TenantId, id: EnrollmentId) -> Result<bool> {
        // First of all, so that nothing of another tenant's enrollment is touched.
        let Some(enrollment) = self.enrollment(tenant, id).await? else { return Ok(false) };
        self.note_gallery_change(&enrollment, true).await?;
        let (about_kind, about_id) = about_columns(About::Enrollment(id));
        for about in [
            "DELETE FROM artifacts WHERE about_kind = $1 AND about_id = $2",
            "DELETE FROM uploads WHERE about_kind = $1 AND about_id = $2",
        ] {
            sqlx::query(about).bind(about_kind).bind(&about_id).execute(self.connection()).await?;
        }
        for own in
            ["DELETE FROM reference_faces WHERE enrollment = $1", "DELETE FROM enrollments WHERE id = $1"]
        {
            sqlx::query(own).bind(id.to_string()).execute(self.connection()).await?;
        }
        Ok(true)
    }

    /// Keeps the face of an enrollment, in place of one that was there. The bytes are the engine's. One for the blocklist
    /// is on it from the commit on.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn put_reference(&mut self, enrollment: &Enrollment, face: &[u8]) -> Result<()> {
        let seal = self.subject_seal(enrollment.tenant, enrollment.subject).await?;
        sqlx::query(
            "INSERT INTO reference_faces (enrollment, sealed_face) VALUES ($1, $2) \
             ON CONFLICT (enrollment) DO UPDATE SET sealed_face = excluded.sealed_face",
        )
        .bind(enrollment.id.to_string())
        .bind(seal.seal(FACE, enrollment.id.as_bytes(), face)?)
        .execute(self.connection())
        .await?;
        self.note_gallery_change(enrollment, false).await
    }

    /// The reference face of an enrollment.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn reference(&mut self, enrollment: &Enrollment) -> Result<Option<Vec<u8>>> {
        let row = sqlx::query("SELECT sealed_face FROM reference_faces WHERE enrollment = $1")
            .bind(enrollment.id.to_string())
            .fetch_optional(self.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let seal = self.subject_seal(enrollment.tenant, enrollment.subject).await?;
        let face = seal.open(FACE, enrollment.id.as_bytes(), &row.bytes("sealed_face")?)?;
        Ok(Some(face.to_vec()))
    }

    /// The document of the dialect that opened the enrollment; `Null` where it keeps none.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such enrollment, [`StoreError::ErasedSubject`] without the person's key,
    /// or the database fails.
    pub async fn enrollment_extra(&mut self, enrollment: &Enrollment) -> Result<serde_json::Value> {
        let row = sqlx::query("SELECT sealed_extra FROM enrollments WHERE tenant = $1 AND id = $2")
            .bind(enrollment.tenant.to_string())
            .bind(enrollment.id.to_string())
            .fetch_optional(self.connection())
            .await?
            .ok_or(StoreError::Missing { what: "the enrollment" })?;
        let Some(sealed) = row.optional_bytes("sealed_extra")? else { return Ok(serde_json::Value::Null) };
        let seal = self.subject_seal(enrollment.tenant, enrollment.subject).await?;
        seal.open_json(EXTRA, enrollment.id.as_bytes(), &sealed)
    }

    /// Keeps the document of the dialect that opened the enrollment.
    ///
    /// # Errors
    /// As for [`Tx::enrollment_extra`].
    pub async fn put_enrollment_extra(
        &mut self,
        enrollment: &Enrollment,
        extra: &serde_json::Value,
    ) -> Result<()> {
        let seal = self.subject_seal(enrollment.tenant, enrollment.subject).await?;
        let done = sqlx::query("UPDATE enrollments SET sealed_extra = $3 WHERE tenant = $1 AND id = $2")
            .bind(enrollment.tenant.to_string())
            .bind(enrollment.id.to_string())
            .bind(seal.seal_json(EXTRA, enrollment.id.as_bytes(), extra)?)
            .execute(self.connection())
            .await?;
        one_row(done.rows_affected(), "the enrollment")
    }

    /// Forgets the face of an enrollment; its photo stays.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_reference(&mut self, enrollment: &Enrollment) -> Result<()> {
        self.note_gallery_change(enrollment, true).await?;
        sqlx::query("DELETE FROM reference_faces WHERE enrollment = $1")
            .bind(enrollment.id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

const AWAITING_REFERENCE: &str = "awaiting-reference";
const AWAITING_VERIFICATION: &str = "awaiting-verification";
const ENROLLED: &str = "enrolled";
/// Also in the unique index.
const FAILED: &str = "failed";

/// The columns `state` and `failure`.
fn state_columns(state: EnrollmentState) -> (&'static str, Option<&'static str>) {
    match state {
        EnrollmentState::AwaitingReference => (AWAITING_REFERENCE, None),
        EnrollmentState::AwaitingVerification => (AWAITING_VERIFICATION, None),
        EnrollmentState::Enrolled => (ENROLLED, None),
        EnrollmentState::Failed(failure) => (FAILED, Some(failure.word())),
    }
}

fn read_state(state: &str, failure: Option<EnrollmentFailure>) -> Result<EnrollmentState> {
    match (state, failure) {
        (AWAITING_REFERENCE, None) => Ok(EnrollmentState::AwaitingReference),
        (AWAITING_VERIFICATION, None) => Ok(EnrollmentState::AwaitingVerification),
        (ENROLLED, None) => Ok(EnrollmentState::Enrolled),
        (FAILED, Some(failure)) => Ok(EnrollmentState::Failed(failure)),
        _ => Err(StoreError::Corrupt { what: "state of an enrollment" }),
    }
}

pub(crate) fn read_fpir(stored: f64) -> Result<Fpir> {
    Fpir::new(stored).ok_or(StoreError::Corrupt { what: "a false positive identification rate" })
}

fn read(row: &SqliteRow) -> Result<Enrollment> {
    Ok(Enrollment {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        subject: row.id("subject")?,
        origin: row.word("origin")?,
        purpose: row.word("purpose")?,
        confirmation: row.word("confirmation")?,
        blocklist: row.optional_real("blocklist_fpir")?.map(read_fpir).transpose()?,
        state: read_state(&row.text("state")?, row.optional_word("failure")?)?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
