"""Messages between the server and a worker: JSON with file descriptors, over a Unix socket.

A frame is a head (length of the body in bytes, number of descriptors; both u32, big-endian), one
byte more for each further 200 descriptors, and the body. The descriptors travel beside the head
and those bytes (SCM_RIGHTS), since Linux takes at most 253 at once.
"""

import os
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any, Final

import orjson

_HEAD: Final = struct.Struct("!II")
_FDS_AT_ONCE: Final = 200


class Closed(Exception):
    """The other side has closed the channel, or died."""


class Late(Exception):
    """The other side did not take or send the message before the deadline."""


class Channel:
    """One end of the channel; used by one thread at a time."""

    def __init__(self, end: socket.socket, max_message_bytes: int) -> None:
        self._socket = end
        self._max_message_bytes = max_message_bytes

    def close(self) -> None:
        self._socket.close()

    def send(self, message: Any, fds: Sequence[int] = (), deadline_s: float | None = None) -> None:
        """Send; the descriptors stay open here. `deadline_s` is of time.monotonic.

        Raises Late or Closed.
        """
        body = orjson.dumps(message)
        data = _HEAD.pack(len(body), len(fds))
        try:
            for start in range(0, max(1, len(fds)), _FDS_AT_ONCE):
                self._set_timeout(deadline_s)
                some = fds[start : start + _FDS_AT_ONCE]
                socket.send_fds(self._socket, [data], some)
                data = b"\0"
            self._set_timeout(deadline_s)
            self._socket.sendall(body)
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Closed from error

    def receive(self, deadline_s: float | None = None) -> tuple[Any, list[int]]:
        """The next message and its descriptors, which the caller closes. Raises Late or Closed."""
        fds: list[int] = []
        try:
            head = self._receive_some(_HEAD.size, fds, deadline_s)
            head += self._receive_exactly(_HEAD.size - len(head), deadline_s)
            length, fd_count = _HEAD.unpack(head)
            if length > self._max_message_bytes:
                raise Closed(f"a message of {length} bytes")
            for _ in range(_FDS_AT_ONCE, fd_count, _FDS_AT_ONCE):
                self._receive_some(1, fds, deadline_s)
            return orjson.loads(self._receive_exactly(length, deadline_s)), fds
        except BaseException:
            for fd in fds:
                os.close(fd)
            raise

    def _receive_some(self, size: int, fds: list[int], deadline_s: float | None) -> bytes:
        self._set_timeout(deadline_s)
        try:
            data, received, _, _ = socket.recv_fds(self._socket, size, _FDS_AT_ONCE)
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Closed from error
        fds += received
        if not data:
            raise Closed
        return data

    def _receive_exactly(self, size: int, deadline_s: float | None) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._set_timeout(deadline_s)
            try:
                part = self._socket.recv(size - len(data))
            except TimeoutError as error:
                raise Late from error
            except OSError as error:
                raise Closed from error
            if not part:
                raise Closed
            data += part
        return bytes(data)

    def _set_timeout(self, deadline_s: float | None) -> None:
        if deadline_s is None:
            self._socket.settimeout(None)
            return
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise Late
        self._socket.settimeout(left_s)
