"""`goldeneye sql`: one question, to a running server or to a folder that no server holds."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from goldeneye.commands.credentials import NO_CREDENTIALS, Credentials
from goldeneye.errors import ConfigurationError, GoldeneyeError

FORMATS: Final = {
    "table": "application/json",
    "json": "application/json",
    "csv": "text/csv",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}
# The server ends a query at its own deadline; this only bounds the wait for a hung server.
_ANSWER_TIMEOUT_S: Final = 3600.0


def sql(
    statement: str,
    output: str,
    server: str,
    data_dir: Path | None,
    credentials: Credentials = NO_CREDENTIALS,
) -> int:
    """Write the answer to standard output; raises GoldeneyeError with the server's reason."""
    if output not in FORMATS:
        raise ConfigurationError(f"--format {output}: must be one of {', '.join(FORMATS)}")
    if data_dir is None:
        body = _ask(statement, output, server, credentials)
    else:
        body = _read(statement, output, data_dir)
    if output == "table":
        # Not by orjson, for which integers end at 64 bits.
        print_table(json.loads(body))
    else:
        sys.stdout.buffer.write(body + (b"\n" if output == "json" else b""))
    return 0


def _ask(statement: str, output: str, server: str, credentials: Credentials) -> bytes:
    options = credentials.http_options()
    options["headers"]["Accept"] = FORMATS[output]
    try:
        answer = httpx.post(
            f"{server.rstrip('/')}/api/v1/sql",
            json={"sql": statement},
            timeout=_ANSWER_TIMEOUT_S,
            **options,
        )
    except httpx.HTTPError as error:
        raise GoldeneyeError(
            f"no answer from {server}: {error}. Is `goldeneye serve` running there? "
            "Without a server, read the folder with --data-dir."
        ) from error
    if answer.status_code != httpx.codes.OK:
        raise GoldeneyeError(_reason(answer))
    _warn(answer.headers.get("goldeneye-missing-files", ""))
    return answer.content


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return str(problem.get("detail") or problem["title"])
    except (ValueError, KeyError, AttributeError):
        return f"{answer.request.url} answered {answer.status_code}"


def _read(statement: str, output: str, data_dir: Path) -> bytes:
    from goldeneye.offline import opened
    from query.service import SqlQuery

    with opened(data_dir, read_only=True) as part:
        wanted: Any = "json" if output == "table" else output
        answer = part.query().run(SqlQuery(sql=statement, format=wanted))
        _warn(", ".join(answer.missing_files))
        return answer.read()


def _warn(missing_files: str) -> None:
    if missing_files:
        print(
            f"goldeneye: the answer lacks rows: files are missing: {missing_files}",
            file=sys.stderr,
        )


def print_table(answer: dict[str, Any]) -> None:
    """The rows in aligned columns, numbers to the right, and how many there are."""
    names = [column["name"] for column in answer["columns"]]
    cells = [[_cell(value) for value in row] for row in answer["rows"]]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    right = [
        any(isinstance(row[i], int | float) for row in answer["rows"]) for i in range(len(names))
    ]
    _line(names, widths, [False] * len(names))
    print("  ".join("-" * width for width in widths))
    for row in cells:
        _line(row, widths, right)
    more = ", truncated" if answer["truncated"] else ""
    count = answer["row_count"]
    print(f"({count} row{'' if count == 1 else 's'}{more}, {answer['elapsed_ms']:.0f} ms)")


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> None:
    padded = [
        cell.rjust(width) if to_right else cell.ljust(width)
        for cell, width, to_right in zip(cells, widths, right, strict=True)
    ]
    print("  ".join(padded).rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return value.replace("\n", "\\n")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
