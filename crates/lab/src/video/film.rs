//! Recordings read and clips written, by the decoder's own program. What is read here are files of whoever measures, so
//! that it runs without a sandbox.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use media::Frame;
use media::video::{Decoder, VideoLimits};

use crate::LabError;
use crate::presence::Half;
use crate::presence::random::Draws;

/// Pictures a second of all films.
const RATE: u64 = 25;
/// Longest side of a film, in px.
const SIDE: u32 = 720;

/// Pictures at an even pace.
#[derive(Clone)]
pub(super) struct Film {
    pub(super) frames: Vec<Frame>,
}

/// How a clip is stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coding {
    is_webm: bool,
    quality: u32,
}

impl Coding {
    /// The halves share no quality.
    pub(super) fn draw(half: Half, draws: &mut Draws) -> Self {
        let is_webm = draws.below(4) == 0;
        let step = draws.below(3) as u32;
        let quality = match (half, is_webm) {
            (Half::Development, false) => [20, 23, 27][step as usize],
            (Half::Scored, false) => [19, 25, 29][step as usize],
            (Half::Development, true) => [1200, 2000, 3000][step as usize],
            (Half::Scored, true) => [1000, 1600, 2600][step as usize],
        };
        Self { is_webm, quality }
    }

    pub(super) fn ending(self) -> &'static str {
        if self.is_webm { "webm" } else { "mp4" }
    }

    fn arguments(self) -> Vec<String> {
        let words = if self.is_webm {
            format!("-c:v libvpx -deadline realtime -cpu-used 6 -b:v {}k", self.quality)
        } else {
            format!("-c:v libx264 -preset veryfast -crf {} -movflags +faststart", self.quality)
        };
        words.split(' ').map(str::to_owned).collect()
    }
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> LabError + use<'_> {
    move |source| LabError::Film { path: path.to_owned(), source }
}

/// Runs ffmpeg with `arguments`, which write a file, and gives its bytes.
fn run(
    decoder: &Decoder,
    about: &Path,
    arguments: &[String],
    ending: &str,
    input: &[&[u8]],
) -> Result<Vec<u8>, LabError> {
    let failed = failed(about);
    let file = tempfile::Builder::new().suffix(&format!(".{ending}")).tempfile().map_err(&failed)?;
    let mut child = Command::new(&decoder.ffmpeg)
        .args(["-hide_banner", "-loglevel", "error", "-y", "-threads", "1"])
        .args(arguments)
        .arg(file.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(&failed)?;
    if let Some(mut pipe) = child.stdin.take() {
        for bytes in input {
            pipe.write_all(bytes).map_err(&failed)?;
        }
    }
    let output = child.wait_with_output().map_err(&failed)?;
    if !output.status.success() {
        return Err(failed(std::io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())));
    }
    std::fs::read(file.path()).map_err(&failed)
}

/// `from_ms` to `from_ms` and `for_ms` of a recording, stored nearly as it is.
fn stored(decoder: &Decoder, path: &Path, from_ms: u64, for_ms: u64) -> Result<Vec<u8>, LabError> {
    let [from, length] = [from_ms, for_ms].map(|ms| format!("{:.3}", ms as f64 / 1000.0));
    let scale = format!(
        "scale=w='min({SIDE},iw)':h='min({SIDE},ih)':force_original_aspect_ratio=decrease:\
                         force_divisible_by=2"
    );
    let name = path.to_string_lossy().into_owned();
    let rate = RATE.to_string();
    let words = [
        "-ss",
        &from,
        "-t",
        &length,
        "-i",
        &name,
        "-an",
        "-vf",
        &scale,
        "-r",
        &rate,
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-crf",
        "4",
        "-pix_fmt",
        "yuv420p",
    ];
    run(decoder, path, &words.map(str::to_owned), "mp4", &[])
}

/// A decoder that gives every frame.
fn patient(decoder: &Decoder) -> Decoder {
    let limits =
        VideoLimits { max_bytes: 500_000_000, max_fps: 60.0, max_frames: 3_000, ..VideoLimits::default() };
    Decoder { limits, ..decoder.clone() }
}

/// Length of a recording in ms, of its first ten seconds.
pub(super) fn length_ms(decoder: &Decoder, path: &Path) -> Result<u64, LabError> {
    let bytes = stored(decoder, path, 0, 10_000)?;
    let about = patient(decoder).survey(&bytes);
    let about = about.map_err(|error| failed(path)(std::io::Error::other(error)))?;
    Ok(u64::try_from(about.duration.as_millis()).unwrap_or(u64::MAX))
}

impl Film {
    /// A part of a recording.
    pub(super) fn read(decoder: &Decoder, path: &Path, from_ms: u64, for_ms: u64) -> Result<Self, LabError> {
        let other = |error| failed(path)(std::io::Error::other(error));
        let bytes = stored(decoder, path, from_ms, for_ms)?;
        let frames = patient(decoder).decode(&bytes).map_err(other)?.collect::<Result<Vec<_>, _>>();
        Ok(Self { frames: frames.map_err(other)? })
    }

    /// Pictures a second.
    pub(super) const fn rate() -> f32 {
        RATE as f32
    }

    /// As a clip that a camera's program might send.
    pub(super) fn code(&self, decoder: &Decoder, coding: Coding) -> Result<Vec<u8>, LabError> {
        let about = Path::new("a clip that is written");
        let Some(first) = self.frames.first() else {
            return Err(failed(about)(std::io::Error::other("it has no pictures")));
        };
        let size = format!("{}x{}", first.width(), first.height());
        let rate = RATE.to_string();
        let input = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", &size, "-r", &rate, "-i", "pipe:0"];
        let mut words: Vec<String> = input.map(str::to_owned).into();
        words.extend(coding.arguments());
        words.extend(["-pix_fmt", "yuv420p"].map(str::to_owned));
        let pictures: Vec<&[u8]> = self.frames.iter().map(Frame::rgb).collect();
        run(decoder, about, &words, coding.ending(), &pictures)
    }
}
