"""Deploy: a warrant first, then a pod in each target cluster that verifies it before it touches anything."""

from __future__ import annotations

from collections.abc import Callable

from airflow.sdk import TriggerRule, XComArg, get_current_context, task
from airflow.sdk.definitions.mappedoperator import MappedOperator

from hummingbird.core.deployment import DeployOutcome, DeployReport
from hummingbird.core.environment import Environment
from hummingbird.core.errors import Retryable
from hummingbird.core.event import EventKind
from hummingbird.core.finding import SuiteReport
from hummingbird.core.gate import Verdict
from hummingbird.core.plan import Plan
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.notes import run_url
from hummingbird.orchestration.pods import Work, WorkloadPod
from hummingbird.orchestration.refusal import Refused
from hummingbird.orchestration.results import results_of
from hummingbird.paths import close, feedback, jobs
from hummingbird.paths.hotfix import hotfix_missing

GOOD = (DeployOutcome.DEPLOYED, DeployOutcome.ALREADY_DEPLOYED)


@task
def obtain_warrant() -> list[str]:
    """Ask the notary, which asks every gate; returns the clusters of the first wave."""
    plan = current.plan()
    operation = "rollback" if plan.dag_id == "rollback" else "deploy"
    if (
        operation == "deploy" and plan.environment == wiring.catalogue().production.name
    ):  # people took their time: a hotfix may run now
        _keep_hotfixes(plan)
    asked = wiring.notary().events(kinds=[EventKind.APPROVAL_ASKED], run=current.name())
    granted = wiring.notary().issue_warrant(
        current.bundle_sha256(),
        str(plan.environment),
        operation,
        plan.requester,
        asked[-1].event.subject if asked else None,
        current.name(),
    )
    if isinstance(granted, Verdict):
        raise Refused(granted.sentence)
    warrant = jobs.open_warrant(granted)
    clusters = ", ".join(warrant.clusters)
    outcome.say(f"warrant {warrant.id[:12]} permits {clusters} until {warrant.expires_at:%H:%M} UTC")
    waves = wiring.catalogue().environment(warrant.environment).waves
    return waves[0] if operation == "deploy" else warrant.clusters


def deploy(clusters: XComArg, task_id: str = "deploy") -> MappedOperator:
    """One deployment pod in each cluster of a wave."""
    return WorkloadPod.partial(task_id=task_id, work=_deployment).expand(part=clusters)


def deploy_one_by_one(clusters: XComArg) -> MappedOperator:
    """The same, one pod after the other over all runs: commits of several components come at once."""
    one = WorkloadPod.partial(task_id="deploy", work=_deployment, max_active_tis_per_dag=1)
    return one.expand(part=clusters)


@task
def report_deployments() -> None:
    """What each cluster of the first wave runs now; a rollback there is a refusal, and nothing follows."""
    _report("deploy")


@task(task_id="report_deployments")
def report_first_wave() -> list[str]:
    """The same, where more waves may follow: returns their clusters, in order."""
    _report("deploy")
    waves = wiring.catalogue().environment(str(current.plan().environment)).waves[1:]
    return [cluster for wave in waves for cluster in wave]


@task(task_id="report_deployments")
def report_before_suites() -> list[str]:
    """The same, where suites follow: returns `component/suite` of each."""
    _report("deploy")
    plan = current.plan()
    bundle = wiring.notary().bundle(current.bundle_sha256())
    found = jobs.suite_jobs(wiring.catalogue(), bundle, str(plan.environment))
    return [f"{job.component.name}/{job.name}" for job in found]


@task(trigger_rule=TriggerRule.NONE_FAILED)
def report_later_waves() -> None:
    """The same for the clusters of the later waves, where there are any."""
    if not wiring.catalogue().environment(str(current.plan().environment)).waves[1:]:
        outcome.say("there is no later wave")
        return
    _report("deploy_later_waves")


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


def _report(pods: str) -> None:
    plan = current.plan()
    run = get_current_context()["dag_run"]
    reports = results_of(pods, DeployReport)
    for report in reports:
        feedback.tell_deployment(wiring.tracker(), plan, report, run_url(run.dag_id, run.run_id))
    told = "; ".join(f"{r.cluster}: {r.outcome.value.replace('_', ' ')}, {r.reason}" for r in reports)
    if any(report.outcome is DeployOutcome.FAILED for report in reports):
        raise Retryable(f"a person is needed: {told}")
    if any(report.outcome not in GOOD for report in reports):
        raise Refused(told)
    if plan.dag_id == "rollback":
        close.reopen_story(wiring.catalogue(), wiring.tracker(), plan, current.name())
    else:
        _move(plan.environment, lambda environment: environment.deployed_status)
    outcome.say(told)


def _move(name: str | None, status: Callable[[Environment], str | None]) -> None:
    environment = wiring.catalogue().environment(str(name))
    bundle = wiring.notary().bundle(current.bundle_sha256())
    close.move_stories(wiring.tracker(), bundle, status(environment))


def _deployment(cluster: str) -> Work:
    catalogue, notary = wiring.catalogue(), wiring.notary()
    warrant = jobs.warrant_of(notary, current.name())
    job = jobs.deploy_job(catalogue, notary, warrant, cluster, wiring.registry_host())
    sentence = (
        f"bundle {job.bundle.sha256[:12]} was brought to {cluster}: see report deployments for how it ended"
    )
    return Work(cluster=catalogue.clusters[cluster], job=job, sentence=sentence)


def _suite(name: str) -> Work:
    catalogue = wiring.catalogue()
    environment = str(current.plan().environment)
    bundle = wiring.notary().bundle(current.bundle_sha256())
    found = jobs.suite_jobs(catalogue, bundle, environment)
    job = next(job for job in found if f"{job.component.name}/{job.name}" == name)
    cluster = catalogue.clusters[catalogue.environment(environment).clusters[0]]
    return Work(cluster=cluster, job=job, sentence=f"{job.name} suite of {job.component.name} ran")
