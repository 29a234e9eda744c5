"""A Jira over real HTTP in which people answer: what they do there, and what the notary showed them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from hummingbird.clients.jira import JiraTracker
from hummingbird.clients.jira_cloud import JiraCloudTracker
from hummingbird.clients.retrying import Retrying
from hummingbird.core.event import EventKind
from sandbox.jira.cloud.accounts import account_id
from sandbox.jira.cloud.documents import document
from sandbox.world import MAIL_DOMAIN, World
from unit.notary.scene import Scene
from waiting import until

HOOK_SECRET = "webhook-secret-of-the-tests"
Json = dict[str, Any]


@dataclass(frozen=True)
class Edition:
    """One edition of Jira: how people sign in, are named, and write."""

    version: int
    client: Callable[..., JiraTracker | JiraCloudTracker]
    login: str
    secret: str
    account: Callable[[str], str]
    body: Callable[[str], Any]


DATA_CENTER = Edition(2, JiraTracker, "{}", "jira.{}", str, str)
CLOUD = Edition(3, JiraCloudTracker, f"{{}}@{MAIL_DOMAIN}", "jira.cloud.{}", account_id, document)
EDITIONS = {"data center": DATA_CENTER, "cloud": CLOUD}


@dataclass
class Jira:
    """The stand-in as a person sees it."""

    world: World
    edition: Edition

    @property
    def url(self) -> str:
        return self.world.url("jira")

    def tracker(self) -> JiraTracker | JiraCloudTracker:
        """The platform's client."""
        secret = self.world.secret(self.edition.secret.format("platform"))
        return self.edition.client(
            self.url, self.edition.login.format("platform"), secret, retrying=Retrying(attempts=1)
        )

    def call(self, user: str, method: str, path: str, document: Any = None) -> Any:
        secret = self.world.secret(self.edition.secret.format(user))
        answer = requests.request(
            method,
            f"{self.url}/rest/api/{self.edition.version}/{path}",
            json=document,
            auth=(self.edition.login.format(user), secret),
            timeout=20,
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def ways(self, user: str, issue: str) -> dict[str, str]:
        """Status → transition that leads there now."""
        found = self.call(user, "GET", f"issue/{issue}/transitions")["transitions"]
        return {one["to"]["name"]: one["id"] for one in found}

    def move(self, user: str, issue: str, status: str, remark: str = "") -> None:
        """A person moves an issue, and says something while doing so."""
        body: Json = {"transition": {"id": self.ways(user, issue)[status]}}
        if remark:
            body["update"] = {"comment": [{"add": {"body": self.edition.body(remark)}}]}
        self.call(user, "POST", f"issue/{issue}/transitions", body)

    def comment(self, user: str, issue: str, text: str) -> None:
        self.call(user, "POST", f"issue/{issue}/comment", {"body": self.edition.body(text)})

    def change(self, user: str, issue: str, **fields: str) -> None:
        """Data Center's call: the state is the same for both."""
        answer = requests.put(
            f"{self.url}/rest/api/2/issue/{issue}",
            json={"fields": fields},
            auth=(user, self.world.secret(f"jira.{user}")),
            timeout=20,
        )
        assert answer.ok, answer.text

    def status(self, issue: str) -> str:
        return str(self.call("auditor", "GET", f"issue/{issue}?fields=status")["fields"]["status"]["name"])

    def comments(self, issue: str) -> str:
        return json.dumps(
            self.call("auditor", "GET", f"issue/{issue}/comment")["comments"], ensure_ascii=False
        )

    def issues(self, project: str) -> list[str]:
        """Keys of a project's issues."""
        path = "search/jql" if self.edition.version == 3 else "search"
        found = self.call("auditor", "GET", f'{path}?jql=project="{project}"&fields=summary&maxResults=500')
        return [one["key"] for one in found["issues"]]

    def notify(self, notary: str) -> None:
        """Send signed webhooks there; nowhere when empty."""
        hooks = [{"url": f"{notary.rstrip('/')}/webhooks/jira", "secret": HOOK_SECRET}] if notary else []
        (self.world.folder("jira") / "webhooks.json").write_text(json.dumps(hooks), "utf-8")


def shown(scene: Scene, request: str, signatures: int) -> dict[int, str]:
    """Signature → issue, once all are there."""

    def found() -> dict[int, str]:
        told = scene.get("/events", kind=EventKind.APPROVAL_SHOWN.value, subject=request).json()
        return {one["event"]["data"]["number"]: one["event"]["data"]["issue"] for one in told}

    return until(lambda: there if len(there := found()) == signatures else {})
