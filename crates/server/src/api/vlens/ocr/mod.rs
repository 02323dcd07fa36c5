//! Services that need a key alone and no transaction: faces that are compared, lists, and documents that are looked at.

pub(super) mod aml;
pub(super) mod classify;
pub(super) mod compare;
mod document;
pub(super) mod face_match;
pub(super) mod passport;

use app::{CompareError, ComparedFaces};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::VlensError;
use super::wire::{Body, MOST_TEXT};

/// What comparing two faces says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComparedFaces)]
pub(crate) struct Compared {
    /// As it was sent.
    transaction_id: Option<String>,
    /// As it was sent.
    request_id: Option<String>,
    /// As it was sent.
    client_transaction_id: Option<String>,
    /// Whether the faces are one person's.
    #[serde(rename = "isMatched")]
    is_matched: bool,
    /// How unlike they are, 0 to 1: under 0.35 they match.
    #[serde(rename = "dissimilarityScore")]
    #[schema(example = "0.06")]
    dissimilarity: String,
}

impl Compared {
    fn of(found: ComparedFaces, body: &Body) -> Result<Self, VlensError> {
        let text = |name| Ok::<_, VlensError>(body.text(name, MOST_TEXT)?.map(str::to_owned));
        Ok(Self {
            transaction_id: text("transaction_id")?.map(|id| id.to_lowercase()),
            request_id: text("request_id")?,
            client_transaction_id: text("client_transaction_id")?,
            is_matched: found.is_match,
            dissimilarity: format!("{:.2}", 1.0 - found.similarity.get()),
        })
    }
}

impl From<CompareError> for VlensError {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::NoFace(_) => Self::business(4208),
            CompareError::SeveralFaces(_) => Self::business(4206),
            CompareError::Step(error) => error.into(),
        }
    }
}
