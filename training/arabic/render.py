"""Draws a line as a phone sees it on a card: grey, 8 bit, cropped more or less well."""

import functools
import random
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import lines

cv2.setNumThreads(1)
# Height of the recogniser's input in pixels; the widest that training shows is so many times as wide.
HEIGHT, WIDEST = 48, 16
SIZES = (30, 36, 42)


@functools.lru_cache(maxsize=512)
def face(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.RAQM)


def ink(text: str, font: ImageFont.FreeTypeFont) -> np.ndarray:
    """How much of each pixel the shaped text covers, 0..255, cut to the ink."""
    rtl = any("ء" <= c <= "ي" for c in text)
    left, top, right, bottom = font.getbbox(text, direction="rtl" if rtl else "ltr", language="ar")
    picture = Image.new("L", (int(right - left) + 8, int(bottom - top) + 8))
    ImageDraw.Draw(picture).text((4 - left, 4 - top), text, fill=255, font=font, direction="rtl" if rtl else "ltr", language="ar")
    return trim(np.asarray(picture))


def trim(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(mask.max(1)), np.flatnonzero(mask.max(0))
    if not len(rows):
        return np.zeros((8, 8), np.uint8)
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def apart(shown: str, font: ImageFont.FreeTypeFont, gap: float, after: dict[int, float]) -> tuple[np.ndarray, float | None]:
    """Characters side by side from left to right, each by itself, `gap` em between them, `after[i]` more after one; and
    the middle of that wider gap as a share of the width."""
    em = font.size
    x, places = 4.0, []
    for index, character in enumerate(shown):
        places.append((x, character))
        x += font.getlength(character) + (gap + after.get(index, 0.0)) * em
    picture = Image.new("L", (int(x) + em, int(em * 2.6)))
    draw = ImageDraw.Draw(picture)
    for x, character in places:
        draw.text((x, em * 1.8), character, fill=255, font=font, anchor="ls")
    mask = np.asarray(picture)
    first = np.flatnonzero(mask.max(0))[0]
    between = [(places[index][0] + font.getlength(shown[index]) + places[index + 1][0]) / 2 - first for index in after]
    mask = trim(mask)
    return mask, between[0] / mask.shape[1] if between else None


def choose(rng: random.Random, fonts: list, text: str) -> ImageFont.FreeTypeFont:
    """A font that has every character; a family is as likely as another, however many weights it has."""
    families = sorted({path.rsplit("/", 2)[-2] for path, _ in fonts})
    while True:
        family = rng.choice(families)
        path, known = rng.choice([font for font in fonts if font[0].rsplit("/", 2)[-2] == family])
        if known.issuperset(text):
            return face(path, rng.choice(SIZES))


def background(rng: random.Random, noise: np.random.Generator, height: int, width: int, level: float) -> np.ndarray:
    """Paper: clouds, a gradient, the fine lines of a guilloche."""
    paper = np.full((height, width), level, np.float32)
    if rng.random() < 0.7:
        cells = noise.normal(0, rng.uniform(2, 14), (rng.randrange(2, 5), rng.randrange(2, 12))).astype(np.float32)
        paper += cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.35:
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) / height
        for _ in range(rng.randrange(1, 4)):
            wave = y * rng.uniform(2, 12) + rng.uniform(0.1, 1.0) * np.sin(x * rng.uniform(1, 8) + rng.uniform(0, 6))
            wave = np.sin((wave + x * rng.uniform(-4, 4)) * rng.uniform(2, 6))
            paper += rng.uniform(-22, 22) * np.clip(wave * 3 - 1.8, 0, 1)
    return paper


def frame(rng: random.Random, canvas: np.ndarray, box: tuple[int, int, int, int], shade: float, plate: bool) -> None:
    """Lines beside the text: the frame of a plate, a rule, the edge of a card or of the photo."""
    x0, y0, x1, y1 = box
    thick = max(1, round((y1 - y0) * rng.uniform(0.03, 0.12)))
    height, width = canvas.shape
    chances = (0.6, 0.6, 0.6, 0.6) if plate else (0.25, 0.25, 0.3, 0.3)
    if rng.random() < chances[0]:
        at = max(0, x0 - round((y1 - y0) * rng.uniform(0.3, 0.9)) - thick)
        canvas[:, : at + thick] = shade if rng.random() < 0.4 else canvas[:, : at + thick]
        canvas[:, at : at + thick] = shade
    if rng.random() < chances[1]:
        at = min(width - 1, x1 + round((y1 - y0) * rng.uniform(0.3, 0.9)))
        canvas[:, at:] = shade if rng.random() < 0.4 else canvas[:, at:]
        canvas[:, at : at + thick] = shade
    if rng.random() < chances[2]:
        at = max(0, y0 - thick - round((y1 - y0) * rng.uniform(0.08, 0.4)))
        canvas[at : at + thick] = shade
        if rng.random() < 0.5:
            canvas[:at] = shade + rng.uniform(-20, 60)
    if rng.random() < chances[3]:
        at = min(height - 1, y1 + round((y1 - y0) * rng.uniform(0.08, 0.4)))
        canvas[at : at + thick] = shade
        if rng.random() < 0.5:
            canvas[at:] = shade + rng.uniform(-20, 60)


class Drawn(NamedTuple):
    """Ink of a line at a comfortable size, and what it says from left to right."""

    mask: np.ndarray
    shown: str
    numeric: bool
    plate: bool = False
    # Where a bar parts digits from letters, as a share of the width.
    bar: float | None = None


def drawn(rng: random.Random, fonts: list, alike: bool) -> Drawn:
    if rng.random() < 0.12:
        numbers, letters = lines.plate(rng)
        if alike and rng.random() < 0.4:
            numbers = rng.choice(numbers) * len(numbers)
        if rng.random() < 0.45:
            font = choose(rng, fonts, numbers)
            return Drawn(apart(numbers, font, rng.choice((0.05, rng.uniform(0, 0.6))), {})[0], numbers, True, True)
        font = choose(rng, fonts, numbers + letters)
        mask, bar = apart(numbers + letters, font, rng.uniform(0.05, 0.5), {len(numbers) - 1: rng.uniform(0.5, 2.2)})
        # A letter may stand as close as a digit, so nothing but the digits' end is a space.
        return Drawn(mask, numbers + " " + letters, True, True, bar if rng.random() < 0.6 else None)
    text, shown = lines.line(rng)
    font = choose(rng, fonts, text)
    numeric = all(not c.isalpha() or c.isascii() for c in text)
    if numeric and " " not in text and rng.random() < 0.4:
        gap = rng.choice((rng.uniform(0, 0.15), rng.uniform(0.15, 0.7)))
        return Drawn(apart(shown, font, gap, {})[0], shown, True)
    return Drawn(ink(text, font), shown, numeric)


def sample(
    rng: random.Random, noise: np.random.Generator, fonts: list, hard: float | None = None, alike: bool = False
) -> tuple[np.ndarray, str]:
    """One crop and its characters from left to right. `hard` 0..1 sets how bad it is; without it that is drawn too. With
    `alike`, the digits of many plates are one digit again and again: people seek such plates."""
    hard = rng.random() if hard is None else hard
    mask, shown, numeric, plate, bar = drawn(rng, fonts, alike)
    if rng.random() < 0.01:  # nothing stands there
        mask, shown, bar = np.zeros_like(mask), "", None
    if rng.random() < 0.25:
        kernel = np.ones((rng.choice((1, 2)), rng.choice((2, 3))), np.uint8)
        mask = (cv2.dilate if rng.random() < 0.75 else cv2.erode)(mask, kernel)
        mask = np.pad(mask, 1)
    # Height of the ink when captured: digits stand alone, letters have their long strokes above and below.
    least, most = (9, 38) if numeric else (16, 52)
    tall = most * (least / most) ** (rng.random() * (0.35 + 0.65 * hard))
    tall = max(tall, mask.shape[0] * 0.2) if not numeric else tall
    if shown and set(shown) <= set("٠. "):
        tall *= 0.35
    scale = tall / mask.shape[0]
    stretch = rng.uniform(0.8, 1.6 if plate else 1.25)
    size = (max(2, round(mask.shape[1] * scale * stretch)), max(2, round(tall)))
    mask = cv2.resize(mask, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    high, wide = mask.shape
    tall = max(high, 6)
    # The crop: text with margins that are rarely fair. A negative one cuts into the ink.
    fair = rng.random() < 0.5
    margin = lambda low, up: tall * (rng.uniform(0.05, 0.3) if fair else rng.uniform(low, up))
    widest = 0.8 if numeric else 0.45
    top, bottom = margin(-0.04, widest), margin(-0.04, widest)
    left, right = margin(-0.01, 2.4 if plate else 1.6), margin(-0.01, 2.4 if plate else 1.6)
    if set(shown) <= set("٠. -ـ"):
        top, bottom = top + tall, bottom + tall
    spare = 6 + round(0.12 * wide)
    height, width = round(high + top + bottom), round(wide + left + right)
    height, width = max(8, height), max(8, width)
    ground = rng.uniform(90, 250)
    contrast = rng.uniform(60 if hard < 0.7 else 30, 235)
    if rng.random() < (0.3 if plate else 0.1):
        ground = rng.uniform(5, 120)
        contrast = -min(contrast, 250 - ground)
    shade = ground - contrast  # of the ink
    full = background(rng, noise, height + 2 * spare, width + 2 * spare, ground)
    x0, y0 = spare + round(left), spare + round(top)
    if plate or rng.random() < 0.08:
        frame(rng, full, (x0, y0, x0 + wide, y0 + high), shade + rng.uniform(-10, 25), plate)
    if bar is not None:
        thick = max(1, round(tall * rng.uniform(0.02, 0.08)))
        at, reach = x0 + round(bar * wide), round(tall * rng.uniform(0, 0.6))
        full[max(0, y0 - reach) : y0 + high + reach, at : at + thick] = shade + rng.uniform(0, 0.6) * contrast
    cover = mask.astype(np.float32) * (rng.uniform(0.85, 1.0) / 255)
    region = full[y0 : y0 + high, x0 : x0 + wide]
    region += (shade - region) * cover
    if not plate and rng.random() < 0.12:
        intrude(rng, fonts, full, y0, y0 + high, x0, shade, tall)
    full = warp(rng, full, hard, high, x0, y0, wide)
    picture = full[spare : spare + height, spare : spare + width]
    return worsen(rng, noise, picture, hard, tall, numeric), shown


def intrude(rng, fonts, full, y0, y1, x0, shade, tall) -> None:
    """The edge of the line above or below, as a crop with a wide margin shows it."""
    other = ink(lines.line(rng)[0], choose(rng, fonts, lines.ARABIC_DIGITS + lines.LETTERS + "0123456789/-.,():ABCDEFGHIJKLMNOPQRSTUVWXYZ "))
    scale = tall / max(other.shape[0], 1)
    other = cv2.resize(other, (max(2, round(other.shape[1] * scale)), max(2, round(tall))), interpolation=cv2.INTER_AREA)
    gap = round(tall * rng.uniform(0.25, 0.6))
    y = y1 + gap if rng.random() < 0.5 else y0 - gap - other.shape[0]
    x = max(0, x0 + round(rng.uniform(-1, 1) * tall))
    top, bottom = max(0, y), min(full.shape[0], y + other.shape[0])
    right = min(full.shape[1], x + other.shape[1])
    if bottom > top and right > x:
        region = full[top:bottom, x:right]
        region += (shade - region) * (other[top - y : bottom - y, : right - x].astype(np.float32) / 255)


def warp(rng, full, hard, high, x0, y0, wide) -> np.ndarray:
    """A few degrees of turn, a slant, a little perspective; long lines may turn less, or they leave their crop."""
    height, width = full.shape
    turn = rng.uniform(-1, 1) * min(0.07, 0.35 * high / max(wide, 1)) * (0.3 + hard)
    slant = rng.uniform(-0.12, 0.12) * (0.3 + hard)
    squeeze = rng.uniform(-0.08, 0.08) * hard
    cx, cy = x0 + wide / 2, y0 + high / 2
    cos, sin = np.cos(turn), np.sin(turn)
    matrix = np.array([[cos, -sin + slant, 0], [sin, cos, 0], [squeeze / max(wide, 1), 0, 1]])
    matrix = np.array([[1, 0, cx], [0, 1, cy], [0, 0, 1.0]]) @ matrix @ np.array([[1, 0, -cx], [0, 1, -cy], [0, 0, 1.0]])
    return cv2.warpPerspective(full, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def worsen(rng, noise, picture, hard, tall, numeric) -> np.ndarray:
    """Light, lens, sensor, codec."""
    height, width = picture.shape
    picture = picture.astype(np.float32)
    if rng.random() < 0.5:
        light = np.linspace(rng.uniform(1 - 0.45 * hard, 1.05), rng.uniform(1 - 0.45 * hard, 1.05), width, dtype=np.float32)
        picture = picture * light
    if rng.random() < 0.2 * hard:
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        reach = tall * rng.uniform(0.5, 2.0)
        spot = np.exp(-((x - rng.uniform(0, width)) ** 2 + (y - rng.uniform(0, height)) ** 2) / (2 * reach**2))
        picture = picture + spot * rng.uniform(30, 160)
    # Letters have finer parts than digits of one height.
    fine = tall * (1.0 if numeric else 0.55)
    if rng.random() < 0.75:
        sigma = rng.random() * (0.3 + hard) * (0.25 + 0.045 * fine)
        if sigma > 0.2:
            picture = cv2.GaussianBlur(picture, (0, 0), sigma)
    if rng.random() < 0.3 * hard:
        reach = rng.uniform(1, 2 + 0.14 * fine)
        size = int(reach) * 2 + 1
        kernel = np.zeros((size, size), np.float32)
        angle, middle = rng.uniform(0, np.pi), size // 2
        step = np.array([np.cos(angle), np.sin(angle)]) * reach / 2
        cv2.line(kernel, tuple(int(round(v)) for v in middle - step), tuple(int(round(v)) for v in middle + step), 1.0)
        picture = cv2.filter2D(picture, -1, kernel / kernel.sum())
    if rng.random() < 0.15:
        share = rng.uniform(0.6, 1.6)
        picture = cv2.resize(picture, (max(8, round(width * share)), max(8, round(height * share))), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.8:
        picture = picture + noise.normal(0, rng.uniform(0, 4 + 10 * hard), picture.shape).astype(np.float32)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        quality = rng.randrange(95 - round(60 * hard), 97)
        picture = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)
    return picture


def readable(picture: np.ndarray, shown: str) -> bool:
    """Whether a picture of the height of the input has room for the characters: one answer for each four pixels, and one
    between equal neighbours."""
    height, width = picture.shape
    equal = sum(a == b for a, b in zip(shown, shown[1:]))
    return width <= WIDEST * height and width // 4 >= len(shown) + equal + 2


def standard(picture: np.ndarray, high: int = HEIGHT) -> np.ndarray:
    """The recogniser's input: `high` rows, width in proportion, mean 0, standard deviation 1."""
    height, width = picture.shape
    wide = min(max(round(width * high / height), 16), 2000)
    shrinks = height > high * 1.5
    picture = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR).astype(np.float32)
    return (picture - picture.mean()) / (picture.std() + 4.0)
