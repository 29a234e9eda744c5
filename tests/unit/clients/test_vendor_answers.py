"""Libraries' clients never take a login page, a truncated list or a foreign host for an answer."""

from __future__ import annotations

import pytest

from hummingbird.clients.gitlab import GitLab
from hummingbird.clients.jira import JiraTracker
from hummingbird.clients.jira_cloud import JiraCloudTracker
from hummingbird.clients.retrying import Retrying
from hummingbird.core.errors import Conflict, Garbled, Invalid, NotFound, Unreachable
from hummingbird.core.story import StoryKey
from unit.clients.misbehaving import Behaviour, Server, drops, says, sends, serving, truncates

LOGIN = sends(200, b"<html>Sign in</html>", Content_Type="text/html")
KEY = StoryKey("HB-101")
COMMIT = {
    "id": "a" * 40,
    "title": "t",
    "message": "m",
    "author_name": "n",
    "author_email": "e",
    "authored_date": "d",
    "parent_ids": [],
}
PIPELINE = {"id": 5, "status": "running", "web_url": "u", "sha": "a" * 40}


@pytest.mark.parametrize("edition", [JiraTracker, JiraCloudTracker])
@pytest.mark.parametrize("answer", [LOGIN, truncates, says(200, []), says(200, {"key": "HB-101"})])
def test_a_story_that_cannot_be_read_is_garbled(
    server: Server, retrying: Retrying, answer: Behaviour, edition: type[JiraTracker | JiraCloudTracker]
) -> None:
    jira = edition(server.url, "u@example.com", "p", retrying=retrying)
    server.does(answer)
    with pytest.raises(Garbled):
        jira.story(KEY)
    jira.close()


def test_pages_of_comments_that_end_too_early_are_garbled(server: Server, retrying: Retrying) -> None:
    jira = JiraCloudTracker(server.url, "u@example.com", "p", retrying=retrying)
    server.does(says(200, {"comments": [{"body": {}}], "total": 2}), says(200, {"comments": [], "total": 2}))
    with pytest.raises(Garbled, match="expected 2, found 1"):
        jira.comment_once(KEY, "hummingbird:a", "text")
    jira.close()


def test_a_story_that_was_moved_is_not_taken_for_the_asked_one(server: Server, retrying: Retrying) -> None:
    jira = JiraTracker(server.url, "u", "p", retrying=retrying)
    fields = {
        "summary": "s",
        "status": {"name": "Open", "statusCategory": {"key": "new"}},
        "project": {"key": "OPS"},
    }
    server.does(says(200, {"key": "OPS-7", "fields": fields}))
    with pytest.raises(NotFound, match="found OPS-7"):
        jira.story(KEY)
    jira.close()


def test_a_comment_whose_answer_was_lost_is_not_sent_twice(server: Server, retrying: Retrying) -> None:
    jira = JiraTracker(server.url, "u", "p", retrying=retrying)
    none = {"comments": [], "total": 0}
    server.does(says(200, none), drops, says(200, none))
    with pytest.raises(Unreachable, match="comment on story HB-101"):
        jira.comment_once(KEY, "hummingbird:a", "text")
    assert [r.method for r in server.received if r.method == "POST"] == ["POST"]
    jira.close()


def test_half_of_the_comments_are_not_taken_for_all(server: Server, retrying: Retrying) -> None:
    jira = JiraTracker(server.url, "u", "p", retrying=retrying)
    server.does(says(200, {"comments": [{"body": "x"}], "total": 200}))
    with pytest.raises(Garbled, match="expected 200, found 1"):
        jira.comment_once(KEY, "hummingbird:a", "text")
    jira.close()


def test_without_a_user_the_password_is_an_access_token(server: Server, retrying: Retrying) -> None:
    jira = JiraTracker(server.url, "", "pat", retrying=retrying)
    server.does(says(404))
    with pytest.raises(NotFound):
        jira.story(KEY)
    assert server.received[0].headers["Authorization"] == "Bearer pat"
    jira.close()


@pytest.mark.parametrize("answer", [LOGIN, truncates, says(200, {"id": "short"}), sends(200, b"[]")])
def test_a_commit_that_cannot_be_read_is_garbled(
    server: Server, retrying: Retrying, answer: Behaviour
) -> None:
    code = GitLab(server.url, "t", retrying=retrying)
    server.does(answer)
    with pytest.raises(Garbled):
        code.commit("a/b", "a" * 40)
    code.close()


def test_a_next_page_said_to_be_on_another_host_is_asked_at_home(server: Server, retrying: Retrying) -> None:
    code = GitLab(server.url, "t", retrying=retrying)
    with serving() as other:
        other.does(says(200, []))
        link = f'<{other.url}/api/v4/projects/a%2Fb/repository/branches?page=2>; rel="next"'
        page = [{"name": "master", "commit": {"id": "a" * 40}}]
        server.does(says(200, page, Link=link), says(200, page))
        assert len(code.branches("a/b")) == 2
        assert other.received == []
    assert "page=2" in server.received[1].path
    code.close()


def test_a_pipeline_start_whose_answer_was_lost_is_not_repeated(server: Server, retrying: Retrying) -> None:
    code = GitLab(server.url, "t", retrying=retrying)
    server.does(says(200, []), drops, says(200, []))
    with pytest.raises(Unreachable, match="starting a pipeline"):
        code.find_or_start_pipeline("a/b", "develop", "a" * 40)
    assert [each.method for each in server.received] == ["GET", "POST", "GET"]
    server.does(says(200, []), drops, says(200, [PIPELINE]))
    assert code.find_or_start_pipeline("a/b", "develop", "a" * 40).id == PIPELINE["id"]
    code.close()


def test_a_failed_pipeline_is_not_found_again_and_a_moved_branch_is_seen(
    server: Server, retrying: Retrying
) -> None:
    code = GitLab(server.url, "t", retrying=retrying)
    failed, moved = PIPELINE | {"status": "failed"}, PIPELINE | {"id": 6, "sha": "b" * 40}
    server.does(says(200, [failed]), says(201, moved))
    with pytest.raises(Conflict, match=f"found {'b' * 40}; develop has moved on"):
        code.find_or_start_pipeline("a/b", "develop", "a" * 40)
    code.close()


def test_a_failed_job_is_told_with_the_end_of_its_trace(server: Server, retrying: Retrying) -> None:
    code = GitLab(server.url, "t", retrying=retrying)
    jobs = [{"id": 1, "name": "lint", "status": "success"}, {"id": 2, "name": "unit", "status": "failed"}]
    trace = b"line\n" * 9 + b"E assert 1 == 2\n\nERROR: exit 1\n"
    server.does(says(200, jobs), sends(200, trace, Content_Type="text/plain"))
    assert code.failed_jobs("a/b", 5) == ["unit: line | line | line | E assert 1 == 2 | ERROR: exit 1"]
    code.close()


def test_a_file_is_found_in_whichever_job_kept_it(server: Server, retrying: Retrying) -> None:
    code = GitLab(server.url, "t", retrying=retrying)
    jobs = [{"id": 1, "name": "build", "status": "success"}, {"id": 2, "name": "test", "status": "success"}]
    server.does(says(200, jobs), says(404), sends(200, b"{}", Content_Type="application/json"))
    assert code.pipeline_file("a/b", 5, "out/result.json") == b"{}"
    assert server.received[2].path.endswith("/jobs/1/artifacts/out/result.json")
    code.close()


def test_a_tag_that_another_one_gave_meanwhile_is_the_same_tag(server: Server, retrying: Retrying) -> None:
    code = GitLab(server.url, "t", retrying=retrying)
    tag = {"name": "v1", "commit": {"id": "a" * 40}}
    server.does(says(404), says(400, {"message": "Tag v1 already exists"}), says(200, tag))
    code.tag_once("a/b", "v1", "a" * 40, "m")
    server.does(says(404), says(400, {"message": "Target is invalid"}), says(404))
    with pytest.raises(Invalid, match="Target is invalid"):
        code.tag_once("a/b", "v1", "a" * 40, "m")
    code.close()
