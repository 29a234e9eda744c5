"""Say who had a hand in a bundle besides its authors, so that none of them signs for it."""

from __future__ import annotations

from hummingbird.core.approval_rule import Involvement
from hummingbird.core.bundle import Bundle, BundleComponent
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.code_host import CodeHost
from hummingbird.core.component import Component
from hummingbird.core.errors import NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.hand import Hand, Hands
from hummingbird.core.plan import Plan
from hummingbird.core.ports import Notary
from hummingbird.paths.candidate import released_commit
from hummingbird.paths.runs import run_name


def tell_hands(catalogue: Catalogue, code: CodeHost, notary: Notary, plan: Plan, bundle: Bundle) -> None:
    """Record the committers, mergers and builders of every component that brings commits."""
    clusters = catalogue.production.clusters
    for carried in bundle.components:
        if not carried.commits:
            continue
        component = catalogue.component(carried.name)
        base = released_commit(code, notary, component, clusters)
        hands = sorted(_hands(code, notary, component, carried, base), key=lambda hand: hand.content_hash)
        _tell(notary, plan, bundle, Hands(component=carried.name, hands=hands))


def _hands(
    code: CodeHost, notary: Notary, component: Component, carried: BundleComponent, base: str | None
) -> set[Hand]:
    project = component.gitlab_project
    commits = code.commits_between(project, base, carried.commit)
    hands = {
        Hand(part=Involvement.COMMITTER, system="email", account=commit.committer_email)
        for commit in commits
        if commit.committer_email
    }
    since = min((commit.authored_at for commit in commits), default="")
    for request in code.merged(project, [commit.id for commit in commits], since) if commits else []:
        if request.merged_by:
            hands.add(Hand(part=Involvement.MERGER, system="gitlab", account=request.merged_by))
    for build in notary.builds(carried.name, carried.commit):
        starter = _starter(code, project, build.pipeline_id)
        if starter and build.image.digest == carried.image.digest:
            hands.add(Hand(part=Involvement.BUILDER, system="gitlab", account=starter))
    return hands


def _starter(code: CodeHost, project: str, pipeline: int) -> str:
    try:
        return code.pipeline(project, pipeline).started_by
    except NotFound:  # an old pipeline that the project has deleted: nobody knows any more
        return ""


def _tell(notary: Notary, plan: Plan, bundle: Bundle, touched: Hands) -> None:
    notary.append(
        DeliveryEvent(
            kind=EventKind.BUNDLE_TOUCHED,
            key=f"touched:{bundle.sha256}:{touched.component}:{touched.content_hash[:16]}",
            subject=bundle.sha256,
            story=plan.story.key,
            bundle=bundle.sha256,
            component=touched.component,
            run=run_name(plan.dag_id, plan.run_id),
            actor="platform",
            data={"touched": touched.document()},
        )
    )
