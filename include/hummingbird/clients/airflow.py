"""Airflow's public REST API (`/api/v2`), as the platform's own account uses it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from hummingbird.clients.http import Answer, Site
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.core.errors import Denied, Garbled, Retryable

_PAGE = 100


class _Doubted(Retryable):
    """Airflow refused the account; it may only have failed to look it up."""


class AirflowApi:
    """One account's view of one Airflow; the token is fetched when needed and renewed when refused."""

    def __init__(
        self,
        base_url: str,
        user: str,
        password: str,
        *,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        self._site = Site("Airflow", base_url, verify=verify, limits=limits, retrying=retrying)
        # FAB answers 401 also while its database cannot be asked: `find_user` logs that and finds nobody.
        # So a refused account is asked for again, past a database's restart, before that is believed.
        self._doubting = replace(retrying or Retrying(), attempts=10, longest=4.0, patience=30.0)
        self._account = {"username": user, "password": password}
        self._token: str | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close all connections."""
        self._site.close()

    def dag_run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """A run; NotFound when there is none."""
        return self._call("GET", _run(dag_id, run_id), f"run {dag_id}/{run_id}").document()

    def dag_runs(self, dag_id: str = "~", run_id_pattern: str | None = None) -> list[dict[str, Any]]:
        """Runs of a DAG (`~`: of all), newest first; the pattern is SQL LIKE, such as `HB-101.%`."""
        where = {"order_by": "-run_after"} | ({"run_id_pattern": run_id_pattern} if run_id_pattern else {})
        path = f"dags/{quote(dag_id, safe='~')}/dagRuns"
        return self._pages(path, where, "dag_runs", f"runs of {dag_id}")

    def trigger(self, dag_id: str, run_id: str, conf: Mapping[str, Any], note: str | None = None) -> bool:
        """Start a run; False when one of that id exists, which makes starting it twice one run."""
        answer = self._call(
            "POST",
            f"dags/{quote(dag_id, safe='')}/dagRuns",
            f"starting {dag_id}/{run_id}",
            document={"dag_run_id": run_id, "logical_date": None, "conf": dict(conf), "note": note},
            again=True,
            accept=(409,),
        )
        return answer.status != 409

    def set_note(self, dag_id: str, run_id: str, note: str) -> None:
        """Replace a run's note (at most 1000 characters are kept by Airflow)."""
        path = _run(dag_id, run_id)
        about = f"note of {dag_id}/{run_id}"
        self._call(
            "PATCH", path, about, document={"note": note[:1000]}, params={"update_mask": "note"}, again=True
        )

    def task_instance(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> dict[str, Any]:
        """A task instance; map_index -1 for an unmapped one. NotFound when there is none."""
        return self._call("GET", *_task(dag_id, run_id, task_id, map_index)).document()

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """All task instances of a run."""
        path = f"{_run(dag_id, run_id)}/taskInstances"
        return self._pages(path, {}, "task_instances", f"tasks of {dag_id}/{run_id}")

    def hitl_detail(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> dict[str, Any]:
        """A task's prompt and its answer, if any; NotFound when the task asked nobody yet."""
        path, about = _task(dag_id, run_id, task_id, map_index)
        if map_index < 0:
            path = f"{path}/-1"
        return self._call("GET", f"{path}/hitlDetails", f"prompt of {about}").document()

    def answer_hitl(
        self,
        dag_id: str,
        run_id: str,
        task_id: str,
        map_index: int,
        chosen_options: list[str],
        params_input: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Answer a prompt as this account; Conflict when it has been answered, Denied when not assigned."""
        path, about = _task(dag_id, run_id, task_id, map_index)
        if map_index < 0:
            path = f"{path}/-1"
        document = {"chosen_options": chosen_options, "params_input": dict(params_input or {})}
        return self._call("PATCH", f"{path}/hitlDetails", f"prompt of {about}", document=document).document()

    def open_prompts(self, dag_id: str = "~", run_id: str = "~") -> list[dict[str, Any]]:
        """Prompts that nobody has answered."""
        path = f"dags/{quote(dag_id, safe='~')}/dagRuns/{quote(run_id, safe='~')}/hitlDetails"
        where = {"response_received": "false"}
        return self._pages(path, where, "hitl_details", f"open prompts of {dag_id}/{run_id}")

    def _pages(self, path: str, where: Mapping[str, Any], name: str, about: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            params = {**where, "limit": _PAGE, "offset": len(found)}
            answer = self._call("GET", path, about, params=params)
            document = answer.document()
            page = document.get(name)
            if not isinstance(page, list):
                raise Garbled(f"{answer.head}: expected a list {name}, found {type(page).__name__}")
            found += page
            if not page or len(found) >= int(document.get("total_entries") or 0):
                return found

    def _call(self, method: str, path: str, about: str, **call: Any) -> Answer:
        token = self._sign_in(None)
        try:
            return self._with(token, method, path, about, call)
        except Denied:
            fresh = self._sign_in(token)  # a token ends after a day, or with a restart; a real no stays one
            return self._with(fresh, method, path, about, call)

    def _with(self, token: str, method: str, path: str, about: str, call: dict[str, Any]) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        return self._site.call(method, f"api/v2/{path}", about=about, headers=headers, **call)

    def _sign_in(self, refused: str | None) -> str:
        with self._lock:
            if self._token is None or self._token == refused:
                try:
                    self._token = self._doubting.run(self._new_token, again=True)
                except _Doubted as error:
                    raise Denied(str(error)) from error
            return self._token

    def _new_token(self) -> str:
        about = f"token of {self._account['username']}"
        try:
            answer = self._site.call("POST", "auth/token", about=about, document=self._account, again=True)
        except Denied as error:
            raise _Doubted(str(error)) from error
        token = answer.document().get("access_token")
        if not isinstance(token, str) or not token:
            raise Garbled(f"{answer.head}: expected an access_token, found none")
        return token


def _run(dag_id: str, run_id: str) -> str:
    return f"dags/{quote(dag_id, safe='')}/dagRuns/{quote(run_id, safe='')}"


def _task(dag_id: str, run_id: str, task_id: str, map_index: int) -> tuple[str, str]:
    path = f"{_run(dag_id, run_id)}/taskInstances/{quote(task_id, safe='')}"
    about = f"task {dag_id}/{run_id}/{task_id}"
    return (path, about) if map_index < 0 else (f"{path}/{map_index}", f"{about}[{map_index}]")
