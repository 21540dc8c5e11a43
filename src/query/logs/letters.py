"""Which parts of large files have a word's letters: the others need not be read for it.

Of each file's stretches the distinct runs of letters of the texts are remembered. A text with a
word in it has the word's own runs of letters within runs of its own, whatever the case.
"""

import re
from collections.abc import Sequence
from typing import Final

from goldeneye import limits
from goldeneye.snapshot import FileEntry
from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.asking.window import OpenWindow
from query.logs.expression import And, Expression, Or, Text
from query.part_of_snapshot import FilesChanged, Part
from query.reads import Reads, Statement
from query.summaries.memory import Stretch

_TABLE: Final = "logs"
# For so long one question looks into files that were not looked into yet.
_LOOKING_S: Final = 1.0
# Files that are read one by one; more are read together.
_MOST_PARTS: Final = 4
_RUN: Final = re.compile("[a-z]+")
# Other runs are not remembered: hexadecimal ids have all of them.
_TELLING: Final = re.compile("[g-z]")


def may_match(expression: Expression, letters: str) -> bool:
    """Whether a record of a file with these runs of letters may match."""
    match expression:
        case And(parts):
            return all(may_match(part, letters) for part in parts)
        case Or(parts):
            return any(may_match(part, letters) for part in parts)
        case Text(text):
            return all(run in letters for run in telling(text))
    return True


def telling(text: str) -> list[str]:
    """The runs of ASCII's letters in a text that tell something, in lower case."""
    ascii_only = "".join(letter.lower() if letter.isascii() else " " for letter in text)
    return [run for run in _RUN.findall(ascii_only) if _TELLING.search(run)]


def parts_to_read(
    reader: Reader, expression: Expression, within: OpenWindow, is_long: bool
) -> list[tuple[Part, OpenWindow]]:
    """Files with their times, outside which no record of the range matches; where the search
    `is_long`, some files are looked into."""
    if may_match(expression, ""):
        return [(Part(_TABLE), within)]
    until_s = reader.monotonic_s() + (_LOOKING_S if is_long else 0.0)
    without: set[str] = set()
    parts: list[tuple[Part, OpenWindow]] = []
    for file in _large(reader.files(_TABLE, *within)):
        stretches = reader.memory.letters.get(file.id)
        if stretches is None and reader.monotonic_s() < until_s:
            stretches = _looked_into(reader, file)
        found = [one for one in stretches or () if _may_have(expression, within, one)]
        if stretches and not found:
            without.add(file.id)
        elif stretches and 2 * len(found) <= len(stretches) and len(parts) < _MOST_PARTS:
            without.add(file.id)
            parts.append((Part(_TABLE, only=file.id), _common(within, found)))
    return [(Part(_TABLE, without=frozenset(without)), within), *parts]


def _may_have(expression: Expression, within: OpenWindow, stretch: Stretch) -> bool:
    start_ns, end_ns = within
    is_within = (start_ns is None or stretch.last_ns >= start_ns) and (
        end_ns is None or stretch.first_ns < end_ns
    )
    return is_within and (stretch.letters is None or may_match(expression, stretch.letters))


def _common(within: OpenWindow, found: Sequence[Stretch]) -> OpenWindow:
    """The part of the range that has all of the stretches, as far as they are in it."""
    start_ns, end_ns = within
    first_ns, after_ns = min(one.first_ns for one in found), max(one.last_ns for one in found) + 1
    return OpenWindow(
        first_ns if start_ns is None else max(start_ns, first_ns),
        after_ns if end_ns is None else min(end_ns, after_ns),
    )


def _large(files: Sequence[FileEntry]) -> list[FileEntry]:
    large = [file for file in files if file.row_count >= limits.MIN_LETTERED_ROWS]
    return sorted(large, key=lambda file: -file.max_time_ns)


def _looked_into(reader: Reader, file: FileEntry) -> Sequence[Stretch]:
    """Nothing where that is not known, or the file is gone meanwhile."""
    asked = Statement(sql("query.logs", "texts"), {_TABLE: ("time", "body_text")}, letters=True)
    try:
        [found] = reader.read(Reads([asked], part=Part(_TABLE, only=file.id)))
    except FilesChanged:
        return ()
    stretches = [Stretch(**row) for row in found.to_pylist()]
    if file.path not in reader.missing_files:
        reader.memory.letters.put(file.id, stretches)
    return stretches
