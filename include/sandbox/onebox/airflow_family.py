"""`python -m sandbox.onebox.airflow_family LOGS scheduler…`: Airflow's components as forks of one process.

Importing Airflow is most of what starting a component costs. Here it is imported once; every component is a
fork that runs Airflow's own command line. A component that ends is forked again, once what it leaves behind
has ended too: workers of a killed scheduler keep its sockets, and with them its locks in the database
(measured: for 22 minutes). SIGTERM ends all of them.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import threading
import time
from pathlib import Path

from sandbox.onebox.loopback import serve_on_loopback
from sandbox.onebox.processes import adopt_orphans, dies_with_parent, end_children, send

ARGUMENTS = {"api-server": ["--worker-timeout", "10"]}
SHORTEST_LIFE_SECONDS = 10.0
"""A component that lives shorter than this is given a pause before it is forked again."""
LONGEST_PAUSE_SECONDS = 30.0

SHARED = (
    "airflow.__main__",
    "airflow.settings",
    "airflow.cli.commands.api_server_command",
    "airflow.cli.commands.dag_processor_command",
    "airflow.cli.commands.scheduler_command",
    "airflow.cli.commands.triggerer_command",
    "airflow.api_fastapi.app",
    "airflow.api_fastapi.core_api.app",
    "airflow.api_fastapi.core_api.routes.public",
    "airflow.api_fastapi.core_api.routes.ui",
    "airflow.api_fastapi.execution_api.app",
    "airflow.api_fastapi.execution_api.routes",
    "airflow.providers.fab.auth_manager.fab_auth_manager",
    "airflow.providers.cncf.kubernetes.operators.pod",
    "airflow.providers.standard.operators.hitl",
    "airflow.executors.local_executor",
)
"""What all components import sooner or later; none of it opens a connection or starts a thread."""


class Family:
    """The components and their parent."""

    def __init__(self, logs: Path, components: list[str]) -> None:
        self._logs = logs
        self._components = components
        self._alive: dict[int, tuple[str, float]] = {}
        self._pause = dict.fromkeys(components, 1.0)
        self._stopping = False

    def run(self) -> int:
        """Fork all, replace those that end, until SIGTERM has ended them all."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for component in self._components:
            self._fork(component)
        while self._alive:
            pid, status = os.wait()
            component, born = self._alive.pop(pid, ("", 0.0))
            if not component or self._stopping:
                continue
            end_children(besides=self._alive)
            print(f"{component} ended ({os.waitstatus_to_exitcode(status)}), starting it again", flush=True)
            self._rest(component, time.monotonic() - born)
            if not self._stopping:
                self._fork(component)
        return 0

    def _rest(self, component: str, lived: float) -> None:
        if lived > SHORTEST_LIFE_SECONDS:
            self._pause[component] = 1.0
            return
        time.sleep(self._pause[component])
        self._pause[component] = min(self._pause[component] * 2, LONGEST_PAUSE_SECONDS)

    def _stop(self, *_: object) -> None:
        self._stopping = True
        send(self._alive, signal.SIGTERM)

    def _fork(self, component: str) -> None:
        prepare = dies_with_parent(signal.SIGTERM)
        pid = os.fork()
        if pid:
            self._alive[pid] = (component, time.monotonic())
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        prepare()
        os._exit(_become(component, self._logs / f"{component}.log"))


def _become(component: str, log: Path) -> int:
    """Run Airflow's command line for a component, its output in its own log."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.argv = ["airflow", component, *ARGUMENTS.get(component, [])]
    try:
        importlib.import_module("airflow.__main__").main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def main(arguments: list[str]) -> int:
    """0 after an orderly stop."""
    logs, *components = arguments
    adopt_orphans()
    serve_on_loopback()
    for name in SHARED:
        importlib.import_module(name)
    if threading.active_count() > 1:
        raise RuntimeError(f"threads before the fork: {[thread.name for thread in threading.enumerate()]}")
    gc.collect()
    gc.freeze()
    return Family(Path(logs), components).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
