"""SLOs that are made by the API."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from alerting.engine.engine import Engine
from alerting.made_by_api import Making
from alerting.rules.loading import Checks
from alerting.slo.loader import load
from goldeneye.errors import ConfigurationError, InvalidRequest


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


def read(body: str, _: Checks) -> tuple[str, str]:
    """The name of the SLO, and its text. Raises InvalidRequest and ConfigurationError."""
    text = document(body)
    found = load({"body": text}).slos
    if len(found) != 1:
        raise ConfigurationError(f"body: one SLO is expected, {len(found)} are given")
    return found[0].name, text


def known(engine: Engine) -> list[tuple[str, str]]:
    """The names of all SLOs, and their files."""
    return [(slo.name, slo.place.file) for slo in engine.loaded.slos.slos]


SLOS: Final = Making("slo", "SLO", read, known, frozenset({"export", "report"}))


def exported(documents: Mapping[str, str]) -> str:
    """All of them as one file of several documents."""
    return "---\n".join(text if text.endswith("\n") else f"{text}\n" for text in documents.values())
