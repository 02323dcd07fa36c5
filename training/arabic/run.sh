#!/bin/sh
# Trains the Arabic recogniser and writes it to crates/engine/models/: sh training/arabic/run.sh [FOLDER]
# FOLDER (default target/arabic) keeps the Python packages, the fonts and the checkpoint; a second run goes on from it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${1:-$root/target/arabic}
mkdir -p "$work"
[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
python=$work/venv/bin/python
cd "$here"
"$python" fonts.py "$work/fonts"
"$python" train.py --fonts "$work/fonts" --out "$work/run"
"$python" export.py --fonts "$work/fonts" --checkpoint "$work/run/checkpoint.pt" --model "$root/crates/engine/models/arabic_recogniser.onnx"
"$python" evaluate.py own --fonts "$work/fonts" --model "$root/crates/engine/models/arabic_recogniser.onnx"
