//! Why a decision came out as it did, in codes for programs and sentences for people.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Blind, CaptureFault, Role, SpeechFault};

/// One reason. Its code is stable; its sentence says what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No face was found.
    NoFace(Role),
    /// Several faces of similar size: it is not clear which one is meant.
    SeveralFaces(Role),
    /// Too blurred to be compared.
    Blurred(Role),
    /// Too dark to be compared.
    TooDark(Role),
    /// Too bright to be compared.
    TooBright(Role),
    /// The face has too few pixels to be compared.
    FaceTooSmall(Role),
    /// The head is turned away.
    TurnedAway(Role),
    /// The selfie is a video that cannot be decoded to its end.
    VideoUnreadable,
    /// The eyes are closed.
    EyesClosed(Role),
    /// Something covers the face.
    Covered(Role),
    /// The face is on the blocklist.
    FaceInBlocklist,
    /// The similarity is far below the threshold.
    FacesDiffer,
    /// The similarity is below the threshold, but not far.
    FacesNotAlikeEnough,
    /// The selfie is the reference photo again.
    SelfieCopiesReference,
    /// The selfie looks like a presentation attack: a print, a screen.
    PresentationAttack,
    /// The detector's score lies between bona fide and attack.
    LivenessUncertain,
    /// The detector cannot judge this picture.
    LivenessBlind(Blind),
    /// Something is wrong with a live capture.
    Capture(CaptureFault),
    /// The token was not heard.
    Speech(SpeechFault),
}

impl Reason {
    /// Stable `snake_case` code.
    pub fn code(self) -> String {
        match self {
            Reason::NoFace(role) => format!("{role}_no_face"),
            Reason::SeveralFaces(role) => format!("{role}_several_faces"),
            Reason::Blurred(role) => format!("{role}_blurred"),
            Reason::TooDark(role) => format!("{role}_too_dark"),
            Reason::TooBright(role) => format!("{role}_too_bright"),
            Reason::FaceTooSmall(role) => format!("{role}_face_too_small"),
            Reason::TurnedAway(role) => format!("{role}_turned_away"),
            Reason::VideoUnreadable => "selfie_video_unreadable".to_owned(),
            Reason::EyesClosed(role) => format!("{role}_eyes_closed"),
            Reason::Covered(role) => format!("{role}_face_covered"),
            Reason::FaceInBlocklist => "face_in_blocklist".to_owned(),
            Reason::FacesDiffer => "faces_differ".to_owned(),
            Reason::FacesNotAlikeEnough => "faces_not_alike_enough".to_owned(),
            Reason::SelfieCopiesReference => "selfie_copies_reference".to_owned(),
            Reason::PresentationAttack => "presentation_attack".to_owned(),
            Reason::LivenessUncertain => "liveness_uncertain".to_owned(),
            Reason::LivenessBlind(blind) => {
                let what = match blind {
                    Blind::NoSurroundings => "no_surroundings",
                    Blind::FlatSurroundings => "flat_surroundings",
                    Blind::FaceTooSmall => "face_too_small",
                    Blind::BadExposure => "bad_exposure",
                    Blind::NoColour => "no_colour",
                    Blind::HeadLeans => "head_leans",
                };
                format!("liveness_{what}")
            }
            Reason::Capture(fault) => fault.code().to_owned(),
            Reason::Speech(fault) => fault.code().to_owned(),
        }
    }

    /// The reason whose code is `code`.
    pub fn from_code(code: &str) -> Option<Self> {
        use Reason as R;
        let of_a_photo = [
            R::NoFace,
            R::SeveralFaces,
            R::Blurred,
            R::TooDark,
            R::TooBright,
            R::FaceTooSmall,
            R::TurnedAway,
            R::EyesClosed,
            R::Covered,
        ];
        let of_both = [
            R::VideoUnreadable,
            R::FaceInBlocklist,
            R::FacesDiffer,
            R::FacesNotAlikeEnough,
            R::SelfieCopiesReference,
            R::PresentationAttack,
            R::LivenessUncertain,
        ];
        let blind = [
            Blind::NoSurroundings,
            Blind::FlatSurroundings,
            Blind::FaceTooSmall,
            Blind::BadExposure,
            Blind::NoColour,
            Blind::HeadLeans,
        ];
        let mut all = of_a_photo
            .into_iter()
            .flat_map(|reason| [reason(Role::Reference), reason(Role::Selfie)])
            .chain(of_both)
            .chain(blind.map(R::LivenessBlind))
            .chain(CaptureFault::ALL.map(R::Capture))
            .chain(SpeechFault::ALL.map(R::Speech));
        all.find(|reason| reason.code() == code)
    }

    /// Whether another photo of the same person can change the outcome.
    pub fn retry_helps(self) -> bool {
        match self {
            Reason::FaceInBlocklist | Reason::FacesDiffer | Reason::PresentationAttack => false,
            Reason::Capture(fault) => fault.retry_helps(),
            _ => true,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NoFace(role) => {
                write!(f, "no face in the {role} photo: use one that shows the whole face")
            }
            Reason::SeveralFaces(role) => {
                write!(f, "several faces in the {role} photo: use one with a single person")
            }
            Reason::Blurred(role) => write!(f, "the {role} photo is blurred: hold still and try again"),
            Reason::TooDark(role) => write!(f, "the face in the {role} photo is too dark: use more light"),
            Reason::TooBright(role) => write!(f, "the face in the {role} photo is too bright: use less light"),
            Reason::FaceTooSmall(role) => write!(f, "the face in the {role} photo is too small: come closer"),
            Reason::TurnedAway(role) => {
                write!(f, "the head in the {role} photo is turned: look straight at the camera")
            }
            Reason::VideoUnreadable => {
                f.write_str("the video is damaged, or takes too long to read: record it again")
            }
            Reason::EyesClosed(role) => write!(f, "the eyes in the {role} photo are closed: open them"),
            Reason::Covered(role) => {
                write!(f, "something covers the face in the {role} photo: take off mask or dark glasses")
            }
            Reason::FaceInBlocklist => f.write_str("the face is on the blocklist"),
            Reason::FacesDiffer => f.write_str("the faces are not those of one person"),
            Reason::FacesNotAlikeEnough => {
                f.write_str("the faces are alike, but not enough to be sure: use a clearer photo")
            }
            Reason::SelfieCopiesReference => {
                f.write_str("the selfie is the reference photo again: take a new picture")
            }
            Reason::PresentationAttack => {
                f.write_str("the selfie looks like a photo of a print or a screen, not of a person")
            }
            Reason::LivenessUncertain => f.write_str(
                "it is not certain that the selfie shows a person in front of the camera: try again in other light",
            ),
            Reason::LivenessBlind(blind) => f.write_str(match blind {
                Blind::NoSurroundings => {
                    "the selfie ends too close around the face to tell whether it is live: hold the camera farther away"
                }
                Blind::FlatSurroundings => {
                    "there is only an even colour around the face: use the uncut picture of the camera"
                }
                Blind::FaceTooSmall => "the face is too small to tell whether it is live: come closer",
                Blind::BadExposure => "the light is too bad to tell whether the face is live: use even light",
                Blind::HeadLeans => "the head leans too far to tell whether it is live: hold it straight",
                Blind::NoColour => "a picture without colour cannot tell whether the face is live: use a colour photo",
            }),
            Reason::Capture(fault) => fault.fmt(f),
            Reason::Speech(fault) => fault.fmt(f),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut reason = serializer.serialize_struct("Reason", 2)?;
        reason.serialize_field("code", &self.code())?;
        reason.serialize_field("message", &self.to_string())?;
        reason.end()
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            code: String,
        }
        let wire = Wire::deserialize(deserializer)?;
        Reason::from_code(&wire.code).ok_or_else(|| serde::de::Error::custom("no reason has this code"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_reads_back_what_it_writes() {
        for reason in [
            Reason::NoFace(Role::Selfie),
            Reason::Covered(Role::Reference),
            Reason::LivenessUncertain,
            Reason::FaceInBlocklist,
            Reason::LivenessBlind(Blind::HeadLeans),
        ] {
            let json = serde_json::to_string(&reason).unwrap();
            assert_eq!(serde_json::from_str::<Reason>(&json).unwrap(), reason);
        }
        assert!(serde_json::from_str::<Reason>(r#"{"code":"tired"}"#).is_err());
    }
}
