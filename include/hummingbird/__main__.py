"""The `hummingbird` command: `python -m hummingbird ledger verify|export|migrate|roles` and `trace STORY`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from hummingbird.cockpit import trace
from hummingbird.core.errors import DeliveryError
from hummingbird.ledger import command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it says yes, 1 when it says no, 2 when it could not be asked."""
    parser = argparse.ArgumentParser(prog="hummingbird", description="Software delivery, remembered.")
    rooms = parser.add_subparsers(dest="room", required=True)
    command.add_to(rooms.add_parser("ledger", help="the append-only memory: check it, take it away"))
    trace.add_to(rooms.add_parser("trace", help="a story's way from commit to production"))
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen, os.environ))
    except DeliveryError as error:
        sys.stderr.write(f"hummingbird: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
