"""Watches: what is there, then every change, from a revision on; 410 when the history is gone.

Vendor document: kubernetes.io "Kubernetes API Concepts" (efficient detection of changes, bookmarks,
streaming lists).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sandbox.clusters.api import tables
from sandbox.clusters.jsons import Json
from sandbox.clusters.resources import Resource
from sandbox.clusters.selection import Test
from sandbox.clusters.statuses import ApiError, expired
from sandbox.clusters.store import Change, Store

_BOOKMARK_EVERY = 60
_LONGEST = 1800


@dataclass(frozen=True)
class WatchOptions:
    """What a watch asks for."""

    kind: Resource
    namespace: str | None
    matches: Test
    revision: str
    initial: bool
    bookmarks: bool
    seconds: float
    table: bool
    include: str


async def watch(store: Store, options: WatchOptions) -> AsyncIterator[bytes]:
    """The lines of a watch until its time is over; a revision that is gone gives one ERROR event."""
    changes: asyncio.Queue[Change] = asyncio.Queue()
    stop = store.listen(changes.put_nowait)
    try:
        loop = asyncio.get_running_loop()
        end = loop.time() + (options.seconds or _LONGEST)
        try:
            for action, body in _before(store, options):
                yield _line(options, action, body)
        except ApiError as problem:
            yield _raw("ERROR", problem.body())
            return
        while (left := end - loop.time()) > 0:
            try:
                change = await asyncio.wait_for(changes.get(), min(left, _BOOKMARK_EVERY))
            except TimeoutError:
                if options.bookmarks:
                    yield _raw("BOOKMARK", _bookmark(options.kind, store.revision))
                continue
            seen = _seen(change, options)
            if seen:
                yield _line(options, *seen)
    finally:
        stop()


def _before(store: Store, options: WatchOptions) -> list[tuple[str, Json]]:
    """What comes before the first new change."""
    if options.initial or options.revision in {"", "0"}:
        bodies = [each for each in store.list(options.kind, options.namespace) if options.matches(each)]
        found = [("ADDED", each) for each in bodies]
        if options.initial and options.bookmarks:
            found.append(("BOOKMARK", _bookmark(options.kind, store.revision, initial=True)))
        return found
    asked = int(options.revision)
    if asked < store.oldest:
        raise expired(asked, store.oldest)
    changes = (_seen(each, options) for each in store.history if each.revision > asked)
    return [each for each in changes if each]


def _seen(change: Change, options: WatchOptions) -> tuple[str, Json] | None:
    """A change as this watch sees it: an object that begins or ceases to match comes or goes."""
    meta = change.object["metadata"]
    if change.kind is not options.kind or options.namespace not in {None, meta.get("namespace", "")}:
        return None
    before = change.previous is not None and options.matches(change.previous)
    if change.action == "DELETED":
        return ("DELETED", change.object) if before else None
    after = options.matches(change.object)
    if after:
        return "MODIFIED" if before else "ADDED", change.object
    return ("DELETED", change.object) if before else None


def _line(options: WatchOptions, action: str, body: Json) -> bytes:
    if options.table and action != "BOOKMARK":
        body = tables.table(options.kind, [body], body["metadata"]["resourceVersion"], options.include)
    return _raw(action, body)


def _bookmark(kind: Resource, revision: int, *, initial: bool = False) -> Json:
    meta: Json = {"resourceVersion": str(revision), "creationTimestamp": None}
    if initial:
        meta["annotations"] = {"k8s.io/initial-events-end": "true"}
    return {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": meta}


def _raw(action: str, body: Json) -> bytes:
    return json.dumps({"type": action, "object": body}, ensure_ascii=False).encode() + b"\n"
