"""Files that people write, as text."""

from pathlib import Path

from goldeneye.errors import ConfigurationError


def text_of(file: Path) -> str:
    """Raises ConfigurationError, which names the file."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file}: is not UTF-8 (byte {error.start})") from error
