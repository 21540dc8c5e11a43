"""The functions and named templates of notifications, and those of the user's files."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from alerting.templates.engine import Engine
from alerting.templates.texts import NOTIFICATION_TEXTS
from alerting.templates.times import Duration, Time
from alerting.templates.values import Function
from goldeneye.errors import ConfigurationError

_DEFAULTS: Final = Path(__file__).with_name("default.tmpl")


def engine(now_ns: Callable[[], int], files: Iterable[Path] = ()) -> Engine:
    """The defaults, over which files win.

    Raises ConfigurationError where a file cannot be read, TemplateError where it is broken.
    """
    since = Function(lambda time: Duration(now_ns() - (time.ns or 0)), (Time,))
    texts = [(file.name, _read(file)) for file in (_DEFAULTS, *files)]
    return Engine({**NOTIFICATION_TEXTS, "since": since}).with_files(texts)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise ConfigurationError(f"{file}: cannot be read: {reason}") from error
