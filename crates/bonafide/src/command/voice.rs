//! `bonafide voice`: what is said in a recording.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use app::SpeechMatch;
use domain::{MinimumPrecision, SpeechOutcome, SpokenLanguage, SpokenToken};

use crate::Options;
use crate::output::{Failure, print_json, print_text};

/// Hear what is said
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Was the token said? Exit code 0: yes. 1: something else, or nothing
    #[command(after_help = "Example:\n  bonafide voice match me.mp4 --token 4821 --language es --json")]
    Match {
        /// WebM, MP4, AVI, MOV or WAV, up to 10 MB; the first 10 seconds are heard
        recording: PathBuf,
        /// 1 to 8 digits, or 1 to 4 words
        #[arg(long)]
        token: String,
        /// In which language: en, es, pt or ar
        #[arg(long, default_value = "en", value_parser = language)]
        language: SpokenLanguage,
        /// How sure one has to be: low, medium, high or `very_high`
        #[arg(long, default_value = "medium", value_parser = precision)]
        minimum_precision: MinimumPrecision,
    },
}

fn language(word: &str) -> Result<SpokenLanguage, String> {
    SpokenLanguage::of_code(word).ok_or_else(|| "it is en, es, pt or ar".to_owned())
}

fn precision(word: &str) -> Result<MinimumPrecision, String> {
    MinimumPrecision::of_word(word).ok_or_else(|| "it is low, medium, high or very_high".to_owned())
}

pub(crate) fn run(command: &Command, options: &Options) -> Result<ExitCode, Failure> {
    let Command::Match { recording, token, language, minimum_precision } = command;
    let token = SpokenToken::parse(token, *language)?;
    let found = options.app_with_voice(1)?.match_speech(recording, &token, *minimum_precision)?;
    if options.json {
        print_json(&found)?;
    } else {
        print_text(&text(&found))?;
    }
    Ok(ExitCode::from(u8::from(found.verdict.outcome != SpeechOutcome::Match)))
}

fn text(found: &SpeechMatch) -> String {
    let word = match found.verdict.outcome {
        SpeechOutcome::Match => "match",
        SpeechOutcome::OtherToken => "something else was said, or the token not clearly",
        SpeechOutcome::Silence => "nothing is to be heard",
        SpeechOutcome::Noise => "nothing is said",
        SpeechOutcome::OtherLanguage => "something was said in another language",
    };
    let mut text = format!("{word}\n");
    let confidence = found.verdict.confidence.map_or("N/A".to_owned(), |share| format!("{share:.3}"));
    let _ = writeln!(
        text,
        "  confidence {confidence}; {} ms heard, {} ms of them not silent, {} ms voiced; policy {}",
        found.speech.heard_ms, found.speech.active_ms, found.speech.voiced_ms, found.verdict.policy
    );
    text
}
