"""``python -m nudge_harness``."""

from __future__ import annotations

import sys

from nudge_harness.cli import main

if __name__ == "__main__":
    sys.exit(main())
