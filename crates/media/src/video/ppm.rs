//! Headers of binary portable pixmaps, as the child writes them.

use crate::Damage;

/// Length of the shortest header, `P6\n1 1\n255\n`, in bytes.
pub(super) const SHORTEST: usize = 11;

/// Length of the longest header that is read: sides of five digits.
const LONGEST: usize = 19;

/// Width and height in pixels, once `bytes` are a whole header; `None` if more of it must come.
///
/// # Errors
/// No header, or a side that is 0 or more than `max_side`.
pub(super) fn size(bytes: &[u8], max_side: u32) -> Result<Option<(u32, u32)>, Damage> {
    let bad = Damage::Structure("the decoder wrote something else than pictures");
    // Three lines.
    if bytes.split(|byte| *byte == b'\n').nth(3) != Some(&[]) {
        return if bytes.len() < LONGEST { Ok(None) } else { Err(bad) };
    }
    let parts = str::from_utf8(bytes).ok().and_then(|text| {
        let (width, height) = text.strip_prefix("P6\n")?.strip_suffix("\n255\n")?.split_once(' ')?;
        Some((width.parse::<u32>().ok()?, height.parse::<u32>().ok()?))
    });
    match parts {
        Some((width, height)) if width.min(height) > 0 && width.max(height) <= max_side => Ok(parts),
        _ => Err(bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_when_it_is_whole() {
        assert_eq!(size(b"P6\n640 480\n255\n", 640).unwrap(), Some((640, 480)));
        assert_eq!(size(b"P6\n1 1\n255\n", 1).unwrap(), Some((1, 1)));
        for part in [&b""[..], b"P6\n", b"P6\n640 480\n", b"P6\n640 480\n255"] {
            assert_eq!(size(part, 640).unwrap(), None, "{}", part.escape_ascii());
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in [
            &b"P6\n641 480\n255\n"[..],
            b"P6\n640 0\n255\n",
            b"P6\n640 4\n65535\n",
            b"P5\n640 480\n255\n",
            b"P6\n-1 480\n255\n",
            b"P6\n\n\n",
            b"P6 640 480 255 and more",
        ] {
            assert!(size(wrong, 640).is_err(), "{}", wrong.escape_ascii());
        }
    }
}
