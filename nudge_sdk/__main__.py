"""``python -m nudge_sdk``: the same as the command ``nudge``."""

import sys

from nudge_sdk.cli import main

sys.exit(main())
