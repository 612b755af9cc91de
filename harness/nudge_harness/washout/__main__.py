"""``python -m nudge_harness.washout``."""

import argparse
import sys

from nudge_harness.washout.command import add_arguments, main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m nudge_harness.washout")
    add_arguments(parser)
    sys.exit(main(parser.parse_args()))
