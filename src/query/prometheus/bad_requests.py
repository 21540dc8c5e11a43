"""What is wrong with a request before anything is evaluated, in Prometheus's words."""

from query.promql.errors import PromqlError


class BadParameter(PromqlError):
    """A parameter of the request is wrong."""

    kind = "bad_data"

    def __init__(self, name: str, what: object) -> None:
        super().__init__(f'invalid parameter "{name}": {what}')
        self.what = str(what)


class BadRequest(PromqlError):
    """The request is wrong as a whole."""

    kind = "bad_data"
