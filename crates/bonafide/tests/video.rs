//! Recordings decoded by the real program, locked in by this one. The clips are made here, by the same program; it is
//! fetched by `cargo xtask test`.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use media::Frame;
use media::video::{Container, Decoder, VideoError, VideoLimits};
use nix::sys::resource::{UsageWho, getrusage};

#[expect(dead_code, reason = "other tests use the rest")]
mod clips;

use clips::{Clip, H264, SECOND, Track, bombs, ffmpeg, file_type, here, made, stored};

/// A list of what to play, which names a file of the machine.
const PLAYLIST: &[u8] = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n";

fn decoder(limits: VideoLimits) -> Decoder {
    Decoder { ffmpeg: ffmpeg(), launcher: env!("CARGO_BIN_EXE_bonafide").into(), limits }
}

/// All frames are asked for, of clips of up to 30 a second.
fn all() -> VideoLimits {
    VideoLimits { max_fps: 30.0, ..VideoLimits::default() }
}

/// The frames of `bytes`, and the error that ended them.
fn frames(bytes: &[u8], limits: VideoLimits) -> (Vec<Frame>, Option<VideoError>) {
    let mut frames = Vec::new();
    match decoder(limits).decode(bytes) {
        Err(error) => return (frames, Some(error)),
        Ok(decoded) => {
            for frame in decoded {
                match frame {
                    Ok(frame) => frames.push(frame),
                    Err(error) => return (frames, Some(error)),
                }
            }
        }
    }
    (frames, None)
}

/// The word for what is wrong with `bytes`.
fn refusal(bytes: &[u8], limits: VideoLimits) -> &'static str {
    frames(bytes, limits).1.map_or("decoded", |error| error.code())
}

fn is_close(found: Option<[u8; 3]>, wanted: [u8; 3]) -> bool {
    // Coding loses a little.
    found.unwrap().into_iter().zip(wanted).all(|(found, wanted)| found.abs_diff(wanted) <= 16)
}

#[test]
fn each_container_and_coding_gives_its_frames() {
    let cases: [(&str, &[&str], &str, Container); 8] = [
        ("h264", H264, "mp4", Container::Mp4),
        (
            "h264",
            &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "frag_keyframe+empty_moov"],
            "mp4",
            Container::Mp4,
        ),
        (
            "hevc",
            &["-c:v", "libx265", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p"],
            "mov",
            Container::Mov,
        ),
        ("vp8", &["-c:v", "libvpx"], "webm", Container::WebM),
        ("vp9", &["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"], "webm", Container::WebM),
        ("mjpeg", &["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"], "avi", Container::Avi),
        ("mpeg4", &["-c:v", "mpeg4", "-q:v", "2"], "avi", Container::Avi),
        ("mpeg4", &["-c:v", "mpeg4", "-q:v", "2"], "mp4", Container::Mp4),
    ];
    // Blue on the left, and a red that comes from the right: the frames differ.
    let shows = "color=blue:size=320x240:rate=20:duration=1[b];color=red:size=320x240:rate=20:duration=1[r];\
                 [b][r]overlay=x=300-200*t,format=yuv420p";
    for (codec, coded, ending, container) in cases {
        let decoder = decoder(all());
        let mut decoded = decoder.decode(&Clip { shows, coded, ending }.bytes()).unwrap();
        let about = decoded.about().clone();
        assert_eq!((about.container, about.codec.as_str()), (container, codec));
        assert_eq!((about.width, about.height, about.frames), (320, 240, 20), "{codec}");
        assert_eq!(about.duration, Duration::from_secs(1), "{codec}");
        let frames: Vec<Frame> = decoded.by_ref().collect::<Result<_, _>>().unwrap();
        let times: Vec<u64> = frames.iter().map(Frame::t_ms).collect();
        assert_eq!(times, (0..20).map(|number| number * 50).collect::<Vec<_>>(), "{codec}");
        for frame in &frames {
            assert_eq!((frame.width(), frame.height()), (320, 240));
            assert!(is_close(frame.pixel(20, 120), [0, 0, 255]), "{codec} {:?}", frame.pixel(20, 120));
        }
        let right = |frame: &Frame| frame.pixel(200, 120);
        assert!(is_close(right(&frames[0]), [0, 0, 255]), "{codec}");
        assert!(is_close(right(&frames[19]), [255, 0, 0]), "{codec}");
    }
}

#[test]
fn sound_beside_the_pictures_is_left_alone() {
    for (video, audio, ending) in [("libx264", "aac", "mp4"), ("libvpx", "libopus", "webm")] {
        let sources = ["-f", "lavfi", "-i", SECOND, "-f", "lavfi", "-i", "sine=duration=1"];
        let clip =
            made(&[&sources[..], &["-c:v", video, "-pix_fmt", "yuv420p", "-c:a", audio]].concat(), ending);
        let (frames, error) = frames(&clip, all());
        assert_eq!((frames.len(), error.map(|error| error.code())), (20, None), "{ending}");
    }
}

#[test]
fn the_first_track_of_sound_is_decoded_to_one_channel() {
    let of = |video: &str, audio: &str, ending: &str| {
        let sources =
            ["-f", "lavfi", "-i", SECOND, "-f", "lavfi", "-i", "aevalsrc=sin(2764.6*t)|0.5:s=44100:d=1"];
        let coded = ["-c:v", video, "-pix_fmt", "yuv420p", "-c:a", audio, "-strict", "-2"];
        made(&[&sources[..], &coded].concat(), ending)
    };
    for (video, audio, ending) in [
        ("libx264", "aac", "mp4"),
        ("libx264", "pcm_s16le", "mov"),
        ("libvpx", "libopus", "webm"),
        ("libvpx", "libvorbis", "webm"),
        ("mpeg4", "libmp3lame", "avi"),
    ] {
        let sound = decoder(all()).sound(&of(video, audio, ending)).unwrap().unwrap();
        assert!((15_000..18_000).contains(&sound.pcm().len()), "{audio} {sound:?}");
        // 440 Hz, half as loud in the mean of two channels.
        let middle = &sound.pcm()[4000..12_000];
        let mean = middle.iter().map(|sample| i32::from(*sample)).sum::<i32>() / 8000;
        let rises =
            middle.windows(2).filter(|pair| i32::from(pair[0]) < mean && i32::from(pair[1]) >= mean).count();
        assert!((218..=222).contains(&rises), "{audio} {rises}");
    }
    let short = VideoLimits { first: Duration::from_millis(250), ..all() };
    let cut = decoder(short).sound(&of("libx264", "aac", "mp4")).unwrap().unwrap();
    assert!((3_500..5_000).contains(&cut.pcm().len()), "{cut:?}");
    let silent = Clip { shows: SECOND, coded: H264, ending: "mp4" }.bytes();
    assert_eq!(decoder(all()).sound(&silent).unwrap(), None);
    let refused = decoder(all()).sound(&of("libx264", "ac3", "mp4")).unwrap_err();
    assert!(matches!(&refused, VideoError::Unsupported { codec } if codec == "ac3"), "{refused:?}");
    assert_eq!(decoder(all()).sound(b"RIFF").unwrap_err().code(), "not_video");
}

#[test]
fn a_turned_recording_comes_out_upright() {
    let shows = "color=red:size=64x48:rate=5:duration=1,drawbox=x=32:w=32:h=48:color=blue:t=fill";
    let clip = Clip { shows, coded: H264, ending: "mp4" }.bytes();
    let (plain, _) = frames(&clip, all());
    assert!(is_close(plain[0].pixel(8, 24), [255, 0, 0]) && is_close(plain[0].pixel(56, 24), [0, 0, 255]));
    // A quarter turn against the clock: what was on the left is below.
    let turned = stored(&clip, &["-display_rotation", "90"], &[], "mp4");
    let (turned, error) = frames(&turned, all());
    assert!(error.is_none());
    assert_eq!((turned[0].width(), turned[0].height()), (48, 64));
    assert!(is_close(turned[0].pixel(24, 56), [255, 0, 0]) && is_close(turned[0].pixel(24, 8), [0, 0, 255]));
}

#[test]
fn no_more_frames_come_than_are_wanted() {
    let clip = Clip { shows: "testsrc=size=640x480:rate=60:duration=2", coded: H264, ending: "mp4" }.bytes();
    let times = |limits| frames(&clip, limits).0.iter().map(Frame::t_ms).collect::<Vec<_>>();
    let default = VideoLimits::default();
    assert_eq!(times(default), (0..30_u64).map(|number| (number * 200 + 1) / 3).collect::<Vec<_>>());
    assert_eq!(
        times(VideoLimits { max_fps: 5.0, ..default }),
        (0..10).map(|number| number * 200).collect::<Vec<_>>()
    );
    assert_eq!(times(VideoLimits { first: Duration::from_millis(500), ..default }).len(), 8);
    assert_eq!(times(VideoLimits { max_frames: 3, ..default }), [0, 67, 133]);
    let (small, _) = frames(&clip, VideoLimits { max_side: 100, max_frames: 1, ..default });
    assert_eq!((small[0].width(), small[0].height()), (100, 75));
}

#[test]
fn limits_are_kept() {
    let clip = Clip { shows: SECOND, coded: H264, ending: "mp4" }.bytes();
    let default = VideoLimits::default();
    assert_eq!(refusal(&clip, default), "decoded");
    assert_eq!(refusal(&clip, VideoLimits { max_bytes: clip.len(), ..default }), "decoded");
    assert_eq!(refusal(&clip, VideoLimits { max_bytes: clip.len() - 1, ..default }), "too_large");
    assert_eq!(refusal(&clip, VideoLimits { max_source_frames: 20, ..default }), "decoded");
    assert_eq!(refusal(&clip, VideoLimits { max_source_frames: 19, ..default }), "too_long");
    assert_eq!(refusal(&clip, VideoLimits { max_source_side: 320, ..default }), "decoded");
    assert_eq!(refusal(&clip, VideoLimits { max_source_side: 319, ..default }), "too_many_pixels");
    assert_eq!(refusal(&clip, VideoLimits { max_wait: Duration::from_micros(1), ..default }), "timed_out");
    let huge = Clip { shows: "color=size=4098x16:rate=5:duration=1", coded: H264, ending: "mp4" }.bytes();
    assert_eq!(refusal(&huge, default), "too_many_pixels");
}

#[test]
fn memory_is_bounded_while_decoding() {
    // 16 reference frames of 4096 x 2304 px at once.
    let coded = &[H264, &["-preset", "ultrafast", "-refs", "16"]].concat();
    let clip = Clip { shows: "testsrc=size=4096x2304:rate=5:duration=1", coded, ending: "mp4" }.bytes();
    let (frames, error) = frames(&clip, all());
    assert_eq!((frames.len(), frames[0].width(), frames[0].height()), (5, 1920, 1080));
    assert!(error.is_none());
    // Some decoders take a frame that did not fit for a broken one.
    let refused = refusal(&clip, VideoLimits { max_memory: 270_000_000, ..all() });
    assert!(["out_of_memory", "damaged"].contains(&refused), "{refused}");
}

#[test]
fn what_is_no_video_is_refused_by_its_content() {
    let picture = made(&["-f", "lavfi", "-i", SECOND, "-frames:v", "1"], "jpg");
    let script = b"ffconcat version 1.0\nfile '/etc/passwd'\n";
    let mkv = Clip { shows: SECOND, coded: H264, ending: "mkv" }.bytes();
    let mpg = Clip { shows: SECOND, coded: &["-c:v", "mpeg1video", "-r", "25"], ending: "mpg" }.bytes();
    for bytes in [&picture[..], PLAYLIST, script, b"PK\x03\x04zip", &mkv, &mpg, b""] {
        assert_eq!(refusal(bytes, all()), "not_video");
    }
    // The same behind a beginning that looks like a video.
    for hidden in [PLAYLIST, script, &picture] {
        assert_eq!(refusal(&[&file_type(), hidden].concat(), all()), "damaged");
    }
}

#[test]
fn other_codings_are_named() {
    for (coder, codec, ending) in
        [("libaom-av1", "av1", "mp4"), ("mpeg1video", "mpeg1video", "avi"), ("png", "png", "avi")]
    {
        let clip = Clip { shows: "testsrc=size=64x48:rate=25:duration=0.2", coded: &["-c:v", coder], ending };
        match frames(&clip.bytes(), all()).1 {
            Some(VideoError::Unsupported { codec: found }) => assert_eq!(found, codec),
            other => panic!("{coder}: {other:?}"),
        }
    }
    let sound = made(&["-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac"], "mp4");
    assert_eq!(refusal(&sound, all()), "no_frames");
}

#[test]
fn a_file_that_was_cut_off_is_damaged() {
    let at_the_end = Clip { shows: SECOND, coded: H264, ending: "mp4" }.bytes();
    let at_the_start = stored(&at_the_end, &[], &["-movflags", "faststart"], "mp4");
    let webm = Clip { shows: SECOND, coded: &["-c:v", "libvpx"], ending: "webm" }.bytes();
    let avi =
        Clip { shows: SECOND, coded: &["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"], ending: "avi" }.bytes();
    for (name, whole) in
        [("moov last", at_the_end), ("moov first", at_the_start), ("webm", webm), ("avi", avi)]
    {
        assert_eq!(refusal(&whole, all()), "decoded", "{name}");
        assert_eq!(refusal(&whole[..whole.len() * 7 / 10], all()), "damaged", "{name}");
    }
}

#[test]
fn what_comes_before_the_damage_is_handed_out() {
    let coded = &[H264, &["-g", "5"]].concat();
    let mut clip = Clip { shows: SECOND, coded, ending: "mp4" }.bytes();
    let data = clip.windows(4).position(|bytes| bytes == b"mdat").unwrap();
    let headers = clip.windows(4).position(|bytes| bytes == b"moov").unwrap();
    let third = (headers - data) / 3;
    clip[data + 2 * third..headers - 4].fill(0xFF);
    let (frames, error) = frames(&clip, all());
    assert_eq!(error.map(|error| error.code()), Some("damaged"));
    assert!((1..20).contains(&frames.len()), "{}", frames.len());
}

#[test]
fn a_reference_to_another_file_leads_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let picture = made(&["-f", "lavfi", "-i", "testsrc=size=64x64:rate=1", "-frames:v", "1"], "jpg");
    let path = folder.path().join("other.jpg");
    fs::write(&path, &picture).unwrap();
    let size = picture.len() as u32;
    let track = |reference, data| Track { reference, times: &[(1, 1000)], frames: 1, size, data }.bytes();
    assert_eq!(frames(&track(here(), &picture), all()).0.len(), 1, "the same picture in the file itself");
    for bytes in [track(elsewhere(&path), &[]), track(elsewhere(&path), &vec![0; picture.len()])] {
        let (frames, error) = frames(&bytes, all());
        assert!(frames.is_empty() && error.is_some());
    }
}

/// "The data is in the file at `path`", in the words of a URL.
fn elsewhere(path: &Path) -> Vec<u8> {
    let url = format!("file://{}\0", path.display());
    [&(12 + url.len() as u32).to_be_bytes()[..], b"url \0\0\0\0", url.as_bytes()].concat()
}

#[test]
fn a_bomb_ends_in_an_error() {
    // Of all children so far, the largest: the clips' own makers are among them.
    const MOST_KB: i64 = 300_000;
    const LONGEST: Duration = Duration::from_secs(3);
    let clip = Clip { shows: SECOND, coded: H264, ending: "mp4" }.bytes();
    let clip = stored(&clip, &[], &["-movflags", "faststart"], "mp4");
    let index = clip.windows(4).position(|bytes| bytes == b"moov").unwrap();
    let picture = made(&["-f", "lavfi", "-i", SECOND, "-frames:v", "1"], "jpg");
    let others = [
        ("an index that was cut off", clip[..index + 200].to_vec()),
        ("a playlist called video", [&file_type(), PLAYLIST].concat()),
        ("a picture called video", [file_type(), picture].concat()),
    ];
    for (name, bytes) in bombs().into_iter().chain(others) {
        assert!(bytes.len() <= VideoLimits::default().max_bytes, "{name}");
        let began = Instant::now();
        let (frames, error) = frames(&bytes, VideoLimits::default());
        assert!(began.elapsed() < LONGEST, "{name}: {:?}", began.elapsed());
        assert!(frames.is_empty(), "{name}");
        let error = error.expect(name);
        // How a bomb ends is the decoder's business, but that it is the sandbox that fails.
        assert!(!["sandbox", "decoder_missing"].contains(&error.code()), "{name}: {error:?}");
        let peak = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
        assert!(peak < MOST_KB, "{name}: {peak} kB");
    }
}

#[test]
fn no_child_outlives_its_frames() {
    let clip = Clip { shows: "testsrc=size=640x480:rate=30:duration=5", coded: H264, ending: "mp4" }.bytes();
    let children = || fs::read_to_string("/proc/thread-self/children").unwrap();
    let mut frames = decoder(all()).decode(&clip).unwrap();
    assert!(frames.next().unwrap().is_ok());
    assert_ne!(children(), "");
    drop(frames);
    assert_eq!(children(), "", "neither running nor waiting to be collected");
}

#[test]
fn a_missing_decoder_or_launcher_is_told() {
    let clip = Clip { shows: SECOND, coded: H264, ending: "mp4" }.bytes();
    let code = |ffmpeg: &Path, launcher: &str| {
        let decoder = Decoder { ffmpeg: ffmpeg.to_owned(), launcher: launcher.into(), limits: all() };
        decoder.decode(&clip).map_or_else(|error| error.code(), |_| "decoded")
    };
    let launcher = env!("CARGO_BIN_EXE_bonafide");
    assert_eq!(code(&ffmpeg(), launcher), "decoded");
    assert_eq!(code(Path::new("/no/such/ffmpeg"), launcher), "decoder_missing");
    assert_eq!(code(&ffmpeg(), "/no/such/launcher"), "sandbox");
    // A program that is no launcher.
    assert_eq!(code(&ffmpeg(), "/bin/true"), "sandbox");
}
