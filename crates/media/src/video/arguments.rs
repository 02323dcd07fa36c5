//! The command lines of ffmpeg. Nothing of a recording gets into them.

use super::launch::MARK;
use super::limits::VideoLimits;
use super::sniff::Container;
use crate::Samples;

/// The decoders that may be used, which are also the names of the codings that are read.
pub(super) const CODECS: [&str; 6] = ["h264", "hevc", "vp8", "vp9", "mjpeg", "mpeg4"];

/// The decoders of sound that may be used.
pub(super) const SOUND_CODECS: [&str; 9] =
    ["aac", "opus", "vorbis", "mp3float", "pcm_s16le", "pcm_u8", "pcm_s16be", "amrnb", "amrwb"];

/// The largest single piece of memory, in bytes: a frame of 4096 x 4096 px takes at most 100 MB.
const MAX_ALLOCATION: &str = "256000000";

/// Below this, two frames count as no closer than wanted: WebM rounds times to milliseconds.
const ROUNDING_S: f64 = 0.0015;

/// What all runs have in common: reading the standard input as `container`, with one thread. The first error in the
/// file ends the run.
fn input(container: Container, limits: &VideoLimits, codecs: &[&str], left_out: &str) -> Vec<String> {
    let codecs = codecs.join(",");
    let pixels = (u64::from(limits.max_source_side) * u64::from(limits.max_source_side)).to_string();
    let words = [
        "-nostdin -hide_banner -loglevel error -xerror -filter_threads 1 -max_alloc",
        MAX_ALLOCATION,
        "-protocol_whitelist fd -format_whitelist",
        container.demuxer_names(),
        "-codec_whitelist",
        &codecs,
        "-threads 1 -max_pixels",
        &pixels,
        left_out,
        "-sn -dn -f",
        container.demuxer(),
    ];
    words.iter().flat_map(|words| words.split(' ')).map(str::to_owned).collect()
}

/// The streams that are read: the first of moving pictures, a cover picture apart. A descriptor can be sought in,
/// where a pipe could not.
const FROM: &str = "-i fd: -map 0:V:0";

/// Looks at the file without decoding: a list of its stored frames, one a line.
pub(super) fn probe(container: Container, limits: &VideoLimits) -> Vec<String> {
    let frames = (limits.max_source_frames.saturating_add(1)).to_string();
    let words = [FROM, "-c copy -frames:v", &frames, "-f framecrc pipe:1"];
    let mut all = input(container, limits, &CODECS, "-an");
    all.extend(words.iter().flat_map(|words| words.split(' ')).map(str::to_owned));
    all
}

/// Decodes: pictures in the portable pixmap format to the standard output, a line with the time of each to the
/// standard error output. ffmpeg turns frames upright by itself.
pub(super) fn decode(container: Container, limits: &VideoLimits) -> Vec<String> {
    let first = format!("{:.3}", limits.first.as_secs_f64());
    let apart = (1.0 / limits.max_fps - ROUNDING_S).max(0.0);
    let side = limits.max_side;
    let filters = format!(
        "select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,{apart:.6}),\
         scale=w=min({side}\\,iw):h=min({side}\\,ih):force_original_aspect_ratio=decrease:flags=area"
    );
    let frames = limits.max_frames.to_string();
    let times = format!("{MARK}frame {{n}} {{t}}");
    let mut all = input(container, limits, &CODECS, "-an");
    let words = ["-t", &first].into_iter().chain(FROM.split(' ')).chain([
        "-vf",
        &filters,
        "-fps_mode",
        "passthrough",
        "-frames:v",
        &frames,
        "-c:v",
        "ppm",
        "-pix_fmt",
        "rgb24",
        "-threads",
        "1",
        "-stats_enc_pre",
        "pipe:2",
        "-stats_enc_pre_fmt",
        &times,
        "-f",
        "image2pipe",
        "pipe:1",
    ]);
    all.extend(words.map(str::to_owned));
    all
}

/// Decodes the first track of sound: mono, 16-bit little-endian, to the standard output.
pub(super) fn sound(container: Container, limits: &VideoLimits) -> Vec<String> {
    let first = format!("{:.3}", limits.first.as_secs_f64());
    let rate = Samples::RATE_HZ.to_string();
    let mut all = input(container, limits, &[&CODECS[..], &SOUND_CODECS].concat(), "-vn");
    let words = ["-t", &first, "-i fd: -map 0:a:0 -ac 1 -ar", &rate, "-c:a pcm_s16le -f s16le pipe:1"];
    all.extend(words.iter().flat_map(|words| words.split(' ')).map(str::to_owned));
    all
}
