"""What is known about a bundle before an environment, by hash: what people are shown is what they sign."""

from __future__ import annotations

from pydantic import Field
from sqlalchemy import Connection

from hummingbird.core.bundle import Bundle, BundleComponent
from hummingbird.core.canonical import content_hash
from hummingbird.core.environment import Environment
from hummingbird.core.event import EventKind, RecordedEvent
from hummingbird.core.record import Record
from hummingbird.ledger.views import by_key, events


class EvidenceItem(Record):
    """One event that is evidence, by its hash in the chain."""

    kind: str
    key: str
    hash: str


class Evidence(Record):
    """The set; approvals, verdicts and warrants are decisions about it and never part of it."""

    items: list[EvidenceItem] = Field(default_factory=list)

    @property
    def sha256(self) -> str:
        """Names the set."""
        return content_hash([item.document() for item in self.items])


def evidence_for(connection: Connection, bundle: Bundle, environment: Environment) -> Evidence:
    """The evidence set of a bundle before an environment."""
    found: dict[str, RecordedEvent] = {}
    for component in bundle.components:
        scans = scans_of(connection, component)
        chosen = scans.get("full") or scans.get("incremental")
        for recorded in (chosen, *provenances_of(connection, component)):
            if recorded is not None:
                found[recorded.event.key] = recorded
    for recorded in (
        *suites_in_previous(connection, bundle, environment),
        *_deployments_in_previous(connection, bundle, environment),
    ):
        found[recorded.event.key] = recorded
    items = [EvidenceItem(kind=r.event.kind.value, key=key, hash=r.hash) for key, r in sorted(found.items())]
    return Evidence(items=items)


def scans_of(connection: Connection, component: BundleComponent) -> dict[str, RecordedEvent]:
    """Mode → the newest scan of exactly the component's commit, in the order they were recorded."""
    recorded = events(
        connection, kinds=[EventKind.SCAN_FINISHED], component=component.name, subject=component.commit
    )
    newest = {r.event.data["report"]["mode"]: r for r in recorded}
    return dict(sorted(newest.items(), key=lambda item: item[1].sequence))


def provenances_of(connection: Connection, component: BundleComponent) -> list[RecordedEvent]:
    """Builds of the component's commit that made its digest: the build's event and its signed provenance."""
    found = []
    for signed in provenance_events(connection, component.name, component.commit):
        if signed.event.data["build"]["image"]["digest"] == component.image.digest:
            build = by_key(connection, signed.event.data["recorded_as"])
            found += [build, signed] if build else [signed]
    return found


def provenance_events(connection: Connection, component: str, commit: str) -> list[RecordedEvent]:
    """Every signed provenance of a commit, in order."""
    return events(connection, kinds=[EventKind.PROVENANCE_SIGNED], component=component, subject=commit)


def suites_in_previous(
    connection: Connection, bundle: Bundle, environment: Environment
) -> list[RecordedEvent]:
    """The newest report of every suite against this bundle in the environment before.

    Not those of a night: what a regression finds is told to approvers and changes nothing that they sign.
    """
    recorded = _in_previous(connection, EventKind.SUITE_FINISHED, bundle, environment)
    own = [r for r in recorded if "night" not in r.event.data]
    newest = {(r.event.component, r.event.data["report"]["suite"]): r for r in own}
    return list(newest.values())


def _deployments_in_previous(
    connection: Connection, bundle: Bundle, environment: Environment
) -> list[RecordedEvent]:
    recorded = _in_previous(connection, EventKind.DEPLOYMENT_FINISHED, bundle, environment)
    return list({r.event.cluster: r for r in recorded}.values())


def _in_previous(
    connection: Connection, kind: EventKind, bundle: Bundle, environment: Environment
) -> list[RecordedEvent]:
    if environment.previous is None:
        return []
    return events(connection, kinds=[kind], bundle=bundle.sha256, environment=environment.previous)
