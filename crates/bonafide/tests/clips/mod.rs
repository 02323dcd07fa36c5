//! Clips made with the decoder's own program, and files that are made to hurt.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use assets::{Fetch, Store};

/// The pinned program.
pub(crate) fn ffmpeg() -> PathBuf {
    let store = Store::open(None, Fetch::Offline).unwrap();
    store.path("ffmpeg").expect("run `cargo xtask test`, which fetches the decoder")
}

/// A recording: what it shows and how it is stored.
pub(crate) struct Clip<'a> {
    /// A source of ffmpeg's, as `testsrc=size=320x240:rate=20:duration=1`.
    pub(crate) shows: &'a str,
    /// How it is coded.
    pub(crate) coded: &'a [&'a str],
    /// The ending of the file's name, which tells ffmpeg the container.
    pub(crate) ending: &'a str,
}

/// H.264 as most programs store it.
pub(crate) const H264: &[&str] = &["-c:v", "libx264", "-pix_fmt", "yuv420p"];

/// A second of a moving picture: 20 frames of 320 x 240 px.
pub(crate) const SECOND: &str = "testsrc=size=320x240:rate=20:duration=1";

impl Clip<'_> {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        made(&[&["-f", "lavfi", "-i", self.shows], self.coded].concat(), self.ending)
    }
}

/// `clip` stored another way, without coding it again.
pub(crate) fn stored(clip: &[u8], before: &[&str], after: &[&str], ending: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in");
    std::fs::write(&path, clip).unwrap();
    let path = path.to_str().unwrap();
    made(&[before, &["-i", path, "-c", "copy"], after].concat(), ending)
}

/// `clip` coded again.
pub(crate) fn recoded(clip: &[u8], coded: &[&str], ending: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in");
    std::fs::write(&path, clip).unwrap();
    made(&[&["-i", path.to_str().unwrap()], coded].concat(), ending)
}

/// What ffmpeg makes with `arguments`.
pub(crate) fn made(arguments: &[&str], ending: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("clip.{ending}"));
    let mut command = Command::new(ffmpeg());
    command.args(["-nostdin", "-hide_banner", "-loglevel", "error"]).args(arguments).arg(&path);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(path).unwrap()
}

/// A box of an MP4 file.
fn boxed(name: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    [&(8 + content.len() as u32).to_be_bytes()[..], &name, &content].concat()
}

/// A box with version and flags of 0.
fn versioned(name: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    boxed(name, &[&[0; 4], &parts.concat()])
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The beginning of an MP4 file.
pub(crate) fn file_type() -> Vec<u8> {
    boxed(*b"ftyp", &[b"isom", &[0; 4], b"isom", b"mp41"])
}

/// An MP4 file with one track of Motion JPEG, 64 x 64 px.
pub(crate) struct Track<'a> {
    /// Where its data is: an entry of the data reference box.
    pub(crate) reference: Vec<u8>,
    /// Counts of frames and how long each of them is shown.
    pub(crate) times: &'a [(u32, u32)],
    /// How many frames it claims to have.
    pub(crate) frames: u32,
    /// The length of each in bytes.
    pub(crate) size: u32,
    /// What lies after the header.
    pub(crate) data: &'a [u8],
}

/// "The data is in this file."
pub(crate) fn here() -> Vec<u8> {
    boxed(*b"url ", &[&[0, 0, 0, 1]])
}

impl Track<'_> {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let length = self.with_data_at(0).len() - self.data.len();
        self.with_data_at(length as u32)
    }

    fn with_data_at(&self, place: u32) -> Vec<u8> {
        let matrix = numbers(&[0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000]);
        let side = [0, 64, 0, 64];
        let entry: [&[u8]; 5] = [&[0, 0, 0, 0, 0, 0, 0, 1], &[0; 16], &side, &[0; 14], &[0; 32]];
        let entry = boxed(*b"jpeg", &[&entry.concat(), &[0, 24, 255, 255]]);
        let times: Vec<u32> = self.times.iter().flat_map(|(count, time)| [*count, *time]).collect();
        let count = self.times.len() as u32;
        let table = boxed(
            *b"stbl",
            &[
                &versioned(*b"stsd", &[&numbers(&[1]), &entry]),
                &versioned(*b"stts", &[&numbers(&[count]), &numbers(&times)]),
                &versioned(*b"stsc", &[&numbers(&[1, 1, self.frames, 1])]),
                &versioned(*b"stsz", &[&numbers(&[self.size, self.frames])]),
                &versioned(*b"stco", &[&numbers(&[1, place])]),
            ],
        );
        let references = versioned(*b"dref", &[&numbers(&[1]), &self.reference]);
        let information =
            boxed(*b"minf", &[&versioned(*b"vmhd", &[&[0; 8]]), &boxed(*b"dinf", &[&references]), &table]);
        let media = boxed(
            *b"mdia",
            &[
                &versioned(*b"mdhd", &[&numbers(&[0, 0, 1000, 1000, 0])]),
                &versioned(*b"hdlr", &[&[0; 4], b"vide", &[0; 13]]),
                &information,
            ],
        );
        let sides = numbers(&[64 << 16, 64 << 16]);
        let head = boxed(*b"tkhd", &[&numbers(&[3, 0, 0, 1, 0, 1000]), &[0; 16], &matrix, &sides]);
        let movie = versioned(
            *b"mvhd",
            &[&numbers(&[0, 0, 1000, 1000, 0x1_0000]), &[1, 0], &[0; 10], &matrix, &[0; 24], &numbers(&[2])],
        );
        let all = boxed(*b"moov", &[&movie, &boxed(*b"trak", &[&head, &media])]);
        [file_type(), all, boxed(*b"mdat", &[self.data])].concat()
    }
}

/// Files that are made to take time or memory, each with its name. All are below the bound on bytes.
pub(crate) fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let track = |times: &[(u32, u32)], frames, size, data: &[u8]| {
        Track { reference: here(), times, frames, size, data }.bytes()
    };
    let webm = Clip { shows: SECOND, coded: &["-c:v", "libvpx"], ending: "webm" }.bytes();
    let cluster = webm.windows(4).position(|bytes| bytes == b"\x1f\x43\xb6\x75").unwrap();
    let endless = [&webm[..cluster], b"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff\xe7\x81\0"].concat();
    let nested = b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff";
    vec![
        ("four thousand million frames", track(&[(u32::MAX, 1)], u32::MAX, 1, &[0; 1000])),
        ("a million frames of no bytes", track(&[(1_000_000, 0)], 1_000_000, 1, &[0; 1_000_000])),
        ("two million entries of times", track(&vec![(u32::MAX, 1); 2_000_000], 2_000_000, 1, &[0; 1000])),
        ("a cluster without an end", [endless, b"\xa3\x85\x81\0\0\x80\0".repeat(2_500_000)].concat()),
        ("segments in segments", [&webm[..40], &nested.repeat(1_600_000)].concat()),
        ("two million empty boxes", [file_type(), b"\0\0\0\x08free".repeat(2_400_000)].concat()),
        (
            "boxes in boxes",
            [
                file_type(),
                (1..=2_000_000_u32).rev().flat_map(|left| boxed_start(left * 8)).collect::<Vec<u8>>(),
            ]
            .concat(),
        ),
        ("pictures of 256 million pixels", huge_pictures()),
    ]
}

/// Small JPEG pictures whose headers claim sides of 16,000 px.
fn huge_pictures() -> Vec<u8> {
    const START_OF_FRAME: &[u8] = b"\xff\xc0\0\x11\x08";
    let coded = &["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"];
    let mut avi = Clip { shows: SECOND, coded, ending: "avi" }.bytes();
    let starts: Vec<usize> = avi
        .windows(START_OF_FRAME.len())
        .enumerate()
        .filter_map(|(at, bytes)| (bytes == START_OF_FRAME).then_some(at + START_OF_FRAME.len()))
        .collect();
    assert_eq!(starts.len(), 20);
    for start in starts {
        avi[start..start + 4].copy_from_slice(&[0x3E, 0x80, 0x3E, 0x80]);
    }
    avi
}

fn boxed_start(length: u32) -> Vec<u8> {
    [&length.to_be_bytes()[..], b"moov"].concat()
}

/// How the picture of a [`selfie`] moves.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moved {
    /// Waves run over the face, in place of a mouth that speaks.
    Within,
    /// As a plane that is held in a hand.
    ByHand,
}

/// Three seconds of a test photo that moves.
pub(crate) fn selfie(photo: &str, moved: Moved, ending: &str) -> Vec<u8> {
    let photo = Store::open(None, Fetch::Offline).unwrap().path(photo).expect("run `cargo xtask test`");
    let filter = match moved {
        Moved::Within => {
            let place = "(X+4*T,Y+2.2*(sin(5*T)+sin(13*T))*sin(Y/11))";
            format!("scale=480:-2,format=gbrp,geq=r='r{place}':g='g{place}':b='b{place}'")
        }
        Moved::ByHand => "scale=560:-2,rotate=0.06*sin(2.3*t)+0.02*sin(7*t),\
                          crop=480:ih-80:40+24*sin(1.7*t):40+20*sin(2.9*t)"
            .to_owned(),
    };
    // A camera's noise.
    let filter = format!("{filter},noise=alls=3:allf=t,scale=trunc(iw/2)*2:trunc(ih/2)*2");
    let coded: &[&str] = match ending {
        "webm" => &["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "2M"],
        "avi" => &["-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"],
        _ => &["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"],
    };
    let photo = photo.to_str().unwrap();
    let shown = ["-loop", "1", "-framerate", "15", "-t", "3", "-i", photo, "-vf", &filter];
    made(&[&shown[..], coded].concat(), ending)
}

/// Samples of a test sound: 8 bits, 8,000 a second.
fn samples(name: &str) -> Vec<u8> {
    let path = Store::open(None, Fetch::Offline).unwrap().path(name).unwrap();
    let bytes = std::fs::read(path).unwrap();
    let at = bytes.windows(4).position(|four| four == b"data").unwrap();
    bytes[at + 8..].to_vec()
}

/// A WAVE file of 8-bit samples, 8,000 a second.
pub(crate) fn wave(samples: &[u8]) -> Vec<u8> {
    let length = samples.len() as u32;
    let mut file = b"RIFF".to_vec();
    file.extend((36 + length).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend([1, 0, 1, 0]);
    file.extend(8000_u32.to_le_bytes());
    file.extend(8000_u32.to_le_bytes());
    file.extend([1, 0, 8, 0]);
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(samples);
    file
}

/// The sound of "four, seven, two, nine", with a quarter of a second before each.
pub(crate) fn four_seven_two_nine() -> Vec<u8> {
    let words = ["sound-four", "sound-seven", "sound-two", "sound-nine"];
    words.into_iter().flat_map(|word| [vec![128; 2000], samples(word)].concat()).collect()
}

/// `clip` with the sound `samples`, coded by `codec`.
pub(crate) fn saying(clip: &[u8], samples: &[u8], codec: &str, ending: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (picture, sound) = (folder.path().join("picture"), folder.path().join("sound.wav"));
    std::fs::write(&picture, clip).unwrap();
    std::fs::write(&sound, wave(samples)).unwrap();
    let (picture, sound) = (picture.to_str().unwrap(), sound.to_str().unwrap());
    made(&["-i", picture, "-i", sound, "-c:v", "copy", "-c:a", codec], ending)
}
