//! `bench voice`: how often a token that was said is refused, and one that was not is accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use app::App;
use domain::{MinimumPrecision, SpeechOutcome, SpeechPolicy, SpeechSignal, SpokenLanguage, SpokenToken};
use engine::voice::Listener;
use media::video::Decoder;
use serde::{Deserialize, Serialize};

use crate::LabError;
use crate::manifest::{photo_paths, read};
use crate::presence::random::Draws;
use crate::rates::{Interval, wilson};
use crate::work::{Progress, map};

/// A row of a list of recordings: columns `path`, `lang` (English where it is missing), `text` or `digit` (a digit or its
/// name), optionally `speaker`; others are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Utterance {
    /// The file, relative to the root: anything that ffmpeg reads.
    pub path: String,
    /// The language, by its code.
    #[serde(default)]
    pub lang: Option<String>,
    /// What is said.
    #[serde(default, alias = "digit")]
    pub text: Option<String>,
    /// Who says it.
    #[serde(default)]
    pub speaker: Option<String>,
}

/// Reads a list of recordings.
///
/// # Errors
/// [`LabError::Manifest`] for an unreadable file or row (with its line), [`LabError::Empty`] without rows.
pub fn read_utterances(path: &Path) -> Result<Vec<Utterance>, LabError> {
    read(path)
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeechOptions {
    /// Only what these people say; everybody where there are none.
    pub speakers: Vec<String>,
    /// Digits of a token. More than one are put together from recordings of one speaker.
    pub digits: usize,
}

/// Silence before each digit of a token that is put together, in samples: 150 ms.
const GAP: usize = 2_400;
/// How often the recordings of a speaker are shuffled and cut into tokens: each is used once a round.
const ROUNDS: u64 = 3;

/// Error rates of tokens. A single digit is asked for as itself and as each of the nine others; a token of several as
/// itself and, for each of its places, with another digit there: the wrong tokens that are hardest to tell.
#[derive(Debug, Clone, Serialize)]
pub struct SpeechReport {
    /// Version of the rules.
    pub policy: &'static str,
    /// Digits of a token.
    pub digits: usize,
    /// Rows that were left out because no single digit is said in them.
    pub left_out: usize,
    /// By language. Never pooled.
    pub languages: BTreeMap<&'static str, LanguageReport>,
}

/// Those of one language.
#[derive(Debug, Clone, Serialize)]
pub struct LanguageReport {
    /// Recordings.
    pub recordings: usize,
    /// Tokens that were asked for and are said: the recordings themselves where they are of one digit.
    pub tokens: usize,
    /// People who speak; recordings without a name count as one.
    pub speakers: usize,
    /// Requests for a token that was not said.
    pub impostors: usize,
    /// The rate at which as many are refused wrongly as are accepted wrongly, over all odds.
    pub equal_error: Option<EqualError>,
    /// At each operating point.
    pub points: BTreeMap<&'static str, Point>,
    /// What tokens were taken for that did not match at the middle point, by what they were taken for.
    pub missed_as: BTreeMap<&'static str, usize>,
    /// Time for one token, or for all ten digits of one recording, without decoding.
    pub median_ms: f64,
}

/// Where both error rates are equal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EqualError {
    /// The larger of both rates where they are closest.
    pub rate: f64,
    /// Tokens refused there that were said.
    pub refused: usize,
    /// Wrong requests accepted there.
    pub accepted: usize,
    /// The odds.
    pub odds: f32,
    /// 95 % interval of the share refused (Wilson). It takes tokens as independent, which those of one speaker are not.
    pub interval: Option<Interval>,
}

/// The errors at one operating point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Tokens that were said and refused.
    pub false_rejects: Errors,
    /// Wrong requests that were accepted.
    pub false_accepts: Errors,
}

/// How many of how many, with the 95 % interval of the share (Wilson).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Errors {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub of: usize,
    /// Bounds of the share; `None` of none.
    pub interval: Option<Interval>,
}

/// One recording of a digit.
struct Digit {
    language: SpokenLanguage,
    value: usize,
    pcm: Vec<i16>,
}

/// What was measured for a token that was said, and for others.
struct Heard {
    language: SpokenLanguage,
    right: SpeechSignal,
    wrong: Vec<SpeechSignal>,
    ms: f64,
}

/// Listens to all recordings in which a single digit is said, whose paths are relative to `root`; by `options`.
///
/// # Errors
/// [`LabError::NoSuchPhoto`], [`LabError::Film`] where a recording cannot be read, and failures of the engine.
pub fn measure(
    app: &App,
    utterances: &[Utterance],
    options: &SpeechOptions,
    root: &Path,
    threads: usize,
    progress: &dyn Progress,
) -> Result<SpeechReport, LabError> {
    let speakers = &options.speakers;
    let is_asked = |row: &&Utterance| {
        speakers.is_empty() || row.speaker.as_ref().is_some_and(|speaker| speakers.contains(speaker))
    };
    let rows: Vec<&Utterance> = utterances.iter().filter(is_asked).collect();
    let said: Vec<(&Utterance, SpokenLanguage, usize)> =
        rows.iter().filter_map(|row| Some((*row, language(row)?, digit(row)?))).collect();
    let paths = photo_paths(root, said.iter().map(|(row, ..)| &row.path))?;
    let tasks: Vec<_> = said.iter().zip(paths).collect();
    let (listener, decoder) = (app.listener()?, app.video()?);
    let recorded = map(&tasks, threads, &(), |((_, language, digit), path)| {
        Ok::<_, LabError>(Digit { language: *language, value: *digit, pcm: pcm(decoder, path)? })
    })?;
    let heard = if options.digits == 1 {
        map(&recorded, threads, progress, |one| listen_to_digit(listener, one))?
    } else {
        let speaker = |index: usize| said[index].0.speaker.as_deref().unwrap_or_default();
        let tokens = compose(&recorded, &speaker, options.digits);
        let seeded: Vec<(u64, Vec<usize>)> = (0..).zip(tokens).collect();
        map(&seeded, threads, progress, |(seed, token)| {
            let parts: Vec<&Digit> = token.iter().map(|&index| &recorded[index]).collect();
            listen_to_token(listener, &parts, *seed)
        })?
    };
    let languages = SpokenLanguage::ALL.into_iter().filter_map(|language| {
        let heard: Vec<&Heard> = heard.iter().filter(|one| one.language == language).collect();
        let named = said.iter().filter(|(_, spoken, _)| *spoken == language);
        let speakers: BTreeSet<_> =
            named.map(|(row, ..)| row.speaker.as_deref().unwrap_or_default()).collect();
        let recordings = recorded.iter().filter(|one| one.language == language).count();
        (!heard.is_empty()).then(|| (language.code(), report(&heard, recordings, speakers.len())))
    });
    Ok(SpeechReport {
        policy: SpeechPolicy::STANDARD.version,
        digits: options.digits,
        left_out: rows.len() - said.len(),
        languages: languages.collect(),
    })
}

fn language(row: &Utterance) -> Option<SpokenLanguage> {
    row.lang.as_deref().map_or(Some(SpokenLanguage::English), SpokenLanguage::of_code)
}

fn digit(row: &Utterance) -> Option<usize> {
    let text = row.text.as_deref()?;
    let names = language(row)?.digits();
    match text.parse() {
        Ok(digit) if digit < names.len() => Some(digit),
        _ => names.iter().position(|name| *name == text),
    }
}

/// The ten digits.
fn digits(language: SpokenLanguage) -> [SpokenToken; 10] {
    std::array::from_fn(|digit| SpokenToken::digit(digit, language))
}

fn listen_to_digit(listener: &Listener, one: &Digit) -> Result<Heard, LabError> {
    let started = Instant::now();
    let signals = listener
        .listen_for_digits(&one.pcm, &digits(one.language))
        .map_err(|error| LabError::App(error.into()))?;
    let ms = started.elapsed().as_secs_f64() * 1000.0;
    let mut wrong = signals.to_vec();
    let right = wrong.remove(one.value);
    Ok(Heard { language: one.language, right, wrong, ms })
}

/// Tokens of `length` digits, as indices of recordings of one speaker in one language each.
fn compose<'a>(recorded: &[Digit], speaker: &dyn Fn(usize) -> &'a str, length: usize) -> Vec<Vec<usize>> {
    let mut people: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, one) in recorded.iter().enumerate() {
        people.entry((one.language.code(), speaker(index))).or_default().push(index);
    }
    let mut tokens = Vec::new();
    for round in 0..ROUNDS {
        for (&(_, name), own) in &people {
            let mut draws = Draws::of(round, name);
            let mut left = own.clone();
            while left.len() >= length {
                tokens.push((0..length).map(|_| left.swap_remove(draws.below(left.len()))).collect());
            }
        }
    }
    tokens
}

/// Listens to digits one after the other, for what they say and for as many tokens that differ in one place.
fn listen_to_token(listener: &Listener, parts: &[&Digit], seed: u64) -> Result<Heard, LabError> {
    let language = parts.first().map_or(SpokenLanguage::English, |part| part.language);
    let pcm: Vec<i16> =
        parts.iter().flat_map(|part| vec![0; GAP].into_iter().chain(part.pcm.iter().copied())).collect();
    let listen = |digits: &[usize]| {
        let text: String = digits.iter().map(usize::to_string).collect();
        let token = SpokenToken::parse(&text, language)?;
        listener.listen(&pcm, &token).map_err(|error| LabError::App(error.into()))
    };
    let digits: Vec<usize> = parts.iter().map(|part| part.value).collect();
    let started = Instant::now();
    let right = listen(&digits)?;
    let ms = started.elapsed().as_secs_f64() * 1000.0;
    let mut draws = Draws::of(seed, "wrong digits");
    let wrong = (0..digits.len()).map(|place| {
        let mut other = digits.clone();
        other[place] = (other[place] + 1 + draws.below(9)) % 10;
        listen(&other)
    });
    Ok(Heard { language, right, wrong: wrong.collect::<Result<_, _>>()?, ms })
}

/// The first ten seconds of a file of whoever measures, by the decoder's program without a sandbox.
fn pcm(decoder: &Decoder, path: &Path) -> Result<Vec<i16>, LabError> {
    let failed = |source| LabError::Film { path: path.to_owned(), source };
    let output = Command::new(&decoder.ffmpeg)
        .args(["-nostdin", "-hide_banner", "-loglevel", "error", "-t", "10", "-i"])
        .arg(path)
        .args(["-map", "0:a:0", "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"])
        .stdin(Stdio::null())
        .output()
        .map_err(failed)?;
    if !output.status.success() {
        return Err(failed(std::io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())));
    }
    let (samples, _) = output.stdout.as_chunks::<2>();
    Ok(samples.iter().map(|pair| i16::from_le_bytes(*pair)).collect())
}

fn report(heard: &[&Heard], recordings: usize, speakers: usize) -> LanguageReport {
    let policy = SpeechPolicy::STANDARD;
    let right = || heard.iter().map(|one| &one.right);
    let wrong = || heard.iter().flat_map(|one| &one.wrong);
    let impostors = wrong().count();
    let matches =
        |signal: &SpeechSignal, precision| policy.judge(signal, precision).outcome == SpeechOutcome::Match;
    let point = |precision| Point {
        false_rejects: errors(right().filter(|signal| !matches(signal, precision)).count(), heard.len()),
        false_accepts: errors(wrong().filter(|signal| matches(signal, precision)).count(), impostors),
    };
    let mut missed_as = BTreeMap::new();
    for signal in right() {
        let word = match policy.judge(signal, MinimumPrecision::Medium).outcome {
            SpeechOutcome::Match => continue,
            SpeechOutcome::OtherToken => "other_token",
            SpeechOutcome::Silence => "silence",
            SpeechOutcome::Noise => "noise",
            SpeechOutcome::OtherLanguage => "other_language",
        };
        *missed_as.entry(word).or_insert(0) += 1;
    }
    let mut times: Vec<f64> = heard.iter().map(|one| one.ms).collect();
    times.sort_by(f64::total_cmp);
    let odds = |signal: &SpeechSignal| signal.score.map_or(f32::NEG_INFINITY, |score| score.odds);
    LanguageReport {
        recordings,
        tokens: heard.len(),
        speakers,
        impostors,
        equal_error: equal_error(
            &right().map(odds).collect::<Vec<_>>(),
            &wrong().map(odds).collect::<Vec<_>>(),
        ),
        points: MinimumPrecision::ALL.into_iter().map(|one| (one.as_str(), point(one))).collect(),
        missed_as,
        median_ms: times.get(times.len() / 2).copied().unwrap_or_default(),
    }
}

fn errors(count: usize, of: usize) -> Errors {
    Errors { count, of, interval: wilson(count, of) }
}

/// The odds at which the rates of `right` ones below and of `wrong` ones from there on are closest.
fn equal_error(right: &[f32], wrong: &[f32]) -> Option<EqualError> {
    if right.is_empty() || wrong.is_empty() {
        return None;
    }
    let at = |odds: f32| {
        let refused = right.iter().filter(|own| **own < odds).count();
        let accepted = wrong.iter().filter(|own| **own >= odds).count();
        let rates = [refused as f64 / right.len() as f64, accepted as f64 / wrong.len() as f64];
        let rate = rates[0].max(rates[1]);
        let found = EqualError { rate, refused, accepted, odds, interval: wilson(refused, right.len()) };
        ((rates[0] - rates[1]).abs(), found)
    };
    let order = |a: &(f64, EqualError), b: &(f64, EqualError)| {
        a.0.total_cmp(&b.0).then(a.1.rate.total_cmp(&b.1.rate))
    };
    right.iter().chain(wrong).map(|odds| at(*odds)).min_by(order).map(|(_, found)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_told_apart_has_no_errors() {
        let found = equal_error(&[1.0, 2.0, 3.0], &[-1.0, 0.5]).unwrap();
        assert_eq!((found.rate, found.refused, found.accepted), (0.0, 0, 0));
        assert_eq!(equal_error(&[], &[1.0]), None);
    }

    #[test]
    fn errors_of_both_kinds_are_counted() {
        let found = equal_error(&[0.0, 2.0], &[1.0, -1.0]).unwrap();
        assert_eq!((found.rate, found.refused, found.accepted), (0.5, 1, 1));
    }

    #[test]
    fn tokens_are_of_one_speaker_each_and_use_no_recording_twice_a_round() {
        let recorded: Vec<Digit> = (0..11)
            .map(|index| Digit { language: SpokenLanguage::English, value: index % 10, pcm: vec![] })
            .collect();
        let speaker = |index: usize| if index < 6 { "ana" } else { "ben" };
        let tokens = compose(&recorded, &speaker, 3);
        // Two of the six, one of the five, in each round.
        assert_eq!(tokens.len(), 3 * ROUNDS as usize);
        for token in &tokens {
            let unique: BTreeSet<_> = token.iter().collect();
            assert_eq!(unique.len(), 3);
            assert!(token.iter().all(|&index| speaker(index) == speaker(token[0])), "{token:?}");
        }
        let first: BTreeSet<_> = tokens[..3].iter().flatten().collect();
        assert_eq!(first.len(), 9);
        assert_eq!(compose(&recorded, &speaker, 3), tokens, "the same each time");
    }

    #[test]
    fn a_digit_is_a_figure_or_a_name_in_its_language() {
        let row = |text: &str, lang: Option<&str>| Utterance {
            path: String::new(),
            lang: lang.map(str::to_owned),
            text: Some(text.to_owned()),
            speaker: None,
        };
        assert_eq!(digit(&row("7", None)), Some(7));
        assert_eq!(digit(&row("two", Some("en"))), Some(2));
        assert_eq!(digit(&row("dos", Some("es"))), Some(2));
        for left_out in [row("10", None), row("", None), row("-1", None), row("7", Some("de"))] {
            assert_eq!(digit(&left_out), None, "{left_out:?}");
        }
    }
}
