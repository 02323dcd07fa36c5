"""Trains the recogniser on lines that are drawn while it learns. Stops and goes on from its last checkpoint."""

import argparse
import pathlib
import random
import time

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

import fonts
import render
from model import Recogniser, best_path
from order import ALPHABET

SEED = 20_261_121
BATCH, CHUNK = 32, 8
RATE = 2e-3
STEPS, WARM, FALL = 12_800, 300, 2_400
# The first stage sees lines 40 pixels high, which is faster; from this chunk on they are higher, of more fonts.
SECOND, FIRST_HEIGHT = 800, 40
# From this chunk on there are more fonts, and plates whose digits are alike.
THIRD = 1_200
# Where the rate rises from nothing; before each, and at the end, it has fallen to nothing.
RISES = (0, THIRD * CHUNK, STEPS)
CLASS = {character: index + 1 for index, character in enumerate(ALPHABET)}


class Lines(Dataset):
    """Chunk `n` is `CHUNK` batches of lines of like width, the same whenever it is drawn."""

    def __init__(self, chunks: int, first: list, second: list, third: list):
        self.chunks, self.first, self.second, self.third = chunks, first, second, third

    def __len__(self):
        return self.chunks

    def __getitem__(self, chunk: int):
        rng = random.Random(f"{SEED} {chunk}")
        noise = np.random.default_rng([SEED, chunk])
        known = self.first if chunk < SECOND else self.second if chunk < THIRD else self.third
        height = FIRST_HEIGHT if chunk < SECOND else render.HEIGHT
        drawn = []
        while len(drawn) < BATCH * CHUNK:
            picture, shown = render.sample(rng, noise, known, alike=chunk >= THIRD)
            picture = render.standard(picture, height)
            if render.readable(picture, shown):
                drawn.append((picture, shown))
        drawn.sort(key=lambda one: one[0].shape[1])
        batches = [batch(drawn[start : start + BATCH]) for start in range(0, len(drawn), BATCH)]
        rng.shuffle(batches)
        return batches


def batch(drawn):
    """Pictures, padded with the mean to one width; how many answers each has room for; classes; their counts."""
    widest = max(picture.shape[1] for picture, _ in drawn)
    widest += -widest % 4
    pictures = np.zeros((len(drawn), 1, drawn[0][0].shape[0], widest), np.float32)
    for index, (picture, _) in enumerate(drawn):
        pictures[index, 0, :, : picture.shape[1]] = picture
    places = torch.tensor([(picture.shape[1] + 3) // 4 for picture, _ in drawn])
    classes = torch.tensor([CLASS[c] for _, shown in drawn for c in shown])
    return torch.from_numpy(pictures), places, classes, torch.tensor([len(shown) for _, shown in drawn])


def rate(step: int) -> float:
    """Up, level, and down to nothing, again and again."""
    for begins, ends in zip(RISES, RISES[1:]):
        if step < ends:
            return RATE * min(1.0, (step - begins + 1) / WARM, (ends - step) / FALL)
    return 0.0


def check(model, lines) -> str:
    """Exact lines of a few batches of fonts that training does not see: go on or stop, no more is chosen by it."""
    model.eval()
    right = whole = 0
    with torch.inference_mode():
        for pictures, places, classes, counts in lines:
            logits = model(pictures)
            start = 0
            for one, room, count in zip(logits, places.tolist(), counts.tolist()):
                truth = "".join(ALPHABET[c - 1] for c in classes[start : start + count].tolist())
                right += best_path(one[None, :room])[0] == truth
                start, whole = start + count, whole + 1
    model.train()
    return f"held-out fonts {right}/{whole}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    model = Recogniser().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    step, saved = 0, options.out / "checkpoint.pt"
    if saved.exists():
        state = torch.load(saved, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    held_out = [b for chunk in (10**9, 10**9 + 1) for b in Lines(0, [], [], fonts.load(options.fonts, "held out"))[chunk]]
    stages = [fonts.load(options.fonts, stage) for stage in fonts.STAGES]
    data = Lines(STEPS // CHUNK, *stages)
    order = range(step // CHUNK, STEPS // CHUNK)
    loader = DataLoader(data, batch_size=None, sampler=order, num_workers=1, prefetch_factor=4)
    began, mean = time.time(), None
    for chunk in loader:
        for pictures, places, classes, counts in chunk:
            for group in optimizer.param_groups:
                group["lr"] = rate(step)
            torch.manual_seed(SEED + step)
            # Half precision where the processor has it: measured 1.7 times as fast as single.
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(pictures.to(memory_format=torch.channels_last))
            shares = logits.float().log_softmax(-1).transpose(0, 1)
            loss = functional.ctc_loss(shares, classes, places, counts, zero_infinity=True)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimizer.step()
            step += 1
            mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
            if step % 100 == 0:
                print(f"{step} loss {mean:.4f} rate {rate(step):.5f} {time.time() - began:.0f} s", flush=True)
        if step % (100 * CHUNK) == 0 or step == STEPS:
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
            torch.save(state, saved.with_suffix(".new"))
            saved.with_suffix(".new").rename(saved)
            print(f"{step} {check(model, held_out)}", flush=True)


if __name__ == "__main__":
    main()
