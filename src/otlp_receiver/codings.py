"""The values of Content-Encoding that are taken, and what each means."""

from collections.abc import Callable
from typing import Final

from otlp_receiver.compression import gunzip, inflate, unzstd
from otlp_receiver.fast_compression import unlz4, unsnappy, unsnappy_framed

# As in the Collector, `zlib` is another name of what HTTP calls deflate.
DECOMPRESSORS: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "gzip": gunzip,
    "x-gzip": gunzip,
    "deflate": inflate,
    "zlib": inflate,
    "zstd": unzstd,
    "snappy": unsnappy,
    "x-snappy-framed": unsnappy_framed,
    "lz4": unlz4,
}
OFFERED: Final = "gzip, zstd, deflate, snappy, lz4, identity"
