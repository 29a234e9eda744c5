"""Jira Cloud: what our client sends and the stand-in answers is what Atlassian's v3 document says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
import requests
from fastapi.routing import APIRoute
from jsonschema import Draft4Validator

from builders import the_catalogue
from contract.vendor.coverage import methods_of, not_called
from contract.vendor.judge import Excused, Judge
from contract.vendor.recorder import Recorder, recording
from contract.vendor.schemas import load
from hummingbird.clients.adf import document
from hummingbird.clients.jira_cloud import JiraCloudTracker
from hummingbird.clients.retrying import Retrying
from hummingbird.core.errors import Conflict, Denied, NotFound
from hummingbird.core.metric import Rates
from hummingbird.core.story import StoryKey
from sandbox.jira import create
from sandbox.jira.cloud import issues, search, site
from sandbox.jira.cloud.accounts import account_id
from sandbox.jira.links import SERVED_AT
from sandbox.jira.links import router as links
from sandbox.world import World
from stand_ins import free_world, served

BASE = "/rest/api/3"
EMAIL = "{}@hummingbird.example"
EXCUSED = [
    Excused(
        why="The links of an issue are documented as one link; Jira answers a list, as the example shows.",
        reference="github.com/MrRefactoring/jira.js/issues/295; the example of the document itself",
        method="GET",
        path=rf"{BASE}/issue/[^/]+/remotelink",
        statuses=frozenset({200}),
        schema={"type": "array", "items": {"$ref": "#/components/schemas/RemoteIssueLink"}},
    ),
    Excused(
        why="The search by offset is still in this copy of the document; Atlassian took it away in 2025.",
        reference="developer.atlassian.com/changelog/#CHANGE-2046",
        path=rf"{BASE}/search",
        statuses=frozenset({410}),
        schema={"$ref": "#/components/schemas/ErrorCollection"},
    ),
]
Call = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge("jira/jira-cloud-platform-v3.swagger.json", excused=EXCUSED)


@pytest.fixture(scope="module")
def world(judge: Judge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(free_world(tmp_path_factory.mktemp("home"), "jira"), create) as running:
        yield running


@pytest.fixture(scope="module")
def recorder(world: World) -> Iterator[Recorder]:
    """Everything that is said in this file: by our client, and by hand what people and seeds ask."""
    with recording(world.url("jira")) as made:
        session = requests.Session()
        session.trust_env = False
        session.auth = (EMAIL.format("developer"), world.secret("jira.cloud.developer"))

        def api(method: str, path: str, **more: object) -> requests.Response:
            return session.request(method, f"{made.url}{BASE}{path}", timeout=30, **more)  # type: ignore[arg-type]

        key = by_hand(api)
        by_our_client(made, world, StoryKey(key))
        refused(api, key)
        assert requests.get(f"{made.url}{BASE}/myself", timeout=30).status_code == 401
        session.close()
        yield made


def by_hand(api: Call) -> str:
    """What people and the seed ask; the key of a story."""
    fields = {
        "project": {"key": "HB"},
        "issuetype": {"name": "Story"},
        "summary": "限价单的最小变动价位",
        "description": document("第一段\n\nhttps://wiki.example/1"),
        "assignee": {"accountId": account_id("developer2")},
    }
    keys = [str(api("POST", "/issue", json={"fields": fields}).json()["key"]) for _ in range(3)]
    assert api("GET", f"/issue/{keys[0]}").json()["fields"]["description"] == fields["description"]
    found, token = [], None
    while token != "":
        params = {"jql": "project = HB", "maxResults": 2, "fields": "summary"}
        page = api("GET", "/search/jql", params=params | ({"nextPageToken": token} if token else {})).json()
        found += [issue["key"] for issue in page["issues"]]
        token = page.get("nextPageToken", "")
        assert page["isLast"] is (token == "")
    assert sorted(found) == sorted(keys)
    query = {"jql": "project = HB", "maxResults": 1, "fields": ["summary", "status"]}
    assert not api("POST", "/search/jql", json=query).json()["isLast"]
    assert api("GET", "/search/jql", params={"jql": "project = HB"}).json()["issues"][0].keys() == {"id"}
    for path in ("/myself", f"/user?accountId={account_id('platform')}", "/serverInfo", "/project/HB"):
        assert api("GET", path).status_code == 200, path
    link = {"globalId": "by hand", "object": {"url": "https://wiki.example/", "title": "wiki"}}
    number = api("POST", f"/issue/{keys[0]}/remotelink", json=link).json()["id"]
    for path in ("", f"/{number}"):
        assert api("GET", f"/issue/{keys[0]}/remotelink{path}").status_code == 200
    assert api("PUT", f"/issue/{keys[0]}/remotelink/{number}", json=link).status_code == 204
    assert api("DELETE", f"/issue/{keys[0]}/remotelink/{number}").status_code == 204
    return keys[0]


def by_our_client(recorder: Recorder, world: World, key: StoryKey) -> None:
    """Every method of ports.Tracker, also against what is not there."""
    email, token = EMAIL.format("platform"), world.secret("jira.cloud.platform")
    jira = JiraCloudTracker(recorder.url, email, token, retrying=Retrying(attempts=1))
    tracker = recorder.watched(jira)
    assert tracker.story(key).assignee == account_id("developer2")
    assert tracker.issue(key).type == "Story"
    text = f"[~{account_id('developer')}] rejected:\nsee https://airflow.example/runs?a=1\n\nend"
    tracker.comment_once(key, "hummingbird:a", text)
    tracker.comment_once(key, "hummingbird:a", text)
    tracker.link_once(key, "hummingbird:scan", "https://reports.example/1", "first")
    tracker.link_once(key, "hummingbird:scan", "https://reports.example/2", "second")
    tracker.move_to(key, "In Progress")
    with pytest.raises(Conflict):
        tracker.move_to(key, "Done")
    with pytest.raises(NotFound):
        tracker.story(StoryKey("HB-99999"))
    measures = tracker.story_measures(key, Rates())
    assert measures is not None
    assert measures.value is None
    assert tracker.incidents(Rates(), date(2026, 1, 1)) == []
    answers(tracker)
    jira.close()
    stranger = JiraCloudTracker(recorder.url, email, "wr0ng", retrying=Retrying(attempts=1))
    with pytest.raises(Denied):
        stranger.story(key)
    stranger.close()


def answers(tracker: JiraCloudTracker) -> None:
    """A question in an issue, which somebody answers."""
    where = the_catalogue().answers
    assert where is not None
    lines, people = ["What changes: {code}", "[~accountid:nobody]"], [account_id("test_lead")]
    issue = tracker.question_once(where, "hummingbird-a-1", "a question", lines, people)
    assert tracker.question_once(where, "hummingbird-a-1", "a question", lines, people) == issue
    assert tracker.look(issue).entry is None
    tracker.move_to(issue, where.approved)
    found = tracker.look(issue)
    assert (found.status, found.account) == (where.approved, account_id("platform"))
    assert tracker.answered(where, date(2026, 1, 1)) == [issue]


def refused(api: Call, key: str) -> None:
    """Refusals have statuses of the document; wiki text and unknown people are among them."""
    mention = {"type": "mention", "attrs": {"id": "developer"}}
    stranger = document("x") | {"content": [{"type": "paragraph", "content": [mention]}]}
    answers = (
        api("POST", f"/issue/{key}/comment", json={"body": stranger}),
        api("POST", f"/issue/{key}/transitions", json={"transition": {"id": "51"}}),
        api("GET", "/user?accountId=nobody"),
        api("GET", "/search/jql?jql="),
        api("GET", "/search/jql?jql=project = HB&nextPageToken=x"),
        api("GET", "/search?jql=project = HB"),
    )
    assert [answer.status_code for answer in answers] == [400, 400, 404, 400, 400, 410]


def test_every_exchange_is_as_the_document_says(judge: Judge, recorder: Recorder) -> None:
    assert len(recorder.exchanges) > 30
    assert [fault for each in recorder.exchanges for fault in judge.judge(each)] == []
    assert judge.unused_excuses() == []


def test_every_document_is_as_atlassians_schema_of_documents_says(recorder: Recorder) -> None:
    schema = Draft4Validator(load("jira/adf-full.json", closed=False))
    told = [
        body
        for each in recorder.exchanges
        if each.method == "POST" and each.path.endswith("/comment") and each.status == 201
        for body in (json.loads(each.body)["body"], json.loads(each.answer)["body"])
    ]
    assert told
    assert [error.message for body in told for error in schema.iter_errors(body)] == []
    assert list(schema.iter_errors({"type": "doc", "version": 1, "content": [{"type": "nothing"}]}))


def test_nobody_has_a_user_name(recorder: Recorder) -> None:
    told = b"".join(each.answer for each in recorder.exchanges)
    assert b'"accountId"' in told
    assert b"/rest/api/2/" not in told
    assert b'"name":"developer' not in told


def test_wiki_text_is_no_comment(world: World, recorder: Recorder) -> None:
    auth = (EMAIL.format("developer"), world.secret("jira.cloud.developer"))
    answer = requests.post(
        f"{world.url('jira')}{BASE}/issue/HB-101/comment", json={"body": "*bold*"}, auth=auth, timeout=30
    )
    assert answer.status_code == 400


def test_every_method_of_our_client_was_on_the_wire(recorder: Recorder) -> None:
    assert methods_of(JiraCloudTracker) - recorder.spoke == set()


def test_every_endpoint_of_the_stand_in_was_called(recorder: Recorder) -> None:
    endpoints = []
    for router, prefix in (
        (issues.router, ""),
        (search.router, ""),
        (site.router, ""),
        (links, SERVED_AT[1]),
    ):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            path = re.sub(r"\{\w+\}", "[^/]+", prefix + route.path)
            endpoints += [(method, re.compile(path)) for method in route.methods]
    missing = not_called(endpoints, recorder.exchanges)
    assert missing == ["GET /rest/api/3/search", "POST /rest/api/3/search"], "only what was taken away"
