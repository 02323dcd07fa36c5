//! Images in bodies: base64, and how large they may be.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::error::VlensError;

/// Most bytes of an image.
pub(super) const MOST_BYTES: usize = 5 * 1024 * 1024;
/// The bytes of an image that stands in a body, with or without a `data:` prefix.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, VlensError> {
    let is_url = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"));
    let encoded = if is_url { text.split_once(',').map_or("", |(_, rest)| rest) } else { text };
    // Before anything is decoded: four letters hold three bytes.
    if encoded.len() / 4 > MOST_BYTES.div_ceil(3) {
        return Err(VlensError::business(5002));
    }
    let bytes = BASE64.decode(encoded.trim()).map_err(|_| VlensError::bad_request())?;
    match bytes.len() {
        0 => Err(VlensError::bad_request()),
        length if length > MOST_BYTES => Err(VlensError::business(5002)),
        _ => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_base64_of_five_megabytes_at_most() {
        assert_eq!(decode("AAEC").unwrap(), [0, 1, 2]);
        assert_eq!(decode("data:image/jpeg;base64,AAEC\n").unwrap(), [0, 1, 2]);
        for bad in ["", "data:image/jpeg;base64,", "data:", "no base64!", "AAE"] {
            assert_eq!(decode(bad), Err(VlensError::bad_request()), "{bad}");
        }
        assert_eq!(decode(&BASE64.encode(vec![0; MOST_BYTES])).unwrap().len(), MOST_BYTES);
        for more in [1, 3, 1000] {
            let large = BASE64.encode(vec![0; MOST_BYTES + more]);
            assert_eq!(decode(&large), Err(VlensError::business(5002)), "{more}");
        }
    }
}
