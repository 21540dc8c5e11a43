"""A defect in the server: whatever it would decode makes it raise."""

from typing import NoReturn

from otlp_receiver.exports import Exports


async def _fail(*_: object) -> NoReturn:
    raise RuntimeError("secret detail")


Exports.store = _fail  # type: ignore[method-assign]
