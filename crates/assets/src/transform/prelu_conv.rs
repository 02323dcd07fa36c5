//! `PRelu` as convolutions.
//!
//! `PRelu(x, a)` is `a * x + (1 - a) * Relu(x)`: a 1x1 depthwise convolution of `x` with `a`, plus one of
//! `Relu(x)` with `1 - a`. ONNX Runtime runs `PRelu` value by value, and convolutions with its fast kernels.
//!
//! | model | before | after | the outputs |
//! |---|---|---|---|
//! | SFace, 8-bit weights folded at load | 20.8 ms | 7.6 ms | cosine above 0.999999 |
//! | `fr_liveness` | 5.1 ms | 3.1 ms | logits within 2e-6 |
//!
//! Median of 60 runs on one thread of an x86-64 machine, ONNX Runtime 1.31.1, 2026-11-21; outputs compared on 28
//! aligned faces of the test photos and 20 random images. Storing SFace's weights as floats was tried too: 39 MB
//! in place of 11, and neither faster nor smaller in memory.

use std::collections::{HashMap, HashSet};

use prost::Message as _;

use super::TransformError;
use super::onnx::{Attribute, Graph, Model, Node, Tensor, name_of_tensor};

/// Replaces every `PRelu` with one slope a channel of an image; others stay. Then removes the weights that
/// nothing reads any more, and the graph inputs that the graph itself provides.
pub(super) fn rewrite(model: &mut Model) -> Result<(), TransformError> {
    let graph = &mut model.graph;
    let weights = index_of_weights(graph)?;
    let mut nodes = Vec::with_capacity(graph.node.len());
    let mut replaced = false;
    for node in std::mem::take(&mut graph.node) {
        let Some(split) = split(&node, &graph.initializer, &weights)? else {
            nodes.push(node);
            continue;
        };
        nodes.extend(split.nodes);
        graph.initializer.extend(split.weights);
        replaced = true;
    }
    graph.node = nodes;
    if !replaced {
        return Err(TransformError::Unexpected("it has no PRelu to replace"));
    }
    remove_unread_weights(graph)?;
    remove_provided_inputs(graph)
}

fn index_of_weights(graph: &Graph) -> Result<HashMap<String, usize>, TransformError> {
    graph.initializer.iter().enumerate().map(|(index, tensor)| Ok((name_of_tensor(tensor)?, index))).collect()
}

/// What takes the place of a `PRelu`.
struct Split {
    nodes: [Node; 4],
    weights: [Vec<u8>; 2],
}

fn split(
    node: &Node,
    initializers: &[Vec<u8>],
    weights: &HashMap<String, usize>,
) -> Result<Option<Split>, TransformError> {
    let (Some("PRelu"), [x, slope], [y]) = (node.op_type.as_deref(), &node.input[..], &node.output[..])
    else {
        return Ok(None);
    };
    let Some(&index) = weights.get(slope) else { return Ok(None) };
    let slope = Tensor::decode(&initializers[index][..])?;
    // Three dimensions are broadcast against the last three of an image, so that the first is the channel.
    let (&[channels, 1, 1], Some(kept)) = (&slope.dims[..], slope.floats()) else { return Ok(None) };
    if usize::try_from(channels) != Ok(kept.len()) {
        return Err(TransformError::Unexpected("a slope has not one value a channel"));
    }
    let rest: Vec<f32> = kept.iter().map(|slope| 1.0 - slope).collect();

    let part = |part: &str| format!("{y}/{part}");
    let (kept_weight, rest_weight) = (part("slope"), part("one_minus_slope"));
    let (kept_x, relu_x, rest_x) = (part("kept"), part("relu"), part("rest"));
    let depthwise = || vec![Attribute::int("group", channels), Attribute::ints("kernel_shape", &[1, 1])];
    Ok(Some(Split {
        nodes: [
            make("Conv", [x, &kept_weight], &kept_x, &kept_x, depthwise()),
            make("Relu", [x], &relu_x, &relu_x, vec![]),
            make("Conv", [&relu_x, &rest_weight], &rest_x, &rest_x, depthwise()),
            make("Add", [&kept_x, &rest_x], y, &part("sum"), vec![]),
        ],
        weights: [
            Tensor::of_floats(kept_weight, vec![channels, 1, 1, 1], &kept),
            Tensor::of_floats(rest_weight, vec![channels, 1, 1, 1], &rest),
        ],
    }))
}

fn make<const N: usize>(
    op_type: &str,
    input: [&String; N],
    output: &str,
    name: &str,
    attribute: Vec<Vec<u8>>,
) -> Node {
    Node {
        input: input.map(String::clone).to_vec(),
        output: vec![output.to_owned()],
        name: Some(name.to_owned()),
        op_type: Some(op_type.to_owned()),
        attribute,
        ..Node::default()
    }
}

fn remove_unread_weights(graph: &mut Graph) -> Result<(), TransformError> {
    let outputs = graph.output.iter().filter_map(|output| output.name.as_deref());
    let read: HashSet<&str> =
        graph.node.iter().flat_map(|node| &node.input).map(String::as_str).chain(outputs).collect();
    let mut left = Vec::with_capacity(graph.initializer.len());
    for tensor in std::mem::take(&mut graph.initializer) {
        if read.contains(&*name_of_tensor(&tensor)?) {
            left.push(tensor);
        }
    }
    graph.initializer = left;
    Ok(())
}

/// An input is what must be fed. SFace declares its weights as inputs too, among them some that its own nodes
/// compute, which ONNX Runtime then demands; and weights that are inputs are not folded.
fn remove_provided_inputs(graph: &mut Graph) -> Result<(), TransformError> {
    let read: HashSet<&String> = graph.node.iter().flat_map(|node| &node.input).collect();
    let mut provided: HashSet<String> =
        graph.node.iter().flat_map(|node| node.output.iter().cloned()).collect();
    provided.extend(index_of_weights(graph)?.into_keys());
    graph.input.retain(|input| {
        input.name.as_ref().is_some_and(|name| read.contains(name) && !provided.contains(name))
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{self, names};
    use super::super::{Transform, TransformError, onnx};
    use super::*;

    fn two_channels() -> samples::Sample {
        samples::graph()
            .input("x", &[1, 2, 4, 4])
            .input("slope", &[2, 1, 1])
            .input("computed", &[1, 2, 4, 4])
            .weight("slope", &[2, 1, 1], &[0.25, -0.5])
            .weight("unread", &[1], &[9.0])
            .node("Relu", &["x"], "computed")
            .node("PRelu", &["computed", "slope"], "y")
            .output("y", &[1, 2, 4, 4])
    }

    #[test]
    fn a_prelu_becomes_two_depthwise_convolutions() {
        let bytes = Transform::PreluConv.apply(&two_channels().encode()).unwrap();
        let graph = onnx::decode(&bytes).unwrap().graph;
        let nodes: Vec<_> = graph
            .node
            .iter()
            .map(|n| (n.op_type.as_deref().unwrap(), n.input.join(" "), &*n.output[0]))
            .collect();
        assert_eq!(
            nodes,
            [
                ("Relu", "x".to_owned(), "computed"),
                ("Conv", "computed y/slope".to_owned(), "y/kept"),
                ("Relu", "computed".to_owned(), "y/relu"),
                ("Conv", "y/relu y/one_minus_slope".to_owned(), "y/rest"),
                ("Add", "y/kept y/rest".to_owned(), "y"),
            ]
        );
        let weights: Vec<_> =
            graph.initializer.iter().map(|tensor| Tensor::decode(&tensor[..]).unwrap()).collect();
        assert_eq!(
            weights.iter().map(|w| w.name.as_deref().unwrap()).collect::<Vec<_>>(),
            ["y/slope", "y/one_minus_slope"]
        );
        assert_eq!(weights[0].floats().unwrap(), [0.25, -0.5]);
        assert_eq!(weights[1].floats().unwrap(), [0.75, 1.5]);
        assert!(weights.iter().all(|weight| weight.dims == [2, 1, 1, 1]));
    }

    #[test]
    fn only_inputs_that_must_be_fed_are_left() {
        let bytes = Transform::PreluConv.apply(&two_channels().encode()).unwrap();
        assert_eq!(names(&onnx::decode(&bytes).unwrap().graph.input), ["x"]);
    }

    #[test]
    fn the_two_convolutions_add_up_to_the_prelu() {
        for slope in [-2.0_f32, -0.5, 0.0, 0.25, 1.0, 3.0] {
            for x in [-7.5_f32, -1.0, 0.0, 0.5, 8.0] {
                let prelu = if x < 0.0 { slope * x } else { x };
                assert!((slope * x + (1.0 - slope) * x.max(0.0) - prelu).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn a_prelu_over_a_vector_stays() {
        let vector = two_channels()
            .weight("flat", &[8], &[0.5; 8])
            .node("PRelu", &["y", "flat"], "z")
            .output("z", &[1, 8]);
        let bytes = Transform::PreluConv.apply(&vector.encode()).unwrap();
        let graph = onnx::decode(&bytes).unwrap().graph;
        assert_eq!(graph.node.last().unwrap().op_type.as_deref(), Some("PRelu"));
    }

    #[test]
    fn a_model_without_prelu_is_refused() {
        let graph = samples::graph().input("x", &[1]).node("Relu", &["x"], "y").output("y", &[1]);
        assert!(matches!(Transform::PreluConv.apply(&graph.encode()), Err(TransformError::Unexpected(_))));
    }

    #[test]
    fn the_output_is_the_same_each_time() {
        let bytes = two_channels().encode();
        assert_eq!(Transform::PreluConv.apply(&bytes).unwrap(), Transform::PreluConv.apply(&bytes).unwrap());
    }
}
