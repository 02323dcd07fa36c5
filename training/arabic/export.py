"""Turns a checkpoint into the model that the product ships: batch norms folded, weights as 16-bit floats, answers as
probabilities whose sharpness is fitted on lines of fonts that training did not see."""

import argparse
import pathlib

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn import functional

import fonts
import render
import train
from model import CLASSES, Recogniser
from order import ALPHABET

# Chunks of lines that the sharpness is fitted on; those of `train.check` and `evaluate.py` are others.
FITTED_ON = range(2 * 10**9, 2 * 10**9 + 4)


def temperature(model: Recogniser, folder: pathlib.Path) -> float:
    """What the logits are divided by so that the truth is as likely as the model says: the least CTC loss."""
    answers = []
    with torch.inference_mode():
        lines = train.Lines(0, [], [], fonts.load(folder, "held out"))
        for chunk in FITTED_ON:
            for pictures, places, classes, counts in lines[chunk]:
                answers.append((model(pictures), places, classes, counts))
        losses = {}
        for degree in np.arange(0.6, 3.01, 0.05):
            total = 0.0
            for logits, places, classes, counts in answers:
                shares = (logits / degree).log_softmax(-1).transpose(0, 1)
                # Lines that cannot be told at all would weigh without bound.
                one = functional.ctc_loss(shares, classes, places, counts, reduction="none", zero_infinity=True)
                total += one.clamp(max=20).sum().item()
            losses[float(degree)] = total
    return min(losses, key=losses.get)


class Graph:
    """Nodes of a graph under construction."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def constant(self, values) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def weight(self, values) -> str:
        return self.add("Cast", [self.constant(values.astype(np.float16))], to=TensorProto.FLOAT)

    def add(self, kind: str, inputs: list[str], name: str | None = None, **attributes) -> str:
        name = name or f"x{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def convolution(self, x: str, layer, norm=None) -> str:
        weight = layer.weight.detach().double().numpy()
        bias = np.zeros(len(weight)) if layer.bias is None else layer.bias.detach().double().numpy()
        if norm is not None:
            scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().double().numpy()
            shift = norm.bias.detach().double().numpy() - norm.running_mean.double().numpy() * scale
            weight, bias = weight * scale.reshape(-1, *[1] * (weight.ndim - 1)), bias * scale + shift
        pads = list(layer.padding) * 2
        return self.add(
            "Conv",
            [x, self.weight(weight), self.constant(bias.astype(np.float32))],
            strides=list(layer.stride),
            pads=pads,
            group=layer.groups,
        )


def build(model: Recogniser, degree: float) -> onnx.ModelProto:
    graph = Graph()
    x = "line"
    stages = list(model.look)
    for stage in stages[:7]:
        if hasattr(stage, "body"):
            first, second, norm = stage.body
            y = graph.add("Relu", [graph.convolution(x, first[0], first[1])])
            x = graph.add("Relu", [graph.add("Add", [x, graph.convolution(y, second, norm)])])
        else:
            x = graph.add("Relu", [graph.convolution(x, stage[0], stage[1])])
    x = graph.add("Relu", [graph.convolution(x, stages[7], stages[8])])
    x = graph.add("ReduceMax", [x], axes=[2], keepdims=0)
    for block in model.along:
        near, norm, wide, _, narrow = block.body
        y = graph.convolution(x, near, norm)
        y = graph.convolution(graph.add("Relu", [graph.convolution(y, wide)]), narrow)
        x = graph.add("Add", [x, y])
    with torch.no_grad():
        model.head.weight /= degree
        model.head.bias /= degree
    x = graph.add("Transpose", [graph.convolution(x, model.head)], perm=[0, 2, 1])
    graph.add("Softmax", [x], name="probabilities", axis=-1)
    made = helper.make_graph(
        graph.nodes,
        "arabic_recogniser",
        [helper.make_tensor_value_info("line", TensorProto.FLOAT, ["lines", 1, render.HEIGHT, "width"])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["lines", "places", CLASSES])],
        graph.weights,
    )
    built = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9, producer_name="bonafide")
    helper.set_model_props(
        built,
        {
            "character": "\n".join(ALPHABET),
            "input": f"[lines, 1, {render.HEIGHT}, width] grey, mean 0: (x - mean) / (standard deviation + 4) of each line, x of 0..255",
            "order": "visual, from left to right; class 0 is nothing (CTC), class n is character n",
            "licence": "Apache-2.0",
        },
    )
    onnx.checker.check_model(built, full_check=True)
    return built


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=pathlib.Path, required=True)
    parser.add_argument("--checkpoint", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = Recogniser().eval()
    model.load_state_dict(torch.load(options.checkpoint, weights_only=True)["model"])
    degree = temperature(model, options.fonts)
    options.model.write_bytes(build(model, degree).SerializeToString(deterministic=True))
    print(f"{options.model}: {options.model.stat().st_size} bytes, logits divided by {degree:.2f}")


if __name__ == "__main__":
    main()
