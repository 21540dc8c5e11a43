"""All files of SLOs read together, whole or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from alerting.documents.entry import Entry, entries
from alerting.documents.faults import BadFile
from alerting.rules.loading import Check, unchecked
from alerting.slo import native, openslo
from alerting.slo.catalogue import API_VERSION, Catalogue, Catalogues, read_catalogue
from alerting.slo.counting import sources_of
from alerting.slo.exclusions import Exclusion
from alerting.slo.fields import exclusion
from alerting.slo.indicators import indicator
from alerting.slo.model import Indicator, Service, Slo, Sql
from alerting.slo.policies import condition, policy, target
from alerting.slo.references import Shelf, Written
from goldeneye.errors import ConfigurationError


@dataclass(frozen=True)
class Loaded:
    """What the files say."""

    slos: tuple[Slo, ...]
    services: tuple[Service, ...]


def load(texts: Mapping[str, str], check_sql: Check = unchecked) -> Loaded:
    """The SLOs of the texts, whose names are those of their files.

    Raises ConfigurationError: one line a fault, with file, line and field.
    """
    return _Loader(check_sql).load(texts)


@dataclass(frozen=True)
class _Excluded:
    """`names` are the SLOs it is for; none is all."""

    names: tuple[Entry, ...]
    exclusion: Exclusion


class _Loader:
    def __init__(self, check_sql: Check) -> None:
        self._check_sql = check_sql
        self._shelf = Shelf()
        self._short = list[Entry]()
        self._excluded = list[_Excluded]()
        self._catalogues = list[Catalogue]()
        self._slos = dict[str, Slo]()
        self._services = list[Service]()
        self._faults = list[str]()

    def load(self, texts: Mapping[str, str]) -> Loaded:
        for file, text in texts.items():
            self._try(self._file, file, text)
        self._parts()
        for written in self._shelf.of("SLO"):
            self._try(self._openslo, written)
        for entry in self._short:
            self._try(self._native, entry)
        for excluded in self._excluded:
            self._try(self._check_names, excluded)
        if self._faults:
            raise ConfigurationError("\n".join(self._faults))
        return Loaded(tuple(self._slos.values()), tuple(self._services))

    def _try(self, read: Callable[..., Any], *arguments: Any) -> None:
        """Goes on after a fault, so that all documents with faults are named at once."""
        try:
            read(*arguments)
        except ConfigurationError as error:
            if str(error) not in self._faults:
                self._faults.append(str(error))

    def _file(self, file: str, text: str) -> None:
        for entry in entries(file, text):
            self._try(self._document, entry)

    def _document(self, entry: Entry) -> None:
        names = dict(entry.pairs())
        if "apiVersion" in names and names["apiVersion"].text() == API_VERSION:
            self._catalogue(entry)
        elif "apiVersion" in names or "kind" in names:
            openslo.shelve(entry, self._shelf)
        else:
            found = entry.fields(("slos", "exclusions"))
            self._short += found["slos"].items() if "slos" in found else []
            for one in found["exclusions"].items() if "exclusions" in found else []:
                self._try(self._exclude, one)

    def _catalogue(self, entry: Entry) -> None:
        read = read_catalogue(entry)
        if any(read.period_minutes == other.period_minutes for other in self._catalogues):
            entry.fail("there are windows for this period already")
        self._catalogues.append(read)

    def _exclude(self, entry: Entry) -> None:
        named = dict(entry.pairs()).get("slos")
        names = tuple(named.items()) if named else ()
        self._excluded.append(_Excluded(names, exclusion(entry, ("slos",))))

    def _parts(self) -> None:
        """Those that no SLO refers to must be right as well."""
        for written in self._shelf.of("SLI"):
            self._try(lambda one: self._check(indicator(one.spec)), written)
        for written in self._shelf.of("AlertCondition"):
            self._try(condition, written)
        for written in self._shelf.of("AlertNotificationTarget"):
            self._try(target, written)
        for written in self._shelf.of("AlertPolicy"):
            self._try(policy, written, self._shelf)
        for written in self._shelf.of("Service"):
            self._try(lambda one: self._services.append(openslo.service(one)), written)

    def _openslo(self, written: Written) -> None:
        exclusions = self._exclusions(written.metadata.name)
        catalogues = Catalogues(tuple(self._catalogues))
        self._add(written.entry, openslo.slo(written, self._shelf, catalogues, exclusions))

    def _native(self, entry: Entry) -> None:
        named = dict(entry.pairs()).get("name")
        exclusions = self._exclusions(named.text() if named else "")
        self._add(entry, native.slo(entry, Catalogues(tuple(self._catalogues)), exclusions))

    def _exclusions(self, name: str) -> tuple[Exclusion, ...]:
        return tuple(
            one.exclusion
            for one in self._excluded
            if not one.names or name in [each.text() for each in one.names]
        )

    def _add(self, entry: Entry, slo: Slo) -> None:
        other = self._slos.get(slo.name)
        if other is not None:
            place = f"{other.place.file}:{other.place.line}"
            entry.fail(f"another SLO is called {slo.name}: {place}")
        self._check(slo.indicator)
        self._slos[slo.name] = slo

    def _check(self, found: Indicator) -> None:
        """That what its sources ask in SQL may be asked."""
        for source in sources_of(found):
            if isinstance(source, Sql) and source.place is not None:
                try:
                    self._check_sql(source.statement)
                except ValueError as error:
                    reason = " ".join(f"cannot be asked: {error}".splitlines())
                    raise BadFile([replace(source.place, reason=reason)]) from error

    def _check_names(self, excluded: _Excluded) -> None:
        for name in excluded.names:
            if not self._faults and name.text() not in self._slos:
                name.fail(f"there is no SLO of the name {name.text()}")
