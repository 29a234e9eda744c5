"""A stand-in for GitLab: real git over smart HTTP, REST API v4, webhooks, pipelines.

It follows GitLab's "REST API resources", "Webhook events" and "Predefined CI/CD variables" documents for
17.11, as far as python-gitlab 8.6 and git itself call it; any other call answers 501 naming the call.

Pushes start no pipeline here: the platform runs them through the API, so a repository says
`workflow: rules: - if: $CI_PIPELINE_SOURCE == "api"`. State is one SQLite file and bare repositories under
the system's folder. Pages for people need no sign-in: everything listens on loopback.
"""

from __future__ import annotations

import asyncio
import logging

from sandbox.gitlab import smart_http
from sandbox.gitlab.app import application
from sandbox.gitlab.ci import runner
from sandbox.gitlab.events import pushes
from sandbox.gitlab.events.deliver import deliver
from sandbox.gitlab.seed import seed_project
from sandbox.gitlab.site import Site
from sandbox.serving import HttpService, Service
from sandbox.world import World

__all__ = ["GitLab", "create", "seed_project"]


class GitLab:
    """The HTTP service with its background work: deliveries and pipelines."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._site: Site | None = None
        self._http: HttpService | None = None
        self._work: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take up what a former process left behind, then listen."""
        self._site = site = Site(self._world)
        smart_http.install_hooks(site)
        await pushes.ingest(site)
        self._work = [asyncio.create_task(deliver(site)), asyncio.create_task(runner.serve(site))]
        for task in self._work:
            task.add_done_callback(_report)
        self._http = HttpService(application(site), self._world, "gitlab")
        await self._http.start()

    async def stop(self) -> None:
        """Stop listening, then the background work; what is owed stays on disk."""
        if self._http is not None:
            await self._http.stop()
        serving = self._site.serving if self._site is not None else set()
        if serving:
            await asyncio.wait(serving, timeout=1)
        checking = self._site.checking.values() if self._site is not None else ()
        remaining = [*self._work, *serving, *checking]
        for task in remaining:
            task.cancel()
        await asyncio.gather(*remaining, return_exceptions=True)
        if self._site is not None:
            self._site.store.close()


def _report(task: asyncio.Task[None]) -> None:
    """Background work ends only by cancellation; anything else belongs in the log."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logging.getLogger("sandbox.gitlab").error("background work ended", exc_info=error)


def create(world: World) -> list[Service]:
    """What `python -m sandbox serve gitlab` serves."""
    return [GitLab(world)]
