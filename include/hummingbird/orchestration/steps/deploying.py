"""Deploy: a warrant first, then a pod in each target cluster that verifies it before it touches anything."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from airflow.sdk import TriggerRule, XComArg, task
from airflow.sdk.definitions.mappedoperator import MappedOperator

from hummingbird.core.environment import Environment
from hummingbird.core.errors import Retryable
from hummingbird.core.event import EventKind
from hummingbird.core.finding import SuiteReport
from hummingbird.core.gate import State, Verdict
from hummingbird.core.plan import Plan
from hummingbird.gates import not_outdated
from hummingbird.orchestration import current, outcome, rollouts, wiring
from hummingbird.orchestration.pods import Work, WorkloadPod
from hummingbird.orchestration.refusal import Refused
from hummingbird.orchestration.results import results_of
from hummingbird.orchestration.rollouts import read_lineage
from hummingbird.orchestration.turns import ObtainWarrant
from hummingbird.paths import close, feedback, jobs
from hummingbird.paths.hotfix import hotfix_missing
from hummingbird.paths.rollout import reported_job

FIRST, LATER = "deploy", "deploy_later_waves"
WHEN_PODS_ENDED = TriggerRule.ALL_DONE_MIN_ONE_SUCCESS
"""However the pods ended, when there is a warrant: obtain_warrant is upstream beside them."""


def obtain_warrant() -> XComArg:
    """Ask the notary, which asks every gate, when it is its turn and the window is open.

    Returns the clusters of the first wave that is to be brought.
    """
    return ObtainWarrant(ask=partial(_obtain, in_waves=True)).output


def obtain_warrant_for_all() -> XComArg:
    """The same where nothing waits for a first wave; returns every cluster that the warrant permits."""
    return ObtainWarrant(ask=partial(_obtain, in_waves=False)).output


def deploy(clusters: XComArg, task_id: str = FIRST) -> MappedOperator:
    """One deployment pod in each cluster of a wave."""
    return WorkloadPod.partial(task_id=task_id, work=_deployment).expand(part=clusters)


def deploy_one_by_one(clusters: XComArg) -> MappedOperator:
    """The same, one pod after the other over all runs: commits of several components come at once."""
    one = WorkloadPod.partial(task_id=FIRST, work=_deployment, max_active_tis_per_dag=1)
    return one.expand(part=clusters)


@task(trigger_rule=WHEN_PODS_ENDED)
def report_deployments() -> None:
    """What every cluster runs now, on the story and in the ledger; what is partial ends the run."""
    rollouts.conclude({FIRST: rollouts.permitted_waves(in_waves=False)[0]})
    _after_success()


@task(task_id="report_deployments", trigger_rule=WHEN_PODS_ENDED)
def report_first_wave() -> list[str]:
    """The first wave must serve before the others start: returns their clusters."""
    first, later = rollouts.permitted_waves(in_waves=True)
    if not later:
        rollouts.conclude({FIRST: first})
        _after_success()
        return []
    rollouts.require_served(first, {FIRST: first})
    rollouts.require_reachable(later)
    outcome.say(f"{', '.join(first)} serve; {', '.join(later)} follow")
    return later


@task(task_id="report_deployments", trigger_rule=WHEN_PODS_ENDED)
def report_before_suites() -> list[str]:
    """The same, where suites follow: returns `component/suite` of each."""
    rollouts.conclude({FIRST: rollouts.permitted_waves(in_waves=False)[0]})
    _after_success()
    plan = current.plan()
    bundle = wiring.notary().bundle(current.bundle_sha256())
    found = jobs.suite_jobs(wiring.catalogue(), bundle, str(plan.environment))
    return [f"{job.component.name}/{job.name}" for job in found]


@task(trigger_rule=WHEN_PODS_ENDED)
def report_later_waves() -> None:
    """How every cluster of the run was left, whether the later waves started or not."""
    first, later = rollouts.permitted_waves(in_waves=True)
    rollouts.conclude({FIRST: first, LATER: later})
    _after_success()


def run_suites(suites: XComArg) -> MappedOperator:
    """One pod for each suite, in the cluster that was just deployed to."""
    return WorkloadPod.partial(task_id="run_suites", work=_suite).expand(part=suites)


@task
def report_suites() -> None:
    """Each suite's counts on the story; one that is not green refuses."""
    plan = current.plan()
    reports = results_of("run_suites", SuiteReport)
    for report in reports:
        feedback.tell_suite(wiring.tracker(), plan, report)
    told = "; ".join(
        f"{r.suite} of {r.component}: {r.counts.passed} of {r.counts.total} passed" for r in reports
    )
    if not all(report.counts.green for report in reports):
        first = next((failure for report in reports for failure in report.failures), "no test ran")
        raise Refused(f"{told}; {first}")
    _move(plan.environment, lambda environment: environment.passed_status)
    outcome.say(told)


def _keep_hotfixes(plan: Plan) -> None:
    why = hotfix_missing(wiring.catalogue(), wiring.code_host(), wiring.notary(), plan)
    if why is not None:
        raise Refused(why)


def _obtain(*, in_waves: bool) -> list[str] | Verdict:
    plan = current.plan()
    read_lineage(plan)
    if rollouts.operation_of(plan) == "deploy" and plan.environment == wiring.catalogue().production.name:
        _keep_hotfixes(plan)  # people took their time: a hotfix may run now
    asked = wiring.notary().events(kinds=[EventKind.APPROVAL_ASKED], run=current.name())
    granted = wiring.notary().issue_warrant(
        current.bundle_sha256(),
        str(plan.environment),
        rollouts.operation_of(plan),
        plan.requester,
        asked[-1].event.subject if asked else None,
        current.name(),
    )
    if isinstance(granted, Verdict):
        unread = [a for a in granted.answers if a.gate == not_outdated.GATE and a.state is State.WAITING]
        if unread:  # what runs has changed since it was looked at
            raise Retryable(unread[0].why)
        return granted
    warrant = jobs.open_warrant(granted)
    rollouts.require_reachable(warrant.clusters)
    clusters = ", ".join(warrant.clusters)
    outcome.say(f"warrant {warrant.id[:12]} permits {clusters} until {warrant.expires_at:%H:%M} UTC")
    return rollouts.permitted_waves(in_waves=in_waves)[0]


def _after_success() -> None:
    plan = current.plan()
    if rollouts.operation_of(plan) == "rollback":
        close.reopen_story(wiring.catalogue(), wiring.tracker(), plan, current.name())
    else:
        _move(plan.environment, lambda environment: environment.deployed_status)


def _move(name: str | None, status: Callable[[Environment], str | None]) -> None:
    environment = wiring.catalogue().environment(str(name))
    bundle = wiring.notary().bundle(current.bundle_sha256())
    close.move_stories(wiring.tracker(), bundle, status(environment))


def _deployment(cluster: str) -> Work:
    catalogue, notary = wiring.catalogue(), wiring.notary()
    place = catalogue.clusters[cluster]
    sentence = f"{cluster}: see report deployments for how it ended"
    reported = reported_job(notary, current.name(), cluster)
    if reported is not None:
        return Work(cluster=place, done=reported, sentence=sentence)
    warrant = jobs.warrant_of(notary, current.name())
    job = jobs.deploy_job(catalogue, notary, warrant, cluster, wiring.registry_host())
    return Work(cluster=place, job=job, sentence=sentence)


def _suite(name: str) -> Work:
    catalogue = wiring.catalogue()
    environment = str(current.plan().environment)
    bundle = wiring.notary().bundle(current.bundle_sha256())
    found = jobs.suite_jobs(catalogue, bundle, environment)
    job = next(job for job in found if f"{job.component.name}/{job.name}" == name)
    cluster = catalogue.clusters[catalogue.environment(environment).clusters[0]]
    return Work(cluster=cluster, job=job, sentence=f"{job.name} suite of {job.component.name} ran")
