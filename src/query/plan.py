"""Which rows of which stored tables a query needs."""

from collections.abc import Mapping, Sequence

# Table -> the times that matter, both ends included, and the traces; None for no bound.
Plan = Mapping[str, tuple[int | None, int | None, Sequence[str] | None]]
