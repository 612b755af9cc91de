"""Tests, and what makes their data. A package, so that `python -m tests.vectors` means this one."""
