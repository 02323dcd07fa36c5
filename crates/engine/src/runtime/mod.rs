//! Where models run: a tensor, a network of two methods, and a pool of loaded copies.

mod onnx;
mod pool;

pub use onnx::{OnnxRuntime, RuntimeOptions};
pub use pool::Pool;

/// Dense `f32` tensor, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Vec<f32>,
}

impl Tensor {
    /// A tensor of `shape` over `data`; `None` when their sizes do not agree.
    pub fn new(shape: &[usize], data: Vec<f32>) -> Option<Self> {
        (shape.iter().product::<usize>() == data.len()).then(|| Self { shape: shape.to_vec(), data })
    }

    /// A tensor whose values come from their flat index.
    pub fn from_fn(shape: &[usize], value: impl FnMut(usize) -> f32) -> Self {
        let length = shape.iter().product();
        Self { shape: shape.to_vec(), data: (0..length).map(value).collect() }
    }

    /// A tensor of `shape` over `data`, for callers that have just sized one by the other.
    ///
    /// # Panics
    /// When their sizes do not agree.
    pub(crate) fn from_parts<const N: usize>(shape: [usize; N], data: Vec<f32>) -> Self {
        assert_eq!(shape.iter().product::<usize>(), data.len(), "a tensor's data must fill its shape");
        Self { shape: shape.to_vec(), data }
    }

    /// Sizes of the axes, outermost first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The values, row-major.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// Gives the buffer up, so that it can be handed to the runtime without a copy.
    pub fn into_parts(self) -> (Vec<usize>, Vec<f32>) {
        (self.shape, self.data)
    }
}

/// One loaded copy of a model. A copy serves one caller at a time.
pub trait Network: Send {
    /// Names of the outputs, in the order in which [`Network::run`] returns them.
    fn outputs(&self) -> &[String];

    /// Runs the network on its inputs, in their order.
    ///
    /// # Errors
    /// [`RuntimeError::Run`] when the runtime refuses an input or fails.
    fn run_all(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, RuntimeError>;

    /// Runs the network on its single input.
    ///
    /// # Errors
    /// Those of [`run_all`](Self::run_all).
    fn run(&mut self, input: Tensor) -> Result<Vec<Tensor>, RuntimeError> {
        self.run_all(vec![input])
    }
}

/// What can go wrong between a model file and its answer.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The shared library of ONNX Runtime could not be loaded.
    #[error("ONNX Runtime could not be loaded from {path}: {reason}")]
    Library {
        /// The library file.
        path: String,
        /// What the loader says.
        reason: String,
    },
    /// A model file could not be opened as a network.
    #[error("the model {path} could not be loaded")]
    Load {
        /// The model file.
        path: String,
        /// What the runtime says.
        source: ort::Error,
    },
    /// A loaded network failed on an input.
    #[error("a model failed on its input")]
    Run(#[source] ort::Error),
    /// A network answered in a shape that its reader does not expect: the file is not the pinned model.
    #[error("{model} answered in an unexpected shape")]
    Shape {
        /// The model's name.
        model: &'static str,
    },
}
