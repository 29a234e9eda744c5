"""Pods outlive the clusters' process, are found again, and end when a person says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from sandbox.clusters.runtime import processes
from sandbox.clusters.stopping import stop_pods
from sandbox.world import World
from unit.sandbox.clusters.running import Running, pod
from waiting import until

SERVE = """
import asyncio, sys
from pathlib import Path
from sandbox.clusters.cluster import Cluster
from sandbox.clusters.machine import Machine
from sandbox.world import World
async def main():
    world = World(Path(sys.argv[1]), int(sys.argv[2]))
    await Cluster(world, "dev", Machine(world)).start()
    print("ready", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def serve(world: World) -> subprocess.Popen[bytes]:
    include = str(Path(processes.__file__).parents[3])
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(world.home), str(world.port_base)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": include},
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def test_pods_outlive_a_killed_sandbox_and_nothing_of_them_is_lost(world: World) -> None:
    first = serve(world)
    client = Running.__new__(Running)
    client.world, client.name, client._clients = world, "dev", []
    core = client.core()
    script = "echo before; sleep {}; echo after; exit {}"
    core.create_namespaced_pod("trading", pod("ends", "sh", "-c", script.format(1, 4)))
    core.create_namespaced_pod("trading", pod("stays", "sh", "-c", script.format(60, 0)))
    ends = until(lambda: (p := core.read_namespaced_pod("ends", "trading")).status.phase == "Running" and p)
    until(lambda: core.read_namespaced_pod("stays", "trading").status.phase == "Running")
    first.send_signal(signal.SIGKILL)
    first.wait()
    until(lambda: not processes.of_container(f"{ends.metadata.uid}/base/0"))  # it ends while nobody sees it
    second = Running(world)
    try:
        core = second.core()
        found = until(
            lambda: (p := core.read_namespaced_pod("ends", "trading")).status.phase == "Failed" and p
        )
        state = found.status.container_statuses[0].state.terminated
        assert (state.exit_code, found.status.container_statuses[0].restart_count) == (4, 0)
        log: Any = core.read_namespaced_pod_log("ends", "trading", _preload_content=False)
        assert log.data == b"before\nafter\n"
        assert core.read_namespaced_pod("stays", "trading").status.phase == "Running"
        core.delete_namespaced_pod("stays", "trading", grace_period_seconds=0)
        until(
            lambda: (
                not [
                    each
                    for each in (world.folder("clusters") / "dev" / "pods").iterdir()
                    if "stays" in str(each)
                ]
            )
        )
    finally:
        second.stop()
        assert first.stdout
        first.stdout.close()
        for each in client._clients:
            each.rest_client.pool_manager.clear()


def test_pods_go_on_after_a_clean_stop_until_they_are_stopped(world: World) -> None:
    running = Running(world)
    core = running.core()
    core.create_namespaced_pod("trading", pod("stays", "sleep", "600"))
    found = until(lambda: (p := core.read_namespaced_pod("stays", "trading")).status.phase == "Running" and p)
    mark = f"{found.metadata.uid}/base/0"
    running.stop()
    assert processes.of_container(mark)
    assert stop_pods(world) == 1
    assert not processes.of_container(mark)
    assert stop_pods(world) == 0
    again = Running(world)
    try:
        ended = until(
            lambda: (p := again.core().read_namespaced_pod("stays", "trading")).status.phase == "Failed" and p
        )
        assert ended.status.container_statuses[0].state.terminated.exit_code == 143
    finally:
        again.stop()


def test_a_sandbox_that_stops_while_a_pod_is_being_removed_leaves_nothing_of_it(world: World) -> None:
    running = Running(world)
    core = running.core()
    stubborn = "trap '' TERM; while true; do sleep 0.1; done"
    core.create_namespaced_pod("trading", pod("going", "sh", "-c", stubborn))
    found = until(lambda: (p := core.read_namespaced_pod("going", "trading")).status.phase == "Running" and p)
    core.delete_namespaced_pod("going", "trading", grace_period_seconds=0)
    running.stop()
    again = Running(world)
    try:
        until(lambda: not processes.of_container(f"{found.metadata.uid}/base/0"))
        assert not (world.folder("clusters") / "dev" / "pods" / found.metadata.uid).exists()
    finally:
        again.stop()


def test_a_pod_whose_folder_is_just_being_removed_is_nothing_to_stop(world: World) -> None:
    vanished = world.folder("clusters") / "dev" / "pods" / "gone" / "started.json"
    vanished.parent.mkdir(parents=True)
    vanished.symlink_to(vanished.parent / "removed-a-moment-ago")
    assert stop_pods(world) == 0
