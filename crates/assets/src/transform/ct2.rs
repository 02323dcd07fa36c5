//! Reading the tensors of a `CTranslate2` model (binary version 6): a header, then each variable as its name, its
//! dimensions, its type and its values, all little-endian.

use std::collections::HashMap;

use super::TransformError;

/// The type of half-precision floats in such a file; all weights of the model that is read here have it.
const FLOAT16: u8 = 4;

/// A weight: dimensions, and the bytes of its half-precision values, row by row.
#[derive(Debug, PartialEq)]
pub(super) struct Weight<'a> {
    pub(super) dims: Vec<usize>,
    pub(super) halves: &'a [u8],
}

/// The weights of a file, by name. Settings, which have other types, are left out.
pub(super) fn read(bytes: &[u8]) -> Result<HashMap<String, Weight<'_>>, TransformError> {
    let mut left = Bytes(bytes);
    let version = left.u32()?;
    let specification = left.name()?;
    left.u32()?;
    if version != 6 || specification != "WhisperSpec" {
        return Err(TransformError::Unexpected("it is no Whisper model of CTranslate2"));
    }
    let count = left.u32()?;
    let mut weights = HashMap::new();
    for _ in 0..count {
        let name = left.name()?.to_owned();
        let rank = left.take(1)?[0];
        let dims = (0..rank).map(|_| Ok(left.u32()? as usize)).collect::<Result<Vec<_>, TransformError>>()?;
        let kind = left.take(1)?[0];
        let length = left.u32()? as usize;
        let halves = left.take(length)?;
        if kind != FLOAT16 {
            continue;
        }
        let size = dims.iter().try_fold(2_usize, |size, side| size.checked_mul(*side));
        if size != Some(length) {
            return Err(TransformError::Unexpected("a weight does not fill its shape"));
        }
        weights.insert(name, Weight { dims, halves });
    }
    Ok(weights)
}

/// What is not read yet.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], TransformError> {
        let (taken, rest) =
            self.0.split_at_checked(length).ok_or(TransformError::Unexpected("the file ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, TransformError> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// A text with its length before it and a zero at its end.
    fn name(&mut self) -> Result<&'a str, TransformError> {
        let length = self.take(2)?;
        let text = self.take(usize::from(u16::from_le_bytes([length[0], length[1]])))?;
        let text = text.strip_suffix(&[0]).unwrap_or(text);
        str::from_utf8(text).map_err(|_| TransformError::Unexpected("a weight has no readable name"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        let mut bytes = 6_u32.to_le_bytes().to_vec();
        let name = |bytes: &mut Vec<u8>, name: &str| {
            bytes.extend((name.len() as u16 + 1).to_le_bytes());
            bytes.extend(name.as_bytes());
            bytes.push(0);
        };
        name(&mut bytes, "WhisperSpec");
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(2_u32.to_le_bytes());
        name(&mut bytes, "a/weight");
        bytes.push(2);
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(2_u32.to_le_bytes());
        bytes.push(FLOAT16);
        bytes.extend(4_u32.to_le_bytes());
        bytes.extend([0, 0x3c, 0, 0x40]);
        name(&mut bytes, "a/setting");
        bytes.extend([0, 1]);
        bytes.extend(1_u32.to_le_bytes());
        bytes.push(7);
        bytes
    }

    #[test]
    fn weights_are_read_and_settings_left_out() {
        let bytes = file();
        let weights = read(&bytes).unwrap();
        assert_eq!(weights.len(), 1);
        assert_eq!(weights["a/weight"], Weight { dims: vec![1, 2], halves: &[0, 0x3c, 0, 0x40] });
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_refused() {
        let bytes = file();
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length]).is_err(), "{length}");
        }
    }
}
