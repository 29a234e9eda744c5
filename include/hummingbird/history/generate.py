"""`hummingbird history generate`: a seed becomes a ledger, in a database or as an exported file."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg2
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy.exc import OperationalError, ProgrammingError

from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.canonical import canonical_json
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Denied, Invalid, Unreachable
from hummingbird.history.invent import Wish, invent
from hummingbird.history.trading_days import trading_days
from hummingbird.history.working_time import SHANGHAI
from hummingbird.ledger.bulk import chained, fill
from hummingbird.ledger.engine import connect
from hummingbird.ledger.revision import require_schema

CYCLES_A_DAY = 0.5
"""Of one component, where --days is not given."""
_FEWEST_DAYS = 30


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--cycles", type=int, required=True, help="CI/CD cycles, exactly so many")
    parser.add_argument("--components", type=int, required=True, help="invented components, up to 240")
    parser.add_argument("--seed", type=int, required=True, help="the same seed is the same history")
    parser.add_argument("--until", type=date.fromisoformat, help="its last day; else yesterday in Shanghai")
    parser.add_argument("--days", type=int, help="trading days; else by the number of cycles")
    parser.add_argument("--to", required=True, help="DSN of an empty ledger's writer, or a file to be made")
    parser.set_defaults(run=_run)


def wished(seed: int, cycles: int, components: int, until: date, days: int | None = None) -> Wish:
    """What is asked for, in trading days up to a day."""
    if components < 1 or cycles < 1:
        raise Invalid("--cycles, --components: at least 1")
    count = days or max(_FEWEST_DAYS, math.ceil(cycles / (CYCLES_A_DAY * components)))
    if count < _FEWEST_DAYS:
        raise Invalid(f"--days: at least {_FEWEST_DAYS}, not {count}")
    return Wish(seed, cycles, components, trading_days(until, count))


def into_database(dsn: str, wish: Wish, catalogue: Catalogue) -> tuple[int, str]:
    """Fill an empty ledger, all or nothing; its last row and hash."""
    engine = connect(dsn, pool_size=1, name="hummingbird-history")
    try:
        with engine.begin() as connection:
            require_schema(connection)
            head = fill(connection, invent(wish, catalogue))
    except (OperationalError, psycopg2.OperationalError) as error:
        raise Unreachable(f"the ledger's database does not answer: {error}") from error
    except (ProgrammingError, InsufficientPrivilege) as error:
        raise Denied(f"the ledger cannot be written with this DSN: {error}") from error
    finally:
        engine.dispose()
    return head.sequence, head.hash


def into_file(path: Path, wish: Wish, catalogue: Catalogue) -> tuple[int, str]:
    """Write an export, as `hummingbird ledger export` would; its last row and hash."""
    last: tuple[int, str] = (0, "")
    try:
        with path.open("x", encoding="utf-8") as out:
            for row in chained(invent(wish, catalogue)):
                out.write(canonical_json(row).decode("utf-8") + "\n")
                last = (int(str(row["sequence"])), str(row["hash"]))
    except FileExistsError as error:
        raise Invalid(f"--to: {path} exists already; name a file that does not") from error
    except Invalid:
        path.unlink()
        raise
    return last


def _run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    until = chosen.until or (datetime.now(SHANGHAI) - timedelta(days=1)).date()
    wish = wished(chosen.seed, chosen.cycles, chosen.components, until, chosen.days)
    catalogue = load_catalogue(*catalogue_folders(environment))
    if "://" in chosen.to:
        rows, head = into_database(chosen.to, wish, catalogue)
    else:
        rows, head = into_file(Path(chosen.to), wish, catalogue)
    sys.stdout.write(
        f"DONE: {rows} synthetic events of {wish.cycles} cycles in {wish.components} components, "
        f"{wish.days[0]} to {wish.days[-1]}; head {rows}:{head}\n"
        f"The same again: --cycles {wish.cycles} --components {wish.components} --seed {wish.seed} "
        f"--until {until} --days {len(wish.days)}\n"
    )
    return 0
