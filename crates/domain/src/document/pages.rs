//! A document that is looked at without its holder: which one is wanted, which pictures came, and why it is not taken.

use serde::{Deserialize, Serialize};

use super::{DocumentKind, PageFault, PageSide};
use crate::ArtifactId;

/// The document that is to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedDocument {
    /// What kind of document.
    pub kind: DocumentKind,
    /// Who has to have issued it, as in ICAO 9303 part 3 section 5; `None` for any issuer.
    pub country: Option<String>,
}

impl WantedDocument {
    /// Whether it has another side that is to be shown too. All of a passport stands on its data page, all of a visa on
    /// its one.
    pub const fn has_back(&self) -> bool {
        !matches!(self.kind, DocumentKind::Passport | DocumentKind::Visa)
    }
}

/// The pictures of a document that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentPages {
    /// Which document.
    pub wanted: WantedDocument,
    /// Its front, once it came.
    pub front: Option<ArtifactId>,
    /// Its back, once it came.
    pub back: Option<ArtifactId>,
}

impl DocumentPages {
    /// Of which nothing came yet.
    pub const fn of(wanted: WantedDocument) -> Self {
        Self { wanted, front: None, back: None }
    }

    /// The sides that are asked for.
    pub fn sides(&self) -> &'static [PageSide] {
        if self.wanted.has_back() { &[PageSide::Front, PageSide::Back] } else { &[PageSide::Front] }
    }

    /// The picture of that side.
    pub const fn get(&self, side: PageSide) -> Option<ArtifactId> {
        match side {
            PageSide::Front => self.front,
            PageSide::Back => self.back,
        }
    }

    /// Whether every picture came.
    pub fn is_complete(&self) -> bool {
        self.sides().iter().all(|side| self.get(*side).is_some())
    }

    /// With the picture of a side that is asked for and did not come yet; `None` for any other.
    pub fn with(&self, side: PageSide, image: ArtifactId) -> Option<Self> {
        let is_asked = self.sides().contains(&side) && self.get(side).is_none();
        let with = match side {
            PageSide::Front => Self { front: Some(image), ..self.clone() },
            PageSide::Back => Self { back: Some(image), ..self.clone() },
        };
        is_asked.then_some(with)
    }
}

/// Why a document is not taken, heaviest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PagesFault {
    /// Its front cannot be read.
    Front(PageFault),
    /// Its back cannot be read.
    Back(PageFault),
    /// It is another document than the one that is wanted, or its sides are of two.
    AnotherDocument,
    /// The picture seems to show a screen.
    Screen,
    /// The picture seems to show a print.
    Photocopy,
    /// The portrait does not seem to belong to the document.
    PortraitReplaced,
    /// A text does not seem to belong to the document.
    TextReplaced,
    /// Two machine-readable places, each secured against misreading, say different things.
    SureContradiction,
    /// A check digit of the machine-readable zone does not fit.
    ZoneInvalid,
    /// Two places say different things, one of which may have been misread.
    Contradiction,
    /// It has expired.
    Expired,
    /// Its holder is not of age.
    Underage,
    /// A date cannot be that of a document that counts.
    DateImpossible,
    /// There is no portrait on it.
    PortraitNotFound,
    /// Something that every document says could not be read.
    DataNotFound,
}

impl PagesFault {
    /// Whether it speaks against whoever showed the document: another picture of the same document does not mend it.
    pub const fn speaks_against(self) -> bool {
        matches!(
            self,
            Self::Screen
                | Self::Photocopy
                | Self::PortraitReplaced
                | Self::TextReplaced
                | Self::SureContradiction
        )
    }
}

/// What keeps a picture of a document from being of use, as a person can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureAdvice {
    /// The side that is wanted is not there, not whole, or not one that is known.
    DocumentNotFound,
    /// There is no portrait on it.
    FaceNotFound,
    /// It is blurred, or too small.
    Blurred,
    /// There is too little light.
    Dark,
    /// A reflection covers a part.
    Reflection,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_comes_once_and_only_where_there_is_one() {
        let image = |number| ArtifactId::from_bytes([number; 16]);
        let of = |kind| DocumentPages::of(WantedDocument { kind, country: None });
        let card = of(DocumentKind::NationalId);
        let front = card.with(PageSide::Front, image(1)).unwrap();
        assert!(!card.is_complete() && !front.is_complete());
        assert_eq!(front.with(PageSide::Front, image(2)), None);
        let both = front.with(PageSide::Back, image(2)).unwrap();
        assert!(both.is_complete());
        assert_eq!((both.get(PageSide::Front), both.get(PageSide::Back)), (Some(image(1)), Some(image(2))));
        let passport = of(DocumentKind::Passport);
        assert_eq!(passport.with(PageSide::Back, image(1)), None);
        assert!(passport.with(PageSide::Front, image(1)).unwrap().is_complete());
    }
}
