"""What people say of their services: the file that `query.services_file` names."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from goldeneye.durations import duration_ns
from goldeneye.errors import StartupError
from goldeneye.reloaded import Reloaded

_KEY: Final = "query.services_file"


def _checked_duration(text: str) -> str:
    duration_ns(text)
    return text


class ServiceEntry(BaseModel):
    """`expected_silence` is how long the service may send nothing before that is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    owner: str | None = None
    tier: str | int | None = None
    tags: tuple[str, ...] = ()
    runbook: str | None = None
    repository: str | None = None
    health_endpoint: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    expected_silence: Annotated[str, AfterValidator(_checked_duration)] | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    services: dict[str, ServiceEntry]


Entries = Mapping[str, ServiceEntry]


class ServicesFile:
    """The entries by the services' names, as the file says now; none without a file."""

    def __init__(self, path: Path | None) -> None:
        """StartupError says which line is wrong and how."""
        self._entries = (
            None if path is None else Reloaded("services", [path], lambda: read_services(path))
        )

    def entries(self) -> Entries:
        return {} if self._entries is None else self._entries.current()

    @property
    def error(self) -> str | None:
        """Why the file as it is now is not in use; None where it is."""
        return None if self._entries is None else self._entries.error


def read_services(path: Path) -> Entries:
    """The entries; raises StartupError."""
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _File.model_validate({"services": {}} if tree is None else tree).services
    except OSError as error:
        raise StartupError(f"{_KEY}: {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise StartupError(f"{_KEY}: {path} is not UTF-8") from error
    except yaml.YAMLError as error:
        raise StartupError(f"{_KEY}: {path}: is not YAML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(_fault(fault) for fault in error.errors())
        raise StartupError(f"{_KEY}: {path}: {faults}") from None


def _fault(fault: Any) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] != "extra_forbidden":
        return f"{place}: {fault['msg'].removeprefix('Value error, ')}" if place else fault["msg"]
    known = list((ServiceEntry if len(fault["loc"]) > 1 else _File).model_fields)
    nearest = difflib.get_close_matches(str(fault["loc"][-1]), known, n=1, cutoff=0.5)
    return f"unknown key `{place}`" + (f"; did you mean `{nearest[0]}`?" if nearest else "")
