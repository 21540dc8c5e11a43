"""A flame graph counts running threads' samples, merges what is alike, and drops what is small."""

import sys
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import flame_graph

STACKS = (
    "thread (7): flush;run (threading.py:1);Thread.run (threading.py:982);write (files.py:10) 30",
    "thread (7): flush;Thread.run (threading.py:982);write (files.py:12);0x1 (a.so);0x2 (a.so) 60",
    "thread (8): decode;Thread.run (threading.py:982);decode (native.py:3);free<int> (b.so) 9",
    "thread (8): decode;Thread.run (threading.py:982);get (queue.py:3);take_gil (c.so);0x3 (d) 500",
    "thread (9): commit;Thread.run (threading.py:982);commit (engine.py:3) 1",
)


def test_lines_and_unnamed_frames_of_a_library_are_one() -> None:
    flush = flame_graph.collapsed(STACKS).called["flush"]
    assert list(flush.called) == ["write (files.py)"]
    write = flush.called["write (files.py)"]
    assert write.samples == 90
    assert {name: one.samples for name, one in write.called.items()} == {"a.so": 60}


def test_threads_that_wait_do_not_count() -> None:
    whole = flame_graph.collapsed(STACKS)
    assert whole.samples == 100
    assert flame_graph.by_thread(whole) == {"flush": 0.9, "decode": 0.09, "commit": 0.01}


def test_frames_below_the_least_share_are_left_out() -> None:
    names = {title.partition(":")[0] for title, _ in boxes(least_share=0.02)}
    assert "free<int> (b.so)" in names
    assert not names & {"commit", "commit (engine.py)"}


def test_widths_are_shares_and_each_frame_lies_within_its_caller() -> None:
    found = dict(boxes(least_share=0.0))
    x, y, width = found["write (files.py): 90.0%"]
    assert width == 0.9 * found["all: 100.0%"][2]
    assert found["a.so: 60.0%"] == (x, y - 16, 720.0)
    assert min(box[1] for box in found.values()) >= 48


def boxes(least_share: float) -> list[tuple[str, tuple[float, float, float]]]:
    """Each frame's title, and its x, y and width."""
    svg = flame_graph.drawn(flame_graph.collapsed(STACKS), "a title", least_share)
    space = "{http://www.w3.org/2000/svg}"
    return [
        (
            str(group.findtext(f"{space}title")),
            tuple(float(group.find(f"{space}rect").get(key)) for key in ("x", "y", "width")),
        )
        for group in ElementTree.fromstring(svg).iter(f"{space}g")
    ]
