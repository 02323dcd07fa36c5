"""Measures a recogniser: on drawn lines of fonts that training never saw (`own`), or on labelled pictures.

    python evaluate.py own    --fonts DIR --model FILE
    python evaluate.py lines  LIST.csv --model FILE --root DIR     path, kind = line, ascii, font, degradation
    python evaluate.py cards  LIST.json --model FILE --root DIR    path, fields, boxes_before_degradation
    python evaluate.py plates LIST.csv --model FILE --root DIR     path, digits_ascii

`--reader persian` reads with ParisaOCR's weights (`--model` is their ONNX form), `--reader tesseract` with the program
`tesseract` (`--model` is the folder of its `ara.traineddata`).
"""

import argparse
import collections
import csv
import itertools
import json
import math
import pathlib
import random
import subprocess
import time

import cv2
import numpy as np

import fonts
import render
import train
from order import ARABIC_DIGITS, logical
from read import ARABIC, DIGITS, Reader

WESTERN = str.maketrans(ARABIC_DIGITS + "۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2)
OWN_CHUNK, OWN_LINES = 3 * 10**9, 400
LEVELS = (0.0, 0.33, 0.66, 1.0)


class Persian:
    """ParisaOCR's Persian weights: 96 rows, inverted grey, 16 pixels of paper on both sides, visual order."""

    def __init__(self, path: str):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.characters = self.session.get_modelmeta().custom_metadata_map["character"].split("\n")

    def __call__(self, picture):
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if picture.ndim == 3 else picture
        wide = max(32, round(grey.shape[1] * 96 / grey.shape[0]))
        x = 1 - cv2.resize(grey, (wide, 96), interpolation=cv2.INTER_LINEAR).astype(np.float32) / 255
        x = np.pad(x, ((0, 0), (16, 16)), mode="edge")
        rows = self.session.run(None, {"x": np.repeat(x[None, None], 3, 1)})[0][0]
        best = rows.argmax(-1)
        kept = [(c, rows[i, c]) for i, (c, before) in enumerate(zip(best, [0, *best])) if c and c != before]
        text = "".join(self.characters[c - 1] for c, _ in kept)
        text = text.translate(str.maketrans("یک", "يك")).translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", ARABIC_DIGITS))
        return logical(text), float(np.prod([p for _, p in kept])) if kept else 0.0


class Tesseract:
    """Tesseract's line mode; pictures are brought to 60 rows, since it reads small print badly."""

    def __init__(self, folder: str):
        self.folder = folder

    def __call__(self, picture):
        scale = 60 / picture.shape[0]
        big = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        png = cv2.imencode(".png", cv2.copyMakeBorder(big, 10, 10, 10, 10, cv2.BORDER_REPLICATE))[1].tobytes()
        command = ["tesseract", "stdin", "stdout", "--tessdata-dir", self.folder, "-l", "ara", "--psm", "7"]
        answer = subprocess.run(command, input=png, capture_output=True, env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin"})
        text = answer.stdout.decode().strip()
        return "".join(c for c in text if c not in "\u200e\u200f\u202a\u202b\u202c"), 1.0


READERS = {"ours": Reader, "persian": Persian, "tesseract": Tesseract}


def wilson(right: int, whole: int) -> str:
    if not whole:
        return "none"
    z, share = 1.959964, right / whole
    middle = share + z * z / (2 * whole)
    spread = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    low, high = (middle - spread) / (1 + z * z / whole), (middle + spread) / (1 + z * z / whole)
    return f"{right} of {whole}, {100 * share:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def digits(text: str) -> str:
    return "".join(c for c in text.translate(WESTERN) if c in "0123456789")


def own(options, reader):
    """Lines drawn at four levels of damage with fonts that were held out."""
    known = fonts.load(options.fonts, "held out")
    pairs = []
    for number, level in enumerate(LEVELS):
        rng, noise = random.Random(f"{train.SEED} own {number}"), np.random.default_rng([train.SEED, OWN_CHUNK, number])
        right, errors, characters, kinds, seen = 0, 0, 0, collections.Counter(), 0
        while seen < OWN_LINES:
            picture, shown = render.sample(rng, noise, known, hard=level)
            if not render.readable(render.standard(picture), shown):
                continue
            seen += 1
            text, truth = reader(picture), logical(shown)
            exact = text[0] == truth
            pairs.append((text[1], exact))
            right += exact
            errors += distance(text[0], truth)
            characters += len(truth)
            kind = "digits" if not any(c.isalpha() for c in truth) else "letters"
            kinds[kind, exact] += 1
        numbers = wilson(kinds["digits", True], kinds["digits", True] + kinds["digits", False])
        letters = wilson(kinds["letters", True], kinds["letters", True] + kinds["letters", False])
        print(f"damage {level:.2f}: exact {wilson(right, seen)}; CER {100 * errors / characters:.2f} %; digits {numbers}; letters {letters}")
    for least in (0.0, 0.5, 0.7, 0.8, 0.9, 0.95):
        kept = [exact for sure, exact in pairs if sure >= least]
        print(f"confidence from {least}: kept {len(kept)} of {len(pairs)}, wrong {wilson(kept.count(False), len(kept))}")


def lines(options, reader):
    tally, times, misses = collections.defaultdict(lambda: [0, 0]), [], []
    for row in csv.DictReader(options.list.open()):
        if row["kind"] != "line":
            continue
        picture = cv2.imread(str(options.root / row["path"]))
        began = time.perf_counter()
        text, sure = reader(picture)
        times.append(time.perf_counter() - began)
        exact = text.translate(WESTERN) == row["ascii"]
        for key in (f"degradation {row['degradation']}", f"font {row['font']}", "all"):
            tally[key][0] += exact
            tally[key][1] += 1
        if not exact:
            misses.append((row["path"], row["font"], row["ascii"], text.translate(WESTERN), round(sure, 3)))
    report(tally, times, misses, options.misses)


def report(tally, times, misses, tell):
    for key, (right, whole) in sorted(tally.items()):
        print(f"{key}: {wilson(right, whole)}")
    print(f"median {1000 * sorted(times)[len(times) // 2]:.1f} ms")
    for miss in misses if tell else ():
        print(*miss)


def cards(options, reader):
    """Fields cut where they stand on the undamaged card, with a margin of 0.25 heights; `--least` is the confidence
    below which a field is left open."""
    tally, times, misses = collections.defaultdict(lambda: [0, 0]), [], []
    for card in json.loads(options.list.read_text()):
        picture = cv2.imread(str(options.root / card["path"]))
        scale = picture.shape[1] / 1012
        level = card["degradation"]
        for field, (x0, y0, x1, y1) in card["boxes_before_degradation"].items():
            truth = card["dob"].replace("-", "/") if field == "dob" else card[field]
            margin = 0.25 * (y1 - y0)
            x0, y0 = max(0, int((x0 - margin) * scale)), max(0, int((y0 - margin) * scale))
            crop = picture[y0 : int((y1 + margin) * scale), x0 : int((x1 + margin) * scale)]
            began = time.perf_counter()
            numeric = field in ("national_id", "dob")
            ours = isinstance(reader, Reader)
            text, sure = reader(crop, DIGITS if numeric else ARABIC) if ours else reader(crop)
            times.append(time.perf_counter() - began)
            exact = text.translate(WESTERN) == truth if numeric else text == truth
            bucket = "degradation 3" if level == 3 else "degradation 0 to 2"
            tally[f"{bucket}: {field}"][0] += exact
            tally[f"{bucket}: {field}"][1] += 1
            told = bool(text) and sure >= options.least
            tally[f"{bucket}: told"][0] += told
            tally[f"{bucket}: told"][1] += 1
            tally[f"{bucket}: told and wrong"][0] += told and not exact
            tally[f"{bucket}: told and wrong"][1] += 1
            if not exact:
                misses.append((card["path"], level, card["font"], field, truth, text, round(sure, 3)))
    report(tally, times, misses, options.misses)


# Where the digits of a plate stand, in shares of its width and height: in the left half, below the band with the
# country's name. Where that ends differs by how the picture was cut. A fifth digit is the frame at the left: then the cuts
# begin farther to the right.
PLATE_DOWN = ((0.38, 0.95), (0.44, 0.90), (0.36, 0.88), (0.42, 1.0))
PLATE_LEFT, PLATE_RIGHT = (0.06, 0.09, 0.12), 0.53
# Each cut is read as it is and wider.
PLATE_STRETCH = (1.0, 1.25)


def plates(options, reader):
    """Several cuts are read, the likeliest reading of one to four digits is taken; so does `bonafide bench arabic`."""
    tally, times, misses = collections.defaultdict(lambda: [0, 0]), [], []
    for row in csv.DictReader(options.list.open()):
        picture = cv2.imread(str(options.root / row["path"]))
        height, width = picture.shape[:2]
        began = time.perf_counter()
        best = ("", -1.0)
        for left in PLATE_LEFT:
            for (top, bottom), wider in itertools.product(PLATE_DOWN, PLATE_STRETCH):
                rows = slice(round(top * height), max(round(bottom * height), round(top * height) + 8))
                cut = picture[rows, round(left * width) : round(PLATE_RIGHT * width)]
                cut = cv2.resize(cut, None, fx=wider, fy=1)
                text, sure = reader.glance(cut, DIGITS) if isinstance(reader, Reader) else reader(cut)
                if sure > best[1] and 1 <= len(digits(text)) <= 4:
                    best = (text, sure)
            if best[0]:
                break
        times.append(time.perf_counter() - began)
        exact = digits(best[0]) == row["digits_ascii"]
        tally["digits exact"][0] += exact
        tally["digits exact"][1] += 1
        if not exact:
            misses.append((row["path"], row["digits_ascii"], best[0], round(best[1], 3)))
    report(tally, times, misses, options.misses)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("own", "lines", "cards", "plates"))
    parser.add_argument("list", type=pathlib.Path, nargs="?")
    parser.add_argument("--model", required=True)
    parser.add_argument("--reader", choices=READERS, default="ours")
    parser.add_argument("--fonts", type=pathlib.Path)
    parser.add_argument("--root", type=pathlib.Path)
    parser.add_argument("--least", type=float, default=0.95)
    parser.add_argument("--misses", action="store_true", help="tell what was read wrongly")
    options = parser.parse_args()
    globals()[options.what](options, READERS[options.reader](options.model))


if __name__ == "__main__":
    main()
