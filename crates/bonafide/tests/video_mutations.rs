//! Containers that were damaged on purpose, by the sandboxed decoder: each ends in frames or in an error about the file.
//! The damage is drawn from a seed, so that a case that fails comes again.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::time::Duration;

use media::video::{Decoder, VideoLimits, sniff};

#[expect(dead_code, reason = "the other tests of recordings use the rest")]
mod clips;

use clips::{Clip, ffmpeg};

/// Numbers drawn from a seed (Marsaglia 2003).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound.max(1)
    }
}

/// One of the ways in which a file is damaged, most of them where the headers are.
fn damaged(bytes: &[u8], draws: &mut Draws) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let at = if draws.below(4) == 0 { draws.below(out.len()) } else { draws.below(out.len().min(600)) };
    match draws.below(6) {
        // Lengths, counts and ids that claim too much.
        0 => {
            let end = out.len().min(at + 4);
            out[at..end].fill([0, 0x7F, 0xFF][draws.below(3)]);
        }
        1 => out[at] ^= 1 << draws.below(8),
        2 => out.truncate(at.max(1)),
        3 => {
            let piece = out[at..out.len().min(at + 64)].to_vec();
            let place = draws.below(out.len());
            out.splice(place..place, piece.repeat(1 + draws.below(40)));
        }
        4 => {
            let end = out.len().min(at + 1 + draws.below(80));
            out.drain(at..end);
        }
        _ => {
            for _ in 0..24 {
                let place = draws.below(out.len());
                out[place] = draws.below(256) as u8;
            }
        }
    }
    out
}

#[test]
fn no_damage_makes_the_sniffing_panic_or_the_decoder_leave_its_limits() {
    const ROUNDS: usize = 12;
    let limits = VideoLimits {
        max_source_frames: 60,
        max_frames: 10,
        max_cpu: Duration::from_secs(4),
        max_memory: 600_000_000,
        ..VideoLimits::default()
    };
    let decoder = Decoder { ffmpeg: ffmpeg(), launcher: env!("CARGO_BIN_EXE_bonafide").into(), limits };
    let shows = "testsrc=size=96x64:rate=10:duration=1";
    let mut draws = Draws(0x5EED_0001);
    let (mut decoded, mut refused) = (0, 0);
    for (coded, ending) in [
        (&["-c:v", "libx264", "-pix_fmt", "yuv420p"][..], "mp4"),
        (&["-c:v", "libx264", "-pix_fmt", "yuv420p"], "mov"),
        (&["-c:v", "libvpx"], "webm"),
        (&["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"], "avi"),
    ] {
        let whole = Clip { shows, coded, ending }.bytes();
        // Sniffing is quick: far more of them.
        for _ in 0..2_000 {
            let _ = sniff(&damaged(&whole, &mut draws));
        }
        for round in 0..ROUNDS {
            let bytes = damaged(&whole, &mut draws);
            let ended = decoder.decode(&bytes).and_then(|frames| {
                let about = frames.about().clone();
                assert!(about.frames <= limits.max_source_frames, "{ending} {round}");
                let sizes = frames.map(|frame| frame.map(|frame| (frame.width(), frame.height())));
                sizes.collect::<Result<Vec<_>, _>>()
            });
            match ended {
                Ok(sizes) => {
                    assert!(sizes.len() <= 10, "{ending} {round}");
                    assert!(sizes.iter().all(|(width, height)| width.max(height) <= &limits.max_side));
                    decoded += 1;
                }
                Err(error) => {
                    let code = error.code();
                    assert!(!["sandbox", "decoder_missing"].contains(&code), "{ending} {round}: {error:?}");
                    refused += 1;
                }
            }
        }
    }
    assert!(decoded > 0 && refused > ROUNDS, "{decoded} decoded, {refused} refused");
}
