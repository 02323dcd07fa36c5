//! The pictures of a session, and why one is not taken.

use serde::{Deserialize, Serialize};

use super::{DocumentKind, PageFault};
use crate::{Blind, Decision, LivenessSignal, PhotoEvidence, Reason};

/// What a picture of a session is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageKind {
    /// The side of the document with the portrait.
    DocumentFront,
    /// Its other side.
    DocumentBack,
    /// The person.
    Selfie,
}

/// Why a picture was not taken. Another one can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageFault {
    /// Of a page.
    Page(PageFault),
    /// The two sides do not belong to one kind of document.
    NotMatching,
    /// Of the selfie.
    Selfie(SelfieFault),
}

/// Something that keeps a selfie from being judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfieFault {
    /// No face was found.
    NoFace,
    /// Several faces of similar size.
    SeveralFaces,
    /// The face has too few pixels.
    TooSmall,
    /// The picture ends too close around the face.
    TooClose,
    /// The face reaches beyond the picture.
    Cropped,
    /// The face lies at the edge of the picture.
    AtTheEdge,
    /// Too blurred.
    Blurred,
    /// Too bright.
    TooBright,
    /// Too dark.
    TooDark,
    /// The head is turned away.
    TurnedAway,
    /// The head leans to the side.
    Leaning,
    /// The eyes are closed.
    EyesClosed,
    /// Something covers the face.
    Covered,
}

/// What was measured on a selfie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelfieEvidence {
    /// The face in front.
    pub photo: PhotoEvidence,
    /// Whether it is a bona fide presentation; `None` without a face.
    pub liveness: Option<LivenessSignal>,
    /// Free space between the face and the nearest edge of the picture, as a share of the face's height; negative where
    /// the face reaches beyond. `None` without a face.
    pub room: Option<f32>,
    /// What the live capture said of which it is a frame; `None` for a photo that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<CaptureVerdict>,
}

/// How a live capture was judged by a [`crate::PresencePolicy`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureVerdict {
    /// Version of that policy.
    pub policy: String,
    /// What it said; `None` where it could not tell.
    pub decision: Option<Decision>,
    /// What did not pass.
    pub reasons: Vec<Reason>,
}

impl super::DocumentPolicy {
    /// What keeps a selfie from being judged; `None` where nothing does. What a person can mend at once comes first.
    pub fn selfie_fault(&self, selfie: &SelfieEvidence) -> Option<SelfieFault> {
        let Some(quality) = selfie.photo.quality.as_ref().filter(|_| selfie.photo.faces > 0) else {
            return Some(SelfieFault::NoFace);
        };
        let limits = &self.face.quality;
        let room = selfie.room.unwrap_or(1.0);
        let blind = match selfie.liveness {
            Some(LivenessSignal::CouldNotTell { blind }) => Some(blind),
            _ => None,
        };
        let exposure = if quality.luminance < 128 { SelfieFault::TooDark } else { SelfieFault::TooBright };
        let faults = [
            (quality.single_face < limits.single_face, SelfieFault::SeveralFaces),
            (room < self.cropped_under, SelfieFault::Cropped),
            (quality.size < limits.size || blind == Some(Blind::FaceTooSmall), SelfieFault::TooSmall),
            (blind == Some(Blind::NoSurroundings), SelfieFault::TooClose),
            (room < self.at_the_edge_under, SelfieFault::AtTheEdge),
            (quality.sharpness < limits.sharpness, SelfieFault::Blurred),
            (quality.exposure < limits.exposure || blind == Some(Blind::BadExposure), exposure),
            (quality.pose < limits.pose, SelfieFault::TurnedAway),
            (blind == Some(Blind::HeadLeans), SelfieFault::Leaning),
            (quality.eyes.is_some_and(|eyes| eyes < limits.eyes), SelfieFault::EyesClosed),
            (quality.occlusion < limits.occlusion, SelfieFault::Covered),
        ];
        faults.into_iter().find_map(|(is_there, fault)| is_there.then_some(fault))
    }

    /// What keeps a page from being read; `None` where nothing does. `front` is what the front was recognised as, where
    /// it is there.
    pub fn page_fault(
        &self,
        kind: ImageKind,
        page: &super::PageEvidence,
        front: Option<DocumentKind>,
    ) -> Option<ImageFault> {
        if let Some(fault) = page.faults.first() {
            return Some(ImageFault::Page(*fault));
        }
        let wrong_side = match (kind, page.side) {
            (ImageKind::DocumentFront, Some(super::PageSide::Back)) => true,
            // A passport has its data page and nothing else to show.
            (ImageKind::DocumentBack, Some(super::PageSide::Front)) => {
                page.kind != Some(DocumentKind::Passport)
            }
            _ => false,
        };
        if wrong_side {
            return Some(ImageFault::Page(PageFault::WrongSide));
        }
        let differs = matches!((front, page.kind), (Some(front), Some(back)) if front != back);
        (kind == ImageKind::DocumentBack && differs).then_some(ImageFault::NotMatching)
    }
}
