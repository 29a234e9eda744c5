"""Run notes: the outcome first, then links to everything the run belongs to."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from airflow.configuration import conf
from airflow.sdk import get_current_context

from hummingbird.core.event import EventKind
from hummingbird.core.outcome import Outcome, note_text, outcome_line
from hummingbird.core.plan import Plan
from hummingbird.orchestration import current, wiring
from hummingbird.paths.admit import Refusal, Request
from hummingbird.paths.feedback import merge_request_urls


def run_url(dag_id: str, run_id: str) -> str:
    """A run's page in Airflow, for people elsewhere."""
    base = conf.get("api", "base_url", fallback="").rstrip("/")
    return f"{base}/dags/{quote(dag_id)}/runs/{quote(run_id, safe='')}"


def run_link(dag_id: str, run_id: str) -> str:
    """The same from within Airflow, without its host: notes have little room."""
    return urlsplit(run_url(dag_id, run_id))._replace(scheme="", netloc="").geturl()


def note_start(request: Request, decided: Plan | Refusal) -> None:
    """The note at admission: refused with the reason, or under way with links."""
    if isinstance(decided, Refusal):
        shown = ascii(request.story)[:40]
        text = f"{outcome_line(Outcome.REFUSED, decided.why)}\n\nAsked for: {shown}"
    else:
        line = f"RUNNING: {decided.story.key} {decided.story.title}"
        text = note_text(line, links(decided, all_of_it=False))
    wiring.airflow_api().set_note(request.dag_id, request.run_id, text)


def note_end(line: str, plan: Plan | None) -> None:
    """The note at the end: the outcome line, then links."""
    run = get_current_context()["dag_run"]
    text = note_text(line, links(plan, all_of_it=True) if plan is not None else [])
    wiring.airflow_api().set_note(run.dag_id, run.run_id, text)


def note_running(sentence: str) -> None:
    """The note of a run without a story while it is under way."""
    run = get_current_context()["dag_run"]
    wiring.airflow_api().set_note(run.dag_id, run.run_id, note_text(f"RUNNING: {sentence}", []))


def note_scheduled(line: str) -> None:
    """The note of a run without a story at its end: the outcome line, then links to the reports it made."""
    run = get_current_context()["dag_run"]
    found: dict[str, str] = {}
    for recorded in wiring.notary().events(run=current.name()):
        url = recorded.event.data.get("report_url")
        if url:
            found[str(url)] = f"[report]({url})"
    wiring.airflow_api().set_note(run.dag_id, run.run_id, note_text(line, list(found.values())))


def note_waiting(sentence: str) -> None:
    """The note while people are waited for."""
    run = get_current_context()["dag_run"]
    plan = current.plan()
    text = note_text(outcome_line(Outcome.WAITING, sentence), links(plan, all_of_it=False))
    wiring.airflow_api().set_note(run.dag_id, run.run_id, text)


def links(plan: Plan, *, all_of_it: bool) -> list[str]:
    """Markdown links: story and parent always; at the end also merge requests, work and children."""
    found = [f"[{plan.story.key}]({plan.story.url})"]
    parent = current.parent()
    if parent is not None:
        found.append(f"[parent {parent['dag_id']}]({run_link(parent['dag_id'], parent['run_id'])})")
    if all_of_it:
        found += _merge_requests(plan) + _child_links() + _work_links(plan)
    return found


def _merge_requests(plan: Plan) -> list[str]:
    catalogue, found = wiring.catalogue(), []
    for planned in plan.components:
        project = catalogue.component(planned.name).gitlab_project
        urls = merge_request_urls(wiring.code_host(), project, plan.story.key, planned.branch)
        found += [f"[merge request]({url})" for _, url in urls]
    return found


def _work_links(plan: Plan) -> list[str]:
    """Pipelines and reports of the plan's commits, the newest of each kind, whichever run made them."""
    kinds = [EventKind.BUILD_FINISHED, EventKind.SCAN_FINISHED, EventKind.SUITE_FINISHED]
    commits = {planned.commit for planned in plan.components}
    found: dict[str, str] = {}
    for recorded in wiring.notary().events(kinds=kinds, story=plan.story.key):
        data = recorded.event.data
        if recorded.event.kind is EventKind.BUILD_FINISHED:
            if data["build"]["commit"] in commits:
                found["build"] = f"[pipeline {data['build']['pipeline_id']}]({data['build']['pipeline_url']})"
            continue
        report = data["report"]
        mine = report.get("commit") in commits or recorded.event.run == current.name()
        if mine and report.get("report_url"):
            name = report.get("suite") or f"{report['mode']} scan"
            found[name] = f"[{name} report]({report['report_url']})"
    if "full scan" in found:
        found.pop("incremental scan", None)
    return list(found.values())


def _child_links() -> list[str]:
    run = get_current_context()["dag_run"]
    children = wiring.airflow_api().dag_runs(run_id_pattern=f"{run.run_id}\\_\\_%")
    return [
        f"[{child['dag_id']}]({run_link(child['dag_id'], child['dag_run_id'])})"
        for child in reversed(children)
        if ((child.get("conf") or {}).get("parent") or {}).get("run_id") == run.run_id
    ]
