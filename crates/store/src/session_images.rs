//! The pictures of a session, those that were not taken too, and the faces of sessions.

use domain::{ArtifactId, DocumentSession, ImageKind, SessionId, SubjectId};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;

use crate::error::Result;
use crate::row::Columns as _;
use crate::tx::Tx;
use crate::words::Word as _;

const NOTE: &str = "note of a picture";
const FACE: &str = "face of a session";

/// A picture of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionImage {
    /// The stored picture.
    pub artifact: ArtifactId,
    /// What it was to show.
    pub kind: ImageKind,
    /// Whether it was of no use.
    pub is_rejected: bool,
    /// The picture that it was cut from; `None` for one that was sent.
    pub original: Option<ArtifactId>,
    /// What its owner keeps with it. Kept encrypted.
    pub note: Value,
}

/// The face of a session that was concluded.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionFace {
    /// The session.
    pub session: SessionId,
    /// Whether its person is known to be another than the one that is asked for.
    pub is_of_another: bool,
    /// Whether it was denied.
    pub is_denied: bool,
    /// The face, as its owner wrote it.
    pub face: Vec<u8>,
}

impl std::fmt::Debug for SessionFace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionFace").field("session", &self.session).finish_non_exhaustive()
    }
}

impl Tx {
    /// Keeps a picture of a session, after those that are there. Its artifact was inserted before.
    ///
    /// # Errors
    /// [`crate::StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn insert_session_image(
        &mut self,
        session: &DocumentSession,
        image: &SessionImage,
    ) -> Result<()> {
        let seal = self.subject_seal(session.tenant, session.subject).await?;
        sqlx::query(
            "INSERT INTO session_images \
             (artifact, session, tenant, subject, position, kind, is_rejected, original, sealed_note) \
             SELECT $1, $2, $3, $4, COUNT(*), $5, $6, $7, $8 FROM session_images WHERE session = $2",
        )
        .bind(image.artifact.to_string())
        .bind(session.id.to_string())
        .bind(session.tenant.to_string())
        .bind(session.subject.to_string())
        .bind(image.kind.word())
        .bind(i64::from(image.is_rejected))
        .bind(image.original.as_ref().map(ArtifactId::to_string))
        .bind(seal.seal_json(NOTE, image.artifact.as_bytes(), &image.note)?)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The pictures of a session, in the order in which they came.
    ///
    /// # Errors
    /// [`crate::StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn session_images(&mut self, session: &DocumentSession) -> Result<Vec<SessionImage>> {
        let rows = sqlx::query(
            "SELECT artifact, kind, is_rejected, original, sealed_note FROM session_images \
             WHERE tenant = $1 AND session = $2 ORDER BY position",
        )
        .bind(session.tenant.to_string())
        .bind(session.id.to_string())
        .fetch_all(self.connection())
        .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let seal = self.subject_seal(session.tenant, session.subject).await?;
        let read = |row: &SqliteRow| {
            let artifact: ArtifactId = row.id("artifact")?;
            Ok(SessionImage {
                artifact,
                kind: row.word("kind")?,
                is_rejected: row.integer("is_rejected")? != 0,
                original: row.optional_id("original")?,
                note: seal.open_json(NOTE, artifact.as_bytes(), &row.bytes("sealed_note")?)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Keeps the face of a session, to be found again.
    ///
    /// # Errors
    /// [`crate::StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn put_session_face(&mut self, session: &DocumentSession, face: &[u8]) -> Result<()> {
        let seal = self.subject_seal(session.tenant, session.subject).await?;
        sqlx::query(
            "INSERT INTO session_faces (session, tenant, subject, sealed_face) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (session) DO UPDATE SET sealed_face = excluded.sealed_face",
        )
        .bind(session.id.to_string())
        .bind(session.tenant.to_string())
        .bind(session.subject.to_string())
        .bind(seal.seal(FACE, session.id.as_bytes(), face)?)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// At most `limit` faces of the tenant's other sessions that may tell something about `session`: those of people who
    /// are known to be others, and those that were denied. In the order of their sessions' ids, after `place`; with the
    /// place where they go on, `None` after the last one.
    ///
    /// # Errors
    /// The database fails, or a face does not open.
    pub async fn session_faces(
        &mut self,
        session: &DocumentSession,
        place: Option<SessionId>,
        limit: u32,
    ) -> Result<(Vec<SessionFace>, Option<SessionId>)> {
        let rows = sqlx::query(
            "SELECT other.id, other.subject, COALESCE(other.person_index <> own.person_index, 0) AS is_of_another, \
             COALESCE(other.decision = 'deny', 0) AS is_denied, sealed_face \
             FROM document_sessions own JOIN session_faces ON session_faces.tenant = own.tenant \
             JOIN document_sessions other ON other.id = session_faces.session \
             WHERE own.tenant = $1 AND own.id = $2 AND other.id <> own.id AND session_faces.session > $3 \
             AND (other.person_index <> own.person_index OR other.decision = 'deny') \
             ORDER BY session_faces.session LIMIT $4",
        )
        .bind(session.tenant.to_string())
        .bind(session.id.to_string())
        .bind(place.as_ref().map(SessionId::to_string).unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(self.connection())
        .await?;
        let subjects = rows.iter().map(|row| row.id("subject")).collect::<Result<Vec<SubjectId>>>()?;
        let keys = self.subject_keys(session.tenant, &subjects).await?;
        let tenant = self.tenant_seal(session.tenant).await?;
        let mut faces = Vec::with_capacity(rows.len());
        for (row, subject) in rows.iter().zip(subjects) {
            // Whose key is gone is being erased.
            let Some(seal) = keys.open(&tenant, subject)? else { continue };
            let id: SessionId = row.id("id")?;
            faces.push(SessionFace {
                session: id,
                is_of_another: row.integer("is_of_another")? != 0,
                is_denied: row.integer("is_denied")? != 0,
                face: seal.open(FACE, id.as_bytes(), &row.bytes("sealed_face")?)?.to_vec(),
            });
        }
        let next = rows.last().map(|row| row.id("id")).transpose()?;
        Ok((faces, next))
    }
}
