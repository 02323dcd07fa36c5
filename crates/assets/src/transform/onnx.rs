//! The part of the ONNX format that is edited. Messages that are not edited stay as the bytes they came in,
//! which Protocol Buffers write the same way.
//!
//! Field numbers are those of `onnx.proto` (ONNX 1.19, IR version 12).

use prost::Message as _;

use super::TransformError;

/// `TensorProto.DataType.FLOAT`.
pub(super) const FLOAT: i32 = 1;

/// `ModelProto`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Model {
    #[prost(int64, optional, tag = "1")]
    pub(super) ir_version: Option<i64>,
    #[prost(string, optional, tag = "2")]
    pub(super) producer_name: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) producer_version: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) domain: Option<String>,
    #[prost(int64, optional, tag = "5")]
    pub(super) version: Option<i64>,
    #[prost(string, optional, tag = "6")]
    pub(super) doc_string: Option<String>,
    #[prost(message, required, tag = "7")]
    pub(super) graph: Graph,
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub(super) opset_import: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "14")]
    pub(super) metadata_props: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "20")]
    pub(super) training_info: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "25")]
    pub(super) functions: Vec<Vec<u8>>,
}

/// `GraphProto`. Initializers are read one by one where they are needed, see [`Tensor`] and [`Named`].
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Graph {
    #[prost(message, repeated, tag = "1")]
    pub(super) node: Vec<Node>,
    #[prost(string, optional, tag = "2")]
    pub(super) name: Option<String>,
    #[prost(bytes = "vec", repeated, tag = "5")]
    pub(super) initializer: Vec<Vec<u8>>,
    #[prost(string, optional, tag = "10")]
    pub(super) doc_string: Option<String>,
    #[prost(message, repeated, tag = "11")]
    pub(super) input: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    pub(super) output: Vec<ValueInfo>,
    #[prost(bytes = "vec", repeated, tag = "13")]
    pub(super) value_info: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "14")]
    pub(super) quantization_annotation: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "15")]
    pub(super) sparse_initializer: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "16")]
    pub(super) metadata_props: Vec<Vec<u8>>,
}

/// `NodeProto`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Node {
    #[prost(string, repeated, tag = "1")]
    pub(super) input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub(super) output: Vec<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) name: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) op_type: Option<String>,
    #[prost(bytes = "vec", repeated, tag = "5")]
    pub(super) attribute: Vec<Vec<u8>>,
    #[prost(string, optional, tag = "6")]
    pub(super) doc_string: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub(super) domain: Option<String>,
    #[prost(string, optional, tag = "8")]
    pub(super) overload: Option<String>,
    #[prost(bytes = "vec", repeated, tag = "9")]
    pub(super) metadata_props: Vec<Vec<u8>>,
}

/// `AttributeProto`, as far as it is written here.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Attribute {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(int64, optional, tag = "3")]
    pub(super) i: Option<i64>,
    #[prost(int64, repeated, packed = "false", tag = "8")]
    pub(super) ints: Vec<i64>,
    #[prost(int32, optional, tag = "20")]
    pub(super) kind: Option<i32>,
}

impl Attribute {
    pub(super) fn int(name: &str, value: i64) -> Vec<u8> {
        const INT: i32 = 2;
        Self { name: Some(name.to_owned()), i: Some(value), ints: vec![], kind: Some(INT) }.encode_to_vec()
    }

    pub(super) fn ints(name: &str, values: &[i64]) -> Vec<u8> {
        const INTS: i32 = 7;
        Self { name: Some(name.to_owned()), i: None, ints: values.to_vec(), kind: Some(INTS) }.encode_to_vec()
    }
}

/// `TensorProto`, as far as it is read and written here: floats, in either of their two places.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Tensor {
    #[prost(int64, repeated, packed = "false", tag = "1")]
    pub(super) dims: Vec<i64>,
    #[prost(int32, optional, tag = "2")]
    pub(super) data_type: Option<i32>,
    #[prost(float, repeated, tag = "4")]
    pub(super) float_data: Vec<f32>,
    #[prost(string, optional, tag = "8")]
    pub(super) name: Option<String>,
    #[prost(bytes = "vec", optional, tag = "9")]
    pub(super) raw_data: Option<Vec<u8>>,
}

impl Tensor {
    pub(super) fn of_floats(name: String, dims: Vec<i64>, values: &[f32]) -> Vec<u8> {
        Self {
            dims,
            data_type: Some(FLOAT),
            float_data: vec![],
            name: Some(name),
            raw_data: Some(values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        }
        .encode_to_vec()
    }

    /// Its values, if it is a tensor of floats.
    pub(super) fn floats(&self) -> Option<Vec<f32>> {
        match &self.raw_data {
            _ if self.data_type != Some(FLOAT) => None,
            None => Some(self.float_data.clone()),
            Some(raw) => {
                let (values, rest) = raw.as_chunks::<4>();
                rest.is_empty().then(|| values.iter().map(|value| f32::from_le_bytes(*value)).collect())
            }
        }
    }
}

/// The name of a `TensorProto`; its other fields are skipped.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Named {
    #[prost(string, optional, tag = "8")]
    pub(super) name: Option<String>,
}

/// The name of an encoded `TensorProto`.
pub(super) fn name_of_tensor(tensor: &[u8]) -> Result<String, TransformError> {
    Ok(Named::decode(tensor)?.name.unwrap_or_default())
}

/// `ValueInfoProto`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ValueInfo {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub(super) kind: Option<Type>,
    #[prost(string, optional, tag = "3")]
    pub(super) doc_string: Option<String>,
    #[prost(bytes = "vec", repeated, tag = "4")]
    pub(super) metadata_props: Vec<Vec<u8>>,
}

impl ValueInfo {
    /// The dimensions of a dense tensor; `None` for other values.
    pub(super) fn dims_mut(&mut self) -> Option<&mut Vec<Dim>> {
        Some(&mut self.kind.as_mut()?.tensor.as_mut()?.shape.as_mut()?.dim)
    }
}

/// `TypeProto`; other types than dense tensors stay bytes.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Type {
    #[prost(message, optional, tag = "1")]
    pub(super) tensor: Option<TensorType>,
    #[prost(bytes = "vec", optional, tag = "4")]
    pub(super) sequence: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "5")]
    pub(super) map: Option<Vec<u8>>,
    #[prost(string, optional, tag = "6")]
    pub(super) denotation: Option<String>,
}

/// `TypeProto.Tensor`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TensorType {
    #[prost(int32, optional, tag = "1")]
    pub(super) elem_type: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(super) shape: Option<Shape>,
}

/// `TensorShapeProto`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Shape {
    #[prost(message, repeated, tag = "1")]
    pub(super) dim: Vec<Dim>,
}

/// `TensorShapeProto.Dimension`: a number or a name.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Dim {
    #[prost(int64, optional, tag = "1")]
    pub(super) value: Option<i64>,
    #[prost(string, optional, tag = "2")]
    pub(super) param: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) denotation: Option<String>,
}

impl Dim {
    pub(super) fn symbolic(name: &str) -> Self {
        Self { value: None, param: Some(name.to_owned()), denotation: None }
    }
}

/// Reads a model.
///
/// # Errors
/// [`TransformError::NotOnnx`], or [`TransformError::Lossy`] if writing it again would lose something.
pub(super) fn decode(bytes: &[u8]) -> Result<Model, TransformError> {
    let model = Model::decode(bytes)?;
    if model.encoded_len() == bytes.len() { Ok(model) } else { Err(TransformError::Lossy) }
}

/// Writes a model.
pub(super) fn encode(model: &Model) -> Vec<u8> {
    model.encode_to_vec()
}
