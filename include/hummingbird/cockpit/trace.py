"""`hummingbird trace HB-101`: a story's way, read from the ledger with the reader's rights."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from sqlalchemy.exc import OperationalError

from hummingbird.core.errors import Invalid, Unreachable
from hummingbird.core.story import story_key
from hummingbird.ledger import views
from hummingbird.ledger.command import READER_DSN
from hummingbird.ledger.engine import connect
from hummingbird.paths.trace import render, trace


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("story", help="key of the story, such as HB-101")
    parser.add_argument("--dsn", help=f"PostgreSQL DSN of a reader; else ${READER_DSN}")
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    story = story_key(chosen.story)
    dsn = chosen.dsn or environment.get(READER_DSN)
    if not dsn:
        raise Invalid(f"no database was named: give --dsn or set {READER_DSN}")
    engine = connect(dsn, pool_size=1, name="hummingbird-trace")
    try:
        with engine.connect() as connection:
            told = trace(story, views.events(connection, story=story))
    except OperationalError as error:
        raise Unreachable(f"the ledger's database does not answer: {error.orig}") from error
    finally:
        engine.dispose()
    if not told.steps:
        sys.stdout.write(f"The ledger knows nothing of {story}.\n")
        return 1
    sys.stdout.write(render(told) + "\n")
    return 0
