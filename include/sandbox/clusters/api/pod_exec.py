"""GET …/pods/{name}/exec: a command in a running container over a WebSocket.

Frames as recorded: one byte of channel (0 stdin, 1 stdout, 2 stderr, 3 status) and the data; an empty stdout
frame first; in v5, `FF 00` from the client closes stdin. No terminal (tty) is served.
"""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import Process

from aiohttp import WSMsgType, web

from sandbox.clusters.api.backend import Backend
from sandbox.clusters.api.call import Call
from sandbox.clusters.api.pod_logs import container_name
from sandbox.clusters.jsons import Json, truth
from sandbox.clusters.kubelet import execution
from sandbox.clusters.resources import PODS
from sandbox.clusters.runtime.container import Container
from sandbox.clusters.statuses import bad_request, not_served

_PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_STDIN, _STDOUT, _STDERR, _STATUS, _CLOSE = range(5)
_CLOSE_CHANNEL = 255
_DRAIN = 1.0


async def pod_exec(backend: Backend, call: Call, request: web.Request) -> web.StreamResponse:
    """Run the query's command; 400 for a container that is not there or does not run, 501 for a tty."""
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise not_served(call.method, call.path, "exec is served over WebSocket only")
    if truth(request.query.get("tty")):
        raise not_served(call.method, call.path, "a terminal: leave out -t")
    pod = backend.store.find(PODS, call.namespace or "", call.name)
    name = container_name(pod, request.query.get("container"))
    command = request.query.getall("command", [])
    if not command:
        raise bad_request("you must specify at least 1 command for the container")
    worker = backend.kubelet.worker(pod)
    found = worker.worker(name) if worker else None
    container = found.container if found else None
    if container is None or container.started is None or container.ended is not None:
        raise bad_request(f'container "{name}" in pod "{call.name}" is not running')
    socket = web.WebSocketResponse(protocols=_PROTOCOLS)
    await socket.prepare(request)
    await socket.send_bytes(bytes([_STDOUT]))
    status = await _session(socket, container, command, stdin=truth(request.query.get("stdin")))
    if not socket.closed:
        if socket.ws_protocol:
            await socket.send_bytes(bytes([_STATUS]) + json.dumps(status, separators=(",", ":")).encode())
        await socket.close(code=1000)
    return socket


async def _session(
    socket: web.WebSocketResponse, container: Container, command: list[str], *, stdin: bool
) -> Json:
    try:
        process = await execution.begin(container, command, stdin=stdin)
    except execution.NoSuchProgram as problem:
        return _not_started(str(problem))
    if stdin and process.stdin and execution.is_shell(command) and len(command) == 1:
        process.stdin.write(execution.PRELUDE.encode())
    listening = asyncio.create_task(_listen(socket, process))
    pumps = [
        asyncio.create_task(_pump(socket, stream, channel))
        for stream, channel in ((process.stdout, _STDOUT), (process.stderr, _STDERR))
        if stream is not None
    ]
    try:
        code = await process.wait()
        # What the command left running may hold its output open for ever.
        await asyncio.wait(pumps, timeout=_DRAIN)
    finally:
        for task in (listening, *pumps):
            task.cancel()
        execution.end(process)
    return _ended(code, command, socket.ws_protocol)


async def _listen(socket: web.WebSocketResponse, process: Process) -> None:
    """Carry stdin; a client that goes away ends the command."""
    async for message in socket:
        if message.type not in {WSMsgType.BINARY, WSMsgType.TEXT} or not message.data:
            continue
        # The Python client sends text as text frames: the channel is then a character.
        frame = message.data.encode() if message.type is WSMsgType.TEXT else message.data
        channel, data = frame[0], frame[1:]
        if process.stdin is None:
            continue
        if channel == _STDIN:
            try:
                process.stdin.write(data)
                await process.stdin.drain()
            except (BrokenPipeError, ConnectionResetError):
                return  # the command ended first; its status is on the way
        elif channel == _CLOSE_CHANNEL and data == bytes([_STDIN]):
            process.stdin.close()
    execution.end(process)


async def _pump(socket: web.WebSocketResponse, stream: asyncio.StreamReader, channel: int) -> None:
    while data := await stream.read(1 << 15):
        if socket.closed:
            return
        await socket.send_bytes(bytes([channel]) + data)


def _ended(code: int, command: list[str], protocol: str | None) -> Json:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    shown = code if code > 0 else 128 - code
    told = f"command terminated with exit code {shown}"
    if protocol == _PROTOCOLS[1]:
        told = f"error executing command [{' '.join(command)}], exit code {shown}"
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: {told}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(shown)}]},
    }


def _not_started(problem: str) -> Json:
    told = "Internal error occurred: error executing command in container: failed to exec in container: "
    told += problem
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"Internal error occurred: {told}",
        "reason": "InternalError",
        "details": {"causes": [{"message": told}]},
        "code": 500,
    }
