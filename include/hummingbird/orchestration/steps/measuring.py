"""The rollup of metrics: what other systems say is recorded, then a pod makes the figures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import task

from hummingbird.core.metric import RollupReport
from hummingbird.core.outcome import Outcome
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.notes import note_running
from hummingbird.orchestration.pods import Work, WorkloadPod
from hummingbird.orchestration.refusal import Refused
from hummingbird.orchestration.results import results_of
from hummingbird.paths import observing


@task(task_id="admit")
def admit_rollup() -> None:
    """Say what this run will do; the metrics' own database role keeps two at once apart."""
    told = f"{current.conf().get('mode')} rollup of the metrics"
    note_running(told)
    outcome.say(f"{told} is admitted")


@task
def observe_stories() -> None:
    """Ask the tracker for what delivered stories cost and are worth, and for incidents."""
    today = datetime.now(UTC).date()
    told = observing.observe_stories(
        wiring.catalogue(), wiring.measures(), wiring.notary(), current.name(), today
    )
    outcome.say(f"{told} stories or incidents said something new")


@task
def observe_deliveries() -> None:
    """Ask the code host which commits came to production."""
    told = observing.observe_deliveries(
        wiring.catalogue(), wiring.code_host(), wiring.notary(), current.name()
    )
    outcome.say(f"commits of {told} deliveries to production are named")


def observe_code() -> WorkloadPod:
    """One pod that counts lines and names new commits."""
    return WorkloadPod(task_id="observe_code", work=_code)


def roll_up() -> WorkloadPod:
    """One pod that makes, validates and publishes the figures."""
    return WorkloadPod(task_id="roll_up", work=_rollup)


@task
def report_rollup() -> None:
    """What was published; refuse, with the expectation's name, when it was withheld."""
    (report,) = results_of("roll_up", RollupReport)
    if report.state == "withheld":
        told = f"the figures published before stay: {report.why}"
        outcome.say_of_the_run(Outcome.REFUSED, told)
        raise Refused(told)
    told = f"publication {report.publication}: {report.figures} figures up to row {report.height}"
    outcome.say_of_the_run(Outcome.DONE, f"{report.mode} rollup, {told}")
    outcome.say(told)


def _code(_: str) -> Work:
    catalogue = wiring.catalogue()
    job: Any = observing.code_job(catalogue, wiring.code_host(), wiring.notary())
    return Work(
        cluster=catalogue.clusters[catalogue.tooling.cluster],
        job=job,
        sentence=f"looked at the code of {len(job.targets)} components",
    )


def _rollup(_: str) -> Work:
    catalogue = wiring.catalogue()
    job = observing.rollup_job(catalogue, current.name(), str(current.conf().get("mode")))
    return Work(
        cluster=catalogue.clusters[catalogue.tooling.cluster],
        job=job,
        sentence="see report rollup for what was published",
    )
