//! What a file is, by its content.

/// A picture format that [`decode`](crate::decode) reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// JPEG (ITU-T T.81): baseline or progressive, 8 bits.
    Jpeg,
    /// PNG (W3C, third edition): any colour type and depth; of an APNG the still picture.
    Png,
    /// WebP (RFC 9649): lossy or lossless; of an animation the first picture.
    WebP,
}

/// The format of `bytes`, by their first 12 bytes at most; a name or a declared type has no say.
///
/// A `Some` promises nothing about the rest of the file.
pub fn sniff(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Some(Format::Jpeg)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(Format::Png)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(Format::WebP)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_is_known_by_its_first_bytes() {
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Some(Format::Jpeg));
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\nrest"), Some(Format::Png));
        assert_eq!(sniff(b"RIFF\0\0\0\0WEBPVP8 "), Some(Format::WebP));
    }

    #[test]
    fn other_content_and_short_starts_are_unknown() {
        for bytes in [
            &b""[..],
            b"\xff\xd8",
            b"\x89PNG",
            b"RIFF\0\0\0\0WAVE",
            b"RIFF\0\0\0\0WEB",
            b"GIF89a",
            b"%PDF-1.7",
        ] {
            assert_eq!(sniff(bytes), None, "{bytes:?}");
        }
    }
}
