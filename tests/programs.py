"""Programs of the system that some tests need; installed where they are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

_PACKAGES = {
    "strace": ("strace",),
    "unshare": ("util-linux",),
    "gcore": ("gdb",),
    "npm": ("npm",),
    "node": ("nodejs",),
    # A bare machine has no letters to draw: fonts are only recommended by Chromium's package.
    "chromium": ("chromium", "fonts-liberation", "fonts-noto-color-emoji"),
}
MINUTES = 15  # at most for an installation; a slow line is no failure of ours


@cache
def program(name: str) -> str:
    """Path of a program; Debian's packages of it are installed first where it is missing.

    Raises:
        FileNotFoundError: it is not here and cannot be installed. The test fails: it never skips.
    """
    found = shutil.which(name)
    if found is None:
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        steps = (("update", "-qq"), ("install", "-qq", "-y", "--no-install-recommends"))
        for step in steps:
            last = _PACKAGES[name] if step[0] == "install" else ()
            subprocess.run(  # noqa: S603  Debian's own
                [shutil.which("apt-get") or "apt-get", *step, *last],
                env=environ,
                check=False,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=60 * MINUTES,
            )
        found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is needed; packages {_PACKAGES[name]}")
    return found
