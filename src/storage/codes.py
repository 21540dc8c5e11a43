"""Words as numbers of the same order: what SQL groups and compares is then quick and small."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Codes:
    """A column's distinct words, ascending; `numbers` are places among them, NULL where NULL."""

    words: pa.Array
    numbers: pa.Array

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Self:
        """Of strings, or of a dictionary of strings."""
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        one = encoded.unify_dictionaries().combine_chunks()
        if isinstance(one, pa.ChunkedArray):
            one = one.chunk(0) if one.num_chunks else pa.array([], one.type)
        order = pc.array_sort_indices(one.dictionary)
        ranks = np.empty(len(order), np.int32)
        ranks[np.asarray(order)] = np.arange(len(order), dtype=np.int32)
        return cls(one.dictionary.take(order), pa.array(ranks).take(one.indices))

    def named(self, numbers: pa.ChunkedArray) -> pa.ChunkedArray:
        """The words of numbers, as a dictionary; of lists of numbers, as lists."""
        name = self._listed if pa.types.is_list(numbers.type) else self._dictionary
        return pa.chunked_array([name(chunk) for chunk in numbers.chunks])

    def _dictionary(self, numbers: pa.Array) -> pa.Array:
        return pa.DictionaryArray.from_arrays(numbers.cast(pa.int32()), self.words)

    def _listed(self, lists: pa.Array) -> pa.Array:
        return pa.ListArray.from_arrays(lists.offsets, self.words.take(lists.values))
