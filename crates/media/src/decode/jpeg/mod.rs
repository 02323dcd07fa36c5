//! JPEG, through zune-jpeg in strict mode.
//!
//! zune-jpeg is called directly because the image crate's wrapper fixes lenient mode, in which a file cut off
//! in upload comes out as a picture with a grey half, and because the wrapper copies the file.

mod survey;

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::{WRONG_SIZE, pixels};
use crate::{Damage, DecodeError, Frame, Limits};
use survey::Survey;

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Frame, DecodeError> {
    let survey = Survey::of(bytes)?;
    let count = limits.admit_size(survey.width, survey.height)?;
    limits.admit_time(survey.time_ns())?;
    limits.admit_memory(survey.memory(count))?;
    let rgb = samples(&survey)?;
    pixels::upright(survey.width, survey.height, rgb, survey.exif).ok_or_else(|| WRONG_SIZE.into())
}

/// The picture's samples as RGB; the decoder and its buffers are gone afterwards.
fn samples(survey: &Survey<'_>) -> Result<Vec<u8>, DecodeError> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(survey.width as usize)
        .set_max_height(survey.height as usize)
        .jpeg_set_max_scans(survey.scans)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(survey.bytes), options);
    decoder.decode_headers().map_err(|error| refused(&error))?;
    if decoder.dimensions() != Some((survey.width as usize, survey.height as usize)) {
        return Err(WRONG_SIZE.into());
    }
    let mut rgb = vec![0; survey.width as usize * survey.height as usize * 3];
    decoder.decode_into(&mut rgb).map_err(|error| refused(&error))?;
    Ok(rgb)
}

fn refused(error: &DecodeErrors) -> DecodeError {
    Damage::Decoder(error.to_string()).into()
}
