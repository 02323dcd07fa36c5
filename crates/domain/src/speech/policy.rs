//! The rules that turn what was heard into an answer.

use serde::Serialize;

use super::{SpeechFault, SpeechScore, SpeechSignal};
use crate::{Check, CheckName, Outcome, Reason};

/// How sure one has to be that the token was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MinimumPrecision {
    /// Least sure: few are sent away.
    Low,
    /// In between.
    Medium,
    /// Surer.
    High,
    /// Surest: most are sent away.
    VeryHigh,
}

impl MinimumPrecision {
    /// All of them, the least sure one first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::VeryHigh];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::VeryHigh => "very_high",
        }
    }

    /// The one of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|precision| precision.as_str() == word)
    }
}

/// What was heard in place of, or as, the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SpeechOutcome {
    /// The token.
    Match,
    /// Something else, or not surely the token.
    OtherToken,
    /// Nothing that is louder than silence.
    Silence,
    /// Sound, but nothing said.
    Noise,
    /// Something in another language.
    OtherLanguage,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SpeechVerdict {
    /// What was heard.
    pub outcome: SpeechOutcome,
    /// Probability of the token beside its competitors, 0..1; `None` where nothing was listened to.
    pub confidence: Option<f64>,
    /// Version of the rules.
    pub policy: &'static str,
}

/// A versioned set of thresholds for spoken tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpeechPolicy {
    /// Its version.
    pub version: &'static str,
    /// With less sound than this, in ms, it is silent.
    pub least_active_ms: u32,
    /// With less of a voice than this, in ms, it is noise, unless the token was heard.
    pub least_voiced_ms: u32,
    /// Log-odds that the token must reach, in the order of [`MinimumPrecision::ALL`].
    pub odds: [f32; 4],
    /// Log-probability of a digit or word under which the token was not said, whatever its competitors.
    pub least_evidence: f32,
    /// From this probability that nothing is said...
    pub no_speech: f32,
    /// ...something said has to be this likely.
    pub evidence_in_noise: f32,
    /// From this probability of another language, beside at most [`own_language`](Self::own_language) of the expected.
    pub other_language: f32,
    /// See [`other_language`](Self::other_language).
    pub own_language: f32,
}

impl SpeechPolicy {
    /// The thresholds in use: set after a trial with every fifth of 150 digits of three speakers of FSDD, ten Arabic digits,
    /// five sentences and four made-up noises. What they do to each speaker is in `docs/voice.md` (2026-11-22).
    pub const STANDARD: Self = Self {
        version: "speech-1",
        least_active_ms: 60,
        least_voiced_ms: 40,
        odds: [-0.5, 0.0, 1.0, 2.5],
        least_evidence: -9.0,
        no_speech: 0.6,
        evidence_in_noise: -5.0,
        other_language: 0.5,
        own_language: 0.1,
    };

    /// What was heard, if one has to be as sure as `precision`. Total.
    pub fn judge(&self, signal: &SpeechSignal, precision: MinimumPrecision) -> SpeechVerdict {
        let outcome = match &signal.score {
            Some(score) if signal.active_ms >= self.least_active_ms => self.heard(signal, score, precision),
            _ => SpeechOutcome::Silence,
        };
        SpeechVerdict {
            outcome,
            confidence: signal.score.map(|score| score.confidence()),
            policy: self.version,
        }
    }

    /// Whether the token was said. One that would do for the lowest precision, and not for `precision`, is a doubt.
    pub fn check(&self, signal: &SpeechSignal, precision: MinimumPrecision) -> Check {
        let at = |precision| self.judge(signal, precision).outcome;
        let (outcome, fault) = match (at(precision), at(MinimumPrecision::Low)) {
            (SpeechOutcome::Match, _) => (Outcome::Passed, None),
            (_, SpeechOutcome::Match) => (Outcome::Borderline, Some(SpeechFault::Uncertain)),
            (SpeechOutcome::OtherToken, _) => (Outcome::Failed, Some(SpeechFault::OtherToken)),
            // Of what was not understood nobody knows whether it was the token.
            (SpeechOutcome::Silence, _) => (Outcome::CouldNotTell, Some(SpeechFault::Silence)),
            (SpeechOutcome::Noise, _) => (Outcome::CouldNotTell, Some(SpeechFault::Noise)),
            (SpeechOutcome::OtherLanguage, _) => (Outcome::CouldNotTell, Some(SpeechFault::OtherLanguage)),
        };
        let reasons = fault.map(Reason::Speech).into_iter().collect();
        Check { name: CheckName::SpeechMatch, outcome, reasons }
    }

    fn heard(
        &self,
        signal: &SpeechSignal,
        score: &SpeechScore,
        precision: MinimumPrecision,
    ) -> SpeechOutcome {
        let is_faint = |evidence: f32| score.no_speech >= self.no_speech && evidence < self.evidence_in_noise;
        let least_odds = self.odds[precision as usize];
        if score.odds >= least_odds && score.evidence >= self.least_evidence && !is_faint(score.evidence) {
            return SpeechOutcome::Match;
        }
        if signal.voiced_ms < self.least_voiced_ms || is_faint(score.evidence.max(score.rival)) {
            SpeechOutcome::Noise
        } else if score.other_language >= self.other_language && score.language <= self.own_language {
            SpeechOutcome::OtherLanguage
        } else {
            SpeechOutcome::OtherToken
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RIGHT: SpeechScore = SpeechScore {
        odds: 4.0,
        evidence: -1.0,
        rival: -6.0,
        no_speech: 0.2,
        language: 0.7,
        other_language: 0.1,
    };

    fn judged(score: SpeechScore, precision: MinimumPrecision) -> SpeechOutcome {
        let signal = SpeechSignal { heard_ms: 900, active_ms: 500, voiced_ms: 400, score: Some(score) };
        SpeechPolicy::STANDARD.judge(&signal, precision).outcome
    }

    #[test]
    fn the_right_token_matches_and_another_does_not() {
        assert_eq!(judged(RIGHT, MinimumPrecision::VeryHigh), SpeechOutcome::Match);
        let wrong = SpeechScore { odds: -4.0, evidence: -6.0, rival: -1.0, ..RIGHT };
        assert_eq!(judged(wrong, MinimumPrecision::Low), SpeechOutcome::OtherToken);
    }

    #[test]
    fn silence_noise_and_another_language_are_told_apart() {
        let nothing = SpeechSignal { heard_ms: 3000, active_ms: 0, voiced_ms: 0, score: None };
        let verdict = SpeechPolicy::STANDARD.judge(&nothing, MinimumPrecision::Low);
        assert_eq!((verdict.outcome, verdict.confidence), (SpeechOutcome::Silence, None));
        // Nothing is likely, and by chance the token is likeliest.
        let noise = SpeechScore { odds: 0.2, evidence: -7.5, rival: -8.0, no_speech: 0.8, ..RIGHT };
        assert_eq!(judged(noise, MinimumPrecision::Medium), SpeechOutcome::Noise);
        let other = SpeechScore { odds: -3.0, language: 0.02, other_language: 0.9, ..RIGHT };
        assert_eq!(judged(other, MinimumPrecision::Medium), SpeechOutcome::OtherLanguage);
    }

    #[test]
    fn a_token_that_was_heard_is_no_noise() {
        let replayed = SpeechScore { no_speech: 0.9, ..RIGHT };
        assert_eq!(judged(replayed, MinimumPrecision::High), SpeechOutcome::Match);
    }

    #[test]
    fn each_outcome_has_its_check() {
        let checked = |score, precision| {
            let signal = SpeechSignal { heard_ms: 900, active_ms: 500, voiced_ms: 400, score };
            let check = SpeechPolicy::STANDARD.check(&signal, precision);
            (check.outcome, check.reasons.first().map(|reason| reason.code()))
        };
        let reason = |fault: SpeechFault| Some(fault.code().to_owned());
        let very = MinimumPrecision::VeryHigh;
        assert_eq!(checked(Some(RIGHT), very), (Outcome::Passed, None));
        let close = Some(SpeechScore { odds: 2.0, ..RIGHT });
        assert_eq!(checked(close, MinimumPrecision::High), (Outcome::Passed, None));
        assert_eq!(checked(close, very), (Outcome::Borderline, reason(SpeechFault::Uncertain)));
        let wrong = Some(SpeechScore { odds: -4.0, evidence: -6.0, rival: -1.0, ..RIGHT });
        assert_eq!(checked(wrong, very), (Outcome::Failed, reason(SpeechFault::OtherToken)));
        let noise = Some(SpeechScore { odds: 0.2, evidence: -7.5, rival: -8.0, no_speech: 0.8, ..RIGHT });
        assert_eq!(checked(noise, very), (Outcome::CouldNotTell, reason(SpeechFault::Noise)));
        let other = Some(SpeechScore { odds: -3.0, language: 0.02, other_language: 0.9, ..RIGHT });
        assert_eq!(checked(other, very), (Outcome::CouldNotTell, reason(SpeechFault::OtherLanguage)));
        assert_eq!(checked(None, very), (Outcome::CouldNotTell, reason(SpeechFault::Silence)));
    }

    #[test]
    fn words_name_the_precisions() {
        for precision in MinimumPrecision::ALL {
            assert_eq!(MinimumPrecision::of_word(precision.as_str()), Some(precision));
        }
        assert_eq!(MinimumPrecision::of_word("Very_High"), None);
    }

    proptest! {
        #[test]
        fn who_passes_a_surer_point_passes_the_others(odds in -9.0_f32..9.0, evidence in -20.0_f32..0.0, no_speech in 0.0_f32..1.0) {
            let score = SpeechScore { odds, evidence, no_speech, ..RIGHT };
            let passes = MinimumPrecision::ALL.map(|precision| judged(score, precision) == SpeechOutcome::Match);
            prop_assert!(passes.windows(2).all(|pair| pair[0] || !pair[1]));
        }
    }
}
