#!/usr/bin/env python3
"""OpenCV's face pipeline beside `bonafide`: the same model files, the same photos.

The peer is what OpenCV offers for this: FaceDetectorYN (YuNet, whole photo, score threshold 0.6), the largest face,
FaceRecognizerSF (alignCrop, feature; SFace). It runs the files that `bonafide assets pull` fetched, as they came out
of their packages, with one change: OpenCV 5.0 refuses the SFace file, since it lists its weights among the inputs of
the graph, so that these names are struck off in a temporary copy. The answers do not change by it.

    pip install -r peers/requirements.txt
    cargo build --release && target/release/bonafide assets pull

Paths in PAIRS.csv (columns path1,path2,same and optionally fold) are relative to DATA.

What OpenCV makes of each photo, and whether `bonafide` makes the same of it, given the same five points:
    python3 peers/opencv_face.py reference PAIRS.csv --root DATA --out reference.jsonl
    target/release/bonafide bench parity reference.jsonl --root DATA

Accuracy and false non-matches side by side, after the rules of `bonafide bench face`. Where a photo shows bystanders,
the largest face may be the wrong one; a reference made with `--main front` takes the face that `bonafide` would take,
so that what is left is the difference of the detection, the alignment and the embedding:
    python3 peers/opencv_face.py accuracy PAIRS.csv reference.jsonl --root DATA

Speed side by side on one core, in turns, from the files to the embeddings, without loading the models:
    python3 peers/opencv_face.py speed --pairs PAIRS.csv --root DATA --rounds 3
    python3 peers/opencv_face.py speed --photos FOLDER
"""

import argparse
import csv
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")

import cv2
import numpy as np
import onnx

SCORE_THRESHOLD = 0.6
FMRS = {"1e-2": 1e-2, "1e-3": 1e-3, "1e-4": 1e-4}


def bonafide(program, *arguments):
    """The JSON document that a command of `bonafide` prints."""
    command = [program, *map(str, arguments), "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def largest(face, _photo):
    return face[2] * face[3]


def front(face, photo):
    """The area, less for a face far from the middle: the rule of `bonafide`."""
    centre = np.array(photo.shape[1::-1]) / 2
    off_centre = np.linalg.norm(face[:2] + face[2:4] / 2 - centre) / np.linalg.norm(centre)
    return face[2] * face[3] * (1 - 0.75 * min(off_centre, 1))


MAIN_FACE = {"largest": largest, "front": front}


class Models:
    """The files of YuNet and SFace, as they came out of their packages."""

    def __init__(self, program):
        self.sha256 = {}
        entries = {entry["id"]: entry for entry in bonafide(program, "assets", "list")}
        self.yunet, self.sface = (self._raw(entries[name]) for name in ("yunet", "sface"))

    def _raw(self, entry):
        # `path` may be the file that was rewritten for `bonafide`; the one it was made from lies beside it.
        path = Path(entry["path"]).with_name(entry["file"])
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != entry["sha256"]:
            sys.exit(f"{path} is damaged: delete it and run `bonafide assets pull`")
        self.sha256[entry["file"]] = found
        return path


class Pipeline:
    """OpenCV's detector, alignment and embedding."""

    def __init__(self, models, main_face="largest"):
        self.weigh = MAIN_FACE[main_face]
        self.detector = cv2.FaceDetectorYN.create(str(models.yunet), "", (320, 320), SCORE_THRESHOLD)
        network = onnx.load(models.sface)
        inputs = [value for value in network.graph.input if value.name == "data"]
        del network.graph.input[:]
        network.graph.input.extend(inputs)
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/sface.onnx"
            onnx.save(network, path)
            self.recognizer = cv2.FaceRecognizerSF.create(path, "")

    def embed(self, path):
        """The five points and the unit embedding of the largest face; None without a face."""
        photo = cv2.imread(str(path))
        if photo is None:
            return None
        self.detector.setInputSize((photo.shape[1], photo.shape[0]))
        faces = self.detector.detect(photo)[1]
        if faces is None:
            return None
        face = max(faces, key=lambda face: self.weigh(face, photo))
        embedding = self.recognizer.feature(self.recognizer.alignCrop(photo, face))[0]
        return face[4:14].reshape(5, 2), embedding / np.linalg.norm(embedding)


def read_pairs(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def photos_of(pairs):
    return sorted({pair[column] for pair in pairs for column in ("path1", "path2")})


def reference(args):
    pipeline = Pipeline(Models(args.bonafide), args.main)
    missed = []
    photos = photos_of([pair for path in args.pairs for pair in read_pairs(path)])
    with open(args.out, "w") as out:
        for photo in photos:
            found = pipeline.embed(args.root / photo)
            if found is None:
                missed.append(photo)
                continue
            points, embedding = found
            row = {"path": photo, "points": points.tolist(), "embedding": embedding.tolist()}
            print(json.dumps(row), file=out)
    return {"photos": len(photos), "failed_to_acquire": len(missed), "missed": missed}


def best_threshold(scores, same):
    """The threshold with the most right answers; of equally good ones the lowest."""
    order = np.argsort(scores, kind="stable")
    scores, same = scores[order], same[order]
    # Right answers when the first n scores are called different people.
    right = np.concatenate([[same.sum()], same.sum() + np.cumsum(np.where(same, -1, 1))])
    # A threshold cannot part equal scores.
    right[1:-1][scores[1:] == scores[:-1]] = -1
    best = int(right.argmax())
    if best == 0:
        return scores[0]
    if best == len(scores):
        return np.nextafter(scores[-1], np.float32(np.inf))
    return max((scores[best - 1] + scores[best]) / 2, np.nextafter(scores[best - 1], np.float32(np.inf)))


def protocol_accuracy(pairs, embeddings):
    """Share of the pairs told right; with folds, each is judged by the threshold that is best on the others."""
    found = [(embeddings.get(pair["path1"]), embeddings.get(pair["path2"])) for pair in pairs]
    # A pair without a face is told apart.
    scores = np.array([-2 if a is None or b is None else a @ b for a, b in found], np.float32)
    same = np.array([pair["same"].lower() in ("1", "true") for pair in pairs])
    folds = np.array([pair.get("fold") or "" for pair in pairs])
    names = np.unique(folds)
    if len(names) < 2 or "" in names:
        return float(((scores >= best_threshold(scores, same)) == same).mean())
    of_folds = []
    for name in names:
        test = folds == name
        threshold = best_threshold(scores[~test], same[~test])
        of_folds.append(((scores[test] >= threshold) == same[test]).mean())
    return float(np.mean(of_folds))


def all_against_all(embeddings):
    """Cosines of the pairs of one person and of different people; a folder is a person."""
    photos = sorted(embeddings)
    people = np.unique([str(Path(photo).parent) for photo in photos], return_inverse=True)[1]
    matrix = np.stack([embeddings[photo] for photo in photos])
    genuine, impostor = [], []
    for index in range(len(photos) - 1):
        cosines = matrix[index + 1 :] @ matrix[index]
        same = people[index + 1 :] == people[index]
        genuine.append(cosines[same])
        impostor.append(cosines[~same])
    return np.concatenate(genuine), np.sort(np.concatenate(impostor))[::-1]


def accuracy(args):
    pairs = read_pairs(args.pairs)
    if any((Path(p["path1"]).parent == Path(p["path2"]).parent) != (p["same"] in ("1", "true")) for p in pairs):
        sys.exit(f"{args.pairs}: its photos do not lie in one folder a person")
    photos = set(photos_of(pairs))
    with open(args.reference) as file:
        rows = [json.loads(line) for line in file]
    embeddings = {row["path"]: np.array(row["embedding"], np.float32) for row in rows if row["path"] in photos}
    genuine, impostor = all_against_all(embeddings)
    points = {}
    for name, fmr in FMRS.items():
        allowed = int(len(impostor) * fmr + 1e-9)
        # The first impostor that must not pass: a genuine pair has to score higher.
        false_non_matches = int((genuine <= impostor[allowed]).sum()) if allowed else None
        points[name] = allowed and {
            "fnmr": false_non_matches / len(genuine),
            "false_non_matches": false_non_matches,
            "threshold_cosine": float(impostor[allowed]),
        }
    opencv = {
        "photos": len(photos),
        "failed_to_acquire": len(photos) - len(embeddings),
        "accuracy": protocol_accuracy(pairs, embeddings),
        "genuine_pairs": len(genuine),
        "impostor_pairs": len(impostor),
        "fnmr_at_fmr": points,
    }
    ours = bonafide(args.bonafide, "bench", "face", args.pairs, "--root", args.root)
    return {"opencv": opencv, "bonafide": {key: ours[key] for key in opencv}}


def speed(args):
    # One core, for this process and for its children.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    models = Models(args.bonafide)
    pipeline = Pipeline(models)
    with tempfile.TemporaryDirectory() as folder:
        pairs, root = args.pairs, args.root
        if args.photos:
            pairs, root = Path(folder) / "pairs.csv", args.photos
            write_pairs(pairs, args.photos)
        paths = [root / photo for photo in photos_of(read_pairs(pairs))]
        def opencv():
            started = time.perf_counter()
            missed = sum(pipeline.embed(path) is None for path in paths)
            return len(paths) / (time.perf_counter() - started), missed

        def ours():
            report = bonafide(args.bonafide, "bench", "face", pairs, "--root", root, "--threads", 1)
            return report["photos_per_second"], report["failed_to_acquire"]

        sides = {"opencv": opencv, "bonafide": ours}
        rates = {side: [] for side in sides}
        missed = {}
        # OpenCV is half as fast on photos of sizes it has not seen before: it gets a pass that does not count.
        opencv()
        for number in range(args.rounds):
            # Each side goes first in turn, so that a machine that slows down favours none.
            for side in list(sides)[:: -1 if number % 2 else 1]:
                rate, missed[side] = sides[side]()
                rates[side].append(rate)
    ratios = [ours / theirs for ours, theirs in zip(rates["bonafide"], rates["opencv"])]
    return {
        "photos": len(paths),
        "photos_per_second": {side: statistics.median(of_side) for side, of_side in rates.items()},
        "photos_per_second_by_round": rates,
        "failed_to_acquire": missed,
        "bonafide_to_opencv": {"rounds": ratios, "median": statistics.median(ratios)},
        "versions": {
            "opencv": cv2.__version__,
            "numpy": np.__version__,
            "python": sys.version.split()[0],
            "bonafide": subprocess.check_output([args.bonafide, "--version"], text=True).split()[-1],
        },
        "models_sha256": models.sha256,
    }


def write_pairs(path, folder):
    """Names each photo of `folder` in a list of pairs; who is on them does not matter."""
    photos = sorted(photo.name for photo in folder.iterdir() if photo.suffix.lower() in (".jpg", ".jpeg"))
    if not photos:
        sys.exit(f"there is no JPEG photo in {folder}")
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path1", "path2", "same"])
        rows.writerows([photo, photos[index - 1], 0] for index, photo in enumerate(photos))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bonafide", default="target/release/bonafide", help="the program [%(default)s]")
    commands = parser.add_subparsers(required=True)

    command = commands.add_parser("reference", help="write OpenCV's points and embeddings")
    command.add_argument("pairs", nargs="+", type=Path)
    command.add_argument("--root", type=Path, default=Path())
    command.add_argument("--out", type=Path, required=True)
    command.add_argument("--main", choices=MAIN_FACE, default="largest", help="which face counts [%(default)s]")
    command.set_defaults(run=reference)

    command = commands.add_parser("accuracy", help="error rates side by side")
    command.add_argument("pairs", type=Path)
    command.add_argument("reference", type=Path)
    command.add_argument("--root", type=Path, default=Path())
    command.set_defaults(run=accuracy)

    command = commands.add_parser("speed", help="photos a second side by side, on one core")
    source = command.add_mutually_exclusive_group(required=True)
    source.add_argument("--pairs", type=Path)
    source.add_argument("--photos", type=Path, help="a folder of JPEG photos")
    command.add_argument("--root", type=Path, default=Path())
    command.add_argument("--rounds", type=int, default=3)
    command.set_defaults(run=speed)

    args = parser.parse_args()
    print(json.dumps(args.run(args), indent=2))


if __name__ == "__main__":
    main()
