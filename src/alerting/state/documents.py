"""Groups of rules and SLOs that were made by the API: their texts, as YAML."""

from collections.abc import Mapping
from typing import Final, Literal

from alerting.state.database import Database

Kind = Literal["rules", "slo"]
# Texts by kinds and names.
Made = Mapping[Kind, Mapping[str, str]]
KINDS: Final[tuple[Kind, ...]] = ("rules", "slo")


class Documents:
    """One row a document."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def made(self) -> Made:
        """All of them. Raises StorageUnavailable."""
        return {kind: dict(self._database.rows("select_documents", (kind,))) for kind in KINDS}

    def replace(self, made: Made) -> None:
        """These are all from now on. Raises StorageUnavailable."""
        with self._database.transaction():
            for kind, before in self.made().items():
                for name in before.keys() - made[kind].keys():
                    self._database.write("delete_document", (kind, name))
                for name, text in made[kind].items():
                    if text != before.get(name):
                        self._database.write("replace_document", (kind, name, text))
