"""Documents that are made by the API: checked with all others, kept, and in force at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from alerting.engine.engine import Engine
from alerting.engine.service import Alerting
from alerting.rules.loading import Checks
from alerting.state.documents import Kind, Made
from goldeneye.errors import InvalidRequest, NotFound


@dataclass(frozen=True, slots=True)
class Making:
    """How one kind of them is made; `pages` are routes where a document's would be."""

    kind: Kind
    noun: str
    # The name and the text of a body. Raises InvalidRequest and ConfigurationError.
    read: Callable[[str, Checks], tuple[str, str]]
    # All that are in force, those of files too: their names, and where they stand.
    known: Callable[[Engine], Iterable[tuple[str, str]]]
    pages: frozenset[str]


def create(alerting: Alerting, making: Making, body: str) -> str:
    """The new document's name.

    Raises InvalidRequest, ConfigurationError with all faults, and StorageUnavailable.
    """
    name, text = making.read(body, alerting.engine.checks)
    if name in making.pages:
        raise InvalidRequest(f"no {making.noun} can be called {name!r}: that is a page's name")

    def work(engine: Engine) -> Made:
        if any(name == known for known, _ in making.known(engine)):
            raise InvalidRequest(f"the {making.noun} {name!r} is there already")
        return _with(engine, making, {name: text})

    alerting.change(work)
    return name


def change(alerting: Alerting, making: Making, name: str, body: str) -> str:
    """The document's name. What is known of rules and SLOs that stay goes on.

    Raises as `create`, and NotFound.
    """

    def work(engine: Engine) -> Made:
        _own(engine, making, name)
        given, text = making.read(body, engine.checks)
        if given != name:
            raise InvalidRequest(f"the {making.noun} is called {given!r} in the body, not {name!r}")
        return _with(engine, making, {name: text})

    alerting.change(work)
    return name


def delete(alerting: Alerting, making: Making, name: str) -> None:
    """Its alerts end, and minutes of an SLO stay. Raises as `change`."""

    def work(engine: Engine) -> Made:
        made = _own(engine, making, name)
        return {**made, making.kind: {k: v for k, v in made[making.kind].items() if k != name}}

    alerting.change(work)


def _with(engine: Engine, making: Making, changed: Mapping[str, str]) -> Made:
    made = engine.documents.made()
    return {**made, making.kind: {**made[making.kind], **changed}}


def _own(engine: Engine, making: Making, name: str) -> Made:
    """All documents, where the API made this one."""
    made = engine.documents.made()
    if name in made[making.kind]:
        return made
    for known, place in making.known(engine):
        if known == name:
            raise InvalidRequest(f"the {making.noun} {name!r} is changed where it stands: {place}")
    raise NotFound(f"there is no {making.noun} {name!r}")
