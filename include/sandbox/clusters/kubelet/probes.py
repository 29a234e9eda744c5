"""Readiness, liveness and startup probes: httpGet, tcpSocket, exec, at their period."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from sandbox.clusters.jsons import Json
from sandbox.clusters.kubelet.status import HOST

Execute = Callable[[list[str], float], Awaitable[tuple[int, str]]]


@dataclass(frozen=True)
class Target:
    """The container that is probed: its ports by name and number, and the way to run a command in it."""

    ports: dict[int | str, int]
    execute: Execute

    def port(self, named: int | str) -> int:
        """The port of this machine that a container port stands for."""
        return self.ports.get(named, int(named) if str(named).isdigit() else 0)


async def ask(probe: Json, target: Target) -> str | None:
    """One try; None when it succeeds, else the text that the event carries."""
    seconds = float(probe.get("timeoutSeconds", 1))
    if "httpGet" in probe:
        return await _http(probe["httpGet"], target, seconds)
    if "tcpSocket" in probe:
        return await _tcp(target.port(probe["tcpSocket"]["port"]), seconds)
    if "exec" in probe:
        try:
            code, output = await target.execute(probe["exec"]["command"], seconds)
        except TimeoutError:
            return f"command timed out: {probe['exec']['command']} timed out after {seconds:g}s"
        return None if code == 0 else output
    return "the sandbox's kubelet serves httpGet, tcpSocket and exec probes"


async def _http(get: Json, target: Target, seconds: float) -> str | None:
    url = f"{get.get('scheme', 'HTTP').lower()}://{HOST}:{target.port(get['port'])}{get.get('path', '/')}"
    headers = {each["name"]: each["value"] for each in get.get("httpHeaders") or []}
    headers.setdefault("User-Agent", "kube-probe/1.33")
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, headers=headers, ssl=False, allow_redirects=False) as response,
        ):
            code = response.status
    except TimeoutError:
        return f'Get "{url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    except aiohttp.ClientConnectorError:
        place = url.split("/")[2]
        return f'Get "{url}": dial tcp {place}: connect: connection refused'
    except aiohttp.ClientError as problem:
        return f'Get "{url}": {problem}'
    return None if 200 <= code < 400 else f"HTTP probe failed with statuscode: {code}"


async def _tcp(port: int, seconds: float) -> str | None:
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(HOST, port)
    except TimeoutError:
        return f"dial tcp {HOST}:{port}: i/o timeout"
    except OSError:
        return f"dial tcp {HOST}:{port}: connect: connection refused"
    writer.close()
    return None


async def watch(
    probe: Json, target: Target, told: Callable[[bool], None], failed: Callable[[str], None]
) -> None:
    """Probe for ever: `told` hears every change (True after enough successes), `failed` every failure."""
    await asyncio.sleep(float(probe.get("initialDelaySeconds", 0)))
    state: bool | None = None
    streak = 0
    last: bool | None = None
    while True:
        problem = await ask(probe, target)
        good = problem is None
        streak = streak + 1 if good is last else 1
        last = good
        if problem is not None:
            failed(problem)
        needed = probe.get("successThreshold" if good else "failureThreshold", 1 if good else 3)
        if streak >= needed and state is not good:
            state = good
            told(good)
        await asyncio.sleep(float(probe.get("periodSeconds", 10)))
