//! Rewrites of models: pure functions from the bytes of a file to those of an ONNX file.
//!
//! They are deterministic, and the SHA-256 of each output is pinned in the manifest.

mod ct2;
mod latin_head;
mod onnx;
mod prelu_conv;
#[cfg(test)]
pub(crate) mod samples;
mod whisper;
mod yunet_dynamic;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::sha256::Sha256;

/// A rewrite, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transform {
    /// Lets the YuNet face detector take any height and width that 32 divides, in place of 640 by 640.
    YunetDynamic,
    /// Replaces each `PRelu` by depthwise convolutions, which ONNX Runtime runs much faster, and removes graph
    /// inputs and weights that nothing uses.
    PreluConv,
    /// Cuts the PP-OCRv6 text recogniser down to the characters of Latin script.
    LatinHead,
    /// Writes the encoder of a Whisper model whose weights are those of `CTranslate2`.
    WhisperEncoder,
    /// Writes the decoder of such a model.
    WhisperDecoder,
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::YunetDynamic => "yunet-dynamic",
            Self::PreluConv => "prelu-conv",
            Self::LatinHead => "latin-head",
            Self::WhisperEncoder => "whisper-encoder",
            Self::WhisperDecoder => "whisper-decoder",
        })
    }
}

/// Why a model cannot be rewritten.
#[derive(Debug, thiserror::Error)]
pub enum TransformError {
    /// The bytes are no ONNX model.
    #[error("it is not an ONNX model")]
    NotOnnx(#[from] prost::DecodeError),
    /// The model has parts that this program would lose.
    #[error("the model has parts that the rewrite would lose")]
    Lossy,
    /// The model does not have the shape that the rewrite is made for.
    #[error("the model is not the one that the rewrite is made for: {0}")]
    Unexpected(&'static str),
    /// The output differs from the pinned one.
    #[error("the rewritten file has SHA-256 {found} in place of {expected}")]
    WrongOutput {
        /// The pinned SHA-256.
        expected: Sha256,
        /// The SHA-256 of the output.
        found: Sha256,
    },
}

impl Transform {
    /// Rewrites the model in `bytes`.
    ///
    /// # Errors
    /// [`TransformError`], if it is not a model that the rewrite is made for.
    pub(crate) fn apply(self, bytes: &[u8]) -> Result<Vec<u8>, TransformError> {
        match self {
            Self::YunetDynamic => edit(bytes, yunet_dynamic::rewrite),
            Self::PreluConv => edit(bytes, prelu_conv::rewrite),
            Self::LatinHead => edit(bytes, latin_head::rewrite),
            Self::WhisperEncoder => whisper::encoder(bytes),
            Self::WhisperDecoder => whisper::decoder(bytes),
        }
    }
}

/// Changes an ONNX model.
fn edit(
    bytes: &[u8],
    rewrite: impl FnOnce(&mut onnx::Model) -> Result<(), TransformError>,
) -> Result<Vec<u8>, TransformError> {
    let mut model = onnx::decode(bytes)?;
    rewrite(&mut model)?;
    Ok(onnx::encode(&model))
}
