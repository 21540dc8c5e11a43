"""Groups of rules and SLOs that were made by the API: their texts, as YAML."""

from collections.abc import Mapping
from typing import Final, Literal

from alerting.state.database import Database

Kind = Literal["rules", "slo"]
KINDS: Final[tuple[Kind, ...]] = ("rules", "slo")


class Documents:
    """One row a document."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, kind: Kind) -> Mapping[str, str]:
        """Texts by name. Raises StorageUnavailable."""
        return dict(self._database.rows("select_documents", (kind,)))

    def keep(self, kind: Kind, name: str, text: str) -> None:
        """Raises StorageUnavailable."""
        self._database.write("replace_document", (kind, name, text))

    def forget(self, kind: Kind, name: str) -> None:
        """Raises StorageUnavailable."""
        self._database.write("delete_document", (kind, name))
