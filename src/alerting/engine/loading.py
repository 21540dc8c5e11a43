"""Everything that the engine is configured by, read whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import structlog

from alerting.engine.configured import Configured, configured
from alerting.engine.planned import API
from alerting.rules.definitions import Group
from alerting.rules.loading import Checks, load
from alerting.settings import AlertingSettings
from alerting.slo import loader, retaining
from alerting.state.documents import Documents
from goldeneye.clock import Clock
from goldeneye.errors import ConfigurationError, GoldeneyeError
from goldeneye.text_files import text_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Loaded:
    """What the files and the API's documents say."""

    groups: tuple[Group, ...]
    slos: loader.Loaded
    configured: Configured


def load_all(
    settings: AlertingSettings, documents: Documents, checks: Checks, clock: Clock
) -> Loaded:
    """Raises ConfigurationError with the faults of all files, and StorageUnavailable."""
    faults = list[str]()
    try:
        found = configured(settings.alertmanager_config, clock)
    except ConfigurationError as error:
        faults.append(str(error))
    groups = _rules(settings.rule_files, documents.all("rules"), checks, faults)
    slos = _slos(settings, documents.all("slo"), faults)
    if faults:
        raise ConfigurationError("\n".join(faults))
    assert slos is not None
    return Loaded(groups, slos, found)


def made_by_api(name: str, text: str, checks: Checks) -> Group:
    """The one group that a document of the API is. Raises ConfigurationError."""
    groups = load(text, API, checks)
    if [group.name for group in groups] != [name]:
        raise ConfigurationError(f"{API}: one group of the name {name!r} is expected")
    return groups[0]


def _rules(
    patterns: Sequence[str], made: Mapping[str, str], checks: Checks, faults: list[str]
) -> tuple[Group, ...]:
    groups = list[Group]()
    for file in _files(patterns):
        try:
            groups += load(text_of(file), str(file), checks)
        except GoldeneyeError as error:
            faults.append(str(error))
    for name, text in made.items():
        try:
            groups.append(made_by_api(name, text, checks))
        except GoldeneyeError as error:
            faults.append(f"the group {name!r} of the API: {error}")
    return tuple(groups)


def _slos(
    settings: AlertingSettings, made: Mapping[str, str], faults: list[str]
) -> loader.Loaded | None:
    try:
        texts = {str(file): text_of(file) for file in _files(settings.slo_files)}
        texts |= {f"{API}:{name}": text for name, text in made.items()}
        loaded = loader.load(texts)
        for warning in retaining.check(loaded.slos, settings.kept):
            log.warning("an SLO is longer than its data is kept", detail=warning)
    except ConfigurationError as error:
        faults.append(str(error))
        return None
    return loaded


def _files(patterns: Sequence[str]) -> list[Path]:
    """A name without a pattern must be there; of a pattern whatever is there now."""
    found = list[Path]()
    for pattern in patterns:
        names = sorted(glob(pattern))
        found += map(Path, names or ([] if any(c in pattern for c in "*?[") else [pattern]))
    return list(dict.fromkeys(found))
