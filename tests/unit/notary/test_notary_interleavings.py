"""Two releases to one environment in any order of steps: one rollout at a time, never older over newer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from builders import the_catalogue
from hummingbird.ledger.engine import connect
from hummingbird.notary.signing import make_key
from postgres import LedgerDatabase
from unit.notary.interleaving import World


@pytest.fixture
def world(ledger_database: LedgerDatabase, tmp_path: Path) -> Iterator[World]:
    engine = connect(ledger_database.writer)
    yield World(engine, the_catalogue(), make_key(tmp_path / "notary.pem"), Random(20261122))
    engine.dispose()


def test_in_forty_interleavings_one_rolls_out_at_a_time_and_nothing_older_comes_over_newer(
    world: World,
) -> None:
    for number in range(40):
        world.play(number)
    assert world.truth.most_hands == 1
    assert world.truth.serves > 20


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_in_a_thousand_interleavings_one_rolls_out_at_a_time_and_nothing_older_comes_over_newer(
    world: World,
) -> None:
    for number in range(1000):
        world.play(number, releases=2 + number % 2)
    assert world.truth.most_hands == 1
    assert world.truth.serves > 500
