"""The questions of several SLOs, asked of the query layer with as few statements as may be."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from alerting.durations import MINUTE_NS
from alerting.slo.counting import Answer, Question, Series
from alerting.slo.model import Promql, Source, Spans, Sql
from alerting.slo.span_filter import is_of_rollups
from goldeneye.errors import GoldeneyeError
from goldeneye.slo_filters import wanted
from query.asking.reader import Reader
from query.asking.window import Window
from query.service import QueryService
from query.slo.counts import minute_counts
from query.slo.promql import MinuteQuery, of_queries
from query.slo.statement import Points, of_statement

# One statement counts the spans of so many sources: of 100 it takes more than a worker's memory.
_SOURCES: Final = 16
# So many queries share one deadline.
_QUERIES: Final = 64
_Found = Sequence[Series] | GoldeneyeError


class _Part(NamedTuple):
    """One source of a question: `number` of the question, and which of its sources."""

    number: int
    place: int
    source: Source


class SloQuestions:
    """Answers what is asked at once; for one thread."""

    def __init__(self, service: QueryService, questions: Sequence[Question]) -> None:
        self._service = service
        self._questions = questions
        self._found = dict[tuple[int, int], _Found]()

    def answers(self) -> list[Answer | GoldeneyeError]:
        """In the order of the questions; GoldeneyeError where one has none."""
        parts = [
            _Part(number, place, source)
            for number, asked in enumerate(self._questions)
            for place, source in enumerate(asked.sources)
        ]
        for group in self._groups([one for one in parts if isinstance(one.source, Spans)]):
            self._keep(group, self._counts)
        queries = [one for one in parts if isinstance(one.source, Promql)]
        for at in range(0, len(queries), _QUERIES):
            self._keep(queries[at : at + _QUERIES], self._queries)
        for one in parts:
            if isinstance(one.source, Sql):
                self._keep([one], self._statement)
        return [self._answer(number) for number in range(len(self._questions))]

    def _answer(self, number: int) -> Answer | GoldeneyeError:
        answer = list[Sequence[Series]]()
        for place in range(len(self._questions[number].sources)):
            found = self._found[number, place]
            if isinstance(found, GoldeneyeError):
                return found
            answer.append(found)
        return answer

    def _keep(
        self, parts: Sequence[_Part], ask: Callable[[Sequence[_Part]], Sequence[_Found]]
    ) -> None:
        try:
            found = ask(parts)
        except GoldeneyeError as error:
            found = [error] * len(parts)
        for one, series in zip(parts, found, strict=True):
            self._found[one.number, one.place] = series

    def _groups(self, parts: Sequence[_Part]) -> Iterator[Sequence[_Part]]:
        """What one statement counts: of rollups many sources, of spans those of one question."""
        groups = defaultdict[object, list[_Part]](list)
        for one in parts:
            asked = self._questions[one.number]
            plain = all(is_of_rollups(s.filter) for s in asked.sources if isinstance(s, Spans))
            groups[(asked.first, asked.end) if plain else one.number].append(one)
        for group in groups.values():
            yield from (group[at : at + _SOURCES] for at in range(0, len(group), _SOURCES))

    def _counts(self, parts: Sequence[_Part]) -> Sequence[_Found]:
        sources = [one.source for one in parts if isinstance(one.source, Spans)]
        found = minute_counts(Reader(self._service), wanted(sources), self._window(parts[0]))
        minute = column(found, "minute", np.int64)
        return [
            [Series(minute, column(found, f"count_{number}", np.float64))]
            for number in range(len(parts))
        ]

    def _queries(self, parts: Sequence[_Part]) -> Sequence[_Found]:
        asked = [
            MinuteQuery(one.source.query, self._window(one), self._questions[one.number].each)
            for one in parts
            if isinstance(one.source, Promql)
        ]
        answers = of_queries(self._service, asked)
        return [one if isinstance(one, GoldeneyeError) else _series(one) for one in answers]

    def _statement(self, parts: Sequence[_Part]) -> Sequence[_Found]:
        (one,) = parts
        assert isinstance(one.source, Sql)
        reader = Reader(self._service)
        return [_series(of_statement(reader, one.source.statement, self._window(one)))]

    def _window(self, one: _Part) -> Window:
        asked = self._questions[one.number]
        return Window(asked.first * MINUTE_NS, asked.end * MINUTE_NS)


def _series(found: Sequence[Points]) -> list[Series]:
    return [
        Series(
            np.array([minute for minute, _ in points], np.int64),
            np.array([value for _, value in points], np.float64),
        )
        for points in found
    ]


def column(found: pa.Table, name: str, kind: type) -> np.ndarray:
    """A column of an answer."""
    values: np.ndarray = found.column(name).to_numpy().astype(kind)
    return values
