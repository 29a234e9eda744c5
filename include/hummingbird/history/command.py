"""`hummingbird history …` on the command line."""

from __future__ import annotations

import argparse

from hummingbird.history import bring, generate


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    generate.add_to(verbs.add_parser("generate", help="invent a plausible past, labelled synthetic"))
    bring.add_to(verbs.add_parser("import", help="bring a firm's own past along, from CSV"))
