"""Words become numbers of the same order, and words again."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.codes import Codes

WORDS = st.lists(st.none() | st.text(max_size=3), max_size=12)


@given(chunks=st.lists(WORDS, max_size=4), as_dictionaries=st.booleans())
def test_numbers_have_the_order_of_their_words_and_lead_back_to_them(
    chunks: list[list[str | None]], as_dictionaries: bool
) -> None:
    arrays = [pa.array(chunk, pa.string()) for chunk in chunks]
    kind: pa.DataType = pa.string()
    if as_dictionaries:
        arrays = [array.dictionary_encode() for array in arrays]
        kind = pa.dictionary(pa.int32(), pa.string())
    codes = Codes.of(pa.chunked_array(arrays, kind))
    words = [word for chunk in chunks for word in chunk]
    numbers = codes.numbers.to_pylist()
    assert codes.named(pa.chunked_array([codes.numbers])).to_pylist() == words
    assert [number is None for number in numbers] == [word is None for word in words]
    known = sorted({(n, w.encode()) for n, w in zip(numbers, words, strict=True) if w is not None})
    assert [word for _, word in known] == sorted({w.encode() for w in words if w is not None})


def test_lists_of_numbers_become_lists_of_words() -> None:
    codes = Codes.of(pa.chunked_array([["b", None, "a"]]))
    lists = pa.chunked_array([pa.array([[0, 1], [], [1]], pa.list_(pa.int32()))])
    assert codes.named(lists).to_pylist() == [["a", "b"], [], ["b"]]


@pytest.mark.parametrize("kind", [pa.string(), pa.dictionary(pa.int32(), pa.string())])
def test_a_column_without_chunks(kind: pa.DataType) -> None:
    codes = Codes.of(pa.chunked_array([], kind))
    assert (len(codes.words), len(codes.numbers)) == (0, 0)
