"""Templates in the labels and annotations of rules, with `$labels` and `$value`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final
from urllib.parse import urlsplit

from alerting.labels import Labels
from alerting.templates.engine import Engine
from alerting.templates.errors import TemplateError
from alerting.templates.humanize import HUMANIZE
from alerting.templates.texts import RULE_TEXTS
from alerting.templates.values import Function, Record

_VARIABLES: Final = ("$labels", "$externalLabels", "$externalURL", "$value")


class LabelMap(dict[str, str]):
    """Labels by name; one that is not there is an empty text."""

    all_text = True


@dataclass(frozen=True)
class Sample(Record):
    """One series of an answer and its value."""

    labels: Labels
    value: float
    FIELDS: ClassVar = {"Labels": "labels", "Value": "value"}

    def label(self, name: str) -> str:
        return self.labels.get(name, "")


# Answers a query at the time of the evaluation; what it raises as ValueError is shown.
Ask = Callable[[str], list[Sample]]


@dataclass(frozen=True)
class RuleData(Record):
    """What a rule's template is told."""

    labels: LabelMap
    external_labels: LabelMap
    external_url: str
    value: float
    FIELDS: ClassVar = {
        "Labels": "labels",
        "ExternalLabels": "external_labels",
        "ExternalURL": "external_url",
        "Value": "value",
    }

    def variables(self) -> dict[str, object]:
        values = self.labels, self.external_labels, self.external_url, self.value
        return dict(zip(_VARIABLES, values, strict=True))


def _first(samples: list[Sample]) -> Sample:
    if not samples:
        raise ValueError("first() called on vector with no elements")
    return samples[0]


def _sorted_by(label: str, samples: list[Sample]) -> list[Sample]:
    return sorted(samples, key=lambda sample: sample.label(label))


_SAMPLES: Final[Mapping[str, Function]] = {
    "first": Function(_first, (list,)),
    "label": Function(lambda name, sample: sample.label(name), (str, Sample)),
    "value": Function(lambda sample: sample.value, (Sample,)),
    "strvalue": Function(lambda sample: sample.label("__value__"), (Sample,)),
    "sortByLabel": Function(_sorted_by, (str, list)),
}


def _nothing(query: str) -> list[Sample]:
    raise ValueError(f"there is nothing to ask {query!r}")


@dataclass(frozen=True)
class RuleTemplates:
    """Expands what rules say; `ask` answers their `query`."""

    external_labels: Labels
    external_url: str
    now_ns: int
    ask: Ask = _nothing

    @cached_property
    def _external_labels(self) -> LabelMap:
        return LabelMap(self.external_labels)

    @cached_property
    def _engine(self) -> Engine:
        return Engine(
            {
                **RULE_TEXTS,
                **HUMANIZE,
                **_SAMPLES,
                "query": Function(self.ask, (str,)),
                "externalURL": Function(lambda: self.external_url),
                "pathPrefix": Function(lambda: urlsplit(self.external_url).path),
                "now": Function(lambda: self.now_ns / 1e9),
            }
        )

    def expand(self, text: str, labels: Labels, value: float, name: str = "") -> str:
        """The text for one alert. Raises TemplateError."""
        data = RuleData(LabelMap(labels), self._external_labels, self.external_url, value)
        return self._engine.expand(text, data, name, data.variables())

    def expand_or_say(
        self, text: str, labels: Labels, value: float, name: str = ""
    ) -> tuple[str, TemplateError | None]:
        """The same; an error is the text, so that the alert is told nevertheless."""
        try:
            return self.expand(text, labels, value, name), None
        except TemplateError as error:
            return f"<error expanding template: {error}>", error


def check(text: str, name: str = "") -> None:
    """Whether a rule's template can be parsed. Raises TemplateError."""
    RuleTemplates({}, "", 0)._engine.check(text, name, _VARIABLES)
