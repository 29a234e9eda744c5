"""Scan: one pod for all scanners and the unit tests of one commit, then what people are told."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import get_current_context, task

from hummingbird.core.finding import ScanReport
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.notes import run_url
from hummingbird.orchestration.pods import Work, WorkloadPod
from hummingbird.orchestration.refusal import Refused
from hummingbird.orchestration.results import result_of
from hummingbird.paths import feedback, jobs


def scan() -> WorkloadPod:
    """Scanners and unit tests of the plan's commit in one pod of the tooling cluster."""
    return WorkloadPod(task_id="scan", work=_work)


@task
def report_scan() -> None:
    """Answer on merge request and story; refuse when anything is open."""
    plan = current.plan()
    report = result_of("scan", ScanReport)
    run = get_current_context()["dag_run"]
    catalogue = wiring.catalogue()
    project = catalogue.component(report.component).gitlab_project
    found = catalogue.coverage(report, datetime.now(UTC))
    page = run_url(run.dag_id, run.run_id)
    feedback.tell_scan(wiring.code_host(), wiring.tracker(), plan, project, report, page, found)
    if not feedback.is_green(report, found):
        raise Refused(f"{report.component} {report.commit[:8]}: {feedback.scan_sentence(report, found)}")
    outcome.say(f"{report.component} {report.commit[:8]}: {feedback.scan_sentence(report, found)}")


def _work(part: str) -> Work:  # noqa: ARG001 - one commit a run, so no part
    catalogue, notary, plan = wiring.catalogue(), wiring.notary(), current.plan()
    cluster = catalogue.clusters[catalogue.tooling.cluster]
    job = jobs.scan_job(catalogue, plan, wiring.toolbox_image(catalogue))
    subject = f"{job.mode} scan of {job.component.name} {job.commit[:8]}"
    tells_request = plan.mode == "incremental" and plan.components[0].merge_request is not None
    same = jobs.same_scan(notary, job, any_mode=tells_request)
    if same is not None:
        return Work(
            cluster=cluster, done=same[0], sentence=f"{subject} by the same rules is recorded: reused"
        )
    return Work(cluster=cluster, job=job, sentence=f"{subject} ran")
