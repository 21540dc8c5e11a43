"""How many series may be active at once: of a tenant, and of each of its metrics.

A series is active in the hour of its last point and in the next. The one that is active goes on
being taken, however many there are; what is rejected is a series that would be one more.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goldeneye.clock import Clock
from goldeneye.decoded import BodyResult, Decoded
from goldeneye.schemas import SERIES_CHECK
from goldeneye.telemetry import ACTIVE_SERIES
from storage.identities import Identities, Numbers

OF_METRIC: Final = "max_series_per_metric"
OF_TENANT: Final = "max_series"
_PERIOD_S: Final = 3600
_DAY_NS: Final = 86_400 * 1_000_000_000
# What `load` knows has no name yet: it is counted for its metric when it sends again.
_UNNAMED: Final = ""

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SeriesBounds:
    """None where there is no bound."""

    of_tenant: int | None = None
    of_metric: int | None = None


UNBOUNDED: Final = SeriesBounds()


@dataclass(slots=True)
class _Active:
    """Of one tenant: those of this hour, and those of the hour before."""

    period: int
    now: Identities = field(default_factory=Identities)
    before: Identities = field(default_factory=Identities)
    counts: Counter[str] = field(default_factory=Counter)
    # Of `before`, those that have not sent in this hour.
    silent: Counter[str] = field(default_factory=Counter)

    def turn(self, period: int) -> None:
        """Go on to the hour."""
        if period == self.period:
            return
        followed = period == self.period + 1
        self.before = self.now if followed else Identities()
        self.silent = self.counts if followed else Counter()
        self.period, self.now, self.counts = period, Identities(), Counter()

    def count(self, name: str) -> int:
        return self.counts[name] + self.silent[name]

    @property
    def total(self) -> int:
        return self.counts.total() + self.silent.total()

    def again(self, names: Sequence[str]) -> None:
        """Series of these metrics have sent in this hour too."""
        for name, count in Counter(names).items():
            self.counts[name] += count
            named = min(count, self.silent[name])
            self.silent[name] -= named
            self.silent[_UNNAMED] -= min(count - named, self.silent[_UNNAMED])


class SeriesLimits:
    """`load` has the series that files hold of a tenant and day. Used by one thread."""

    def __init__(
        self, bounds: SeriesBounds, load: Callable[[str, int], Identities], clock: Clock
    ) -> None:
        self._bounds = bounds
        self._load = load
        self._clock = clock
        self._tenants: dict[str, _Active] = {}

    def within(self, tenant: str, decoded: Decoded) -> Decoded:
        """Without the points of series that would be too many; the results count them."""
        series = decoded.batches.get("metric_series")
        if series is None or not series.num_rows or self._bounds == UNBOUNDED:
            return decoded
        active = self._active(tenant)
        refused = self._refused(active, series)
        ACTIVE_SERIES.labels(tenant).set(active.total)
        return _without(decoded, refused) if refused else decoded

    def _active(self, tenant: str) -> _Active:
        period = int(self._clock.monotonic_s() // _PERIOD_S)
        if tenant not in self._tenants:
            known = self._load(tenant, self._clock.now_ns() // _DAY_NS)
            silent = Counter({_UNNAMED: len(known)})
            self._tenants[tenant] = _Active(period, before=known, silent=silent)
        active = self._tenants[tenant]
        active.turn(period)
        return active

    def _refused(self, active: _Active, series: pa.RecordBatch) -> dict[str, Numbers]:
        """The ids that are not taken, by reason."""
        ids, first = np.unique(np.asarray(series.column("series_id"), np.uint64), return_index=True)
        unseen = ~active.now.find(ids)[0]
        if not unseen.any():
            return {}
        order = np.argsort(first[unseen])
        ids, rows = ids[unseen][order], first[unseen][order]
        checks = np.asarray(series.column(SERIES_CHECK), np.uint64)[rows]
        names = np.array(series.column("name").take(pa.array(rows)).to_pylist(), np.object_)
        known = active.before.find(ids)[0]
        active.again(names[known].tolist())
        taken = known.copy()
        refused = self._choose(active, ids, names, ~known, taken)
        active.now.add(ids[taken], checks[taken])
        return refused

    def _choose(
        self, active: _Active, ids: Numbers, names: NDArray[np.object_], new: Bools, taken: Bools
    ) -> dict[str, Numbers]:
        """Mark in `taken` those of the new ones for which there is room, first come first."""
        fits = new.copy()
        if self._bounds.of_metric is not None:
            for name in set(names[new].tolist()):
                own = np.flatnonzero(new & (names == name))
                fits[own[max(0, self._bounds.of_metric - active.count(name)) :]] = False
        taken_new = fits.copy()
        if self._bounds.of_tenant is not None:
            room = max(0, self._bounds.of_tenant - active.total)
            taken_new[np.flatnonzero(fits)[room:]] = False
        active.counts.update(names[taken_new].tolist())
        taken |= taken_new
        reasons = {OF_METRIC: ids[new & ~fits], OF_TENANT: ids[fits & ~taken_new]}
        return {reason: found for reason, found in reasons.items() if len(found)}


def _without(decoded: Decoded, refused: Mapping[str, Numbers]) -> Decoded:
    series, points = decoded.batches["metric_series"], decoded.batches["metric_points"]
    lost = {reason: _among(points, ids) for reason, ids in refused.items()}
    all_ids = np.concatenate(list(refused.values()))
    batches = {
        **decoded.batches,
        "metric_series": series.filter(pa.array(~_among(series, all_ids))),
        "metric_points": points.filter(pa.array(~np.logical_or.reduce(list(lost.values())))),
    }
    first = f"a series of {_name_of(series, all_ids[0])!r}"
    # The points of a body lie behind those of the body before it.
    ends = np.cumsum([result.accepted for result in decoded.results])
    results = []
    for result, end in zip(decoded.results, ends.tolist(), strict=True):
        own = slice(end - result.accepted, end)
        counts = {reason: int(rows[own].sum()) for reason, rows in lost.items()}
        results.append(_reduced(result, counts, first))
    return replace(decoded, batches=batches, results=results)


def _among(batch: pa.RecordBatch, ids: Numbers) -> Bools:
    return np.isin(np.asarray(batch.column("series_id"), np.uint64), ids)


def _name_of(series: pa.RecordBatch, series_id: np.uint64) -> str:
    at = int(np.flatnonzero(np.asarray(series.column("series_id"), np.uint64) == series_id)[0])
    return str(series.column("name")[at].as_py())


def _reduced(result: BodyResult, lost: Mapping[str, int], first: str) -> BodyResult:
    count = sum(lost.values())
    if not count:
        return result
    return replace(
        result,
        accepted=result.accepted - count,
        rejected={**result.rejected, **{reason: own for reason, own in lost.items() if own}},
        first_rejected=result.first_rejected or first,
    )
