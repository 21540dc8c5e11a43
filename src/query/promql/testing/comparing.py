"""Compares answers with what a test expects; a difference is a text."""

from query.promql.engine import Answer, Samples
from query.promql.labels import Labels, text
from query.promql.native.histogram import Histogram
from query.promql.numbers import general
from query.promql.parsing.tokens import unquoted
from query.promql.testing.equality import same, same_number
from query.promql.testing.notation import Sample
from query.promql.testing.script import Eval, Expectation

Points = dict[int, float | Histogram]


def points(series: Samples) -> Points:
    """The samples of an answer's series by time."""
    values = zip(series.times.tolist(), series.values.tolist(), strict=True)
    return {time: series.histograms.get(i, value) for i, (time, value) in enumerate(values)}


def shown(value: Sample) -> str:
    """A sample as text."""
    if value is None:
        return "_"
    return str(value) if isinstance(value, Histogram) else general(value)


def _line(labels: Labels, values: Points) -> str:
    return f"{text(labels)} " + " ".join(
        f"{shown(value)}@{time / 1000:g}" for time, value in sorted(values.items())
    )


def _wanted(command: Eval, expected: Expectation) -> list[tuple[Labels, Points]]:
    start, _, step = expected.times or (command.start_ms, command.end_ms, command.step_ms)
    return [
        (
            series.labels,
            {start + i * step: value for i, value in enumerate(series.values) if value is not None},
        )
        for series in expected.series
    ]


def _agree(wanted: Points, got: Points) -> bool:
    return wanted.keys() == got.keys() and all(same(wanted[time], got[time]) for time in wanted)


def difference(command: Eval, answer: Answer) -> str | None:
    """What is not as expected, None where all is."""
    expected = command.expected
    if expected.string is not None:
        wanted_text = _unquoted(expected.string)
        if answer.kind == "string" and answer.text == wanted_text:
            return None
        return f"expected string {wanted_text!r}\ngot {answer.kind} {answer.text!r}"
    if expected.number is not None:
        return _number_difference(expected.number, answer)
    wanted = [(labels, got) for labels, got in _wanted(command, expected) if got]
    found = [(series.labels, points(series)) for series in answer.series]
    if _series_agree(wanted, found, "ordered" in expected.kinds):
        return None
    return _both("expected", wanted) + "\n" + _both("got", found)


def _series_agree(
    wanted: list[tuple[Labels, Points]], found: list[tuple[Labels, Points]], ordered: bool
) -> bool:
    by_labels = dict(found)
    if len(wanted) != len(found) or len(by_labels) != len(found):
        return False
    if ordered and [labels for labels, _ in wanted] != [labels for labels, _ in found]:
        return False
    return all(
        labels in by_labels and _agree(points, by_labels[labels]) for labels, points in wanted
    )


def _both(title: str, series: list[tuple[Labels, Points]]) -> str:
    lines = sorted(_line(labels, values) for labels, values in series)
    return "\n".join([title, *(f"  {line}" for line in lines or ["nothing"])])


def _number_difference(expected: float, answer: Answer) -> str | None:
    values = [value for series in answer.series for value in series.values.tolist()]
    if len(values) == 1 and answer.series[0].labels == () and same_number(expected, values[0]):
        return None
    return f"expected {general(expected)}\ngot {', '.join(map(general, values)) or answer.kind}"


def _unquoted(written: str) -> str:
    return unquoted(written) if written[0] in "\"'`" else written


def notes_difference(expected: Expectation, answer: Answer) -> str | None:
    """What is wrong with warnings and infos; those that nobody asks about may be there."""
    for kind, found in (("warn", answer.warnings), ("info", answer.infos)):
        if f"no_{kind}" in expected.kinds and found:
            return f"expected no {kind}\ngot {'; '.join(found)}"
        if kind in expected.kinds and not found:
            return f"expected {kind}\ngot none"
        for wanted_kind, note in expected.notes:
            if wanted_kind == kind and not any(note.fits(text) for text in found):
                return f"expected {kind} {note.text}\ngot {'; '.join(found)}"
    return None


def error_difference(expected: Expectation, error: Exception) -> str | None:
    """What is wrong with an error, None where it was expected."""
    if "fail" not in expected.kinds:
        return f"expected no error\ngot error: {error}"
    for kind, note in expected.notes:
        if kind == "fail" and not note.fits(str(error)):
            return f"expected error: {note.text}\ngot error: {error}"
    return None
