//! What is seen in a picture: pure but for the engine, for the threads that may compute.

use domain::{
    Day, DocumentKind, DocumentPolicy, ImageFault, ImageKind, PageEvidence, SelfieEvidence, SelfieFault,
};
use engine::geometry::Rect;
use media::{DecodeError, Format, Frame};
use serde::{Deserialize, Serialize};

use crate::judge::Look;
use crate::{App, AppError, PageReader, ServiceError};

/// Longer and shorter side of the smallest picture, in pixels.
const LEAST: (u32, u32) = (640, 480);
/// Longer and shorter side of the largest.
const MOST: (u32, u32) = (3840, 2160);
/// Of what margins leave each side has so many pixels at least.
const LEAST_LEFT: u32 = 64;

/// How much is cut off a picture before it is looked at, in pixels of the upright picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Margins {
    /// Above.
    pub top: u32,
    /// On the right.
    pub right: u32,
    /// Below.
    pub bottom: u32,
    /// On the left.
    pub left: u32,
}

impl Margins {
    fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// Why a file cannot be looked at. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum BadPicture {
    /// It cannot be read.
    #[error(transparent)]
    Format(DecodeError),
    /// It is something else.
    #[error("only jpg is taken: save the picture as a JPEG")]
    NotJpeg,
    /// It is too small or too large.
    #[error(
        "the picture is {width} x {height} pixels: it must have 640 x 480 at least and 3840 x 2160 at most"
    )]
    Size {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// Nothing is left.
    #[error("capture_margins leave too little of the picture")]
    Margins,
}

/// The part that counts of a picture that was sent.
pub(super) fn open(app: &App, bytes: &[u8], margins: Margins) -> Result<Frame, BadPicture> {
    let frame = decode(app, bytes)?;
    let (width, height) = (frame.width(), frame.height());
    let (long, short) = (width.max(height), width.min(height));
    if long < LEAST.0 || short < LEAST.1 || long > MOST.0 || short > MOST.1 {
        return Err(BadPicture::Size { width, height });
    }
    cut(frame, margins)
}

/// The part that counts of a picture of any size.
pub(super) fn open_again(app: &App, bytes: &[u8], margins: Margins) -> Result<Frame, BadPicture> {
    cut(decode(app, bytes)?, margins)
}

fn decode(app: &App, bytes: &[u8]) -> Result<Frame, BadPicture> {
    // An empty file is told as such.
    if !bytes.is_empty() && media::sniff(bytes) != Some(Format::Jpeg) {
        return Err(BadPicture::NotJpeg);
    }
    app.decode(bytes).map_err(BadPicture::Format)
}

fn cut(frame: Frame, margins: Margins) -> Result<Frame, BadPicture> {
    if margins.is_none() {
        return Ok(frame);
    }
    let Margins { top, right, bottom, left } = margins;
    let cut = media::crop(&frame, [top, right, bottom, left]);
    cut.filter(|cut| cut.width().min(cut.height()) >= LEAST_LEFT).ok_or(BadPicture::Margins)
}

/// What came out of a picture.
pub(super) struct Seen {
    /// Why it is of no use.
    pub fault: Option<ImageFault>,
    /// What the document was recognised as.
    pub document: Option<DocumentKind>,
    /// What was cut from it, as a JPEG; `None` where it is taken as it is.
    pub refined: Option<Vec<u8>>,
}

/// Looks at a picture that came for a session whose front was recognised as `front`.
pub(super) fn look_at(
    app: &App,
    pages: &dyn PageReader,
    kind: ImageKind,
    frame: &Frame,
    (front, is_cut): (Option<DocumentKind>, bool),
    today: Day,
) -> Result<Seen, ServiceError> {
    let policy = DocumentPolicy::STANDARD;
    let (fault, document, page) = if kind == ImageKind::Selfie {
        let (selfie, _) = selfie(app, frame)?;
        (policy.selfie_fault(&selfie).map(ImageFault::Selfie), None, None)
    } else {
        let reading = pages.read_page(app, frame, today)?;
        let fault = policy.page_fault(kind, &reading.evidence, front);
        (fault, reading.evidence.kind, reading.page)
    };
    let refined = match (fault, &page) {
        (Some(_), _) => None,
        (None, Some(page)) => Some(page),
        (None, None) => is_cut.then_some(frame),
    };
    let refined = refined.map(media::encode_jpeg).transpose().map_err(ServiceError::Encode)?;
    Ok(Seen { fault, document, refined })
}

/// What was measured on a selfie.
pub(super) fn selfie(app: &App, frame: &Frame) -> Result<(SelfieEvidence, Look), AppError> {
    let look = app.look(frame, true)?;
    let room = look.photo.front.as_ref().map(|front| room(frame, &front.face.bounds));
    Ok((SelfieEvidence { photo: look.evidence(), liveness: look.liveness, room, capture: None }, look))
}

/// Free space to the nearest edge, as a share of the face's height.
fn room(frame: &Frame, face: &Rect) -> f32 {
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    let free = [face.x, face.y, width - face.x - face.width, height - face.y - face.height];
    free.into_iter().fold(f32::INFINITY, f32::min) / face.height.max(1.0)
}

/// What was read of a page, and the face on it.
pub(super) fn page(
    app: &App,
    pages: &dyn PageReader,
    frame: &Frame,
    wants_portrait: bool,
    today: Day,
) -> Result<(PageEvidence, Option<Look>), AppError> {
    let reading = pages.read_page(app, frame, today)?;
    if !wants_portrait {
        return Ok((reading.evidence, None));
    }
    let portrait = app.look(reading.page.as_ref().unwrap_or(frame), false)?;
    Ok((reading.evidence, Some(portrait)))
}

/// Why a photo cannot be compared with; `None` where it can. Whether it shows a live person is not asked.
pub(super) fn reference_fault(
    app: &App,
    bytes: &[u8],
) -> Result<Result<Option<SelfieFault>, ServiceError>, BadPicture> {
    // A photo that is kept elsewhere has any size and format.
    let frame = app.decode(bytes).map_err(BadPicture::Format)?;
    let look = match app.look(&frame, false) {
        Ok(look) => look,
        Err(error) => return Ok(Err(error.into())),
    };
    let policy = DocumentPolicy::STANDARD.face;
    let Some(front) = &look.photo.front else { return Ok(Ok(Some(SelfieFault::NoFace))) };
    let is_usable = policy.unusable(domain::Role::Reference, &front.quality).is_empty();
    let fault = if front.quality.single_face < policy.quality.single_face {
        SelfieFault::SeveralFaces
    } else {
        SelfieFault::Blurred
    };
    Ok(Ok((!is_usable).then_some(fault)))
}
