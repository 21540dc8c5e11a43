"""What can go wrong with a query, by the error types Prometheus answers with."""


class PromqlError(Exception):
    """A query failed; `kind` is the error type of the HTTP API."""

    kind = "execution"


class ParseFailure(PromqlError):
    """The query is not PromQL, or asks for what its types do not allow."""

    kind = "bad_data"


class TooManyPoints(PromqlError):
    """A range has more steps than one answer may have."""

    kind = "bad_data"


TOO_MANY_SAMPLES = "query processing would load too many samples into memory in query execution"


class TooManySamples(PromqlError):
    """The query would hold more samples in memory than allowed."""


class QueryTimeout(PromqlError):
    """The query ran past its time."""

    kind = "timeout"


class QueryCanceled(PromqlError):
    """Nobody waits for the answer any more."""

    kind = "canceled"


class Reported(PromqlError):
    """What a worker tells of one of these errors."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
