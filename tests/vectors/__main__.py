"""``python -m tests.vectors write`` makes every file anew; ``check`` fails where one is stale.

Run it from the checkout's root after any change of policy, copy, formats or bundle.
"""

from __future__ import annotations

import argparse
import sys

from tests.vectors.files import stale, write


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.vectors", description=__doc__)
    parser.add_argument("step", choices=("write", "check"))
    if parser.parse_args().step == "write":
        for name in write():
            sys.stdout.write(f"{name}\n")
        return 0
    names = stale()
    for name in names:
        sys.stderr.write(f"{name} is not current: run `python -m tests.vectors write`\n")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
