"""Alertmanager's configuration with all that sends by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from alerting.notifying.notifiers import Sender, sender
from alerting.notifying.templates import engine
from alerting.routing.configuration import Configuration, load, load_file
from alerting.templates.engine import Engine
from alerting.templates.errors import TemplateError
from goldeneye.clock import Clock
from goldeneye.errors import ConfigurationError

_SHIPPED = "default_alertmanager.yaml"


@dataclass(frozen=True)
class Configured:
    """`senders` by the names of their integrations, in the receivers' order."""

    configuration: Configuration
    templates: Engine
    senders: Mapping[str, Sender]


def configured(path: Path | None, clock: Clock) -> Configured:
    """The file's, or the one that is shipped. Raises ConfigurationError."""
    configuration = shipped() if path is None else load_file(path)
    try:
        templates = engine(clock.now_ns, configuration.template_files())
    except TemplateError as error:
        raise ConfigurationError(str(error)) from None
    integrations = [
        one for receiver in configuration.receivers.values() for one in receiver.integrations()
    ]
    senders = {one.name: sender(one, templates, clock) for one in integrations}
    return Configured(configuration, templates, senders)


def shipped() -> Configuration:
    """In force where none is given."""
    return load(files("alerting").joinpath(_SHIPPED).read_text(encoding="utf-8"), _SHIPPED)
