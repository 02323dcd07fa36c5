//! Whisper base (MIT), as two graphs: what the sound gives the decoder to attend to, and how likely texts are then.

use std::path::{Path, PathBuf};

use super::mel;
use crate::runtime::{OnnxRuntime, Pool, RuntimeError, RuntimeOptions, Tensor};

/// Where the verified files lie.
#[derive(Debug, Clone)]
pub struct VoiceModelFiles {
    /// The shared library of ONNX Runtime.
    pub runtime: PathBuf,
    /// The encoder.
    pub encoder: PathBuf,
    /// The decoder.
    pub decoder: PathBuf,
}

/// Most that is listened to, in frames of 10 ms.
pub(super) const FRAMES: usize = 1000;
/// Ends a text.
pub(super) const END: u32 = 50_257;
/// Texts that are looked at together: each token of each text has 52,000 likelihoods, which are 200 kB.
const AT_ONCE: usize = 12;

/// Loaded copies of both graphs.
#[derive(Debug)]
pub(super) struct Recogniser {
    encoder: Pool,
    decoder: Pool,
}

/// A text whose tokens are asked for: for each of them, the log-probability of each of `targets`.
pub(super) struct Question {
    /// The tokens.
    pub(super) tokens: Vec<u32>,
    /// For each token, what may follow it; all of one length.
    pub(super) targets: Vec<Vec<u32>>,
}

/// For each token of a question, the log-probability of each target.
pub(super) type Answer = Vec<Vec<f32>>;

impl Recogniser {
    pub(super) fn open(files: &VoiceModelFiles, copies: usize) -> Result<Self, RuntimeError> {
        let runtime = OnnxRuntime::load(&files.runtime)?;
        let pool = |path: &Path| {
            let (runtime, path) = (runtime.clone(), path.to_owned());
            Pool::new(copies, move || runtime.open(&path, RuntimeOptions::default()))
        };
        Ok(Self { encoder: pool(&files.encoder), decoder: pool(&files.decoder) })
    }

    /// What the decoder attends to.
    pub(super) fn memory(&self, pcm: &[i16]) -> Result<Tensor, RuntimeError> {
        let answers = self.encoder.run(mel::spectrogram(pcm, FRAMES))?;
        answers.into_iter().next().ok_or(RuntimeError::Shape { model: "the encoder of Whisper" })
    }

    /// The likeliest token of text after `tokens`.
    pub(super) fn next(&self, memory: &Tensor, tokens: &[u32]) -> Result<u32, RuntimeError> {
        let targets = Tensor::from_fn(&[1, tokens.len(), 1], |_| END as f32);
        let answers = self.run(memory, row(&[tokens], tokens.len()), targets)?;
        let best = answers.get(1).and_then(|best| best.data().last());
        best.map(|best| *best as u32).ok_or(UNEXPECTED)
    }

    /// Answers `questions`, some at a time.
    pub(super) fn ask(&self, memory: &Tensor, questions: &[Question]) -> Result<Vec<Answer>, RuntimeError> {
        let mut all = Vec::with_capacity(questions.len());
        for some in questions.chunks(AT_ONCE) {
            let length = some.iter().map(|question| question.tokens.len()).max().unwrap_or(0);
            let width = some.iter().flat_map(|one| &one.targets).map(Vec::len).max().unwrap_or(0);
            let tokens: Vec<&[u32]> = some.iter().map(|question| &question.tokens[..]).collect();
            let targets = Tensor::from_fn(&[some.len(), length, width], |at| {
                let (question, token, target) = (at / width / length, at / width % length, at % width);
                let asked = some[question].targets.get(token).and_then(|targets| targets.get(target));
                asked.map_or(END as f32, |token| *token as f32)
            });
            let answers = self.run(memory, row(&tokens, length), targets)?;
            let chosen = answers.first().filter(|chosen| chosen.shape() == [some.len(), length, width]);
            let chosen = chosen.ok_or(UNEXPECTED)?;
            for (question, data) in some.iter().zip(chosen.data().chunks_exact(length * width)) {
                let rows = data.chunks_exact(width).zip(&question.targets);
                all.push(rows.map(|(row, targets)| row[..targets.len()].to_vec()).collect());
            }
        }
        Ok(all)
    }

    fn run(&self, memory: &Tensor, tokens: Tensor, targets: Tensor) -> Result<Vec<Tensor>, RuntimeError> {
        self.decoder.with(|network| network.run_all(vec![memory.clone(), tokens, targets]))
    }
}

const UNEXPECTED: RuntimeError = RuntimeError::Shape { model: "the decoder of Whisper" };

/// Texts of one length: shorter ones are followed by ends, which nothing before them sees.
fn row(texts: &[&[u32]], length: usize) -> Tensor {
    Tensor::from_fn(&[texts.len(), length], |at| {
        texts[at / length].get(at % length).map_or(END as f32, |token| *token as f32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shorter_texts_are_filled_up() {
        let tokens = row(&[&[1, 2, 3], &[4]], 3);
        let end = END as f32;
        assert_eq!(tokens.data(), [1.0, 2.0, 3.0, 4.0, end, end]);
    }
}
