//! YuNet with height and width left open.
//!
//! The graph is fully convolutional: its `Resize` nodes scale by two, and its `Reshape` nodes have -1 for the
//! anchors, so that only the declared shapes tie it to 640 by 640.

use super::TransformError;
use super::onnx::{Dim, Model, ValueInfo};

/// Makes the spatial dimensions of the input `height` and `width`, those of the outputs `anchors_STRIDE`, and
/// removes the declared shapes in between.
pub(super) fn rewrite(model: &mut Model) -> Result<(), TransformError> {
    let graph = &mut model.graph;
    let [input] = &mut graph.input[..] else {
        return Err(TransformError::Unexpected("it has not exactly one input"));
    };
    match input.dims_mut().map(Vec::as_mut_slice) {
        Some([_, _, height, width]) => {
            *height = Dim::symbolic("height");
            *width = Dim::symbolic("width");
        }
        _ => return Err(TransformError::Unexpected("its input is not an image")),
    }
    for output in &mut graph.output {
        let anchors = anchors_of(output)?;
        match output.dims_mut().map(Vec::as_mut_slice) {
            Some([_, count, _]) => *count = anchors,
            _ => return Err(TransformError::Unexpected("an output is not a list of anchors")),
        }
    }
    graph.value_info.clear();
    Ok(())
}

/// Outputs of one stride, such as `cls_8` and `bbox_8`, share their number of anchors.
fn anchors_of(output: &ValueInfo) -> Result<Dim, TransformError> {
    output
        .name
        .as_deref()
        .and_then(|name| name.rsplit_once('_'))
        .map(|(_, stride)| Dim::symbolic(&format!("anchors_{stride}")))
        .ok_or(TransformError::Unexpected("an output's name does not end with its stride"))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{self, dims};
    use super::super::{Transform, TransformError, onnx};

    #[test]
    fn sizes_become_names() {
        let graph = samples::graph()
            .input("input", &[1, 3, 640, 640])
            .node("Conv", &["input"], "a")
            .value_info("a")
            .output("cls_8", &[1, 6400, 1])
            .output("kps_32", &[1, 400, 10]);
        let rewritten = Transform::YunetDynamic.apply(&graph.encode()).unwrap();
        let model = onnx::decode(&rewritten).unwrap();
        assert_eq!(dims(&model.graph.input[0]), ["1", "3", "height", "width"]);
        assert_eq!(dims(&model.graph.output[0]), ["1", "anchors_8", "1"]);
        assert_eq!(dims(&model.graph.output[1]), ["1", "anchors_32", "10"]);
        assert!(model.graph.value_info.is_empty());
        assert_eq!(model.graph.node.len(), 1, "nodes are left alone");
    }

    #[test]
    fn another_model_is_refused() {
        let two_inputs = samples::graph().input("a", &[1, 3, 4, 4]).input("b", &[1, 3, 4, 4]);
        let no_image = samples::graph().input("a", &[1, 3]);
        let no_anchors = samples::graph().input("a", &[1, 3, 4, 4]).output("cls_8", &[1]);
        for graph in [two_inputs, no_image, no_anchors] {
            let refused = Transform::YunetDynamic.apply(&graph.encode());
            assert!(matches!(refused, Err(TransformError::Unexpected(_))));
        }
    }

    #[test]
    fn what_is_no_model_is_refused() {
        assert!(matches!(Transform::YunetDynamic.apply(b"\xff\xff"), Err(TransformError::NotOnnx(_))));
        // Field 99, of which this program knows nothing.
        let mut unknown = samples::graph().input("input", &[1, 3, 640, 640]).encode();
        unknown.extend([0x98, 0x06, 0x01]);
        assert!(matches!(Transform::YunetDynamic.apply(&unknown), Err(TransformError::Lossy)));
    }
}
