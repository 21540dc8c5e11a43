"""A data folder opened by a command, without a server."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from goldeneye import wiring
from goldeneye.clock import SystemClock
from goldeneye.config import Config
from goldeneye.decoded import Decoder
from goldeneye.errors import StartupError
from otlp_receiver.decoding.choose import decoder
from query.service import QueryService
from storage.engine import Storage

_CLOSE_TIMEOUT_S = 60.0


class Offline:
    """The storage of a folder, and SQL over it where that is wanted."""

    def __init__(self, config: Config, read_only: bool, cleanups: ExitStack) -> None:
        self._config = config
        self._cleanups = cleanups
        self.clock = SystemClock()
        self.decoder: Decoder = decoder(config.promoted())
        settings = wiring.storage_settings(config)
        self.storage = Storage.open(settings, self.decoder, self.clock, read_only=read_only)
        cleanups.callback(self.storage.close, _CLOSE_TIMEOUT_S)

    def query(self) -> QueryService:
        """SQL over the folder; closed together with it."""
        settings = wiring.query_settings(self._config)
        service = QueryService(settings, self._config.promoted(), self.storage, self.clock)
        self._cleanups.callback(service.close)
        return service


def _refuse_other_folders(data_dir: Path) -> None:
    """Any other folder would look like one without data."""
    if not data_dir.is_dir():
        raise StartupError(f"{data_dir}: there is no such folder")
    if not (data_dir / "wal").is_dir() and not (data_dir / "lake").is_dir():
        raise StartupError(f"{data_dir}: is no data folder: it has neither wal nor lake")


@contextmanager
def opened(data_dir: Path, read_only: bool) -> Iterator[Offline]:
    """The folder, held until the block ends; StartupError where a process holds it already."""
    if read_only:
        _refuse_other_folders(data_dir)
    with ExitStack() as cleanups:
        yield Offline(Config(data_dir=data_dir), read_only, cleanups)
