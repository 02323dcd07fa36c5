//! Why a token counts as not said.

use std::fmt;

/// Why a token counts as not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpeechFault {
    /// Nothing that is louder than silence, or the recording has no sound.
    Silence,
    /// Sound, but nothing said.
    Noise,
    /// Something in another language.
    OtherLanguage,
    /// Something else.
    OtherToken,
    /// The token is likelier than others, but not by as much as was asked.
    Uncertain,
}

impl SpeechFault {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Silence, Self::Noise, Self::OtherLanguage, Self::OtherToken, Self::Uncertain];

    /// Stable `snake_case` code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Silence => "speech_silence",
            Self::Noise => "speech_noise",
            Self::OtherLanguage => "speech_other_language",
            Self::OtherToken => "speech_other_token",
            Self::Uncertain => "speech_uncertain",
        }
    }
}

impl fmt::Display for SpeechFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Silence => "nothing is heard in the recording: switch the microphone on and speak up",
            Self::Noise => "no speech is heard in the recording: go where it is quieter and speak up",
            Self::OtherLanguage => "another language is heard in the recording: say what is shown in the language asked for",
            Self::OtherToken => "something else than what is shown is heard in the recording: say exactly that, and nothing else",
            Self::Uncertain => "it is not certain that what is shown is said in the recording: say it slowly and clearly",
        })
    }
}
