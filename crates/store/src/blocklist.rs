//! The blocklist of a tenant, for those who hold it in memory: all of its faces, and what happened to it since.

use std::sync::Arc;

use domain::{Enrollment, EnrollmentId, EnrollmentState, Purpose, SubjectId, TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;
use zeroize::Zeroizing;

use crate::enrollments::FACE;
use crate::error::Result;
use crate::keyring::SubjectKeys;
use crate::row::{Columns as _, json_text};
use crate::seal::TenantSeal;
use crate::tx::Tx;

/// That a face came on the blocklist or went off it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GalleryChange {
    /// Rises with every change.
    pub sequence: i64,
    /// Whose face.
    pub enrollment: EnrollmentId,
    /// Whether it went off.
    pub is_removed: bool,
}

/// Where a list of faces goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FacePlace(Timestamp, EnrollmentId);

/// Some faces of a blocklist, still sealed. Opening them takes a while and is the caller's to place: it belongs on a thread
/// that may compute.
pub struct SealedFaces {
    tenant: Arc<TenantSeal>,
    keys: SubjectKeys,
    rows: Vec<SealedFace>,
    last: Option<FacePlace>,
}

struct SealedFace {
    enrollment: EnrollmentId,
    subject: SubjectId,
    sealed: Vec<u8>,
}

impl SealedFaces {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Where the list goes on; `None` after the last face.
    pub fn next(&self) -> Option<FacePlace> {
        self.last
    }

    /// The faces, as [`Tx::put_reference`] took them. One whose person was erased in the meantime is left out.
    ///
    /// # Errors
    /// A face does not open.
    pub fn open(&self) -> Result<Vec<(EnrollmentId, Zeroizing<Vec<u8>>)>> {
        let mut faces = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            if let Some(seal) = self.keys.open(&self.tenant, row.subject)? {
                faces.push((row.enrollment, seal.open(FACE, row.enrollment.as_bytes(), &row.sealed)?));
            }
        }
        Ok(faces)
    }
}

impl std::fmt::Debug for SealedFaces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedFaces({})", self.rows.len())
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.subject, e.created_at, f.sealed_face FROM enrollments AS e \
             JOIN reference_faces AS f ON f.enrollment = e.id \
             WHERE e.tenant = $1 AND e.purpose = 'blocklist' AND e.state = 'enrolled' ",
            $rest
        )
    };
}

impl Tx {
    /// The number of the last change of a tenant's blocklist; 0 before the first. Faces that are read afterwards are as of
    /// this change or a later one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn gallery_sequence(&mut self, tenant: TenantId) -> Result<i64> {
        let row = sqlx::query(
            "SELECT COALESCE(MAX(sequence), 0) AS sequence FROM gallery_changes WHERE tenant = $1",
        )
        .bind(tenant.to_string())
        .fetch_one(self.connection())
        .await?;
        row.integer("sequence")
    }

    /// The changes of a tenant's blocklist after the number `after`, oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn gallery_changes(
        &mut self,
        tenant: TenantId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<GalleryChange>> {
        let rows = sqlx::query(
            "SELECT sequence, enrollment, is_removed FROM gallery_changes \
             WHERE tenant = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
        )
        .bind(tenant.to_string())
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(self.connection())
        .await?;
        let change = |row: &SqliteRow| {
            Ok(GalleryChange {
                sequence: row.integer("sequence")?,
                enrollment: row.id("enrollment")?,
                is_removed: row.integer("is_removed")? != 0,
            })
        };
        rows.iter().map(change).collect()
    }

    /// Faces of a tenant's blocklist in a stable order, from the beginning or after a place; `limit` bounds what is held.
    ///
    /// # Errors
    /// The database or the key ring fails.
    pub async fn blocked_faces(
        &mut self,
        tenant: TenantId,
        after: Option<FacePlace>,
        limit: u32,
    ) -> Result<SealedFaces> {
        let (at, id) =
            after.map_or((i64::MIN, String::new()), |place| (place.0.as_millis(), place.1.to_string()));
        let rows =
            sqlx::query(select!("AND (e.created_at, e.id) > ($2, $3) ORDER BY e.created_at, e.id LIMIT $4"))
                .bind(tenant.to_string())
                .bind(at)
                .bind(id)
                .bind(i64::from(limit))
                .fetch_all(self.connection())
                .await?;
        self.sealed_faces(tenant, &rows).await
    }

    /// Those of `enrollments` that are on a tenant's blocklist.
    ///
    /// # Errors
    /// The database or the key ring fails.
    pub async fn blocked_faces_of(
        &mut self,
        tenant: TenantId,
        enrollments: &[EnrollmentId],
    ) -> Result<SealedFaces> {
        let rows = sqlx::query(select!("AND e.id IN (SELECT value FROM json_each($2))"))
            .bind(tenant.to_string())
            .bind(json_text(&enrollments)?)
            .fetch_all(self.connection())
            .await?;
        self.sealed_faces(tenant, &rows).await
    }

    async fn sealed_faces(&mut self, tenant: TenantId, rows: &[SqliteRow]) -> Result<SealedFaces> {
        let last = rows
            .last()
            .map(|row| Ok::<_, crate::StoreError>(FacePlace(row.time("created_at")?, row.id("id")?)));
        let face = |row: &SqliteRow| {
            Ok(SealedFace {
                enrollment: row.id("id")?,
                subject: row.id("subject")?,
                sealed: row.bytes("sealed_face")?,
            })
        };
        let faces: Vec<SealedFace> = rows.iter().map(face).collect::<Result<_>>()?;
        let subjects: Vec<_> = faces.iter().map(|face| face.subject).collect();
        Ok(SealedFaces {
            tenant: self.tenant_seal(tenant).await?,
            keys: self.subject_keys(tenant, &subjects).await?,
            rows: faces,
            last: last.transpose()?,
        })
    }

    /// Tells those who hold the blocklist in memory that the face of `enrollment` is on it now, or goes off it; nothing
    /// where it is not meant for it.
    pub(crate) async fn note_gallery_change(
        &mut self,
        enrollment: &Enrollment,
        is_removed: bool,
    ) -> Result<()> {
        if enrollment.purpose != Purpose::Blocklist || enrollment.state != EnrollmentState::Enrolled {
            return Ok(());
        }
        sqlx::query("INSERT INTO gallery_changes (tenant, enrollment, is_removed) VALUES ($1, $2, $3)")
            .bind(enrollment.tenant.to_string())
            .bind(enrollment.id.to_string())
            .bind(i64::from(is_removed))
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Tells them that the faces of a person go off, as the person does.
    pub(crate) async fn note_erased(&mut self, tenant: TenantId, subject: SubjectId) -> Result<()> {
        sqlx::query(
            "INSERT INTO gallery_changes (tenant, enrollment, is_removed) \
             SELECT tenant, id, 1 FROM enrollments \
             WHERE tenant = $1 AND subject = $2 AND purpose = 'blocklist' AND state = 'enrolled'",
        )
        .bind(tenant.to_string())
        .bind(subject.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
