"""Files without a word's letters are left out of a search, and no record is lost by it."""

import io
import itertools
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.backend import Backend, backend
from support.log_records import logs_request, record

from goldeneye import limits
from query.asking import row_windows
from query.asking.reader import Reader
from query.asking.window import OpenWindow
from query.logs.letters import may_match, parts_to_read, telling
from query.logs.parser import parse
from query.part_of_snapshot import Part
from query.summaries.memory import Stretch
from query.worker import letters
from query.worker.letters import write_letters

pytest.importorskip("goldeneye_native", reason="the native core is not installed")

ALPHABET = "aFgGiIkKzZ\u0130\u0131\u212a\u017féß19 .\0"
TEXTS = st.text(ALPHABET, max_size=10)
EVERYTHING = OpenWindow(None, None)
ALL = Part("logs")


def stretches_of(*batches: list[str | None]) -> list[dict[str, Any]]:
    """Of batches whose times are their places."""
    schema = pa.schema([("time", pa.timestamp("ns")), ("body_text", pa.string())])
    made = [
        pa.record_batch([pa.array([at] * len(texts), schema[0].type), pa.array(texts)], schema)
        for at, texts in enumerate(batches)
        if texts
    ]
    file = io.BytesIO()
    write_letters(pa.RecordBatchReader.from_batches(schema, made), file)
    found: list[dict[str, Any]] = pa.ipc.open_stream(file.getvalue()).read_all().to_pylist()
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Payment-TIMEOUT", ["payment", "timeout"]),
        ("dead beef 0fa1", []),
        ("gé", ["g"]),
        ("17", []),
        ("", []),
    ],
)
def test_runs_that_tell_something(text: str, found: list[str]) -> None:
    assert telling(text) == found


def test_what_the_letters_say_of_a_query() -> None:
    known = "payment\ntimeouts\n"
    for query in ("pay", "TIMEOUT pay", "x1 OR pay", "-zzz", "/zzz/", "dead", "severity>=warn"):
        assert may_match(parse(query), known), query
    for query in ("paying", "pay zzz", "(zzz OR yyy) pay", '"pay zzz"', "paymenttimeouts"):
        assert not may_match(parse(query), known), query


@settings(max_examples=25, deadline=None)
@given(st.lists(st.none() | TEXTS, max_size=4), TEXTS.filter(bool), st.booleans())
def test_nothing_is_lost(texts: list[str | None], word: str, is_in: bool) -> None:
    texts += [f"k{word.upper()}g"] if is_in else [""]
    [found] = stretches_of(texts)
    with duckdb.connect(config={"threads": "1"}) as database:
        asked = (
            "SELECT coalesce(bool_or(contains(lower(text), lower($1))), false) "
            "FROM (SELECT unnest($2::VARCHAR[]) AS text)"
        )
        [(is_there,)] = database.execute(asked, [word, texts]).fetchall()
    if is_there:
        assert all(run in found["letters"] for run in telling(word))


def test_each_stretch_has_its_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "_ROWS", 3)
    found = stretches_of(["Some"], ["more", None], ["texts"], [])
    assert [(one["first_ns"], one["last_ns"]) for one in found] == [(0, 1), (2, 2)]
    assert sorted(found[0]["letters"].split()) == ["more", "some"]
    assert found[1]["letters"] == "texts\n"
    assert stretches_of([]) == []


def test_too_many_runs_are_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_LETTERS_BYTES", 10)
    for text, is_known in (("some some", True), ("some texts", False), ("so more text", False)):
        [found] = stretches_of([text])
        assert (found["letters"] is not None) == is_known


def test_without_the_native_core_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "IS_NATIVE", False)
    assert stretches_of(["some"]) == []


def test_a_search_reads_only_files_with_the_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MIN_LETTERED_ROWS", 1)
    # So that the search of three files has several steps.
    monkeypatch.setattr(row_windows, "_ROWS", (1, 2))
    with backend(tmp_path) as whole:
        for second, text in enumerate(("payment done", "order 17", "order lost")):
            whole.send(logs_request([record(text, 60 * second), record("fine", 60 * second + 1)]))
            whole.flush()
        whole.send(logs_request([record("payment lost", 200)]))

        def found(query: str, **more: Any) -> list[str]:
            answer = whole.get("/api/v1/logs", {"query": query, **more})
            return [log["body_text"] for log in answer["logs"]]

        for _ in range(2):
            assert found("PAYMENT") == ["payment lost", "payment done"]
            assert found("order") == ["order lost", "order 17"]
            assert found("nowhere") == []
            assert found("-order lost") == ["payment lost"]
        assert found("Order", case="sensitive") == []
        both = ["payment lost", "order lost", "order 17", "payment done"]
        assert found("order OR payment") == both


def test_files_are_looked_into_when_a_search_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MIN_LETTERED_ROWS", 1)
    with backend(tmp_path) as whole:
        for texts in (["payment"], ["order", "order"]):
            whole.send(logs_request([record(text, at) for at, text in enumerate(texts)]))
            whole.flush()
        for is_long, files_read, left_out in ((False, 0, 0), (True, 2, 1), (False, 0, 1)):
            reader = Reader(whole.service)
            [(rest, times)] = parts_to_read(reader, parse("order"), EVERYTHING, is_long)
            assert (len(rest.without), reader.files_read) == (left_out, files_read)
            assert times == EVERYTHING
        for query in ("-nowhere", "/nowhere/", "dead"):
            reader = Reader(whole.service)
            assert parts_to_read(reader, parse(query), EVERYTHING, True) == [(ALL, EVERYTHING)]


def test_of_a_file_only_the_times_of_stretches_with_the_letters_are_read(tmp_path: Path) -> None:
    with backend(tmp_path) as whole:
        whole.send(logs_request([record(str(at), at) for at in range(9)]))
        whole.flush()
        reader = Reader(whole.service)
        [file] = reader.files("logs", None, None)
        known = [Stretch(10 * at, 10 * at + 9, f"w{'xy'[at % 2]}\n") for at in range(6)]
        reader.memory.letters.put(
            file.id, [*known, Stretch(60, 69, "once\n"), Stretch(70, 79, None)]
        )
        asked = partial(parts_to_read, reader, is_long=False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(limits, "MIN_LETTERED_ROWS", 1)
            patch.setattr(reader, "files", lambda *_: [file])
            only, rest = Part("logs", only=file.id), Part("logs", without=frozenset([file.id]))
            some = OpenWindow(15, 65)
            assert asked(parse("once"), EVERYTHING) == [
                (rest, EVERYTHING),
                (only, OpenWindow(60, 80)),
            ]
            assert asked(parse("wy"), some) == [(rest, some), (only, OpenWindow(15, 60))]
            assert asked(parse("wx OR wy"), EVERYTHING) == [(ALL, EVERYTHING)]
            assert asked(parse("once"), OpenWindow(0, 60)) == [(rest, OpenWindow(0, 60))]


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as whole:
        yield whole


EXAMPLES = itertools.count()


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.lists(TEXTS, min_size=1, max_size=4), min_size=1, max_size=3),
    st.lists(TEXTS.filter(lambda text: text.strip("\0 ")), min_size=1, max_size=2),
)
def test_answers_are_those_of_a_search_of_everything(
    one: Backend, files: list[list[str]], words: list[str]
) -> None:
    service = f"example {next(EXAMPLES)}"
    for number, texts in enumerate([*files, words]):
        sent = [record(text, 10 * number + at) for at, text in enumerate(texts)]
        one.send(logs_request(sent, service=service))
        if number < len(files):
            one.flush()
    asked = {"query": " ".join(json.dumps(word) for word in words), "service": service}
    answers = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_windows, "_ROWS", (1, 2))
        for least in (1, 1_000):
            patch.setattr(limits, "MIN_LETTERED_ROWS", least)
            answers.append(one.get("/api/v1/logs", asked))
    assert answers[0] == answers[1]
