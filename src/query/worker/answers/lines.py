"""Answers of which each row is a piece of text that one SQL expression makes: JSON and CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import BinaryIO

import orjson
import pyarrow as pa

from query.analysis.quoting import literal
from query.worker.answers import text
from query.worker.answers.rows import Facts, Rows
from query.worker.answers.text import joined


def write_json(rows: Rows, file: BinaryIO, facts: Facts) -> None:
    """The JSON document of docs/api.md; `facts` gives its further members at the end."""
    types = (str(kind).strip('"') for kind in rows.types)  # DuckDB quotes the type NULL
    columns = [{"name": n, "type": k} for n, k in zip(rows.names, types, strict=True)]
    file.write(b'{"columns":' + orjson.dumps(columns) + b',"rows":[')
    first = True
    for piece in _pieces(rows.projected(text.json, _json_row)):
        file.write(piece[1:] if first else piece)
        first = first and not piece
    end = {"row_count": rows.row_count, **facts(), "truncated": rows.truncated}
    file.write(b"]," + orjson.dumps(end)[1:])


def write_csv(rows: Rows, file: BinaryIO, _: Facts) -> None:
    """RFC 4180 with a header line; NULL is nothing, the empty string is quoted."""
    header = io.StringIO()
    csv.writer(header).writerow(rows.names)
    file.write(header.getvalue().encode("utf-8", "surrogatepass"))
    for piece in _pieces(rows.projected(text.plain, _csv_row)):
        file.write(piece)


def _json_row(values: Sequence[str | None]) -> list[str]:
    texts = _runs(values, "null", lambda value: f"coalesce({value}, 'null')")
    return [f"',[' || {joined(texts)} || ']'"]


def _csv_row(values: Sequence[str | None]) -> list[str]:
    texts = _runs(values, "", lambda value: f"coalesce({_quoted(value)}, '')")
    return [f"{joined(texts)} || chr(13) || chr(10)"]


def _runs(
    values: Sequence[str | None], nothing: str, text_of: Callable[[str], str]
) -> Iterator[str]:
    """Texts to be joined: one literal for neighbours that have no value."""
    for some, run in groupby(values, lambda value: value is not None):
        if some:
            yield from (text_of(value) for value in run if value is not None)
        else:
            yield literal(",".join(nothing for _ in run))


def _quoted(expression: str) -> str:
    needed = f"""regexp_matches({expression}, '[",\\r\\n]') OR {expression} = ''"""
    quoted = f"""'"' || replace({expression}, '"', '""') || '"'"""
    return f"CASE WHEN {needed} THEN {quoted} ELSE {expression} END"


def _pieces(tables: Iterable[pa.Table]) -> Iterator[memoryview]:
    for table in tables:
        for chunk in table.column(0).chunks:
            yield _joined(chunk)


def _joined(strings: pa.StringArray) -> memoryview:
    """All strings one after the other: they lie so already."""
    _, offsets, data = strings.buffers()
    if data is None or len(strings) == 0:
        return memoryview(b"")
    ends = memoryview(offsets).cast("i")
    start = strings.offset
    return memoryview(data)[ends[start] : ends[start + len(strings)]]
