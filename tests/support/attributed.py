"""A storage of spans that have any attributes, decoded from OTLP and merged on demand."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from support.any_values import as_json
from support.storage_folder import settings

from goldeneye.clock import DAY_NS, ManualClock
from goldeneye.decoded import Group
from goldeneye.schemas import PromotedKeys
from otlp_receiver.decoding.choose import decoder
from otlp_receiver.decoding.values import Value
from storage.compaction.compactor import Worker
from storage.compaction.worker import carry_out
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
    spans: Sequence[Mapping[str, Value]],
    resource: Mapping[str, Value],
    after_ns: int = 0,
    flush: bool = True,
) -> None:
    """A file of spans with these attributes, numbered by `shop.number`."""
    made = [
        {
            "traceId": f"{number + 1:032x}",
            "spanId": f"{number + 1:016x}",
            "startTimeUnixNano": str(START_NS + after_ns + number),
            "endTimeUnixNano": str(START_NS + after_ns + number + 1),
            "attributes": pairs({**attributes, "shop.number": number}),
        }
        for number, attributes in enumerate(spans)
    ]
    scoped = {"resource": {"attributes": pairs(resource)}, "scopeSpans": [{"spans": made}]}
    body = json.dumps({"resourceSpans": [scoped]}).encode()
    storage.commit([batch(body)])
    if flush:
        storage.flush()


def batch(body: bytes) -> Group:
    decoded = DECODER.decode("traces", "json", [body], [START_NS])
    return Group("default", "traces", "json", [body], [START_NS], decoded)


def compact(storage: Storage, clock: ManualClock) -> None:
    clock.advance(2 * DAY_NS / 1e9)
    storage.tick()
