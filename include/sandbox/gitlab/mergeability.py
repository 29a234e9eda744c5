"""Whether two commits merge: checked in the background when somebody asks, as GitLab does.

`preparing` after the request is made, `unchecked` until asked, `checking` while git tries, then an answer
that holds until one of the two branches moves. Only the merge itself waits for the check.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from sandbox.gitlab import writing
from sandbox.gitlab.git import Repository
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import DuplicateError

WORDS = {True: "mergeable", False: "conflict"}
"""`detailed_merge_status` of a finished check."""


def known(site: Site, source: str, target: str) -> str:
    """What is known of a pair of commits now, without starting anything."""
    found = site.store.find("mergeability", _key(source, target))
    if found is not None:
        return WORDS[bool(found["clean"])]
    return "checking" if _key(source, target) in site.checking else "unchecked"


def ask(site: Site, repository: Repository, source: str, target: str) -> str:
    """The same; a pair that nobody checked is checked from now on."""
    answer = known(site, source, target)
    if answer != "unchecked":
        return answer
    key = _key(source, target)
    task = asyncio.create_task(_check(site, repository, source, target))
    site.checking[key] = task
    task.add_done_callback(lambda _: site.checking.pop(key, None))
    return "checking"


async def wait(site: Site, repository: Repository, source: str, target: str) -> str:
    """The answer, however long git takes."""
    if ask(site, repository, source, target) == "checking":
        await asyncio.shield(site.checking[_key(source, target)])
    return known(site, source, target)


async def _check(site: Site, repository: Repository, source: str, target: str) -> None:
    try:
        await writing.merge(repository, target, source, "check", writing.identity(site.accounts.all[0]))
        clean = True
    except writing.ConflictError:
        clean = False
    with suppress(DuplicateError):  # another process sharing the file was faster
        site.store.add("mergeability", {"clean": clean}, key=_key(source, target))


def _key(source: str, target: str) -> str:
    return f"{source}..{target}"
