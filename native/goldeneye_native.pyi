from collections.abc import Sequence

import pyarrow as pa

class Decoder:
    def __init__(
        self,
        attributes: Sequence[tuple[str, str]],
        resource_attributes: Sequence[tuple[str, str]],
    ) -> None: ...
    def decode(
        self,
        signal: str,
        encoding: str,
        bodies: Sequence[bytes],
        received_time_ns: Sequence[int],
    ) -> tuple[
        dict[str, pa.RecordBatch],
        list[tuple[int, dict[str, int], dict[str, int], str | None, str | None]],
        dict[str, list[str]],
    ]: ...
    @staticmethod
    def items(signal: str, encoding: str, body: bytes) -> int: ...

def crc32s(parts: Sequence[bytes]) -> list[int]: ...

class KeyCounts:
    def __init__(self, certain: Sequence[str]) -> None: ...
    def add(self, objects: pa.Array) -> None: ...
    def counts(self) -> list[tuple[str, list[int]]]: ...

def split(
    objects: pa.Array, keys: Sequence[tuple[str, str]]
) -> tuple[pa.Array, list[pa.Array]]: ...
def critical_paths(
    spans: tuple[pa.Array, pa.Array, pa.Array, pa.Array, pa.Array, pa.Array, pa.Array],
    tolerance: float,
) -> list[pa.Array]: ...
def critical_path_operations(
    spans: tuple[pa.Array, pa.Array, pa.Array, pa.Array, pa.Array, pa.Array, pa.Array],
    numbers: pa.Array,
    failed: pa.Array,
    tolerance: float,
) -> list[pa.Array]: ...
def derive(table: str, spans: Sequence[pa.RecordBatch]) -> pa.RecordBatch: ...

class Footer:
    def __init__(self, metadata: bytes) -> None: ...
    @property
    def memory_bytes(self) -> int: ...
    def filters(self, column: str) -> list[tuple[int, int] | None]: ...
    def pages(self, group: int) -> tuple[int, int]: ...
    def rows(
        self, group: int, pages: bytes, column: str, value: str, most: int, threads: int
    ) -> list[pa.RecordBatch]: ...

def filters_with(filters: Sequence[bytes], value: str) -> list[int]: ...
