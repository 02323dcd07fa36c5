"""Reads lines with an exported model, as the product does."""

import cv2
import numpy as np
import onnxruntime

import render
from order import ALPHABET, logical


class Reader:
    def __init__(self, path: str):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        if picture.ndim == 3:
            picture = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        return self.session.run(None, {"line": render.standard(picture)[None, None]})[0][0]

    def shown(self, picture: np.ndarray) -> tuple[str, float]:
        """Characters from left to right, and how likely the line says just these."""
        rows = self.probabilities(picture)
        best = rows.argmax(-1)
        kept = [int(c) for c, before in zip(best, [0, *best]) if c and c != before]
        return "".join(ALPHABET[c - 1] for c in kept), likelihood(rows, kept)

    def __call__(self, picture: np.ndarray) -> tuple[str, float]:
        shown, sure = self.shown(picture)
        return logical(shown), sure


def likelihood(rows: np.ndarray, classes: list[int]) -> float:
    """The probability of `classes` over all their alignments: the forward pass of CTC."""
    states = [0]
    for c in classes:
        states += [c, 0]
    states = np.array(states)
    may_skip = np.zeros(len(states), bool)
    may_skip[3::2] = states[3::2] != states[1:-2:2]
    sums = np.zeros(len(states))
    sums[:2] = rows[0, states[:2]]
    for row in rows[1:].astype(float):
        before = sums.copy()
        sums[1:] += before[:-1]
        sums[2:] += np.where(may_skip[2:], before[:-2], 0)
        sums *= row[states]
    return float(sums[-2:].sum())
