"""Silences, kept."""

import json
from collections.abc import Mapping
from typing import Any

from alerting.matching.matcher import Matcher, Operator
from alerting.routing.silences import Silence, Silences
from alerting.state.database import Database


class SilenceStore:
    """One row a silence."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> Silences:
        """By id. Raises StorageUnavailable."""
        found = [_silence(json.loads(text)) for (text,) in self._database.rows("select_silences")]
        return {silence.id: silence for silence in found}

    def replace(self, before: Silences, after: Silences) -> None:
        """Keep what differs between the two. Raises StorageUnavailable."""
        with self._database.transaction():
            for silence_id, silence in after.items():
                if before.get(silence_id) != silence:
                    values = (silence_id, json.dumps(_plain(silence)))
                    self._database.write("replace_silence", values)
            for silence_id in before.keys() - after.keys():
                self._database.write("delete_silence", (silence_id,))


def _plain(silence: Silence) -> dict[str, Any]:
    return {
        "id": silence.id,
        "matchers": [[m.name, str(m.operator), m.value] for m in silence.matchers],
        "starts_at_ns": silence.starts_at_ns,
        "ends_at_ns": silence.ends_at_ns,
        "created_by": silence.created_by,
        "comment": silence.comment,
        "updated_at_ns": silence.updated_at_ns,
        "annotations": dict(silence.annotations),
    }


def _silence(saved: Mapping[str, Any]) -> Silence:
    matchers = tuple(Matcher(name, Operator(op), value) for name, op, value in saved["matchers"])
    return Silence(**{**saved, "matchers": matchers})
