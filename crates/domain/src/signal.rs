//! What the engine saw. Signals are measurements: none of them decides anything.

use serde::{Deserialize, Serialize};

use crate::{ClipEvidence, EnrollmentId, Fmr, Fpir, Similarity, SpeechSignal};

/// Everything that was measured on a reference and a selfie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The reference photo.
    pub reference: PhotoEvidence,
    /// The selfie.
    pub selfie: PhotoEvidence,
    /// The comparison of the two; `None` where one of them shows no face.
    pub comparison: Option<ComparisonSignal>,
    /// Whether the selfie is a bona fide presentation; `None` where it shows no face, and for a clip.
    pub liveness: Option<LivenessSignal>,
    /// What was seen over time, where the selfie is a clip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<ClipSignal>,
    /// What a look into the blocklist found; `None` where it was not asked for, or the selfie shows no face.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchSignal>,
    /// What was heard of the token; `None` where none was asked for, or there was no sound to be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speech: Option<SpeechSignal>,
}

/// A selfie that was filmed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ClipSignal {
    /// It was watched to its end.
    Watched(ClipEvidence),
    /// It passed for a video when it came, and could not be decoded to its end.
    Unreadable,
}

/// What one photo shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhotoEvidence {
    /// Faces found.
    pub faces: usize,
    /// Quality of the face in front; `None` without a face.
    pub quality: Option<QualitySignal>,
}

/// Quality of a face picture, after the components of ISO/IEC 29794-5. Each 0..100, 100 best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualitySignal {
    /// How much fine detail the face shows.
    pub sharpness: u8,
    /// How well the face is lit.
    pub exposure: u8,
    /// Distance of the eyes in the photo.
    pub size: u8,
    /// How straight the head faces the camera.
    pub pose: u8,
    /// How open the eyes are; `None` where they cannot be seen (a profile, dark glasses).
    pub eyes: Option<u8>,
    /// How free the mouth, nose and eyes are of masks, hands and dark glasses.
    pub occlusion: u8,
    /// How alone the face is in front: 0 with a second one of the same size.
    pub single_face: u8,
    /// Mean luminance of the face, 0..255: says which way a bad exposure is off.
    pub luminance: u8,
}

/// How alike reference and selfie are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ComparisonSignal {
    /// The calibrated comparison score.
    pub similarity: Similarity,
    /// The cosine behind it, -1..1.
    pub cosine: f32,
    /// The false match rate of the threshold that the policy uses; `None` where it was not measured.
    pub fmr_at_threshold: Option<Fmr>,
}

/// What a look into the tenant's blocklist found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SearchSignal {
    /// Faces that were compared.
    pub members: u64,
    /// Faces on the list whose templates another model made: not compared.
    pub left_out: u64,
    /// How alike the nearest face is; `None` without a face to compare with.
    pub nearest: Option<Similarity>,
    /// From which similarity on it counts as a hit: rises with the number of faces.
    pub threshold: Similarity,
    /// The cosine at that threshold, -1..1.
    pub threshold_cosine: f32,
    /// Rate of false alarms of the whole search for which the threshold was set.
    pub fpir: Fpir,
    /// Whether the threshold lies where false matches were measured, and not beyond.
    pub is_measured: bool,
    /// The face that was hit.
    pub matched: Option<EnrollmentId>,
}

/// What single-frame presentation attack detection says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum LivenessSignal {
    /// The detector can judge this picture.
    Scored {
        /// 0 is an attack presentation, 1 a bona fide one.
        score: f32,
    },
    /// The detector is blind on this picture: no answer rather than a guess.
    CouldNotTell {
        /// Why.
        blind: Blind,
    },
}

/// Why the single-frame detector cannot judge a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blind {
    /// The picture ends too close around the face: the signs of a print or a screen lie beside it.
    NoSurroundings,
    /// What surrounds the face is one even colour, as around a cut-out.
    FlatSurroundings,
    /// The face has too few pixels.
    FaceTooSmall,
    /// The face is too dark or too bright.
    BadExposure,
    /// The picture has no colour.
    NoColour,
    /// The head leans too far to the side.
    HeadLeans,
}
