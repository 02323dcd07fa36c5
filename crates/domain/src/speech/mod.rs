//! A token that somebody is asked to say, and what was heard in its place.
//!
//! The recogniser does not write down what it hears. It is asked how likely the expected token is beside those that might
//! have been said instead; so a token knows the ways in which it is written, and its [competitors](SpokenToken::competitors).

mod fault;
mod policy;
mod token;

pub use fault::SpeechFault;
pub use policy::{MinimumPrecision, SpeechOutcome, SpeechPolicy, SpeechVerdict};
pub use token::{BadToken, MAX_DIGITS, MAX_WORDS, SpokenLanguage, SpokenToken};

use serde::{Deserialize, Serialize};

/// What was measured in a sound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SpeechSignal {
    /// How much was listened to, in ms.
    pub heard_ms: u32,
    /// How much of it is louder than silence, in ms.
    pub active_ms: u32,
    /// How much of that has the spectrum of a voice or another tone, not of noise, in ms.
    pub voiced_ms: u32,
    /// What the recogniser says; `None` where there was nothing to listen to.
    pub score: Option<SpeechScore>,
}

/// How the expected token stands beside its competitors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SpeechScore {
    /// Natural logarithm of the odds of the expected token against all its competitors together.
    pub odds: f32,
    /// Log-probability of the expected token among all texts, for each of its digits or words.
    pub evidence: f32,
    /// The same of the competitor that is most likely.
    pub rival: f32,
    /// Probability that nothing is said, 0..1.
    pub no_speech: f32,
    /// Probability of the expected language among all that the recogniser knows, 0..1.
    pub language: f32,
    /// The largest probability of another supported language.
    pub other_language: f32,
}

impl SpeechScore {
    /// Probability of the token beside its competitors, 0..1.
    pub fn confidence(&self) -> f64 {
        1.0 / (1.0 + f64::from(-self.odds).exp())
    }
}
