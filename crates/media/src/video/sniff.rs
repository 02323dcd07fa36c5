//! Which container a recording is in, by its content.

/// A container that [`Decoder`](super::Decoder) reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Container {
    /// MP4 (ISO/IEC 14496-12 and -14) and what phones call 3GP.
    Mp4,
    /// `QuickTime`, with a file type box, as every phone writes it.
    Mov,
    /// WebM: Matroska whose document type is `webm`.
    WebM,
    /// AVI (RIFF).
    Avi,
    /// WAVE (RIFF): sound alone, which [`Decoder::sound`](super::Decoder::sound) reads and nothing else.
    Wave,
}

/// Brands of ISO base media files that hold moving pictures, as registered at mp4ra.org and in use by phones,
/// browsers and ffmpeg.
const MP4_BRANDS: [&[u8; 4]; 24] = [
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42",
    b"mp71", b"avc1", b"hvc1", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"dash", b"3gp4", b"3gp5", b"3gp6",
    b"3gp7", b"f4v ",
];

/// Brands of the same box structure that mark a picture, or a sequence of pictures.
const PICTURE_BRANDS: [&[u8; 4]; 12] = [
    b"mif1", b"mif2", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"avif", b"avis",
    b"crx ",
];

/// Longest file type box that is looked at, in bytes: room for 250 brands, where files have about five.
const LONGEST_BRANDS: usize = 1024;

impl Container {
    /// Its media type, as `video/mp4`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
            Self::WebM => "video/webm",
            Self::Avi => "video/x-msvideo",
            Self::Wave => "audio/wav",
        }
    }

    /// The demuxer of ffmpeg that is forced on such a file.
    pub(super) const fn demuxer(self) -> &'static str {
        match self {
            Self::Mp4 | Self::Mov => "mov",
            Self::WebM => "matroska",
            Self::Avi => "avi",
            Self::Wave => "wav",
        }
    }

    /// The full name of that demuxer, which is what its list of permitted ones is compared with.
    pub(super) const fn demuxer_names(self) -> &'static str {
        match self {
            Self::Mp4 | Self::Mov => "mov,mp4,m4a,3gp,3g2,mj2",
            Self::WebM => "matroska,webm",
            Self::Avi => "avi",
            Self::Wave => "wav",
        }
    }
}

/// The container of `bytes`; a name or a declared type has no say. A `Some` promises nothing about the rest.
///
/// Playlists, scripts, pictures in a video's box structure (HEIC, AVIF) and Matroska that is not WebM are none.
pub fn sniff(bytes: &[u8]) -> Option<Container> {
    if bytes.get(4..8) == Some(b"ftyp") {
        return boxes(bytes);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"AVI ") {
        return Some(Container::Avi);
    }
    (bytes.starts_with(b"\x1A\x45\xDF\xA3") && document_type(bytes)? == b"webm").then_some(Container::WebM)
}

/// The container of `bytes` if their sound can be read: that of a recording, or WAVE.
pub fn sniff_sound(bytes: &[u8]) -> Option<Container> {
    let is_wave = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE");
    if is_wave { Some(Container::Wave) } else { sniff(bytes) }
}

/// Reads the brands of a file type box: the major one at 8, then a version, then compatible ones.
fn boxes(bytes: &[u8]) -> Option<Container> {
    let size = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    if !(16..=LONGEST_BRANDS).contains(&size) {
        return None;
    }
    let (major, compatible) = (bytes.get(8..12)?, bytes.get(16..size)?.chunks_exact(4));
    let mut all = compatible.chain([major]);
    let known = |brands: &[&[u8; 4]], brand: &[u8]| brands.iter().any(|known| brand == known.as_slice());
    if all.clone().any(|brand| known(&PICTURE_BRANDS, brand)) {
        None
    } else if major == b"qt  " {
        Some(Container::Mov)
    } else {
        all.any(|brand| known(&MP4_BRANDS, brand)).then_some(Container::Mp4)
    }
}

/// The `DocType` of an EBML header (RFC 8794): elements of an id, a length and a value.
fn document_type(bytes: &[u8]) -> Option<&[u8]> {
    const DOC_TYPE: &[u8] = b"\x42\x82";
    /// Longest header that is looked at, in bytes; those of browsers have 31 to 43.
    const LONGEST: u64 = 256;
    let (length, mut rest) = length(bytes.get(4..)?)?;
    if length > LONGEST {
        return None;
    }
    rest = rest.get(..length as usize)?;
    while let Some(first) = rest.first() {
        // The leading zeros of an id and of a length say how long it is.
        let (id, tail) = rest.split_at_checked(first.leading_zeros() as usize + 1)?;
        let (length, tail) = self::length(tail)?;
        let (value, tail) = tail.split_at_checked(usize::try_from(length).ok()?)?;
        if id == DOC_TYPE {
            // The value may be padded with zeros.
            return value.split(|byte| *byte == 0).next();
        }
        rest = tail;
    }
    None
}

/// A length in EBML's variable size, and what follows it.
fn length(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let first = *bytes.first()?;
    let (coded, rest) = bytes.split_at_checked(first.leading_zeros() as usize + 1)?;
    let marker = 0x80_u8.checked_shr(first.leading_zeros())?;
    let value =
        coded.get(1..)?.iter().fold(u64::from(first & !marker), |sum, byte| sum << 8 | u64::from(*byte));
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ftyp(brands: &[&[u8; 4]]) -> Vec<u8> {
        let mut bytes = (12 + 4 * brands.len() as u32).to_be_bytes().to_vec();
        bytes.extend_from_slice(b"ftyp");
        bytes.extend_from_slice(brands[0]);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend(brands[1..].iter().copied().flatten());
        bytes
    }

    /// The beginning of a recording of a browser.
    const EBML: &[u8] =
        b"\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\xF7\x81\x01\x42\xF2\x81\x04\x42\xF3\x81\x08\
        \x42\x82\x84webm\x42\x87\x81\x04\x42\x85\x81\x02";

    #[test]
    fn each_container_is_known_by_its_first_bytes() {
        assert_eq!(sniff(&ftyp(&[b"isom", b"isom", b"avc1"])), Some(Container::Mp4));
        assert_eq!(sniff(&ftyp(&[b"XXXX", b"mp42"])), Some(Container::Mp4));
        assert_eq!(sniff(&ftyp(&[b"qt  ", b"qt  "])), Some(Container::Mov));
        assert_eq!(sniff(b"RIFF\0\0\0\0AVI LIST"), Some(Container::Avi));
        assert_eq!(sniff(EBML), Some(Container::WebM));
    }

    #[test]
    fn sound_alone_is_no_video() {
        assert_eq!(sniff(b"RIFF\0\0\0\0WAVEfmt "), None);
        assert_eq!(sniff_sound(b"RIFF\0\0\0\0WAVEfmt "), Some(Container::Wave));
        assert_eq!(sniff_sound(EBML), Some(Container::WebM));
        assert_eq!(sniff_sound(b"RIFF\0\0\0\0WEBPVP8 "), None);
    }

    #[test]
    fn pictures_in_a_videos_boxes_are_no_videos() {
        assert_eq!(sniff(&ftyp(&[b"heic", b"mif1", b"heic"])), None);
        assert_eq!(sniff(&ftyp(&[b"avis", b"iso8", b"avis", b"msf1"])), None, "a sequence of pictures");
        assert_eq!(sniff(&ftyp(&[b"isom", b"avif"])), None);
    }

    #[test]
    fn matroska_of_another_type_is_no_webm() {
        let other = EBML.to_vec();
        let at = other.windows(4).position(|bytes| bytes == b"webm").unwrap();
        let named = |name: &[u8; 4]| [&other[..at], name, &other[at + 4..]].concat();
        assert_eq!(sniff(&named(b"webm")), Some(Container::WebM));
        assert_eq!(sniff(&named(b"webx")), None);
        assert_eq!(sniff(&named(b"mkv\0")), None);
    }

    #[test]
    fn anything_else_is_no_video() {
        for bytes in [
            &b""[..],
            b"#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd",
            b"ffconcat version 1.0\nfile '/etc/passwd'",
            b"PK\x03\x04",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff\xe0",
            b"GIF89a",
            b"RIFF\0\0\0\0WAVE",
            b"RIFF\0\0\0\0WEBPVP8 ",
            b"\0\0\x01\xba",
            b"\0\0\0\x10ftypisom",
            b"\0\0\0\x04ftypisom\0\0\0\0isom",
            b"\xff\xff\xff\xffftypisom\0\0\0\0isom",
        ] {
            assert_eq!(sniff(bytes), None, "{}", bytes.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn no_beginning_makes_it_panic(bytes: Vec<u8>, start in 0..3_usize) {
            let start: &[u8] = [&b""[..], b"\x1A\x45\xDF\xA3", b"\0\0\0\x20ftyp"][start];
            let _ = sniff(&[start, &bytes].concat());
        }

        #[test]
        fn no_cut_of_a_header_makes_it_panic(length in 0..EBML.len(), at in 0..EBML.len(), byte: u8) {
            let mut bytes = EBML.to_vec();
            bytes[at] = byte;
            let _ = sniff(&bytes[..length]);
        }
    }
}
