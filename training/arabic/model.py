"""The recogniser: a small convolutional network, read by connectionist temporal classification (CTC)."""

import torch
from torch import nn

from order import ALPHABET

CLASSES = len(ALPHABET) + 1


def conv(inner: int, outer: int, stride=1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inner, outer, 3, stride, 1, bias=False), nn.BatchNorm2d(outer), nn.ReLU())


class Residual(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut."""

    def __init__(self, width: int):
        super().__init__()
        self.body = nn.Sequential(conv(width, width), nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        return torch.relu(x + self.body(x))


class Along(nn.Module):
    """Looks along the line: nine places of each channel, then all channels of each place."""

    def __init__(self, width: int):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(width, width, 9, 1, 4, groups=width, bias=False),
            nn.BatchNorm1d(width),
            nn.Conv1d(width, 2 * width, 1),
            nn.ReLU(),
            nn.Conv1d(2 * width, width, 1),
        )

    def forward(self, x):
        return x + self.body(x)


class Recogniser(nn.Module):
    """`[n, 1, height, width]` in, logits `[n, width / 4, classes]` out, from left to right. Of the rows that are left at
    the end of `look` (one for a height of 40, two for 48) the strongest answer counts."""

    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(
            conv(1, 24, 2),
            conv(24, 48, 2),
            Residual(48),
            conv(48, 72, (2, 1)),
            Residual(72),
            conv(72, 112),
            Residual(112),
            nn.Conv2d(112, 192, (5, 1), bias=False),
            nn.BatchNorm2d(192),
            nn.ReLU(),
        )
        self.along = nn.Sequential(*(Along(192) for _ in range(4)))
        self.drop = nn.Dropout(0.1)
        self.head = nn.Conv1d(192, CLASSES, 1)

    def forward(self, x):
        x = self.along(self.look(x).amax(2))
        return self.head(self.drop(x)).transpose(1, 2)


def best_path(logits) -> list[str]:
    """The characters of each line by the likeliest class of each place, from left to right."""
    out = []
    for row in logits.argmax(-1).tolist():
        kept = [c for c, before in zip(row, [0, *row]) if c and c != before]
        out.append("".join(ALPHABET[c - 1] for c in kept))
    return out
