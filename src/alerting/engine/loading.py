"""Everything that the engine is configured by, read whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from glob import glob
from itertools import groupby
from pathlib import Path
from typing import Final

import structlog

from alerting.engine.configured import Configured, configured
from alerting.engine.planned import API
from alerting.rules.definitions import Group
from alerting.rules.loading import Checks, duplicates, load
from alerting.settings import AlertingSettings
from alerting.slo import loader, retaining
from alerting.state.documents import KINDS, Made
from goldeneye.clock import Clock
from goldeneye.errors import ConfigurationError, GoldeneyeError
from goldeneye.text_files import text_of

log = structlog.get_logger(__name__)
# The groups of texts of rules, by where they stand and what they say.
Read = Mapping[tuple[str, str], tuple[Group, ...]]
NOTHING: Final[Made] = {kind: {} for kind in KINDS}


@dataclass(frozen=True)
class Loaded:
    """What the files and the API's documents say, and what in it their authors should know of."""

    groups: tuple[Group, ...]
    slos: loader.Loaded
    configured: Configured
    warnings: tuple[str, ...] = ()
    made: Made = field(default_factory=lambda: NOTHING)
    read: Read = field(default_factory=dict)


def load_all(
    settings: AlertingSettings,
    checks: Checks,
    clock: Clock,
    made: Made = NOTHING,
    before: Loaded | None = None,
) -> Loaded:
    """As `load_files`, and logs the warnings."""
    loaded = load_files(settings, checks, clock, made, before)
    for warning in loaded.warnings:
        log.warning("an alerting file may not do what is meant", detail=warning)
    return loaded


def load_files(
    settings: AlertingSettings,
    checks: Checks,
    clock: Clock,
    made: Made = NOTHING,
    before: Loaded | None = None,
) -> Loaded:
    """The files, and the documents that were made by the API, by their kinds and names.

    Rules that are as they were `before` are not parsed again: of a thousand that takes a second.
    Raises ConfigurationError with the faults of all.
    """
    faults = list[str]()
    try:
        found = configured(settings.alertmanager_config, clock)
    except ConfigurationError as error:
        faults.append(str(error))
    known = before.read if before else {}
    read = _rules(settings.rule_files, made["rules"], checks, faults, known)
    slos, short_lived = _slos(settings, made["slo"], checks, faults)
    if faults:
        raise ConfigurationError("\n".join(faults))
    assert slos is not None
    groups = tuple(group for some in read.values() for group in some)
    routing = (f"{settings.alertmanager_config}: {one}" for one in found.configuration.warnings)
    return Loaded(groups, slos, found, (*routing, *_repeated(groups), *short_lived), made, read)


def made_by_api(name: str, text: str, checks: Checks) -> Group:
    """The one group that a document of the API is. Raises ConfigurationError."""
    groups = load(text, API, checks)
    if [group.name for group in groups] != [name]:
        raise ConfigurationError(f"{API}: one group of the name {name!r} is expected")
    return groups[0]


def _rules(
    patterns: Sequence[str],
    made: Mapping[str, str],
    checks: Checks,
    faults: list[str],
    known: Read,
) -> Read:
    """In the order in which they are evaluated."""
    read = dict[tuple[str, str], tuple[Group, ...]]()
    for file in map(str, _files(patterns)):
        try:
            text = text_of(Path(file))
            read[file, text] = known.get((file, text)) or load(text, file, checks)
        except GoldeneyeError as error:
            faults.append(str(error))
    for name, text in made.items():
        key = f"{API}:{name}", text
        try:
            read[key] = known.get(key) or (made_by_api(name, text, checks),)
        except GoldeneyeError as error:
            faults.append(f"the group {name!r} of the API: {error}")
    return read


def _repeated(groups: Sequence[Group]) -> list[str]:
    by_file = groupby(groups, lambda group: group.file)
    return [
        f"{file}:{rule.line}: {rule.name} is there twice with the same labels"
        for file, some in by_file
        for rule in duplicates(tuple(some))
    ]


def _slos(
    settings: AlertingSettings, made: Mapping[str, str], checks: Checks, faults: list[str]
) -> tuple[loader.Loaded | None, list[str]]:
    try:
        texts = {str(file): text_of(file) for file in _files(settings.slo_files)}
        texts |= {f"{API}:{name}": text for name, text in made.items()}
        loaded = loader.load(texts, checks.sql)
        return loaded, retaining.check(loaded.slos, settings.kept)
    except ConfigurationError as error:
        faults.append(str(error))
        return None, []


def _files(patterns: Sequence[str]) -> list[Path]:
    """A name without a pattern must be there; of a pattern whatever is there now."""
    found = list[Path]()
    for pattern in patterns:
        names = sorted(glob(pattern))
        found += map(Path, names or ([] if any(c in pattern for c in "*?[") else [pattern]))
    return list(dict.fromkeys(found))
