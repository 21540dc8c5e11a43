"""One metric as OTLP has it."""

from typing import Any, NamedTuple

import orjson

from query.promql.naming.metric_kind import TYPE_KEY, Kind, is_untranslated, kind_of


class Family(NamedTuple):
    """One metric as OTLP has it; `metadata` is canonical JSON."""

    name: str
    unit: str
    type: str
    is_monotonic: bool | None
    temporality: str | None
    metadata: str

    @property
    def said(self) -> dict[str, Any]:
        """The metadata's members."""
        return dict(orjson.loads(self.metadata)) if self.metadata else {}

    @property
    def kind(self) -> Kind:
        return kind_of(self.type, self.is_monotonic, self.said)

    @property
    def untranslated(self) -> bool:
        return is_untranslated(self.said)

    @property
    def is_gauge_histogram(self) -> bool:
        """Whether a target said that its counts may fall."""
        return self.said.get(TYPE_KEY) == "gaugehistogram"

    @property
    def is_delta(self) -> bool:
        """Whether its values add up to a counter: not those of sums that may fall."""
        return self.temporality == "delta" and self.kind not in ("gauge", "up_down_counter")
