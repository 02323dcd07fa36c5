//! Faces that are compared outside the steps: two pictures, or one and the portrait of a transaction's card. Nothing of them
//! is kept.

use bytes::Bytes;
use domain::{DocumentPolicy, Similarity};
use engine::face::compare::{Calibration, Comparison};

use super::{Service, Step, TransactionError, decode, judging};
use crate::judge::Look;
use crate::{Admission, Caller, ServiceError};

/// What comparing two faces says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ComparedFaces {
    /// How alike they are.
    pub similarity: Similarity,
    /// Whether they are one person's, by the threshold of every comparison.
    pub is_match: bool,
}

/// Why two faces cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The picture at that place, from 0, shows no face.
    #[error("a picture shows no face")]
    NoFace(usize),
    /// The picture at that place, from 0, shows several faces of similar size.
    #[error("a picture shows several faces")]
    SeveralFaces(usize),
    /// As for a step.
    #[error(transparent)]
    Step(#[from] TransactionError),
}

impl From<ServiceError> for CompareError {
    fn from(error: ServiceError) -> Self {
        Self::Step(error.into())
    }
}

impl Service {
    /// Compares the faces of two pictures.
    ///
    /// # Errors
    /// [`CompareError`].
    pub async fn compare_faces(
        &self,
        _admission: Admission,
        pictures: [Bytes; 2],
    ) -> Result<ComparedFaces, CompareError> {
        let [one, other] = pictures;
        let one = self.look_at_face(0, one).await?;
        let other = self.look_at_face(1, other).await?;
        compared(&one, &other)
    }

    /// Compares the face of a picture with the portrait of the card whose front the transaction of `step` took.
    ///
    /// # Errors
    /// [`CompareError`]; [`TransactionError::OutOfOrder`] where there is no front yet.
    pub async fn match_face(
        &self,
        _admission: Admission,
        caller: &Caller,
        step: &Step,
        picture: Bytes,
    ) -> Result<ComparedFaces, CompareError> {
        let id = step.transaction.ok_or(TransactionError::OutOfOrder)?;
        let mut tx = self.store().look().await.map_err(TransactionError::from)?;
        let session = self.owned_session(&mut tx, caller, step, id).await?;
        let session = session.filter(|session| session.taken.front.is_some());
        let session = session.ok_or(TransactionError::OutOfOrder)?;
        let images = tx.session_images(&session).await.map_err(TransactionError::from)?;
        let portrait = judging::portrait_of(&session, &images).ok_or(TransactionError::OutOfOrder)?;
        let artifact = tx.artifact(session.tenant, portrait).await.map_err(TransactionError::from)?;
        drop(tx);
        let artifact = artifact.ok_or(TransactionError::NotFound)?;
        let bytes = self.store().blob(&artifact).await.map_err(TransactionError::from)?;
        let face = self.look_at_face(0, picture).await?;
        let portrait = self.look_at_face(1, bytes.ok_or(TransactionError::NotFound)?.into()).await?;
        compared(&face, &portrait)
    }

    async fn look_at_face(&self, place: usize, picture: Bytes) -> Result<Look, CompareError> {
        let room = self.inner.faces.frame_room().await?;
        let seen = self.inner.faces.run(move |app| {
            let frame = decode(app, &picture)?;
            Ok::<_, CompareError>(app.look(&frame, false).map_err(ServiceError::App)?)
        });
        let look = seen.await?;
        drop(room);
        let look = look?;
        let front = look.photo.front.as_ref().ok_or(CompareError::NoFace(place))?;
        if front.quality.single_face < DocumentPolicy::STANDARD.face.quality.single_face {
            return Err(CompareError::SeveralFaces(place));
        }
        Ok(look)
    }
}

fn compared(one: &Look, other: &Look) -> Result<ComparedFaces, CompareError> {
    let one = one.template().ok_or(CompareError::NoFace(0))?;
    let other = other.template().ok_or(CompareError::NoFace(1))?;
    let found = Calibration::shipped().compare(one, other);
    let Comparison { similarity, .. } = found.map_err(|error| ServiceError::App(error.into()))?;
    Ok(ComparedFaces { similarity, is_match: similarity >= DocumentPolicy::STANDARD.face.threshold() })
}
