"""Who has seen which alert: said of one firing, and over when that ends."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from alerting.state.database import Database


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Of the firing of an alert that began at `starts_at_ns`."""

    fingerprint: str
    starts_at_ns: int
    by: str
    at_ns: int
    comment: str = ""


class Acknowledgements:
    """One row an alert."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> Mapping[str, Acknowledgement]:
        """By fingerprint. Raises StorageUnavailable."""
        rows = self._database.rows("select_acknowledgements")
        found = [Acknowledgement(**json.loads(text)) for (text,) in rows]
        return {one.fingerprint: one for one in found}

    def keep(self, one: Acknowledgement) -> None:
        """Raises StorageUnavailable."""
        values = (one.fingerprint, json.dumps(asdict(one)))
        self._database.write("replace_acknowledgement", values)

    def forget(self, fingerprints: Iterable[str]) -> None:
        """Raises StorageUnavailable."""
        with self._database.transaction():
            for fingerprint in fingerprints:
                self._database.write("delete_acknowledgement", (fingerprint,))
