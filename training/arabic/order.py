"""Logical and visual order of a line, and the alphabet.

The recogniser sees a line from left to right, so its labels are in visual order. `visual` is the Unicode bidirectional
algorithm for a paragraph that runs from the right; `logical` is the rule by which the product goes back
(crates/engine/src/document/text/arabic.rs has the same). Lines for which the two do not agree are not drawn.
"""

import re

from bidi import get_display

LETTERS = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي"
ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"
# Class 0 is nothing (CTC); class n is character n - 1.
ALPHABET = LETTERS + "ـ" + ARABIC_DIGITS + "0123456789" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "/-.,(): "

# What keeps its order from left to right: digits of one kind with a single sign between them, Latin letters.
RUN = re.compile(r"[٠-٩]+(?:[/.,:][٠-٩]+)*|[0-9A-Z]+(?:[/.,:\-][0-9A-Z]+)*")
MIRROR = str.maketrans("()", ")(")


def visual(text: str) -> str:
    """The characters of `text` from left to right as they are printed."""
    return get_display(text, base_dir="R").translate(MIRROR)


def logical(shown: str) -> str:
    """The characters as one reads them, of characters from left to right."""
    if not any("ء" <= c <= "ي" for c in shown):
        return shown
    return RUN.sub(lambda run: run.group()[::-1], shown[::-1].translate(MIRROR))
