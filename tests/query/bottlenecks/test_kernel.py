"""The native walk finds what the plain one finds."""

from typing import Final

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.trees import columns, traces

from query.bottlenecks import kernel, slow
from query.bottlenecks.trace import Span

pytestmark = pytest.mark.skipif(not kernel.IS_NATIVE, reason="the native core is not installed")
TRACES: Final = st.lists(traces(), max_size=4)
ROOTS: Final = st.lists(st.sampled_from([None, "0", "1", "2", "99"]), min_size=4, max_size=4)
TOLERANCES: Final = st.sampled_from([0.0, 0.01, 0.1, 0.5])


@given(TRACES, ROOTS, TOLERANCES)
def test_paths_are_the_same(
    sent: list[list[Span]], roots: list[str | None], tolerance: float
) -> None:
    spans = columns(sent, roots[: len(sent)])
    assert kernel.critical_paths(spans, tolerance) == slow.critical_paths(spans, tolerance)


@given(TRACES, ROOTS, TOLERANCES)
def test_operations_are_the_same(
    sent: list[list[Span]], roots: list[str | None], tolerance: float
) -> None:
    spans = columns(sent, roots[: len(sent)])
    numbers = pa.array([(row * 7 + 3) % 4 for row in range(len(spans.ids))], pa.int32())
    failed = pa.array([row % 3 == 0 for row in range(len(spans.ids))], pa.bool_())
    asked = (spans, numbers, failed, tolerance)
    assert kernel.critical_path_operations(*asked) == slow.critical_path_operations(*asked)


def test_without_the_native_core_python_walks(monkeypatch: pytest.MonkeyPatch) -> None:
    spans = columns([[Span("r", None, 0, 9), Span("a", "r", 2, 5)]])
    asked = (spans, pa.array([0, 1], pa.int32()), pa.array([False, True]), 0.0)
    native = (kernel.critical_paths(spans, 0.0), kernel.critical_path_operations(*asked))
    monkeypatch.setattr(kernel, "IS_NATIVE", False)
    monkeypatch.delattr(kernel, "goldeneye_native")
    assert native == (kernel.critical_paths(spans, 0.0), kernel.critical_path_operations(*asked))


def test_deep_and_wide_traces_are_walked() -> None:
    deep = [Span(str(n), str(n - 1) if n else None, n, 400_000 - n) for n in range(100_000)]
    wide = [Span("r", None, 0, 100_000)]
    wide += [Span(str(n), "r", n, n + 1) for n in range(100_000)]
    spans = columns([deep, wide])
    found = kernel.critical_paths(spans, 0.0)
    assert found.offsets.to_pylist() == [0, 199_999, 299_999]
    # As many operations as spans are too many to recompute: what is saved is bounded.
    numbers = pa.array(range(len(spans.ids)), pa.int32())
    failed = pa.array([False] * len(spans.ids), pa.bool_())
    operations = kernel.critical_path_operations(spans, numbers, failed, 0.0)
    assert operations.saved_ns.to_pylist()[-1] == 1


@pytest.mark.parametrize("place", range(7))
def test_columns_that_do_not_fit_are_refused(place: int) -> None:
    spans = columns([[Span("r", None, 0, 1)], [Span("r", None, 0, 1)]])
    shorter = [*spans]
    shorter[place] = shorter[place][:1]
    with pytest.raises(ValueError, match="must"):
        kernel.critical_paths(type(spans)(*shorter), 0.0)
    other = [*spans]
    other[place] = other[place].cast(pa.large_string())
    with pytest.raises(ValueError, match="another type"):
        kernel.critical_paths(type(spans)(*other), 0.0)


@pytest.mark.parametrize("offsets", [[0, 3, 2], [-1, 1, 2], [0, 1, 9], [0, None, 2]])
def test_offsets_beyond_the_rows_are_refused(offsets: list[int]) -> None:
    spans = columns([[Span("r", None, 0, 1)], [Span("r", None, 0, 1)]])
    with pytest.raises(ValueError, match="offset"):
        kernel.critical_paths(spans._replace(offsets=pa.array(offsets, pa.int32())), 0.0)
