"""Asks the systems themselves, over plain HTTP, with accounts that may only read."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import ssl
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

from checker.ledger import PROMOTED, Event, of
from checker.seen import MergeRequest, Run, Seen, Tag, Task, Workload

SECONDS = 60
PAGE = 100
_MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"
_TYPE = "application/json"


class System:
    """One system: its address, and how to show who asks."""

    def __init__(self, place: dict[str, Any]) -> None:
        self._url = str(place["url"]).rstrip("/")
        self._headers = {"Accept": _TYPE, **place.get("headers", {})}
        if "user" in place:
            pair = base64.b64encode(f"{place['user']}:{place['password']}".encode()).decode()
            self._headers["Authorization"] = f"Basic {pair}"
        self._tls = (
            ssl.create_default_context(cadata=place.get("ca")) if self._url.startswith("https") else None
        )

    def bytes(self, path: str, **headers: str) -> bytes | None:
        """The answer, None for 404."""
        request = urllib.request.Request(self._url + path, headers={**self._headers, **headers})
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._tls)
        )
        try:
            with opener.open(request, timeout=SECONDS) as answer:
                content: bytes = answer.read()
                return content
        except HTTPError as error:
            with error:
                if error.code == 404:
                    return None
                raise RuntimeError(f"{self._url}{path}: {error.code} {error.read(300)!r}") from error

    def json(self, path: str) -> Any:
        """The JSON of a page that must be there."""
        content = self.bytes(path)
        if content is None:
            raise RuntimeError(f"{self._url}{path} is not there")
        return json.loads(content)


def look(places: dict[str, Any], events: list[Event]) -> Seen:
    """Everything the rules need, as it is now."""
    gitlab = System(places["gitlab"])
    projects = [project["path_with_namespace"] for project in _gitlab(gitlab, "/api/v4/projects?")]
    return Seen(
        now=datetime.now(UTC),
        runs=tuple(_runs(_airflow(places["airflow"]))),
        pipelines=tuple(
            (path, one["sha"], one["id"]) for path in projects for one in _in(gitlab, path, "pipelines?")
        ),
        tags=tuple(
            Tag(path, one["name"], one["commit"]["id"])
            for path in projects
            for one in _in(gitlab, path, "repository/tags?")
        ),
        merge_requests=tuple(request for path in projects for request in _merge_requests(gitlab, path)),
        comments=_comments(System(places["jira"]), sorted({event.story for event in events if event.story})),
        workloads=tuple(
            workload
            for name, cluster in places["clusters"].items()
            for workload in _workloads(name, System(cluster), cluster["namespace"])
        ),
        manifests=_manifests(System(places["registry"]), events),
    )


def _airflow(place: dict[str, Any]) -> System:
    """Airflow hands out a token for name and password."""
    body = json.dumps({"username": place["user"], "password": place["password"]}).encode()
    address = f"{place['url']}/auth/token"
    request = urllib.request.Request(address, data=body, headers={"Content-Type": _TYPE})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=SECONDS) as answer:
        token = json.loads(answer.read())["access_token"]
    return System({"url": f"{place['url']}/api/v2", "headers": {"Authorization": f"Bearer {token}"}})


def _runs(airflow: System) -> Iterator[Run]:
    for run in _pages(airflow, "/dags/~/dagRuns?order_by=id", "dag_runs"):
        where = f"/dags/{quote(run['dag_id'])}/dagRuns/{quote(run['dag_run_id'], safe='')}/taskInstances?"
        yield Run(
            dag=run["dag_id"],
            id=run["dag_run_id"],
            state=run["state"],
            since=_moment(run["queued_at"]),
            note=run["note"] or "",
            conf=run["conf"] or {},
            tasks=tuple(_task(task) for task in _pages(airflow, where, "task_instances")),
        )


def _task(task: dict[str, Any]) -> Task:
    index = task["map_index"]
    name = task["task_id"] if index < 0 else f"{task['task_id']}[{index}]"
    moments = [_moment(task[which]) for which in ("start_date", "end_date", "queued_when")]
    return Task(name, task["state"], max((one for one in moments if one), default=None))


def _pages(airflow: System, path: str, field: str) -> Iterator[dict[str, Any]]:
    found = 0
    while True:
        page = airflow.json(f"{path}&limit={PAGE}&offset={found}")
        yield from page[field]
        found += len(page[field])
        if found >= page["total_entries"] or not page[field]:
            return


def _gitlab(gitlab: System, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = gitlab.json(f"{path}&per_page={PAGE}&page={len(found) // PAGE + 1}")
        found += page
        if len(page) < PAGE:
            return found


def _in(gitlab: System, project: str, path: str) -> list[dict[str, Any]]:
    return _gitlab(gitlab, f"/api/v4/projects/{quote(project, safe='')}/{path}")


def _merge_requests(gitlab: System, project: str) -> Iterator[MergeRequest]:
    for one in _in(gitlab, project, "merge_requests?state=all"):
        notes = _in(gitlab, project, f"merge_requests/{one['iid']}/notes?")
        yield MergeRequest(
            project=project,
            number=one["iid"],
            source=one["source_branch"],
            target=one["target_branch"],
            head=one["sha"] or "",
            notes=tuple(note["body"] for note in notes),
        )


def _comments(jira: System, stories: list[str]) -> dict[str, tuple[str, ...]]:
    found = {}
    for story in stories:
        page = jira.json(f"/rest/api/2/issue/{quote(story)}/comment?maxResults=1000")
        found[story] = tuple(comment["body"] for comment in page["comments"])
    return found


def _workloads(name: str, cluster: System, namespace: str) -> Iterator[Workload]:
    listed = cluster.json(f"/apis/apps/v1/namespaces/{namespace}/deployments")["items"]
    for item in listed:
        labels = item["spec"]["selector"]["matchLabels"]
        selector = quote(",".join(f"{key}={value}" for key, value in labels.items()))
        pods = cluster.json(f"/api/v1/namespaces/{namespace}/pods?labelSelector={selector}")["items"]
        told = item["metadata"].get("annotations") or {}
        yield Workload(
            cluster=name,
            name=item["metadata"]["name"],
            digest=_digest(item["spec"]["template"]["spec"]["containers"][0]["image"]),
            revision=int(told["deployment.kubernetes.io/revision"]),
            replicas=item["spec"]["replicas"],
            ready=item["status"].get("readyReplicas", 0),
            bundle=next((value for key, value in told.items() if key.endswith("/bundle")), None),
            pods=tuple(
                _digest(one["imageID"])
                for pod in pods
                if not pod["metadata"].get("deletionTimestamp")
                for one in pod["status"].get("containerStatuses", [])
                if one["ready"]
            ),
        )


def _manifests(registry: System, events: list[Event]) -> dict[tuple[str, str], str | None]:
    wanted = {
        (image["repository"], image["digest"])
        for event in of(events, PROMOTED)
        for image in event.data["images"]
    }
    found: dict[tuple[str, str], str | None] = {}
    for repository, digest in sorted(wanted):
        content = registry.bytes(f"/v2/{repository}/manifests/{digest}", Accept=_MANIFESTS)
        found[repository, digest] = hashlib.sha256(content).hexdigest() if content is not None else None
    return found


def _digest(image: str) -> str:
    match = re.search(r"sha256:[0-9a-f]{64}$", image)
    return match.group(0) if match else image


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
