"""Random traces, and the columns in which walks take them."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
from hypothesis import strategies as st

from query.bottlenecks.columns import Spans
from query.bottlenecks.trace import Span

KINDS: Final = (None, "server", "client", "producer", "consumer")


@st.composite
def traces(draw: st.DrawFn, max_spans: int = 14, max_ns: int = 24) -> list[Span]:
    """Times are small numbers, so that spans often touch, overlap and stand out of their parents.

    The first span is the root, and has a time; others may have the id of one before, a parent
    that is not there, or no times.
    """
    length_ns = draw(st.integers(1, max_ns))
    spans = [Span("0", None, 0, length_ns, draw(st.sampled_from(KINDS)))]
    for number in range(1, draw(st.integers(1, max_spans))):
        start_ns = draw(st.integers(0, max_ns))
        span = Span(
            span_id=str(draw(st.integers(max(number - 1, 1), number))),
            parent_span_id=str(draw(st.integers(0, number + 1))),
            start_ns=draw(st.sampled_from([start_ns] * 9 + [None])),
            end_ns=start_ns + draw(st.integers(-1, max_ns)),
            kind=draw(st.sampled_from(KINDS)),
        )
        spans.append(span)
    return spans


def columns(traces: Sequence[Sequence[Span]], roots: Sequence[str | None] | None = None) -> Spans:
    """All spans of all traces."""
    offsets = [0]
    for spans in traces:
        offsets.append(offsets[-1] + len(spans))
    given = list(zip(*(span for spans in traces for span in spans), strict=True)) or [()] * 5
    kinds = [pa.string(), pa.string(), pa.int64(), pa.int64(), pa.string()]
    arrays = [pa.array(values, kind) for values, kind in zip(given, kinds, strict=True)]
    names = [None] * len(traces) if roots is None else roots
    return Spans(pa.array(offsets, pa.int32()), *arrays, pa.array(names, pa.string()))
