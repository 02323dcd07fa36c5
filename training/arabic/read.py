"""Reads lines with an exported model, as the product does."""

import cv2
import numpy as np
import onnxruntime

import render
from order import ALPHABET, logical


# As in the product.
CLEAR, CLOSER = 0.8, (0.7, 0.5)


class Reader:
    def __init__(self, path: str):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        if picture.ndim == 3:
            picture = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        return self.session.run(None, {"line": render.standard(picture)[None, None]})[0][0]

    def shown(self, picture: np.ndarray, expected: np.ndarray) -> tuple[str, list[float], float]:
        """Characters from left to right, where each stands as a share of the width, and how likely the line says just
        these among all that is known. `expected` has a 1 for each class that may be read."""
        rows = self.probabilities(picture)
        best = (rows * expected).argmax(-1)
        first = [i for i, (c, before) in enumerate(zip(best, [0, *best])) if c and c != before]
        kept = [int(best[i]) for i in first]
        return "".join(ALPHABET[c - 1] for c in kept), [(i + 0.5) / len(rows) for i in first], likelihood(rows, kept)

    def glance(self, picture: np.ndarray, expected: str = ALPHABET) -> tuple[str, float]:
        """The same by one look at the whole height, in logical order."""
        shown, _, sure = self.shown(picture, allow(expected))
        return logical(shown), sure

    def __call__(self, picture: np.ndarray, expected: str = ALPHABET) -> tuple[str, float]:
        """The line in logical order and how likely it is just this. Where the first look is not clear, digits are looked
        for in the middle of the height, too."""
        shown, _, sure = self.shown(picture, allow(expected))
        for share in CLOSER if sure < CLEAR else ():
            cut = round(picture.shape[0] * (1 - share) / 2)
            closer, _, likely = self.shown(picture[cut : picture.shape[0] - cut], allow(expected))
            if closer and set(closer) <= set(DIGITS) and likely > sure:
                shown, sure = closer, likely
        return logical(shown), sure


def allow(expected: str) -> np.ndarray:
    """A 1 for nothing and for each character of `expected`."""
    return np.array([1.0, *(float(c in expected) for c in ALPHABET)])


# What a line of a card may say: `Expected` of the product.
ARABIC = "".join(c for c in ALPHABET if not (c.isascii() and c.isalnum()))
DIGITS = "٠١٢٣٤٥٦٧٨٩/-."


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
