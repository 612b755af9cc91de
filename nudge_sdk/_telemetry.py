"""onnxruntime's telemetry is off before anybody can import it through this SDK.

From 1.29 on, onnxruntime's official builds for Linux, macOS, Android and iOS write a device id and
a database below the user's cache folder and send events to their maker, from the moment they are
imported; ``disable_telemetry_events`` comes too late for that and stops a part of it only
(microsoft/onnxruntime, pull request 27379). The one full way out is an environment variable that is
set before the import. So it is set here, when the SDK is imported and long before a model is
opened, and a host that has imported onnxruntime before gets a `TelemetryWarning`.
"""

from __future__ import annotations

import os
import sys
from typing import Final

TELEMETRY_OFF: Final = "ORT_DISABLE_TELEMETRY"
TOO_LATE: Final = "onnxruntime" in sys.modules and os.environ.get(TELEMETRY_OFF) != "1"
os.environ[TELEMETRY_OFF] = "1"
