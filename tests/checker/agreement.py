"""I4: what the ledger says runs is what clusters run and registries serve; one rollout a release."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from checker.ledger import DEPLOYMENTS, PROMOTED, SEALED, Event, of
from checker.seen import Seen, Workload

State = tuple[str, str]
"""Image digest and hash of the configuration: what makes a pod another pod."""


@dataclass
class Expected:
    """What the ledger says about one component in one cluster."""

    now: State | None = None
    fewest: int = 0
    most: int = 0
    """Bounds of the number of rollouts: a way back may have come before or after the way forward began."""
    sure: bool = True
    """False while a deployment's end is unknown: then nothing can be said."""

    def forward(self, state: State) -> None:
        """A deployment ended well."""
        moved = int(state != self.now)
        self.now, self.fewest, self.most = state, self.fewest + moved, self.most + moved

    def back(self) -> None:
        """A deployment ended where it began: none or two rollouts."""
        self.most += 2


def check(events: list[Event], seen: Seen) -> list[str]:
    """What is wrong, a sentence each."""
    expected = expectations(events)
    there = {(workload.cluster, workload.name): workload for workload in seen.workloads}
    wrong = []
    for place, told in expected.items():
        if told.sure:
            wrong += [f"{'/'.join(place)}: {one}" for one in _compare(told, there.get(place))]
    wrong += [
        f"{'/'.join(place)}: runs {workload.digest[:19]}, and the ledger knows nothing of it"
        for place, workload in there.items()
        if place not in expected
    ]
    return wrong + _promoted(events, seen)


def expectations(events: list[Event]) -> dict[tuple[str, str], Expected]:
    """Cluster and component → what the ledger says."""
    bundles = {str(event.bundle): event.data["bundle"] for event in of(events, SEALED)}
    found: dict[tuple[str, str], Expected] = defaultdict(Expected)
    for event in of(events, *DEPLOYMENTS):
        report = event.data.get("report")
        for carried in bundles[str(event.bundle)]["components"]:
            place = found[str(event.cluster), carried["name"]]
            if report is None or report["outcome"] == "failed":
                place.sure = False
            elif report["outcome"] == "rolled_back":
                place.back()
            elif report["outcome"] == "deployed":
                (state,) = (one for one in report["components"] if one["name"] == carried["name"])
                place.sure = True
                place.forward((state["digest"], state["configuration_sha256"]))
    return found


def _compare(told: Expected, workload: Workload | None) -> list[str]:
    if told.now is None:
        return []
    if workload is None:
        return [f"the ledger says {told.now[0][:19]} runs, and there is no Deployment"]
    wrong = []
    if workload.digest != told.now[0]:
        wrong.append(f"the ledger says {told.now[0][:19]}, the Deployment {workload.digest[:19]}")
    if set(workload.pods) != {told.now[0]}:
        wrong.append(f"the ledger says {told.now[0][:19]}, the pods run {sorted(set(workload.pods))}")
    if workload.ready < workload.replicas:
        wrong.append(f"{workload.ready} of {workload.replicas} replicas are ready")
    if not told.fewest <= workload.revision <= told.most:
        bounds = f"{told.fewest}" if told.fewest == told.most else f"{told.fewest} to {told.most}"
        wrong.append(f"{workload.revision} rollouts where the ledger tells of {bounds}")
    return wrong


def _promoted(events: list[Event], seen: Seen) -> list[str]:
    wrong = []
    for event in of(events, PROMOTED):
        for image in event.data["images"]:
            repository, digest = image["repository"], image["digest"]
            served = seen.manifests.get((repository, digest))
            if f"sha256:{served}" != digest:
                wrong.append(
                    f"row {event.sequence}: the registry serves "
                    f"{f'sha256:{served[:12]}' if served else 'nothing'} for {repository}@{digest[:19]}"
                )
    return wrong
