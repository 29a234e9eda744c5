"""Two releases to one environment in any order of steps: one rollout at a time, never older over newer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from builders import the_catalogue
from hummingbird.ledger.engine import connect
from hummingbird.notary.signing import make_key
from postgres import LedgerDatabase
from unit.notary.interleaving import World

pytestmark = pytest.mark.first


@contextmanager
def opened(database: LedgerDatabase, folder: Path, seed: int) -> Iterator[World]:
    """A world over a ledger of its own."""
    engine = connect(database.writer)
    yield World(engine, the_catalogue(), make_key(folder / "notary.pem"), Random(seed))
    engine.dispose()


def test_in_forty_interleavings_one_rolls_out_at_a_time_and_nothing_older_comes_over_newer(
    ledger_database: LedgerDatabase, tmp_path: Path
) -> None:
    with opened(ledger_database, tmp_path, seed=20261122) as world:
        for number in range(40):
            world.play(number)
        assert world.truth.most_hands == 1
        assert max(world.truth.serves.values()) > 20


@pytest.mark.long
@pytest.mark.parametrize("forty", range(25))
def test_in_a_thousand_interleavings_one_rolls_out_at_a_time_and_nothing_older_comes_over_newer(
    forty: int, ledger_database: LedgerDatabase, tmp_path: Path
) -> None:
    """Forty in each ledger: in one of a thousand every question would be about all that came before."""
    with opened(ledger_database, tmp_path, seed=forty) as world:
        for number in range(40):
            world.play(number, releases=2 + number % 2)
        assert world.truth.most_hands == 1
        assert max(world.truth.serves.values()) > 5
