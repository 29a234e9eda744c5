"""GitLab and Jira as the demo's people use them: REST, with their own token or password.

Documents: https://docs.gitlab.com/api/merge_requests/, https://docs.gitlab.com/api/branches/,
https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sandbox.onebox.place import Place
from sandbox.seed.api import Api
from sandbox.seed.catalog import read_catalog
from sandbox.seed.gitlab import project_path
from sandbox.seed.stories import NewStory, next_story

JIRA_PROJECT = "HB"
CLOSED = ("Done", "Closed")


@dataclass(frozen=True)
class Ticket:
    """A Jira story as the demo sees it."""

    key: str
    title: str
    status: str


class DeveloperGitLab:
    """A component's project in GitLab, with the developer's token."""

    def __init__(self, place: Place, component: str = "order-gateway") -> None:
        token = place.world.secret("gitlab.developer")
        self._api = Api(place.world.url("gitlab"), headers={"PRIVATE-TOKEN": token})
        self._project = project_path(read_catalog().component(component))

    def head(self, branch: str) -> str | None:
        """The commit a branch points to, None when there is no such branch."""
        found = self._api.find(f"{self._project}/repository/branches/{quote(branch, safe='')}")
        return found["commit"]["id"] if found else None

    def merge_request(self, branch: str, title: str, text: str) -> dict[str, Any]:
        """The newest merge request from the branch to develop, opened when there is none."""
        query = {"source_branch": branch, "target_branch": "develop"}
        listed = self._api.call("GET", f"{self._project}/merge_requests", query=query).json()
        if listed:
            newest: dict[str, Any] = listed[0]
            return newest
        body = {**query, "title": title, "description": text}
        opened: dict[str, Any] = self._api.call("POST", f"{self._project}/merge_requests", body).json()
        return opened

    def merge(self, iid: int) -> str:
        """Merge; the commit that came of it."""
        merged = self._api.call("PUT", f"{self._project}/merge_requests/{iid}/merge", {}).json()
        commit: str = merged["merge_commit_sha"] or merged["sha"]
        return commit

    def version(self, commit: str) -> str:
        """The version that a commit's VERSION file tells."""
        answer = self._api.call("GET", f"{self._project}/repository/files/VERSION/raw", query={"ref": commit})
        return answer.text.strip()

    def cut(self, branch: str, commit: str) -> bool:
        """Create a branch at a commit; False when it is there already."""
        if self.head(branch) is not None:
            return False
        body = {"branch": branch, "ref": commit}
        self._api.call("POST", f"{self._project}/repository/branches", body)
        return True


class Backlog:
    """The project's stories in Jira, with the release manager's account."""

    def __init__(self, place: Place) -> None:
        account = ("release_manager", place.world.secret("jira.release_manager"))
        self._api = Api(place.world.url("jira"), auth=account)

    def next(self) -> Ticket:
        """The first open story; a new one is written when none is left."""
        stories = self._stories()
        for story in stories:
            if story.status not in CLOSED:
                return story
        return self.write(next_story({story.title for story in stories}))

    def has_delivered(self) -> bool:
        """Whether a story of which this platform wrote so was delivered to production."""
        query = {
            "jql": f'project = {JIRA_PROJECT} AND comment ~ "Delivered to production"',
            "maxResults": "1",
        }
        return bool(self._api.call("GET", "/rest/api/2/search", query=query).json()["issues"])

    def story(self, key: str) -> Ticket:
        """One story by key."""
        return _ticket(self._api.call("GET", f"/rest/api/2/issue/{quote(key)}").json())

    def write(self, wanted: NewStory) -> Ticket:
        """A new story, in progress."""
        fields = {
            "project": {"key": JIRA_PROJECT},
            "issuetype": {"name": "Story"},
            "summary": wanted.title,
            "description": wanted.description,
            "assignee": {"name": "developer"},
        }
        key = self._api.call("POST", "/rest/api/2/issue", {"fields": fields}).json()["key"]
        path = f"/rest/api/2/issue/{quote(key)}/transitions"
        for transition in self._api.call("GET", path).json()["transitions"]:
            if transition["to"]["name"] == "In Progress":
                self._api.call("POST", path, {"transition": {"id": transition["id"]}})
        return self.story(key)

    def _stories(self) -> list[Ticket]:
        query = {"jql": f"project = {JIRA_PROJECT} ORDER BY key ASC", "maxResults": "200"}
        found = self._api.call("GET", "/rest/api/2/search", query=query).json()["issues"]
        return sorted((_ticket(issue) for issue in found), key=lambda story: int(story.key.split("-")[1]))


def _ticket(issue: dict[str, Any]) -> Ticket:
    fields = issue["fields"]
    return Ticket(issue["key"], fields["summary"], fields["status"]["name"])
