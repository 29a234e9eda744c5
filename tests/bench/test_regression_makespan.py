"""A night's makespan against its lower bound, with stale durations and a lost pod; pytest-split beside it.

Simulated pods over the real queue (night_simulation.py). The bound is max(Σ/m, longest case);
where a lost pod held a case longer than what is left of the night, no schedule comes near it.
"""

from __future__ import annotations

import random
from statistics import mean, median, quantiles
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_split.algorithms import Algorithms
from sqlalchemy import Engine

from bench.night_simulation import BACK_SECONDS, Night, begin, remember

pytestmark = pytest.mark.bench
CASES, SEEDS = 400, (1, 2)
MEAN_SECONDS, SPREAD = 10.0, 0.8
STALE, NEW = 0.5, 0.1
"""Spread of a measured duration around tonight's (log-normal), and the share of cases that never ran."""
GOAL_STALE, GOAL_LOST = 1.03, 1.10


def durations_of(chance: random.Random, night: str) -> dict[str, float]:
    """Tonight's true durations: log-normal, forty files; names of this night's own."""
    seconds = [chance.lognormvariate(0, SPREAD) for _ in range(CASES)]
    scale = MEAN_SECONDS / mean(seconds)
    return {f"{night}/test_{n % 40}.py::case_{n}": each * scale for n, each in enumerate(seconds)}


def stale(chance: random.Random, durations: dict[str, float]) -> dict[str, float]:
    """What earlier nights measured: off by a factor, and of new cases nothing."""
    return {
        name: seconds * chance.lognormvariate(0, STALE)
        for name, seconds in durations.items()
        if chance.random() >= NEW
    }


def bound(durations: dict[str, float], pods: int) -> float:
    """No schedule of so many pods ends earlier."""
    return max(sum(durations.values()) / pods, *durations.values())


def shards(durations: dict[str, float], measured: dict[str, float], pods: int) -> list[float]:
    """True length of each shard as pytest-split's least_duration cuts them by the measured durations."""
    items: list[Any] = [SimpleNamespace(nodeid=name) for name in durations]
    groups = Algorithms.least_duration.value(pods, items, measured)
    return [sum(durations[item.nodeid] for item in group.selected) for group in groups]


@pytest.mark.parametrize("pods", [8, 16])
def test_stale_durations_and_a_lost_pod_cost_little(writer: Engine, pods: int) -> None:
    told: dict[str, list[float]] = {"stale": [], "lost": [], "gone": [], "split": [], "split lost": []}
    calls: list[float] = []
    for seed in SEEDS:
        for kind, lost, comes_back in (("stale", None, True), ("lost", 1 / 3, True), ("gone", 2 / 3, False)):
            chance, run = random.Random(seed), f"night-{seed}-{kind}"
            durations = durations_of(chance, run)
            measured, least = stale(chance, durations), bound(durations, pods)
            remember(writer, f"before-{run}", measured)
            begin(writer, run, list(durations))
            night = Night(writer, run, durations, pods)
            lost_at = least * lost if lost else None
            told[kind].append(night.makespan(lost_at, comes_back=comes_back) / least)
            calls += night.calls
        cut = shards(durations, measured, pods)
        told["split"].append(max(cut) / least)
        again = least / 3 + BACK_SECONDS + cut[0]
        told["split lost"].append(max(*cut, again) / least)
    print(f"\n{CASES} cases, {pods} pods, seeds {SEEDS}: makespan / max(Σ/m, longest)")
    for words, kind in (
        ("queue, stale durations", "stale"),
        ("queue, one pod lost at a third, back after 10 s", "lost"),
        ("queue, one pod lost at two thirds for good", "gone"),
        ("pytest-split least_duration, stale durations", "split"),
        ("pytest-split, one shard lost at a third, run again", "split lost"),
    ):
        print(f"  {words:<52}{mean(told[kind]):6.3f}  worst {max(told[kind]):6.3f}")
    p95 = quantiles(calls, n=20)[-1]
    print(f"  one call of the queue: median {median(calls) * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms")
    assert mean(told["stale"]) <= GOAL_STALE
    assert mean(told["lost"]) <= GOAL_LOST
    assert mean(told["gone"]) <= GOAL_LOST
    assert mean(told["stale"]) < mean(told["split"])
