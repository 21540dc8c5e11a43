"""Messages with descriptors between two ends."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from query.channel import Channel, Closed, Late


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    one, other = (Channel(end, 1_000_000) for end in socket.socketpair())
    yield one, other
    one.close()
    other.close()


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 400, 401])
def test_descriptors_travel_beside_a_message(ends: tuple[Channel, Channel], count: int) -> None:
    one, other = ends
    fds = [os.memfd_create(str(number)) for number in range(count)]
    for number, fd in enumerate(fds):
        os.write(fd, str(number).encode())
    message = {"text": "x" * 500_000, "number": 2**63}
    sender = threading.Thread(target=one.send, args=(message, fds))
    sender.start()
    received, theirs = other.receive()
    sender.join()
    assert received == message
    assert [int(os.pread(fd, 10, 0)) for fd in theirs] == list(range(count))
    for fd in fds + theirs:
        os.close(fd)


def test_messages_keep_their_order(ends: tuple[Channel, Channel]) -> None:
    for number in range(100):
        ends[0].send({"n": number}, [0] if number % 3 else [])
    for number in range(100):
        message, fds = ends[1].receive()
        assert (message["n"], len(fds)) == (number, 1 if number % 3 else 0)
        for fd in fds:
            os.close(fd)


def test_the_deadline_of_receiving_and_of_sending(ends: tuple[Channel, Channel]) -> None:
    with pytest.raises(Late):
        ends[0].receive(time.monotonic() + 0.05)
    with pytest.raises(Late):
        ends[0].send({"x": "x" * 900_000}, deadline_s=time.monotonic() + 0.05)
    with pytest.raises(Late):
        ends[0].send({}, deadline_s=time.monotonic() - 1)


def test_an_end_that_is_closed(ends: tuple[Channel, Channel]) -> None:
    ends[1].close()
    with pytest.raises(Closed):
        ends[0].receive()
    with pytest.raises(Closed):
        ends[0].send({})


def test_a_message_that_is_too_long(ends: tuple[Channel, Channel]) -> None:
    sender = threading.Thread(target=_send_quietly, args=(ends[0], {"x": "x" * 2_000_000}))
    sender.start()
    with pytest.raises(Closed):
        ends[1].receive()
    ends[1].close()
    sender.join()


def _send_quietly(channel: Channel, message: object) -> None:
    with contextlib.suppress(Closed):
        channel.send(message)
