"""A storage of spans that have any attributes, decoded from OTLP and merged on demand."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from support.any_values import as_json
from support.storage_folder import settings

from goldeneye.clock import DAY_NS, ManualClock
from goldeneye.decoded import Group
from goldeneye.schemas import PromotedKeys, Signal
from otlp_receiver.decoding.choose import decoder
from otlp_receiver.decoding.values import Value
from storage.compaction.worker import carry_out
from storage.compaction.worker_process import Worker
from storage.engine import Storage
from storage.file_system import RealFileSystem

START_NS: Final = 1_767_225_600_000_000_000
PROMOTED: Final = PromotedKeys({"shop.number": "int"}, {})
DECODER: Final = decoder(PROMOTED)


class HereAndNow(Worker):
    """Merges in this process."""

    def merge(self, task: Mapping[str, Any]) -> dict[str, Any]:
        return carry_out(task, RealFileSystem())


def opened(data_dir: Path, clock: ManualClock) -> Storage:
    """Nothing happens in it by itself."""
    given = settings(data_dir, promoted=PROMOTED)
    return Storage.open(given, DECODER, clock, worker=HereAndNow(), threads=False)


def pairs(attributes: Mapping[str, Value]) -> list[dict[str, Any]]:
    return [{"key": key, "value": as_json(item)} for key, item in attributes.items()]


def send(
    storage: Storage,
    items: Sequence[Mapping[str, Value]],
    resource: Mapping[str, Value],
    after_ns: int = 0,
    flush: bool = True,
    signal: Signal = "traces",
) -> None:
    """A file of items with these attributes, numbered by `shop.number`."""
    made = [
        {
            **_FIELDS[signal](number, str(START_NS + after_ns + number)),
            "attributes": pairs({**attributes, "shop.number": number}),
        }
        for number, attributes in enumerate(items)
    ]
    described = {"attributes": pairs(resource)}
    body = json.dumps(_REQUESTS[signal](described, made)).encode()
    decoded = DECODER.decode(signal, "json", [body], [START_NS])
    storage.commit([Group("default", signal, "json", [body], [START_NS], decoded)])
    if flush:
        storage.flush()


_FIELDS: Final[Mapping[Signal, Callable[[int, str], dict[str, Any]]]] = {
    "traces": lambda number, time: {
        "traceId": f"{number + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "startTimeUnixNano": time,
        "endTimeUnixNano": time,
    },
    "logs": lambda number, time: {"timeUnixNano": time},
    "metrics": lambda number, time: {"timeUnixNano": time, "asInt": number},
}
_REQUESTS: Final[Mapping[Signal, Callable[[Any, Any], dict[str, Any]]]] = {
    "traces": lambda resource, made: {
        "resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": made}]}]
    },
    "logs": lambda resource, made: {
        "resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": made}]}]
    },
    "metrics": lambda resource, made: {
        "resourceMetrics": [
            {
                "resource": resource,
                "scopeMetrics": [{"metrics": [{"name": "sold", "gauge": {"dataPoints": made}}]}],
            }
        ]
    },
}


def compact(storage: Storage, clock: ManualClock) -> None:
    clock.advance(2 * DAY_NS / 1e9)
    storage.tick()
