"""`python -m checker LEDGER.jsonl SYSTEMS.json`: judge a platform; 0 when everything holds, 1 when not."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import timedelta
from pathlib import Path

from checker import progress
from checker.ledger import read
from checker.looking import look
from checker.verdict import judge


def main(arguments: list[str]) -> int:
    """Print the verdict."""
    parser = argparse.ArgumentParser(prog="python -m checker", description=__doc__)
    parser.add_argument("ledger", type=Path, help="what `hummingbird ledger export --out` wrote")
    parser.add_argument("systems", type=Path, help="addresses and accounts (docs/reliability.md)")
    parser.add_argument(
        "--patience", type=float, default=progress.PATIENCE.total_seconds(), help="seconds a run may be still"
    )
    chosen = parser.parse_args(arguments)
    places = json.loads(chosen.systems.read_text("utf-8"))
    lines = chosen.ledger.read_text("utf-8").splitlines()
    seen = look(places, read(lines)[0])
    verdict = judge(lines, seen, places["approved"], timedelta(seconds=chosen.patience))
    print(verdict)
    return 0 if verdict.clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
