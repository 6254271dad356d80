"""Confines a process on Linux: it opens no file but those in some folders, to read them, and no socket.

Landlock and seccomp have no library that is kept and small: these are the few calls of landlock(7) and seccomp(2).
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system calls, by the same number on all processors
ASK_VERSION, PATH_BENEATH = 1, 1
KINDS = (0, 13, 14, 15, 15, 16)  # of access to files, by Landlock's version: each is a bit
WRITE_FILE, READ_FILE = 1 << 1, 1 << 2

SET_NO_NEW_PRIVS, GET_SECCOMP, SET_SECCOMP, FILTER = 38, 21, 22, 2  # prctl(2)
PROCESSORS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}  # their AUDIT_ARCH, and their call `socket`
IO_URING_SETUP = 425  # which would open sockets too
OTHER_CALLS = 0x40000000  # from here up x86_64 has every call a second time
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06  # instructions of a filter
NUMBER, PROCESSOR = 0, 4  # what they load: offsets in `struct seccomp_data`
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES


def missing() -> list[str]:
    """What of the two this machine hasn't got."""
    if sys.platform != "linux":
        return ["Landlock", "seccomp"]
    seccomp = platform.machine() in PROCESSORS and _libc().prctl(GET_SECCOMP, 0, 0, 0, 0) >= 0
    return [name for name, there in (("Landlock", _version() > 0), ("seccomp", seccomp)) if not there]


def confine(readable: Iterable[Path]) -> None:
    """From now on this process opens only what is in these folders, and no socket; what is open stays open.

    Where something of that is `missing`, the rest is done. Raises OSError.
    """
    lacking = missing()
    if sys.platform != "linux" or len(lacking) == 2:
        return
    _check(_libc().prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    if "Landlock" not in lacking:
        _open_only(readable)
    if "seccomp" not in lacking:
        _open_no_socket()


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _version() -> int:
    return int(_libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION))


def _open_only(readable: Iterable[Path]) -> None:
    call = _libc().syscall
    handled = struct.pack("=Q", (1 << KINDS[min(_version(), len(KINDS) - 1)]) - 1)
    ruleset = _check(call(CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0))
    allowed = [(folder, READ_FILE) for folder in readable if folder.exists()]
    for path, access in (*allowed, (Path(os.devnull), READ_FILE | WRITE_FILE)):
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        _check(call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", access, opened), 0))
        os.close(opened)
    _check(call(RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _open_no_socket() -> None:
    processor, socket = PROCESSORS[platform.machine()]
    steps = (  # instruction, steps to leave out if true and if false, operand
        (LOAD, 0, 0, PROCESSOR),
        (EQUAL, 0, 5, processor),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 3, 0, OTHER_CALLS),
        (EQUAL, 2, 0, socket),
        (EQUAL, 1, 0, IO_URING_SETUP),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    )
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    _check(_libc().prctl(SET_SECCOMP, FILTER, struct.pack("@HP", len(steps), ctypes.addressof(program)), 0, 0))
