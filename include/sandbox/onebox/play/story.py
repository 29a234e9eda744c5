"""One story from commit to production, played by its people; resumes wherever an earlier play stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from requests import RequestException

from sandbox.onebox.airflow_api import AirflowApi, Refused
from sandbox.onebox.lifecycle import Say
from sandbox.onebox.place import Place
from sandbox.onebox.platform_environment import trace_environment
from sandbox.onebox.play.approver import Approvers
from sandbox.onebox.play.developer import push_work
from sandbox.onebox.play.news import ENDED, News, Run, Stopped
from sandbox.onebox.play.systems import Backlog, DeveloperGitLab, Ticket
from sandbox.seed.api import SeedError
from sandbox.seed.stories import StoryWork, commits_for

CHAIN = ("scan", "build", "dev_deploy")
"""What a push sets off, one after the other."""
PATIENCE_SECONDS = 600.0
POLL_SECONDS = 0.7


def play(place: Place, say: Say) -> int:
    """0 when the story reached production; 1 with the sentence and the link of the run that said no."""
    try:
        backlog = Backlog(place)
        chosen = os.environ.get("STORY")
        story = backlog.story(chosen) if chosen else backlog.next()
        say(f"story {story.key} {story.title} ({story.status})")
        print(f"  find all of it: {place.airflow_url}/dag_runs?run_id_pattern={story.key}", flush=True)
        Player(place, story, say).play()
    except (Stopped, Refused, SeedError) as stopped:
        print(f"\n{stopped}", file=sys.stderr)
        return 1
    except RequestException as lost:
        print(f"\n{place.airflow_url} does not answer: {lost}; the same command goes on.", file=sys.stderr)
        return 1
    command = [str(place.python), "-m", "hummingbird", "trace", story.key]
    told = subprocess.run(command, env=trace_environment(place), check=False).returncode
    say(f"{story.key} is in production; everything keeps running (`make down` stops it)")
    return told


class Player:
    """All people of one story."""

    def __init__(self, place: Place, story: Ticket, say: Say) -> None:
        self._place = place
        self._story = story
        self._say = say
        self._works = commits_for(story.key, story.title, os.environ.get("FAIL") or None)
        self._gitlab = {work.component: DeveloperGitLab(place, work.component) for work in self._works}
        self._news = News(place, story.key, say)
        self._approvers = Approvers(place, story.key, say)
        self._manager = AirflowApi.login(place, "release_manager")

    def play(self) -> None:
        """Commit, merge, release, test, production."""
        self._news.poll()
        for component, commit in self._develop().items():
            gitlab = self._gitlab[component]
            version = gitlab.version(commit)
            if gitlab.cut(f"release/{version}", commit):
                self._say(f"developer cuts release/{version} of {component} at {commit[:8]}")
        for path in ("test_deploy", "prod_deploy"):
            self._deliver(path)

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

    def _deliver(self, path: str) -> None:
        """Trigger a path as the release manager, once, and see it through with everybody who is asked."""
        attempts = self._attempts(path)
        newest = attempts[-1] if attempts else None
        if newest and newest.state == "success":
            return
        if newest is None or newest.state == "failed":
            run_id = self._start(path, {"story": self._story.key})
        else:
            run_id = newest.id
        self._wait_for(lambda runs: next((run for run in runs if (run.dag, run.id) == (path, run_id)), None))

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
