"""What takes a worker's powers away, before DuckDB starts its threads: Landlock and limits.

Landlock binds the calling thread and those it starts, so a thread that is there already stays
free: `confine` must come first.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

# Linux's numbers, the same on all architectures; landlock(7), prctl(2).
_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_VERSION: Final = 1
_PATH_BENEATH: Final = 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
# How many file rights each ABI knows; all of them are taken away.
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15}
_FILE_RIGHTS_SINCE_5: Final = 16
_NETWORK_SINCE: Final = 4  # binding and connecting TCP
_SCOPES_SINCE: Final = 6  # abstract Unix sockets, signals


def die_with_parent(parent_pid: int) -> None:
    """End this process when the thread that started it ends; at once where it has already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit(0)


def ignore_signals() -> None:
    """A terminal's Ctrl-C and a service manager's SIGTERM go to all; only the server ends us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def limit_answer(max_bytes: int) -> None:
    """Let no file grow beyond `max_bytes`, and leave no core dumps."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, max_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_memory(more_bytes: int) -> None:
    """Let the address space grow by `more_bytes` from what it is now, and no further."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (address_space_bytes() + more_bytes, hard))


def address_space_bytes() -> int:
    """The address space in use. 0 where the system does not tell it (macOS)."""
    if _statm is None:
        return 0
    return int(os.pread(_statm, 64, 0).split()[0]) * resource.getpagesize()


def confine(readable: Sequence[Path]) -> str:
    """Allow reading below these folders, and no other file, nor network, nor signals to others.

    Returns what protects: `landlock ABI 7`, or why nothing does.
    """
    if threading.active_count() > 1 or _native_thread_count() > 1:
        raise RuntimeError("a thread was started before the sandbox, which would not bind it")
    if sys.platform != "linux":
        return f"none: Landlock is Linux's, this is {platform.system()}"
    libc = ctypes.CDLL(None, use_errno=True)
    abi = libc.syscall(_CREATE_RULESET, None, 0, _VERSION)
    if abi < 1:
        return f"none: Landlock is not there ({os.strerror(ctypes.get_errno())})"
    ruleset = _ruleset(libc, abi)
    for folder in readable:
        _allow_reading(libc, ruleset, folder)
    _demand(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _demand(libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)
    return f"landlock ABI {abi}"


def _ruleset(libc: ctypes.CDLL, abi: int) -> int:
    rights = (1 << _FILE_RIGHTS.get(abi, _FILE_RIGHTS_SINCE_5)) - 1
    network = 3 if abi >= _NETWORK_SINCE else 0
    scopes = 3 if abi >= _SCOPES_SINCE else 0
    attributes = struct.pack("=QQQ", rights, network, scopes)
    # An older kernel refuses what it does not know, also where it is zero.
    size = 24 if scopes else 16 if network else 8
    return _demand(libc.syscall(_CREATE_RULESET, attributes[:size], size, 0))


def _allow_reading(libc: ctypes.CDLL, ruleset: int, folder: Path) -> None:
    parent = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    rule = struct.pack("=Qi", _READ_FILE | _READ_DIR, parent)
    _demand(libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0))
    os.close(parent)


def _demand(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"the sandbox cannot be set up: {os.strerror(number)}")
    return result


def _native_thread_count() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


def _open_statm() -> int | None:
    try:
        return os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


# Open since before the sandbox, which does not let /proc be read.
_statm: Final = _open_statm()
