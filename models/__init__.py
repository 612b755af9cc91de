"""Models: the bundles that ship, and the line that trains them. Runs from the checkout only."""

import nudge_sdk  # noqa: F401  first of all: it turns onnxruntime's telemetry off
