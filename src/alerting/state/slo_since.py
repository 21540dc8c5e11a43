"""Up to when all that was received is counted in the minutes of SLOs."""

from alerting.state.database import Database


class SloSince:
    """See alerting.slo.late.Since."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def since_ns(self) -> int | None:
        """None where nothing was counted yet. Raises StorageUnavailable."""
        rows = self._database.rows("select_slo_since")
        return rows[0][0] if rows else None

    def keep(self, since_ns: int) -> None:
        """Raises StorageUnavailable."""
        self._database.write("replace_slo_since", (since_ns,))
