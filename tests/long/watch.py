"""A delivery as its two databases show it, read directly, because an API may be what is dead."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import psycopg2

from checker.looking import System
from long.systems import systems
from sandbox.onebox import postgres
from sandbox.onebox.place import Place

T = TypeVar("T")
LOOK_SECONDS = 0.05
ENDED = ("success", "failed")


class Watch:
    """The ledger and Airflow's database, for readers; a dead server is asked again until it lives."""

    def __init__(self, place: Place) -> None:
        self._addresses = {
            "ledger": postgres.dsn(place, "ledger_reader", "ledger"),
            "airflow": postgres.dsn(place, "airflow", "airflow"),
        }
        self._open: dict[str, Any] = {}
        self._clusters = list(systems(place)["clusters"].values())

    def events(self, run: str, kind: str) -> int:
        """How many events of a kind (the start of its name) a run has in the ledger."""
        query = "SELECT count(*) FROM ledger.event WHERE run = %s AND kind LIKE %s"
        return int(self._ask("ledger", query, (run, f"{kind}%"))[0][0])

    def places(self, run: str, kind: str) -> list[int]:
        """Places in the ledger of a run's events of a kind (the start of its name), in order."""
        query = "SELECT sequence FROM ledger.event WHERE run = %s AND kind LIKE %s ORDER BY sequence"
        return [int(row[0]) for row in self._ask("ledger", query, (run, f"{kind}%"))]

    def told(self, run: str, kind: str) -> list[dict[str, Any]]:
        """What a run's events of a kind (the start of its name) say, in order."""
        query = (
            "SELECT envelope::jsonb #> '{customData,event,data}' FROM ledger.event "
            "WHERE run = %s AND kind LIKE %s ORDER BY sequence"
        )
        return [row[0] for row in self._ask("ledger", query, (run, f"{kind}%"))]

    def state(self, dag: str, run_id: str) -> str | None:
        """The state of a run, None when there is none."""
        rows = self._ask(
            "airflow", "SELECT state FROM dag_run WHERE dag_id = %s AND run_id = %s", (dag, run_id)
        )
        return str(rows[0][0]) if rows else None

    def newest_run(self, dag: str, pattern: str) -> str | None:
        """The id of the newest run of a DAG whose id matches (SQL LIKE), None when there is none."""
        query = "SELECT run_id FROM dag_run WHERE dag_id = %s AND run_id LIKE %s ORDER BY id DESC LIMIT 1"
        rows = self._ask("airflow", query, (dag, pattern))
        return str(rows[0][0]) if rows else None

    def tasks(self, run_id: str) -> list[tuple[str, str, str, str | None, float | None]]:
        """Id, run, task, state and begin of the tasks of a run and of the runs below it."""
        query = (
            "SELECT id::text, dag_id || '/' || run_id, task_id, state, "
            "extract(epoch FROM start_date)::float8 FROM task_instance WHERE run_id = %s OR run_id LIKE %s"
        )
        below = run_id.replace("_", r"\_") + r"\_\_%"
        return [tuple(row) for row in self._ask("airflow", query, (run_id, below))]

    def running(self, run_id: str) -> list[str]:
        """Ids of task instances at work for a run."""
        return [task[0] for task in self.tasks(run_id) if task[3] == "running"]

    def is_in(self, run_id: str, path: str, task: str, *states: str) -> bool:
        """Whether a task of a run of `path`, the run itself or one below it, is in one of the states."""
        return any(
            run.startswith(f"{path}/") and name == task and state in states
            for _, run, name, state, _ in self.tasks(run_id)
        )

    def waiting(self, path: str) -> int:
        """How many prompts of a path's runs wait for somebody."""
        query = "SELECT count(*) FROM task_instance WHERE dag_id = %s AND state = 'awaiting_input'"
        return int(self._ask("airflow", query, (path,))[0][0])

    def slots(self) -> dict[str, int]:
        """What is taken now of all pools, of the triggerer, and of workers."""
        query = (
            "SELECT coalesce(sum(pool_slots) FILTER (WHERE state IN ('queued', 'running', 'deferred')), 0), "
            "(SELECT count(*) FROM trigger), count(*) FILTER (WHERE state = 'running') FROM task_instance"
        )
        ((pools, triggers, workers),) = self._ask("airflow", query, ())
        return {"pools": int(pools), "triggers": int(triggers), "workers": int(workers)}

    def warrants(self, run: str) -> set[str]:
        """Ids of the warrants that were issued to a run."""
        query = "SELECT subject FROM ledger.event WHERE run = %s AND kind LIKE %s"
        return {
            row[0] for row in self._ask("ledger", query, (run, "dev.cdeventsx.hummingbird-warrant.issued%"))
        }

    def versions(self, dag: str) -> list[str]:
        """Hashes of a DAG's structure as Airflow has read it, in order."""
        query = "SELECT dag_hash FROM serialized_dag WHERE dag_id = %s ORDER BY last_updated"
        return [row[0] for row in self._ask("airflow", query, (dag,))]

    def deployments(self) -> list[dict[str, Any]]:
        """The Deployments of all clusters that answer."""
        found: list[dict[str, Any]] = []
        for place in self._clusters:
            try:
                listed = System(place).json(f"/apis/apps/v1/namespaces/{place['namespace']}/deployments")
            except OSError:
                continue
            found += listed["items"]
        return found

    def newest(self, rows: int = 12) -> list[str]:
        """The ledger's last rows, for a person who looks for what went wrong."""
        query = (
            "SELECT sequence, at, kind, run, cluster, key FROM ledger.event ORDER BY sequence DESC LIMIT %s"
        )
        return [" ".join(str(one) for one in row) for row in reversed(self._ask("ledger", query, (rows,)))]

    def idle_in_transaction(self) -> float:
        """Age in seconds of the oldest transaction that does nothing, in any database."""
        query = (
            "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - state_change)), 0)::float8 "
            "FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%' AND pid <> pg_backend_pid()"
        )
        return float(self._ask("airflow", query, ())[0][0])

    def close(self) -> None:
        """Close both."""
        for connection in self._open.values():
            connection.close()

    def _ask(self, database: str, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        def once() -> list[tuple[Any, ...]] | None:
            try:
                if database not in self._open:
                    self._open[database] = psycopg2.connect(self._addresses[database], connect_timeout=5)
                    self._open[database].autocommit = True
                with self._open[database].cursor() as cursor:
                    cursor.execute(query, values)
                    return list(cursor.fetchall())
            except psycopg2.Error as error:
                self._open.pop(database, None)
                # Without a code the connection broke; of class 57P the server says that it ends or starts.
                if error.pgcode is not None and not error.pgcode.startswith("57P"):
                    raise
                return None

        return until(once, f"an answer of database {database}", 120)


def until(look: Callable[[], T | None], what: str, seconds: float) -> T:
    """What `look` finds, asked again and again; a killed system may take its time to come back."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found is not None:
            return found
        time.sleep(LOOK_SECONDS)
    raise AssertionError(f"{what} did not come within {seconds:.0f} s")
