"""The command `midan`. Commands are loaded when called, so that `midan --help` and `midan mask` stay quick."""

import sys


def main() -> None:
    """Run the command line; every refusal leaves as one JSON line on stderr and a documented exit code."""
    from midan.cli.app import run

    sys.exit(run(sys.argv[1:]))
