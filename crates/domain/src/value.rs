//! Small checked values.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Calibrated comparison score, 0..1: rises with the cosine of two templates. 0.65 stands at FMR 1e-4.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(into = "f32", try_from = "f32")]
pub struct Similarity(f32);

impl From<Similarity> for f32 {
    fn from(similarity: Similarity) -> f32 {
        similarity.0
    }
}

impl TryFrom<f32> for Similarity {
    type Error = &'static str;

    fn try_from(value: f32) -> Result<Self, Self::Error> {
        Self::new(value).ok_or("a similarity lies between 0 and 1")
    }
}

impl Similarity {
    /// `None` outside 0..=1.
    pub fn new(value: f32) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// The nearest score to `value`; 0 for what is no number.
    pub fn clamped(value: f32) -> Self {
        Self(if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) })
    }

    /// The score, 0..=1.
    pub fn get(self) -> f32 {
        self.0
    }
}

impl fmt::Display for Similarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

/// False match rate: the share of impostor comparisons that reach a threshold, 0..1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fmr(pub f64);

impl fmt::Display for Fmr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0e}", self.0)
    }
}

/// False positive identification rate: the share of searches for people who are not in a gallery that find somebody all
/// the same, for a gallery of any size. From 1e-6 to 0.1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(into = "f64", try_from = "f64")]
pub struct Fpir(f64);

impl Fpir {
    /// One false alarm in 1,000 searches.
    pub const STANDARD: Self = Self(1e-3);

    /// `None` outside 1e-6..=0.1: beyond, a list would hit everybody, or nobody could say what a threshold means.
    pub fn new(value: f64) -> Option<Self> {
        (1e-6..=0.1).contains(&value).then_some(Self(value))
    }

    /// The rate.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl From<Fpir> for f64 {
    fn from(fpir: Fpir) -> f64 {
        fpir.0
    }
}

impl TryFrom<f64> for Fpir {
    type Error = &'static str;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::new(value).ok_or("a false positive identification rate lies between 1e-6 and 0.1")
    }
}

/// What made a face template. Templates with different ids are never compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TemplateIds {
    /// The embedding model.
    pub model: String,
    /// Detection and alignment before it.
    pub preprocessing: String,
    /// The calibration of its scores.
    pub calibration: String,
}

impl fmt::Display for TemplateIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {} / {}", self.model, self.preprocessing, self.calibration)
    }
}

/// Which photo of a verification is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The photo of the identity that is claimed: an ID portrait, an enrolled photo.
    Reference,
    /// The photo of the person in front of the camera: the probe.
    Selfie,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Reference => "reference",
            Role::Selfie => "selfie",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_similarity_stays_between_0_and_1() {
        assert!(Similarity::new(1.01).is_none() && Similarity::new(f32::NAN).is_none());
        assert_eq!(Similarity::new(0.65).map(Similarity::get), Some(0.65));
        assert_eq!(Similarity::clamped(f32::NAN).to_string(), "0.000");
        assert_eq!(Similarity::clamped(7.0).to_string(), "1.000");
    }

    #[test]
    fn a_rate_of_false_alarms_stays_in_its_range() {
        for (rate, is_one) in
            [(1e-3, true), (1e-6, true), (0.1, true), (0.0, false), (0.2, false), (f64::NAN, false)]
        {
            assert_eq!(Fpir::new(rate).is_some(), is_one, "{rate}");
        }
        assert_eq!(Fpir::new(Fpir::STANDARD.get()), Some(Fpir::STANDARD));
    }

    #[test]
    fn an_fmr_reads_like_the_literature() {
        assert_eq!(Fmr(1e-4).to_string(), "1e-4");
    }
}
