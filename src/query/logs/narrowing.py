"""A cheap condition that every text with a word in it fulfils, in whatever case.

To lower-case all texts costs as much as to read and unpack them; to look for two letters in their
four spellings a fifth of that. What it leaves is then searched exactly.
"""

from itertools import product
from typing import Final

_ASCII: Final = 128
# The rarest last, as in English. Not i and k, which other letters than I and K are lower-cased to
# (the dotted capital I, the Kelvin sign).
_LETTERS: Final = "etaonsrhldcumfpgwybvxjqz"
_CASELESS_CHARS: Final = 3


def fragments(text: str) -> list[str]:
    """Each text that has `text` in it, the case of letters aside, has one of these; none where
    nothing is known."""
    return _caseless(text) or _pair(text)


def _caseless(text: str) -> list[str]:
    """The longest run of digits, signs and spaces."""
    runs = "".join(one if _is_caseless(one) else "\0" for one in text).split("\0")
    longest = max(runs, key=len)
    return [longest] if len(longest) >= _CASELESS_CHARS else []


def _pair(text: str) -> list[str]:
    """The two neighbouring letters that are the rarest together, in their four spellings."""
    lower = text.lower() if text.isascii() else ""
    pairs = [
        lower[at : at + 2]
        for at in range(len(lower) - 1)
        if lower[at] in _LETTERS and lower[at + 1] in _LETTERS
    ]
    if not pairs:
        return []
    rarest = max(pairs, key=lambda pair: _LETTERS.index(pair[0]) + _LETTERS.index(pair[1]))
    return ["".join(one) for one in product(*((letter, letter.upper()) for letter in rarest))]


def _is_caseless(letter: str) -> bool:
    return "\0" < letter < chr(_ASCII) and not letter.isalpha()
