//! Subjects: the people of a tenant. What is known of them is sealed under their own key.

use domain::{SubjectId, TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::error::{Result, StoreError};
use crate::page::Page;
use crate::row::Columns as _;
use crate::tx::{Tx, one_row};

const REFERENCE: &str = "reference of a subject";
const PROFILE: &str = "profile of a subject";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, sealed_reference, sealed_profile, created_at, updated_at FROM subjects ",
            $rest
        )
    };
}

/// A person of a tenant.
#[derive(Clone, PartialEq)]
pub struct Subject {
    /// Its id.
    pub id: SubjectId,
    /// Whose customer the person is.
    pub tenant: TenantId,
    /// What the tenant calls the person: one of a kind in the tenant.
    pub reference: String,
    /// What the tenant told of the person.
    pub profile: serde_json::Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Without what is known of the person: this may end in a log.
impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject").field("id", &self.id).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl Tx {
    /// Keeps a new person; the key was made before, by [`crate::Store::create_subject_key`]. `false` where the tenant
    /// has a person of that reference.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn insert_subject(&mut self, subject: &Subject) -> Result<bool> {
        let index = self.tenant_seal(subject.tenant).await?.blind_index(REFERENCE, &subject.reference);
        let seal = self.subject_seal(subject.tenant, subject.id).await?;
        let row = subject.id.as_bytes();
        let done = sqlx::query(
            "INSERT INTO subjects \
             (id, tenant, reference_index, sealed_reference, sealed_profile, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, reference_index) DO NOTHING",
        )
        .bind(subject.id.to_string())
        .bind(subject.tenant.to_string())
        .bind(index)
        .bind(seal.seal(REFERENCE, row, subject.reference.as_bytes())?)
        .bind(seal.seal_json(PROFILE, row, &subject.profile)?)
        .bind(subject.created_at.as_millis())
        .bind(subject.updated_at.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps the new form of a person.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such person, [`StoreError::Taken`] where another has that reference,
    /// [`StoreError::ErasedSubject`] without the key, or the database fails.
    pub async fn save_subject(&mut self, subject: &Subject) -> Result<()> {
        let index = self.tenant_seal(subject.tenant).await?.blind_index(REFERENCE, &subject.reference);
        let seal = self.subject_seal(subject.tenant, subject.id).await?;
        let row = subject.id.as_bytes();
        let done = sqlx::query(
            "UPDATE subjects \
             SET reference_index = $3, sealed_reference = $4, sealed_profile = $5, updated_at = $6 \
             WHERE tenant = $1 AND id = $2",
        )
        .bind(subject.tenant.to_string())
        .bind(subject.id.to_string())
        .bind(index)
        .bind(seal.seal(REFERENCE, row, subject.reference.as_bytes())?)
        .bind(seal.seal_json(PROFILE, row, &subject.profile)?)
        .bind(subject.updated_at.as_millis())
        .execute(self.connection())
        .await
        .map_err(StoreError::taken("reference of a subject"))?;
        one_row(done.rows_affected(), "the subject")
    }

    /// The person of that id.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn subject(&mut self, tenant: TenantId, id: SubjectId) -> Result<Option<Subject>> {
        let row = sqlx::query(select!("WHERE tenant = $1 AND id = $2"))
            .bind(tenant.to_string())
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        match row {
            Some(row) => Ok(Some(self.open_subject(&row).await?)),
            None => Ok(None),
        }
    }

    /// The person whom the tenant calls `reference`.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn subject_by_reference(
        &mut self,
        tenant: TenantId,
        reference: &str,
    ) -> Result<Option<Subject>> {
        let index = self.tenant_seal(tenant).await?.blind_index(REFERENCE, reference);
        let row = sqlx::query(select!("WHERE tenant = $1 AND reference_index = $2"))
            .bind(tenant.to_string())
            .bind(index)
            .fetch_optional(self.connection())
            .await?;
        match row {
            Some(row) => Ok(Some(self.open_subject(&row).await?)),
            None => Ok(None),
        }
    }

    /// The people of a tenant, newest first.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the key of one of them, or the database fails.
    pub async fn subjects(&mut self, tenant: TenantId, page: &Page) -> Result<Vec<Subject>> {
        let (at, id) = page.bounds();
        let rows = sqlx::query(select!(
            "WHERE tenant = $1 AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4"
        ))
        .bind(tenant.to_string())
        .bind(at)
        .bind(id)
        .bind(i64::from(page.limit))
        .fetch_all(self.connection())
        .await?;
        let mut subjects = Vec::with_capacity(rows.len());
        for row in &rows {
            subjects.push(self.open_subject(row).await?);
        }
        Ok(subjects)
    }

    async fn open_subject(&mut self, row: &SqliteRow) -> Result<Subject> {
        let (tenant, id): (TenantId, SubjectId) = (row.id("tenant")?, row.id("id")?);
        let seal = self.subject_seal(tenant, id).await?;
        Ok(Subject {
            id,
            tenant,
            reference: seal.open_text(REFERENCE, id.as_bytes(), &row.bytes("sealed_reference")?)?,
            profile: seal.open_json(PROFILE, id.as_bytes(), &row.bytes("sealed_profile")?)?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }
}
