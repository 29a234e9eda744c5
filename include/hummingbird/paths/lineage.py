"""How a bundle's commits stand to those that run where it is going: asked of Git, told to the ledger once."""

from __future__ import annotations

from collections.abc import Iterable

from hummingbird.core.bundle import Bundle
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.code_host import CodeHost
from hummingbird.core.component import Component
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.lineage import Lineage, Relation, lineage_key
from hummingbird.core.ports import Notary
from hummingbird.paths.running import serving_in


def record_lineage(
    catalogue: Catalogue, code: CodeHost, notary: Notary, bundle: Bundle, clusters: Iterable[str], run: str
) -> list[Lineage]:
    """Tell the ledger how every commit of the bundle relates to what runs in the clusters; what was new."""
    told = []
    for name, running in _running_commits(notary, bundle, clusters):
        carried = bundle.component(name)
        if carried is None or carried.commit == running:
            continue
        if notary.events(kinds=[EventKind.LINEAGE_READ], key=lineage_key(name, carried.commit, running)):
            continue
        relation = relation_of(code, catalogue.component(name), carried.commit, running)
        lineage = Lineage(component=name, commit=carried.commit, other=running, relation=relation)
        notary.append(_event(lineage, bundle, run))
        told.append(lineage)
    return told


def relation_of(code: CodeHost, component: Component, commit: str, other: str) -> Relation:
    """Where a commit stands, seen from another one."""
    if code.is_ancestor(component.gitlab_project, other, commit):
        return Relation.AHEAD
    if code.is_ancestor(component.gitlab_project, commit, other):
        return Relation.BEHIND
    return Relation.DIVERGED


def _running_commits(notary: Notary, bundle: Bundle, clusters: Iterable[str]) -> list[tuple[str, str]]:
    """Component and commit of whatever serves in any of the clusters, each pair once."""
    names = [component.name for component in bundle.components]
    found: dict[tuple[str, str], None] = {}
    for cluster in clusters:
        for name, sha256 in serving_in(notary, cluster, names).items():
            runs = notary.bundle(sha256).component(name) if sha256 else None
            if runs is not None:
                found[name, runs.commit] = None
    return list(found)


def _event(lineage: Lineage, bundle: Bundle, run: str) -> DeliveryEvent:
    return DeliveryEvent(
        kind=EventKind.LINEAGE_READ,
        key=lineage.key,
        subject=lineage.commit,
        story=bundle.story,
        component=lineage.component,
        run=run,
        actor="platform",
        data={"lineage": lineage.document()},
    )
