"""Research and QA harness for `nudge_sdk`."""

import nudge_sdk  # noqa: F401  first of all: it turns onnxruntime's telemetry off
