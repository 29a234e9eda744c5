"""Processes die at the worst moments of a delivery; it reaches its end, and everything happened once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.onebox import OneBox
from long.delivery import Delivery, Kill, Suffered, table
from long.people import develop

pytestmark = [pytest.mark.e2e, pytest.mark.long]

TEST, PROD = "test_deploy", "prod_deploy"
CASES = {
    "the notary": [
        Kill(TEST, "admitted", "notary"),
        Kill(TEST, "parked", "notary"),
        Kill(TEST, "deploying", "notary"),
        Kill(PROD, "asked", "notary"),
        Kill(PROD, "promoting", "notary"),
        Kill(PROD, "warrant consumed", "notary"),
        Kill(PROD, "closed", "notary"),
    ],
    "Airflow's API server and triggerer": [
        Kill(TEST, "scanning", "api-server"),
        Kill(TEST, "parked", "api-server"),
        Kill(TEST, "applied", "api-server"),
        Kill(TEST, "testing", "triggerer"),
        Kill(PROD, "starting approval", "api-server"),
        Kill(PROD, "deciding", "api-server"),
        Kill(PROD, "warrant consumed", "triggerer"),
        Kill(PROD, "tagged", "api-server"),
    ],
    "the database": [
        Kill(TEST, "asked", "postgres"),
        Kill(TEST, "applied", "postgres"),
        Kill(PROD, "prompted", "postgres"),
        Kill(PROD, "warrant consumed", "postgres"),
        Kill(PROD, "tagged", "postgres"),
    ],
    "the systems outside": [
        Kill(TEST, "admitted", "systems"),
        Kill(TEST, "scanning", "clusters"),
        Kill(TEST, "applied", "clusters"),
        Kill(PROD, "promoting", "systems"),
        Kill(PROD, "applied", "clusters"),
        Kill(PROD, "tagged", "systems"),
    ],
    "the worker of a task": [
        Kill(TEST, "scanning", "task-worker"),
        Kill(TEST, "testing", "task-tree"),
        Kill(PROD, "warrant consumed", "task-worker"),
    ],
    "the scheduler, with its workers and alone": [
        Kill(TEST, "approved", "scheduler-alone"),
        Kill(TEST, "applied", "scheduler-tree"),
        Kill(PROD, "parked", "scheduler-tree"),
        Kill(PROD, "promoting", "scheduler-alone"),
        Kill(PROD, "warrant consumed", "scheduler-tree"),
    ],
}
SLOW = "the worker of a task"
"""Airflow takes a minute to notice each of its deaths."""
LONGEST_LOCK_SECONDS = 60


@pytest.fixture(scope="module")
def suffered() -> Iterator[list[Suffered]]:
    """All kills of the suite; told as a table at its end."""
    collected: list[Suffered] = []
    yield collected
    print(f"\n{table(collected)}", flush=True)


@pytest.mark.parametrize(
    "who", [pytest.param(who, marks=pytest.mark.full) if who == SLOW else who for who in CASES]
)
def test_a_delivery_survives_the_death_of(
    who: str, box: OneBox, suffered: list[Suffered], tmp_path: Path
) -> None:
    delivery = Delivery(box, develop(box, list(CASES).index(who)))
    try:
        with delivery.telling():
            delivery.run(CASES[who])
            verdict = delivery.judged(tmp_path)
            assert verdict.clean, str(verdict)
            assert delivery.watch.idle_in_transaction() < LONGEST_LOCK_SECONDS
    finally:
        suffered += delivery.suffered
