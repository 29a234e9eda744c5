"""The Jira clients against the sandbox's Jira, over real HTTP: one scenario for Data Center and Cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from hummingbird.clients import jira_cloud
from hummingbird.clients.adf import words
from hummingbird.clients.http import Site
from hummingbird.clients.jira import JiraTracker
from hummingbird.clients.jira_cloud import JiraCloudTracker
from hummingbird.clients.jira_issues import JiraIssues
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import basic
from hummingbird.core.errors import Conflict, Denied, Invalid, NotFound, Unreachable
from hummingbird.core.ports import Tracker
from hummingbird.core.story import StoryKey
from sandbox.jira.cloud.accounts import account_id
from sandbox_world import SandboxWorld


@dataclass(frozen=True)
class Edition:
    """One edition of Jira: our client of it, its credentials, and how it names and writes."""

    client: Callable[..., JiraIssues]
    version: int
    login: str
    secret: str
    account: Callable[[str], str]
    text: Callable[..., str]


EDITIONS = {
    "data center": Edition(JiraTracker, 2, "{}", "jira.{}", str, str),
    "cloud": Edition(JiraCloudTracker, 3, "{}@hummingbird.example", "jira.cloud.{}", account_id, words),
}


@pytest.fixture(scope="module")
def jira(sandbox: SandboxWorld) -> SandboxWorld:
    return sandbox.seeded("jira")


@pytest.fixture(params=EDITIONS)
def edition(request: pytest.FixtureRequest) -> Edition:
    return EDITIONS[request.param]


@pytest.fixture
def connect(jira: SandboxWorld, edition: Edition) -> Iterator[Callable[..., JiraIssues]]:
    made: list[JiraIssues] = []

    def client(password: str | None = None, url: str | None = None) -> JiraIssues:
        secret = password or jira.secret(edition.secret.format("platform"))
        made.append(
            edition.client(
                url or jira.url("jira"),
                edition.login.format("platform"),
                secret,
                retrying=Retrying(attempts=1),
            )
        )
        return made[-1]

    yield client
    for each in made:
        each.close()


@pytest.fixture
def tracker(connect: Callable[..., JiraIssues]) -> Tracker:
    return connect()


@pytest.fixture
def raw(jira: SandboxWorld, edition: Edition) -> Iterator[Site]:
    auth = basic(edition.login.format("developer"), jira.secret(edition.secret.format("developer")))
    with Site("Jira", f"{jira.url('jira')}/rest/api/{edition.version}", auth=auth) as site:
        yield site


@pytest.fixture
def key(raw: Site) -> StoryKey:
    fields = {"project": {"key": "HB"}, "summary": "限价单的最小变动价位", "issuetype": {"name": "Story"}}
    made = raw.call("POST", "issue", about="a story", document={"fields": fields})
    return StoryKey(made.document()["key"])


def test_a_story_is_read_with_its_chinese_title_and_its_people(
    tracker: Tracker, key: StoryKey, jira: SandboxWorld, edition: Edition
) -> None:
    story = tracker.story(key)
    assert (story.key, story.project, story.title) == (key, "HB", "限价单的最小变动价位")
    assert (story.status, story.closed) == ("To Do", False)
    assert story.url == f"{jira.url('jira')}/browse/{key}"
    assert (story.reporter, story.assignee) == (edition.account("developer"), None)


def test_an_unknown_story_is_not_found(tracker: Tracker) -> None:
    with pytest.raises(NotFound, match="story HB-99999"):
        tracker.story(StoryKey("HB-99999"))


def test_an_issue_of_any_type_is_read_with_its_type_and_whether_it_is_over(
    tracker: Tracker, raw: Site, key: StoryKey
) -> None:
    fields = {"project": {"key": "OPS"}, "summary": "撤单失败", "issuetype": {"name": "Incident"}}
    made = raw.call("POST", "issue", about="an incident", document={"fields": fields})
    incident = tracker.issue(StoryKey(made.document()["key"]))
    assert (incident.type, incident.title, incident.status) == ("Incident", "撤单失败", "To Do")
    assert not incident.closed
    assert tracker.issue(key).type == "Story"
    tracker.move_to(incident.key, "Closed")
    assert tracker.issue(incident.key).closed
    with pytest.raises(NotFound, match="issue OPS-99999"):
        tracker.issue(StoryKey("OPS-99999"))


def test_a_wrong_password_is_denied_without_showing_it(
    connect: Callable[..., JiraIssues], key: StoryKey
) -> None:
    with pytest.raises(Denied) as raised:
        connect(password="wr0ng").story(key)
    assert "wr0ng" not in str(raised.value)


def test_a_comment_is_left_once(tracker: Tracker, key: StoryKey, raw: Site, edition: Edition) -> None:
    tracker.comment_once(key, "hummingbird:a", "已上线\n\n第二段\n见 https://airflow.example/runs/1?a=b.")
    tracker.comment_once(key, "hummingbird:a", "已上线")
    tracker.comment_once(key, "hummingbird:b", "another")
    written = raw.call("GET", f"issue/{key}/comment", about=key).document()["comments"]
    bodies = [edition.text(comment["body"]) for comment in written]
    assert len(bodies) == 2
    assert bodies[0].startswith("已上线\n")
    assert "hummingbird:a" in bodies[0]
    assert "https://airflow.example/runs/1?a=b." in bodies[0]


def test_a_comment_beyond_the_first_page_is_found(
    tracker: Tracker, key: StoryKey, raw: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jira_cloud, "_PAGE", 2)
    for marker in ("hummingbird:1", "hummingbird:2", "hummingbird:3", "hummingbird:3"):
        tracker.comment_once(key, marker, "a comment")
    page = raw.call("GET", f"issue/{key}/comment", about=key, params={"maxResults": 1}).document()
    assert page["total"] == 3


def test_people_are_mentioned_by_their_account(
    tracker: Tracker, key: StoryKey, raw: Site, edition: Edition
) -> None:
    account = edition.account("developer")
    tracker.comment_once(key, "hummingbird:c", f"[~{account}] deploy to prod: rejected")
    (comment,) = raw.call("GET", f"issue/{key}/comment", about=key).document()["comments"]
    assert edition.text(comment["body"]).startswith(f"[~{account}] deploy to prod: rejected")
    if edition.version == 3:
        mention = comment["body"]["content"][0]["content"][0]
        assert mention == {"type": "mention", "attrs": {"id": account}}


def test_a_link_is_made_once_and_updated_in_place(tracker: Tracker, key: StoryKey, raw: Site) -> None:
    tracker.link_once(key, "hummingbird:scan", "http://reports.example/1", "first")
    tracker.link_once(key, "hummingbird:scan", "http://reports.example/2", "second")
    links = raw.call("GET", f"issue/{key}/remotelink", about=key).documents()
    assert [(link["globalId"], link["object"]["url"]) for link in links] == [
        ("hummingbird:scan", "http://reports.example/2")
    ]


def test_a_story_is_moved_by_its_transitions(tracker: Tracker, key: StoryKey) -> None:
    tracker.move_to(key, "In Progress")
    tracker.move_to(key, "in progress")
    assert tracker.story(key).status == "In Progress"


def test_a_status_that_no_transition_leads_to_is_a_conflict(tracker: Tracker, key: StoryKey) -> None:
    with pytest.raises(Conflict, match="from To Do to Done, found ways to"):
        tracker.move_to(key, "Done")
    assert tracker.story(key).status == "To Do"


def test_a_closed_story_says_so(tracker: Tracker, key: StoryKey) -> None:
    tracker.move_to(key, "Closed")
    assert tracker.story(key).closed


def test_nobody_listening_is_unreachable(connect: Callable[..., JiraIssues]) -> None:
    with pytest.raises(Unreachable, match="no connection"):
        connect(url="http://127.0.0.1:9").story(StoryKey("HB-101"))


def test_the_editions_do_not_take_each_others_credentials(jira: SandboxWorld) -> None:
    with pytest.raises(Invalid, match="e-mail address"):
        JiraCloudTracker(jira.url("jira"), "platform", jira.secret("jira.platform"))
    for client, login, secret in (
        (JiraCloudTracker, "platform@hummingbird.example", "jira.platform"),
        (JiraTracker, "platform@hummingbird.example", "jira.cloud.platform"),
    ):
        stranger = client(jira.url("jira"), login, jira.secret(secret))
        with pytest.raises(Denied):
            stranger.story(StoryKey("HB-101"))
        stranger.close()
