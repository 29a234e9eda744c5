"""All people of one story, from commit to production; they go on wherever an earlier play stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sandbox.onebox.airflow_api import AirflowApi
from sandbox.onebox.lifecycle import Say
from sandbox.onebox.place import Place
from sandbox.onebox.play.approver import Approvers
from sandbox.onebox.play.developer import push_work
from sandbox.onebox.play.news import ENDED, News, Run, Stopped
from sandbox.onebox.play.systems import DeveloperGitLab, Ticket
from sandbox.seed.stories import StoryWork

CHAIN = ("scan", "build", "dev_deploy")
"""What a push sets off, one after the other."""
PATIENCE_SECONDS = 600.0
POLL_SECONDS = 0.7


class Player:
    """Developer, release manager and approvers, busy with the parts of one story."""

    def __init__(self, place: Place, story: Ticket, works: list[StoryWork], say: Say) -> None:
        self._place = place
        self._story = story
        self._say = say
        self._works = works
        self._gitlab = {work.component: DeveloperGitLab(place, work.component) for work in self._works}
        self._news = News(place, story.key, say)
        self._approvers = Approvers(place, story.key, say)
        self._manager = AirflowApi.login(place, "release_manager")

    def release(self) -> None:
        """Commit and merge in every repository that the story touches, and cut the release branches."""
        self._news.poll()
        for component, commit in self._develop().items():
            gitlab = self._gitlab[component]
            version = gitlab.version(commit)
            if gitlab.cut(f"release/{version}", commit):
                self._say(f"developer cuts release/{version} of {component} at {commit[:8]}")

    def deliver(self, path: str, *, again: bool = False) -> None:
        """Trigger a path as the release manager, once, and see it through with everybody who is asked.

        `again` asks for another run where the last one succeeded. Stopped when the run says no.
        """
        attempts = self._attempts(path)
        newest = attempts[-1] if attempts else None
        if newest and newest.state == "success" and not again:
            return
        if newest is None or newest.state in ENDED:
            run_id = self._start(path, {"story": self._story.key})
        else:
            run_id = newest.id
        self._wait_for(lambda runs: next((run for run in runs if (run.dag, run.id) == (path, run_id)), None))

    def deliver_in_vain(self, path: str, expected: str) -> None:
        """The same where the run must say no in words that hold `expected`; Stopped when it does not."""
        attempts = self._attempts(path)
        if attempts and attempts[-1].state == "failed" and expected in attempts[-1].outcome:
            return  # an earlier play saw it
        try:
            self.deliver(path)
        except Stopped as stopped:
            if expected not in str(stopped):
                raise
            return
        raise Stopped(f"{path} of {self._story.key} ended well, and was to end with: {expected}")

    def _develop(self) -> dict[str, str]:
        """Feature branches, merge requests, merges; what is on develop of each once it runs in dev."""
        requests = {work.component: self._request(work) for work in self._works}
        commits = {}
        for component, request in requests.items():
            if request["state"] == "merged":
                commits[component] = request["merge_commit_sha"] or request["sha"]
                continue
            self._await_commit("scan", request["sha"])
            commits[component] = self._gitlab[component].merge(request["iid"])
            self._say(f"developer merges it: develop of {component} is at {commits[component][:8]}")
        for commit in commits.values():
            self._await_commit("dev_deploy", commit)
        return commits

    def _request(self, work: StoryWork) -> dict[str, Any]:
        """The component's merge request, its branch pushed before it where that is missing."""
        gitlab = self._gitlab[work.component]
        head = gitlab.head(work.branch)
        if head is None:
            head = push_work(self._place, work)
            self._say(f"developer pushes {work.branch} of {work.component} at {head[:8]}")
        title = f"{self._story.key} {self._story.title}"
        request = gitlab.merge_request(work.branch, title, work.description)
        if request["state"] != "merged":
            self._say(f"developer opens {request['web_url']}")
        return request

    def _await_commit(self, path: str, commit: str) -> None:
        self._wait_for(lambda runs: self._of_commit(runs, path, commit))

    def _of_commit(self, runs: list[Run], path: str, commit: str) -> Run | None:
        """The newest run of a path for a commit. A run before it that an earlier play saw fail is started
        again by the release manager; Stopped when one fails now."""
        newest = {run.dag: run for run in runs if run.conf.get("commit") == commit}
        for dag in CHAIN[: CHAIN.index(path) + 1]:
            run = newest.get(dag)
            if run is None or run.state != "failed":
                continue
            if not self._news.is_old(run):
                raise self._news.fail(run)
            again = {name: value for name, value in run.conf.items() if name != "parent"}
            self._start(dag, again)
            return None  # what was read before is the failed run; the next look finds the new one
        return newest.get(path)

    def _start(self, path: str, conf: dict[str, Any]) -> str:
        """Trigger a path as the release manager; the run's id names story and attempt."""
        run_id = f"{self._story.key}.{len(self._attempts(path)) + 1}__{path}"
        note = f"{self._story.key} {self._story.title}"
        body = {"logical_date": None, "dag_run_id": run_id, "conf": conf, "note": note}
        self._manager.post(f"/dags/{path}/dagRuns", body)
        self._say(f"release_manager starts {path} for {self._story.key}")
        return run_id

    def _attempts(self, path: str) -> list[Run]:
        """The story's own runs of a path, in the order of their numbers."""
        found: dict[int, Run] = {}
        for run in self._news.poll():
            number = run.id.removeprefix(f"{self._story.key}.").removesuffix(f"__{path}")
            if run.dag == path and number.isdigit():
                found[int(number)] = run
        return [found[number] for number in sorted(found)]

    def _wait_for(self, find: Callable[[list[Run]], Run | None]) -> None:
        """Poll until the run has ended well, answering prompts meanwhile; Stopped when it ended badly."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            run = find(self._news.poll())
            if run is not None and run.state in ENDED:
                if run.state == "failed":
                    raise self._news.fail(run)
                return
            if not self._approvers.answer_next():
                time.sleep(POLL_SECONDS)
        raise Stopped(f"nothing came of it within {PATIENCE_SECONDS:.0f} s: {self._place.airflow_url}")
