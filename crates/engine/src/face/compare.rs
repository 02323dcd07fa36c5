//! Templates, how alike two of them are, and what that means in false matches.

use domain::{Fmr, Similarity, TemplateIds};
use serde::{Deserialize, Serialize};

use super::tail::Tail;

/// Numbers in an embedding.
pub const EMBEDDING_LENGTH: usize = 128;

/// Where a face lies among all faces: a unit vector.
#[derive(Clone, PartialEq)]
pub struct Embedding([f32; EMBEDDING_LENGTH]);

impl Embedding {
    /// Normalises a network's answer. `None` when it has another length, or no direction.
    pub fn from_raw(raw: &[f32]) -> Option<Self> {
        let values: [f32; EMBEDDING_LENGTH] = raw.try_into().ok()?;
        let norm = values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        (norm.is_finite() && norm > 1e-6).then(|| Self(values.map(|value| (f64::from(value) / norm) as f32)))
    }

    /// Takes back the numbers of [`values`](Self::values), bit for bit. `None` when they are no unit vector.
    pub fn from_values(values: &[f32]) -> Option<Self> {
        let values: [f32; EMBEDDING_LENGTH] = values.try_into().ok()?;
        let norm = values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        ((norm - 1.0).abs() < 1e-4).then_some(Self(values))
    }

    /// The unit vector.
    pub fn values(&self) -> &[f32; EMBEDDING_LENGTH] {
        &self.0
    }

    /// Cosine of the angle to `other`, -1..1.
    pub fn cosine(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum::<f32>().clamp(-1.0, 1.0)
    }
}

impl std::fmt::Debug for Embedding {
    /// The numbers are a person's face and have no place in a log line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Embedding(..)")
    }
}

/// A face ready for comparison, and what made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The model, the preprocessing and the calibration that made it.
    pub ids: TemplateIds,
    /// The face.
    pub embedding: Embedding,
}

/// The two templates come from different models and cannot be compared.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("these templates come from different models ({} and {}): enroll the older one again", .ids[0], .ids[1])]
pub struct Incomparable {
    /// What made the probe, and what made the reference.
    pub ids: Box<[TemplateIds; 2]>,
}

/// How alike two faces are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    /// The calibrated comparison score, 0..1.
    pub similarity: Similarity,
    /// The cosine behind it, -1..1.
    pub cosine: f32,
}

/// What a cosine means, as measured on named data. Checked in, made by `bonafide bench calibrate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Name of this calibration; part of every template made under it.
    pub id: String,
    /// Name of the embedding model.
    pub model: String,
    /// Name of what happens before the model.
    pub preprocessing: String,
    /// What it was measured on.
    pub source: CalibrationSource,
    /// Points of the curve, similarity and cosine rising, FMR falling.
    pub anchors: Vec<Anchor>,
    /// What is taken for true beyond the anchors, for searches.
    pub tail: Tail,
}

/// The data behind a calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationSource {
    /// The sets.
    pub sets: Vec<String>,
    /// Date of the measurement.
    pub date: String,
    /// Photos with a face.
    pub photos: usize,
    /// People.
    pub people: usize,
    /// Pairs of photos of different people.
    pub impostor_pairs: u64,
}

/// One point of a calibration.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Comparison score, 0..1.
    pub similarity: f32,
    /// Cosine with that score.
    pub cosine: f32,
    /// Share of impostor pairs with at least this score.
    pub fmr: f64,
}

impl Calibration {
    /// The calibration that belongs to the shipped model and preprocessing.
    ///
    /// # Panics
    /// Never in a released build: the file is compiled in and a test reads it.
    #[expect(clippy::expect_used, reason = "the file is part of the program, and a test parses it")]
    pub fn shipped() -> Self {
        Self::from_json(include_str!("../../calibration/sface-2021dec.json"))
            .expect("the shipped calibration")
    }

    /// Reads and checks a calibration. `None` when it is malformed, its anchors do not rise, or its tail does
    /// not fall.
    pub fn from_json(json: &str) -> Option<Self> {
        let calibration: Self = serde_json::from_str(json).ok()?;
        let rising = calibration.anchors.windows(2).all(|pair| {
            pair[0].similarity < pair[1].similarity
                && pair[0].cosine < pair[1].cosine
                && pair[0].fmr > pair[1].fmr
        });
        let inside = calibration.anchors.iter().all(|anchor| {
            (0.0..1.0).contains(&anchor.similarity)
                && (-1.0..1.0).contains(&anchor.cosine)
                && anchor.fmr > 0.0
                && anchor.fmr < 1.0
        });
        let sound = rising && inside && calibration.tail.is_sound();
        (sound && calibration.anchors.len() >= 2).then_some(calibration)
    }

    /// The ids that templates made under this calibration carry.
    pub fn template_ids(&self) -> TemplateIds {
        TemplateIds {
            model: self.model.clone(),
            preprocessing: self.preprocessing.clone(),
            calibration: self.id.clone(),
        }
    }

    /// The score of a cosine: straight lines through (-1, 0), the anchors and (1, 1), so it never falls as the
    /// cosine rises.
    pub fn similarity(&self, cosine: f32) -> Similarity {
        let cosine = if cosine.is_finite() { cosine.clamp(-1.0, 1.0) } else { -1.0 };
        let points = std::iter::once((-1.0, 0.0))
            .chain(self.anchors.iter().map(|anchor| (anchor.cosine, anchor.similarity)))
            .chain(std::iter::once((1.0, 1.0)));
        let mut below = (-1.0, 0.0);
        for point in points {
            if cosine <= point.0 {
                let span = point.0 - below.0;
                let share = if span > 0.0 { (cosine - below.0) / span } else { 1.0 };
                return Similarity::clamped(below.1 + (point.1 - below.1) * share);
            }
            below = point;
        }
        Similarity::clamped(1.0)
    }

    /// The false match rate of a threshold, log-linear between the anchors; `None` outside of them, where nothing
    /// was measured.
    pub fn fmr_at(&self, threshold: Similarity) -> Option<Fmr> {
        let threshold = threshold.get();
        self.anchors.windows(2).find_map(|pair| {
            (pair[0].similarity <= threshold && threshold <= pair[1].similarity).then(|| {
                let share = (threshold - pair[0].similarity) / (pair[1].similarity - pair[0].similarity);
                let share = f64::from(share);
                Fmr(pair[0].fmr.powf(1.0 - share) * pair[1].fmr.powf(share))
            })
        })
    }

    /// The lowest threshold whose false match rate is at most `fmr`; `None` for a rate outside of the anchors, where
    /// nothing was measured.
    pub fn threshold_at(&self, fmr: Fmr) -> Option<Similarity> {
        self.anchors.windows(2).find_map(|pair| {
            (pair[0].fmr >= fmr.0 && fmr.0 >= pair[1].fmr).then(|| {
                let share = (fmr.0 / pair[0].fmr).ln() / (pair[1].fmr / pair[0].fmr).ln();
                let span = pair[1].similarity - pair[0].similarity;
                Similarity::clamped(pair[0].similarity + span * share as f32)
            })
        })
    }

    /// Compares two templates.
    ///
    /// # Errors
    /// [`Incomparable`] when they do not carry the same ids.
    pub fn compare(&self, probe: &Template, reference: &Template) -> Result<Comparison, Incomparable> {
        if probe.ids != reference.ids || probe.ids != self.template_ids() {
            return Err(Incomparable { ids: Box::new([probe.ids.clone(), reference.ids.clone()]) });
        }
        let cosine = probe.embedding.cosine(&reference.embedding);
        Ok(Comparison { similarity: self.similarity(cosine), cosine })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn embedding(x: f32, y: f32) -> Embedding {
        let mut raw = [0.0; EMBEDDING_LENGTH];
        (raw[0], raw[1]) = (x, y);
        Embedding::from_raw(&raw).unwrap()
    }

    #[test]
    fn an_embedding_is_a_direction() {
        assert!((embedding(3.0, 4.0).cosine(&embedding(6.0, 8.0)) - 1.0).abs() < 1e-6);
        assert!(embedding(1.0, 0.0).cosine(&embedding(0.0, 1.0)).abs() < 1e-6);
        assert!(Embedding::from_raw(&[0.0; EMBEDDING_LENGTH]).is_none());
        assert!(Embedding::from_raw(&[f32::NAN; EMBEDDING_LENGTH]).is_none());
        assert!(Embedding::from_raw(&[1.0; 4]).is_none());
        assert_eq!(format!("{:?}", embedding(1.0, 0.0)), "Embedding(..)");
        let kept = embedding(3.0, 4.0);
        assert_eq!(Embedding::from_values(kept.values()), Some(kept));
        assert!(Embedding::from_values(&[1.0; EMBEDDING_LENGTH]).is_none());
    }

    #[test]
    fn the_shipped_anchors_stand_where_the_dialects_expect_them() {
        let calibration = Calibration::shipped();
        let anchors = calibration.anchors.iter().map(|anchor| (anchor.similarity, anchor.fmr));
        assert_eq!(anchors.collect::<Vec<_>>(), [(0.5, 1e-2), (0.65, 1e-4), (0.8, 1e-5)]);
        for anchor in &calibration.anchors {
            assert!((calibration.similarity(anchor.cosine).get() - anchor.similarity).abs() < 1e-6);
            let fmr = calibration.fmr_at(Similarity::new(anchor.similarity).unwrap()).unwrap();
            assert!((fmr.0 / anchor.fmr - 1.0).abs() < 1e-6);
        }
        for (fmr, threshold) in [(1e-2, 0.5), (1e-3, 0.575), (1e-4, 0.65), (1e-5, 0.8)] {
            assert!((calibration.threshold_at(Fmr(fmr)).unwrap().get() - threshold).abs() < 1e-6);
        }
        assert_eq!(calibration.threshold_at(Fmr(0.1)), None);
        assert_eq!(calibration.fmr_at(Similarity::new(0.9).unwrap()), None);
        assert_eq!(calibration.fmr_at(Similarity::new(0.2).unwrap()), None);
    }

    #[test]
    fn templates_of_different_models_are_not_compared() {
        let calibration = Calibration::shipped();
        let probe = Template { ids: calibration.template_ids(), embedding: embedding(1.0, 0.0) };
        let mut other = probe.clone();
        assert!((calibration.compare(&probe, &other).unwrap().similarity.get() - 1.0).abs() < 1e-6);
        other.ids.model = "another".to_owned();
        assert!(calibration.compare(&probe, &other).is_err());
    }

    #[test]
    fn anchors_that_fall_are_refused() {
        let mut calibration = Calibration::shipped();
        calibration.anchors.reverse();
        assert_eq!(Calibration::from_json(&serde_json::to_string(&calibration).unwrap()), None);
    }

    proptest! {
        #[test]
        fn similarity_rises_with_the_cosine(a in -1.0_f32..=1.0, b in -1.0_f32..=1.0) {
            let calibration = Calibration::shipped();
            let (low, high) = (calibration.similarity(a.min(b)), calibration.similarity(a.max(b)));
            prop_assert!(low <= high);
            prop_assert!((0.0..=1.0).contains(&low.get()) && (0.0..=1.0).contains(&high.get()));
        }
    }
}
