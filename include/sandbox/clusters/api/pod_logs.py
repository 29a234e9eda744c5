"""GET …/pods/{name}/log."""

from __future__ import annotations

import asyncio

from aiohttp import web

from sandbox.clusters.api.backend import Backend
from sandbox.clusters.api.call import Call
from sandbox.clusters.jsons import Json, dig, parse_time, truth
from sandbox.clusters.kubelet.logs import LogOptions, stream
from sandbox.clusters.resources import PODS
from sandbox.clusters.runtime.container import Container
from sandbox.clusters.statuses import bad_request

_TOLD_WITHIN_SECONDS = 5.0


async def pod_log(backend: Backend, call: Call, request: web.Request) -> web.StreamResponse:
    """A container's log as plain text; 400 while there is none or when the container is not named well."""
    pod = backend.store.find(PODS, call.namespace or "", call.name)
    query = request.query
    name = container_name(pod, query.get("container"))
    container = _run(backend, pod, name, previous=truth(query.get("previous")))
    options = _options(request)
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    async for piece in stream(container, backend.node.files, options):
        await response.write(piece)
    if options.follow:
        await _until_told(backend, call, name)
    await response.write_eof()
    return response


async def _until_told(backend: Backend, call: Call, name: str) -> None:
    """Let a followed log end only when the pod's status tells the container's end, or the pod is gone.

    A kubelet may be later than that; a client that sees the log end first asks for the log once more.
    """

    def told() -> bool:
        pod = backend.store.read(PODS, call.namespace or "", call.name)
        statuses = dig(pod or {}, "status", "containerStatuses") or []
        status = next((each for each in statuses if each["name"] == name), None)
        return status is None or "running" not in status["state"]

    changed = asyncio.Event()
    stop = backend.store.listen(lambda _: changed.set())
    try:
        async with asyncio.timeout(_TOLD_WITHIN_SECONDS):
            while not told():
                await changed.wait()
                changed.clear()
    except TimeoutError:
        return
    finally:
        stop()


def container_name(pod: Json, asked: str | None) -> str:
    """The container that a request means; ApiError 400 when it is none or not clear."""
    spec = pod["spec"]
    names = [each["name"] for each in spec["containers"]]
    inits = [each["name"] for each in spec.get("initContainers") or []]
    if asked:
        if asked not in names + inits:
            raise bad_request(f"container {asked} is not valid for pod {pod['metadata']['name']}")
        return asked
    if len(names) > 1:
        choice = f"choose one of: [{' '.join(names)}]"
        if inits:
            choice += f" or one of the init containers: [{' '.join(inits)}]"
        raise bad_request(f"a container name must be specified for pod {pod['metadata']['name']}, {choice}")
    return str(names[0])


def _run(backend: Backend, pod: Json, name: str, *, previous: bool) -> Container:
    statuses = [
        *(dig(pod, "status", "containerStatuses") or []),
        *(dig(pod, "status", "initContainerStatuses") or []),
    ]
    status = next((each for each in statuses if each["name"] == name), None)
    worker = backend.kubelet.worker(pod)
    found = worker.worker(name) if worker else None
    runs = found.runs() if found else []
    where = f'"{name}" in pod "{pod["metadata"]["name"]}"'
    if previous:
        if len(runs) < 2:
            raise bad_request(f"previous terminated container {where} not found")
        return Container(runs[-2], backend.node.files)
    runs = [each for each in runs if (each / "log").exists()]
    if status and "waiting" in status["state"] and not runs:
        reason = status["state"]["waiting"].get("reason", "ContainerCreating")
        told = reason
        if reason == "ErrImagePull":
            told = "image can't be pulled"
        elif reason == "ImagePullBackOff":
            told = "trying and failing to pull image"
        raise bad_request(f"container {where} is waiting to start: {told}")
    if not runs:
        raise bad_request(f"container {where} is waiting to start: ContainerCreating")
    return Container(runs[-1], backend.node.files)


def _options(request: web.Request) -> LogOptions:
    query = request.query
    try:
        tail = int(query["tailLines"]) if "tailLines" in query else None
        limit = int(query["limitBytes"]) if "limitBytes" in query else None
        since = parse_time(query["sinceTime"]) if "sinceTime" in query else None
        if "sinceSeconds" in query:
            since = LogOptions.since_seconds(int(query["sinceSeconds"]))
    except ValueError as problem:
        raise bad_request(str(problem)) from problem
    return LogOptions(truth(query.get("follow")), truth(query.get("timestamps")), tail, since, limit)
