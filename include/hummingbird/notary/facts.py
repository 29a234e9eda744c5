"""Everything a rule may look at, gathered from the ledger and the catalogue alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache

from sqlalchemy import Connection

from hummingbird.catalogue.exchanges import trading_of
from hummingbird.core.approval import Approval, ApprovalRequest
from hummingbird.core.artifact import Build
from hummingbird.core.bundle import Bundle
from hummingbird.core.canonical import content_hash
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import Environment
from hummingbird.core.event import EventKind
from hummingbird.core.finding import ScanReport, SuiteReport
from hummingbird.core.gate import Facts, Released, SignedBuild
from hummingbird.core.named_policy import classes_of, named_policy
from hummingbird.gates import window_open
from hummingbird.gates.windows import HORIZON, window_at
from hummingbird.ledger.append import database_now
from hummingbird.ledger.views import by_key, events
from hummingbird.notary.admission import Admission, admission_of, stories_of
from hummingbird.notary.deployments import bundle_key, came_from, deployed_everywhere, find_bundle
from hummingbird.notary.emergencies import glass_of
from hummingbird.notary.evidence import evidence_for, provenance_events, scans_of, suites_in_previous
from hummingbird.notary.involvement import involved
from hummingbird.notary.provenance import doubt_of
from hummingbird.notary.requests import approvals_of, find_request, withdrawal_of
from hummingbird.notary.signing import SigningKey
from hummingbird.notary.standing import Serving, rolled_back, runs_there, serving_in
from hummingbird.notary.turns import EMERGENCY, in_front, line_of, turn_of


def gather(
    connection: Connection,
    catalogue: Catalogue,
    key: SigningKey,
    *,
    bundle: str,
    environment: str,
    operation: str,
    requester: str | None,
    approval: str | None,
    run: str,
) -> Facts:
    """The facts now, about the clusters of the run's plan or all of the environment.

    NotFound for a bundle, environment or request that does not exist.
    """
    now = database_now(connection)
    sealed = find_bundle(connection, bundle)
    stage = catalogue.environment(environment)
    request, approvals = _asked(connection, approval)
    admission = admission_of(connection, run)
    planned = admission.plan.clusters if admission else []
    glass = glass_of(connection, catalogue, admission.plan if admission else None, sealed, stage, run)
    urgent = glass is not None
    serving = serving_in(connection, sealed, environment, stage.clusters)
    concerned = _concerned(sealed, stage, operation, planned, serving)
    calendar = catalogue.calendar_of(stage, operation)
    return Facts(
        now=now,
        environment=stage,
        operation=operation,
        bundle=sealed,
        evidence_hash=evidence_for(connection, sealed, stage).sha256,
        policy_version=catalogue.policy_version,
        policy=named_policy(catalogue, sealed, environment, operation, in_emergency=urgent),
        classes=classes_of(catalogue, sealed),
        holders={role: [person.name for person in catalogue.holders_of(role)] for role in catalogue.roles},
        involved=involved(connection, catalogue, sealed, requester),
        requester=requester,
        stories=stories_of(connection, sealed),
        deliverable_statuses=catalogue.stories.deliverable_statuses,
        scans=_scans(connection, sealed),
        baselines=[
            catalogue.baselines[component.name]
            for component in sealed.components
            if component.name in catalogue.baselines
        ],
        baseline_rule=catalogue.baseline,
        builds=_builds(connection, sealed, key),
        released=_released(connection, sealed),
        suites=[
            SuiteReport.model_validate(r.event.data["report"])
            for r in suites_in_previous(connection, sealed, stage)
        ],
        deployed_environments=[
            other.name
            for other in catalogue.environments.values()
            if deployed_everywhere(connection, bundle, other)
        ],
        clusters=concerned,
        promoted_clusters=_promoted(connection, sealed, environment),
        request=request,
        approvals=approvals,
        withdrawal=withdrawal_of(connection, approval) if approval else None,
        calendar=calendar,
        trading=trading_of(catalogue, calendar, now, now + HORIZON),
        runs_there=runs_there(
            connection,
            sealed,
            environment,
            {cluster: serving[cluster] for cluster in concerned},
            _sealed(connection, sealed, admission),
        ),
        rolled_back=rolled_back(connection, bundle, environment, concerned, run),
        admitted=admission.sequence if admission else None,
        in_front=in_front(
            line_of(connection, environment),
            stage,
            run=run,
            operation=turn_of(operation, in_emergency=urgent),
            components=[component.name for component in sealed.components],
            is_open=windows_of(catalogue, stage, now),
        ),
        has_run_before=any(
            sha256 is not None
            for cluster in concerned
            for sha256 in came_from(connection, sealed, environment, cluster).values()
        ),
        glass=glass,
    )


def windows_of(catalogue: Catalogue, stage: Environment, now: datetime) -> Callable[[str], bool]:
    """Whether an operation may start in an environment at a moment, by the calendar alone."""
    past = stage.emergency is not None and window_open.GATE in stage.emergency.passes

    @cache
    def is_open(operation: str) -> bool:
        if operation == EMERGENCY and past:
            return True
        calendar = catalogue.calendar_of(stage, operation)
        trading = trading_of(catalogue, calendar, now, now)
        return window_at(calendar, trading, now).open_until is not None

    return is_open


def _sealed(connection: Connection, bundle: Bundle, admission: Admission | None) -> int:
    """Up to where in the ledger the bundle knows what ran: a run that seals it has looked itself."""
    if admission is not None and admission.plan.bundle is None:
        return admission.sequence
    recorded = by_key(connection, bundle_key(bundle.sha256))
    return recorded.sequence if recorded else 0


def _concerned(
    bundle: Bundle, stage: Environment, operation: str, planned: list[str], serving: Serving
) -> list[str]:
    """Those of the planned clusters that do not run the bundle yet, or that do, for a rollback.

    Where all run it already, all are brought it again: that touches nothing and proves it.
    """
    asked = [cluster for cluster in stage.clusters if not planned or cluster in planned]
    there = [cluster for cluster in asked if set(serving[cluster].values()) == {bundle.sha256}]
    if operation == "rollback":
        return there
    return [cluster for cluster in asked if cluster not in there] or asked


def _asked(connection: Connection, approval: str | None) -> tuple[ApprovalRequest | None, list[Approval]]:
    if approval is None:
        return None, []
    return find_request(connection, approval), approvals_of(connection, approval)


def _scans(connection: Connection, bundle: Bundle) -> list[ScanReport]:
    return [
        ScanReport.model_validate(recorded.event.data["report"])
        for component in bundle.components
        for recorded in scans_of(connection, component).values()
    ]


def _builds(connection: Connection, bundle: Bundle, key: SigningKey) -> list[SignedBuild]:
    found = []
    for component in bundle.components:
        for recorded in provenance_events(connection, component.name, component.commit):
            build = Build.model_validate(recorded.event.data["build"])
            envelope = recorded.event.data["envelope"]
            doubt = doubt_of(envelope, build, key)
            found.append(
                SignedBuild(
                    build=build,
                    provenance_verified=doubt is None,
                    provenance_sha256=content_hash(envelope),
                    doubt=doubt,
                )
            )
    return found


def _released(connection: Connection, bundle: Bundle) -> list[Released]:
    """The versions of a bundle that were tagged: as the bundle that was delivered then had them."""
    found = []
    for component in bundle.components:
        tagged = by_key(connection, f"tag:{component.name}:v{component.version}")
        delivered = find_bundle(connection, tagged.event.bundle or "") if tagged else None
        was = delivered.component(component.name) if delivered else None
        if was is not None:
            found.append(
                Released(component=was.name, version=was.version, commit=was.commit, digest=was.image.digest)
            )
    return found


def _promoted(connection: Connection, bundle: Bundle, environment: str) -> list[str]:
    """Clusters for which every digest of the bundle was read back after its promotion."""
    needed = {component.image.digest for component in bundle.components}
    recorded = events(
        connection, kinds=[EventKind.ARTIFACTS_PROMOTED], bundle=bundle.sha256, environment=environment
    )
    return sorted(
        {
            r.event.cluster
            for r in recorded
            if r.event.cluster and needed <= {image.get("digest") for image in r.event.data.get("images", [])}
        }
    )
