"""The people of a delivery, who try again when a system does not answer, as people do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from requests import RequestException

from e2e.onebox import OneBox
from long.watch import ENDED, Watch, until
from sandbox.onebox.airflow_api import Refused
from sandbox.onebox.play.approver import Approvers
from sandbox.onebox.play.developer import push_work
from sandbox.onebox.play.systems import Backlog, DeveloperGitLab
from sandbox.seed.api import SeedError
from sandbox.seed.stories import NewStory, commits_for

T = TypeVar("T")
PATIENCE_SECONDS = 180
DEV_SECONDS = 600
FIRST_CODE = 688100
"""Of securities without a price: they are listed in one component."""
AGAIN_SECONDS = 0.7


def insist(ask: Callable[[], T], what: str) -> T:
    """The answer, asked until there is one; a refusal by a rule is an answer and is raised."""

    def once() -> tuple[T] | None:
        try:
            return (ask(),)
        except (RequestException, SeedError, OSError):
            return None
        except Refused as refused:
            if refused.status < 500:
                raise
            return None

    return until(once, what, PATIENCE_SECONDS)[0]


def develop(box: OneBox, number: int) -> str:
    """A story of one component: written, merged, running in dev, cut as a release; its key."""
    title = f"新增可交易证券 {FIRST_CODE + number} 演示证券{number}"
    story = Backlog(box.place).write(NewStory(title, "One more security that may be traded."))
    (work,) = commits_for(story.key, story.title)
    gitlab = DeveloperGitLab(box.place, work.component)
    push_work(box.place, work)
    request = gitlab.merge_request(work.branch, f"{story.key} {story.title}", work.description)
    commit = gitlab.merge(request["iid"])
    # A deployment to dev is evidence: one that ended later would make a question to people void.
    _in_dev(Watch(box.place), f"{story.key}.{commit[:8]}__scan__build__dev_deploy")
    gitlab.cut(f"release/{gitlab.version(commit)}", commit)
    return story.key


def _in_dev(watch: Watch, run_id: str) -> None:
    state = until(
        lambda: _over(watch.state("dev_deploy", run_id)), f"the end of dev_deploy/{run_id}", DEV_SECONDS
    )
    watch.close()
    assert state == "success", f"dev_deploy/{run_id} ended {state}"


def _over(state: str | None) -> str | None:
    return state if state in ENDED else None


def start(box: OneBox, path: str, run_id: str, story: str) -> None:
    """The release manager starts a path; a start whose answer was lost is found."""

    def once() -> None:
        body = {"logical_date": None, "dag_run_id": run_id, "conf": {"story": story}}
        try:
            box.airflow("release_manager").post(f"/dags/{path}/dagRuns", body)
        except Refused as refused:
            if refused.status != 409:
                raise

    insist(once, f"the start of {path}/{run_id}")


class Signing:
    """Approvers who answer what is theirs, in the background, whatever dies."""

    def __init__(self, box: OneBox, story: str) -> None:
        self._box, self._story = box, story
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._answer, name=f"approvers of {story}", daemon=True)

    def __enter__(self) -> Signing:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(timeout=PATIENCE_SECONDS)

    def _answer(self) -> None:
        approvers = Approvers(self._box.place, self._story, print)
        while not self._done.wait(AGAIN_SECONDS):
            try:
                approvers.answer_next()
            except (RequestException, Refused, OSError) as error:
                print(f"an approver tries again: {str(error)[:120]}")
