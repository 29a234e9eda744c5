"""The runner: takes pending pipelines in the order of their making, two at a time."""

from __future__ import annotations

import asyncio
import logging

from sandbox.gitlab.ci import job as jobs
from sandbox.gitlab.ci import own_packages, tool
from sandbox.gitlab.ci import pipeline as pipelines
from sandbox.gitlab.events import pipelines as events
from sandbox.gitlab.git import GitError
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document

PIPELINES_AT_ONCE = 2


async def serve(site: Site) -> None:
    """Run pipelines until cancelled; running jobs are killed then."""
    tool.install_rsync(site)
    (site.folder / "traces").mkdir(exist_ok=True)
    pipelines.forget_interrupted(site)
    await asyncio.to_thread(own_packages.lay_out, site)
    for one in site.store.list("pipeline"):
        if one.get("interrupted"):
            done = pipelines.change(site, one, interrupted=False)
            await events.announce(
                site, site.known_project(one["project_id"]), done, pipelines.jobs_of(site, done)
            )
    running: dict[int, asyncio.Task[None]] = {}
    try:
        while True:
            site.pipelines_due.clear()
            running = {number: task for number, task in running.items() if not task.done()}
            for one in _pending(site, running)[: PIPELINES_AT_ONCE - len(running)]:
                running[one["id"]] = asyncio.create_task(_run(site, one))
            await site.pipelines_due.wait()
    finally:
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)


def _pending(site: Site, running: dict[int, asyncio.Task[None]]) -> list[Document]:
    return [
        one for one in site.store.list("pipeline") if one["status"] == "pending" and one["id"] not in running
    ]


async def _run(site: Site, one: Document) -> None:
    try:
        await pipelines.run(site, one)
    except (GitError, OSError, LookupError, RuntimeError):
        logging.getLogger("sandbox.gitlab").exception("pipeline %s could not be run", one["id"])
        for job in pipelines.jobs_of(site, one):
            if job["status"] in ("created", "pending", "running"):
                jobs.change(site, job, status="failed", failure_reason="runner_system_failure")
        pipelines.change(site, one, status="failed")
    finally:
        site.pipelines_due.set()
