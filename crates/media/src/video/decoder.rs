//! From bytes to frames, one by one.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};

use super::arguments;
use super::child::{Child, Start};
use super::error::VideoError;
use super::limits::{Allowance, VideoLimits};
use super::ppm;
use super::probe::{About, probe};
use super::sniff::{Container, sniff, sniff_sound};
use crate::{Damage, Frame, Samples};

/// Decodes recordings with ffmpeg, version 7 or newer, locked in.
#[derive(Debug, Clone)]
pub struct Decoder {
    /// The ffmpeg program.
    pub ffmpeg: PathBuf,
    /// A program that hands its arguments after [`LAUNCH`](super::LAUNCH) to [`launch`](super::launch()). The
    /// program itself may be one: `/proc/self/exe` is it, even when its file was replaced since it started.
    pub launcher: PathBuf,
    /// Bounds on each recording.
    pub limits: VideoLimits,
}

/// The frames of one recording, in their order. Dropping it ends the decoding.
///
/// A frame is upright, at most [`max_side`](VideoLimits::max_side) on a side, its pixels as stored: a recording whose
/// pixels are no squares stays narrow or wide. [`Frame::t_ms`] is the time of the recording, which starts near 0 and
/// never goes back. An error is the last item: what came before it are real frames, of a file that is damaged later.
#[derive(Debug)]
pub struct Frames {
    about: About,
    limits: VideoLimits,
    /// `None` at the end.
    child: Option<Child>,
    given: u32,
    time_ms: u64,
}

impl Decoder {
    /// Starts decoding `bytes`. When this returns, the whole file was looked at, and found to be within the limits and
    /// complete; its frames are yet to be decoded.
    ///
    /// # Errors
    /// Any [`VideoError`].
    pub fn decode(&self, bytes: &[u8]) -> Result<Frames, VideoError> {
        let limits = self.limits;
        let (container, input) = self.input(bytes, sniff)?;
        let about = probe(&self.start(limits.for_probing()), container, &limits, &input)?;
        let arguments = arguments::decode(container, &limits);
        let child = Child::start(&self.start(limits.for_decoding()), &arguments, &input)?;
        Ok(Frames { about, limits, child: Some(child), given: 0, time_ms: 0 })
    }

    /// What `bytes` say of themselves, without decoding: what [`decode`](Self::decode) looks at first. A file that is
    /// damaged within its pictures passes.
    ///
    /// # Errors
    /// Any [`VideoError`].
    pub fn survey(&self, bytes: &[u8]) -> Result<About, VideoError> {
        let (container, input) = self.input(bytes, sniff)?;
        probe(&self.start(self.limits.for_probing()), container, &self.limits, &input)
    }

    /// The first track of sound of `bytes`, which may also be WAVE, within the [`first`](VideoLimits::first) seconds that
    /// are decoded; `None` where there is none. Only the sound is decoded.
    ///
    /// # Errors
    /// Any [`VideoError`]: [`VideoError::Unsupported`] for sound coded in a way that is not read.
    pub fn sound(&self, bytes: &[u8]) -> Result<Option<Samples>, VideoError> {
        let (container, input) = self.input(bytes, sniff_sound)?;
        let limits = self.limits;
        let arguments = arguments::sound(container, &limits);
        let mut child = Child::start(&self.start(limits.for_decoding()), &arguments, &input)?;
        // A second more than was asked for: a decoder may round up, but not go on.
        let longest = (limits.first.as_secs() as usize + 2) * Samples::RATE_HZ as usize * 2;
        let mut pcm = Vec::new();
        loop {
            let most = longest.saturating_sub(pcm.len()).max(1);
            if !child.read(&mut pcm, most)? {
                break;
            }
            if pcm.len() > longest {
                return Err(Damage::Structure("the sound does not end").into());
            }
        }
        match child.end() {
            Err(_) if child.talk.no_pictures => return Ok(None),
            ended => match (&child.talk.unlisted, ended) {
                (Some(codec), _) => return Err(VideoError::Unsupported { codec: codec.clone() }),
                (None, ended) => ended?,
            },
        };
        let pcm = pcm.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        Ok(Some(Samples::from_pcm(pcm)))
    }

    fn start(&self, allowance: Allowance) -> Start<'_> {
        Start { launcher: &self.launcher, program: &self.ffmpeg, allowance }
    }

    /// The container of `bytes`, and a file to give to the child.
    fn input(
        &self,
        bytes: &[u8],
        sniff: fn(&[u8]) -> Option<Container>,
    ) -> Result<(Container, File), VideoError> {
        let limit = self.limits.max_bytes;
        if bytes.len() > limit {
            return Err(VideoError::TooLarge { limit });
        }
        let container = sniff(bytes).ok_or(VideoError::NotVideo)?;
        Ok((container, sealed(bytes)?))
    }
}

/// A file in memory that holds `bytes` and cannot be changed, not by whoever inherits it either.
fn sealed(bytes: &[u8]) -> Result<File, VideoError> {
    let file = memfd_create(c"video", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING);
    let mut file = File::from(file.map_err(VideoError::sandbox)?);
    file.write_all(bytes).map_err(VideoError::sandbox)?;
    let seals =
        SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_SEAL;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals)).map_err(VideoError::sandbox)?;
    Ok(file)
}

impl Frames {
    /// What the recording says of itself.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// How the end of `child` is to be told.
    fn ended(&self, child: &mut Child) -> Result<(), VideoError> {
        let ended = child.end();
        match child.talk.too_large {
            // The size changed in the middle.
            Some((width, height)) => {
                Err(VideoError::TooManyPixels { width, height, max_side: self.limits.max_source_side })
            }
            None => ended.map(|_| ()),
        }
    }

    /// The next frame from `child`, or `None` if it came to its end.
    fn frame(&mut self, child: &mut Child) -> Result<Option<Frame>, VideoError> {
        let mut header = Vec::new();
        let (width, height) = loop {
            // No byte further than the header: what follows is the picture.
            let most = ppm::SHORTEST.saturating_sub(header.len()).max(1);
            if !child.read(&mut header, most)? {
                self.ended(child)?;
                return match (header.is_empty(), self.given) {
                    (false, _) => Err(Damage::Structure("the decoder ended within a picture").into()),
                    (true, 0) => Err(VideoError::NoFrames),
                    (true, _) => Ok(None),
                };
            }
            if let Some(size) = ppm::size(&header, self.limits.max_side)? {
                break size;
            }
        };
        let samples = width as usize * height as usize * 3;
        let mut rgb = Vec::with_capacity(samples);
        while rgb.len() < samples {
            let left = samples - rgb.len();
            if !child.read(&mut rgb, left)? {
                self.ended(child)?;
                return Err(Damage::Structure("the decoder ended within a picture").into());
            }
        }
        let number = u64::from(self.given);
        self.time_ms = loop {
            if let Some(time) = child.talk.time_of(number) {
                break time.max(self.time_ms);
            }
            if !child.read(&mut Vec::new(), 0)? {
                return Err(Damage::Structure("the decoder told no time of a picture").into());
            }
        };
        self.given += 1;
        Ok(Frame::from_rgb(width, height, rgb, self.time_ms))
    }
}

impl Iterator for Frames {
    type Item = Result<Frame, VideoError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut child = self.child.take()?;
        let next = self.frame(&mut child).transpose();
        if matches!(next, Some(Ok(_))) && self.given < self.limits.max_frames {
            self.child = Some(child);
        }
        next
    }
}
