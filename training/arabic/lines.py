"""What the lines say: made from the word lists in `lexicon/` and from numbers with the structure of real ones."""

import datetime
import functools
import pathlib
import random

from order import ALPHABET, ARABIC_DIGITS, LETTERS, logical, visual

LEXICON = pathlib.Path(__file__).parent / "lexicon"
ARABIC = str.maketrans("0123456789", ARABIC_DIGITS)
# The letters that Egyptian plates bear.
PLATE_LETTERS = "أبجدرسصطعفقلمنهوى"
FIRST_DAY = datetime.date(1925, 1, 1)


@functools.cache
def words(name: str) -> list[str]:
    """The entries of one list: words between white space for names, lines for all else."""
    text = (LEXICON / f"{name}.txt").read_text()
    return text.split() if name in ("male", "female", "family") else text.splitlines()


def digits(rng: random.Random, count: int) -> str:
    if rng.random() < 0.15:  # the same digit again and again
        pair = [rng.choice("0123456789") for _ in range(2)]
        return "".join(rng.choice(pair) for _ in range(count))
    return "".join(rng.choice("0123456789") for _ in range(count))


def day(rng: random.Random) -> datetime.date:
    return FIRST_DAY + datetime.timedelta(days=rng.randrange(42_000))


def governorate(rng: random.Random) -> tuple[str, str]:
    code, name = rng.choice(words("governorates")).split(" ", 1)
    return code, name


def national_number(rng: random.Random) -> str:
    """Century, date of birth, governorate, serial number, check digit."""
    born = day(rng)
    century = "2" if born.year < 2000 else "3"
    return f"{century}{born:%y%m%d}{governorate(rng)[0]}{digits(rng, 5)}"


def respell(rng: random.Random, text: str) -> str:
    """Spellings that cards have: dotless ye at the end, alef without hamza, `عبد` apart, stretched letters."""
    out = []
    for word in text.split(" "):
        roll = rng.random()
        if roll < 0.08 and word.endswith("ي"):
            word = word[:-1] + "ى"
        elif roll < 0.14 and word and word[0] in "أإآ":
            word = "ا" + word[1:]
        elif roll < 0.18 and word.endswith("ة"):
            word = word[:-1] + "ه"
        elif roll < 0.40 and word.startswith("عبدال") and len(word) > 6:
            word = "عبد " + word[3:]
        elif roll > 0.985 and len(word) > 2:
            place = next((i for i, c in enumerate(word[:-1]) if c in "بتثسشصضفقكلمنهيحخجعغ"), None)
            if place is not None and word[place : place + 2] not in ("لا", "لأ", "لإ", "لآ"):
                word = word[: place + 1] + "ـ" + word[place + 1 :]
        out.append(word)
    return " ".join(out)


def name(rng: random.Random) -> str:
    first = words("male") if rng.random() < 0.6 else words("female")
    parts = [rng.choice(first)]
    parts += [rng.choice(words("male")) for _ in range(rng.choice((0, 1, 1, 2, 2, 3)))]
    if len(parts) > 1 and rng.random() < 0.4:
        parts.append(rng.choice(words("family")))
    if rng.random() < 0.5:  # the line below the first name: fathers only
        parts = parts[1:] or parts
    return respell(rng, " ".join(parts[:4]))


def number_of_house(rng: random.Random) -> str:
    return str(rng.randrange(1, rng.choice((10, 100, 250, 2000))))


def address(rng: random.Random) -> str:
    kind = rng.randrange(8)
    place = rng.choice(words("districts"))
    if kind < 3:
        street = rng.choice(("شارع", "ش", "شارع", "حارة", "عزبة", "ميدان", "طريق", "عمارات", "مساكن", "كفر", "نجع"))
        where = rng.choice(words("streets") if rng.random() < 0.7 else words("family"))
        text = f"{number_of_house(rng)} {street} {where}"
    elif kind < 5:
        of = rng.choice(("مركز", "قسم", "قسم أول", "قسم ثان", "حي", "بندر", "مدينة", ""))
        text = f"{of} {place} - {governorate(rng)[1]}".strip() if rng.random() < 0.7 else f"{of} - {governorate(rng)[1]}"
    elif kind == 5:
        text = f"{governorate(rng)[1]} - {rng.randrange(1, 100)}"
    elif kind == 6:
        text = f"{rng.choice(('عمارة', 'بلوك', 'شقة', 'الدور', 'مدخل', 'منزل رقم', 'ق', 'ب'))} {number_of_house(rng)}"
        if rng.random() < 0.5:
            text += f" {place}"
    else:
        text = f"{place} - {rng.choice(words('districts'))}"
    return respell(rng, text.translate(ARABIC).strip(" -"))


def date(rng: random.Random) -> str:
    when = day(rng)
    text = when.strftime(rng.choice(("%Y/%m/%d", "%Y/%m/%d", "%d/%m/%Y", "%Y/%m", "%Y.%m.%d")))
    return text.translate(ARABIC)


def phrase(rng: random.Random) -> str:
    text = rng.choice(words("phrases") if rng.random() < 0.5 else words("jobs"))
    roll = rng.random()
    if roll < 0.15:
        text += f" {rng.choice((':', ''))} {rng.choice(words('phrases'))}".replace("  ", " ")
    elif roll < 0.25:
        text += f" {date(rng)}"
    elif roll < 0.3:
        text = f"{text} ({rng.choice(words('jobs'))})"
    return respell(rng, text)


def made_up(rng: random.Random) -> str:
    """Letters without sense, so that the recogniser reads and does not guess."""
    count = rng.choice((1, 1, 2, 2, 3))
    return " ".join("".join(rng.choice(LETTERS) for _ in range(rng.randrange(1, 8))) for _ in range(count))


def mixed(rng: random.Random) -> str:
    """Words with numbers and signs."""
    word = rng.choice(words("male") + words("districts") + words("phrases"))
    number = digits(rng, rng.randrange(1, 8)).translate(ARABIC)
    return rng.choice((f"{word} {number}", f"{number} {word}", f"{word}: {number}", f"{word} ({number})", f"{word}, {word} {number}"))


def factory(rng: random.Random) -> str:
    letters = "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(2))
    return letters + digits(rng, 7)


def western(rng: random.Random) -> str:
    when = day(rng)
    return rng.choice((digits(rng, rng.randrange(1, 15)), when.strftime("%Y/%m/%d"), when.strftime("%d-%m-%Y"), national_number(rng)))


def number(rng: random.Random) -> str:
    return digits(rng, rng.randrange(1, 11)).translate(ARABIC)


# What is drawn how often.
KINDS = (
    (name, 24),
    (address, 16),
    (lambda rng: national_number(rng).translate(ARABIC), 13),
    (date, 8),
    (number, 9),
    (phrase, 8),
    (made_up, 5),
    (mixed, 4),
    (factory, 3),
    (western, 3),
)


def plate(rng: random.Random) -> tuple[str, str]:
    """Digits and letters of a licence plate, each from left to right as they stand."""
    numbers = digits(rng, rng.choice((1, 1, 2, 3, 3, 4, 4, 4))).translate(ARABIC)
    letters = "".join(rng.choice(PLATE_LETTERS) for _ in range(rng.choice((1, 2, 2, 3, 3))))
    return numbers, letters


def line(rng: random.Random) -> tuple[str, str]:
    """A line in logical and in visual order."""
    while True:
        text = rng.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0](rng)
        text = " ".join(text.split())
        shown = visual(text) if any("ء" <= c <= "ي" for c in text) else text
        if text and set(text) <= set(ALPHABET) and logical(shown) == text:
            return text, shown
