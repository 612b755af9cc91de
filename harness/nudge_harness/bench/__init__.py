"""Time, memory and size of the engine: ``nudge-harness bench`` (DESIGN.md, section 5).

Timings on shared machines are noisy, so every time is taken beside a reference in the same process,
call by call in turn, and what counts is the ratio of medians: to an identity graph with the same
inputs in the same onnxruntime (`noop`), or, for a cold start, to a process that imports onnxruntime
and opens that graph (`child`). Texts are ordinary phrases of 60 code points, another one at each
call. The receive path is a host's own: `nudge_sdk.Client` with memory in this process.
"""

from nudge_harness.bench.command import add_arguments, main
from nudge_harness.bench.measure import Bench, BenchError, bench

__all__ = ["Bench", "BenchError", "add_arguments", "bench", "main"]
