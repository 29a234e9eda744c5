"""The rollup against one hand-written DuckDB program over the same ledger: all of it, and one day more.

60,000 cycles of 180 components unless HB_BENCH_CYCLES says otherwise. Both read from PostgreSQL and their
figures are equal; the rollup also keeps facts, validates and publishes. Turns alternate in one process,
first and last the other's, so that a slow moment of the machine is shared.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from statistics import median

import psycopg2
import pytest
from sqlalchemy import Engine

from bench.figures_by_hand import Figures, Source, figures_by_hand
from builders import the_catalogue
from hummingbird.core.metric import Rates
from hummingbird.history.generate import wished
from hummingbird.history.invent import invent
from hummingbird.history.told import Moment
from hummingbird.ledger.bulk import fill, go_on
from hummingbird.workloads.rolling.roll_up import Mode, Rollup, roll_up
from hummingbird.workloads.rolling.trading_days import trading_days
from hummingbird.workloads.rolling.validating import GreatExpectations
from postgres import LedgerDatabase

pytestmark = pytest.mark.bench
CYCLES = int(os.environ.get("HB_BENCH_CYCLES", "60000"))
COMPONENTS = max(2, min(180, CYCLES // 40))
LAST_DAY = date(2026, 11, 20)
GOAL_FULL, GOAL_DAY = 1.5, 1 / 20
TURNS = 2
RATES = Rates()


@dataclass
class Invented:
    """A ledger without its last day, and that day."""

    database: LedgerDatabase
    scratch: Path
    last_day: list[Moment]
    first_day: date

    @property
    def source(self) -> Source:
        """What the program by hand needs."""
        known = trading_days(self.first_day.replace(month=1, day=1), LAST_DAY)
        days = [day for day, is_open in known.items() if is_open]
        return Source(self.database.reader, RATES.hourly_rate, RATES.compute_hourly_rate, days)

    def roll(self, mode: Mode) -> None:
        """Roll up as the pod does."""
        asked = Rollup(mode=mode, rates=RATES, production="prod", run="metric_rollup/bench")
        report = roll_up(self.database.metrics, asked, GreatExpectations(), self.scratch)
        assert (report.state, report.mode) == ("published", mode), report.why

    def by_hand(self) -> Figures:
        """The figures of the program by hand."""
        return figures_by_hand(self.source, self.scratch)

    def published(self) -> Figures:
        """The figures that the rollup keeps."""
        connection = psycopg2.connect(self.database.reader)
        with connection.cursor() as cursor:
            cursor.execute("SELECT metric, component, period, starts, value, p85, n FROM metrics.figure")
            found = {row[:4]: row[4:] for row in cursor.fetchall()}
        connection.close()
        return found


@pytest.fixture
def invented(ledger_database: LedgerDatabase, writer: Engine, tmp_path: Path) -> Invented:
    """The history, written but for its last day."""
    wish = wished(60, CYCLES, COMPONENTS, LAST_DAY)
    began, rows = time.perf_counter(), 0
    history = invent(wish, the_catalogue())
    last_begins = wish.begin_of_last_day
    kept: list[Moment] = []

    def before_the_last() -> Iterator[Moment]:
        for moment in history:
            if moment.at >= last_begins:
                kept.append(moment)
                return
            yield moment

    with writer.begin() as connection:
        rows = fill(connection, before_the_last()).sequence
    # What autovacuum keeps of a ledger that grew day by day.
    with psycopg2.connect(ledger_database.owner) as owner, owner.cursor() as cursor:
        cursor.execute("ANALYZE")
    owner.close()
    took = time.perf_counter() - began
    print(f"\n{rows} events of {CYCLES} cycles in {COMPONENTS} components written in {took:.0f} s")
    return Invented(ledger_database, tmp_path, list(chain(kept, history)), wish.days[0])


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def same(one: Figures, other: Figures) -> list[str]:
    """What differs, in words; sums are kept with six places."""
    wrong = [f"only one has {place}" for place in {*one} ^ {*other}]
    for place in {*one} & {*other}:
        pairs = zip(one[place], other[place], strict=True)
        if not all(
            a is b if a is None or b is None else math.isclose(a, b, rel_tol=1e-7, abs_tol=1e-6)
            for a, b in pairs
        ):
            wrong.append(f"{place}: {one[place]} and {other[place]}")
    return wrong


def test_all_of_it_and_one_day_more(invented: Invented, writer: Engine) -> None:
    load = os.getloadavg()[0]
    by_hand, full = [], []
    for _ in range(TURNS):
        by_hand.append(timed(invented.by_hand))
        full.append(timed(lambda: invented.roll("full")))
    by_hand.append(timed(invented.by_hand))
    assert same(invented.by_hand(), invented.published()) == []

    with writer.begin() as connection:
        go_on(connection, invented.last_day)
    day = timed(lambda: invented.roll("incremental"))
    figures = invented.published()
    assert same(invented.by_hand(), figures) == []

    ratio, share = median(full) / median(by_hand), day / median(full)
    after = os.getloadavg()[0]
    print(
        f"full {median(full):.2f} s, by hand {median(by_hand):.2f} s: {ratio:.2f} (goal {GOAL_FULL}); "
        f"one day more, {len(invented.last_day)} events: {day:.2f} s, 1/{1 / share:.0f} of full "
        f"(goal 1/{1 / GOAL_DAY:.0f}); {len(figures)} figures equal; load {load:.1f} to {after:.1f}"
    )
    if CYCLES >= 60_000:
        assert ratio <= GOAL_FULL
        assert share <= GOAL_DAY
