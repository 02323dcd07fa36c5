#!/usr/bin/env python3
"""faiss's exhaustive indexes beside the one-to-many search of `bonafide`: the same faces, one thread, in turns.

    pip install -r peers/requirements.txt
    cargo bench -p engine --bench search -- --peer "python3 peers/faiss_search.py"

The benchmark makes the faces, starts this with two files of 128 little-endian f32 a face (members, probes), and then
asks, one question a line:

    ready               answered when both indexes stand
    flat START COUNT    milliseconds of COUNT searches, one probe at a time, with IndexFlatIP: f32, exact
    sq8 START COUNT     the same with IndexScalarQuantizer(QT_8bit): 8 bits a number, not exact
    found               the member that each index finds for every probe, and the version of faiss
"""

import json
import sys
import time

import faiss
import numpy as np

LENGTH = 128


def main():
    faiss.omp_set_num_threads(1)
    members, probes = (np.fromfile(path, "<f4").reshape(-1, LENGTH) for path in sys.argv[1:3])
    indexes = {
        "flat": faiss.IndexFlatIP(LENGTH),
        "sq8": faiss.IndexScalarQuantizer(LENGTH, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT),
    }
    for index in indexes.values():
        index.train(members)
        index.add(members)
    del members

    for line in sys.stdin:
        question, *numbers = line.split()
        if question == "ready":
            answer = {"ready": True}
        elif question == "found":
            answer = {name: index.search(probes, 1)[1][:, 0].tolist() for name, index in indexes.items()}
            answer["version"] = faiss.__version__
        else:
            start, count = map(int, numbers)
            times = []
            for number in range(start, start + count):
                probe = probes[number % len(probes)][None]
                begun = time.perf_counter()
                indexes[question].search(probe, 1)
                times.append((time.perf_counter() - begun) * 1e3)
            answer = {"ms": times}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
