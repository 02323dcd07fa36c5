//! What was measured on one picture of a document.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Field, FieldName, FieldSource, Quad};

/// What kind of document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// An identity card.
    NationalId,
    /// A driving licence.
    DriversLicense,
    /// A passport.
    Passport,
    /// A residence permit.
    ResidencePermit,
    /// A visa.
    Visa,
    /// Any other.
    Other,
}

/// A side of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageSide {
    /// The side with the portrait; the data page of a passport.
    Front,
    /// The other one.
    Back,
}

/// Something that keeps a picture from being read, which another picture can mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageFault {
    /// There is no document in the picture.
    DocumentNotFound,
    /// There are several.
    SeveralDocuments,
    /// A part lies outside the picture or is covered.
    Obstructed,
    /// Too blurred, or too few pixels, to be read.
    Blur,
    /// A reflection covers a part.
    Glare,
    /// The other side was asked for.
    WrongSide,
    /// No template fits.
    NotSupported,
    /// The portrait is not found.
    FaceNotFound,
    /// The bar code is not found or cannot be read.
    BarcodeNotFound,
}

/// Edges of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "four edges, each cut or not")]
pub struct Edges {
    /// The top one.
    pub top: bool,
    /// The right one.
    pub right: bool,
    /// The bottom one.
    pub bottom: bool,
    /// The left one.
    pub left: bool,
}

impl Edges {
    /// Whether any is set.
    pub const fn any(self) -> bool {
        self.top || self.right || self.bottom || self.left
    }
}

/// Where the document lies in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PageView {
    /// Its corners, from the top left of the upright document, clockwise, in pixels of the picture.
    pub corners: Quad,
    /// Width over height of the upright document.
    pub aspect: f32,
    /// Length of its longer side in the picture, in pixels.
    pub size_px: f32,
    /// Free space to the picture's edges at the narrowest place, as a share of the picture's side: top, right, bottom,
    /// left. Negative where the document reaches beyond.
    pub margins: [f32; 4],
    /// Edges of the picture that cut the document.
    pub cut: Edges,
}

/// How well the document can be seen. Each 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PageQuality {
    /// Fine detail where there is print; 1 is as sharp as the pixels allow.
    pub sharpness: f32,
    /// Share of the document that a reflection has burnt out.
    pub glare: f32,
    /// Share of the outline that is seen.
    pub outline: f32,
}

/// Formats of machine-readable zones (ICAO 9303 parts 4 to 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MrzFormat {
    /// Three lines of 30.
    #[serde(rename = "TD1")]
    Td1,
    /// Two lines of 36.
    #[serde(rename = "TD2")]
    Td2,
    /// Two lines of 44.
    #[serde(rename = "TD3")]
    Td3,
    /// A visa of two lines of 44.
    #[serde(rename = "MRV-A")]
    MrvA,
    /// A visa of two lines of 36.
    #[serde(rename = "MRV-B")]
    MrvB,
}

/// What a check digit covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckDigit {
    /// The number of the document.
    DocumentNumber,
    /// The date of birth.
    DateOfBirth,
    /// The date of expiry.
    DateOfExpiry,
    /// The personal number or other optional data.
    PersonalNumber,
    /// All of them together.
    Composite,
}

/// A machine-readable zone that was read.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MrzSignal {
    /// Its format.
    pub format: MrzFormat,
    /// Its lines.
    pub lines: Vec<String>,
    /// Check digits that do not fit.
    pub wrong: Vec<CheckDigit>,
    /// Fields of which several readings are possible, where no check digit settles it.
    pub ambiguous: Vec<FieldName>,
    /// How sure the reading is, 0..1.
    pub confidence: f32,
}

impl fmt::Debug for MrzSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MrzSignal")
            .field("format", &self.format)
            .field("wrong", &self.wrong)
            .field("ambiguous", &self.ambiguous)
            .field("confidence", &self.confidence)
            .finish_non_exhaustive()
    }
}

/// A bar code of a driving licence that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarcodeSignal {
    /// Issuer identification number of AAMVA, six digits.
    pub issuer: String,
    /// Version of the AAMVA card design standard, 1..10; 0 before the first.
    pub version: u8,
    /// Mandatory elements of that version which are missing.
    pub missing: Vec<String>,
}

/// The portrait on the document.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PortraitSignal {
    /// Left, top, width and height in pixels of the upright, rectified document.
    pub bounds: [f32; 4],
    /// Distance of the eyes there.
    pub eye_distance_px: f32,
}

/// Signs of a forgery. Each 0..1, 1 is surely forged; `None` where it was not looked for or could not be judged.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ForgerySignal {
    /// The picture shows a screen that shows the document. Nothing looks for it yet.
    pub screen: Option<f32>,
    /// The picture shows a print of the document, whose dots are seen.
    pub print: Option<f32>,
    /// The portrait on the document is not its own, but was stuck on: one of its edges throws a shadow.
    pub portrait: Option<f32>,
    /// The ground behind a field was painted over: it lacks the pattern that its neighbours' have.
    pub text: Option<f32>,
    /// A program put the portrait into the picture: its edges are sharper than the camera's.
    #[serde(default)]
    pub portrait_spliced: Option<f32>,
    /// A program put a value into the picture, in the same way.
    #[serde(default)]
    pub text_spliced: Option<f32>,
}

/// Everything that was measured on one picture of a document.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PageEvidence {
    /// What keeps it from being read, worst first; empty where nothing does.
    pub faults: Vec<PageFault>,
    /// Where the document lies; `None` where none was found.
    pub view: Option<PageView>,
    /// How well it can be seen.
    pub quality: Option<PageQuality>,
    /// Id of the template that fits.
    pub template: Option<String>,
    /// What kind of document that is.
    pub kind: Option<DocumentKind>,
    /// Which side it is.
    pub side: Option<PageSide>,
    /// The fields, from every source.
    pub fields: Vec<Field>,
    /// The machine-readable zone.
    pub mrz: Option<MrzSignal>,
    /// The bar code.
    pub barcode: Option<BarcodeSignal>,
    /// The portrait.
    pub portrait: Option<PortraitSignal>,
    /// Signs of a forgery.
    pub forgery: ForgerySignal,
}

impl PageEvidence {
    /// The field from that source.
    pub fn field(&self, name: FieldName, source: FieldSource) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name && field.source == source)
    }

    /// Whether it is a side of an Egyptian identity card.
    pub fn is_egyptian_card(&self) -> bool {
        self.template
            .as_deref()
            .is_some_and(|template| crate::egypt::TEMPLATES.iter().any(|(_, known)| *known == template))
    }

    /// The field from the most trustworthy source that has it: machine-readable ones carry check digits or error
    /// correction.
    pub fn best(&self, name: FieldName) -> Option<&Field> {
        [FieldSource::Barcode, FieldSource::Mrz, FieldSource::Printed]
            .into_iter()
            .find_map(|source| self.field(name, source))
    }
}
