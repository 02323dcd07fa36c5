//! What can be wrong with a live capture or a clip, in codes for programs and sentences for people.

use std::fmt;

/// Why a question about a live capture or a clip was not answered with yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaptureFault {
    /// Too few frames show a face, or too few of them could be judged.
    TooFewFrames,
    /// The face was out of the picture for too long.
    FaceLost,
    /// A second face was in the picture for too long.
    SeveralFaces,
    /// The face was too dark or too bright for too long.
    BadLight,
    /// The face jumped from one frame to the next.
    Jumps,
    /// The faces of the frames are not surely one person's.
    PersonUncertain,
    /// The faces of the frames are those of different people.
    PersonChanged,
    /// Other light is so strong that the screen's cannot be told from it, or there is no background to compare with.
    ColoursTooFaint,
    /// The face's colour does not follow the screen's.
    ColoursNotFollowed,
    /// Front, sides and background answer alike, as on a picture.
    ColoursOnPlane,
    /// The face's colour follows other colours than those of the screen.
    OtherColours,
    /// The movement did not come.
    MovementNotSeen,
    /// The movement began before it was asked for.
    MovementTooEarly,
    /// The movement was no way, but a leap.
    MovementNotSmooth,
    /// The head turned too little to tell a head from a picture.
    DepthNotSeen,
    /// The face moved like a flat picture.
    FlatFace,
    /// Frames come again.
    FramesRepeated,
    /// Frames are those of another capture.
    FramesRecycled,
    /// The picture stands still.
    FrozenPicture,
    /// The camera's times do not fit those at which its frames arrived.
    CameraClock,
    /// Several things say that the pictures may not come from a camera.
    DoubtfulCamera,
    /// A fine pattern lies over the face, as the dots of a display make it.
    ScreenPattern,
    /// The light flickers from frame to frame, as that of a display does.
    ScreenFlicker,
}

impl CaptureFault {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::TooFewFrames,
        Self::FaceLost,
        Self::SeveralFaces,
        Self::BadLight,
        Self::Jumps,
        Self::PersonUncertain,
        Self::PersonChanged,
        Self::ColoursTooFaint,
        Self::ColoursNotFollowed,
        Self::ColoursOnPlane,
        Self::OtherColours,
        Self::MovementNotSeen,
        Self::MovementTooEarly,
        Self::MovementNotSmooth,
        Self::DepthNotSeen,
        Self::FlatFace,
        Self::FramesRepeated,
        Self::FramesRecycled,
        Self::FrozenPicture,
        Self::CameraClock,
        Self::DoubtfulCamera,
        Self::ScreenPattern,
        Self::ScreenFlicker,
    ];

    /// Stable `snake_case` code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooFewFrames => "capture_too_few_frames",
            Self::FaceLost => "capture_face_lost",
            Self::SeveralFaces => "capture_several_faces",
            Self::BadLight => "capture_bad_light",
            Self::Jumps => "capture_jumps",
            Self::PersonUncertain => "capture_person_uncertain",
            Self::PersonChanged => "capture_person_changed",
            Self::ColoursTooFaint => "colours_too_faint",
            Self::ColoursNotFollowed => "colours_not_followed",
            Self::ColoursOnPlane => "colours_on_plane",
            Self::OtherColours => "colours_of_another_challenge",
            Self::MovementNotSeen => "movement_not_seen",
            Self::MovementTooEarly => "movement_too_early",
            Self::MovementNotSmooth => "movement_not_smooth",
            Self::DepthNotSeen => "depth_not_seen",
            Self::FlatFace => "face_is_flat",
            Self::FramesRepeated => "frames_repeated",
            Self::FramesRecycled => "frames_of_another_capture",
            Self::FrozenPicture => "frames_frozen",
            Self::CameraClock => "camera_clock",
            Self::DoubtfulCamera => "camera_doubtful",
            Self::ScreenPattern => "screen_pattern",
            Self::ScreenFlicker => "screen_flicker",
        }
    }

    /// Whether another capture by the same person can come out better.
    pub const fn retry_helps(self) -> bool {
        !matches!(
            self,
            Self::PersonChanged
                | Self::OtherColours
                | Self::FlatFace
                | Self::FramesRepeated
                | Self::FramesRecycled
        )
    }
}

impl fmt::Display for CaptureFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooFewFrames => "too few pictures show the face well: stay in front of the camera",
            Self::FaceLost => "the face was out of the picture: stay in front of the camera",
            Self::SeveralFaces => "several people were in the picture: be alone in front of the camera",
            Self::BadLight => "the face was too dark or too bright: use even light",
            Self::Jumps => "the picture jumped: move slowly and leave the camera where it is",
            Self::PersonUncertain => "the face was not seen clearly throughout: look at the camera in even light",
            Self::PersonChanged => "the pictures show different people",
            Self::ColoursTooFaint => {
                "the light of the screen was not seen on the face: go where it is darker, or make the screen brighter"
            }
            Self::ColoursNotFollowed => {
                "the face did not answer to the colours of the screen: hold the screen upright before the face"
            }
            Self::ColoursOnPlane => {
                "the light of the screen fell on the face as on a picture: stay away from the wall and try again"
            }
            Self::OtherColours => "the face shows other colours than the screen did",
            Self::MovementNotSeen => "the movement was not seen: do what the screen says, and come back",
            Self::MovementTooEarly => "the movement came before it was asked for: wait for the screen",
            Self::MovementNotSmooth => "the movement was too fast: move slowly",
            Self::DepthNotSeen => "the head turned too little: move as far as the screen says",
            Self::FlatFace => "the face moved like a picture, not like a head",
            Self::FramesRepeated => "the same pictures came twice",
            Self::FramesRecycled => "the pictures are those of another capture",
            Self::FrozenPicture => "the picture stood still: use the camera itself",
            Self::CameraClock => "the pictures did not come as a camera takes them: try again with a better connection",
            Self::DoubtfulCamera => "it is not certain that the pictures come from a camera: use the camera itself",
            Self::ScreenPattern => "a fine pattern lies over the face: film the person and no display",
            Self::ScreenFlicker => "the light flickers: use daylight, or another lamp",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::Reason;

    #[test]
    fn each_fault_has_its_own_code_and_reads_back() {
        let codes: HashSet<_> = CaptureFault::ALL.iter().map(|fault| fault.code()).collect();
        assert_eq!(codes.len(), CaptureFault::ALL.len());
        for fault in CaptureFault::ALL {
            let reason = Reason::Capture(fault);
            assert_eq!(Reason::from_code(&reason.code()), Some(reason));
            assert_eq!(reason.retry_helps(), fault.retry_helps());
            assert!(!reason.to_string().is_empty());
        }
    }
}
