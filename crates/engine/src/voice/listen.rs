//! How likely a token is beside its competitors.
//!
//! 1. The recogniser says what it hears, word by word. That is no answer: it writes "Kevin" for a short "seven".
//! 2. It tells the places at which the token may stand: the beginning, and the two before which its first digit or word, or
//!    a competitor's, is likeliest. So a token within a sentence is found.
//! 3. At these places the token and its competitors are written in its place, in each of their styles, and the recogniser
//!    says how likely each is. A token of digits after which a digit is likely was not said to its end.
//! 4. The best place and style of each counts. The odds are the token's against all competitors together.
//!
//! Arabic digits with pauses between them are heard one by one: the recogniser does not follow a list of them.

use std::ops::Range;

use domain::{SpeechScore, SpeechSignal, SpokenLanguage, SpokenToken};

use super::activity::{self, Activity};
use super::mel::HOP;
use super::recogniser::{Answer, END, FRAMES, Question, Recogniser, VoiceModelFiles};
use super::tokens::{Vocabulary, VocabularyError};
use crate::runtime::{RuntimeError, Tensor};

/// Starts a text.
const START: u32 = 50_258;
/// What is asked for is what is said, not its translation.
const TRANSCRIBE: u32 = 50_359;
/// Nothing is said.
const NO_SPEECH: u32 = 50_362;
/// Without times.
const NO_TIMES: u32 = 50_363;
/// Longest text that is heard, in tokens; of ten seconds of digits nothing is lost.
const MOST_HEARD: usize = 24;
/// Places besides the beginning.
const PLACES: usize = 2;
/// Places and styles in which a token of several digits or words is compared with its competitors.
const CONTEXTS: usize = 2;
/// The least probability that a token ends where it ends.
const LEAST_END: f32 = 1e-4;

/// Listens for tokens. Models are loaded on first use and shared by all threads.
#[derive(Debug)]
pub struct Listener {
    recogniser: Recogniser,
    vocabulary: Vocabulary,
}

/// A place in what was heard, and a style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Context {
    place: usize,
    style: usize,
}

/// What is the same for all questions about one sound.
struct Case<'a> {
    memory: &'a Tensor,
    prompt: [u32; 4],
    heard: Vec<u32>,
    /// First tokens of what may follow a token of digits.
    continuations: Vec<u32>,
}

impl Listener {
    /// Opens the models over `tokens`, the contents of the list of tokens. At most `copies` of each are loaded.
    ///
    /// # Errors
    /// [`RuntimeError::Library`] when ONNX Runtime cannot be loaded.
    pub fn open(
        files: &VoiceModelFiles,
        tokens: &[u8],
        copies: usize,
    ) -> Result<Result<Self, VocabularyError>, RuntimeError> {
        let recogniser = Recogniser::open(files, copies)?;
        Ok(Vocabulary::read(tokens).map(|vocabulary| Self { recogniser, vocabulary }))
    }

    /// Listens for `token` in `pcm`, of which ten seconds from the first sound on are heard.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn listen(&self, pcm: &[i16], token: &SpokenToken) -> Result<SpeechSignal, RuntimeError> {
        let found = activity::find(pcm);
        let (sound, mut signal) = hearable(pcm, &found);
        if !sound.is_empty() {
            signal.score = Some(match apart(&found, token) {
                Some((parts, digits)) => self.score_apart(pcm, parts, digits, token.language())?,
                None => self.score(sound, token)?,
            });
        }
        Ok(signal)
    }

    /// Hears each of `parts` as one of `digits`, against the nine others.
    fn score_apart(
        &self,
        pcm: &[i16],
        parts: &[Range<usize>],
        digits: &[u8],
        language: SpokenLanguage,
    ) -> Result<SpeechScore, RuntimeError> {
        let all = std::array::from_fn(|digit| SpokenToken::digit(digit, language));
        let scores = parts.iter().zip(digits).map(|(part, &digit)| {
            let (best, beginning) = self.digits(&pcm[part.clone()], &all)?;
            Ok(standing(&best, usize::from(digit), 1, beginning))
        });
        Ok(together(&scores.collect::<Result<Vec<_>, RuntimeError>>()?))
    }

    /// How likely each of `digits` is in `sound`, and how that begins.
    fn digits(
        &self,
        sound: &[i16],
        digits: &[SpokenToken; 10],
    ) -> Result<(Vec<f32>, SpeechScore), RuntimeError> {
        let memory = self.recogniser.memory(sound)?;
        let case = self.case(&memory, &digits[0])?;
        let places = self.places(&case, digits)?;
        let best = best_of(&self.likelihoods(&case, &contexts(&places, &digits[0]), digits)?);
        Ok((best, self.beginning(&memory, digits[0].language())?))
    }

    fn score(&self, sound: &[i16], token: &SpokenToken) -> Result<SpeechScore, RuntimeError> {
        let memory = self.recogniser.memory(sound)?;
        let case = self.case(&memory, token)?;
        let mut all = vec![token.clone()];
        all.extend(token.competitors());
        let places = self.places(&case, &all)?;
        let rest = |place: usize| self.vocabulary.decode(&case.heard[place..]);
        let mut instead: Vec<SpokenToken> =
            places.iter().filter_map(|&place| token.heard_instead(&rest(place))).collect();
        instead.dedup();
        all.append(&mut instead);
        let mut contexts = contexts(&places, token);
        if token.length() > 1 {
            let own = self.likelihoods(&case, &contexts, std::slice::from_ref(token))?;
            let mut order: Vec<usize> = (0..contexts.len()).collect();
            order.sort_by(|a, b| own[*b][0].total_cmp(&own[*a][0]));
            contexts = order.iter().take(CONTEXTS).map(|&index| contexts[index]).collect();
        }
        let best = best_of(&self.likelihoods(&case, &contexts, &all)?);
        let beginning = self.beginning(&memory, token.language())?;
        Ok(standing(&best, 0, token.length(), beginning))
    }

    /// What [`listen`](Self::listen) says of each digit from 0 to 9 in one go, for measurements.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn listen_for_digits(
        &self,
        pcm: &[i16],
        digits: &[SpokenToken; 10],
    ) -> Result<[SpeechSignal; 10], RuntimeError> {
        let (sound, signal) = hearable(pcm, &activity::find(pcm));
        if sound.is_empty() {
            return Ok([signal; 10]);
        }
        let (best, beginning) = self.digits(sound, digits)?;
        let all = std::array::from_fn(|digit| digit);
        Ok(all
            .map(|digit: usize| SpeechSignal { score: Some(standing(&best, digit, 1, beginning)), ..signal }))
    }

    fn case<'a>(&self, memory: &'a Tensor, token: &SpokenToken) -> Result<Case<'a>, RuntimeError> {
        let prompt = [START, language_token(token.language()), TRANSCRIBE, NO_TIMES];
        let heard = self.transcribe(memory, &prompt)?;
        Ok(Case { memory, prompt, heard, continuations: self.first_tokens(&token.continuations()) })
    }

    /// Whether something is said, and in which language.
    fn beginning(&self, memory: &Tensor, expected: SpokenLanguage) -> Result<SpeechScore, RuntimeError> {
        let mut targets = vec![NO_SPEECH];
        targets.extend(SpokenLanguage::ALL.map(language_token));
        let answers =
            self.recogniser.ask(memory, &[Question { tokens: vec![START], targets: vec![targets] }])?;
        let chosen = answers.first().and_then(|rows| rows.first()).map_or(&[][..], Vec::as_slice);
        let at = |index: usize| chosen.get(index).map_or(0.0, |value| value.exp());
        let mut score = SpeechScore {
            odds: 0.0,
            evidence: 0.0,
            rival: 0.0,
            no_speech: at(0),
            language: 0.0,
            other_language: 0.0,
        };
        for (index, language) in SpokenLanguage::ALL.into_iter().enumerate() {
            if language == expected {
                score.language = at(index + 1);
            } else {
                score.other_language = score.other_language.max(at(index + 1));
            }
        }
        Ok(score)
    }

    /// What is heard, without the end.
    fn transcribe(&self, memory: &Tensor, prompt: &[u32]) -> Result<Vec<u32>, RuntimeError> {
        let mut tokens = prompt.to_vec();
        while tokens.len() < prompt.len() + MOST_HEARD {
            let next = self.recogniser.next(memory, &tokens)?;
            if next >= END {
                break;
            }
            tokens.push(next);
        }
        Ok(tokens.split_off(prompt.len()))
    }

    /// Where one of `all` may begin, in tokens of what was heard.
    fn places(&self, case: &Case<'_>, all: &[SpokenToken]) -> Result<Vec<usize>, RuntimeError> {
        let mut texts: Vec<String> = all.iter().flat_map(SpokenToken::styles).collect();
        let more = all.iter().flat_map(SpokenToken::continuations).take(50);
        texts.extend(more.filter(|text| text.chars().any(char::is_alphanumeric)));
        let firsts = self.first_tokens(&texts);
        let tokens: Vec<u32> = case.prompt.iter().chain(&case.heard).copied().collect();
        let targets = vec![firsts; tokens.len()];
        let answers = self.recogniser.ask(case.memory, &[Question { tokens, targets }])?;
        let likely: Vec<f32> = answers
            .first()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .skip(case.prompt.len() - 1)
            .map(|row| log_sum(row))
            .collect();
        let mut order: Vec<usize> = (0..likely.len()).collect();
        order.sort_by(|a, b| likely[*b].total_cmp(&likely[*a]));
        let mut places: Vec<usize> = order.into_iter().take(PLACES).chain([0]).collect();
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }

    /// The first token of each text, each once.
    fn first_tokens(&self, texts: &[String]) -> Vec<u32> {
        let mut firsts: Vec<u32> =
            texts.iter().filter_map(|text| self.vocabulary.encode(text).first().copied()).collect();
        firsts.sort_unstable();
        firsts.dedup();
        firsts
    }

    /// For each context, the log-likelihood of each of `all`.
    fn likelihoods(
        &self,
        case: &Case<'_>,
        contexts: &[Context],
        all: &[SpokenToken],
    ) -> Result<Vec<Vec<f32>>, RuntimeError> {
        let mut questions = Vec::with_capacity(contexts.len() * all.len());
        let mut lengths = Vec::with_capacity(questions.capacity());
        for context in contexts {
            for token in all {
                let written = token.styles().get(context.style).map(|text| self.vocabulary.encode(text));
                let written = written.unwrap_or_default();
                questions.push(case.question(context.place, &written));
                lengths.push(written.len());
            }
        }
        let answers = self.recogniser.ask(case.memory, &questions)?;
        let likelihoods: Vec<f32> =
            answers.iter().zip(&lengths).map(|(answer, length)| likelihood(answer, *length)).collect();
        Ok(likelihoods.chunks(all.len().max(1)).map(<[f32]>::to_vec).collect())
    }
}

impl Case<'_> {
    /// Asks for `written` at `place`, and for what may continue it.
    fn question(&self, place: usize, written: &[u32]) -> Question {
        let before = self.prompt.len() + place;
        let heard = self.heard.iter().take(place);
        let tokens: Vec<u32> = self.prompt.iter().chain(heard).chain(written).copied().collect();
        let targets = (0..tokens.len())
            .map(|at| match tokens.get(at + 1) {
                _ if at + 1 < before => vec![],
                Some(next) => vec![*next],
                None => self.continuations.clone(),
            })
            .collect();
        Question { tokens, targets }
    }
}

/// The parts of a sound that each are one digit of the token, where pauses divide it so.
fn apart<'a>(found: &'a Activity, token: &'a SpokenToken) -> Option<(&'a [Range<usize>], &'a [u8])> {
    let digits = token.as_digits().filter(|digits| digits.len() > 1)?;
    let is_heard = found.parts.last()?.end <= found.span.start + FRAMES * HOP;
    let fits = token.language() == SpokenLanguage::Arabic && found.parts.len() == digits.len() && is_heard;
    fits.then_some((&found.parts[..], digits))
}

/// How digits stand as one token that were each heard apart: all have to be right.
fn together(scores: &[SpeechScore]) -> SpeechScore {
    let count = scores.len().max(1) as f32;
    let mean = |of: fn(&SpeechScore) -> f32| scores.iter().map(of).sum::<f32>() / count;
    let all: f32 = scores.iter().map(|score| -(-score.odds).exp().ln_1p()).sum();
    let evidence = mean(|score| score.evidence);
    let nearest = scores.iter().map(|score| score.rival - score.evidence).fold(f32::NEG_INFINITY, f32::max);
    SpeechScore {
        odds: all - (-all.exp_m1()).max(f32::MIN_POSITIVE).ln(),
        evidence,
        rival: evidence + nearest / count,
        no_speech: mean(|score| score.no_speech),
        language: mean(|score| score.language),
        other_language: mean(|score| score.other_language),
    }
}

/// What of `pcm` is listened to, and what is known of it before.
fn hearable<'a>(pcm: &'a [i16], found: &Activity) -> (&'a [i16], SpeechSignal) {
    let sound = &pcm[found.span.clone()];
    let sound = &sound[..sound.len().min(FRAMES * HOP)];
    let signal = SpeechSignal {
        heard_ms: (sound.len() / 16) as u32,
        active_ms: found.active_ms,
        voiced_ms: found.voiced_ms,
        score: None,
    };
    (sound, signal)
}

/// Each style at each place.
fn contexts(places: &[usize], token: &SpokenToken) -> Vec<Context> {
    let styles = token.styles().len();
    places.iter().flat_map(|&place| (0..styles).map(move |style| Context { place, style })).collect()
}

/// The largest likelihood of each token in any context.
fn best_of(likelihoods: &[Vec<f32>]) -> Vec<f32> {
    let tokens = likelihoods.iter().map(Vec::len).min().unwrap_or(0);
    (0..tokens).map(|one| likelihoods.iter().map(|row| row[one]).fold(f32::NEG_INFINITY, f32::max)).collect()
}

/// How the token `expected` of `best` stands beside the others; it has `length` digits or words.
fn standing(best: &[f32], expected: usize, length: usize, beginning: SpeechScore) -> SpeechScore {
    let mut others = best.to_vec();
    let own = others.remove(expected);
    let length = length as f32;
    SpeechScore {
        odds: own - log_sum(&others),
        evidence: own / length,
        rival: others.iter().copied().fold(f32::NEG_INFINITY, f32::max) / length,
        ..beginning
    }
}

/// The log-likelihood of the last `length` tokens of an answer to [`Case::question`].
fn likelihood(answer: &Answer, length: usize) -> f32 {
    let Some((last, before)) = answer.split_last() else { return f32::NEG_INFINITY };
    if length == 0 {
        return f32::NEG_INFINITY;
    }
    let said: f32 = before.iter().rev().take(length).filter_map(|row| row.first()).sum();
    let goes_on: f32 = last.iter().map(|value| value.exp()).sum();
    said + (1.0 - goes_on).max(LEAST_END).ln()
}

/// The logarithm of the sum of what these are the logarithms of.
fn log_sum(values: &[f32]) -> f32 {
    let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if largest.is_finite() {
        largest + values.iter().map(|value| (value - largest).exp()).sum::<f32>().ln()
    } else {
        largest
    }
}

const fn language_token(language: SpokenLanguage) -> u32 {
    match language {
        SpokenLanguage::English => 50_259,
        SpokenLanguage::Spanish => 50_262,
        SpokenLanguage::Portuguese => 50_267,
        SpokenLanguage::Arabic => 50_272,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_logarithms() {
        assert!((log_sum(&[0.5_f32.ln(), 0.25_f32.ln()]) - 0.75_f32.ln()).abs() < 1e-6);
        assert_eq!(log_sum(&[]), f32::NEG_INFINITY);
    }

    #[test]
    fn a_text_is_as_likely_as_its_tokens_and_its_end() {
        let answer = vec![vec![], vec![-1.0], vec![-2.0], vec![0.25_f32.ln(), 0.25_f32.ln()]];
        assert!((likelihood(&answer, 2) - (-3.0 + 0.5_f32.ln())).abs() < 1e-5);
        assert!((likelihood(&answer, 1) - (-2.0 + 0.5_f32.ln())).abs() < 1e-5);
        assert_eq!(likelihood(&answer, 0), f32::NEG_INFINITY);
        assert_eq!(likelihood(&vec![], 1), f32::NEG_INFINITY);
    }

    #[test]
    fn the_odds_are_those_against_all_others() {
        let beginning = SpeechScore {
            odds: 0.0,
            evidence: 0.0,
            rival: 0.0,
            no_speech: 0.3,
            language: 0.5,
            other_language: 0.1,
        };
        let score = standing(&[-9.0, -2.0, -4.0], 1, 2, beginning);
        assert!((score.odds - (-2.0 - log_sum(&[-9.0, -4.0]))).abs() < 1e-6);
        assert_eq!((score.evidence, score.rival, score.no_speech), (-1.0, -2.0, 0.3));
    }

    #[test]
    fn digits_that_are_said_apart_are_one_token() {
        let heard = |odds: f32, evidence: f32, rival: f32| SpeechScore {
            odds,
            evidence,
            rival,
            no_speech: 0.2,
            language: 0.6,
            other_language: 0.1,
        };
        // Nine in ten and one in two: 0.45, of which the odds are 0.45 to 0.55.
        let both = together(&[heard(9.0_f32.ln(), -2.0, -6.0), heard(0.0, -3.0, -3.0)]);
        assert!((both.odds - (0.45_f32 / 0.55).ln()).abs() < 1e-5, "{both:?}");
        assert_eq!((both.evidence, both.rival), (-2.5, -2.5));
        let sure = together(&[heard(40.0, -0.1, -40.0), heard(50.0, -0.1, -50.0)]);
        assert!(sure.odds.is_finite() && sure.odds > 10.0, "{sure:?}");
        let wrong = together(&[heard(5.0, -1.0, -6.0), heard(-12.0, -13.0, -1.0)]);
        assert!((wrong.odds + 12.0).abs() < 0.1 && wrong.rival > wrong.evidence, "{wrong:?}");
    }

    #[test]
    fn arabic_digits_are_heard_apart_where_there_are_as_many_sounds() {
        let said = |parts: usize| Activity {
            span: 0..parts * 10_000,
            active_ms: 900,
            voiced_ms: 900,
            parts: (0..parts).map(|at| at * 10_000..(at + 1) * 10_000).collect(),
        };
        let token = |text, language| SpokenToken::parse(text, language).unwrap();
        let arabic = token("4821", SpokenLanguage::Arabic);
        assert_eq!(apart(&said(4), &arabic).unwrap().1, [4, 8, 2, 1]);
        assert!(apart(&said(3), &arabic).is_none() && apart(&said(5), &arabic).is_none());
        assert!(apart(&said(1), &token("4", SpokenLanguage::Arabic)).is_none());
        assert!(apart(&said(4), &token("4821", SpokenLanguage::English)).is_none());
        let long = token("48214821", SpokenLanguage::Arabic);
        let parts = (0..8).map(|at| at * 25_000..at * 25_000 + 10_000).collect();
        let late = Activity { span: 0..190_000, parts, ..said(0) };
        assert!(apart(&late, &long).is_none(), "the last one is said after ten seconds");
    }

    #[test]
    fn silence_is_not_listened_to() {
        let nothing = vec![0; 16_000];
        let (sound, signal) = hearable(&nothing, &activity::find(&nothing));
        assert!(sound.is_empty() && signal.score.is_none());
    }

    #[test]
    fn a_question_asks_for_what_is_written() {
        let memory = Tensor::from_fn(&[1], |_| 0.0);
        let case =
            Case { memory: &memory, prompt: [1, 2, 3, 4], heard: vec![5, 6], continuations: vec![9, 8] };
        let question = case.question(1, &[7, 7]);
        assert_eq!(question.tokens, [1, 2, 3, 4, 5, 7, 7]);
        assert_eq!(question.targets, [vec![], vec![], vec![], vec![], vec![7], vec![7], vec![9, 8]]);
    }
}
