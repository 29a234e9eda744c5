"""Where a story stands in each environment, by what its bundles' deployments told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hummingbird.core.environment import Environment
from hummingbird.core.event import EventKind

Row = Mapping[str, Any]
_WORDS = {
    EventKind.DEPLOYMENT_FINISHED.value: "serves",
    EventKind.DEPLOYMENT_ROLLED_BACK.value: "rolled back",
    EventKind.DEPLOYMENT_FAILED.value: "failed",
}
_WORST = ("failed", "rolled back", "serves")


@dataclass(frozen=True)
class Place:
    """One component in one cluster, by its newest deployment."""

    cluster: str
    component: str
    word: str
    at: datetime
    bundle: str
    run: str | None
    sequence: int


@dataclass(frozen=True)
class Cell:
    """A story in an environment: a word, and what a person needs to judge it."""

    environment: str
    word: str
    """`serves`, `partly`, `rolled back`, `failed`, or `` where nothing was deployed."""
    where: str
    """Which clusters, in a few words."""
    at: datetime | None
    bundle: str | None


def places(environment: str, rows: Iterable[Row], parts: Mapping[str, Mapping[str, str]]) -> list[Place]:
    """The newest word on each component in each cluster of the environment; rows come oldest first."""
    found: dict[tuple[str, str], Place] = {}
    for row in rows:
        word = _WORDS.get(row["kind"])
        if word is None or row["environment"] != environment or not row["bundle"] or not row["cluster"]:
            continue
        for component in parts.get(row["bundle"]) or {"": ""}:
            found[row["cluster"], component] = Place(
                cluster=row["cluster"],
                component=component,
                word=word,
                at=row["at"],
                bundle=row["bundle"],
                run=row["run"],
                sequence=row["sequence"],
            )
    return sorted(found.values(), key=lambda place: (place.cluster, place.component))


def cell(environment: Environment, rows: Sequence[Row], parts: Mapping[str, Mapping[str, str]]) -> Cell:
    """The environment in one word."""
    found = places(environment.name, rows, parts)
    if not found:
        return Cell(environment.name, "", "nothing of it was deployed here", None, None)
    last = max(found, key=lambda place: place.sequence)
    by_cluster = {
        cluster: next(word for word in _WORST if word in [p.word for p in found if p.cluster == cluster])
        for cluster in dict.fromkeys(place.cluster for place in found)
    }
    serving = [cluster for cluster, word in by_cluster.items() if word == "serves"]
    wanted = list(dict.fromkeys([*environment.clusters, *by_cluster]))
    if len(serving) == len(wanted):
        word = "serves"
        told = f"serves in {_counted(len(wanted))}"
    else:
        bad = [word for word in _WORST[:2] if word in by_cluster.values()]
        word = "partly" if serving else bad[0]
        told = "; ".join(f"{cluster}: {by_cluster.get(cluster, 'not deployed')}" for cluster in wanted)
    return Cell(environment.name, word, told, last.at, last.bundle)


def _counted(number: int) -> str:
    return "its cluster" if number == 1 else f"all {number} clusters"
