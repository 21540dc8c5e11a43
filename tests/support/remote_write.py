"""Remote-write bodies for tests."""

from collections.abc import Mapping, Sequence
from typing import Any

import cramjam

from query.promql.remote_write.proto.goldeneye.remote_write.v1 import write_pb2 as v1
from query.promql.remote_write.proto.goldeneye.remote_write.v2 import write_pb2 as v2

Labels = Mapping[str, str]
Pairs = Sequence[tuple[float, int]]  # value, time in milliseconds


def compressed(message: bytes) -> bytes:
    return bytes(cramjam.snappy.compress_raw(message))


def labels_v1(labels: Labels) -> list[v1.Label]:
    return [v1.Label(name=k.encode(), value=v.encode()) for k, v in sorted(labels.items())]


def series_v1(labels: Labels, samples: Pairs = (), **more: Any) -> v1.TimeSeries:
    sent = [v1.Sample(value=value, timestamp=time_ms) for value, time_ms in samples]
    return v1.TimeSeries(labels=labels_v1(labels), samples=sent, **more)


def body_v1(series: Sequence[v1.TimeSeries], **more: Any) -> bytes:
    return compressed(v1.WriteRequest(timeseries=series, **more).SerializeToString())


class Symbols:
    """The table of a 2.0 message."""

    def __init__(self) -> None:
        self.texts = [b""]

    def ref(self, text: str) -> int:
        if (symbol := text.encode()) not in self.texts:
            self.texts.append(symbol)
        return self.texts.index(symbol)

    def refs(self, labels: Labels) -> list[int]:
        return [self.ref(text) for pair in sorted(labels.items()) for text in pair]

    def series(self, labels: Labels, samples: Pairs = (), **more: Any) -> v2.TimeSeries:
        sent = [v2.Sample(value=value, timestamp=time_ms) for value, time_ms in samples]
        return v2.TimeSeries(labels_refs=self.refs(labels), samples=sent, **more)

    def body(self, series: Sequence[v2.TimeSeries]) -> bytes:
        return compressed(v2.Request(symbols=self.texts, timeseries=series).SerializeToString())
