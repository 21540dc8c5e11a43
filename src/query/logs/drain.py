"""Templates of log lines by Drain's method: a tree of few levels leads to the lines' groups.

The method is that of He, Zhu, Zheng and Lyu, "Drain: An Online Log Parsing Approach with Fixed
Depth Tree" (ICWS 2017): lines of as many words that begin alike are compared word by word, and a
line joins the template that it equals in most places; where they differ, the template has `<*>`.
"""

from dataclasses import dataclass, field
from typing import Final

ANY: Final = "<*>"
# Words at the start that must be alike; words that hold digits are alike to all others.
_PREFIX_WORDS: Final = 2
_MIN_SIMILARITY: Final = 0.5
# Of a node: what comes later goes under ANY, so that free text does not grow the tree.
_MAX_CHILDREN: Final = 100

_Prefix = tuple[str, ...]


@dataclass
class Template:
    """`words` become more general while lines are added."""

    words: list[str]
    lines: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(self.words)


class Drain:
    """Add lines, the most frequent ones first; `templates` are in the order of their first."""

    def __init__(self) -> None:
        self.templates: list[Template] = []
        self._groups: dict[tuple[int, _Prefix], list[Template]] = {}
        self._children: dict[tuple[int, _Prefix], set[str]] = {}

    def add(self, line: str, number: int) -> Template:
        """The template that the line, which its caller calls `number`, belongs to from now on."""
        words = line.split()
        group = self._groups.setdefault((len(words), self._prefix(words)), [])
        template = _nearest(group, words)
        if template is None:
            template = Template(words)
            group.append(template)
            self.templates.append(template)
        else:
            template.words = [
                own if own == word else ANY for own, word in zip(template.words, words, strict=True)
            ]
        template.lines.append(number)
        return template

    def _prefix(self, words: list[str]) -> _Prefix:
        prefix: _Prefix = ()
        for word in words[:_PREFIX_WORDS]:
            known = self._children.setdefault((len(words), prefix), set())
            if any(letter.isdigit() for letter in word) or (
                word not in known and len(known) >= _MAX_CHILDREN
            ):
                word = ANY
            else:
                known.add(word)
            prefix = (*prefix, word)
        return prefix


def _nearest(group: list[Template], words: list[str]) -> Template | None:
    """The template that equals the line in most places, of those with fewest ANY; None where all
    are too different."""
    best, best_rank = None, (_MIN_SIMILARITY, -len(words) - 1)
    for template in group:
        equal = sum(map(str.__eq__, template.words, words))
        similarity = equal / len(words) if words else 1.0
        rank = (similarity, -template.words.count(ANY))
        if rank > best_rank:
            best, best_rank = template, rank
    return best
