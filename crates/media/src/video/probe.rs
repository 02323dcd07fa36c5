//! The first run: what a file holds, without decoding it.

use std::fs::File;
use std::time::Duration;

use super::arguments::{self, CODECS};
use super::child::{Child, Start};
use super::error::VideoError;
use super::limits::VideoLimits;
use super::sandbox::Sandbox;
use super::sniff::Container;
use crate::Damage;

/// Longest list of frames that is read, in bytes for each frame. A line has about 40.
const LINE: usize = 150;

/// What is not about single frames: codec, size, extra data.
const HEADER: usize = 4000;

/// What a recording says of itself, within the limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The container.
    pub container: Container,
    /// How its pictures are coded, in ffmpeg's words: `h264`, `hevc`, `vp8`, `vp9`, `mpeg4` or `mjpeg`.
    pub codec: String,
    /// Declared width in pixels, before the recording is turned upright and scaled down.
    pub width: u32,
    /// Declared height in pixels, likewise.
    pub height: u32,
    /// How many frames are stored.
    pub frames: u32,
    /// From the first frame to the end of the last, as stored.
    pub duration: Duration,
    /// What was in force around the decoder.
    pub sandbox: Sandbox,
}

/// Looks at `input`, which is in `container`.
///
/// # Errors
/// Any of [`VideoError`] but `NotVideo` and `TooLarge`, which were found out before.
pub(super) fn probe(
    start: &Start<'_>,
    container: Container,
    limits: &VideoLimits,
    input: &File,
) -> Result<About, VideoError> {
    let mut child = Child::start(start, &arguments::probe(container, limits), input)?;
    let longest = HEADER + LINE * limits.max_source_frames as usize;
    let mut list = Vec::new();
    loop {
        // One byte more than the longest list would show that it is longer.
        let most = longest.saturating_sub(list.len()).max(1);
        if !child.read(&mut list, most)? {
            break;
        }
        if list.len() > longest {
            return Err(Damage::Structure("the list of frames does not end").into());
        }
    }
    let ended = child.end();
    let about = read(&String::from_utf8_lossy(&list));
    // These come first: a file may be both too large and, for the same reason, unreadable.
    let size = about.as_ref().map(|listed| (listed.width, listed.height));
    let max_side = limits.max_source_side;
    let too_large = size.filter(|(width, height)| *width.max(height) > max_side).or(child.talk.too_large);
    if let Some((width, height)) = too_large {
        return Err(VideoError::TooManyPixels { width, height, max_side });
    }
    if let Some(Listed { codec, .. }) = &about
        && !CODECS.contains(&codec.as_str())
    {
        return Err(VideoError::Unsupported { codec: codec.clone() });
    }
    let sandbox = ended?;
    let Listed { codec, width, height, frames, duration } = about
        .filter(|listed| listed.width.min(listed.height) > 0)
        .ok_or(Damage::Structure("the file does not say what its pictures are"))?;
    match frames {
        0 => Err(VideoError::NoFrames),
        frames if frames > limits.max_source_frames => {
            Err(VideoError::TooLong { limit: limits.max_source_frames })
        }
        frames => Ok(About { container, codec, width, height, frames, duration, sandbox }),
    }
}

/// What the list says.
#[derive(Debug, PartialEq)]
struct Listed {
    codec: String,
    width: u32,
    height: u32,
    frames: u32,
    duration: Duration,
}

/// Reads ffmpeg's list of frames: lines of the form `#NAME 0: VALUE`, then one a frame, `0, DTS, PTS, DURATION, SIZE,
/// CHECKSUM`, times in units of `#tb`. `None` if it tells no codec or no size.
fn read(list: &str) -> Option<Listed> {
    let about = |name: &str| {
        list.lines().find_map(|line| line.strip_prefix('#')?.strip_prefix(name)?.strip_prefix(" 0: "))
    };
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let codec = about("codec_id").filter(|codec| codec.len() <= 40 && codec.bytes().all(is_word))?;
    let (width, height) = about("dimensions")?.split_once('x')?;
    let unit = about("tb").and_then(|unit| {
        let (above, below) = unit.split_once('/')?;
        let unit = above.parse::<f64>().ok()? / below.parse::<f64>().ok()?;
        unit.is_finite().then_some(unit)
    });
    let (mut frames, mut first, mut last) = (0, i64::MAX, i64::MIN);
    for line in list.lines().filter(|line| line.starts_with("0,")) {
        frames += 1;
        let mut numbers = line.split(',').skip(2).map(|number| number.trim().parse::<i64>());
        if let (Some(Ok(shown)), Some(Ok(duration))) = (numbers.next(), numbers.next()) {
            first = first.min(shown);
            last = last.max(shown.saturating_add(duration));
        }
    }
    let seconds = last.saturating_sub(first).max(0) as f64 * unit.unwrap_or(0.0);
    Some(Listed {
        codec: codec.to_owned(),
        width: width.parse().ok()?,
        height: height.parse().ok()?,
        frames,
        duration: Duration::try_from_secs_f64(seconds).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
#extradata 0:       46, 0x2cc70eb6
#software: Lavf63.1.102
#tb 0: 1/10240
#media_type 0: video
#codec_id 0: h264
#dimensions 0: 640x480
#sar 0: 1/1
0,      -1024,          0,      512,     6457, 0x3dc533ba
0,       -512,       1536,      512,      144, 0xc1c642e8, F=0x0
0,          0,        512,      512,      144, 0xc1c642e8, F=0x0
";

    #[test]
    fn a_list_of_frames_is_read() {
        let listed = read(LIST).unwrap();
        assert_eq!((listed.width, listed.height, listed.frames), (640, 480, 3));
        assert_eq!((listed.codec.as_str(), listed.duration), ("h264", Duration::from_millis(200)));
    }

    #[test]
    fn strange_times_are_no_duration() {
        for (from, to) in
            [("1/10240", "1/0"), ("1/10240", "-1/1"), (" 1536,", " 9223372036854775807,"), ("1536", "x")]
        {
            let listed = read(&LIST.replace(from, to)).unwrap();
            assert_eq!(listed.frames, 3, "{to}");
        }
        let none = read(LIST.split("0,  ").next().unwrap()).unwrap();
        assert_eq!((none.frames, none.duration), (0, Duration::ZERO));
    }

    #[test]
    fn a_list_without_codec_or_size_is_none() {
        for (from, to) in
            [("#codec_id 0: h264", ""), ("h264", "h\u{1b}[31m"), ("640x480", "640"), ("640x", "-1x")]
        {
            assert_eq!(read(&LIST.replace(from, to)), None, "{to:?}");
        }
    }
}
