#!/usr/bin/env python3
"""PassportEye's reading of machine-readable zones beside `bonafide bench document`: the same pictures, in turns.

PassportEye needs the program tesseract. Both run on one core here: start this with `taskset -c 0`.

    pip install -r peers/requirements.txt
    cargo build --release
    taskset -c 0 python3 peers/passporteye_mrz.py MANIFEST.csv --root DATA --rounds 3

MANIFEST.csv has the columns path,mrz; the lines of the zone are joined by |. Exact means every character; PassportEye's
fields are compared after its own clean-up (number, dates, names). `bonafide` reads the portrait and all printed fields
too, which PassportEye does not.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import time
import warnings

# It speaks of parts of its own libraries that will go away, twice a picture.
warnings.filterwarnings("ignore")

from passporteye import read_mrz


def fields(lines):
    """Number, birth, expiry, surname and given names of TD3, TD2 and visas: their first two lines hold them alike."""
    first, second = lines[0], lines[1]
    surname, _, names = first[5:].partition("<<")
    return {
        "number": second[0:9].rstrip("<"),
        "date_of_birth": second[13:19],
        "expiration_date": second[21:27],
        "surname": surname.replace("<", " ").strip(),
        "names": names.replace("<", " ").strip(),
    }


def peer(rows, root):
    times, exact, same = [], 0, 0
    for row in rows:
        begun = time.perf_counter()
        zone = read_mrz(os.path.join(root, row["path"]))
        times.append((time.perf_counter() - begun) * 1000)
        if zone is None:
            continue
        truth = row["mrz"].split("|")
        read = [line.strip() for line in zone.aux.get("text", "").split("\n") if line.strip()]
        exact += read == truth
        found = zone.to_dict()
        wanted = fields(truth)
        cleaned = {name: str(found.get(name, "")).strip().rstrip("<") for name in wanted}
        same += len(truth) == 2 and cleaned == wanted
    return times, exact, same


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("manifest")
    parser.add_argument("--root", default=".")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bonafide", default="target/release/bonafide")
    options = parser.parse_args()
    with open(options.manifest, newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["mrz"]]
    ratios = []
    for turn in range(options.rounds):
        command = [options.bonafide, "bench", "document", options.manifest, "--root", options.root]
        ours = json.loads(subprocess.run([*command, "--threads", "1", "--json"], check=True, capture_output=True).stdout)
        times, exact, same = peer(rows, options.root)
        theirs = statistics.median(times)
        ratios.append(theirs / ours["median_ms"])
        print(f"round {turn + 1}: bonafide {ours['median_ms']:.0f} ms, {ours['mrz_exact']} exact, "
              f"{ours['fields_exact']} with exact fields; PassportEye {theirs:.0f} ms, {exact} exact, "
              f"{same} with exact fields; of {len(rows)}")
        sys.stdout.flush()
    print(f"ratio of the medians: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
