"""The failures that are expected, by what the caller can do about them.

Broken invariants are no part of this: they raise AssertionError or RuntimeError and stop the
process. The receiver maps these classes to gRPC and HTTP status in one table
(`otlp_receiver/status.py`), the API to problem documents in another (`goldeneye/problems.py`).
"""


class GoldeneyeError(Exception):
    """Anything expected that went wrong; its text says what, where, and what to do."""


class InvalidRequest(GoldeneyeError):
    """The input is wrong and stays wrong: sending it again cannot help."""


class NotFound(GoldeneyeError):
    """There is nothing of that name or id."""


class Conflict(GoldeneyeError):
    """The thing is there, but not in a state in which this can be done."""


class RequestTooLarge(GoldeneyeError):
    """The input exceeds a configured size."""


class Unauthenticated(GoldeneyeError):
    """No token, or none that is known."""


class PermissionDenied(GoldeneyeError):
    """A known token, which may not do this."""


class Unavailable(GoldeneyeError):
    """A passing fault: the same request may succeed after `retry_delay_s` seconds."""

    def __init__(self, message: str, retry_delay_s: int = 1) -> None:
        super().__init__(message)
        self.retry_delay_s = retry_delay_s


class StorageUnavailable(Unavailable):
    """The data could not be made durable (full disk, failed write or fsync); nothing is kept."""


class QueryRefused(GoldeneyeError):
    """The SQL is not one that may run here: not one SELECT, or it reads what it must not."""


class QueryFailed(GoldeneyeError):
    """The SQL is allowed, but cannot be carried out as written (unknown column, wrong type)."""


class DataDamaged(GoldeneyeError):
    """Files of the data, `files`, are not what was written; what needs none of them goes on."""

    def __init__(self, message: str, files: tuple[str, ...]) -> None:
        super().__init__(message)
        self.files = files


class QueryOverBudget(GoldeneyeError):
    """The query ran into its deadline or its memory."""


class TooManyRows(QueryOverBudget):
    """The query reads or answers more rows than it may."""


class QueryLate(QueryOverBudget):
    """The query ran into its deadline."""


class ConfigurationError(GoldeneyeError):
    """The configuration cannot be used."""


class StartupError(GoldeneyeError):
    """The process cannot start: a port in use, a held data directory, a damaged catalog."""
