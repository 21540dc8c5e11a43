"""Collapsed stacks as a flame graph in SVG, by hand: small, and readable without a script."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

_WIDTH, _ROW, _TOP = 1_200, 16, 48
_LETTER: Final = 6.2
_TITLE: Final = 150
_PYTHON, _NATIVE, _THREAD = "#a8c8f0", "#f4b183", "#d9d9d9"
_THREAD_NAME: Final = re.compile(r"^thread \(\w+\): ")
_LINE: Final = re.compile(r":\d+\)$")
_ADDRESS: Final = re.compile(r"^0x[0-9a-f]+ \((.*)\)$")
# Who has one of these on the stack waits, for a lock, a message or the disk, and takes no CPU.
_WAITS: Final = re.compile(
    r"^(take_gil|PyThread_acquire_lock\w*|pthread_cond_\w+|epoll_p?wait|p?poll|f(data)?sync) "
)
# What every thread begins with says nothing.
_BEGINS: Final = ("Thread.run (threading.py)", "Runner.run (asyncio/runners.py)")


@dataclass
class Frame:
    """`samples` with what it called."""

    name: str
    samples: int = 0
    called: dict[str, "Frame"] = field(default_factory=dict)

    def depth(self, least: float) -> int:
        """Of frames that have at least so many samples."""
        return 1 + max((one.depth(least) for one in self.called_most(least)), default=0)

    def called_most(self, least: float) -> list["Frame"]:
        return [one for one in self.called.values() if one.samples >= least]


def collapsed(lines: Iterable[str]) -> Frame:
    """Of `py-spy record --format raw`: frames by `;` from the outermost, then a count."""
    whole = Frame("all")
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        if any(_WAITS.match(frame) for frame in frames):
            continue
        whole.samples += int(count)
        at = whole
        for name in _readable(frames):
            at = at.called.setdefault(name, Frame(name))
            at.samples += int(count)
    return whole


def _readable(frames: Sequence[str]) -> Iterator[str]:
    """The thread's name, then its frames without lines, each library's unnamed ones as one."""
    names = [_ADDRESS.sub(r"\1", _LINE.sub(")", frame)) for frame in frames]
    begin = max((names.index(one) for one in _BEGINS if one in names), default=0)
    last = _THREAD_NAME.sub("", names[0])
    yield last
    for name in names[begin + 1 :]:
        if name != last:
            yield name
        last = name


def drawn(whole: Frame, title: str, least_share: float) -> str:
    """The graph without frames below that share of all samples."""
    least = max(1.0, whole.samples * least_share)
    height = _TOP + whole.depth(least) * _ROW + 8
    body = "\n".join(_boxes(whole, 0.0, height - 8 - _ROW, _WIDTH / max(whole.samples, 1), least))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="sans-serif" font-size="11">\n'
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>\n'
        f'<text x="8" y="18" font-size="14">{escape(title)}</text>\n'
        f'<text x="8" y="36">{_legend(whole, least_share)}</text>\n{body}\n</svg>\n'
    )


def _legend(whole: Frame, least_share: float) -> str:
    return (
        f"{whole.samples:,} samples of running threads; grey: a thread, blue: Python, orange: "
        f"native; frames below {least_share:.1%} are left out"
    )


def _boxes(frame: Frame, x: float, y: int, scale: float, least: float) -> Iterator[str]:
    """The frame and, above it, what it called, the most first."""
    width = frame.samples * scale
    share = frame.samples * scale / _WIDTH
    shown = _shortened(frame.name, width)
    text = f'<text x="{x + 2:.1f}" y="{y + 12}">{escape(shown)}</text>' if shown else ""
    yield (
        f'<g><title>{escape(frame.name[:_TITLE])}: {share:.1%}</title><rect x="{x:.1f}" y="{y}" '
        f'width="{width:.1f}" height="{_ROW - 1}" fill="{_colour(frame)}"/>{text}</g>'
    )
    for one in sorted(frame.called_most(least), key=lambda called: -called.samples):
        yield from _boxes(one, x, y - _ROW, scale, least)
        x += one.samples * scale


def _shortened(name: str, width: float) -> str:
    letters = int(width / _LETTER)
    return name if len(name) <= letters else name[: letters - 1] + "…" if letters > 3 else ""


def _colour(frame: Frame) -> str:
    if "(" not in frame.name and ".so" not in frame.name:
        return _THREAD
    return _PYTHON if frame.name.endswith(".py)") else _NATIVE


def by_thread(whole: Frame) -> Mapping[str, float]:
    """Each thread's share of all samples, the most first."""
    threads = sorted(whole.called.values(), key=lambda one: -one.samples)
    return {one.name: one.samples / max(whole.samples, 1) for one in threads}
