"""One remote-write request, from its body to samples that are durable."""

import asyncio
from collections import OrderedDict
from typing import Final

from goldeneye.errors import InvalidRequest
from query.prometheus.remote_write.ingest import Ingest
from query.promql.remote_write.media_type import Message
from query.promql.remote_write.series import Metadata
from query.promql.remote_write.translate import Translated, to_otlp

# What 1.0 tells of families comes in messages of its own; as many as a large server has.
_MAX_FAMILIES: Final = 20_000


class Writing:
    """Remembers what senders said of families."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest
        self._families: OrderedDict[str, Metadata] = OrderedDict()

    async def write(self, body: bytes, message: Message) -> Translated:
        """What was stored. Raises GoldeneyeError, and InvalidRequest with nothing stored but, where
        there are too many series, what belongs to the others.
        """
        known = dict(self._families) if message is Message.V1 else {}
        most = self._ingest.max_body_bytes
        translated = await asyncio.to_thread(to_otlp, body, message, known, most)
        self._remember(translated)
        if translated.body:
            rejected = await self._ingest.store_metrics(translated.body)
            if rejected:
                raise InvalidRequest(rejected)
        return translated

    def _remember(self, translated: Translated) -> None:
        for name, metadata in translated.families.items():
            self._families[name] = metadata
            self._families.move_to_end(name)
        while len(self._families) > _MAX_FAMILIES:
            self._families.popitem(last=False)
