//! Whisper as two ONNX graphs.
//!
//! The package holds the model as the weights of `CTranslate2`. From them are written
//!
//! - the encoder: `mel [1, 80, frames]` to `memory [1, frames / 2, 12 * width]`, the keys and values that each layer of the
//!   decoder attends to. It takes any even number of frames up to 3,000 and reads only so many of the positions, so that
//!   ten seconds cost a third of thirty.
//! - the decoder, forced to say given texts: `memory`, `tokens [b, t]` and `targets [b, t, k]` to `chosen [b, t, k]`, the
//!   log-probability of each target after the tokens before it, and `best [b, t]`, the likeliest token of text. Tokens
//!   come and go as floats, which hold them exactly, so that all tensors are of one type. Nothing is kept between calls.
//!
//! Weights stay in half precision in the file and become single precision when it is loaded.

use std::collections::HashMap;

use prost::Message as _;

use super::TransformError;
use super::ct2::{self, Weight};
use super::onnx::{
    Attribute, Dim, FLOAT, Graph, Model, Node, Shape, Tensor, TensorType, Type, ValueInfo, encode,
};

const HEADS: i64 = 8;
/// `TensorProto.DataType.INT64`.
const INT64: i32 = 7;
/// `TensorProto.DataType.FLOAT16`.
const FLOAT16: i32 = 10;
/// The version of ONNX's operators: the first one with `Gelu`.
const OPERATORS: i64 = 20;
/// Most tokens of one text, and with that the size of the mask.
const LONGEST: usize = 128;
/// Tokens from this one on are no text: languages, tasks and times. The last token before it ends a text.
const FIRST_SPECIAL: i64 = 50_258;

/// Writes the encoder.
pub(super) fn encoder(bytes: &[u8]) -> Result<Vec<u8>, TransformError> {
    let mut net = Net::new(ct2::read(bytes)?)?;
    let mut x = "mel".to_owned();
    for (convolution, stride) in [("encoder/conv1", 1), ("encoder/conv2", 2)] {
        let (weight, bias) = (net.part(convolution, "weight")?, net.part(convolution, "bias")?);
        let how = vec![
            Attribute::ints("kernel_shape", &[3]),
            Attribute::ints("pads", &[1, 1]),
            Attribute::ints("strides", &[stride]),
        ];
        x = net.node("Conv", &[&x, &weight, &bias], how);
        x = net.node("Gelu", &[&x], vec![]);
    }
    x = net.node("Transpose", &[&x], vec![Attribute::ints("perm", &[0, 2, 1])]);
    x = net.placed(&x, &x.clone(), "encoder/position_encodings/encodings")?;
    for layer in net.layers("encoder") {
        x = net.attend_to_itself(&x, &format!("{layer}/self_attention"), None)?;
        x = net.feed_forward(&x, &layer)?;
    }
    x = net.norm(&x, "encoder/layer_norm")?;
    let mut memory = Vec::new();
    for layer in net.layers("decoder") {
        memory.push(net.linear(&x, &format!("{layer}/attention/linear_1"))?);
    }
    let memory: Vec<&str> = memory.iter().map(String::as_str).collect();
    net.named("Concat", &memory, "memory", vec![Attribute::int("axis", -1)]);
    Ok(net.finish(
        "whisper-encoder",
        vec![value("mel", &["1", "80", "frames"])],
        vec![value("memory", &["1", "positions", "all_layers"])],
    ))
}

/// Writes the decoder.
pub(super) fn decoder(bytes: &[u8]) -> Result<Vec<u8>, TransformError> {
    let mut net = Net::new(ct2::read(bytes)?)?;
    let as_integers = || vec![Attribute::int("to", i64::from(INT64))];
    let tokens = net.node("Cast", &["tokens"], as_integers());
    let words = net.half("decoder/embeddings/weight", false)?;
    let table = net.single(&words);
    let rows = net.node("Gather", &[&words, &tokens], vec![]);
    let mut x = net.single(&rows);
    x = net.placed(&x, &tokens, "decoder/position_encodings/encodings")?;
    let mask = net.mask(&tokens);
    let layers = net.layers("decoder");
    let memory = net.split("memory", layers.len() * 2);
    for (layer, memory) in layers.iter().zip(memory.chunks_exact(2)) {
        x = net.attend_to_itself(&x, &format!("{layer}/self_attention"), Some(&mask))?;
        let about = format!("{layer}/attention");
        let normed = net.norm(&x, &format!("{about}/layer_norm"))?;
        let query = net.linear(&normed, &format!("{about}/linear_0"))?;
        let seen = net.attend(&query, &memory[0], &memory[1], None);
        let seen = net.linear(&seen, &format!("{about}/linear_2"))?;
        x = net.node("Add", &[&x, &seen], vec![]);
        x = net.feed_forward(&x, layer)?;
    }
    x = net.norm(&x, "decoder/layer_norm")?;
    let table = net.node("Transpose", &[&table], vec![Attribute::ints("perm", &[1, 0])]);
    let scores = net.node("MatMul", &[&x, &table], vec![]);
    let scores = net.node("LogSoftmax", &[&scores], vec![Attribute::int("axis", -1)]);
    let targets = net.node("Cast", &["targets"], as_integers());
    net.named("GatherElements", &[&scores, &targets], "chosen", vec![Attribute::int("axis", 2)]);
    let (start, end, axis) = (
        net.integers("text_start", &[0]),
        net.integers("text_end", &[FIRST_SPECIAL]),
        net.integers("text_axis", &[2]),
    );
    let text = net.node("Slice", &[&scores, &start, &end, &axis], vec![]);
    let best = net.node("ArgMax", &[&text], vec![Attribute::int("axis", 2), Attribute::int("keepdims", 0)]);
    net.named("Cast", &[&best], "best", vec![Attribute::int("to", i64::from(FLOAT))]);
    let inputs = vec![
        value("memory", &["1", "positions", "all_layers"]),
        value("tokens", &["texts", "length"]),
        value("targets", &["texts", "length", "targets"]),
    ];
    let outputs = vec![value("chosen", &["texts", "length", "targets"]), value("best", &["texts", "length"])];
    Ok(net.finish("whisper-decoder", inputs, outputs))
}

/// A graph that is being written.
struct Net<'a> {
    weights: HashMap<String, Weight<'a>>,
    graph: Graph,
}

impl<'a> Net<'a> {
    fn new(weights: HashMap<String, Weight<'a>>) -> Result<Self, TransformError> {
        let width = match weights.get("encoder/layer_norm/gamma").map(|gamma| &gamma.dims[..]) {
            Some(&[width]) if width > 0 && width % HEADS as usize == 0 => width,
            _ => return Err(TransformError::Unexpected("it has no width")),
        };
        let mut net = Self { weights, graph: Graph::default() };
        let head = width as i64 / HEADS;
        net.integers("to_heads", &[0, 0, HEADS, head]);
        net.integers("from_heads", &[0, 0, width as i64]);
        net.integers("one", &[1]);
        net.integers("two", &[2]);
        net.integers("origin", &[0]);
        net.integers("corner", &[0, 0]);
        net.floats("scale", vec![], &[1.0 / (head as f32).sqrt()]);
        Ok(net)
    }

    /// The names of the layers of `side`, the first one first.
    fn layers(&self, side: &str) -> Vec<String> {
        (0..self.weights.len())
            .map(|index| format!("{side}/layer_{index}"))
            .take_while(|layer| self.weights.contains_key(&format!("{layer}/ffn/linear_0/weight")))
            .collect()
    }

    fn node(&mut self, operator: &str, inputs: &[&str], attribute: Vec<Vec<u8>>) -> String {
        let output = format!("v{}", self.graph.node.len());
        self.named(operator, inputs, &output, attribute);
        output
    }

    fn named(&mut self, operator: &str, inputs: &[&str], output: &str, attribute: Vec<Vec<u8>>) {
        self.graph.node.push(Node {
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![output.to_owned()],
            name: Some(format!("n{}", self.graph.node.len())),
            op_type: Some(operator.to_owned()),
            attribute,
            ..Node::default()
        });
    }

    /// Cuts the last axis into equal parts.
    fn split(&mut self, x: &str, parts: usize) -> Vec<String> {
        let at = self.graph.node.len();
        let outputs: Vec<String> = (0..parts).map(|part| format!("v{at}_{part}")).collect();
        let how = vec![Attribute::int("axis", -1), Attribute::int("num_outputs", parts as i64)];
        self.named("Split", &[x], "", how);
        if let Some(node) = self.graph.node.last_mut() {
            node.output.clone_from(&outputs);
        }
        outputs
    }

    fn single(&mut self, x: &str) -> String {
        self.node("Cast", &[x], vec![Attribute::int("to", i64::from(FLOAT))])
    }

    fn integers(&mut self, name: &str, values: &[i64]) -> String {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, vec![values.len() as i64], INT64, raw)
    }

    fn floats(&mut self, name: &str, dims: Vec<i64>, values: &[f32]) -> String {
        self.constant(name, dims, FLOAT, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    fn constant(&mut self, name: &str, dims: Vec<i64>, data_type: i32, raw: Vec<u8>) -> String {
        let tensor = Tensor {
            dims,
            data_type: Some(data_type),
            float_data: vec![],
            name: Some(name.to_owned()),
            raw_data: Some(raw),
        };
        self.graph.initializer.push(tensor.encode_to_vec());
        name.to_owned()
    }

    /// Puts the weight `name` into the graph, in half precision; a matrix with its rows as columns if it is `turned`.
    fn half(&mut self, name: &str, turned: bool) -> Result<String, TransformError> {
        let weight = self.weights.get(name).ok_or(TransformError::Unexpected("a weight is missing"))?;
        let (mut dims, mut raw) = (weight.dims.clone(), weight.halves.to_vec());
        if turned {
            let &[rows, columns] = &dims[..] else {
                return Err(TransformError::Unexpected("a weight is no matrix"));
            };
            let (halves, _) = weight.halves.as_chunks::<2>();
            raw = (0..rows * columns).flat_map(|at| halves[at % rows * columns + at / rows]).collect();
            dims.swap(0, 1);
        }
        let dims = dims.iter().map(|&side| side as i64).collect();
        Ok(self.constant(name, dims, FLOAT16, raw))
    }

    /// A weight of `layer` in single precision.
    fn part(&mut self, layer: &str, part: &str) -> Result<String, TransformError> {
        let half = self.half(&format!("{layer}/{part}"), false)?;
        Ok(self.single(&half))
    }

    fn linear(&mut self, x: &str, layer: &str) -> Result<String, TransformError> {
        let weight = self.half(&format!("{layer}/weight"), true)?;
        let weight = self.single(&weight);
        let product = self.node("MatMul", &[x, &weight], vec![]);
        let bias = self.part(layer, "bias")?;
        Ok(self.node("Add", &[&product, &bias], vec![]))
    }

    fn norm(&mut self, x: &str, layer: &str) -> Result<String, TransformError> {
        let (gamma, beta) = (self.part(layer, "gamma")?, self.part(layer, "beta")?);
        Ok(self.node("LayerNormalization", &[x, &gamma, &beta], vec![Attribute::int("axis", -1)]))
    }

    /// Length of the second axis.
    fn length(&mut self, x: &str) -> String {
        let shape = self.node("Shape", &[x], vec![]);
        self.node("Slice", &[&shape, "one", "two"], vec![])
    }

    /// Adds as many of the positions as `like` is long.
    fn placed(&mut self, x: &str, like: &str, positions: &str) -> Result<String, TransformError> {
        let length = self.length(like);
        let all = self.half(positions, false)?;
        let all = self.single(&all);
        let first = self.node("Slice", &[&all, "origin", &length], vec![]);
        Ok(self.node("Add", &[x, &first], vec![]))
    }

    /// What keeps a token from seeing those after it.
    fn mask(&mut self, tokens: &str) -> String {
        let hidden = |at: usize| if at % LONGEST > at / LONGEST { -1e9 } else { 0.0 };
        let values: Vec<f32> = (0..LONGEST * LONGEST).map(hidden).collect();
        self.floats("mask", vec![LONGEST as i64; 2], &values);
        let length = self.length(tokens);
        let square = self.node("Concat", &[&length, &length], vec![Attribute::int("axis", 0)]);
        self.node("Slice", &["mask", "corner", &square], vec![])
    }

    fn attend(&mut self, query: &str, key: &str, value: &str, mask: Option<&str>) -> String {
        let mut heads = |x: &str, order: &[i64]| {
            let split = self.node("Reshape", &[x, "to_heads"], vec![]);
            self.node("Transpose", &[&split], vec![Attribute::ints("perm", order)])
        };
        let (query, value) = (heads(query, &[0, 2, 1, 3]), heads(value, &[0, 2, 1, 3]));
        let key = heads(key, &[0, 2, 3, 1]);
        let product = self.node("MatMul", &[&query, &key], vec![]);
        let mut weights = self.node("Mul", &[&product, "scale"], vec![]);
        if let Some(mask) = mask {
            weights = self.node("Add", &[&weights, mask], vec![]);
        }
        let weights = self.node("Softmax", &[&weights], vec![Attribute::int("axis", -1)]);
        let mixed = self.node("MatMul", &[&weights, &value], vec![]);
        let mixed = self.node("Transpose", &[&mixed], vec![Attribute::ints("perm", &[0, 2, 1, 3])]);
        self.node("Reshape", &[&mixed, "from_heads"], vec![])
    }

    fn attend_to_itself(
        &mut self,
        x: &str,
        layer: &str,
        mask: Option<&str>,
    ) -> Result<String, TransformError> {
        let normed = self.norm(x, &format!("{layer}/layer_norm"))?;
        let all = self.linear(&normed, &format!("{layer}/linear_0"))?;
        let parts = self.split(&all, 3);
        let mixed = self.attend(&parts[0], &parts[1], &parts[2], mask);
        let mixed = self.linear(&mixed, &format!("{layer}/linear_1"))?;
        Ok(self.node("Add", &[x, &mixed], vec![]))
    }

    fn feed_forward(&mut self, x: &str, layer: &str) -> Result<String, TransformError> {
        let normed = self.norm(x, &format!("{layer}/ffn/layer_norm"))?;
        let inner = self.linear(&normed, &format!("{layer}/ffn/linear_0"))?;
        let inner = self.node("Gelu", &[&inner], vec![]);
        let outer = self.linear(&inner, &format!("{layer}/ffn/linear_1"))?;
        Ok(self.node("Add", &[x, &outer], vec![]))
    }

    fn finish(self, name: &str, input: Vec<ValueInfo>, output: Vec<ValueInfo>) -> Vec<u8> {
        let graph = Graph { name: Some(name.to_owned()), input, output, ..self.graph };
        encode(&Model {
            ir_version: Some(10),
            producer_name: Some("bonafide".to_owned()),
            graph,
            opset_import: vec![
                Operators { domain: Some(String::new()), version: Some(OPERATORS) }.encode_to_vec(),
            ],
            ..Model::default()
        })
    }
}

/// `OperatorSetIdProto`.
#[derive(Clone, PartialEq, prost::Message)]
struct Operators {
    #[prost(string, optional, tag = "1")]
    domain: Option<String>,
    #[prost(int64, optional, tag = "2")]
    version: Option<i64>,
}

/// A tensor of floats whose sides are numbers or names.
fn value(name: &str, sides: &[&str]) -> ValueInfo {
    let side = |side: &&str| match side.parse() {
        Ok(length) => Dim { value: Some(length), param: None, denotation: None },
        Err(_) => Dim::symbolic(side),
    };
    let shape = Shape { dim: sides.iter().map(side).collect() };
    let tensor = TensorType { elem_type: Some(FLOAT), shape: Some(shape) };
    ValueInfo {
        name: Some(name.to_owned()),
        kind: Some(Type { tensor: Some(tensor), sequence: None, map: None, denotation: None }),
        doc_string: None,
        metadata_props: vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_without_its_weights_is_refused() {
        assert!(matches!(encoder(b""), Err(TransformError::Unexpected(_))));
        let mut empty = 6_u32.to_le_bytes().to_vec();
        empty.extend(12_u16.to_le_bytes());
        empty.extend(b"WhisperSpec\0");
        empty.extend([3, 0, 0, 0, 0, 0, 0, 0]);
        assert!(matches!(decoder(&empty), Err(TransformError::Unexpected("it has no width"))));
    }

    #[test]
    fn a_matrix_is_turned() {
        let halves = [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0];
        let weights = HashMap::from([
            ("encoder/layer_norm/gamma".to_owned(), Weight { dims: vec![8], halves: &halves }),
            ("m".to_owned(), Weight { dims: vec![2, 3], halves: &halves }),
        ]);
        let mut net = Net::new(weights).unwrap();
        net.half("m", true).unwrap();
        let turned = Tensor::decode(net.graph.initializer.last().unwrap().as_slice()).unwrap();
        assert_eq!(turned.dims, [3, 2]);
        assert_eq!(turned.raw_data.unwrap(), [1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6, 0]);
    }
}
