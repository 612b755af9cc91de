"""Marks for callgrind: count from here, and put the count under a name.

valgrind's tools listen to a sequence of instructions that does nothing on a real processor
(``valgrind.h``, amd64 on Linux): four rotations of rdi that add up to none, then ``xchg rbx,
rbx``, with rax pointing at six words, a request's number and its arguments. It stands below as
bytes and is called through `ctypes`, so that one Python process can count each of its parts by
itself, and what comes before (imports, opening the model) runs uncounted and ten times as fast.

Requests are those of ``callgrind.h``. Elsewhere than on x86-64 Linux there are no marks.
"""

from __future__ import annotations

import ctypes
import mmap
import platform
import sys
from typing import Final

_CODE: Final = bytes.fromhex(
    "4889f8"  # mov rax, rdi: the six words
    "31d2"  # xor edx, edx: the answer when nobody listens
    "48c1c703 48c1c70d 48c1c73d 48c1c733"  # rol rdi, 3; 13; 61; 51
    "4887db"  # xchg rbx, rbx
    "4889d0"  # mov rax, rdx
    "c3"  # ret
)
_PROTECTION: Final = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
_RUNNING: Final = 0x1001
_TOOL: Final = 0x43540000  # "CT"
_ZERO, _DUMP_AT, _START, _STOP = (_TOOL + number for number in (1, 3, 4, 5))


class Marks:
    """The requests, callable. Under no valgrind each of them does nothing."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, mmap.PAGESIZE, prot=_PROTECTION)
        self._memory.write(_CODE)
        address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._call = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)(address)

    @property
    def heard(self) -> bool:
        """Whether this process runs in valgrind."""
        return self._ask(_RUNNING) != 0

    def start(self) -> None:
        """Count from now on."""
        self._ask(_START)
        self._ask(_ZERO)

    def stop(self, name: str) -> None:
        """Write what was counted since `start` under a name, and count no more."""
        words = ctypes.create_string_buffer(name.encode())
        self._ask(_DUMP_AT, ctypes.addressof(words))
        self._ask(_STOP)

    def _ask(self, request: int, argument: int = 0) -> int:
        words = (ctypes.c_uint64 * 6)(request, argument)
        return int(self._call(ctypes.addressof(words)))


def possible() -> bool:
    """Whether there are marks on this machine."""
    return sys.platform == "linux" and platform.machine() == "x86_64"
