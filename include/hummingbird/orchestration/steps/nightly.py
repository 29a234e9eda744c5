"""The night: what runs is frozen, pods select, the notary hands out, pods pull, the night is reported."""

from __future__ import annotations

from airflow.sdk import TriggerRule, XComArg, get_current_context, task
from airflow.sdk.definitions.mappedoperator import MappedOperator

from hummingbird.core.outcome import Outcome
from hummingbird.core.regression import NightPlan
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.notes import note_running, run_url
from hummingbird.orchestration.pods import Work, WorkloadPod
from hummingbird.orchestration.refusal import Refused
from hummingbird.paths import night, night_links

POOL = "regression"
"""Of its own: a night of hours takes no pod from deliveries."""
WHEN_PODS_ENDED = TriggerRule.ALL_DONE_MIN_ONE_SUCCESS
"""However the pods ended: the others ran what a lost one had, or the notary says which cases are missing."""


@task(task_id="admit")
def admit_night() -> list[str]:
    """Freeze what runs in the environment; returns the components whose suites are run."""
    catalogue = wiring.catalogue()
    person = catalogue.person_of(airflow=current.request().requester)
    plan = night.admit_night(catalogue, wiring.notary(), current.name(), person.name if person else None)
    if not plan.components:
        told = f"nothing that runs in {plan.environment} brings nightly suites"
        outcome.say_of_the_run(Outcome.DONE, told)
        outcome.say(told)
        return []
    names = [component.name for component in plan.components]
    told = f"nightly regression of {', '.join(names)} in {plan.environment}"
    note_running(told)
    outcome.say(f"{told} is admitted")
    return names


def select_cases(components: XComArg) -> MappedOperator:
    """One pod a component lists the cases of its nightly suites, at the commit that runs."""
    return WorkloadPod.partial(task_id="select_cases", work=_selection).expand(part=components)


@task
def open_queue() -> list[str]:
    """Have the notary fill the queue from what the pods selected; returns a number for each pulling pod."""
    rule = wiring.catalogue().regression
    cases = wiring.notary().open_night(current.name())
    pods = min(rule.pods, cases)
    outcome.say(f"{cases} cases wait for {pods} pods, the longest first")
    return [str(number) for number in range(pods)]


def run_cases(pods: XComArg) -> MappedOperator:
    """Pods that pull from the queue until it is empty."""
    return WorkloadPod.partial(task_id="run_cases", work=_pulling, pool=POOL).expand(part=pods)


@task(trigger_rule=WHEN_PODS_ENDED)
def report_night() -> None:
    """Keep the report, have the notary prove that it is complete; refuse when a case is red."""
    notary = wiring.notary()
    report = notary.night(current.name())
    run = get_current_context()["dag_run"]
    reader = night_links.reader_of(
        wiring.catalogue(), wiring.tracker(), report, run_url(run.dag_id, run.run_id)
    )
    kept = night.keep_night(wiring.package_store(), report, reader)
    stored = night.stored_in(notary.close_night(current.name(), kept))
    night_links.tell_stories(wiring.tracker(), report, reader, stored)
    told = night.sentence_of(report)
    outcome.say_of_the_run(Outcome.REFUSED if report.totals.red else Outcome.DONE, told)
    if report.totals.red:
        raise Refused(told)
    outcome.say(told)


def _plan() -> NightPlan:
    return night.require_plan(wiring.notary(), current.name())


def _selection(component: str) -> Work:
    catalogue, plan = wiring.catalogue(), _plan()
    job = night.select_job(catalogue, plan, component)
    return Work(cluster=catalogue.clusters[plan.cluster], job=job, sentence=f"cases of {component} selected")


def _pulling(number: str) -> Work:
    catalogue, plan = wiring.catalogue(), _plan()
    return Work(
        cluster=catalogue.clusters[plan.cluster],
        job=night.regression_job(catalogue, plan, int(number)),
        deadline_seconds=catalogue.regression.deadline_seconds,
        sentence=f"pod {number} pulled cases until none was left",
    )
