"""What documents call each other by: one name per kind, over all files."""

from dataclasses import dataclass, field
from typing import Final

from alerting.documents.entry import Entry
from alerting.slo.fields import labels, name
from alerting.slo.model import Labels

API_VERSION: Final = "openslo/v1"
METADATA: Final = ("name", "displayName", "labels", "annotations")


@dataclass(frozen=True)
class Metadata:
    name: str
    display_name: str
    labels: Labels
    annotations: Labels


@dataclass(frozen=True)
class Written:
    """One document: who it is, and its `spec`."""

    entry: Entry
    metadata: Metadata
    spec: Entry


@dataclass(frozen=True)
class Shelf:
    """All documents by kind and name."""

    kinds: dict[str, dict[str, Written]] = field(default_factory=dict)

    def put(self, kind: str, written: Written) -> None:
        """Fails where another document has the kind and name."""
        same_kind = self.kinds.setdefault(kind, {})
        other = same_kind.get(written.metadata.name)
        if other is not None:
            place = f"{other.entry.file}:{other.entry.line}"
            written.entry.fail(f"another {kind} is called {written.metadata.name}: {place}")
        same_kind[written.metadata.name] = written

    def named(self, kind: str, reference: Entry) -> Written:
        found = self.kinds.get(kind, {}).get(reference.text())
        if found is None:
            reference.fail(f"there is no {kind} of the name {reference.text()}")
        return found

    def of(self, kind: str) -> list[Written]:
        return list(self.kinds.get(kind, {}).values())


def metadata(entry: Entry) -> Metadata:
    found = entry.fields(METADATA, ("name",))
    called = name(found["name"])
    return Metadata(
        called,
        found["displayName"].text() if "displayName" in found else "",
        labels(found.get("labels")),
        labels(found.get("annotations")),
    )


def inline(entry: Entry, kind: str) -> Written:
    """A document inside another: `kind` may be said, and must be right."""
    found = entry.fields(("apiVersion", "kind", "metadata", "spec"), ("metadata", "spec"))
    if "apiVersion" in found:
        found["apiVersion"].one_of((API_VERSION,))
    if "kind" in found:
        found["kind"].one_of((kind,))
    return Written(entry, metadata(found["metadata"]), found["spec"])
