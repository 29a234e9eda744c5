"""The main job for what joined: merge, release, test, production, played by its people."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from sandbox.onboarding.delivery import VERSION
from sandbox.onboarding.importing import Story
from sandbox.onebox.airflow_api import AirflowApi
from sandbox.onebox.place import Place
from sandbox.onebox.play.approver import Approvers
from sandbox.onebox.play.news import ENDED, News, Run, Stopped
from sandbox.seed.api import Api

PATIENCE_SECONDS = 2400.0
POLL_SECONDS = 1.0
CHAIN = ("scan", "build", "dev_deploy")
Say = Callable[[str], None]


class Delivery:
    """One story of one project, from its merge request to production; resumes where it stopped."""

    def __init__(self, place: Place, name: str, story: Story, say: Say) -> None:
        token = place.world.secret("gitlab.developer")
        self._gitlab = Api(place.world.url("gitlab"), headers={"PRIVATE-TOKEN": token})
        self._project = f"/api/v4/projects/{quote(f'trading/{name}', safe='')}"
        self._story = story
        self._say = say
        self._news = News(place, story.key, say)
        self._approvers = Approvers(place, story.key, say)
        self._manager = AirflowApi.login(place, "release_manager")

    def play(self) -> None:
        """All of it; Stopped with the sentence of the run that said no."""
        request = self._merge_request()
        if request["state"] != "merged":
            head = self._head(self._story.branch)
            self._await(lambda runs: self._of_commit(runs, "scan", head))
            path = f"{self._project}/merge_requests/{request['iid']}/merge"
            request = self._gitlab.call("PUT", path, {}).json()
            self._say(f"developer merges {request['web_url']}")
        commit = request["merge_commit_sha"] or request["sha"]
        self._await(lambda runs: self._of_commit(runs, "dev_deploy", commit))
        where = f"{self._project}/repository/files/{quote(VERSION, safe='')}/raw"
        version = self._gitlab.call("GET", where, query={"ref": commit}).text.strip()
        branch = f"release/{version}"
        if self._gitlab.find(f"{self._project}/repository/branches/{quote(branch, safe='')}") is None:
            body = {"branch": branch, "ref": commit}
            self._gitlab.call("POST", f"{self._project}/repository/branches", body)
            self._say(f"developer cuts {branch} at {commit[:8]}")
        for path in ("test_deploy", "prod_deploy"):
            self._deliver(path)

    def _merge_request(self) -> dict[str, Any]:
        query = {"source_branch": self._story.branch, "target_branch": "develop"}
        listed = self._gitlab.call("GET", f"{self._project}/merge_requests", query=query).json()
        if listed:
            found: dict[str, Any] = listed[0]
            return found
        body = {**query, "title": f"{self._story.key} {self._story.title}"}
        opened: dict[str, Any] = self._gitlab.call("POST", f"{self._project}/merge_requests", body).json()
        self._say(f"developer opens {opened['web_url']}")
        return opened

    def _head(self, branch: str) -> str:
        path = f"{self._project}/repository/branches/{quote(branch, safe='')}"
        head: str = self._gitlab.call("GET", path).json()["commit"]["id"]
        return head

    def _of_commit(self, runs: list[Run], path: str, commit: str) -> Run | None:
        newest = {run.dag: run for run in runs if run.conf.get("commit") == commit}
        for dag in CHAIN[: CHAIN.index(path) + 1]:
            run = newest.get(dag)
            if run is None or run.state not in ENDED:
                # What comes after it is of an earlier try: this one sets it off anew.
                return run if dag == path else None
            if run.state == "failed":
                if not self._news.is_old(run):
                    raise self._news.fail(run)
                self._start(dag, {key: value for key, value in run.conf.items() if key != "parent"})
                return None
        return newest.get(path)

    def _deliver(self, path: str) -> None:
        mine = [
            run
            for run in self._news.poll()
            if run.dag == path and "__" not in run.id.removesuffix(f"__{path}")
        ]
        newest = mine[-1] if mine else None
        if newest is not None and newest.state == "success":
            return
        going = newest is not None and newest.state != "failed"
        run_id = newest.id if newest is not None and going else self._start(path, {"story": self._story.key})
        self._await(lambda runs: next((run for run in runs if (run.dag, run.id) == (path, run_id)), None))

    def _start(self, path: str, conf: dict[str, Any]) -> str:
        count = sum(run.dag == path for run in self._news.poll())
        run_id = f"{self._story.key}.{count + 1}__{path}"
        body = {"logical_date": None, "dag_run_id": run_id, "conf": conf, "note": self._story.title}
        self._manager.post(f"/dags/{path}/dagRuns", body)
        self._say(f"release_manager starts {path} for {self._story.key}")
        return run_id

    def _await(self, find: Callable[[list[Run]], Run | None]) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            run = find(self._news.poll())
            if run is not None and run.state in ENDED:
                if run.state == "failed":
                    raise self._news.fail(run)
                return
            if not self._approvers.answer_next():
                time.sleep(POLL_SECONDS)  # Airflow's API has no long poll
        raise Stopped(f"nothing came of {self._story.key} within {PATIENCE_SECONDS:.0f} s")
