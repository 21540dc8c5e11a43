"""SLOs that are made by the API: checked with all others, kept, and counted at once."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from alerting.engine.engine import Engine
from alerting.slo.loader import load
from alerting.slo.model import Slo
from goldeneye.errors import ConfigurationError, InvalidRequest, NotFound

_KIND: Final = "slo"


def document(body: str) -> str:
    """A body as the text of a file: OpenSLO's documents, a file, or one SLO of the short form.

    Raises InvalidRequest.
    """
    try:
        given = list(yaml.safe_load_all(body))
    except yaml.YAMLError as error:
        raise InvalidRequest(f"the body is no YAML and no JSON: {error}") from error
    if not given or not all(isinstance(one, dict) for one in given):
        raise InvalidRequest("the body is no SLO")
    first: Mapping[str, Any] = given[0]
    if len(given) > 1 or "apiVersion" in first or "slos" in first:
        return body
    return yaml.safe_dump({"slos": [first]}, sort_keys=False, allow_unicode=True)


def create(engine: Engine, body: str) -> str:
    """The new SLO's name.

    Raises InvalidRequest, ConfigurationError with all faults, and StorageUnavailable.
    """
    text = document(body)
    name = _only(text).name
    if any(known.name == name for known in engine.loaded.slos.slos):
        raise InvalidRequest(f"there is an SLO {name!r} already")
    _keep(engine, name, text)
    return name


def change(engine: Engine, name: str, body: str) -> str:
    """The SLO's name; raises as `create`, and NotFound."""
    _own(engine, name)
    text = document(body)
    given = _only(text).name
    if given != name:
        raise InvalidRequest(f"the SLO is called {given!r} in the body, not {name!r}")
    _keep(engine, name, text)
    return name


def delete(engine: Engine, name: str) -> None:
    """Its minutes stay. Raises NotFound, InvalidRequest and StorageUnavailable."""
    _own(engine, name)
    engine.change(lambda kept: kept.forget(_KIND, name))


def exported(documents: Mapping[str, str]) -> str:
    """All of them as one file of several documents."""
    return "---\n".join(text if text.endswith("\n") else f"{text}\n" for text in documents.values())


def _only(text: str) -> Slo:
    found = load({"body": text}).slos
    if len(found) != 1:
        raise ConfigurationError(f"body: one SLO is expected, {len(found)} are given")
    return found[0]


def _keep(engine: Engine, name: str, text: str) -> None:
    engine.change(lambda kept: kept.keep(_KIND, name, text))


def _own(engine: Engine, name: str) -> None:
    if name in engine.documents.all(_KIND):
        return
    for known in engine.loaded.slos.slos:
        if known.name == name:
            raise InvalidRequest(f"the SLO {name!r} is changed where it stands: {known.place.file}")
    raise NotFound(f"there is no SLO {name!r}")
