"""The rows of one trace, read from the pages that have them: no SQL is planned for it.

DuckDB takes 20 ms for the 46 columns of a trace's spans, of which 8 are for planning.
"""

import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from goldeneye import limits
from goldeneye.schemas import PROMOTED_PREFIXES, PromotedKeys, table
from query.worker.sources import TableRows

try:
    import goldeneye_native
except ImportError:
    IS_NATIVE = False
else:
    IS_NATIVE = True

if TYPE_CHECKING:
    from goldeneye_native import Footer

_COLUMN: Final = "trace_id"
# At the end of a file: the length of its metadata, and a magic number.
_TAIL_BYTES: Final = 8


class _File(NamedTuple):
    footer: "Footer"
    filters: Sequence[tuple[int, int] | None]


class ByTrace:
    """Remembers the footers of files, which never change."""

    def __init__(self, promoted: PromotedKeys) -> None:
        self._promoted = promoted
        self._files: OrderedDict[str, _File] = OrderedDict()
        self._threads = 1

    def use(self, threads: int) -> None:
        """Read a row group by so many threads."""
        self._threads = threads

    def write(
        self,
        statement: Mapping[str, Any],
        rows: Mapping[str, TableRows],
        max_rows: int,
        file: BinaryIO,
    ) -> bool:
        """The statement's rows as an Arrow IPC stream; False where SQL has to read them."""
        trace_id, most = statement["all_of_trace"], statement["most"]
        if trace_id is None or most is None or most > max_rows:
            return False
        [name] = statement["tables"]
        found = self.rows(name, rows[name], trace_id, most)
        if found is None:
            return False
        with pa.ipc.new_stream(file, found.schema) as writer:
            writer.write_table(found.slice(0, most))
        return True

    def rows(self, name: str, rows: TableRows, trace_id: str, most: int) -> pa.Table | None:
        """All of the trace's rows, or `most` and perhaps more where it has as many, with all
        columns of the table but promoted ones without a value; None where SQL has to read them."""
        if not IS_NATIVE:
            return None
        found = [] if rows.hot is None else [_of_hot(rows.hot, trace_id)]
        try:
            for path in (path for group in rows.groups for path in group.paths):
                left = most - sum(some.num_rows for some in found)
                if left > 0:
                    found += map(_whole, self._of_file(path, trace_id, left))
            return _together(table(name, self._promoted), found, rows)
        except (OSError, ValueError, pa.ArrowException):
            # SQL reads what is unusual, or says what is wrong with it.
            return None

    def _of_file(self, path: str, trace_id: str, most: int) -> list[pa.RecordBatch]:
        fd = os.open(path, os.O_RDONLY)
        try:
            file = self._known(path, fd)
            found: list[pa.RecordBatch] = []
            for group in _groups_with(file, fd, trace_id):
                if most <= 0:
                    break
                batches = self._of_group(file.footer, fd, group, trace_id, most)
                found += batches
                most -= sum(batch.num_rows for batch in batches)
            return found
        finally:
            os.close(fd)

    def _of_group(
        self, footer: "Footer", fd: int, group: int, trace_id: str, most: int
    ) -> list[pa.RecordBatch]:
        index, values = _read(fd, *footer.index(group)), _read(fd, *footer.values(group))
        found = footer.find(group, index, values, trace_id, most)
        if found is None:
            return []
        return found.rows([_read(fd, *part) for part in found.parts], self._threads)

    def _known(self, path: str, fd: int) -> _File:
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = _opened(fd)
            used_bytes = sum(one.footer.memory_bytes for one in self._files.values())
            while used_bytes > limits.MAX_FOOTER_BYTES and len(self._files) > 1:
                _, forgotten = self._files.popitem(last=False)
                used_bytes -= forgotten.footer.memory_bytes
        self._files.move_to_end(path)
        return file


def _opened(fd: int) -> _File:
    end = os.fstat(fd).st_size - _TAIL_BYTES
    size = int.from_bytes(_read(fd, end, _TAIL_BYTES)[:4], "little")
    footer = goldeneye_native.Footer(_read(fd, end - size, size), _COLUMN)
    return _File(footer, footer.filters)


def _groups_with(file: _File, fd: int, trace_id: str) -> list[int]:
    """The row groups that may have it."""
    known = [(group, where) for group, where in enumerate(file.filters) if where is not None]
    filters = [_read(fd, offset, size) for _, (offset, size) in known]
    found = {known[number][0] for number in goldeneye_native.filters_with(filters, trace_id)}
    return [at for at, where in enumerate(file.filters) if where is None or at in found]


def _read(fd: int, offset: int, size: int) -> bytes:
    """Raises ValueError where the file is shorter."""
    data = os.pread(fd, size, offset) if offset >= 0 else b""
    if len(data) < size:
        raise ValueError("the file is cut off")
    return data


def _of_hot(rows: pa.Table, trace_id: str) -> pa.Table:
    return rows.filter(pc.equal(rows.column(_COLUMN), trace_id))


def _whole(batch: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([batch])


def _together(own: pa.Schema, found: Sequence[pa.Table], rows: TableRows) -> pa.Table:
    """As SQL has them: the columns in order, with the types of the table."""
    kinds = {field.name: _without_dictionary(field.type) for field in own}
    parts = [_with_kinds(some, kinds) for some in found]
    whole = pa.concat_tables(parts, promote_options="default") if parts else pa.table({})
    values = dict(zip(whole.column_names, whole.columns, strict=True))
    for name, kind in kinds.items():
        if name not in values and not name.startswith(PROMOTED_PREFIXES):
            values[name] = pa.nulls(whole.num_rows, kind)
    order = dict.fromkeys([*kinds, *(name for group in rows.groups for name in group.columns)])
    return pa.table({name: values[name] for name in order if name in values})


def _with_kinds(rows: pa.Table, kinds: Mapping[str, pa.DataType]) -> pa.Table:
    names, columns = rows.column_names, rows.columns
    for at, (name, column) in enumerate(zip(names, columns, strict=True)):
        kind = kinds.get(name, _without_dictionary(column.type))
        if column.type != kind:
            columns[at] = column.cast(kind)
    return pa.table(columns, names=names)


def _without_dictionary(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
