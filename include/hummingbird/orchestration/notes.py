"""Run notes: the outcome first, then links to everything the run belongs to."""

from __future__ import annotations

from urllib.parse import quote

from airflow.configuration import conf
from airflow.sdk import get_current_context

from hummingbird.core.event import EventKind
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.core.plan import Plan
from hummingbird.orchestration import current, wiring
from hummingbird.paths.admit import Refusal, Request
from hummingbird.paths.feedback import merge_request_url


def run_url(dag_id: str, run_id: str) -> str:
    """A run's page in Airflow."""
    base = conf.get("api", "base_url", fallback="").rstrip("/")
    return f"{base}/dags/{quote(dag_id)}/runs/{quote(run_id, safe='')}"


def note_start(request: Request, decided: Plan | Refusal) -> None:
    """The note at admission: refused with the reason, or under way with links."""
    if isinstance(decided, Refusal):
        shown = ascii(request.story)[:40]
        text = f"{outcome_line(Outcome.REFUSED, decided.why)}\n\nAsked for: {shown}"
    else:
        text = f"RUNNING: {decided.story.key} {decided.story.title}\n\n{links(decided, children=False)}"
    wiring.airflow_api().set_note(request.dag_id, request.run_id, text)


def note_end(line: str, plan: Plan | None) -> None:
    """The note at the end: the outcome line, then links."""
    run = get_current_context()["dag_run"]
    text = f"{line}\n\n{links(plan, children=True)}" if plan is not None else line
    wiring.airflow_api().set_note(run.dag_id, run.run_id, text)


def note_waiting(sentence: str) -> None:
    """The note while people are waited for."""
    run = get_current_context()["dag_run"]
    plan = current.plan()
    text = f"{outcome_line(Outcome.WAITING, sentence)}\n\n{links(plan, children=True)}"
    wiring.airflow_api().set_note(run.dag_id, run.run_id, text)


def links(plan: Plan, *, children: bool) -> str:
    """Markdown links: story, merge requests, pipelines, reports, parent, children."""
    found = [f"[{plan.story.key}]({plan.story.url})"]
    catalogue = wiring.catalogue()
    for planned in plan.components:
        project = catalogue.component(planned.name).gitlab_project
        url = merge_request_url(wiring.code_host(), project, planned.branch)
        if url:
            found.append(f"[merge request of {planned.branch}]({url})")
    parent = current.conf().get("parent")
    if isinstance(parent, dict):
        found.append(f"[parent {parent['dag_id']}]({run_url(parent['dag_id'], parent['run_id'])})")
    if children:
        found += _work_links() + _child_links()
    return " · ".join(found)


def _work_links() -> list[str]:
    kinds = [EventKind.BUILD_FINISHED, EventKind.SCAN_FINISHED, EventKind.SUITE_FINISHED]
    found = []
    for recorded in wiring.notary().events(kinds=kinds, run=current.name()):
        data = recorded.event.data
        if recorded.event.kind is EventKind.BUILD_FINISHED:
            found.append(f"[pipeline {data['build']['pipeline_id']}]({data['build']['pipeline_url']})")
        elif data["report"].get("report_url"):
            name = data["report"].get("suite", "scan")
            found.append(f"[{name} report]({data['report']['report_url']})")
    return found


def _child_links() -> list[str]:
    run = get_current_context()["dag_run"]
    children = wiring.airflow_api().dag_runs(run_id_pattern=f"{run.run_id}\\_\\_%")
    return [
        f"[{child['dag_id']}]({run_url(child['dag_id'], child['dag_run_id'])})"
        for child in reversed(children)
        if (child.get("conf") or {}).get("parent", {}).get("run_id") == run.run_id
    ]
