//! ONNX Runtime behind [`Network`]: one thread a session, since jobs run side by side.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::ep;
use ort::logging::LogLevel;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{Session, SessionInputValue};
use ort::value::Tensor as OrtTensor;

use super::{Network, RuntimeError, Tensor};

/// The loaded shared library. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OnnxRuntime {
    environment: Environment,
}

/// How a model is opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct RuntimeOptions {
    /// Turns weights stored as 8-bit integers into floats at load. SFace's file holds such weights, and
    /// computing on them costs 70 ms a face instead of 43 (one thread, 2026-11).
    pub unpack_quantized_weights: bool,
}

impl OnnxRuntime {
    /// Loads the shared library at `library`. A process loads one: later calls keep the first.
    ///
    /// # Errors
    /// [`RuntimeError::Library`] when the file is no ONNX Runtime for this machine.
    pub fn load(library: &Path) -> Result<Self, RuntimeError> {
        static LOADED: Mutex<Option<Environment>> = Mutex::new(None);
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(environment) = loaded.as_ref() {
            return Ok(Self { environment: environment.clone() });
        }
        let refused = |reason: String| RuntimeError::Library { path: library.display().to_string(), reason };
        let environment = ort::init_from(library)
            .map_err(|error| refused(error.to_string()))?
            .with_name("bonafide")
            .with_telemetry(false)
            .build()
            .map_err(|error| refused(error.to_string()))?;
        // Its warnings speak of graph rewrites and would stand between the lines of a command's answer.
        environment.set_log_level(LogLevel::Error);
        *loaded = Some(environment.clone());
        Ok(Self { environment })
    }

    /// Opens the model at `path` with one thread.
    ///
    /// # Errors
    /// [`RuntimeError::Load`] when the file is no model that this runtime can run.
    pub fn open(&self, path: &Path, options: RuntimeOptions) -> Result<Box<dyn Network>, RuntimeError> {
        let session = self
            .builder(options)
            .and_then(|mut builder| builder.commit_from_file(path))
            .map_err(|source| RuntimeError::Load { path: path.display().to_string(), source })?;
        Ok(Box::new(OnnxNetwork::new(session)))
    }

    /// Opens the model `name`, which the program carries with it, with one thread.
    ///
    /// # Errors
    /// [`RuntimeError::Load`] when the bytes are no model that this runtime can run.
    pub fn open_shipped(&self, name: &str, model: &'static [u8]) -> Result<Box<dyn Network>, RuntimeError> {
        let session = self
            .builder(RuntimeOptions::default())
            .and_then(|mut builder| builder.commit_from_memory(model))
            .map_err(|source| RuntimeError::Load { path: name.to_owned(), source })?;
        Ok(Box::new(OnnxNetwork::new(session)))
    }

    fn builder(&self, options: RuntimeOptions) -> ort::Result<SessionBuilder> {
        let mut builder = Session::builder(&self.environment)?
            .with_optimization_level(GraphOptimizationLevel::All)?
            .with_intra_threads(1)?
            .with_inter_threads(1)?
            // The input of the detector changes its size from photo to photo, which a memory plan cannot use.
            .with_memory_pattern(false)?
            .with_execution_providers([ep::CPU::default().with_arena_allocator(true).build()])?;
        if options.unpack_quantized_weights {
            builder = builder.with_quant_qdq(false)?;
        }
        Ok(builder)
    }
}

struct OnnxNetwork {
    session: Session,
    outputs: Vec<String>,
}

impl OnnxNetwork {
    fn new(session: Session) -> Self {
        let outputs = session.outputs().iter().map(|output| output.name().to_owned()).collect();
        Self { session, outputs }
    }
}

impl Network for OnnxNetwork {
    fn outputs(&self) -> &[String] {
        &self.outputs
    }

    fn run_all(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, RuntimeError> {
        let inputs = inputs
            .into_iter()
            .map(|input| Ok(OrtTensor::from_array(input.into_parts())?.into()))
            .collect::<ort::Result<Vec<SessionInputValue<'_>>>>()
            .map_err(RuntimeError::Run)?;
        let answers = self.session.run(inputs.as_slice()).map_err(RuntimeError::Run)?;
        self.outputs
            .iter()
            .map(|name| {
                let (shape, data) =
                    answers[name.as_str()].try_extract_tensor::<f32>().map_err(RuntimeError::Run)?;
                let shape = shape.iter().map(|&side| side as usize).collect();
                Ok(Tensor { shape, data: data.to_vec() })
            })
            .collect()
    }
}
