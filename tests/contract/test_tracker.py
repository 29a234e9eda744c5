"""The Jira client against the sandbox's Jira, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hummingbird.clients.http import Site
from hummingbird.clients.jira import JiraTracker
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import basic
from hummingbird.core.errors import Conflict, Denied, NotFound, Unreachable
from hummingbird.core.ports import Tracker
from hummingbird.core.story import StoryKey
from sandbox_world import SandboxWorld


@pytest.fixture(scope="module")
def jira(sandbox: SandboxWorld) -> SandboxWorld:
    return sandbox.seeded("jira")


@pytest.fixture
def tracker(jira: SandboxWorld) -> Iterator[JiraTracker]:
    client = JiraTracker(jira.url("jira"), "platform", jira.secret("jira.platform"))
    yield client
    client.close()


@pytest.fixture
def raw(jira: SandboxWorld) -> Iterator[Site]:
    with Site("Jira", jira.url("jira"), auth=basic("developer", jira.secret("jira.developer"))) as site:
        yield site


@pytest.fixture
def key(raw: Site) -> StoryKey:
    fields = {"project": {"key": "HB"}, "summary": "限价单的最小变动价位", "issuetype": {"name": "Story"}}
    made = raw.call("POST", "rest/api/2/issue", about="a story", document={"fields": fields})
    return StoryKey(made.document()["key"])


def _about(raw: Site, key: StoryKey, part: str) -> Any:
    return raw.call("GET", f"rest/api/2/issue/{key}/{part}", about=key).json()


def test_a_story_is_read_with_its_chinese_title(tracker: Tracker, key: StoryKey, jira: SandboxWorld) -> None:
    story = tracker.story(key)
    assert (story.key, story.project, story.title) == (key, "HB", "限价单的最小变动价位")
    assert (story.status, story.closed) == ("To Do", False)
    assert story.url == f"{jira.url('jira')}/browse/{key}"


def test_an_unknown_story_is_not_found(tracker: Tracker) -> None:
    with pytest.raises(NotFound, match="story HB-99999"):
        tracker.story(StoryKey("HB-99999"))


def test_a_wrong_password_is_denied_without_showing_it(jira: SandboxWorld, key: StoryKey) -> None:
    client = JiraTracker(jira.url("jira"), "platform", "wr0ng")
    with pytest.raises(Denied) as raised:
        client.story(key)
    client.close()
    assert "wr0ng" not in str(raised.value)


def test_a_comment_is_left_once(tracker: Tracker, key: StoryKey, raw: Site) -> None:
    tracker.comment_once(key, "hummingbird:a", "已上线")
    tracker.comment_once(key, "hummingbird:a", "已上线")
    tracker.comment_once(key, "hummingbird:b", "another")
    bodies = [comment["body"] for comment in _about(raw, key, "comment")["comments"]]
    assert len(bodies) == 2
    assert bodies[0].startswith("已上线")
    assert "hummingbird:a" in bodies[0]


def test_a_link_is_made_once_and_updated_in_place(tracker: Tracker, key: StoryKey, raw: Site) -> None:
    tracker.link_once(key, "hummingbird:scan", "http://reports.example/1", "first")
    tracker.link_once(key, "hummingbird:scan", "http://reports.example/2", "second")
    links = _about(raw, key, "remotelink")
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


def test_nobody_listening_is_unreachable() -> None:
    client = JiraTracker("http://127.0.0.1:9", "platform", "x", retrying=Retrying(attempts=1))
    with pytest.raises(Unreachable, match="no connection"):
        client.story(StoryKey("HB-101"))
    client.close()
