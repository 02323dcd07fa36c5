//! Brings a part of a frame to another size, each axis by itself.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use media::Frame;

/// An upright part of a frame in pixels; fractions are honoured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Region {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// How new pixels are made of old ones.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Quality {
    /// The mean of the area a pixel covers; linear where the part is enlarged. Like OpenCV's `INTER_AREA`.
    Area,
    /// For pictures in which faces are only searched: past a third, four samples a pixel.
    Search,
}

/// `region` of `frame` at `width` x `height`, red, green, blue. `None` when the region is empty or reaches past the frame.
pub(crate) fn resize(
    frame: &Frame,
    region: Region,
    (width, height): (u32, u32),
    quality: Quality,
) -> Option<Vec<u8>> {
    let source = ImageRef::new(frame.width(), frame.height(), frame.rgb(), PixelType::U8x3).ok()?;
    let mut target = Image::new(width, height, PixelType::U8x3);
    let scale = (region.width / f64::from(width)).max(region.height / f64::from(height));
    let algorithm = match quality {
        Quality::Area if scale > 1.0 => ResizeAlg::Convolution(FilterType::Box),
        Quality::Search if scale > 3.0 => ResizeAlg::SuperSampling(FilterType::Bilinear, 2),
        Quality::Area | Quality::Search => ResizeAlg::Convolution(FilterType::Bilinear),
    };
    let options =
        ResizeOptions::new().resize_alg(algorithm).crop(region.left, region.top, region.width, region.height);
    Resizer::new().resize(&source, &mut target, &options).ok()?;
    Some(target.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_averaged_and_empty_regions_refused() {
        let rgb = (0..8 * 8).flat_map(|index| [if index % 2 == 0 { 0 } else { 200 }; 3]).collect();
        let frame = Frame::from_rgb(8, 8, rgb, 0).unwrap();
        let all = Region { left: 0.0, top: 0.0, width: 8.0, height: 8.0 };
        let reduced = resize(&frame, all, (2, 2), Quality::Area).unwrap();
        assert!(reduced.iter().all(|value| (99..=101).contains(value)), "{reduced:?}");
        assert!(resize(&frame, Region { left: 4.0, ..all }, (2, 2), Quality::Area).is_none());
    }
}
