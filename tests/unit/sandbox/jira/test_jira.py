"""Jira's stand-in through the library that the platform's hook uses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
import requests
from atlassian import Jira
from requests import HTTPError

from sandbox.jira import create as create_jira
from sandbox.world import World
from stand_ins import served


def create(jira: Jira, project: str, summary: str = "一个需求", kind: str = "Story") -> str:
    fields = {"project": {"key": project}, "issuetype": {"name": kind}, "summary": summary}
    return str(jira.create_issue(fields=fields)["key"])


def test_keys_begin_where_the_project_left_off_and_count_per_project(fresh_world: World) -> None:
    with served(fresh_world, create_jira):
        jira = Jira(fresh_world.url("jira"), "platform", fresh_world.secret("jira.platform"))
        assert [create(jira, "HB"), create(jira, "HB"), create(jira, "OPS")] == ["HB-101", "HB-102", "OPS-7"]


def test_the_acting_account_is_who_authenticated(client: Callable[[str], Jira]) -> None:
    assert client("release_manager").myself()["name"] == "release_manager"


@pytest.mark.parametrize("account", [None, ("platform", "wrong"), ("nobody", "wrong"), ("ci", "wrong")])
def test_without_a_right_password_there_is_only_401(world: World, account: tuple[str, str] | None) -> None:
    answer = requests.get(f"{world.url('jira')}/rest/api/2/myself", auth=account, timeout=30)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_the_auditor_reads_everything_and_changes_nothing(client: Callable[[str], Jira], story: str) -> None:
    auditor = client("auditor")
    assert auditor.issue(story)["key"] == story
    with pytest.raises(HTTPError) as refused:
        auditor.issue_add_comment(story, "审计意见")
    assert refused.value.response.status_code == 403


def test_nobody_deletes_an_issue(platform: Jira, story: str) -> None:
    with pytest.raises(HTTPError) as refused:
        platform.delete_issue(story)
    assert refused.value.response.status_code == 403


def test_an_unknown_user_is_not_invented(platform: Jira) -> None:
    assert platform.user("developer")["displayName"]
    with pytest.raises(HTTPError) as refused:
        platform.user("nobody")
    assert refused.value.response.status_code == 404


def test_the_server_says_that_it_is_a_stand_in(platform: Jira) -> None:
    answer = platform.get_server_info()
    assert answer["deploymentType"] == "Server"
    assert "sandbox" in answer["serverTitle"]


def test_a_story_travels_the_workflow_and_every_step_is_in_its_changelog(platform: Jira, story: str) -> None:
    for status in ("In Progress", "In Test", "Ready for Release", "Done"):
        platform.set_issue_status(story, status)
    issue = platform.issue(story, expand="changelog")
    assert issue["fields"]["status"]["statusCategory"]["key"] == "done"
    assert issue["fields"]["resolution"]["name"] == "Done"
    moves = [
        (h["author"]["name"], h["items"][0]["toString"])
        for h in issue["changelog"]["histories"]
        if h["items"][0]["field"] == "status"
    ]
    assert moves[-1] == ("platform", "Done")
    assert len(moves) == 4


def test_a_story_comes_back_from_test_to_its_developer(platform: Jira, story: str) -> None:
    for status in ("In Progress", "In Test", "In Progress"):
        platform.set_issue_status(story, status)
    assert platform.get_issue_status(story) == "In Progress"


def test_a_move_that_the_workflow_does_not_know_is_refused(platform: Jira, world: World, story: str) -> None:
    offered = {one["to"] for one in platform.get_issue_transitions(story)}
    assert offered == {"In Progress", "Closed"}
    done = requests.post(
        f"{world.url('jira')}/rest/api/2/issue/{story}/transitions",
        json={"transition": {"id": "51"}},
        auth=("platform", world.secret("jira.platform")),
        timeout=30,
    )
    assert (done.status_code, platform.get_issue_status(story)) == (400, "To Do")


def test_the_same_global_id_is_one_link(platform: Jira, story: str) -> None:
    for title in ("构建 1", "构建 2"):
        platform.create_or_update_issue_remote_links(
            story, "http://127.0.0.1/run/1", title, global_id="hb:run:1", relationship="构建"
        )
    (link,) = platform.get_issue_remote_links(story)
    assert (link["object"]["title"], link["relationship"]) == ("构建 2", "构建")
    assert platform.get_issue_remote_links(story, global_id="hb:run:1")["id"] == link["id"]


def test_another_global_id_is_another_link_and_an_unknown_one_is_not_there(
    platform: Jira, story: str
) -> None:
    for run in ("1", "2"):
        platform.create_or_update_issue_remote_links(story, "http://127.0.0.1/", run, global_id=run)
    assert len(platform.get_issue_remote_links(story)) == 2
    with pytest.raises(HTTPError):
        platform.get_issue_remote_links(story, global_id="3")


def test_a_link_that_a_browser_would_execute_is_refused(platform: Jira, story: str) -> None:
    with pytest.raises(HTTPError):
        platform.create_or_update_issue_remote_links(story, "javascript:alert(1)", "x", global_id="x")


def test_comments_are_kept_in_order_under_their_authors(client: Callable[[str], Jira], story: str) -> None:
    client("platform").issue_add_comment(story, "扫描通过")
    client("test_lead").issue_add_comment(story, "可以测试")
    comments = client("auditor").issue_get_comments(story)["comments"]
    assert [(one["author"]["name"], one["body"]) for one in comments] == [
        ("platform", "扫描通过"),
        ("test_lead", "可以测试"),
    ]
    assert comments[0]["id"] != comments[1]["id"]


def test_a_comment_needs_text_and_an_issue(platform: Jira, story: str) -> None:
    with pytest.raises(HTTPError):
        platform.issue_add_comment(story, "  ")
    with pytest.raises(HTTPError) as refused:
        platform.issue_get_comments("HB-99999")
    assert refused.value.response.status_code == 404


def test_a_search_finds_by_project_status_and_text(platform: Jira) -> None:
    mine, other = create(platform, "HB", "盘后定价委托"), create(platform, "OPS", "盘后定价委托")
    found = platform.jql(f'project = HB AND status = "To Do" AND summary ~ "盘后定价" AND key = {mine}')
    assert [issue["key"] for issue in found["issues"]] == [mine]
    assert other in [issue["key"] for issue in platform.jql('project = "OPS" ORDER BY key')["issues"]]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("sprintGoal = x", 501),
        ('fixVersion = "1.0"', 501),
        ("project = HB AND nonsense = 1", 501),
        ("??", 400),
    ],
)
def test_a_search_is_never_answered_by_leaving_a_condition_out(
    platform: Jira, query: str, status: int
) -> None:
    with pytest.raises(HTTPError) as refused:
        platform.jql(query)
    assert refused.value.response.status_code == status


def test_words_of_the_query_language_inside_a_value_are_text(platform: Jira) -> None:
    key = create(platform, "HB", "a and b = c order")
    assert [i["key"] for i in platform.jql('summary ~ "a and b = c"')["issues"]] == [key]


def test_only_the_fields_asked_for_come_back(platform: Jira, story: str) -> None:
    assert set(platform.issue(story, fields="summary,status")["fields"]) == {"summary", "status"}


def test_a_version_is_made_named_on_the_story_and_released(platform: Jira, story: str) -> None:
    version = platform.add_version("HB", version=f"1.1.0-{story}")
    platform.update_issue_field(story, {"fixVersions": [{"name": version["name"]}]})
    platform.update_version(version["id"], is_released=True)
    (named,) = platform.issue(story)["fields"]["fixVersions"]
    assert (named["name"], named["released"]) == (version["name"], True)
    assert version["name"] in [one["name"] for one in platform.get_project_versions("HB")]
    assert version["name"] not in [one["name"] for one in platform.get_project_versions("OPS")]


def test_an_unknown_version_or_project_is_refused(platform: Jira, story: str) -> None:
    with pytest.raises(HTTPError):
        platform.update_issue_field(story, {"fixVersions": [{"name": "99"}]})
    with pytest.raises(HTTPError):
        create(platform, "NOPE")
    with pytest.raises(HTTPError):
        platform.project("NOPE")


def test_projects_and_accounts_have_chinese_names(platform: Jira, story: str) -> None:
    assert {one["key"]: one["name"] for one in platform.projects()} == {
        "HB": "交易系统",
        "OPS": "运维",
        "QA": "测试用例",
        "APR": "发布审批",
    }
    assert platform.issue(story)["fields"]["project"]["name"] == "交易系统"


def test_a_person_reads_the_story_in_a_browser_and_nothing_in_it_executes(
    world: World, web: requests.Session, platform: Jira, story: str
) -> None:
    platform.issue_add_comment(story, "见 [运行|http://127.0.0.1/runs?a=1&b=2] <img src=x onerror=alert(1)>")
    platform.issue_add_comment(story, "扫描通过\n\n{color:#97a0af}hb:scan:1{color}")
    platform.create_or_update_issue_remote_links(story, "http://127.0.0.1/x", "合并请求 <b>", global_id="mr")
    page = web.get(f"{world.url('jira')}/browse/{story}", timeout=30)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f"[{story}] 冰山委托校验 &lt;script&gt;" in page.text
    assert "To Do" in page.text
    assert '<a href="http://127.0.0.1/runs?a=1&amp;b=2">运行</a>' in page.text
    assert "<small>hb:scan:1</small>" in page.text
    assert "合并请求 &lt;b&gt;" in page.text
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert story in web.get(world.url("jira"), timeout=30).text


def test_an_unknown_story_has_no_page(world: World, web: requests.Session) -> None:
    assert web.get(f"{world.url('jira')}/browse/HB-99999", timeout=30).status_code == 404


@pytest.mark.parametrize("path", ["/rest/api/2/permissions", "/rest/agile/1.0/board", "/rest/api/content/1"])
def test_a_call_that_is_not_served_is_named(world: World, web: requests.Session, path: str) -> None:
    answer = web.get(world.url("jira") + path, timeout=30)
    assert answer.status_code == 501
    assert f"GET {path}" in answer.json()["errorMessages"][0]


def test_nothing_is_lost_when_the_process_is_killed(fresh_world: World) -> None:
    command = [sys.executable, "-m", "sandbox", "serve", "jira", "--home", str(fresh_world.home)]
    command += ["--port-base", str(fresh_world.port_base)]
    jira = Jira(fresh_world.url("jira"), "platform", fresh_world.secret("jira.platform"))
    seen = []
    for again in (False, True):
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(), text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("ready")
            if not again:
                key = create(jira, "HB", "断电也不丢")
                jira.set_issue_status(key, "In Progress")
                jira.issue_add_comment(key, "第一条")
            else:
                jira.issue_add_comment(key, "第二条")
                comments = jira.issue_get_comments(key)["comments"]
                assert len({one["id"] for one in comments}) == 2
            seen.append(jira.issue(key)["fields"]["status"]["name"])
            process.send_signal(signal.SIGKILL)
    assert seen == ["In Progress", "In Progress"]


def test_a_port_in_use_is_an_error_of_the_start(fresh_world: World) -> None:
    with served(fresh_world, create_jira):
        command = [sys.executable, "-m", "sandbox", "serve", "jira", "--home", str(fresh_world.home)]
        command += ["--port-base", str(fresh_world.port_base)]
        second = subprocess.run(
            command, check=False, capture_output=True, env=environment(), text=True, timeout=30
        )
    assert second.returncode != 0
    assert "Address already in use" in second.stderr


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": "include"}


def test_an_approval_waits_and_only_the_platform_brings_it_back_or_closes_it(
    client: Callable[[str], Jira], platform: Jira
) -> None:
    fields = {"project": {"key": "APR"}, "issuetype": {"name": "Approval"}, "summary": "上线？"}
    issue = str(platform.create_issue(fields=fields)["key"])
    lead = client("test_lead")
    assert lead.get_issue_status(issue) == "Waiting"
    with pytest.raises(HTTPError):
        lead.set_issue_status(issue, "Closed")
    lead.set_issue_status(issue, "Approved")
    with pytest.raises(HTTPError):
        lead.set_issue_status(issue, "Waiting")
    platform.set_issue_status(issue, "Waiting")
    platform.set_issue_status(issue, "Closed")
    told = platform.issue(issue, expand="changelog")["changelog"]["histories"]
    assert [(one["author"]["name"], one["items"][0]["toString"]) for one in told] == [
        ("test_lead", "Approved"),
        ("platform", "Waiting"),
        ("platform", "Closed"),
    ]


def test_a_changed_description_is_in_the_changelog_with_who_changed_it(
    client: Callable[[str], Jira], platform: Jira, story: str
) -> None:
    client("developer").update_issue_field(story, {"description": "别的"})
    (entry,) = platform.issue(story, expand="changelog")["changelog"]["histories"]
    assert (entry["author"]["name"], entry["items"][0]["field"]) == ("developer", "description")


def test_what_a_backslash_hides_is_shown_as_plain_text(
    world: World, web: requests.Session, platform: Jira, story: str
) -> None:
    platform.issue_add_comment(story, r"\{color:#97a0af\}pre\-check\{color\} \[x\|http://evil/\] \<b\>")
    shown = web.get(f"{world.url('jira')}/browse/{story}", timeout=30).text
    assert "{color:#97a0af}pre-check{color}" in shown
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
