"""Jira's starting state: the stories of the demo in the statuses that a sprint under way would have."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from sandbox.seed.api import Api, SeedError
from sandbox.seed.jira_measures import CASES, INCIDENT, seed_measures
from sandbox.seed.say import say
from sandbox.seed.stories import commits_for
from sandbox.world import World

IN_PROGRESS = ("In Progress",)
FINISHED = ("In Progress", "In Test", "Ready for Release", "Done", "Closed")


@dataclass(frozen=True)
class Issue:
    """An issue to be there, and the statuses that it went through."""

    key: str
    title: str
    description: str
    path: tuple[str, ...]
    kind: str = "Story"


def issues() -> list[Issue]:
    """Every issue, in the order of their keys: Jira numbers them itself."""
    stories = [commits_for(key)[0] for key in ("HB-101", "HB-102", "HB-103")]
    return [
        *(Issue(work.key, work.title, work.description, IN_PROGRESS) for work in stories),
        Issue("HB-104", "委托价格最小变动单位校验", "随 1.0.0 上线，已关闭。", FINISHED),
        Issue("OPS-7", "机房季度巡检", "运维项目的任务，与交付平台无关。", IN_PROGRESS, "Task"),
        Issue(INCIDENT, "委托网关拒单五分钟", "最小变动单位配置错误，已恢复。", FINISHED[:-1], "Incident"),
        *(Issue(case.key, case.title, "", IN_PROGRESS, "Test") for case in CASES),
    ]


def seed_jira(world: World) -> None:
    """Create what is missing; what exists stays as it is, whatever has become of it."""
    asking = Api(world.url("jira"), auth=("release_manager", world.secret("jira.release_manager")))
    working = Api(world.url("jira"), auth=("developer", world.secret("jira.developer")))
    with asking, working:
        for issue in issues():
            there = asking.find(f"/rest/api/2/issue/{quote(issue.key)}?fields=summary,status")
            if there is None:
                _create(asking, issue)
                there = {"fields": {"status": {"name": "To Do"}}}
                made = True
            else:
                made = False
            # A seed that was interrupted left an issue at its first status.
            if there["fields"]["status"]["name"] == "To Do":
                for status in issue.path:
                    _move(working, issue.key, status)
            say("jira", f"{issue.key} {issue.title}", made=made)
        seed_measures(working)


def _create(jira: Api, issue: Issue) -> None:
    fields = {
        "project": {"key": issue.key.partition("-")[0]},
        "issuetype": {"name": issue.kind},
        "summary": issue.title,
        "description": issue.description,
        "assignee": {"name": "developer"},
    }
    key = jira.call("POST", "/rest/api/2/issue", {"fields": fields}).json()["key"]
    if key != issue.key:
        raise SeedError(
            f"Jira made {key} of what should be {issue.key}: the project is not the sandbox's own"
        )


def _move(jira: Api, key: str, status: str) -> None:
    path = f"/rest/api/2/issue/{quote(key)}/transitions"
    for transition in jira.call("GET", path).json()["transitions"]:
        if transition["to"]["name"] == status:
            jira.call("POST", path, {"transition": {"id": transition["id"]}})
            return
    raise SeedError(f"{key}: Jira's workflow offers no way to {status}")
