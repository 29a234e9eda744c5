"""Everything one GitLab stand-in knows, handed to every call."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path

from aiohttp import web

from sandbox.faults.book import Book
from sandbox.gitlab.accounts import Account, Accounts
from sandbox.gitlab.git import Repository
from sandbox.gitlab.store import Document, Store
from sandbox.world import World

VERSION = "17.11.0"
"""The GitLab release whose API is imitated."""


class Site:
    """World, accounts, documents, repositories, and the two signals that background work waits for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = world.url("gitlab")
        self.folder = world.folder("gitlab")
        self.store = Store(self.folder / "gitlab.sqlite")
        self.accounts = Accounts(world)
        self.faults = Book(world)
        self.spool = self.folder / "spool"
        self.spool.mkdir(exist_ok=True)
        self.ingesting = asyncio.Lock()
        self.deliveries_due = asyncio.Event()
        self.pipelines_due = asyncio.Event()
        self.serving: set[asyncio.Task[web.StreamResponse]] = set()
        self.checking: dict[str, asyncio.Task[None]] = {}
        """Checks of whether two commits merge, under way."""
        self.job_processes: dict[int, asyncio.subprocess.Process] = {}
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    def writing(self, project: Document) -> asyncio.Lock:
        """Held while refs of the project change, so that events come in the order of the changes."""
        return self._locks[project["id"]]

    def project(self, reference: str) -> Document | None:
        """A project by id or by path."""
        if reference.isdecimal():
            return self.store.get("project", int(reference))
        return self.store.find("project", reference.removesuffix(".git"))

    def known_project(self, number: int) -> Document:
        """A project that is certain to exist."""
        found = self.store.get("project", number)
        if found is None:
            raise LookupError(f"no project {number}")
        return found

    def repository_path(self, project: Document) -> Path:
        """Where the bare repository lies."""
        return self.folder / "repositories" / f"{project['path_with_namespace']}.git"

    def repository(self, project: Document) -> Repository:
        """The project's bare repository."""
        return Repository(self.repository_path(project))

    def web_url(self, project: Document) -> str:
        """The project's page."""
        return f"{self.url}/{project['path_with_namespace']}"

    def level(self, account: Account, project: Document) -> int:
        """The highest access level of an account in a project."""
        own = self.store.find("member", account.username, project=project["id"])
        return max(account.level, own["access_level"] if own else 0)


SITE = web.AppKey("site", Site)
