"""The file beside the data that keeps what people decided and what alerts are."""

from typing import Final

FILE_NAME: Final = "state.sqlite"
