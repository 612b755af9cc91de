"""The network that all of it runs in: one interface, loopback. Linux only."""

from __future__ import annotations

import errno
import fcntl
import socket
import struct
from typing import Final

_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # linux/sockios.h, net/if.h
_OUTSIDE: Final = ("192.0.2.1", 443)  # RFC 5737: an address that nobody has


def raise_loopback() -> None:
    """Switch ``lo`` on in a namespace of our own.

    Raises:
        RuntimeError: there is more than loopback here.
    """
    names = [name for _, name in socket.if_nameindex()]
    if names != ["lo"]:
        raise RuntimeError(f"not a network namespace of its own: {names}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        asked = fcntl.ioctl(handle, _GET_FLAGS, struct.pack("16sh22x", b"lo", 0))
        (flags,) = struct.unpack_from("16xh", asked)
        fcntl.ioctl(handle, _SET_FLAGS, struct.pack("16sh22x", b"lo", flags | _UP))


def way_out() -> str:
    """What happens to whoever tries to leave, as the name of an error; ``""`` when it works."""
    with socket.socket() as handle:
        return errno.errorcode.get(handle.connect_ex(_OUTSIDE), "")
