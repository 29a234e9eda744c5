"""One delivery with kills in it: wait for a moment, kill, see it through, judge, tell how long it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from checker.ledger import read
from checker.looking import look
from checker.verdict import Verdict, judge
from e2e.onebox import OneBox
from long.people import Signing, start
from long.points import POINTS
from long.systems import systems
from long.victims import VICTIMS, Killed
from long.watch import ENDED, Watch, until
from sandbox.onebox.place import REPOSITORY
from sandbox.onebox.platform_environment import trace_environment

END_SECONDS = 600
POINT_SECONDS = 300
AGAIN_SECONDS = 300


@dataclass(frozen=True)
class Kill:
    """Who dies when, in which path."""

    path: str
    point: str
    victim: str


@dataclass
class Suffered:
    """One kill as it happened, and the seconds until the delivery's next task began."""

    kill: Kill
    story: str
    at: float
    resumed: float | None = None

    def __str__(self) -> str:
        resumed = f"{self.resumed:6.1f} s" if self.resumed is not None else "   never"
        return f"{self.kill.victim:<16} {self.kill.path:<12} {self.kill.point:<18} {resumed}"


class Delivery:
    """A story's way through test and production on a platform where processes die."""

    def __init__(self, box: OneBox, story: str) -> None:
        self.box, self.story = box, story
        self.watch = Watch(box.place)
        self.suffered: list[Suffered] = []

    def run(self, kills: Sequence[Kill]) -> None:
        """Both paths, with their kills; AssertionError when one does not end well."""
        with Signing(self.box, self.story):
            for path in ("test_deploy", "prod_deploy"):
                self._path(path, [kill for kill in kills if kill.path == path])

    def _path(self, path: str, kills: Sequence[Kill]) -> None:
        run_id = f"{self.story}.1__{path}"
        begun = time.monotonic()
        start(self.box, path, run_id, self.story)
        for kill in kills:
            self._suffer(kill, path, run_id)
        state = until(lambda: self._ended(path, run_id), f"the end of {path}/{run_id}", END_SECONDS)
        self._measure(run_id)
        print(f"{path} of {self.story}: {state} after {time.monotonic() - begun:.0f} s", flush=True)
        assert state == "success", f"{path}/{run_id} ended {state}"

    def _suffer(self, kill: Kill, path: str, run_id: str) -> None:
        point = POINTS[kill.point]

        def moment() -> bool | None:
            if point.reached(self.watch, path, run_id):
                return True
            return False if self._ended(path, run_id) else None

        there = until(moment, f"{kill.point} of {path}/{run_id}", POINT_SECONDS)
        assert there, f"{path}/{run_id} ended before it was seen {kill.point}"
        at, pids = until(lambda: self._killed(kill, run_id), f"a process of {kill.victim}", POINT_SECONDS)
        print(f"killed {kill.victim} {pids} at {kill.point} of {path}/{run_id}", flush=True)
        self.suffered.append(Suffered(kill, self.story, at))
        # The next kill comes when this one is overcome: each has a recovery time of its own.
        until(lambda: self._resumed(run_id, path), f"life after {kill}", AGAIN_SECONDS)

    def _killed(self, kill: Kill, run_id: str) -> tuple[float, Killed] | None:
        """When, and which processes; None while the victim is not there: a worker is between two tasks."""
        tasks, at = self.watch.running(run_id), time.time()
        try:
            return at, VICTIMS[kill.victim](self.box.place, tasks)
        except LookupError:
            return None

    def _resumed(self, run_id: str, path: str) -> bool | None:
        self._measure(run_id)
        last = self.suffered[-1]
        return True if last.resumed is not None or self._ended(path, run_id) else None

    def _measure(self, run_id: str) -> None:
        """The first task of the delivery that began after a kill says when it had been overcome."""
        begins = [begin for *_, begin in self.watch.tasks(run_id) if begin is not None]
        for one in self.suffered:
            later = [begin - one.at for begin in begins if begin > one.at]
            if one.resumed is None and later:
                one.resumed = min(later)

    def _ended(self, path: str, run_id: str) -> str | None:
        state = self.watch.state(path, run_id)
        return state if state in ENDED else None

    def judged(self, folder: Path) -> Verdict:
        """The checker's verdict on the whole platform as it stands."""
        places = systems(self.box.place)
        lines = export(self.box, folder / "ledger.jsonl")
        return judge(lines, look(places, read(lines)[0]), places["approved"])

    @contextmanager
    def telling(self) -> Iterator[None]:
        """What a person needs to see when something fails inside; the databases are closed at the end."""
        try:
            yield
        except Exception:
            print(self.told(), flush=True)
            raise
        finally:
            self.watch.close()

    def told(self) -> str:
        """What a person needs to see after a failure: states, the ledger's end, the ends of the logs."""
        lines = [f"state of {self.story}:"]
        for path in ("test_deploy", "prod_deploy"):
            lines += [
                f"  {run} {task} {state}"
                for _, run, task, state, _ in self.watch.tasks(f"{self.story}.1__{path}")
                if state != "success"
            ]
        lines += ["the ledger's end:", *(f"  {row}" for row in self.watch.newest())]
        for log in sorted(self.box.place.logs.glob("*.log")):
            end = log.read_text("utf-8", "replace").splitlines()[-3:]
            lines += [f"{log.name}:", *(f"  {line[:300]}" for line in end)]
        return "\n".join(lines)


def export(box: OneBox, file: Path) -> list[str]:
    """The ledger as the platform's own command writes it for auditors."""
    command = [sys.executable, "-m", "hummingbird", "ledger", "export", "--out", str(file)]
    environment = {**os.environ, **trace_environment(box.place)}
    subprocess.run(
        command, env=environment, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=120
    )
    return file.read_text("utf-8").splitlines()


def table(suffered: Sequence[Suffered]) -> str:
    """All kills with their recovery times."""
    head = f"{'victim':<16} {'path':<12} {'moment':<18} next task began after"
    return "\n".join([head, *(str(one) for one in suffered)])
