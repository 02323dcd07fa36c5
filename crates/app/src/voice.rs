//! Whether a token was said in a recording.

use std::fs;
use std::path::Path;

use assets::Store;
use domain::{MinimumPrecision, SpeechPolicy, SpeechSignal, SpeechVerdict, SpokenToken};
use engine::voice::{Listener, VoiceModelFiles};
use media::video::VideoError;
use serde::Serialize;

use crate::clip::read;
use crate::{App, AppError};

/// Whether a token was said, and what was measured.
#[derive(Debug, Clone, Serialize)]
pub struct SpeechMatch {
    /// The answer.
    #[serde(flatten)]
    pub verdict: SpeechVerdict,
    /// The language in which the token was expected.
    pub language: &'static str,
    /// How sure one had to be.
    pub minimum_precision: MinimumPrecision,
    /// What was measured.
    pub speech: SpeechSignal,
}

/// A recording without sound, in which nothing was said.
const MUTE: SpeechSignal = SpeechSignal { heard_ms: 0, active_ms: 0, voiced_ms: 0, score: None };

impl App {
    /// What hears speech over the files of `store`; `None` where the group `voice` is not there. Its models are loaded
    /// with the first recording.
    pub(crate) fn open_listener(store: &Store, at_once: usize) -> Result<Option<Listener>, AppError> {
        let (Ok(encoder), Ok(decoder), Ok(tokens)) =
            (store.path("whisper_encoder"), store.path("whisper_decoder"), store.path("whisper_tokens"))
        else {
            return Ok(None);
        };
        let list = fs::read(&tokens).map_err(|source| AppError::File { path: tokens, source })?;
        let files = VoiceModelFiles { runtime: store.path("onnxruntime")?, encoder, decoder };
        Ok(Some(Listener::open(&files, &list, at_once)??))
    }

    /// What hears speech.
    ///
    /// # Errors
    /// [`AppError::NoVoice`] where its models are not there.
    pub fn listener(&self) -> Result<&Listener, AppError> {
        self.listener.as_ref().ok_or(AppError::NoVoice)
    }

    /// What is heard of `token` in the recording `bytes`. A recording without sound is a silent one.
    ///
    /// # Errors
    /// [`AppError::NoVoice`], [`AppError::NoDecoder`] and failures of the engine outside, what is wrong with the recording
    /// inside.
    pub fn hear(
        &self,
        bytes: &[u8],
        token: &SpokenToken,
    ) -> Result<Result<SpeechSignal, VideoError>, AppError> {
        let listener = self.listener()?;
        Ok(match self.sound(bytes)? {
            Ok(Some(sound)) => Ok(listener.listen(sound.pcm(), token)?),
            Ok(None) => Ok(MUTE),
            Err(error) => Err(error),
        })
    }

    /// Whether `token` was said in the file `path`, a video or WAVE.
    ///
    /// # Errors
    /// [`AppError::File`] and [`AppError::Video`] for a file that cannot be read, and those of [`hear`](Self::hear).
    pub fn match_speech(
        &self,
        path: &Path,
        token: &SpokenToken,
        precision: MinimumPrecision,
    ) -> Result<SpeechMatch, AppError> {
        let heard = self.hear(&read(path)?, token)?;
        let speech = heard.map_err(|source| AppError::Video { path: path.to_owned(), source })?;
        Ok(SpeechMatch {
            verdict: SpeechPolicy::STANDARD.judge(&speech, precision),
            language: token.language().code(),
            minimum_precision: precision,
            speech,
        })
    }
}
