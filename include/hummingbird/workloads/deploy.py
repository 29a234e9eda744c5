"""The deploy workload: the only hands that change a cluster, and they move under a warrant alone.

Exit and result: a rule that says no, a success and a rollback are all results, posted with exit code 0.
Machinery that fails in between posts nothing: the same job is started again and goes on where this one ended.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hummingbird.clients.apollo import Apollo
from hummingbird.clients.apollo_config import ApolloConfig
from hummingbird.clients.cluster import Cluster
from hummingbird.clients.ticket import JobTicket
from hummingbird.core.deployment import GOOD, DeployOutcome, DeployReport
from hummingbird.core.errors import Conflict, Final, Invalid, Mismatch
from hummingbird.core.job import DeployJob
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.core.warrant import Consumption, Operation, Warrant
from hummingbird.workloads.deployment.bringing import Hands
from hummingbird.workloads.deployment.configuration import Configurations
from hummingbird.workloads.deployment.course import Ended, is_under_way, plan, precheck, run
from hummingbird.workloads.deployment.holding import Holding
from hummingbird.workloads.deployment.warrant_check import require_cover, require_unexpired, signed_by
from hummingbird.workloads.images.registry import Registry
from hummingbird.workloads.images.registry_auth import Credentials
from hummingbird.workloads.mounted import ApolloAccess, HarborAccess, NotaryKey, access, setting
from hummingbird.workloads.pod import work
from hummingbird.workloads.progress import say


def main(arguments: list[str]) -> int:
    """Do the ticket's deployment; 0 when its report is posted."""
    if arguments:
        raise Invalid(f"deploy takes its job from the ticket, not from arguments: {arguments[0]}")
    work(DeployJob, deploy)
    return 0


def deploy(job: DeployJob, ticket: JobTicket, _: Path) -> DeployReport:
    """Check the warrant, take it, deploy, and say how it ended."""
    started = datetime.now(UTC)
    try:
        warrant = signed_by(job.warrant, access("notary", NotaryKey).public_key)
        require_cover(warrant, job)
    except Mismatch as error:
        return _report(job, None, started, Ended(DeployOutcome.REFUSED, str(error), []))
    say(f"warrant {warrant.id} covers bundle {warrant.bundle[:12]} in {job.cluster.name}")
    try:
        taken = ticket.consume(warrant.id, job.cluster.name)
    except Mismatch as error:  # not its turn any more, or the window has closed: nothing was touched
        return _report(job, warrant, started, Ended(DeployOutcome.REFUSED, str(error), []))
    if taken.state == "finished":
        return _report(job, warrant, started, _used_up(warrant, taken))
    return _report(job, warrant, started, _under_lease(job, warrant, taken.job))


def _under_lease(job: DeployJob, warrant: Warrant, holder: str) -> Ended:
    cluster = Cluster.in_pod(job.cluster.name, Path(setting("HB_SERVICEACCOUNT")))
    configurations = _configurations()
    try:
        if cluster.namespace != job.cluster.namespace:
            told = f"this pod lives in namespace {cluster.namespace}, the job is for {job.cluster.namespace}"
            return Ended(DeployOutcome.REFUSED, told, [])
        holding = Holding.take(cluster.leases, job, holder)
        try:
            harbor = access("harbor", HarborAccess)
            registry = Registry(harbor.url, Credentials(harbor.user, harbor.password))
            hands = Hands(cluster, configurations, registry, holding.keep, warrant.id, holding.fence)
            return _course(hands, job, warrant)
        finally:
            holding.give_back()
    finally:
        configurations.close()
        cluster.close()


def _course(hands: Hands, job: DeployJob, warrant: Warrant) -> Ended:
    """Look first: what is refused here has touched nothing."""
    try:
        steps = plan(hands, job, warrant)
        if not is_under_way(steps, warrant):
            require_unexpired(warrant, datetime.now(UTC))
            precheck(hands, steps)
    except Conflict:
        raise
    except Final as error:
        return Ended(DeployOutcome.REFUSED, str(error), [])
    return run(hands, steps, warrant)


def _configurations() -> Configurations:
    apollo = access("apollo", ApolloAccess)
    portal = Apollo(apollo.url, apollo.token, apollo.operator)
    return Configurations(portal, ApolloConfig(apollo.config_url), apollo.config_url)


def _used_up(warrant: Warrant, taken: Consumption) -> Ended:
    """A finished warrant touches nothing again, whatever it ended with."""
    at = f"{taken.finished_at:%Y-%m-%d %H:%M:%S} UTC" if taken.finished_at else "an unknown time"
    if taken.outcome in (None, DeployOutcome.DEPLOYED, DeployOutcome.ALREADY_DEPLOYED):
        return Ended(DeployOutcome.ALREADY_DEPLOYED, f"already deployed at {at} by warrant {warrant.id}", [])
    told = f"warrant {warrant.id} was used up at {at} and ended {taken.outcome}; a new one is needed"
    return Ended(DeployOutcome.REFUSED, told, [])


def _report(job: DeployJob, warrant: Warrant | None, started: datetime, ended: Ended) -> DeployReport:
    before = warrant.predecessors.get(job.cluster.name, {}) if warrant else {}
    report = DeployReport(
        bundle=job.bundle.sha256,
        environment=job.environment.name,
        cluster=job.cluster.name,
        warrant=warrant.id if warrant else "unverified",
        outcome=ended.outcome,
        reason=ended.reason[:2000],
        components=ended.components,
        predecessor=warrant.predecessor_in(job.cluster.name) if warrant else None,
        predecessors=before,
        serves=_serves(warrant, before, ended.outcome) if warrant else {},
        started_at=started,
        finished_at=datetime.now(UTC),
    )
    word = Outcome.DONE if ended.outcome in GOOD else Outcome.REFUSED
    say(outcome_line(word, f"{ended.outcome} in {job.cluster.name}: {ended.reason}"))
    return report


def _serves(warrant: Warrant, before: dict[str, str | None], outcome: DeployOutcome) -> dict[str, str | None]:
    """Component → bundle that serves now; nothing is claimed after a refusal or a failure both ways."""
    if outcome not in (*GOOD, DeployOutcome.ROLLED_BACK):
        return {}
    bundle: dict[str, str | None] = dict.fromkeys(before, warrant.bundle)
    there = bundle if warrant.operation is Operation.DEPLOY else before
    back = before if warrant.operation is Operation.DEPLOY else bundle
    return there if outcome in GOOD else back
