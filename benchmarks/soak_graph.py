"""Memory and rate over time as SVG, by hand: two panels, a line each."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_WIDTH, _HEIGHT = 720, 150
_LEFT, _TOP, _GAP = 70, 28, 50
_LINES: Final = 4


@dataclass(frozen=True)
class Sample:
    """`sent` are the items acknowledged until then."""

    at_s: float
    memory_mib: float
    sent: int


def drawn(samples: Sequence[Sample], rate: float) -> str:
    """The graph of a run that was asked for so many items a second."""
    memory = [(sample.at_s, sample.memory_mib) for sample in samples]
    rates = [
        (later.at_s, (later.sent - sooner.sent) / (later.at_s - sooner.at_s))
        for sooner, later in itertools.pairwise(samples)
    ]
    second = _TOP + _HEIGHT + _GAP
    height = second + _HEIGHT + 40
    width = _LEFT + _WIDTH + 20
    body = [
        *_panel("resident memory of the server and its workers, MiB", memory, _TOP),
        *_panel(f"items acknowledged a second ({rate:,.0f} asked for)", rates, second),
        _text(_LEFT + _WIDTH, height - 8, "minutes", "end"),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="12">\n'
        f'<rect width="{width}" height="{height}" fill="white"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _panel(title: str, points: Sequence[tuple[float, float]], top: int) -> list[str]:
    end_s = max((at_s for at_s, _ in points), default=1.0)
    highest = _round_up(max((value for _, value in points), default=1.0))
    found = [_text(_LEFT, top - 10, title, "start")]
    for step in range(_LINES + 1):
        y = top + _HEIGHT - _HEIGHT * step / _LINES
        found.append(f'<path d="M{_LEFT} {y:.1f}h{_WIDTH}" stroke="#ddd"/>')
        found.append(_text(_LEFT - 8, y + 4, f"{highest * step / _LINES:,.0f}", "end"))
        x = _LEFT + _WIDTH * step / _LINES
        found.append(_text(x, top + _HEIGHT + 16, f"{end_s / 60 * step / _LINES:.1f}", "middle"))
    line = " ".join(
        f"{_LEFT + _WIDTH * at_s / end_s:.1f},{top + _HEIGHT * (1 - value / highest):.1f}"
        for at_s, value in points
    )
    return [*found, f'<polyline points="{line}" fill="none" stroke="#1f6feb" stroke-width="1.5"/>']


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#333">{text}</text>'


def _round_up(value: float) -> float:
    """To two digits, so that the axis has round numbers."""
    step = 10.0 ** (len(str(int(max(value, 1)))) - 1)
    return max(step, -(-value // (step / 2)) * step / 2)
