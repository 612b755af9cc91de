"""Research and QA harness for `nudge_sdk`."""
