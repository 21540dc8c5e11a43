"""Bearer tokens: who may send, ask, and change."""

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import structlog
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from goldeneye.errors import PermissionDenied, StartupError, Unauthenticated
from goldeneye.occasionally import Occasionally
from goldeneye.reloaded import Reloaded

log = structlog.get_logger(__name__)
Scope = Literal["ingest", "read", "admin"]
CHALLENGE: Final = "WWW-Authenticate"
_KEY: Final = "auth.tokens_file"
# Some exporters do not decode the %20 that OTEL_EXPORTER_OTLP_HEADERS needs for a space.
_BEARER: Final = re.compile(r"bearer(?: +|%20)(\S+) *", re.IGNORECASE | re.ASCII)


class _Entry(BaseModel):
    """One token of the file, as itself or as its SHA-256."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(min_length=1, max_length=200)]
    scopes: Annotated[list[Scope], Field(min_length=1)]
    token: Annotated[str, Field(pattern=r"^[!-~]+$", max_length=4096)] | None = None
    token_sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "_Entry":
        if (self.token is None) == (self.token_sha256 is None):
            raise ValueError("needs either token or token_sha256")
        return self

    def digest(self) -> bytes:
        if self.token_sha256 is not None:
            return bytes.fromhex(self.token_sha256)
        return _digest(self.token or "")


_ENTRIES: Final = TypeAdapter(Annotated[list[_Entry], Field(min_length=1)])


@dataclass(frozen=True)
class Token:
    """Who holds it and what it may be used for; of the token itself, only its SHA-256 is kept."""

    name: str
    digest: bytes
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        """`admin` may do all."""
        return scope in self.scopes or "admin" in self.scopes


class Tokens:
    """The tokens of a file, as it says now; without a file, everybody may do all."""

    def __init__(self, file: Path | None, now_s: Callable[[], float] = time.monotonic) -> None:
        """StartupError names the file and what is wrong with it."""
        self._occasionally = Occasionally(now_s)
        self._tokens = (
            None if file is None else Reloaded("tokens", [file], lambda: read_tokens(file))
        )

    @property
    def are_required(self) -> bool:
        return self._tokens is not None

    @property
    def count(self) -> int:
        return len(self._tokens.current()) if self._tokens else 0

    @property
    def error(self) -> str | None:
        """Why the file as it is now is not in use; None where it is."""
        return self._tokens.error if self._tokens else None

    def check(self, authorization: str | None, scope: Scope) -> None:
        """Pass, or raise Unauthenticated or PermissionDenied.

        `authorization` is the header or metadata of that name.
        """
        if self._tokens is None:
            return
        try:
            token = _find(self._tokens.current(), _presented(authorization))
            if not token.may(scope):
                raise PermissionDenied(f"the token {token.name!r} does not have the scope {scope}")
        except (Unauthenticated, PermissionDenied) as error:
            # Exporters drop what was refused, so the operator hears of it, but not of each.
            if self._occasionally.due(str(error)):
                log.warning("requests are refused for their token", reason=str(error), scope=scope)
            raise


OPEN: Final = Tokens(None)


def challenge(error: Exception, scope: Scope) -> dict[str, str]:
    """The header that RFC 6750 wants beside 401 and 403; none for other errors."""
    if isinstance(error, Unauthenticated):
        return {CHALLENGE: 'Bearer realm="goldeneye"'}
    if isinstance(error, PermissionDenied):
        return {CHALLENGE: f'Bearer realm="goldeneye", error="insufficient_scope", scope="{scope}"'}
    return {}


def _presented(authorization: str | None) -> str:
    if authorization is None:
        raise Unauthenticated("a token is needed: send `Authorization: Bearer <token>`")
    found = _BEARER.fullmatch(authorization)
    if found is None:
        raise Unauthenticated("the Authorization must be `Bearer <token>`")
    return found[1]


def _find(tokens: Sequence[Token], presented: str) -> Token:
    """Compares with every token, so that the time taken does not tell which one was near."""
    digest = _digest(presented)
    found: Token | None = None
    for token in tokens:
        if hmac.compare_digest(token.digest, digest):
            found = token
    if found is None:
        raise Unauthenticated("the token is not known")
    return found


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogateescape")).digest()


def read_tokens(file: Path) -> tuple[Token, ...]:
    """The file's tokens; StartupError says what is wrong, and never what a token is."""
    entries = _entries(file)
    tokens = tuple(Token(e.name, e.digest(), frozenset(e.scopes)) for e in entries)
    for what, values in (
        ("name", [token.name for token in tokens]),
        ("token", [token.digest for token in tokens]),
    ):
        if len(set(values)) < len(values):
            raise StartupError(f"{_KEY}: {file}: two entries have the same {what}")
    return tokens


def _entries(file: Path) -> list[_Entry]:
    try:
        return _ENTRIES.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise StartupError(f"{_KEY}: {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise StartupError(f"{_KEY}: {file} is not UTF-8") from error
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        line = mark.line + 1 if mark else 1
        # The error's own text quotes the file, which holds secrets.
        raise StartupError(f"{_KEY}: {file}:{line}: is not YAML") from None
    except ValidationError as error:
        raise StartupError(f"{_KEY}: {file}: {_faults(error)}") from None


def _faults(error: ValidationError) -> str:
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(
        f"{_place(fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}"
        if fault["loc"]
        else f"must be a list of tokens, each with name, scopes and token_sha256 ({fault['msg']})"
        for fault in faults
    )


def _place(location: tuple[int | str, ...]) -> str:
    """`(0, "scopes", 1)` -> `entry 1, scopes 1`."""
    entry, *rest = location
    return ", ".join([f"entry {int(entry) + 1}", *map(str, rest)])
