"""`python -m checker.figures LEDGER.jsonl FIGURES.csv`: do the published figures follow from the ledger?

0 when all do, 1 when one does not, 2 when the ledger itself does not hold. Without `--trading-days` the
figures for each trading day are not judged, which is said.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from checker.figures.compared import differences, published
from checker.figures.fact import day_of
from checker.figures.facts import Rates, facts
from checker.figures.made import made
from checker.figures.seen import see
from checker.ledger import Broken, stream


def main(arguments: list[str]) -> int:
    """Print what differs, and how much was compared."""
    parser = argparse.ArgumentParser(prog="python -m checker.figures", description=__doc__)
    parser.add_argument("ledger", type=Path, help="what `hummingbird ledger export --out` wrote")
    parser.add_argument("figures", type=Path, help="CSV with header of table metrics.figure")
    parser.add_argument("--height", type=int, help="row up to which the figures were made; else all")
    parser.add_argument("--hourly-rate", type=float, default=400.0, help="of include/catalog/metrics.yaml")
    parser.add_argument("--compute-hourly-rate", type=float, default=2.0, help="of the same")
    parser.add_argument("--production", default="prod", help="name of the environment")
    parser.add_argument("--set-aside", type=int, nargs="*", default=[], help="rows, as metrics.yaml has them")
    parser.add_argument("--trading-days", type=Path, help="the exchange's trading days, one date a line")
    chosen = parser.parse_args(arguments)
    trading = None
    if chosen.trading_days is not None:
        trading = frozenset(map(date.fromisoformat, chosen.trading_days.read_text("utf-8").split()))
    try:
        with chosen.ledger.open(encoding="utf-8") as lines:
            seen = see(stream(lines), chosen.height, frozenset(chosen.set_aside))
    except Broken as wrong:
        print(f"BROKEN: {wrong}")
        return 2
    rates = Rates(chosen.hourly_rate, chosen.compute_hourly_rate, chosen.production)
    own = made(facts(seen, rates), day_of(seen.last), trading) if seen.last else {}
    with chosen.figures.open(encoding="utf-8", newline="") as lines:
        told = published(lines)
    wrong_ones = list(differences(told, own, trading_known=trading is not None))
    for sentence in wrong_ones[:50]:
        print(f"WRONG: {sentence}")
    left = "" if trading is not None else "; those for each trading day were not judged: no --trading-days"
    print(f"{'WRONG' if wrong_ones else 'DONE'}: {len(told)} figures up to row {seen.height}, "
          f"{len(wrong_ones)} differ{left}")  # fmt: skip
    return 1 if wrong_ones else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
