"""An answer as a table drawn with lines, for terminals."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from query.worker.answers import text
from query.worker.answers.rows import Facts, Rows

_NUMERIC: Final = text.NUMBERS | text.FLOATS


def write_table(rows: Rows, file: BinaryIO, facts: Facts) -> None:
    """UTF-8 text; numbers to the right, NULL as such, line breaks escaped."""
    columns: list[list[str]] = [[] for _ in rows.names]
    for table in rows.projected(text.plain, _or_null):
        for cells, column in zip(columns, table.columns, strict=True):
            cells += (_cell(value) for value in column.to_pylist())
    to_right = [kind.id in _NUMERIC for kind in rows.types]
    for line in _lines(list(map(_cell, rows.names)), columns, to_right):
        file.write(line.encode("utf-8", "surrogatepass") + b"\n")
    more = ", truncated" if rows.truncated else ""
    plural = "" if rows.row_count == 1 else "s"
    end = f"({rows.row_count} row{plural}{more}, {facts()['elapsed_ms']:.0f} ms)\n"
    file.write(end.encode())


def _or_null(values: Sequence[str | None]) -> list[str]:
    return [value or "CAST(NULL AS VARCHAR)" for value in values]


def _lines(
    names: Sequence[str], columns: Sequence[Sequence[str]], to_right: Sequence[bool]
) -> Iterator[str]:
    widths = [max(map(len, (name, *cells))) for name, cells in zip(names, columns, strict=True)]
    rules = ["─" * (width + 2) for width in widths]
    yield "┌" + "┬".join(rules) + "┐"
    yield _line(names, widths, [False] * len(names))
    yield "├" + "┼".join(rules) + "┤"
    for row in zip(*columns, strict=True):
        yield _line(row, widths, to_right)
    yield "└" + "┴".join(rules) + "┘"


def _line(cells: Sequence[str], widths: Sequence[int], to_right: Sequence[bool]) -> str:
    padded = (
        f" {cell.rjust(width) if right else cell.ljust(width)} "
        for cell, width, right in zip(cells, widths, to_right, strict=True)
    )
    return "│" + "│".join(padded) + "│"


def _cell(value: str | None) -> str:
    if value is None:
        return "NULL"
    return value.replace("\n", "\\n")
