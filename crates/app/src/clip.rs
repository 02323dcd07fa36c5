//! Selfies that were filmed: decoded frame by frame, watched, and judged by the same rules wherever they come from.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use assets::Store;
use domain::{Assessment, CheckName, ClipEvidence, ClipSignal, Evidence, PhotoEvidence, Policy};
use engine::clip::{Watch, Watched};
use media::Samples;
use media::video::{About, Decoder, VideoError, VideoLimits};
use serde::Serialize;

use crate::judge::Look;
use crate::{App, AppError, MAX_UPLOAD_BYTES};

/// What one clip may ask for. A selfie of some seconds is judged, the rest of a longer recording is left alone.
const LIMITS: VideoLimits = VideoLimits {
    max_bytes: MAX_UPLOAD_BYTES,
    max_source_side: 4096,
    max_source_frames: 3600,
    first: Duration::from_secs(10),
    max_fps: 15.0,
    max_frames: 150,
    max_side: 1280,
    max_memory: 2_000_000_000,
    max_cpu: Duration::from_secs(15),
    max_wait: Duration::from_secs(20),
};

/// What one filmed selfie is, without a reference.
#[derive(Debug, Clone, Serialize)]
pub struct ClipVerdict {
    /// Decision, reasons, checks and the policy's version.
    #[serde(flatten)]
    pub assessment: Assessment,
    /// The best frame.
    pub selfie: PhotoEvidence,
    /// What was measured over time.
    pub clip: ClipEvidence,
    /// What the file says of itself.
    pub container: &'static str,
    /// The coding of its pictures.
    pub codec: String,
    /// Width and height as stored, in px.
    pub size: [u32; 2],
}

impl App {
    /// The decoder over the files of `store`; `None` where the group `video` is not there. This program is its launcher.
    pub(crate) fn open_decoder(store: &Store) -> Option<Decoder> {
        let ffmpeg = store.path("ffmpeg").ok()?;
        Some(Decoder { ffmpeg, launcher: "/proc/self/exe".into(), limits: LIMITS })
    }

    /// The decoder of videos.
    ///
    /// # Errors
    /// [`AppError::NoDecoder`] where it is not there.
    pub fn video(&self) -> Result<&Decoder, AppError> {
        self.decoder.as_ref().ok_or(AppError::NoDecoder)
    }

    /// The sound of the clip `bytes`; `None` where it has none.
    ///
    /// # Errors
    /// [`AppError::NoDecoder`] outside, what is wrong with the clip inside.
    pub fn sound(&self, bytes: &[u8]) -> Result<Result<Option<Samples>, VideoError>, AppError> {
        blame(self.video()?.sound(bytes))
    }

    /// Whether the clip `bytes` can be read, as far as its headers tell.
    pub(crate) fn survey_clip(&self, bytes: &[u8]) -> Result<Result<About, VideoError>, AppError> {
        blame(self.video()?.survey(bytes))
    }

    /// Watches the clip `bytes` to its end.
    ///
    /// # Errors
    /// Those of the engine and of this machine outside, what is wrong with the clip inside.
    fn watch(&self, bytes: &[u8]) -> Result<Result<(Watched, About), VideoError>, AppError> {
        let frames = match blame(self.video()?.decode(bytes))? {
            Ok(frames) => frames,
            Err(error) => return Ok(Err(error)),
        };
        let about = frames.about().clone();
        let shown = about.duration.min(LIMITS.first);
        let mut watch = Watch::new(self.engine(), u64::try_from(shown.as_millis()).unwrap_or(u64::MAX));
        for frame in frames {
            match blame(frame)? {
                Ok(frame) => watch.see(frame)?,
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok((watch.finish()?, about)))
    }

    /// Everything that can be measured on a clip that was accepted.
    pub(crate) fn look_at_clip(&self, bytes: &[u8]) -> Result<Look, AppError> {
        if let Ok((watched, _)) = self.watch(bytes)? {
            return self.look_at_watched(&watched);
        }
        let clip = Some(ClipSignal::Unreadable);
        Ok(Look { photo: engine::Photo::NOBODY, liveness: None, clip, speech: None })
    }

    fn look_at_watched(&self, watched: &Watched) -> Result<Look, AppError> {
        let photo = match &watched.best {
            Some(frame) => self.engine().acquire(frame)?,
            None => engine::Photo::NOBODY,
        };
        Ok(Look { photo, liveness: None, clip: Some(ClipSignal::Watched(watched.evidence)), speech: None })
    }

    /// Judges the clip in the file `path`: is it a bona fide presentation?
    ///
    /// # Errors
    /// [`AppError::File`] and [`AppError::Video`] for a file that cannot be read, [`AppError::NoDecoder`], and failures
    /// of the engine.
    pub fn judge_clip(&self, path: &Path) -> Result<ClipVerdict, AppError> {
        let verdict = self.judge_clip_bytes(&read(path)?)?;
        verdict.map_err(|source| AppError::Video { path: path.to_owned(), source })
    }

    /// Judges the clip `bytes`, as [`judge_clip`](Self::judge_clip).
    ///
    /// # Errors
    /// [`AppError::NoDecoder`] and failures of the engine outside, what is wrong with the clip inside.
    pub fn judge_clip_bytes(&self, bytes: &[u8]) -> Result<Result<ClipVerdict, VideoError>, AppError> {
        let (watched, about) = match self.watch(bytes)? {
            Ok(watched) => watched,
            Err(error) => return Ok(Err(error)),
        };
        let clip = watched.evidence;
        let look = self.look_at_watched(&watched)?;
        let policy = Policy::STANDARD;
        let evidence = Evidence {
            reference: PhotoEvidence { faces: 0, quality: None },
            selfie: look.evidence(),
            comparison: None,
            liveness: None,
            clip: look.clip,
            search: None,
            speech: None,
        };
        let asked = [CheckName::SelfieUsable, CheckName::Liveness];
        let all = policy.assess(&evidence).checks;
        let checks = all.into_iter().filter(|check| asked.contains(&check.name)).collect();
        Ok(Ok(ClipVerdict {
            assessment: Assessment::conclude(policy.version, checks),
            selfie: evidence.selfie,
            clip,
            container: about.container.media_type(),
            codec: about.codec,
            size: [about.width, about.height],
        }))
    }
}

/// Reads a file, but no more of it than is allowed and a byte.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, AppError> {
    let failed = |source| AppError::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(LIMITS.max_bytes as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Sets apart what is the machine's fault from what is the clip's.
fn blame<T>(result: Result<T, VideoError>) -> Result<Result<T, VideoError>, AppError> {
    match result {
        Err(error @ (VideoError::DecoderMissing { .. } | VideoError::Sandbox { .. })) => {
            Err(AppError::Decoder(error))
        }
        other => Ok(other),
    }
}
