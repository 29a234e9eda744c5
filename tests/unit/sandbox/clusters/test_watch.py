"""Watches over the store: the initial list, what comes, what ceases to match, what is too old."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.clusters.api.watching import WatchOptions, watch
from sandbox.clusters.resources import CONFIG_MAPS
from sandbox.clusters.selection import selection
from sandbox.clusters.statuses import ApiError
from sandbox.clusters.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = Store(tmp_path / "objects.sqlite")
    yield made
    made.close()


def put(store: Store, name: str, **labels: str) -> dict[str, Any]:
    meta = {"name": name, "namespace": "n", "labels": labels}
    return store.create(CONFIG_MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})


def options(revision: str = "", *, labels: str = "", initial: bool = False) -> WatchOptions:
    return WatchOptions(
        CONFIG_MAPS, "n", selection(CONFIG_MAPS, labels, ""), revision, initial, initial, 0.3, False, ""
    )


async def seen(store: Store, asked: WatchOptions, *later: Any) -> list[tuple[str, Any]]:
    for number, each in enumerate(later):
        asyncio.get_running_loop().call_later(0.05 * (number + 1), each)
    events = [json.loads(line) async for line in watch(store, asked)]
    return [(each["type"], each["object"]) for each in events]


def names(events: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    return [(kind, body["metadata"].get("name", "")) for kind, body in events]


def test_a_watch_begins_with_what_is_there_and_goes_on(store: Store) -> None:
    put(store, "a")
    events = asyncio.run(
        seen(store, options(), lambda: put(store, "b"), lambda: store.delete(CONFIG_MAPS, "n", "a"))
    )
    assert names(events) == [("ADDED", "a"), ("ADDED", "b"), ("DELETED", "a")]


def test_a_watch_from_a_revision_tells_only_what_came_after(store: Store) -> None:
    first = put(store, "a")
    put(store, "b")
    events = asyncio.run(seen(store, options(first["metadata"]["resourceVersion"])))
    assert names(events) == [("ADDED", "b")]


def test_an_object_that_ceases_to_match_is_told_as_gone(store: Store) -> None:
    put(store, "a", x="1")
    change = lambda: store.edit(CONFIG_MAPS, "n", "a", lambda body: body["metadata"]["labels"].update(x="2"))  # noqa: E731
    events = asyncio.run(seen(store, options(labels="x=1"), change))
    assert names(events) == [("ADDED", "a"), ("DELETED", "a")]


def test_a_streaming_list_ends_with_the_bookmark_that_clients_wait_for(store: Store) -> None:
    put(store, "a")
    events = asyncio.run(seen(store, options(initial=True)))
    assert [kind for kind, _ in events][:2] == ["ADDED", "BOOKMARK"]
    assert events[1][1]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_a_revision_from_before_the_history_is_gone(tmp_path: Path) -> None:
    first = Store(tmp_path / "objects.sqlite")
    old = put(first, "a")["metadata"]["resourceVersion"]
    put(first, "b")
    first.close()
    again = Store(tmp_path / "objects.sqlite")
    events = asyncio.run(seen(again, options(old)))
    assert [(kind, body["code"], body["reason"]) for kind, body in events] == [("ERROR", 410, "Expired")]
    assert [each["metadata"]["name"] for each in again.list(CONFIG_MAPS, "n")] == ["a", "b"]
    again.close()


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [
        ("x=1", ["a"]),
        ("x!=1", ["b", "c"]),
        ("!x", ["c"]),
        ("x in (1,2),y", ["b"]),
        ("x notin (1)", ["b", "c"]),
        ("x==1,!airflow-worker,already_checked!=True", ["a"]),
    ],
)
def test_a_label_selector_chooses(store: Store, selector: str, wanted: list[str]) -> None:
    for name, labels in (("a", {"x": "1"}), ("b", {"x": "2", "y": ""}), ("c", {})):
        put(store, name, **labels)
    matches = selection(CONFIG_MAPS, selector, "")
    assert [each["metadata"]["name"] for each in store.list(CONFIG_MAPS) if matches(each)] == wanted


@pytest.mark.parametrize(("labels", "fields"), [("a in b", ""), ("=", ""), ("", "spec.nosuch=1"), ("", "x")])
def test_a_selector_that_cannot_be_read_is_a_bad_request(labels: str, fields: str) -> None:
    with pytest.raises(ApiError) as refused:
        selection(CONFIG_MAPS, labels, fields)
    assert refused.value.code == 400
