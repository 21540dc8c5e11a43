"""The forms of an answer, each written to a file batch by batch."""

from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

from query.worker.answers.box import write_table
from query.worker.answers.columns import write_arrow, write_parquet
from query.worker.answers.lines import write_csv, write_json
from query.worker.answers.rows import Facts, Rows

WRITERS: Final[Mapping[str, Callable[[Rows, BinaryIO, Facts], None]]] = {
    "json": write_json,
    "csv": write_csv,
    "table": write_table,
    "arrow": write_arrow,
    "parquet": write_parquet,
}
