//! No file breaks out of the demuxer's limits: it ends in an answer or in an error about the file.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use media::video::{Decoder, VideoError, VideoLimits, sniff};

static DECODER: LazyLock<Decoder> = LazyLock::new(|| {
    let path = |name: &str| PathBuf::from(std::env::var_os(name).expect("see fuzz/README.md"));
    Decoder {
        ffmpeg: path("BONAFIDE_FFMPEG"),
        launcher: path("BONAFIDE_LAUNCHER"),
        limits: VideoLimits { max_bytes: 100_000, ..VideoLimits::default() },
    }
});

fuzz_target!(|bytes: &[u8]| {
    if sniff(bytes).is_none() {
        return;
    }
    match DECODER.survey(bytes) {
        Ok(about) => {
            let limits = DECODER.limits;
            assert!(about.frames <= limits.max_source_frames);
            assert!(about.width.max(about.height) <= limits.max_source_side);
        }
        Err(error @ (VideoError::Sandbox { .. } | VideoError::DecoderMissing { .. })) => panic!("{error:?}"),
        Err(_) => {}
    }
});
