//! The questions that are asked of a document and its holder, and their answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{DocumentFacts, FacesEvidence, ImageKind, PageEvidence, PagesFault, SelfieEvidence};
use crate::{ComparisonSignal, Decision, PhotoEvidence, SearchSignal, Similarity, TemplateIds, Timestamp};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentCheckName {
    /// Do the data of the document make sense, and do they agree with each other?
    Validation,
    /// Is the document as its issuer made it?
    Authentication,
    /// Was the document itself before the camera, and not a picture of it?
    DocumentLiveness,
    /// Is it the person of the document?
    Matching,
    /// Was a live person before the camera?
    BiometricLiveness,
    /// Is nothing known against the person or the document?
    FlaggedIdentity,
}

/// Why a check did not come out well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentReason {
    /// Something that every document has could not be read.
    DataExtractionFailed,
    /// A date is impossible, or the document has expired.
    DataValidationFailed,
    /// Two places of the document say different things.
    DataComparisonFailed,
    /// A check digit of the machine-readable zone does not fit.
    MrzCheckDigitsInvalid,
    /// The portrait does not seem to belong to the document.
    FaceTampering,
    /// There is no portrait on the document.
    PortraitNotFound,
    /// A text does not seem to belong to the document.
    TextTampering,
    /// The document looks like none that is known.
    TemplateMismatch,
    /// The picture seems to show a picture of a document.
    DocumentPresentationAttack,
    /// The selfie does not show the person of the portrait, or perhaps not.
    BiometricMismatch,
    /// The selfie shows no live person, or perhaps not.
    SelfieLivenessAttack,
    /// The pictures of the live capture did not come from a camera, or perhaps not.
    InjectionAttack,
    /// The selfie shows several people.
    MultipleFaces,
    /// Another person of the tenant came with this document or this face.
    SeveralIdentities,
    /// Somebody was turned away with this document before.
    PreviousDocumentFraud,
    /// The face is on the blocklist, or is like one that was turned away before.
    PreviousFaceFraud,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentCheck {
    /// The question.
    pub name: DocumentCheckName,
    /// The answer; `None` where it was not asked, or could not be answered.
    pub answer: Option<Decision>,
    /// Why it is not [`Decision::Allow`].
    pub reasons: Vec<DocumentReason>,
}

/// Everything that was measured in a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentEvidence {
    /// The document's front; `None` where no document was asked for.
    pub front: Option<PageEvidence>,
    /// Its back; `None` where it has none.
    pub back: Option<PageEvidence>,
    /// The selfie.
    pub selfie: SelfieEvidence,
    /// The face that the selfie is compared with: the portrait of the document, or a photo that was given.
    pub portrait: Option<PhotoEvidence>,
    /// How alike the two are; `None` where one of them has no face.
    pub comparison: Option<ComparisonSignal>,
    /// What a look into the tenant's blocklist found; `None` without a face.
    pub blocklist: Option<SearchSignal>,
    /// What earlier sessions of the tenant say.
    pub history: HistorySignal,
    /// All pictures of the face, where several came; the selfie is the first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faces: Option<FacesEvidence>,
}

/// What earlier sessions of the tenant say.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct HistorySignal {
    /// Sessions of other people with the same document; `None` where it was not looked for.
    pub same_document: Option<u64>,
    /// Sessions with the same document that were denied; `None` where it was not looked for.
    pub denied_document: Option<u64>,
    /// The face of another person that is most like this one, where it is alike enough to be the same; `None` where
    /// there is none.
    pub same_face: Option<Similarity>,
    /// The face of a denied session that is most like this one, where it is alike enough to be the same.
    pub denied_face: Option<Similarity>,
    /// Faces that were compared.
    pub faces: u64,
}

/// What follows from the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentAssessment {
    /// What to do.
    pub decision: Decision,
    /// The checks, in the order of [`DocumentCheckName`].
    pub checks: Vec<DocumentCheck>,
    /// Pictures that were of no use: others might be.
    pub retake: Vec<ImageKind>,
    /// Version of the policy.
    pub policy: &'static str,
}

/// What is kept of a decision: enough to explain it years later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentJudgement {
    /// Version of the policy.
    pub policy: String,
    /// What it said.
    pub decision: Decision,
    /// The checks.
    pub checks: Vec<DocumentCheck>,
    /// Why the document is not taken, heaviest first, where it was looked at without its holder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<PagesFault>,
    /// What was measured; `None` where the session only acted as if.
    pub evidence: Option<DocumentEvidence>,
    /// What the document says.
    pub facts: DocumentFacts,
    /// What made the templates.
    pub templates: Option<TemplateIds>,
    /// SHA-256 of every model that took part, by its id.
    pub models: BTreeMap<String, String>,
    /// When it was made.
    pub at: Timestamp,
}

impl DocumentJudgement {
    /// What a session that only acts as if says at its end: nothing was measured.
    pub fn acted(decision: Decision, at: Timestamp) -> Self {
        use DocumentCheckName as Name;
        let failing = match decision {
            Decision::Allow => None,
            Decision::Challenge => Some((Name::Validation, DocumentReason::DataComparisonFailed)),
            Decision::Deny => Some((Name::Matching, DocumentReason::BiometricMismatch)),
        };
        let check = |name| match failing.filter(|(failing, _)| *failing == name) {
            Some((_, reason)) => DocumentCheck { name, answer: Some(decision), reasons: vec![reason] },
            None => DocumentCheck { name, answer: Some(Decision::Allow), reasons: vec![] },
        };
        let names = [
            Name::Validation,
            Name::Authentication,
            Name::DocumentLiveness,
            Name::Matching,
            Name::BiometricLiveness,
            Name::FlaggedIdentity,
        ];
        Self {
            policy: "mock".to_owned(),
            decision,
            checks: names.map(check).into(),
            faults: vec![],
            evidence: None,
            facts: DocumentFacts::default(),
            templates: None,
            models: BTreeMap::new(),
            at,
        }
    }
}
