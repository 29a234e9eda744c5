"""The REST API as python-gitlab calls it."""

from __future__ import annotations

import base64
from typing import Any

import gitlab
import pytest

from unit.sandbox.gitlab.gitlab_world import Clone, Running
from waiting import until


@pytest.fixture
def hub(running: Running, maintainer: Clone, project: Any) -> Any:
    """The project, as the platform sees it."""
    return running.api("platform").projects.get("trading/order-gateway")


@pytest.fixture
def request_of_feature(running: Running, hub: Any, developer: Clone) -> Any:
    """An open merge request of feature/HB-101 into develop."""
    developer.commit("feat(HB-101): 限价单", {"src/app.py": "print('two')\n"})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    requests = running.api("developer").projects.get(hub.id).mergerequests
    fields = {"source_branch": "feature/HB-101", "target_branch": "develop", "title": "HB-101 限价单"}
    return requests.create(fields)


def settled(hub: Any, iid: int) -> Any:
    """The merge request once the stand-in has checked whether it merges."""
    found: list[Any] = []

    def known() -> bool:
        found[:] = [hub.mergerequests.get(iid)]
        return found[0].detailed_merge_status not in ("preparing", "checking", "unchecked")

    until(known)
    return found[0]


def test_a_token_tells_who_one_is(running: Running) -> None:
    session = running.api("release_manager")
    session.auth()
    assert session.user is not None
    assert session.user.username == "release_manager"
    assert session.version()[0].startswith("17.")


def test_without_a_known_token_nothing_is_answered(running: Running) -> None:
    with pytest.raises(gitlab.GitlabAuthenticationError, match="401 Unauthorized"):
        gitlab.Gitlab(running.world.url("gitlab"), private_token="wrong").auth()


def test_a_project_is_found_by_path_and_by_id(running: Running, hub: Any) -> None:
    assert hub.path_with_namespace == "trading/order-gateway"
    assert hub.default_branch == "master"
    assert running.api("auditor").projects.get(hub.id).id == hub.id
    assert [one.id for one in running.api("auditor").projects.list(get_all=True)] == [hub.id]
    with pytest.raises(gitlab.GitlabGetError, match="404 Project Not Found"):
        running.api("platform").projects.get("trading/none")


def test_a_project_path_is_given_once(running: Running, hub: Any) -> None:
    namespace = hub.namespace["id"]
    with pytest.raises(gitlab.GitlabCreateError, match="has already been taken"):
        running.api("administrator").projects.create({"name": "order-gateway", "namespace_id": namespace})
    with pytest.raises(gitlab.GitlabCreateError, match="403"):
        running.api("developer").projects.create({"name": "mine"})


def test_members_have_the_roles_of_their_names(hub: Any) -> None:
    levels = {member.username: member.access_level for member in hub.members_all.list(get_all=True)}
    maintainers = {name for name, level in levels.items() if level == gitlab.const.AccessLevel.MAINTAINER}
    assert maintainers == {"platform"}
    assert levels["developer"] == levels["developer2"] == gitlab.const.AccessLevel.DEVELOPER
    assert levels["auditor"] == gitlab.const.AccessLevel.REPORTER


def test_branches_are_made_listed_and_deleted(hub: Any) -> None:
    made = hub.branches.create({"branch": "release/1.1.0", "ref": "develop"})
    assert made.commit["id"] == hub.branches.get("develop").commit["id"]
    assert made.protected
    assert [one.name for one in hub.branches.list(search="^release/")] == ["release/1.1.0"]
    with pytest.raises(gitlab.GitlabCreateError, match="Branch already exists"):
        hub.branches.create({"branch": "release/1.1.0", "ref": "develop"})
    with pytest.raises(gitlab.GitlabCreateError, match="Invalid reference name"):
        hub.branches.create({"branch": "feature/x", "ref": "nowhere"})
    hub.branches.delete("release/1.1.0")
    with pytest.raises(gitlab.GitlabGetError, match="404 Branch Not Found"):
        hub.branches.get("release/1.1.0")


def test_protected_branches_are_data(running: Running, hub: Any) -> None:
    assert {rule.name for rule in hub.protectedbranches.list()} == {"master", "develop", "release/*"}
    hub.protectedbranches.create({"name": "stable", "push_access_level": 0, "merge_access_level": 40})
    with pytest.raises(gitlab.GitlabCreateError, match="already exists"):
        hub.protectedbranches.create({"name": "stable"})
    with pytest.raises(gitlab.GitlabCreateError, match="403"):
        hub.branches.create({"branch": "stable", "ref": "master"})
    hub.protectedbranches.delete("stable")
    developers = running.api("developer").projects.get(hub.id)
    with pytest.raises(gitlab.GitlabDeleteError, match="403"):
        developers.protectedbranches.delete("master")


def test_files_are_read_and_written_by_commits(hub: Any) -> None:
    place = {"file_path": "配置/a.txt", "branch": "feature/f", "start_branch": "develop"}
    made = hub.files.create({**place, "content": "一", "commit_message": "加"})
    assert made.file_path == "配置/a.txt"
    read = hub.files.get("配置/a.txt", ref="feature/f")
    assert read.decode().decode() == "一"
    read.content = base64.b64encode("二".encode()).decode()
    read.save(branch="feature/f", commit_message="改", encoding="base64")
    assert hub.files.raw("配置/a.txt", ref="feature/f").decode() == "二"
    assert [entry["path"] for entry in hub.repository_tree(ref="feature/f", path="配置")] == ["配置/a.txt"]
    titles = [
        commit.title
        for commit in hub.commits.list(query_parameters={"ref_name": "feature/f", "path": "配置/a.txt"})
    ]
    assert titles == ["改", "加"]
    with pytest.raises(gitlab.GitlabGetError, match="404 File Not Found"):
        hub.files.get("配置/a.txt", ref="master")


def test_commits_show_differences_and_carry_statuses(hub: Any, developer: Clone) -> None:
    sha = developer.commit("feat: 改名", {"src/app.py": "print('two')\n", "b": "new\n"})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    commit = hub.commits.get(sha)
    assert commit.stats == {"additions": 2, "deletions": 1, "total": 3}
    assert {one["new_path"]: one["new_file"] for one in commit.diff()} == {"b": True, "src/app.py": False}
    assert commit.diff()[1]["diff"].startswith("@@ -1 +1 @@\n-print('one')\n+print('two')\n")
    for state in ("running", "success"):
        commit.statuses.create({"state": state, "name": "hummingbird/scan", "target_url": "http://x/"})
    assert [(one.name, one.status) for one in commit.statuses.list()] == [("hummingbird/scan", "success")]
    with pytest.raises(gitlab.GitlabCreateError, match="state does not have a valid value"):
        commit.statuses.create({"state": "splendid"})
    compared = hub.repository_compare("develop", "feature/HB-101")
    assert [one["id"] for one in compared["commits"]] == [sha]
    assert [one["new_path"] for one in compared["diffs"]] == ["b", "src/app.py"]


def test_a_tag_is_made_once(hub: Any) -> None:
    made = hub.tags.create({"tag_name": "v1.0.0", "ref": "master", "message": "第一版"})
    assert made.message == "第一版"
    assert made.target != made.commit["id"]
    assert hub.tags.get("v1.0.0").commit["id"] == hub.branches.get("master").commit["id"]
    with pytest.raises(gitlab.GitlabCreateError, match="already exists") as refused:
        hub.tags.create({"tag_name": "v1.0.0", "ref": "develop"})
    assert refused.value.response_code == 400


def test_a_merge_request_is_merged_as_a_real_merge_commit(hub: Any, request_of_feature: Any) -> None:
    request = settled(hub, request_of_feature.iid)
    assert (request.state, request.detailed_merge_status) == ("opened", "mergeable")
    assert request.diff_refs["head_sha"] == request.sha
    assert [one["new_path"] for one in request.changes()["changes"]] == ["src/app.py"]
    source, target = request.sha, hub.branches.get("develop").commit["id"]
    request.merge(sha=source, should_remove_source_branch=True)
    merged = hub.commits.get(request.merge_commit_sha)
    assert merged.parent_ids == [target, source]
    assert merged.message.endswith("HB-101 限价单\n\nSee merge request trading/order-gateway!1\n")
    assert hub.branches.get("develop").commit["id"] == merged.id
    assert [one["iid"] for one in hub.commits.get(source).merge_requests()] == [1]
    assert [one.state for one in hub.mergerequests.list(source_branch="feature/HB-101", state="merged")] == [
        "merged"
    ]
    with pytest.raises(gitlab.GitlabGetError):
        hub.branches.get("feature/HB-101")
    with pytest.raises(gitlab.GitlabMRClosedError):
        request.merge()


def test_a_merge_request_whose_source_moved_is_not_merged(hub: Any, request_of_feature: Any) -> None:
    with pytest.raises(
        gitlab.GitlabMRClosedError, match="SHA does not match HEAD of source branch"
    ) as refused:
        hub.mergerequests.get(request_of_feature.iid).merge(sha="0" * 40)
    assert refused.value.response_code == 409
    assert hub.mergerequests.get(request_of_feature.iid).state == "opened"


def test_a_conflict_is_seen_before_and_refused_at_the_merge(
    hub: Any, request_of_feature: Any, maintainer: Clone
) -> None:
    maintainer.commit("other", {"src/app.py": "print('three')\n"})
    maintainer.git("push", "--quiet", "origin", "HEAD:develop")
    request = settled(hub, request_of_feature.iid)
    assert (request.detailed_merge_status, request.has_conflicts) == ("conflict", True)
    with pytest.raises(gitlab.GitlabMRClosedError, match="Branch cannot be merged"):
        request.merge()


def test_whether_it_merges_is_checked_in_the_background_once_somebody_asks(
    hub: Any, request_of_feature: Any, maintainer: Clone
) -> None:
    assert (request_of_feature.detailed_merge_status, request_of_feature.merge_status) == (
        "preparing",
        "preparing",
    )
    assert settled(hub, request_of_feature.iid).merge_status == "can_be_merged"
    maintainer.commit("beside", {"other.txt": "x\n"})
    maintainer.git("push", "--quiet", "origin", "HEAD:develop")
    (listed,) = hub.mergerequests.list(state="opened")
    assert (listed.detailed_merge_status, listed.has_conflicts) == ("unchecked", False)
    asked = hub.mergerequests.get(request_of_feature.iid)
    assert (asked.detailed_merge_status, asked.merge_status) == ("checking", "checking")
    assert settled(hub, request_of_feature.iid).detailed_merge_status == "mergeable"


def test_merging_waits_for_the_check_itself(hub: Any, request_of_feature: Any) -> None:
    request_of_feature.merge()
    assert hub.mergerequests.get(request_of_feature.iid).state == "merged"


def test_only_the_platform_merges_into_master(running: Running, hub: Any, request_of_feature: Any) -> None:
    request_of_feature.target_branch = "master"
    request_of_feature.save()
    for person in ("developer", "release_manager", "auditor"):
        requests = running.api(person).projects.get(hub.id).mergerequests
        with pytest.raises(gitlab.GitlabError, match=r"401 Unauthorized|403"):
            requests.get(request_of_feature.iid).merge()
    assert hub.mergerequests.get(request_of_feature.iid).state == "opened"
    hub.mergerequests.get(request_of_feature.iid).merge()
    assert hub.mergerequests.get(request_of_feature.iid).state == "merged"


def test_one_open_request_for_two_branches(request_of_feature: Any, hub: Any) -> None:
    fields = {"source_branch": "feature/HB-101", "target_branch": "develop", "title": "again"}
    with pytest.raises(gitlab.GitlabCreateError, match="Another open merge request") as refused:
        hub.mergerequests.create(fields)
    assert refused.value.response_code == 409
    with pytest.raises(gitlab.GitlabHttpError, match="title is missing"):
        fields = {"source_branch": "a", "target_branch": "b"}
        hub.mergerequests.gitlab.http_post(hub.mergerequests.path, post_data=fields)


def test_notes_are_written_changed_and_listed(running: Running, hub: Any, request_of_feature: Any) -> None:
    note = hub.mergerequests.get(request_of_feature.iid).notes.create({"body": "扫描通过 ✅"})
    note.body = "扫描通过,两处提示"
    note.save()
    notes = request_of_feature.notes.list()
    assert [(one.body, one.author["username"]) for one in notes] == [("扫描通过,两处提示", "platform")]
    with pytest.raises(gitlab.GitlabUpdateError, match="403"):
        notes[0].manager.update(notes[0].id, {"body": "forged"})


def test_a_closed_request_stays_closed_until_reopened(hub: Any, request_of_feature: Any) -> None:
    request = hub.mergerequests.get(request_of_feature.iid)
    request.state_event = "close"
    request.save()
    assert (request.state, request.detailed_merge_status) == ("closed", "not_open")
    request.state_event = "reopen"
    request.save()
    assert request.state == "opened"


def test_lists_come_in_pages(hub: Any) -> None:
    for number in range(25):
        hub.variables.create({"key": f"KEY_{number:02}", "value": "v"})
    page = hub.variables.list(iterator=True, per_page=10)
    assert (page.total, page.total_pages, page.next_page) == (25, 3, 2)
    assert len(hub.variables.list(get_all=True, per_page=10)) == 25
    keyset = hub.variables.list(iterator=True, pagination="keyset", per_page=10)
    assert keyset.total is None
    assert len(list(keyset)) == 25


def test_hooks_are_kept_but_their_token_is_never_shown(running: Running, hub: Any) -> None:
    hook = hub.hooks.create({"url": "http://127.0.0.1:9/", "token": "s3cret", "pipeline_events": True})
    assert hook.push_events
    assert "s3cret" not in str(hub.hooks.get(hook.id).attributes)
    hook.pipeline_events = False
    hook.save()
    assert not hub.hooks.list()[0].pipeline_events
    with pytest.raises(gitlab.GitlabListError, match="403"):
        running.api("developer").projects.get(hub.id).hooks.list()
    hook.delete()
    assert hub.hooks.list() == []


def test_variables_follow_gitlabs_rules(hub: Any) -> None:
    hub.variables.create({"key": "TOKEN", "value": "long-enough", "masked": True})
    with pytest.raises(gitlab.GitlabCreateError, match="has already been taken"):
        hub.variables.create({"key": "TOKEN", "value": "x"})
    with pytest.raises(gitlab.GitlabCreateError, match="is invalid"):
        hub.variables.create({"key": "SHORT", "value": "x", "masked": True})
    hub.variables.update("TOKEN", {"value": "longer-still"})
    assert hub.variables.get("TOKEN").value == "longer-still"
    hub.variables.delete("TOKEN")
    with pytest.raises(gitlab.GitlabGetError, match="404 Variable Not Found"):
        hub.variables.get("TOKEN")


def test_a_call_that_is_not_served_says_so(running: Running, hub: Any) -> None:
    for method, path in (("get", f"/projects/{hub.id}/freeze_periods"), ("delete", f"/projects/{hub.id}")):
        with pytest.raises(gitlab.GitlabHttpError, match=f"501 {method.upper()} /api/v4{path} is not served"):
            getattr(running.api("platform"), f"http_{method}")(path)


def test_everything_is_there_after_a_restart(running: Running, hub: Any, request_of_feature: Any) -> None:
    running.stop()
    running.start()
    again = running.api("platform").projects.get("trading/order-gateway")
    assert again.mergerequests.get(request_of_feature.iid).title == "HB-101 限价单"
    assert again.branches.get("feature/HB-101").commit["id"] == request_of_feature.sha
