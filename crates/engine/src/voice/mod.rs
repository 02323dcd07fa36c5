//! Whether a token was said: sound in, a [`SpeechSignal`](domain::SpeechSignal) out.
//!
//! [`activity`] finds where something is to be heard, `mel` turns that into what Whisper sees, `recogniser` runs its two
//! graphs, `tokens` cuts texts into its tokens, and `listen` asks how likely the expected token is beside those that might
//! have been said instead.

pub mod activity;
mod listen;
mod mel;
mod recogniser;
mod tokens;

pub use listen::Listener;
pub use recogniser::VoiceModelFiles;
pub use tokens::VocabularyError;
