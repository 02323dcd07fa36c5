//! Tiny hand-made graphs for tests.

use prost::Message as _;

use super::onnx::{Dim, FLOAT, Model, Node, Shape, Tensor, TensorType, Type, ValueInfo};

pub(crate) struct Sample(Model);

pub(crate) fn graph() -> Sample {
    Sample(Model { ir_version: Some(8), ..Model::default() })
}

impl Sample {
    pub(crate) fn input(mut self, name: &str, dims: &[i64]) -> Self {
        self.0.graph.input.push(value(name, dims));
        self
    }

    pub(crate) fn output(mut self, name: &str, dims: &[i64]) -> Self {
        self.0.graph.output.push(value(name, dims));
        self
    }

    pub(crate) fn value_info(mut self, name: &str) -> Self {
        self.0.graph.value_info.push(value(name, &[1]).encode_to_vec());
        self
    }

    pub(crate) fn node(mut self, op_type: &str, input: &[&str], output: &str) -> Self {
        self.0.graph.node.push(Node {
            op_type: Some(op_type.to_owned()),
            input: input.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.to_owned()],
            ..Node::default()
        });
        self
    }

    pub(crate) fn weight(mut self, name: &str, dims: &[i64], values: &[f32]) -> Self {
        self.0.graph.initializer.push(Tensor::of_floats(name.to_owned(), dims.to_vec(), values));
        self
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }
}

fn value(name: &str, dims: &[i64]) -> ValueInfo {
    let dim = dims.iter().map(|&value| Dim { value: Some(value), ..Dim::default() }).collect();
    ValueInfo {
        name: Some(name.to_owned()),
        kind: Some(Type {
            tensor: Some(TensorType { elem_type: Some(FLOAT), shape: Some(Shape { dim }) }),
            ..Type::default()
        }),
        ..ValueInfo::default()
    }
}

/// The dimensions of a value as words.
pub(super) fn dims(value: &ValueInfo) -> Vec<String> {
    value
        .clone()
        .dims_mut()
        .unwrap()
        .iter()
        .map(|dim| dim.param.clone().unwrap_or_else(|| dim.value.unwrap().to_string()))
        .collect()
}

pub(super) fn names(values: &[ValueInfo]) -> Vec<&str> {
    values.iter().map(|value| value.name.as_deref().unwrap()).collect()
}
