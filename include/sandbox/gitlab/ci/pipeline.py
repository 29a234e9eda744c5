"""Pipelines: made from a ref, run job after job, canceled, retried."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from pathlib import Path

from sandbox.gitlab import history
from sandbox.gitlab.accounts import Account
from sandbox.gitlab.ci import artifacts, job, plan, schedule, tree, variables
from sandbox.gitlab.errors import message
from sandbox.gitlab.events import pipelines as events
from sandbox.gitlab.moment import now
from sandbox.gitlab.projects import config_file
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document

JOBS_AT_ONCE = 2


def jobs_of(site: Site, pipeline: Document, *, retried: bool = False) -> list[Document]:
    """The pipeline's jobs in planned order; earlier attempts only when asked for."""
    found = site.store.list("job", project=pipeline["id"])
    return sorted((one for one in found if retried or not one["retried"]), key=lambda one: int(one["place"]))


def change(site: Site, pipeline: Document, **fields: object) -> Document:
    """Keep changed fields of a pipeline and return it as it now is."""
    changed = {**(site.store.get("pipeline", pipeline["id"]) or pipeline), **fields, "updated_at": now()}
    site.store.put("pipeline", changed)
    return changed


async def create(
    site: Site, project: Document, account: Account, ref: str, given: list[Document], source: str = "api"
) -> Document:
    """A pending pipeline with its jobs; 400 in GitLab's shape when the ref or its file gives none."""
    repository = site.repository(project)
    branch = await repository.reference(f"refs/heads/{ref}")
    sha = branch or await repository.reference(f"refs/tags/{ref}^{{commit}}")
    if sha is None:
        raise message(400, {"base": ["Reference not found"]})
    draft: Document = {
        "id": 0,
        "iid": 0,
        "project_id": project["id"],
        "sha": sha,
        "ref": ref,
        "tag": branch is None,
        "status": "pending",
        "source": source,
        "user": account.username,
        "variables": given,
        "created_at": now(),
        "updated_at": now(),
        "started_at": None,
        "finished_at": None,
    }
    name = f"plan-{secrets.token_hex(4)}"
    try:
        work = await tree.make(site, project, draft, name)
        commit = await history.commit(repository, site.web_url(project), sha)
        known = {**variables.predefined(site, project, draft, commit), **variables.own(site, project, draft)}
        planned = await plan.plan(site, work, known, config_file(project))
    finally:
        tree.remove(site, name)
    with site.store.transaction():
        draft["iid"] = site.store.next(f"pipeline of {project['id']}")
        pipeline = site.store.add("pipeline", draft, project=project["id"])
        for place, entry in enumerate(planned):
            _add_job(site, pipeline, {**entry, "place": place})
    site.pipelines_due.set()
    return pipeline


def _add_job(site: Site, pipeline: Document, entry: Document) -> Document:
    fresh = {
        **{
            key: entry[key]
            for key in ("name", "stage", "when", "allow_failure", "needs", "artifacts", "place")
        },
        # A job that is run again may be from before images were kept.
        "image": entry.get("image"),
        "pipeline": pipeline["id"],
        "project_id": pipeline["project_id"],
        "status": "created",
        "created_at": now(),
        "started_at": None,
        "finished_at": None,
        "failure_reason": None,
        "exit_code": None,
        "files": [],
        "retried": False,
    }
    return site.store.add("job", fresh, project=pipeline["id"])


async def run(site: Site, pipeline: Document) -> None:
    """Run a pending pipeline until no job can go on, then tell the hooks."""
    project = site.known_project(pipeline["project_id"])
    pipeline = change(site, pipeline, status="running", started_at=pipeline["started_at"] or now())
    name = str(pipeline["id"])
    try:
        work = await tree.make(site, project, pipeline, name)
        for done in jobs_of(site, pipeline):
            if done["status"] in ("success", "failed"):
                artifacts.restore(site, work, done)
        await _run_jobs(site, project, pipeline, work)
    finally:
        tree.remove(site, name)
    status = schedule.outcome(jobs_of(site, pipeline))
    pipeline = change(site, pipeline, status=status, finished_at=None if status == "manual" else now())
    await events.announce(site, project, pipeline, jobs_of(site, pipeline))


async def _run_jobs(site: Site, project: Document, pipeline: Document, work: Path) -> None:
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            for one in _startable(site, pipeline)[: JOBS_AT_ONCE - len(running)]:
                ready = job.change(site, one, status="pending")
                running.add(asyncio.create_task(job.run(site, project, pipeline, ready, work)))
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _startable(site: Site, pipeline: Document) -> list[Document]:
    """Jobs whose turn has come; those that are skipped or left to a person are marked on the way."""
    while True:
        jobs = jobs_of(site, pipeline)
        stages = list(dict.fromkeys(one["stage"] for one in jobs))
        decided = [(one, schedule.decide(one, jobs, stages)) for one in jobs if one["status"] == "created"]
        settled = [(one, decision) for one, decision in decided if decision in ("skipped", "manual")]
        if not settled:
            return [one for one, decision in decided if decision == "run"]
        for one, decision in settled:
            job.change(site, one, status=decision)


def cancel(site: Site, pipeline: Document) -> Document:
    """Cancel every job that has not ended; the runner ends the pipeline."""
    active = [one for one in jobs_of(site, pipeline) if one["status"] in (*schedule.WAITING, "manual")]
    for one in active:
        cancel_job(site, one)
    if active and pipeline["status"] in ("pending", "manual"):
        pipeline = change(site, pipeline, status="canceled", finished_at=now())
    site.pipelines_due.set()
    return pipeline


def cancel_job(site: Site, one: Document) -> Document:
    """Mark a job canceled and kill what runs of it."""
    canceled = job.change(site, one, status="canceled", finished_at=now())
    process = site.job_processes.get(one["id"])
    if process is not None:
        job.end(process)
    return canceled


def retry(site: Site, pipeline: Document) -> Document:
    """New attempts of failed and canceled jobs; skipped ones get their turn again."""
    with site.store.transaction():
        for one in jobs_of(site, pipeline):
            if one["status"] in ("failed", "canceled"):
                retry_job(site, one)
            elif one["status"] == "skipped":
                job.change(site, one, status="created")
        pipeline = change(site, pipeline, status="pending", finished_at=None)
    site.pipelines_due.set()
    return pipeline


def retry_job(site: Site, one: Document) -> Document:
    """A new attempt of one job in its pipeline."""
    pipeline = site.store.get("pipeline", one["pipeline"])
    if pipeline is None:
        raise LookupError(f"no pipeline {one['pipeline']}")
    with site.store.transaction():
        job.change(site, one, retried=True)
        fresh = _add_job(site, pipeline, one)
        if pipeline["status"] != "running":
            change(site, pipeline, status="pending", finished_at=None)
    site.pipelines_due.set()
    return fresh


def play(site: Site, one: Document) -> Document:
    """Start a manual job."""
    started = job.change(site, one, status="created", when="on_success")
    pipeline = site.store.get("pipeline", one["pipeline"])
    if pipeline is not None and pipeline["status"] != "running":
        change(site, pipeline, status="pending", finished_at=None)
    site.pipelines_due.set()
    return started


def forget_interrupted(site: Site) -> None:
    """Fail what ran when the sandbox died: its jobs died with it and nobody knows how far they came.

    Pending pipelines are left as they are and run now.
    """
    shutil.rmtree(site.folder / "pipelines", ignore_errors=True)
    for pipeline in site.store.list("pipeline"):
        if pipeline["status"] != "running":
            continue
        for one in jobs_of(site, pipeline):
            if one["status"] in ("pending", "running"):
                with job.trace_file(site, one).open("a", encoding="utf-8") as trace:
                    trace.write("ERROR: Job failed (system failure): the sandbox was stopped\n")
                job.change(
                    site, one, status="failed", failure_reason="runner_system_failure", finished_at=now()
                )
            elif one["status"] == "created":
                job.change(site, one, status="skipped")
        change(site, pipeline, status="failed", finished_at=now(), interrupted=True)
