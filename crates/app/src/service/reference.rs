//! How a reference face is kept.

use domain::{PhotoEvidence, TemplateIds};
use engine::face::compare::{Embedding, Template};
use serde::{Deserialize, Serialize};

use crate::ServiceError;
use crate::judge::ReferenceFace;

#[derive(Serialize, Deserialize)]
struct Kept {
    template: Option<KeptTemplate>,
    evidence: PhotoEvidence,
}

#[derive(Serialize, Deserialize)]
struct KeptTemplate {
    ids: TemplateIds,
    embedding: Vec<f32>,
}

/// The bytes of a face, to be encrypted.
pub(crate) fn to_bytes(face: &ReferenceFace) -> Result<Vec<u8>, ServiceError> {
    let kept = Kept {
        template: face.template.as_ref().map(|template| KeptTemplate {
            ids: template.ids.clone(),
            embedding: template.embedding.values().to_vec(),
        }),
        evidence: face.evidence.clone(),
    };
    serde_json::to_vec(&kept).map_err(ServiceError::Reference)
}

/// The face of bytes that [`to_bytes`] made.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<ReferenceFace, ServiceError> {
    let kept: Kept = serde_json::from_slice(bytes).map_err(ServiceError::Reference)?;
    let template = kept.template.map(|template| {
        let embedding = Embedding::from_values(&template.embedding)
            .ok_or_else(|| ServiceError::Reference(serde::de::Error::custom("not a unit vector")))?;
        Ok::<_, ServiceError>(Template { ids: template.ids, embedding })
    });
    Ok(ReferenceFace { evidence: kept.evidence, template: template.transpose()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_is_kept_bit_for_bit() {
        let raw: Vec<f32> = (0..128).map(|index| (index as f32 * 0.37).sin()).collect();
        let ids = TemplateIds { model: "m".into(), preprocessing: "p".into(), calibration: "c".into() };
        let template = Some(Template { ids, embedding: Embedding::from_raw(&raw).unwrap() });
        let face = ReferenceFace { evidence: PhotoEvidence { faces: 1, quality: None }, template };
        let again = from_bytes(&to_bytes(&face).unwrap()).unwrap();
        assert_eq!((again.template, again.evidence), (face.template, face.evidence));
        assert!(from_bytes(b"{}").is_err());
    }
}
