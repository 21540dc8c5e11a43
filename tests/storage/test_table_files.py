"""Files by time, against a plain look at each."""

from hypothesis import given
from hypothesis import strategies as st

from goldeneye.snapshot import FileEntry
from storage.table_files import TableFiles

TIMES = st.one_of(st.integers(-5, 5), st.sampled_from([-(1 << 63), (1 << 63) - 1]))
BOUNDS = st.one_of(st.none(), TIMES, st.sampled_from([-(1 << 70), 1 << 70]))


@st.composite
def entries(draw: st.DrawFn) -> list[FileEntry]:
    spans = draw(st.lists(st.tuples(TIMES, TIMES), max_size=12))
    return [
        FileEntry(
            str(n), "spans", "default", "", 1, 1, min(times), max(times), (), frozenset(), "p", 0
        )
        for n, times in enumerate(spans)
    ]


@given(entries(), st.integers(0, 12), st.sets(st.integers(0, 12)), BOUNDS, BOUNDS)
def test_a_range_has_the_files_that_overlap_it(
    files: list[FileEntry], first: int, removed: set[int], low: int | None, high: int | None
) -> None:
    ids = {str(number) for number in removed}
    found = TableFiles().plus(files[:first]).minus(ids).plus(files[first:])
    present = [f for f in files[:first] if f.id not in ids] + files[first:]
    assert list(found) == present
    assert found.within(low, high) == [
        file
        for file in present
        if (low is None or file.max_time_ns >= low) and (high is None or file.min_time_ns <= high)
    ]


@given(entries())
def test_what_is_not_there_cannot_go(files: list[FileEntry]) -> None:
    whole = TableFiles().plus(files)
    assert whole.minus({"other"}) is whole
    assert not list(whole.minus({file.id for file in files}))
