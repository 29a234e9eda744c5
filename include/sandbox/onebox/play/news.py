"""What happens to a story in Airflow, as it happens: its runs begin, end, or end badly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sandbox.onebox.airflow_api import AirflowApi
from sandbox.onebox.lifecycle import Say
from sandbox.onebox.place import Place

ENDED = ("success", "failed")


class Stopped(Exception):
    """The story does not go on; the message is the reason, with a link."""


@dataclass(frozen=True)
class Run:
    """A run of a delivery path."""

    dag: str
    id: str
    state: str
    note: str
    seconds: float
    conf: dict[str, Any]

    @property
    def outcome(self) -> str:
        """The first line of the run's note: its outcome in a sentence."""
        return self.note.splitlines()[0] if self.note else f"ended {self.state} without a word"


class News:
    """A story's runs, read by the release manager; each poll tells what is new."""

    def __init__(self, place: Place, story: str, say: Say) -> None:
        self._api = AirflowApi.login(place, "release_manager")
        self._place = place
        self._prefix = f"{story}."
        self._say = say
        self._told: dict[tuple[str, str], str] = {}
        self._old: set[tuple[str, str]] | None = None

    def poll(self) -> list[Run]:
        """All runs of the story, newest last; the new and the newly ended ones are told."""
        query = {"run_id_prefix_pattern": self._prefix, "order_by": "start_date", "limit": 100}
        runs = [_run(run) for run in self._api.get("/dags/~/dagRuns", **query)["dag_runs"]]
        if self._old is None:
            self._old = {(run.dag, run.id) for run in runs if run.state in ENDED}
        for run in runs:
            self._tell(run)
        return runs

    def _tell(self, run: Run) -> None:
        name = (run.dag, run.id)
        if name in (self._old or ()) or self._told.get(name) == run.state:
            return
        if run.state in ENDED:
            self._say(f"{run.dag:<12} {run.id}: {run.outcome} ({run.seconds:.1f} s)")
        elif name not in self._told:
            self._say(f"{run.dag:<12} {run.id}: started")
        self._told[name] = run.state

    def is_old(self, run: Run) -> bool:
        """Whether the run had ended before this play began."""
        return (run.dag, run.id) in (self._old or ())

    def link(self, run: Run) -> str:
        """The run's page."""
        return f"{self._place.airflow_url}/dags/{quote(run.dag)}/runs/{quote(run.id, safe='')}"

    def fail(self, run: Run) -> Stopped:
        """The run's own sentence, and where to look."""
        return Stopped(f"{run.outcome}\n  {self.link(run)}")


def _run(document: dict[str, Any]) -> Run:
    return Run(
        dag=document["dag_id"],
        id=document["dag_run_id"],
        state=document["state"],
        note=document.get("note") or "",
        seconds=float(document.get("duration") or 0.0),
        conf=document.get("conf") or {},
    )
