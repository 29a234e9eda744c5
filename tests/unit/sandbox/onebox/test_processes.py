"""Processes that end with the one that started them, and those that would not."""

from __future__ import annotations

import os
import subprocess
import sys

from sandbox.onebox.place import REPOSITORY
from sandbox.onebox.processes import start_tick

ORPHANAGE = """
import os, signal, sys, time
from sandbox.onebox.processes import adopt_orphans, end_children

adopt_orphans()
reading, writing = os.pipe()
spared = os.fork()
if spared == 0:
    time.sleep(600)
parent = os.fork()
if parent == 0:
    worker = os.fork()
    if worker == 0:
        time.sleep(600)
    os.write(writing, str(worker).encode())
    time.sleep(600)
worker = int(os.read(reading, 20))
os.kill(parent, signal.SIGKILL)
os.waitpid(parent, 0)
end_children(besides=[spared])
print(worker, spared, flush=True)
sys.stdin.read()
os.kill(spared, signal.SIGKILL)
"""


def test_what_a_killed_process_leaves_behind_is_ended_and_its_siblings_are_spared() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", ORPHANAGE],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "include")},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    worker, spared = (int(pid) for pid in process.stdout.readline().split())
    assert start_tick(worker) is None
    assert start_tick(spared) is not None
    process.communicate(timeout=30)
    assert process.returncode == 0
